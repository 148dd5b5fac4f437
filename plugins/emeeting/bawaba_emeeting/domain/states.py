"""The words: seats, states, choices, what happens."""

from __future__ import annotations

import enum


class MeetingRole(enum.Enum):
    """The seat of a member of a council."""

    CHAIR = "CHAIR"
    DEPUTY = "DEPUTY"
    MEMBER = "MEMBER"
    SECRETARY = "SECRETARY"
    OPERATOR = "OPERATOR"


VOTING_ROLES = frozenset({MeetingRole.CHAIR, MeetingRole.DEPUTY, MeetingRole.MEMBER})
"""Those who count for a quorum and vote; secretary and operator serve."""


class MeetingKind(enum.Enum):
    """Whether a meeting is one of the year's plan."""

    ORDINARY = "ORDINARY"
    EXTRAORDINARY = "EXTRAORDINARY"


class MeetingStatus(enum.Enum):
    """Where a meeting stands."""

    SCHEDULED = "SCHEDULED"
    WAITING_FOR_QUORUM = "WAITING_FOR_QUORUM"
    IN_SESSION = "IN_SESSION"
    ADJOURNED = "ADJOURNED"
    ENDED = "ENDED"
    CANCELLED = "CANCELLED"


class MeetingTrigger(enum.Enum):
    """What moves a meeting."""

    LACK_QUORUM = "LACK_QUORUM"
    CONVENE = "CONVENE"
    ADJOURN = "ADJOURN"
    END = "END"
    CANCEL = "CANCEL"


class MeetingAgendaStatus(enum.Enum):
    """Where an item of the agenda stands."""

    PENDING = "PENDING"
    CURRENT = "CURRENT"
    DONE = "DONE"


class MeetingAttendanceStatus(enum.Enum):
    """How a member attends."""

    PRESENT = "PRESENT"
    REMOTE = "REMOTE"
    EXCUSED = "EXCUSED"
    ABSENT = "ABSENT"
    LEFT = "LEFT"


class MeetingBallotKind(enum.Enum):
    """Whether others learn how one voted."""

    OPEN = "OPEN"
    SECRET = "SECRET"  # noqa: S105  a kind of ballot


class MeetingMajority(enum.Enum):
    """How much of the base must say Yes."""

    SIMPLE = "SIMPLE"
    ABSOLUTE = "ABSOLUTE"
    TWO_THIRDS = "TWO_THIRDS"


class MeetingMajorityBase(enum.Enum):
    """Of what the majority is taken."""

    CAST = "CAST"
    PRESENT = "PRESENT"
    ALL_MEMBERS = "ALL_MEMBERS"


class MeetingChoice(enum.Enum):
    """What one says to a motion."""

    YES = "YES"
    NO = "NO"
    ABSTAIN = "ABSTAIN"


class MeetingMotionStatus(enum.Enum):
    """Where a motion stands."""

    PROPOSED = "PROPOSED"
    OPEN = "OPEN"
    SUSPENDED = "SUSPENDED"
    TIED = "TIED"
    RUN_OFF = "RUN_OFF"
    CLOSED = "CLOSED"
    VOID = "VOID"
    ANNULLED = "ANNULLED"


class MotionTrigger(enum.Enum):
    """What moves a motion."""

    OPEN_VOTING = "OPEN_VOTING"
    LOSE_QUORUM = "LOSE_QUORUM"
    REGAIN_QUORUM = "REGAIN_QUORUM"
    MAKE_VOID = "MAKE_VOID"
    DECIDE = "DECIDE"
    TIE = "TIE"
    CALL_RUN_OFF = "CALL_RUN_OFF"
    CAST_DECIDING = "CAST_DECIDING"
    ANNUL = "ANNUL"


class MeetingOutcome(enum.Enum):
    """What a vote led to."""

    CARRIED = "CARRIED"
    REJECTED = "REJECTED"
    TIED = "TIED"
    ELECTED = "ELECTED"
    RUN_OFF = "RUN_OFF"
    NOBODY_ELECTED = "NOBODY_ELECTED"


class MeetingQuorumLossPolicy(enum.Enum):
    """What becomes of a vote during which the quorum is lost."""

    SUSPEND = "SUSPEND"
    VOID = "VOID"
    CONTINUE = "CONTINUE"


class MeetingTiePolicy(enum.Enum):
    """What becomes of a tie."""

    CASTING_VOTE = "CASTING_VOTE"
    LOST = "LOST"


class MeetingQuorumBase(enum.Enum):
    """Of whom the quorum is taken."""

    SEATS = "SEATS"
    MEMBERS = "MEMBERS"


class MeetingCommentVisibility(enum.Enum):
    """Who reads a comment."""

    PRIVATE = "PRIVATE"
    SHARED = "SHARED"


class MeetingAdoptionStatus(enum.Enum):
    """How far a council has taken up e-Meeting."""

    PROPOSED = "PROPOSED"
    ENDORSED = "ENDORSED"
    SENT_TO_MINISTER = "SENT_TO_MINISTER"
    APPROVED = "APPROVED"
    ACTIVE = "ACTIVE"


class AdoptionTrigger(enum.Enum):
    """What moves an adoption on; of the name of the state that it leads to."""

    ENDORSED = "ENDORSED"
    SENT_TO_MINISTER = "SENT_TO_MINISTER"
    APPROVED = "APPROVED"
    ACTIVE = "ACTIVE"


class MeetingMinutesStatus(enum.Enum):
    """Where the minutes stand."""

    DRAFT = "DRAFT"
    APPROVED = "APPROVED"


class MinutesTrigger(enum.Enum):
    """What moves the minutes."""

    AMEND = "AMEND"
    SIGN = "SIGN"
    APPROVE = "APPROVE"


class LogKind(enum.Enum):
    """What happens in a meeting: the lines of its log, from which the minutes are written."""

    SCHEDULED = "SCHEDULED"
    CHECKED_IN = "CHECKED_IN"
    JOINED_REMOTELY = "JOINED_REMOTELY"
    LEFT = "LEFT"
    EXCUSED = "EXCUSED"
    MARKED_ABSENT = "MARKED_ABSENT"
    QUORUM_LACKING = "QUORUM_LACKING"
    RECOUNTED = "RECOUNTED"
    CONVENED = "CONVENED"
    ADJOURNED = "ADJOURNED"
    ENDED = "ENDED"
    CANCELLED = "CANCELLED"
    ITEM_STARTED = "ITEM_STARTED"
    DOCUMENT_ADDED = "DOCUMENT_ADDED"
    MOTION_PROPOSED = "MOTION_PROPOSED"
    RECUSED = "RECUSED"
    PROXY_GIVEN = "PROXY_GIVEN"
    PROXY_REVOKED = "PROXY_REVOKED"
    VOTING_OPENED = "VOTING_OPENED"
    VOTING_SUSPENDED = "VOTING_SUSPENDED"
    VOTING_RESUMED = "VOTING_RESUMED"
    VOTING_VOID = "VOTING_VOID"
    VOTING_CLOSED = "VOTING_CLOSED"
    CASTING_VOTE = "CASTING_VOTE"
    LOT_DRAWN = "LOT_DRAWN"
    VOTING_ANNULLED = "VOTING_ANNULLED"
    MINUTES_DRAFTED = "MINUTES_DRAFTED"
    MINUTES_AMENDED = "MINUTES_AMENDED"
    MINUTES_SIGNED = "MINUTES_SIGNED"
    MINUTES_APPROVED = "MINUTES_APPROVED"


PRESENCE = {
    LogKind.CHECKED_IN: MeetingAttendanceStatus.PRESENT,
    LogKind.JOINED_REMOTELY: MeetingAttendanceStatus.REMOTE,
    LogKind.LEFT: MeetingAttendanceStatus.LEFT,
    LogKind.EXCUSED: MeetingAttendanceStatus.EXCUSED,
    LogKind.MARKED_ABSENT: MeetingAttendanceStatus.ABSENT,
}
"""The lines of the log that tell of presence, and what they make of a member."""
PRESENCE_KINDS = {status: kind for kind, status in PRESENCE.items()}
