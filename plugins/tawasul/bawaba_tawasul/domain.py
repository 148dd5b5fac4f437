"""The words of Tawasul: kinds, states, steps, actions, limits."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Sequence
from dataclasses import dataclass

from bawaba.domain import StateMachine

NATIONAL = "*"
"""The scope of what holds for every agency that has nothing of its own."""

MIN_TEXT, MAX_TEXT, MAX_SUBJECT = 1, 4_000, 200
"""Characters of what people write, and of a subject."""
MAX_ATTACHMENTS = 10
MAX_FAMILY = 200
"""Duplicates of one case: they are resolved with it, in one transaction."""
MAX_FOLLOWERS = 100_000
WINDOW = dt.timedelta(days=14)
"""After a resolution: the time to rate it and to reopen the case; then the case is closed."""
APPEAL_WINDOW = dt.timedelta(days=7)
"""After a poor rating: the least time to appeal, even where it outlasts :data:`WINDOW`."""
POOR = 2
"""The best score that counts as poor."""
MAX_SCORE = 5
MAX_REOPENINGS = 2
ACCEPTANCE = dt.timedelta(hours=14, minutes=30)
"""Working time in which an agency accepts or declines a transfer; silence goes to the arbiter."""
MAX_DECLINES = 2
"""The decline that reaches this number sends the case to the arbiter."""
MAX_TRANSFERS = 2
"""Accepted transfers; a further one goes to the arbiter at once."""
PAUSE_CAP = dt.timedelta(hours=36, minutes=15)
"""Working time in all for which waiting for the citizen stops the clock: five days."""
MIN_HOURS, MAX_HOURS, MAX_DAYS = 1, 1_000, 250
"""Bounds of targets: working hours to the first reply, working days to the resolution."""


class TawasulKind(enum.Enum):
    """What a citizen has to say."""

    COMPLAINT = "COMPLAINT"
    SUGGESTION = "SUGGESTION"
    INQUIRY = "INQUIRY"


class TawasulStatus(enum.Enum):
    """Where a case stands."""

    SUBMITTED = "SUBMITTED"
    ASSIGNED = "ASSIGNED"
    AWAITING_INFORMATION = "AWAITING_INFORMATION"
    TRANSFER_OFFERED = "TRANSFER_OFFERED"
    IN_ARBITRATION = "IN_ARBITRATION"
    RESOLVED = "RESOLVED"
    REOPENED = "REOPENED"
    APPEALED = "APPEALED"
    CLOSED = "CLOSED"
    WITHDRAWN = "WITHDRAWN"


class TawasulStep(enum.Enum):
    """What happens to a case, whether or not it moves it to another status."""

    SUBMITTED = "SUBMITTED"
    ASSIGNED = "ASSIGNED"
    REPLIED = "REPLIED"
    INFORMATION_REQUESTED = "INFORMATION_REQUESTED"
    INFORMATION_GIVEN = "INFORMATION_GIVEN"
    WAIT_LAPSED = "WAIT_LAPSED"
    NOTE_ADDED = "NOTE_ADDED"
    TRANSFER_OFFERED = "TRANSFER_OFFERED"
    TRANSFER_ACCEPTED = "TRANSFER_ACCEPTED"
    TRANSFER_DECLINED = "TRANSFER_DECLINED"
    SENT_TO_ARBITER = "SENT_TO_ARBITER"
    ARBITRATED = "ARBITRATED"
    RESOLVED = "RESOLVED"
    RATED = "RATED"
    REOPENED = "REOPENED"
    APPEALED = "APPEALED"
    WITHDRAWN = "WITHDRAWN"
    CLOSED = "CLOSED"
    LINKED = "LINKED"
    SPLIT = "SPLIT"
    FOLLOWED = "FOLLOWED"
    ESCALATED = "ESCALATED"
    DEADLINE_CHANGED = "DEADLINE_CHANGED"
    IDENTITY_REQUESTED = "IDENTITY_REQUESTED"
    IDENTITY_OPENED = "IDENTITY_OPENED"


class TawasulResolution(enum.Enum):
    """Why a case is resolved."""

    DONE = "DONE"
    ANSWERED = "ANSWERED"
    ACCEPTED = "ACCEPTED"
    NOT_JUSTIFIED = "NOT_JUSTIFIED"
    NOT_POSSIBLE = "NOT_POSSIBLE"


class TawasulClockState(enum.Enum):
    """What the clock of a case does."""

    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    OVERDUE = "OVERDUE"
    STOPPED = "STOPPED"


class TawasulAction(enum.Enum):
    """What a viewer may do with a case now."""

    ASSIGN = "ASSIGN"
    REPLY = "REPLY"
    REQUEST_INFORMATION = "REQUEST_INFORMATION"
    ANSWER_REQUEST = "ANSWER_REQUEST"
    ADD_NOTE = "ADD_NOTE"
    TRANSFER = "TRANSFER"
    ACCEPT_TRANSFER = "ACCEPT_TRANSFER"
    DECLINE_TRANSFER = "DECLINE_TRANSFER"
    ARBITRATE = "ARBITRATE"
    RESOLVE = "RESOLVE"
    REOPEN = "REOPEN"
    RATE = "RATE"
    APPEAL = "APPEAL"
    WITHDRAW = "WITHDRAW"
    LINK_DUPLICATE = "LINK_DUPLICATE"
    SPLIT_DUPLICATE = "SPLIT_DUPLICATE"
    REQUEST_IDENTITY = "REQUEST_IDENTITY"
    FOLLOW = "FOLLOW"


class TawasulPartyKind(enum.Enum):
    """On whose side somebody stands."""

    CITIZEN = "CITIZEN"
    AGENCY = "AGENCY"
    ARBITER = "ARBITER"
    PLATFORM = "PLATFORM"


class TawasulIdentityRequestStatus(enum.Enum):
    """Where a request to open a hidden identity stands."""

    PENDING = "PENDING"
    APPROVED = "APPROVED"


class TawasulPerformanceDimension(enum.Enum):
    """By what performance is grouped."""

    AGENCY = "AGENCY"
    CATEGORY = "CATEGORY"
    MONTH = "MONTH"


class CaseTrigger(enum.Enum):
    """The steps that move a case to another status; of the same names as the steps."""

    ASSIGNED = "ASSIGNED"
    INFORMATION_REQUESTED = "INFORMATION_REQUESTED"
    INFORMATION_GIVEN = "INFORMATION_GIVEN"
    WAIT_LAPSED = "WAIT_LAPSED"
    TRANSFER_OFFERED = "TRANSFER_OFFERED"
    TRANSFER_ACCEPTED = "TRANSFER_ACCEPTED"
    TRANSFER_DECLINED = "TRANSFER_DECLINED"
    SENT_TO_ARBITER = "SENT_TO_ARBITER"
    ARBITRATED = "ARBITRATED"
    RESOLVED = "RESOLVED"
    REOPENED = "REOPENED"
    APPEALED = "APPEALED"
    WITHDRAWN = "WITHDRAWN"
    CLOSED = "CLOSED"


class IdentityTrigger(enum.Enum):
    """What happens to a request to open an identity."""

    APPROVE = "APPROVE"


S, T, E = TawasulStatus, TawasulStep, CaseTrigger
UNASSIGNED = (S.SUBMITTED, S.REOPENED, S.APPEALED)
"""The states in which a case is its agency's and nobody's."""
_IN_HAND = (*UNASSIGNED, S.ASSIGNED)
_OPEN = (*_IN_HAND, S.AWAITING_INFORMATION, S.TRANSFER_OFFERED, S.IN_ARBITRATION)
OPEN = frozenset(_OPEN)
"""The states in which a case waits for somebody."""
ENDED = frozenset({S.CLOSED, S.WITHDRAWN})

CASE = StateMachine(
    name="case",
    initial=S.SUBMITTED,
    edges={
        **{(status, E.ASSIGNED): S.ASSIGNED for status in _IN_HAND},
        (S.ASSIGNED, E.INFORMATION_REQUESTED): S.AWAITING_INFORMATION,
        (S.AWAITING_INFORMATION, E.INFORMATION_GIVEN): S.ASSIGNED,
        (S.AWAITING_INFORMATION, E.WAIT_LAPSED): S.ASSIGNED,
        **{(status, E.TRANSFER_OFFERED): S.TRANSFER_OFFERED for status in _IN_HAND},
        **{
            (status, E.SENT_TO_ARBITER): S.IN_ARBITRATION
            for status in (*_IN_HAND, S.TRANSFER_OFFERED)
        },
        (S.TRANSFER_OFFERED, E.TRANSFER_ACCEPTED): S.SUBMITTED,
        (S.TRANSFER_OFFERED, E.TRANSFER_DECLINED): S.SUBMITTED,
        (S.IN_ARBITRATION, E.ARBITRATED): S.SUBMITTED,
        **{(status, E.RESOLVED): S.RESOLVED for status in _OPEN},
        (S.RESOLVED, E.REOPENED): S.REOPENED,
        (S.RESOLVED, E.APPEALED): S.APPEALED,
        (S.RESOLVED, E.CLOSED): S.CLOSED,
        **{(status, E.WITHDRAWN): S.WITHDRAWN for status in _OPEN},
    },
    terminal=ENDED,
)
"""A case. A case in any open state is resolved where the head of its family is."""

IDENTITY_REQUEST = StateMachine(
    name="identity_request",
    initial=TawasulIdentityRequestStatus.PENDING,
    edges={
        (
            TawasulIdentityRequestStatus.PENDING,
            IdentityTrigger.APPROVE,
        ): TawasulIdentityRequestStatus.APPROVED
    },
    terminal=frozenset({TawasulIdentityRequestStatus.APPROVED}),
)
"""A request to open a hidden identity: a second person approves it."""

PUBLIC_STEPS = frozenset(
    {
        T.SUBMITTED,
        T.REPLIED,
        T.INFORMATION_REQUESTED,
        T.INFORMATION_GIVEN,
        T.WAIT_LAPSED,
        T.TRANSFER_OFFERED,
        T.TRANSFER_ACCEPTED,
        T.TRANSFER_DECLINED,
        T.SENT_TO_ARBITER,
        T.ARBITRATED,
        T.ASSIGNED,
        T.RESOLVED,
        T.RATED,
        T.REOPENED,
        T.APPEALED,
        T.WITHDRAWN,
        T.CLOSED,
        T.DEADLINE_CHANGED,
        T.ESCALATED,
        T.LINKED,
        T.SPLIT,
        T.FOLLOWED,
    }
)
"""The steps that the citizen is shown; whoever reads the others stands on the agency's side."""
SILENT_NOTES = frozenset(
    {
        T.ASSIGNED,
        T.ESCALATED,
        T.TRANSFER_OFFERED,
        T.TRANSFER_DECLINED,
        T.SENT_TO_ARBITER,
        T.LINKED,
        T.SPLIT,
    }
)
"""Public steps whose reason is for the agencies alone."""


class Sight(enum.IntEnum):
    """How much of a case somebody sees; more includes less, but for what is another side's."""

    NONE = 0
    SUMMARY = 1
    OWN = 2
    DESK = 3
    ARBITER = 4


@dataclass(frozen=True, slots=True)
class Location:
    """Where it is about: degrees of WGS 84, and words."""

    latitude: float
    longitude: float
    address: str = ""


@dataclass(frozen=True, slots=True)
class Submission:
    """A case as it is handed in; all texts as typed."""

    kind: TawasulKind
    agency: str
    category: str
    subject: str
    body: str
    channel: str
    location: Location | None = None
    attachment_ids: Sequence[str] = ()
    hide_identity: bool = False


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of an escalation ladder.

    Args:
        percent: of the target, at which it is reached.
        tell: permissions in the agency whose holders are told.
    """

    percent: int
    tell: tuple[str, ...]


LADDER = (
    Rung(80, ("tawasul.supervise",)),
    Rung(100, ("tawasul.supervise", "tawasul.coordinate")),
    Rung(150, ("tawasul.coordinate", "tawasul.measure")),
)
"""The ladder where no other was set."""


class FactKind(enum.Enum):
    """What is counted for the performance figures, on the day it happened."""

    RECEIVED = "RECEIVED"
    RESOLVED = "RESOLVED"
    UNRESOLVED = "UNRESOLVED"
    FIRST_RESOLVED = "FIRST_RESOLVED"
    RATED = "RATED"


@dataclass(frozen=True, slots=True)
class Fact:
    """Something counted. ``minutes``: working minutes spent; ``score``: 1 to 5, else 0."""

    kind: FactKind
    day: dt.date
    agency: str
    category: str
    on_time: bool = False
    minutes: int = 0
    score: int = 0
