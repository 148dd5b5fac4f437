"""The words of the civil service: states, values, machines."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bawaba.domain import StateMachine
from bawaba.text import Text

AGENCY = "csb"
SERVICE = "civil-service"
PAYABLE_ACCOUNT = "agency.csb.payable"
MAX_LINES = 60
"""The most lines of a payslip; a letter with more is refused."""
MAX_BATCH = 200
"""The most records or payslips of one letter."""
MAX_OPEN_REQUESTS = 10
"""The most certificate requests of one person that wait for payment at a time."""
PURPOSE_LENGTH = range(3, 201)
REASON_LENGTH = range(3, 1001)


class CivilServiceCertificateKind(enum.Enum):
    """What a certificate states."""

    SALARY = "SALARY"
    EXPERIENCE = "EXPERIENCE"


class CivilServiceDocumentKind(enum.Enum):
    """What can be verified by its code."""

    SALARY = "SALARY"
    EXPERIENCE = "EXPERIENCE"
    PAYSLIP = "PAYSLIP"


class CivilServiceRequestStatus(enum.Enum):
    """Where a request for a certificate stands."""

    SUBMITTED = "SUBMITTED"
    AWAITING_PAYMENT = "AWAITING_PAYMENT"
    PAID = "PAID"
    ISSUED = "ISSUED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"
    REVOKED = "REVOKED"


class RequestEvent(enum.Enum):
    """What can happen to a request. BILL: it has a fee; WAIVE: it has none."""

    BILL = "BILL"
    WAIVE = "WAIVE"
    SETTLE = "SETTLE"
    ISSUE = "ISSUE"
    REFUSE = "REFUSE"
    CANCEL = "CANCEL"
    EXPIRE = "EXPIRE"
    REVERSE = "REVERSE"
    REVOKE = "REVOKE"


_R, _E = CivilServiceRequestStatus, RequestEvent
REQUEST = StateMachine(
    name="civil_service_certificate_request",
    initial=_R.SUBMITTED,
    edges={
        (_R.SUBMITTED, _E.BILL): _R.AWAITING_PAYMENT,
        (_R.SUBMITTED, _E.WAIVE): _R.PAID,
        (_R.AWAITING_PAYMENT, _E.SETTLE): _R.PAID,
        (_R.AWAITING_PAYMENT, _E.CANCEL): _R.CANCELLED,
        (_R.AWAITING_PAYMENT, _E.EXPIRE): _R.EXPIRED,
        (_R.PAID, _E.ISSUE): _R.ISSUED,
        (_R.PAID, _E.REFUSE): _R.CANCELLED,
        (_R.PAID, _E.REVERSE): _R.CANCELLED,
        (_R.ISSUED, _E.REVERSE): _R.REVOKED,
        (_R.ISSUED, _E.REVOKE): _R.REVOKED,
    },
    terminal=frozenset({_R.CANCELLED, _R.EXPIRED, _R.REVOKED}),
)


class CivilServiceLeaveKind(enum.Enum):
    """What leave is for."""

    ANNUAL = "ANNUAL"
    SICK = "SICK"
    CASUAL = "CASUAL"


class CivilServiceLeaveStatus(enum.Enum):
    """Where a leave stands."""

    REQUESTED = "REQUESTED"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    CANCELLED = "CANCELLED"
    TAKEN = "TAKEN"


class CivilServiceLeaveStepKind(enum.Enum):
    """What a line of a leave's history says: a state that it came to, or a new count of days."""

    REQUESTED = "REQUESTED"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    CANCELLED = "CANCELLED"
    TAKEN = "TAKEN"
    RECOUNTED = "RECOUNTED"


class LeaveEvent(enum.Enum):
    """What can happen to a leave."""

    APPROVE = "APPROVE"
    REJECT = "REJECT"
    CANCEL = "CANCEL"
    TAKE = "TAKE"


_L, _T = CivilServiceLeaveStatus, LeaveEvent
LEAVE = StateMachine(
    name="civil_service_leave",
    initial=_L.REQUESTED,
    edges={
        (_L.REQUESTED, _T.APPROVE): _L.APPROVED,
        (_L.REQUESTED, _T.REJECT): _L.REJECTED,
        (_L.REQUESTED, _T.CANCEL): _L.CANCELLED,
        (_L.APPROVED, _T.CANCEL): _L.CANCELLED,
        (_L.APPROVED, _T.TAKE): _L.TAKEN,
    },
    terminal=frozenset({_L.REJECTED, _L.CANCELLED, _L.TAKEN}),
)
HOLDING = (_L.REQUESTED, _L.APPROVED, _L.TAKEN)
"""The states in which a leave's days count against the balance."""


class CivilServiceLineKind(enum.Enum):
    """What a line of a payslip is."""

    BASIC = "BASIC"
    ALLOWANCE = "ALLOWANCE"
    DEDUCTION = "DEDUCTION"
    SOCIAL_INSURANCE = "SOCIAL_INSURANCE"
    CORRECTION = "CORRECTION"


class AccrualMethod(enum.Enum):
    """MONTHLY: a twelfth for each completed month; YEARLY: all of it on the first of January."""

    MONTHLY = "MONTHLY"
    YEARLY = "YEARLY"


@dataclass(frozen=True, slots=True)
class Accrual:
    """How leave of a kind accrues from ``since`` to ``until`` (both in).

    ``carry``: the most days that go over into the next year. ``source`` names the rule.
    """

    kind: CivilServiceLeaveKind
    since: dt.date
    until: dt.date | None
    days: int
    method: AccrualMethod
    carry: int
    source: str


@dataclass(frozen=True, slots=True)
class Opening:
    """What an employee had left of a kind at the start of day ``on``, as the bureau tells it."""

    on: dt.date
    days: int


@dataclass(frozen=True, slots=True)
class Draw:
    """Days of a leave, all drawn on the balance at its first day."""

    first_on: dt.date
    days: int


@dataclass(frozen=True, slots=True)
class Fee:
    """What a certificate costs if it is requested from ``since`` to ``until`` (both in), in fils.

    ``pay_within``: days after which an unpaid request lapses. ``source`` names the rule.
    """

    kind: CivilServiceCertificateKind
    since: dt.date
    until: dt.date | None
    fils: int
    pay_within: int
    source: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a payslip; ``fils`` is negative for what is taken off.

    ``corrects``: the earlier month (YYYY-MM) that a CORRECTION is about; None for other kinds.
    """

    kind: CivilServiceLineKind
    label: Text
    fils: int
    corrects: str | None = None


@dataclass(frozen=True, slots=True)
class Payslip:
    """What was paid for a month (YYYY-MM), and by which lines."""

    employee_number: str
    month: str
    issued_on: dt.date
    lines: Sequence[Line]

    @property
    def net(self) -> int:
        """The sum of its lines, in fils."""
        return sum(line.fils for line in self.lines)


@dataclass(frozen=True, slots=True)
class Record:
    """An employee as the bureau's register tells it. ``version`` grows with every change."""

    employee_number: str
    national_id: str
    name: Text
    entity: str
    entity_name: Text
    position: Text
    grade: str
    hired_on: dt.date
    version: int
    left_on: dt.date | None = None
    openings: Mapping[CivilServiceLeaveKind, Opening] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the register states in a certificate on the day it is asked; monthly amounts in fils."""

    record: Record
    basic_fils: int
    allowances_fils: int
    as_of: dt.date
