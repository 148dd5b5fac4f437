"""What an intact chain looks like, checked a stretch at a time."""

from __future__ import annotations

import datetime as dt
from calendar import monthrange
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bawaba.ledger import Side
from bawaba.text import Text

from bawaba_accounting.domain import GENESIS, Fault
from bawaba_accounting.rules import chain

__all__ = [
    "BALANCE_DIFFERS",
    "CHANGED",
    "FILE_DIFFERS",
    "HEAD_DIFFERS",
    "STATISTICS_DIFFER",
    "Walk",
    "broken",
    "month",
]

REMOVED = Text("Journal {number} is missing.", "القيد رقم {number} مفقود.")
MOVED = Text(
    "Journal {number} does not follow the one before it.",
    "القيد رقم {number} لا يتبع القيد السابق له.",
)
CHANGED = Text("Journal {number} is not what was recorded.", "القيد رقم {number} يختلف عما سُجّل.")
UNBALANCED = Text("Journal {number} does not balance.", "القيد رقم {number} غير متوازن.")
HEAD_DIFFERS = Text(
    "The chain does not end as its head says, from journal {number} on.",
    "نهاية السلسلة لا تطابق رأسها، ابتداءً من القيد رقم {number}.",
)
FILE_DIFFERS = Text(
    "The chain is not the one that was written outside the database, from journal {number} on.",
    "السلسلة لا تطابق ما دُوّن خارج قاعدة البيانات، ابتداءً من القيد رقم {number}.",
)
BALANCE_DIFFERS = Text(
    "The balance of {account} is not the sum of its postings.",
    "رصيد الحساب {account} لا يساوي مجموع قيوده.",
)
STATISTICS_DIFFER = Text(
    "The statistics of {period} are not the sum of the journals.",
    "إحصاءات {period} لا تساوي مجموع القيود.",
)


def broken(number: int, what: Text, journal_id: str | None = None) -> Fault:
    """Return the fault of a journal."""
    return Fault(what.fill(number=number), number, journal_id)


def month(day: dt.date) -> tuple[dt.date, dt.date]:
    """Return the first and last day of the month that ``day`` lies in."""
    return day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])


@dataclass(slots=True)
class Walk:
    """A walk along the chain: how far it came, and what the accounts held there."""

    number: int = 0
    hash: str = GENESIS
    debits: Counter[str] = field(default_factory=Counter)
    credits: Counter[str] = field(default_factory=Counter)

    def check(
        self,
        upto: int,
        journals: Sequence[Sequence[Any]],
        postings: Mapping[int, Sequence[Sequence[Any]]],
        activities: Mapping[int, Sequence[Sequence[Any]]],
    ) -> Fault | None:
        """Check the journals after this one to ``upto``; return the first fault."""
        for *row, seal in journals:
            number = row[0]
            if number != self.number + 1:
                return broken(self.number + 1, REMOVED)
            fault = self._check(row, seal, postings.get(number, ()), activities.get(number, ()))
            if fault is not None:
                return fault
            self.number, self.hash = number, seal
        return None if self.number == upto else broken(self.number + 1, REMOVED)

    def _check(
        self,
        row: Sequence[Any],
        seal: str,
        postings: Sequence[Sequence[Any]],
        activities: Sequence[Sequence[Any]],
    ) -> Fault | None:
        journal = dict(zip(chain.JOURNAL_COLUMNS, row, strict=True))
        number, journal_id = journal["number"], journal["id"]
        if journal["previous_hash"] != self.hash:
            return broken(number, MOVED, journal_id)
        if chain.digest(row, postings, activities) != seal:
            return broken(number, CHANGED, journal_id)
        if not self._fold(postings):
            return broken(number, UNBALANCED, journal_id)
        return None

    def _fold(self, postings: Sequence[Sequence[Any]]) -> bool:
        """Add the postings to the accounts; False where sums or running totals do not hold."""
        difference = 0
        for row in postings:
            posting = dict(zip(chain.POSTING_COLUMNS, row, strict=True))
            account, fils = posting["account"], posting["fils"]
            is_debit = posting["side"] == Side.DEBIT.value
            (self.debits if is_debit else self.credits)[account] += fils
            difference += fils if is_debit else -fils
            after = (posting["debits_after"], posting["credits_after"])
            if after != (self.debits[account], self.credits[account]):
                return False
        return difference == 0
