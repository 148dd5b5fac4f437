"""The enums of e-Meeting, described."""

from __future__ import annotations

import enum

from bawaba.core_types import described

from bawaba_emeeting import domain
from bawaba_emeeting.domain import LogKind

described(
    domain.MeetingRole,
    {
        "CHAIR": ("Chair.", "الرئيس."),
        "DEPUTY": ("Deputy chair.", "نائب الرئيس."),
        "MEMBER": ("Member.", "عضو."),
        "SECRETARY": ("Secretary; does not vote.", "أمين السر؛ لا يصوت."),
        "OPERATOR": ("Operator; does not vote.", "المشغل؛ لا يصوت."),
    },
    "The seat of a member.",
    "صفة العضو.",
)
described(
    domain.MeetingKind,
    {
        "ORDINARY": ("One of the year's plan.", "اعتيادي ضمن خطة الدور."),
        "EXTRAORDINARY": ("Called for a purpose.", "استثنائي لغرض محدد."),
    },
    "A kind of meeting.",
    "نوع الاجتماع.",
)
described(
    domain.MeetingStatus,
    {
        "SCHEDULED": ("On the calendar.", "مجدول."),
        "WAITING_FOR_QUORUM": ("The opening is put off.", "أُرجئ الافتتاح لعدم اكتمال النصاب."),
        "IN_SESSION": ("It sits.", "منعقد."),
        "ADJOURNED": ("It goes on at its next convening.", "مؤجل إلى انعقاد لاحق."),
        "ENDED": ("It is over.", "انتهى."),
        "CANCELLED": ("It never sat and will not.", "أُلغي دون انعقاد."),
    },
    "Where a meeting stands.",
    "حالة الاجتماع.",
)
described(
    domain.MeetingAgendaStatus,
    {
        "PENDING": ("Yet to come.", "لم يُبحث بعد."),
        "CURRENT": ("Being dealt with.", "قيد البحث."),
        "DONE": ("Dealt with.", "انتهى بحثه."),
    },
    "Where an item stands.",
    "حالة البند.",
)
described(
    domain.MeetingAttendanceStatus,
    {
        "PRESENT": ("There.", "حاضر."),
        "REMOTE": ("Taking part from afar.", "حاضر عن بعد."),
        "EXCUSED": ("Excused.", "معتذر."),
        "ABSENT": ("Not there.", "غائب."),
        "LEFT": ("Was there and left.", "انصرف."),
    },
    "How a member attends.",
    "حالة الحضور.",
)
described(
    domain.MeetingBallotKind,
    {
        "OPEN": ("Others learn how one voted.", "علني."),
        "SECRET": ("Nobody learns how one voted.", "سري."),
    },
    "A kind of ballot.",
    "نوع الاقتراع.",
)
described(
    domain.MeetingMajority,
    {
        "SIMPLE": (
            "More than half of the base, abstentions left out unless the rules count them.",
            "أكثر من نصف الأساس دون الممتنعين ما لم تنص القواعد على احتسابهم.",
        ),
        "ABSOLUTE": ("More than half of the base.", "أكثر من نصف الأساس."),
        "TWO_THIRDS": ("At least two thirds of the base.", "ثلثا الأساس على الأقل."),
    },
    "How much must say Yes.",
    "الأغلبية المطلوبة.",
)
described(
    domain.MeetingMajorityBase,
    {
        "CAST": ("Of the votes cast.", "من الأصوات المدلى بها."),
        "PRESENT": (
            "Of those present or represented by a proxy at the opening.",
            "من الحاضرين أو الموكِّلين عند فتح التصويت.",
        ),
        "ALL_MEMBERS": ("Of all members.", "من جميع الأعضاء."),
    },
    "Of what the majority is taken.",
    "أساس الأغلبية.",
)
described(
    domain.MeetingChoice,
    {
        "YES": ("Yes.", "موافق."),
        "NO": ("No.", "غير موافق."),
        "ABSTAIN": ("Neither.", "ممتنع."),
    },
    "What one says to a motion.",
    "الصوت.",
)
described(
    domain.MeetingMotionStatus,
    {
        "PROPOSED": ("Not voted on yet.", "لم يُطرح للتصويت."),
        "OPEN": ("Votes are being cast.", "التصويت مفتوح."),
        "SUSPENDED": ("The quorum was lost; voting waits.", "توقف التصويت لفقدان النصاب."),
        "TIED": ("A casting vote or the lot decides.", "متعادل بانتظار الحسم."),
        "RUN_OFF": ("A second round is to be opened.", "بانتظار الجولة الثانية."),
        "CLOSED": ("Decided.", "محسوم."),
        "VOID": ("The quorum was lost; it may be opened again.", "بطل لفقدان النصاب."),
        "ANNULLED": ("It may be opened again.", "أُلغي ويجوز إعادته."),
    },
    "Where a motion stands.",
    "حالة المقترح.",
)
described(
    domain.MeetingOutcome,
    {
        "CARRIED": ("Carried.", "تمت الموافقة."),
        "REJECTED": ("Not carried.", "لم تتم الموافقة."),
        "TIED": ("A tie.", "تعادل."),
        "ELECTED": ("Somebody is elected.", "تم الانتخاب."),
        "RUN_OFF": ("A second round is needed.", "تلزم جولة ثانية."),
        "NOBODY_ELECTED": ("Nobody is elected.", "لم يُنتخب أحد."),
    },
    "What a vote led to.",
    "نتيجة التصويت.",
)
described(
    domain.MeetingQuorumLossPolicy,
    {
        "SUSPEND": ("Voting waits for the quorum.", "يتوقف التصويت حتى يكتمل النصاب."),
        "VOID": ("The vote is void.", "يبطل التصويت."),
        "CONTINUE": ("Voting goes on.", "يستمر التصويت."),
    },
    "What becomes of a vote when the quorum is lost.",
    "أثر فقدان النصاب على التصويت.",
)
described(
    domain.MeetingTiePolicy,
    {
        "CASTING_VOTE": ("Whoever presides decides.", "يحسمه صوت رئيس الجلسة."),
        "LOST": ("The motion is not carried.", "يعد المقترح مرفوضاً."),
    },
    "What becomes of a tie.",
    "حكم التعادل.",
)
described(
    domain.MeetingQuorumBase,
    {
        "SEATS": ("All seats, vacant ones included.", "جميع المقاعد بما فيها الشاغرة."),
        "MEMBERS": ("The members in office.", "الأعضاء الحاليون."),
    },
    "Of whom a quorum is taken.",
    "أساس النصاب.",
)
described(
    domain.MeetingCommentVisibility,
    {
        "PRIVATE": ("For the author alone; stored encrypted.", "لكاتبه وحده ويحفظ مشفراً."),
        "SHARED": ("For the whole council.", "لجميع أعضاء المجلس."),
    },
    "Who reads a comment.",
    "من يطلع على التعليق.",
)
described(
    domain.MeetingAdoptionStatus,
    {
        "PROPOSED": ("Being shown it, in trial.", "مقترح وقيد التجربة."),
        "ENDORSED": ("The council wants it.", "أيده المجلس."),
        "SENT_TO_MINISTER": ("Waiting for the minister.", "مرفوع إلى الوزير."),
        "APPROVED": ("The minister approved.", "اعتمده الوزير."),
        "ACTIVE": ("Its meetings count.", "مفعل."),
    },
    "How far a council has taken up e-Meeting.",
    "مرحلة تطبيق الاجتماع الإلكتروني.",
)
described(
    domain.MeetingMinutesStatus,
    {"DRAFT": ("Being read and signed.", "مسودة."), "APPROVED": ("Sealed.", "معتمد ومختوم.")},
    "Where minutes stand.",
    "حالة المحضر.",
)
LOG_WORDS = {
    "SCHEDULED": ("It was scheduled.", "تمت جدولته."),
    "CHECKED_IN": ("A member came.", "حضر عضو."),
    "JOINED_REMOTELY": ("A member takes part from afar.", "شارك عضو عن بعد."),
    "LEFT": ("A member left.", "انصرف عضو."),
    "EXCUSED": ("A member was excused.", "اعتذر عضو."),
    "MARKED_ABSENT": ("A member was marked absent.", "سُجل غياب عضو."),
    "QUORUM_LACKING": ("The opening was put off.", "أُرجئ الافتتاح لعدم اكتمال النصاب."),
    "RECOUNTED": ("The members were counted.", "أُحصي الحضور."),
    "CONVENED": ("It was opened.", "افتُتح."),
    "ADJOURNED": ("It was adjourned.", "أُجل."),
    "ENDED": ("It ended.", "انتهى."),
    "CANCELLED": ("It was cancelled.", "أُلغي."),
    "ITEM_STARTED": ("An item was taken up.", "بدأ بحث بند."),
    "DOCUMENT_ADDED": ("A document was added.", "أُضيفت وثيقة."),
    "MOTION_PROPOSED": ("A motion was proposed.", "قُدم مقترح."),
    "RECUSED": ("A member stands aside.", "تنحى عضو."),
    "PROXY_GIVEN": ("A member gave their vote to another.", "وكل عضو غيره بصوته."),
    "PROXY_REVOKED": ("A member took their vote back.", "ألغى عضو توكيله."),
    "VOTING_OPENED": ("Voting opened.", "فُتح التصويت."),
    "VOTING_SUSPENDED": ("The quorum was lost; voting waits.", "توقف التصويت لفقدان النصاب."),
    "VOTING_RESUMED": ("The quorum is met again.", "استؤنف التصويت باكتمال النصاب."),
    "VOTING_VOID": ("The vote became void.", "بطل التصويت."),
    "VOTING_CLOSED": ("Voting closed.", "أُغلق التصويت."),
    "CASTING_VOTE": ("The tie was decided.", "حُسم التعادل."),
    "LOT_DRAWN": ("The lot was drawn.", "أُجريت القرعة."),
    "VOTING_ANNULLED": ("The vote was annulled.", "أُلغي التصويت."),
    "MINUTES_DRAFTED": ("The minutes were drafted.", "صيغت مسودة المحضر."),
    "MINUTES_AMENDED": ("The minutes were amended.", "عُدل المحضر."),
    "MINUTES_SIGNED": ("A member signed the minutes.", "وقع عضو المحضر."),
    "MINUTES_APPROVED": ("The minutes were approved.", "اعتُمد المحضر."),
}
_OTHERS = {
    "SNAPSHOT": ("The state now.", "الحالة الآن."),
    "VOTE_CAST": ("A vote was cast.", "أُدلي بصوت."),
    "MINUTES_PRINTED": ("A printed edition is there.", "أُعدت نسخة مطبوعة."),
    "COUNCIL_CHANGED": ("The council's rules or people changed.", "تغيرت قواعد المجلس أو أعضاؤه."),
}
MeetingUpdateKind = enum.Enum(  # type: ignore[misc]
    "MeetingUpdateKind",
    {**dict(zip(_OTHERS, _OTHERS, strict=True)), **{kind.name: kind.value for kind in LogKind}},
    module=__name__,
)
"""What a live value tells of."""
described(
    MeetingUpdateKind,
    {**_OTHERS, **LOG_WORDS},
    "Why a live value was sent.",
    "سبب إرسال القيمة الحية.",
)
MeetingCommentUpdateKind = enum.Enum(
    "MeetingCommentUpdateKind",
    {"SNAPSHOT": "SNAPSHOT", "COMMENT_ADDED": "COMMENT_ADDED"},
    module=__name__,
)
"""What a live value of comments tells of."""
described(
    MeetingCommentUpdateKind,
    {
        "SNAPSHOT": ("From now on; read the comments afresh.", "من الآن؛ أعد قراءة التعليقات."),
        "COMMENT_ADDED": ("A shared comment was written.", "أُضيف تعليق مشترك."),
    },
    "Why a live value was sent.",
    "سبب إرسال القيمة الحية.",
)
