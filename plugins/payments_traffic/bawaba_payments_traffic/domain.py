"""The words of traffic fines: states, values, refusals."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Sequence
from dataclasses import dataclass

from bawaba.domain import StateMachine
from bawaba.errors import Refusal
from bawaba.text import Text

AGENCY = "traffic"
SERVICE = "traffic-fines"
PAYABLE_ACCOUNT = "agency.traffic.payable"
MAX_FINES = 500
"""The most fines that one look-up shows."""
GROUNDS_LENGTH = range(10, 4001)
"""How long the grounds of an objection, and the reason of a decision, may be (characters)."""


class FineStatus(enum.Enum):
    """How far a fine is settled, as the platform knows it."""

    UNPAID = "UNPAID"
    PAID = "PAID"
    CANCELLED = "CANCELLED"


class FineEvent(enum.Enum):
    """What can happen to a fine."""

    SETTLED = "SETTLED"
    PAID_ELSEWHERE = "PAID_ELSEWHERE"
    REVERSED = "REVERSED"
    WITHDRAWN = "WITHDRAWN"


FINE = StateMachine(
    name="traffic_fine",
    initial=FineStatus.UNPAID,
    edges={
        (FineStatus.UNPAID, FineEvent.SETTLED): FineStatus.PAID,
        (FineStatus.UNPAID, FineEvent.PAID_ELSEWHERE): FineStatus.PAID,
        (FineStatus.UNPAID, FineEvent.WITHDRAWN): FineStatus.CANCELLED,
        (FineStatus.PAID, FineEvent.REVERSED): FineStatus.UNPAID,
        (FineStatus.PAID, FineEvent.WITHDRAWN): FineStatus.CANCELLED,
    },
    terminal=frozenset({FineStatus.CANCELLED}),
)


class TrafficObjectionStatus(enum.Enum):
    """Where an objection stands."""

    SUBMITTED = "SUBMITTED"
    UPHELD = "UPHELD"
    REJECTED = "REJECTED"


class ObjectionEvent(enum.Enum):
    """What can happen to an objection."""

    UPHOLD = "UPHOLD"
    REJECT = "REJECT"


OBJECTION = StateMachine(
    name="traffic_objection",
    initial=TrafficObjectionStatus.SUBMITTED,
    edges={
        (TrafficObjectionStatus.SUBMITTED, ObjectionEvent.UPHOLD): TrafficObjectionStatus.UPHELD,
        (TrafficObjectionStatus.SUBMITTED, ObjectionEvent.REJECT): TrafficObjectionStatus.REJECTED,
    },
    terminal=frozenset({TrafficObjectionStatus.UPHELD, TrafficObjectionStatus.REJECTED}),
)


class Phase(enum.Enum):
    """Which price of a fine applies on a day."""

    DISCOUNTED = "DISCOUNTED"
    FULL = "FULL"
    LATE = "LATE"
    REFERRED = "REFERRED"
    NOT_SETTLEABLE = "NOT_SETTLEABLE"


@dataclass(frozen=True, slots=True)
class Tariff:
    """The amounts of one violation, in force for offences from ``since`` to ``until`` (both in).

    ``minimum`` and ``maximum`` are the statutory range, ``late`` what settling costs once the
    full-minimum period is over; all in fils. ``source`` names the rule the entry comes from.
    """

    violation: str
    name: Text
    since: dt.date
    until: dt.date | None
    minimum: int
    late: int
    maximum: int
    settleable: bool
    source: str


@dataclass(frozen=True, slots=True)
class Terms:
    """How settling works for offers made from ``since`` to ``until`` (both in).

    Days are counted after the day of the offer, which is day 0: the discounted share
    ``numerator/denominator`` of the minimum through day ``discount_days``, the minimum through
    ``full_days``, the late amount through ``prosecution_days``.
    """

    since: dt.date
    until: dt.date | None
    discount_days: int
    numerator: int
    denominator: int
    full_days: int
    prosecution_days: int
    source: str


@dataclass(frozen=True, slots=True)
class Tariffs:
    """Everything that prices depend on, as data with dates."""

    tariffs: Sequence[Tariff]
    terms: Sequence[Terms]


@dataclass(frozen=True, slots=True)
class Price:
    """What a fine costs at an instant, and why.

    ``fils`` is the statutory minimum; ``due_fils`` what settling costs now, 0 where it cannot be
    settled here. ``discount_ends_at`` is the first instant without the discount.
    """

    phase: Phase
    fils: int
    due_fils: int
    explanation: Text
    not_payable: Text | None = None
    discount_ends_at: dt.datetime | None = None
    due_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class FineRecord:
    """A fine as the directorate's register tells it. ``receipt`` is the one it was paid with."""

    reference: str
    violation: str
    plate_number: str
    plate_category: str
    location: Text
    occurred_at: dt.datetime
    offered_at: dt.datetime
    debtor_national_id: str
    owner_national_id: str
    status: FineStatus
    referred_on: dt.date | None = None
    receipt: str | None = None


@dataclass(frozen=True, slots=True)
class PaidNotice:
    """Tells the directorate that a fine was paid; the same ``item_id`` counts once."""

    item_id: str
    reference: str
    receipt: str
    fils: int
    paid_at: dt.datetime
    channel: str


@dataclass(frozen=True, slots=True)
class ReversedNotice:
    """Tells the directorate that money was given back; once for each refund and item."""

    refund_id: str
    item_id: str
    reference: str
    fils: int
    in_full: bool
    refunded_at: dt.datetime


@dataclass(frozen=True, slots=True)
class CancelledNotice:
    """Tells the directorate that an objection was upheld; once for each objection."""

    objection_id: str
    reference: str
    decided_at: dt.datetime


class ObjectionOpen(Refusal):
    """An objection to this fine is being examined; wait for its decision."""

    code = "TRAFFIC_OBJECTION_OPEN"
    text = Text(
        "An objection to this fine is already being examined.",
        "يوجد اعتراض قيد النظر على هذه المخالفة.",
    )


class NotYourFine(Refusal):
    """Only the person to whom the fine was issued can object; sign in as that person."""

    code = "TRAFFIC_NOT_YOUR_FINE"
    text = Text(
        "Only the person to whom the fine was issued can object to it.",
        "لا يحق الاعتراض إلا لمن حُررت المخالفة باسمه.",
    )


class FineCancelled(Refusal):
    """The fine was withdrawn: nothing is left to object to or to decide."""

    code = "TRAFFIC_FINE_CANCELLED"
    text = Text("This fine was cancelled.", "أُلغيت هذه المخالفة.")


class ObjectionDecided(Refusal):
    """The objection was decided before; a decision stands."""

    code = "TRAFFIC_OBJECTION_DECIDED"
    text = Text("This objection was decided already.", "سبق البت في هذا الاعتراض.")


class OwnFine(Refusal):
    """An officer cannot decide about his or her own fine; a colleague has to."""

    code = "TRAFFIC_OWN_FINE"
    text = Text(
        "You cannot decide an objection that concerns you.",
        "لا يجوز لك البت في اعتراض يخصك.",
    )


class BadLength(Refusal):
    """The grounds or the reason are too short to be examined, or too long."""

    code = "TRAFFIC_TEXT_LENGTH"
    text = Text(
        "Write between {least} and {most} characters.",
        "اكتب ما بين {least} و{most} حرفاً.",
    )


REFUSALS: Sequence[type[Refusal]] = (
    ObjectionOpen,
    NotYourFine,
    FineCancelled,
    ObjectionDecided,
    OwnFine,
    BadLength,
)
