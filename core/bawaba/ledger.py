"""The ledger port: what a plugin describes and the one plugin that keeps the books records.

Double entry in four words: an *account* holds money, a *posting* moves an amount onto one side of
one account, a *journal* is a set of postings that balance, and an *activity* says what the journal
means for the statistics. Plugins describe them; core hands them to the one loaded ledger.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bawaba.money import CURRENCY
from bawaba.runtime import current
from bawaba.text import Text

__all__ = [
    "Account",
    "AccountKind",
    "Activity",
    "Journal",
    "Ledger",
    "Outcome",
    "Posting",
    "Recorded",
    "Side",
    "record",
]


class AccountKind(enum.Enum):
    """What an account is, which decides the side on which it grows."""

    ASSET = "ASSET"
    LIABILITY = "LIABILITY"
    REVENUE = "REVENUE"
    EXPENSE = "EXPENSE"
    EQUITY = "EQUITY"


class Side(enum.Enum):
    """A side of an account."""

    DEBIT = "DEBIT"
    CREDIT = "CREDIT"


@dataclass(frozen=True, slots=True)
class Account:
    """An account that exists from the first boot on. ``code`` is dotted: ``agency.x.payable``."""

    code: str
    name: Text
    kind: AccountKind


@dataclass(frozen=True, slots=True)
class Posting:
    """``fils`` (> 0) onto one side of the account ``account`` (a code)."""

    account: str
    side: Side
    fils: int
    currency: str = CURRENCY


@dataclass(frozen=True, slots=True)
class Activity:
    """What a journal adds to the statistics, in one cell of every dimension.

    ``count`` is settled payment items, ``fils`` their gross amount, ``refunded`` the amount given
    back; a refund has count 0 and fils 0. ``on`` is the local day counted; None: the booking day.
    """

    service: str
    agency: str
    channel: str
    gateway: str
    count: int
    fils: int
    refunded: int = 0
    on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Journal:
    """A balanced set of postings.

    Args:
        reference: unique for ever; recording it again changes nothing.
        kind: upper-case word for filtering, e.g. SETTLEMENT, REFUND, SUSPENSE, HISTORY.
        effective_on: the local day the money moved; the booking instant is the ledger's own.
        reverses: reference of the journal this one undoes, wholly or in part; what is reversed
            never exceeds what was posted.
    """

    reference: str
    kind: str
    description: Text
    effective_on: dt.date
    postings: Sequence[Posting]
    activities: Sequence[Activity] = ()
    payment_id: str | None = None
    reverses: str | None = None


class Outcome(enum.Enum):
    """What became of a journal that was handed over."""

    RECORDED = "RECORDED"
    DUPLICATE = "DUPLICATE"
    UNBALANCED = "UNBALANCED"
    UNKNOWN_ACCOUNT = "UNKNOWN_ACCOUNT"
    OVER_REVERSED = "OVER_REVERSED"
    PERIOD_CLOSED = "PERIOD_CLOSED"


@dataclass(frozen=True, slots=True)
class Recorded:
    """The outcome of one journal, in the order handed over."""

    reference: str
    outcome: Outcome
    journal_id: str | None = None


class Ledger(Protocol):
    """What ``provide_ledger`` returns."""

    async def record(self, journals: Sequence[Journal]) -> Sequence[Recorded]:
        """Record ``journals`` in the current transaction, in order.

        A journal that cannot be recorded comes back as a row and leaves the others standing.

        Raises:
            RuntimeError: called outside a transaction.
        """
        ...

    async def ensure_accounts(self, accounts: Sequence[Account]) -> None:
        """Create those of ``accounts`` that do not exist. Called at boot and on import."""
        ...


async def record(journals: Sequence[Journal]) -> Sequence[Recorded]:
    """Hand ``journals`` to the loaded ledger; see :meth:`Ledger.record`."""
    return await current().ledger.record(journals)
