"""The words of settlement: files, lines, movements, differences."""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass

from bawaba.domain import StateMachine

__all__ = [
    "BANK",
    "DIFFERENCE",
    "FEES",
    "FILE",
    "MAX_DIFFERENCES",
    "RESOLUTION",
    "SUSPENSE",
    "WRITE_OFF",
    "Arrival",
    "DifferenceKind",
    "DifferenceStatus",
    "DifferenceTrigger",
    "Entry",
    "FileStatus",
    "FileTrigger",
    "Found",
    "Line",
    "LineStatus",
    "ReconciliationStatus",
    "ResolutionStatus",
    "ResolutionTrigger",
]

BANK = "treasury.bank"
FEES = "treasury.gateway_fees"
WRITE_OFF = "treasury.write_off"
SUSPENSE = "payments.suspense"
MAX_DIFFERENCES = 100
"""The most differences that one reconciliation shows; ``differenceCount`` says how many there are,
and the queue of differences shows them all."""


class FileStatus(enum.Enum):
    """Whether a file counts."""

    LIVE = "LIVE"
    SUPERSEDED = "SUPERSEDED"


class FileTrigger(enum.Enum):
    """What happens to a file. RESTORE: a provisional one comes again as the day's own."""

    SUPERSEDE = "SUPERSEDE"
    RESTORE = "RESTORE"


FILE = StateMachine(
    name="accounting_settlement_file",
    initial=FileStatus.LIVE,
    edges={
        (FileStatus.LIVE, FileTrigger.SUPERSEDE): FileStatus.SUPERSEDED,
        (FileStatus.SUPERSEDED, FileTrigger.RESTORE): FileStatus.LIVE,
    },
)


class Arrival(enum.Enum):
    """What becomes of a file that says something new.

    OUTDATED: it is kept and does not count. DIFFERS: one of the same name and revision stands.
    """

    COUNTS = "COUNTS"
    OUTDATED = "OUTDATED"
    DIFFERS = "DIFFERS"


class LineStatus(enum.Enum):
    """What became of a line."""

    MATCHED = "MATCHED"
    DIFFERENT = "DIFFERENT"
    DUPLICATE = "DUPLICATE"
    UNKNOWN = "UNKNOWN"
    SUPERSEDED = "SUPERSEDED"


class DifferenceKind(enum.Enum):
    """In what a gateway and the books do not agree."""

    MISSING_AT_GATEWAY = "MISSING_AT_GATEWAY"
    MISSING_IN_BOOKS = "MISSING_IN_BOOKS"
    AMOUNT_DIFFERS = "AMOUNT_DIFFERS"
    DUPLICATE_LINE = "DUPLICATE_LINE"
    PAYOUT_DIFFERS = "PAYOUT_DIFFERS"
    FEE_DIFFERS = "FEE_DIFFERS"
    SETTLED_AFTER_ALL = "SETTLED_AFTER_ALL"


class DifferenceStatus(enum.Enum):
    """GONE: what was missing came. RESOLVED: a person decided, and a journal was booked."""

    OPEN = "OPEN"
    RESOLVED = "RESOLVED"
    GONE = "GONE"


class DifferenceTrigger(enum.Enum):
    """What ends a difference."""

    RESOLVE = "RESOLVE"
    VANISH = "VANISH"


DIFFERENCE = StateMachine(
    name="accounting_difference",
    initial=DifferenceStatus.OPEN,
    edges={
        (DifferenceStatus.OPEN, DifferenceTrigger.RESOLVE): DifferenceStatus.RESOLVED,
        (DifferenceStatus.OPEN, DifferenceTrigger.VANISH): DifferenceStatus.GONE,
    },
    terminal=frozenset({DifferenceStatus.RESOLVED, DifferenceStatus.GONE}),
)
"""What comes again after it was gone is a new difference."""


class ResolutionStatus(enum.Enum):
    """How far it has come that a person wants to resolve a difference.

    AWAITING_APPROVAL: over the limit, so a second person decides. LAPSED: the difference vanished
    before anybody did.
    """

    AWAITING_APPROVAL = "AWAITING"
    BOOKED = "BOOKED"
    REJECTED = "REJECTED"
    LAPSED = "LAPSED"


class ResolutionTrigger(enum.Enum):
    """What moves a resolution on. APPROVE: by a second person, or by itself within the limit."""

    APPROVE = "APPROVE"
    REJECT = "REJECT"
    LAPSE = "LAPSE"


_WAITS = ResolutionStatus.AWAITING_APPROVAL
RESOLUTION = StateMachine(
    name="accounting_resolution",
    initial=_WAITS,
    edges={
        (_WAITS, ResolutionTrigger.APPROVE): ResolutionStatus.BOOKED,
        (_WAITS, ResolutionTrigger.REJECT): ResolutionStatus.REJECTED,
        (_WAITS, ResolutionTrigger.LAPSE): ResolutionStatus.LAPSED,
    },
    terminal=frozenset(
        {ResolutionStatus.BOOKED, ResolutionStatus.REJECTED, ResolutionStatus.LAPSED}
    ),
)
"""While one waits its difference stays open, and nobody else resolves it."""


class ReconciliationStatus(enum.Enum):
    """Where the reconciliation of one gateway's day stands."""

    MATCHED = "MATCHED"
    DIFFERENCES = "DIFFERENCES"
    RESOLVED = "RESOLVED"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a live file, in signed fils; ``order`` places it among all, whatever came first."""

    id: str
    order: tuple[dt.date, str, int]
    kind: str
    gateway_reference: str
    payment_id: str | None
    refund_id: str | None
    fils: int
    fee: int
    agreed_fee: int | None
    occurred_at: dt.datetime

    @property
    def settled_on(self) -> dt.date:
        """The day of its file."""
        return self.order[0]


@dataclass(frozen=True, slots=True)
class Entry:
    """What one journal moved on the clearing account, in signed fils. ``due_on``: by which file."""

    id: str
    kind: str
    gateway_reference: str
    payment_id: str
    refund_id: str | None
    fils: int
    due_on: dt.date


@dataclass(frozen=True, slots=True)
class Found:
    """A difference as the rules find it. ``what`` names it for ever; amounts in signed fils."""

    kind: DifferenceKind
    what: str
    settled_on: dt.date
    gateway_reference: str
    payment_id: str | None
    expected: int
    actual: int

    @property
    def facts(self) -> tuple[str, int, int]:
        """What makes it the same difference again."""
        return self.what, self.expected, self.actual
