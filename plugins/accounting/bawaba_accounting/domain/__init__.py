"""The words of the accounting: grains and dimensions of the statistics, figures, faults."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from bawaba.errors import RequestError
from bawaba.ledger import AccountKind
from bawaba.text import Text

__all__ = [
    "BEGINNING",
    "GENESIS",
    "HISTORY_GATEWAY",
    "HISTORY_STARTS",
    "MAX_ACCOUNTS",
    "MAX_GROUPS",
    "STATISTICS_TOPIC",
    "AccountLine",
    "Cell",
    "Dimension",
    "Fault",
    "Figures",
    "Grain",
    "Group",
    "Head",
    "ImportSummary",
    "ResultTooLarge",
    "Span",
    "Statistics",
    "StatisticsQuery",
    "TrialBalance",
    "Verdict",
]

MAX_GROUPS = 1000
"""The most groups that one answer of the statistics holds."""
MAX_ACCOUNTS = 1000
"""The most accounts that the ledger opens; the bound of the trial balance."""
GENESIS = "0" * 64
"""What stands for the hash before the first journal."""
BEGINNING = dt.date(1970, 1, 1)
"""The ``starts_on`` of the grain that never ends."""
HISTORY_STARTS = dt.date(2007, 1, 1)
"""The first day of the portal; nothing is brought forward from before it."""
HISTORY_GATEWAY = "history"
"""The gateway of figures that were brought forward."""
STATISTICS_TOPIC = "accounting.statistics"
"""The live topic with one event for each batch that changed the statistics."""


class Grain(enum.Enum):
    """How long a period one row of the statistics covers."""

    TOTAL = "TOTAL"
    YEAR = "YEAR"
    MONTH = "MONTH"
    DAY = "DAY"


class Dimension(enum.Enum):
    """By what the statistics can be grouped."""

    SERVICE = "SERVICE"
    AGENCY = "AGENCY"
    CHANNEL = "CHANNEL"
    GATEWAY = "GATEWAY"
    YEAR = "YEAR"
    MONTH = "MONTH"
    DAY = "DAY"


class Cell(NamedTuple):
    """One place in the statistics: a period and one value in every dimension."""

    grain: str
    starts_on: dt.date
    service: str
    agency: str
    channel: str
    gateway: str


class Span(NamedTuple):
    """All periods of one grain that start from ``first`` to ``last``, both included."""

    grain: Grain
    first: dt.date
    last: dt.date


@dataclass(frozen=True, slots=True)
class Figures:
    """Settled payment items, their gross amount in fils, and what of it was given back."""

    count: int = 0
    fils: int = 0
    refunded: int = 0

    def __add__(self, other: Figures) -> Figures:
        """Return the sums."""
        return Figures(
            self.count + other.count, self.fils + other.fils, self.refunded + other.refunded
        )


@dataclass(frozen=True, slots=True)
class StatisticsQuery:
    """What of the statistics is asked for. Days are local and both included."""

    since: dt.date | None = None
    until: dt.date | None = None
    services: Sequence[str] = ()
    agencies: Sequence[str] = ()
    channels: Sequence[str] = ()
    dimensions: Sequence[Dimension] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """The figures of one group; a dimension that was not asked for is None."""

    figures: Figures
    service: str | None = None
    agency: str | None = None
    channel: str | None = None
    gateway: str | None = None
    starts_on: dt.date | None = None
    ends_on: dt.date | None = None
    share: float = 0.0
    rank_by_amount: int = 0
    rank_by_count: int = 0


@dataclass(frozen=True, slots=True)
class Statistics:
    """An answer of the statistics. ``as_of``: booking instant of the newest journal."""

    as_of: dt.datetime | None
    total: Figures
    groups: Sequence[Group]


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain: the newest journal's number, hash and booking instant."""

    number: int
    hash: str
    booked_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class AccountLine:
    """An account and the totals of its two sides, in fils."""

    code: str
    name: Text
    kind: AccountKind
    debits: int
    credits: int


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """Every account at one instant."""

    at: dt.datetime
    lines: Sequence[AccountLine]

    @property
    def debits(self) -> int:
        """The sum of all debits, in fils."""
        return sum(line.debits for line in self.lines)

    @property
    def credits(self) -> int:
        """The sum of all credits, in fils."""
        return sum(line.credits for line in self.lines)


@dataclass(frozen=True, slots=True)
class Fault:
    """The first thing wrong with the books. ``number``: of the journal at fault, if it is one."""

    what: Text
    number: int | None = None
    journal_id: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of checking the books up to ``head``."""

    checked: int
    head: Head
    fault: Fault | None = None

    @property
    def is_intact(self) -> bool:
        """Whether nothing is wrong."""
        return self.fault is None


@dataclass(slots=True)
class ImportSummary:
    """What became of the lines of an imported file."""

    recorded: int = 0
    duplicates: int = 0
    rejected: int = 0
    fils: int = 0
    historic: list[str] = field(default_factory=list)
    ignored_columns: list[str] = field(default_factory=list)


class ResultTooLarge(RequestError):
    """More groups than one answer may hold. Group by less, or filter more."""

    code = "RESULT_TOO_LARGE"
    text = Text(
        "More than 1,000 groups: group by less, or filter more.",
        "أكثر من 1000 مجموعة: قلّل أبعاد التجميع أو ضيّق التصفية.",
    )
