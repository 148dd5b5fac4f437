"""The words of electricity and water accounts: states, values, what the authority tells."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bawaba.domain import StateMachine
from bawaba.text import Text

AGENCY = "ewa"
SERVICE = "ewa-bills"
PAYABLE_ACCOUNT = "agency.ewa.payable"
MAX_ACCOUNTS = 50
"""The most accounts that one person may follow, and that one question to the authority names."""
MAX_BILLS = 60
"""The most bills of an account that the authority tells at once."""
MAX_LINES = 40
"""The most lines of a bill."""
MAX_SHARES = 100
"""The most parts into which one payment is shown to have gone."""
TOPIC = "ewa.account:"
"""The live topic of an account, before its id."""


class EwaTariffClass(enum.Enum):
    """What an account supplies."""

    DOMESTIC = "DOMESTIC"
    COMMERCIAL = "COMMERCIAL"


class EwaLineKind(enum.Enum):
    """What a line of a bill charges."""

    ELECTRICITY = "ELECTRICITY"
    WATER = "WATER"
    SERVICE_FEE = "SERVICE_FEE"
    SEWERAGE_FEE = "SEWERAGE_FEE"
    MUNICIPAL_FEE = "MUNICIPAL_FEE"
    VAT = "VAT"
    INSTALMENT = "INSTALMENT"
    TRUE_UP = "TRUE_UP"
    BROUGHT_FORWARD = "BROUGHT_FORWARD"


class Utility(enum.Enum):
    """What is metered."""

    ELECTRICITY = "ELECTRICITY"
    WATER = "WATER"


class BillState(enum.Enum):
    """How far a bill is paid. The names are those of core's ``BillStatus``."""

    UNPAID = "UNPAID"
    PARTIALLY_PAID = "PARTIALLY_PAID"
    PAID = "PAID"
    CANCELLED = "CANCELLED"


class BillEvent(enum.Enum):
    """What can happen to a bill. TAKEN_BACK leaves a part paid, EMPTIED nothing."""

    PART_PAID = "PART_PAID"
    SETTLED = "SETTLED"
    TAKEN_BACK = "TAKEN_BACK"
    EMPTIED = "EMPTIED"
    WITHDRAWN = "WITHDRAWN"


BILL = StateMachine(
    name="ewa_bill",
    initial=BillState.UNPAID,
    edges={
        (BillState.UNPAID, BillEvent.PART_PAID): BillState.PARTIALLY_PAID,
        (BillState.UNPAID, BillEvent.SETTLED): BillState.PAID,
        (BillState.UNPAID, BillEvent.WITHDRAWN): BillState.CANCELLED,
        (BillState.PARTIALLY_PAID, BillEvent.SETTLED): BillState.PAID,
        (BillState.PARTIALLY_PAID, BillEvent.EMPTIED): BillState.UNPAID,
        (BillState.PARTIALLY_PAID, BillEvent.WITHDRAWN): BillState.CANCELLED,
        (BillState.PAID, BillEvent.TAKEN_BACK): BillState.PARTIALLY_PAID,
        (BillState.PAID, BillEvent.EMPTIED): BillState.UNPAID,
        (BillState.PAID, BillEvent.WITHDRAWN): BillState.CANCELLED,
    },
    terminal=frozenset({BillState.CANCELLED}),
)


class EwaDunningStatus(enum.Enum):
    """How far an account is on the way from a bill to a disconnected supply."""

    CLEAR = "CLEAR"
    BILLED = "BILLED"
    REMINDED = "REMINDED"
    FINAL_NOTICE = "FINAL_NOTICE"
    DISCONNECTION_DUE = "DISCONNECTION_DUE"
    DISCONNECTED = "DISCONNECTED"
    RECONNECTION_DUE = "RECONNECTION_DUE"


class DunningEvent(enum.Enum):
    """What moves an account on that way, or off it."""

    BILL = "BILL"
    REMIND = "REMIND"
    WARN = "WARN"
    FALL_DUE = "FALL_DUE"
    CUT_OFF = "CUT_OFF"
    PAY = "PAY"
    RECONNECT = "RECONNECT"


_D = EwaDunningStatus
DUNNING = StateMachine(
    name="ewa_dunning",
    initial=_D.CLEAR,
    edges={
        (_D.CLEAR, DunningEvent.BILL): _D.BILLED,
        (_D.BILLED, DunningEvent.REMIND): _D.REMINDED,
        (_D.REMINDED, DunningEvent.WARN): _D.FINAL_NOTICE,
        (_D.FINAL_NOTICE, DunningEvent.FALL_DUE): _D.DISCONNECTION_DUE,
        (_D.DISCONNECTION_DUE, DunningEvent.CUT_OFF): _D.DISCONNECTED,
        (_D.BILLED, DunningEvent.PAY): _D.CLEAR,
        (_D.REMINDED, DunningEvent.PAY): _D.CLEAR,
        (_D.FINAL_NOTICE, DunningEvent.PAY): _D.CLEAR,
        (_D.DISCONNECTION_DUE, DunningEvent.PAY): _D.RECONNECTION_DUE,
        (_D.DISCONNECTED, DunningEvent.PAY): _D.RECONNECTION_DUE,
        (_D.RECONNECTION_DUE, DunningEvent.RECONNECT): _D.CLEAR,
    },
)
"""From DISCONNECTION_DUE on the authority may have cut the supply already, so that a payment asks
for it to be connected in any case."""


class EwaPlanKind(enum.Enum):
    """How an account is billed. LEAVING: fixed no more, the difference comes with the next bill."""

    METERED = "METERED"
    FIXED = "FIXED"
    LEAVING = "LEAVING"


class PlanEvent(enum.Enum):
    """What can happen to the way an account is billed."""

    ENROL = "ENROL"
    LEAVE = "LEAVE"
    STAY = "STAY"
    TRUE_UP = "TRUE_UP"


PLAN = StateMachine(
    name="ewa_plan",
    initial=EwaPlanKind.METERED,
    edges={
        (EwaPlanKind.METERED, PlanEvent.ENROL): EwaPlanKind.FIXED,
        (EwaPlanKind.FIXED, PlanEvent.LEAVE): EwaPlanKind.LEAVING,
        (EwaPlanKind.FIXED, PlanEvent.TRUE_UP): EwaPlanKind.FIXED,
        (EwaPlanKind.LEAVING, PlanEvent.STAY): EwaPlanKind.FIXED,
        (EwaPlanKind.LEAVING, PlanEvent.TRUE_UP): EwaPlanKind.METERED,
    },
)


class EwaUpdateKind(enum.Enum):
    """Why a live value of an account was sent."""

    SNAPSHOT = "SNAPSHOT"
    TOLD = "TOLD"
    PAID = "PAID"
    REVERSED = "REVERSED"
    DUNNING = "DUNNING"
    PLAN = "PLAN"


class EwaReceiptKind(enum.Enum):
    """Where money of an account came from: this platform, elsewhere, or a credited difference."""

    HERE = "HERE"
    ELSEWHERE = "ELSEWHERE"
    CREDIT = "CREDIT"


KWH, M3 = "kWh", "m³"
UNITS: Mapping[str, Text] = {KWH: Text("kWh", "ك.و.س"), M3: Text("m³", "م³")}
"""What meters count, as people read it."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a bill, in fils; a credit is negative. ``unit``: a key of :data:`UNITS`."""

    kind: EwaLineKind
    description: Text
    fils: int
    explanation: Text
    quantity: int | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Fee:
    """A fee that the authority collects for somebody else, e.g. the municipality; in fils."""

    kind: EwaLineKind
    description: Text
    fils: int


@dataclass(frozen=True, slots=True)
class Reading:
    """A month's meters as the authority tells them; both days of the period are included."""

    reference: str
    issued_on: dt.date
    due_on: dt.date
    starts_on: dt.date
    ends_on: dt.date
    electricity_kwh: int
    water_m3: int
    fees: Sequence[Fee] = ()


@dataclass(frozen=True, slots=True)
class Counter:
    """Money that the authority took by another way than this platform; ``key`` is its own."""

    key: str
    fils: int
    paid_at: dt.datetime


@dataclass(frozen=True, slots=True)
class AccountRecord:
    """An account as the authority tells it, with its bills and what was paid elsewhere.

    ``instalment_fils`` (fixed billing), ``fixed_since`` and ``stage`` with ``stage_on`` matter
    when the platform first hears of the account: from then on it keeps them itself.
    """

    number: str
    owner_national_id: str
    address: Text
    tariff_class: EwaTariffClass
    subsidised: bool
    readings: Sequence[Reading] = ()
    payments: Sequence[Counter] = ()
    withdrawn: Sequence[str] = ()
    instalment_fils: int | None = None
    fixed_since: dt.date | None = None
    stage: EwaDunningStatus | None = None
    stage_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Tier:
    """Units up to ``upto`` a month (None: all further) cost ``rate`` fils each."""

    upto: int | None
    rate: int


@dataclass(frozen=True, slots=True)
class Scale:
    """The tiers of a utility for some accounts, in force from ``since`` on (day included)."""

    utility: Utility
    applies_to: frozenset[str]
    since: dt.date
    tiers: Sequence[Tier]
    source: str


@dataclass(frozen=True, slots=True)
class Charge:
    """A fixed monthly fee: ``fils``; or a share of the water charge: ``percent``."""

    kind: EwaLineKind
    applies_to: frozenset[str]
    since: dt.date
    name: Text
    fils: int
    percent: int
    source: str


@dataclass(frozen=True, slots=True)
class Vat:
    """The rate of value added tax from ``since`` on, and on which kinds of line it falls."""

    applies_to: frozenset[str]
    since: dt.date
    percent: int
    source: str


@dataclass(frozen=True, slots=True)
class DunningRule:
    """When each step falls due, in days after the day of the bill.

    ``gap_days``: the fewest days between two steps, whatever the calendar says. ``stops``:
    ``OVERDUE`` (nothing that is past its last day may be open) or ``ALL``. Supplies are cut on
    working days alone, from ``disconnect_from`` until before ``disconnect_until``, local time.
    """

    since: dt.date
    remind_day: int
    final_day: int
    disconnect_day: int
    disconnect_from: dt.time
    disconnect_until: dt.time
    gap_days: int
    stops: str
    source: str


@dataclass(frozen=True, slots=True)
class PartRule:
    """How much of an account can be paid at once.

    ``least_fils``: the smallest part. In advance: ``advance_months`` times the average bill, at
    most ``advance_fils``; 0 months: nothing in advance.
    """

    applies_to: frozenset[str]
    since: dt.date
    least_fils: int
    advance_months: int
    advance_fils: int
    source: str


@dataclass(frozen=True, slots=True)
class PlanRule:
    """Fixed billing: after how many months the true-up, from how much history the instalment."""

    since: dt.date
    months: int
    least_history: int
    round_up_fils: int
    source: str


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything that amounts and days depend on, as data with dates."""

    scales: Sequence[Scale]
    charges: Sequence[Charge]
    vat: Sequence[Vat]
    dunning: Sequence[DunningRule]
    parts: Sequence[PartRule]
    plans: Sequence[PlanRule]


@dataclass(frozen=True, slots=True)
class Open:
    """What is left to pay of a bill's own charges, in fils."""

    bill_id: str
    fils: int
    issued_on: dt.date
    due_on: dt.date


@dataclass(frozen=True, slots=True)
class Share:
    """A part of some money that went to a bill; ``bill_id`` None: kept as an advance."""

    bill_id: str | None
    fils: int
