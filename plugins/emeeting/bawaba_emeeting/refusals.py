"""Why e-Meeting refuses: one class a code."""

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


class WrongMotionStatus(Refusal):
    """The motion is not in a state in which this can be done. ``status`` says where it stands."""

    code = "MEETING_WRONG_MOTION_STATUS"
    text = Text(
        "This cannot be done while the motion is {status}.",
        "لا يمكن القيام بذلك وحالة المقترح {status_ar}.",
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


class NoRemote(Refusal):
    """The council's rules do not let members take part from afar."""

    code = "MEETING_NO_REMOTE"
    text = Text("Members may not take part from afar.", "لا يجوز الحضور عن بعد.")


class VotingOpen(Refusal):
    """A vote is open, suspended or tied in this meeting: close, decide or annul it first."""

    code = "MEETING_VOTING_OPEN"
    text = Text("A vote is under way.", "هناك تصويت جارٍ.")


class NotEntitled(Refusal):
    """You may not cast this vote.

    You were not there when voting opened, stand aside, or it is somebody else's.
    """

    code = "MEETING_NOT_ENTITLED"
    text = Text("You are not entitled to cast this vote.", "لا يحق لك الإدلاء بهذا الصوت.")


class NotThere(Refusal):
    """Whoever has left the meeting does not vote. Check in again."""

    code = "MEETING_NOT_THERE"
    text = Text("Check in to the meeting first.", "سجّل حضورك في الاجتماع أولاً.")


class AlreadyVoted(Refusal):
    """This vote was cast, and cannot be changed."""

    code = "MEETING_ALREADY_VOTED"
    text = Text("This vote was cast already.", "تم الإدلاء بهذا الصوت.")


class BadChoice(Refusal):
    """A motion is answered by ``choice``; an election by one of ``candidateIds``, or ABSTAIN."""

    code = "MEETING_BAD_CHOICE"
    text = Text("This is not on the ballot.", "هذا الخيار ليس في ورقة الاقتراع.")


class BadNonce(Refusal):
    """A secret ballot needs ``ballotNonce``: 32 fresh random bytes as base64url without padding."""

    code = "MEETING_BAD_NONCE"
    text = Text(
        "The secret number of the ballot is missing or wrong.",
        "الرقم السري لورقة الاقتراع مفقود أو غير صحيح.",
    )


class NotATie(Refusal):
    """There is no tie of this kind to decide."""

    code = "MEETING_NOT_A_TIE"
    text = Text("There is no tie to decide.", "لا يوجد تعادل لحسمه.")


class MustDecide(Refusal):
    """A casting vote is Yes or No."""

    code = "MEETING_MUST_DECIDE"
    text = Text("A casting vote is yes or no.", "الصوت المرجح إما موافقة أو رفض.")


class Recused(Refusal):
    """You stand aside from this motion already, or its voting has begun."""

    code = "MEETING_RECUSED"
    text = Text("You cannot stand aside now.", "لا يمكنك التنحي الآن.")


class BadCandidates(Refusal):
    """An election has 1 to 20 different candidates.

    Those who are given by id must be members of this council.
    """

    code = "MEETING_BAD_CANDIDATES"
    text = Text("These candidates cannot stand.", "لا يمكن ترشيح هؤلاء.")


class BadBloc(Refusal):
    """These motions cannot be put to one vote.

    They must be proposed, of the same meeting, of no other bloc, and not elections; and they ask
    for the same ballot, majority and base as the motion that stands for them.
    """

    code = "MEETING_BAD_BLOC"
    text = Text(
        "These motions cannot be voted on together.", "لا يمكن التصويت على هذه المقترحات معاً."
    )


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


class BadAnchor(Refusal):
    """A page is 1 to 10,000, and a rectangle lies within it.

    Its x, y, width and height are shares of the page, 0 to 1.
    """

    code = "MEETING_BAD_ANCHOR"
    text = Text("This is no place in the document.", "هذا ليس موضعاً في الوثيقة.")


class NoProxies(Refusal):
    """The council's rules know no proxies."""

    code = "MEETING_NO_PROXIES"
    text = Text(
        "Votes cannot be given to others in this council.", "لا يجوز التوكيل في هذا المجلس."
    )


class ProxyChain(Refusal):
    """A vote that was given is not given on: one level only."""

    code = "MEETING_PROXY_CHAIN"
    text = Text("A vote that was given cannot be given on.", "لا يجوز التوكيل بصوت موكل.")


class ProxyTooHeavy(Refusal):
    """The weights given must not exceed one's own."""

    code = "MEETING_PROXY_TOO_HEAVY"
    text = Text("At most {left} can be given.", "يمكن التوكيل بما لا يزيد على {left}.")


class TooManyProxies(Refusal):
    """The holder holds as many votes of others as the rules allow."""

    code = "MEETING_TOO_MANY_PROXIES"
    text = Text(
        "One member may hold the votes of {most} others.", "يجوز للعضو حمل أصوات {most} من الأعضاء."
    )


class BadRules(Refusal):
    """A quorum is a fraction above 0 and up to 1; a wait is 0 to 1,440 minutes."""

    code = "MEETING_BAD_RULES"
    text = Text("No council could keep these rules.", "لا يمكن لأي مجلس الالتزام بهذه القواعد.")


class RulesInThePast(Refusal):
    """Rules are amended from now on, not for the past."""

    code = "MEETING_RULES_IN_THE_PAST"
    text = Text("Rules are not changed for the past.", "لا تُعدل القواعد بأثر رجعي.")


class WrongAdoption(Refusal):
    """Adoption goes step by step: endorsed, sent to the minister, approved, active."""

    code = "MEETING_WRONG_ADOPTION"
    text = Text("This step does not follow {status}.", "هذه الخطوة لا تلي {status_ar}.")


class HoldsASeat(Refusal):
    """Who votes does not operate: end the member's seat first."""

    code = "MEETING_HOLDS_A_SEAT"
    text = Text("A voting member cannot operate.", "لا يجوز أن يكون العضو المصوت مشغلاً.")


class NeedsOperator(Refusal):
    """A council becomes active when an operator is appointed."""

    code = "MEETING_NEEDS_OPERATOR"
    text = Text("Appoint an operator first.", "عيّن مشغلاً أولاً.")


class NoMinutes(Refusal):
    """Minutes are drafted when a meeting that sat has ended."""

    code = "MEETING_NO_MINUTES"
    text = Text("There are no minutes yet.", "لا يوجد محضر بعد.")


class MinutesApproved(Refusal):
    """Approved minutes are sealed."""

    code = "MEETING_MINUTES_APPROVED"
    text = Text("The minutes are approved and sealed.", "اعتُمد المحضر وخُتم.")


class StaleMinutes(Refusal):
    """Somebody amended the minutes meanwhile. Read version {version} first."""

    code = "MEETING_STALE_MINUTES"
    text = Text("The minutes are at version {version} now.", "المحضر الآن في النسخة {version}.")


class NoSuchSection(Refusal):
    """Ask ``minutes.sections`` for the keys."""

    code = "MEETING_NO_SUCH_SECTION"
    text = Text("The minutes have no such section.", "لا يوجد قسم كهذا في المحضر.")


class NotAttending(Refusal):
    """Minutes are signed by those who attended."""

    code = "MEETING_NOT_ATTENDING"
    text = Text("Only those who attended sign the minutes.", "لا يوقع المحضر إلا من حضر.")


class AlreadySigned(Refusal):
    """You signed this version."""

    code = "MEETING_ALREADY_SIGNED"
    text = Text("You have signed this version.", "وقعت هذه النسخة.")


class TooManyVersions(Refusal):
    """A document has as many versions as it may."""

    code = "MEETING_TOO_MANY_VERSIONS"
    text = Text("A document has at most {most} versions.", "للوثيقة {most} نسخة على الأكثر.")


REFUSALS = (
    BadText,
    WrongStatus,
    WrongMotionStatus,
    NotPresiding,
    NotAMember,
    NotAVotingMember,
    NoQuorum,
    NoRemote,
    VotingOpen,
    NotEntitled,
    NotThere,
    AlreadyVoted,
    BadChoice,
    BadNonce,
    NotATie,
    MustDecide,
    Recused,
    BadCandidates,
    BadBloc,
    AgendaFull,
    BadAgenda,
    InThePast,
    NoTerm,
    BadAnchor,
    NoProxies,
    ProxyChain,
    ProxyTooHeavy,
    TooManyProxies,
    BadRules,
    RulesInThePast,
    WrongAdoption,
    HoldsASeat,
    NeedsOperator,
    NoMinutes,
    MinutesApproved,
    StaleMinutes,
    NoSuchSection,
    NotAttending,
    AlreadySigned,
    TooManyVersions,
)
