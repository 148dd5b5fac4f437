"""Why a meeting is not held, or not so."""

from __future__ import annotations

from bawaba.errors import Refusal
from bawaba.text import Text


class BadText(Refusal):
    """What was written is empty or too long. The bounds stand in the input's description."""

    code = "MEETING_BAD_TEXT"
    text = Text("Write {least} to {most} characters.", "اكتب نصاً من {least} إلى {most} حرف.")


class WrongStatus(Refusal):
    """The meeting is not in a state in which this can be done. ``status`` says where it stands."""

    code = "MEETING_WRONG_STATUS"
    text = Text(
        "This cannot be done while the meeting is {status}.",
        "لا يمكن القيام بذلك وحالة الاجتماع {status_ar}.",
    )


class NotPresiding(Refusal):
    """Only whoever presides, or the council's operator, may do this.

    The chair presides where present, else a deputy, else the most senior member.
    """

    code = "MEETING_NOT_PRESIDING"
    text = Text("Only whoever presides may do this.", "لا يقوم بذلك إلا من يرأس الجلسة.")


class NotAMember(Refusal):
    """You hold no seat in this council now, or not one that may do this."""

    code = "MEETING_NOT_A_MEMBER"
    text = Text("You are not a member who may do this.", "لست عضواً يجوز له القيام بذلك.")


class NotAVotingMember(Refusal):
    """Only chair, deputies and members vote; a vote is given to somebody else."""

    code = "MEETING_NOT_A_VOTING_MEMBER"
    text = Text(
        "This is not another voting member of the council.",
        "هذا ليس عضواً آخر له حق التصويت في المجلس.",
    )


class NoQuorum(Refusal):
    """Too few are there to decide. Recount when others have come."""

    code = "MEETING_NO_QUORUM"
    text = Text(
        "There is no quorum: {present} of {required} are present.",
        "النصاب غير مكتمل: الحضور {present} من {required}.",
    )


class TooEarly(Refusal):
    """A meeting is opened at the time for which its members were invited, or later."""

    code = "MEETING_TOO_EARLY"
    text = Text("The meeting does not begin before {at}.", "لا يبدأ الاجتماع قبل {at}.")


class NoDate(Refusal):
    """Adjourned for want of a quorum: say when it resumes, so that its members know.

    ``meetingAdjourn`` with ``resumesAt`` does.
    """

    code = "MEETING_NO_DATE"
    text = Text(
        "Say first when the adjourned meeting resumes.", "حدد أولاً موعد استئناف الاجتماع المؤجل."
    )


class NoRemote(Refusal):
    """The council's rules do not let members take part from afar."""

    code = "MEETING_NO_REMOTE"
    text = Text("Members may not take part from afar.", "لا يجوز الحضور عن بعد.")


class AgendaFull(Refusal):
    """The agenda, or the item, has as many entries as it may."""

    code = "MEETING_AGENDA_FULL"
    text = Text("No more than {most} fit.", "لا يتسع لأكثر من {most}.")


class BadAgenda(Refusal):
    """An agenda has 1 to {most} items."""

    code = "MEETING_BAD_AGENDA"
    text = Text("An agenda has 1 to {most} items.", "يتضمن جدول الأعمال من 1 إلى {most} بنداً.")


class InThePast(Refusal):
    """A meeting is held in the future."""

    code = "MEETING_IN_THE_PAST"
    text = Text("This moment has passed.", "انقضى هذا الوقت.")


class NoTerm(Refusal):
    """The council has no term of office at that moment."""

    code = "MEETING_NO_TERM"
    text = Text("The council has no term then.", "لا توجد دورة للمجلس في ذلك الوقت.")
