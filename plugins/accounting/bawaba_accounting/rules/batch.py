"""A batch of journals over the state of the books: what becomes of each, and all its rows.

Pure: the state is handed in, and rows come out; :mod:`bawaba_accounting.services.record` reads the
one and writes the other.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import cycle
from typing import Any

from bawaba.ledger import Journal, Outcome, Posting, Recorded, Side

from bawaba_accounting.domain import Cell, Figures, Head
from bawaba_accounting.rules import books, chain, figures

__all__ = ["TURNOVER", "Batch", "Fact"]

TURNOVER = "*"
"""Stands for the whole journal where reversed amounts are kept by account."""
_CORRELATION_LENGTH = 128
_DEBIT, _CREDIT = Side.DEBIT.value, Side.CREDIT.value


@dataclass(slots=True, eq=False)
class Fact:
    """What the batch must know of a journal that stands, or of one that it has just taken.

    ``postings`` or ``moved`` are needed of journals that get reversed and of those that they
    reverse in turn; ``undone`` says by account how much of it reversals took back, in fils.
    """

    id: str
    number: int
    parent: Fact | None = None
    postings: Sequence[Posting] = ()
    moved: Mapping[str, int] | None = None
    undone: dict[str, int] = field(default_factory=dict)

    @property
    def net(self) -> Mapping[str, int]:
        """What the journal did to each account, in fils; worked out when it is first asked for."""
        if self.moved is None:
            self.moved = books.nets(self.postings)
        return self.moved

    def posted(self, account: str) -> int:
        """Return the most that can be reversed on ``account``, in fils."""
        return books.turnover(self.net) if account == TURNOVER else abs(self.net.get(account, 0))


@dataclass(slots=True)
class Batch:
    """Takes journals one after another; see :meth:`take`.

    Args:
        head: the chain's end, on which the first journal is put.
        facts: by reference, journals that stand already.
        balances: by account, its debits and credits; an account that is absent does not exist.
        now: the booking instant; ``day``: the local day of it.
        new_id: makes ids.
        closed_through: the last day of the closed periods; None: none is closed.
        today: the day by the clock of whoever records, which may lag behind that of whoever closed.
    """

    head: Head
    facts: dict[str, Fact]
    balances: dict[str, tuple[int, int]]
    now: dt.datetime
    day: dt.date
    new_id: Callable[[], str]
    correlation: str = "-"
    closed_through: dt.date | None = None
    today: dt.date = dt.date.max
    journals: list[tuple[Any, ...]] = field(default_factory=list)
    postings: list[tuple[Any, ...]] = field(default_factory=list)
    activities: list[tuple[Any, ...]] = field(default_factory=list)
    moved: set[str] = field(default_factory=set)
    reversals: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    added: dict[tuple[dt.date, str, str, str, str], Figures] = field(default_factory=dict)

    @property
    def cells(self) -> dict[Cell, Figures]:
        """What the batch adds to the statistics, in periods of every length."""
        cells: dict[Cell, Figures] = {}
        for place, more in self.added.items():
            for cell in figures.cells(*place):
                cells[cell] = cells[cell] + more if cell in cells else more
        return cells

    def following(self, now: dt.datetime, day: dt.date) -> Batch:
        """Return a batch on the end of this one, with its sums and without its rows."""
        return Batch(
            head=self.head,
            facts={},
            balances=self.balances,
            now=now,
            day=day,
            new_id=self.new_id,
            correlation=self.correlation,
            moved=self.moved,
            reversals=self.reversals,
            added=self.added,
        )

    def take(self, journal: Journal) -> Recorded:
        """Add the journal's rows to the batch, or say why not and change nothing.

        What is of today is taken whatever is closed: it is dated the first open day.
        """
        if (known := self.facts.get(journal.reference)) is not None:
            return Recorded(journal.reference, Outcome.DUPLICATE, known.id)
        if self.closed_through is not None and journal.effective_on <= self.closed_through:
            if journal.effective_on < self.today:
                return Recorded(journal.reference, Outcome.PERIOD_CLOSED)
            journal = replace(journal, effective_on=self.closed_through + dt.timedelta(days=1))
        if not books.is_balanced(journal.postings):
            return Recorded(journal.reference, Outcome.UNBALANCED)
        for posting in journal.postings:
            if posting.account not in self.balances:
                return Recorded(journal.reference, Outcome.UNKNOWN_ACCOUNT)
        parent = None
        if journal.reverses is not None:
            parent = self.facts.get(journal.reverses)
            if parent is None or not self._undo(parent, books.nets(journal.postings)):
                return Recorded(journal.reference, Outcome.OVER_REVERSED)
        fact = Fact(self.new_id(), self.head.number + 1, parent, journal.postings)
        self.facts[journal.reference] = fact
        self._write(journal, fact)
        return Recorded(journal.reference, Outcome.RECORDED, fact.id)

    def _undo(self, parent: Fact, net: Mapping[str, int]) -> bool:
        """Count ``net`` against what is left of ``parent``; False where it asks for too much.

        On an account that the parent moved, a reversal must move the other way. What it puts on
        other accounts counts against the whole alone. Undoing a reversal gives back what that
        reversal had taken, and so on upwards.
        """
        if any(parent.net.get(account, 0) * fils > 0 for account, fils in net.items()):
            return False
        claims = {account: abs(fils) for account, fils in net.items() if account in parent.net}
        claims[TURNOVER] = books.turnover(net)
        changes: list[tuple[Fact, str, int]] = []
        ancestor: Fact | None = parent
        for sign in cycle((1, -1)):
            if ancestor is None:
                break
            for account, fils in claims.items():
                if account != TURNOVER and account not in ancestor.net:
                    continue
                undone = ancestor.undone.get(account, 0) + sign * fils
                if not 0 <= undone <= ancestor.posted(account):
                    return False
                changes.append((ancestor, account, undone))
            ancestor = ancestor.parent
        for fact, account, undone in changes:
            fact.undone[account] = undone
            self.reversals[fact.id, account] = (fact.posted(account), undone)
        return True

    def _write(self, journal: Journal, fact: Fact) -> None:
        postings = [
            self._posting(fact.number, line, posting)
            for line, posting in enumerate(journal.postings)
        ]
        activities = self._activities(journal, fact.number)
        moved = sum([p.fils for p in journal.postings if p.side is Side.DEBIT])
        row = (
            fact.number,
            fact.id,
            journal.reference,
            journal.kind,
            journal.description.en,
            journal.description.ar,
            journal.effective_on,
            self.now,
            journal.payment_id,
            fact.parent.id if fact.parent else None,
            self.correlation[:_CORRELATION_LENGTH],
            len(postings),
            moved,
            moved,
            self.head.hash,
        )
        seal = chain.digest(row, postings, activities)
        self.postings += postings
        self.activities += activities
        self.journals.append((*row, seal))
        self.head = Head(fact.number, seal, self.now)

    def _posting(self, number: int, line: int, posting: Posting) -> tuple[Any, ...]:
        account, fils = posting.account, posting.fils
        debits, credits_ = self.balances[account]
        if posting.side is Side.DEBIT:
            side, debits = _DEBIT, debits + fils
        else:
            side, credits_ = _CREDIT, credits_ + fils
        self.balances[account] = (debits, credits_)
        self.moved.add(account)
        return (
            chain.position(number, line),
            number,
            account,
            side,
            fils,
            posting.currency,
            debits,
            credits_,
        )

    def _activities(self, journal: Journal, number: int) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = []
        for line, activity in enumerate(journal.activities):
            day = activity.on or self.day
            place = (activity.service, activity.agency, activity.channel, activity.gateway)
            amounts = (activity.count, activity.fils, activity.refunded)
            more, before = Figures(*amounts), self.added.get((day, *place))
            self.added[day, *place] = more if before is None else before + more
            rows.append((chain.position(number, line), number, *place, day, *amounts))
        return rows
