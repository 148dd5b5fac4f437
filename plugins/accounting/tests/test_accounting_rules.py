"""The laws of the books, over anything that could be handed in."""

from __future__ import annotations

import datetime as dt
import itertools
import tomllib
from collections import Counter
from importlib.resources import files
from typing import Any

from bawaba.ledger import Activity, Journal, Outcome, Posting, Side
from bawaba.text import Text
from bawaba_accounting.domain import (
    BEGINNING,
    GENESIS,
    Dimension,
    Figures,
    Grain,
    Group,
    Head,
)
from bawaba_accounting.rules import chain, figures, history
from bawaba_accounting.rules.audit import Walk
from bawaba_accounting.rules.batch import TURNOVER, Batch
from hypothesis import given, settings
from hypothesis import strategies as st

NOW = dt.datetime(2026, 3, 1, 9, tzinfo=dt.UTC)
ACCOUNTS = ("a", "b", "c")
days = st.dates(dt.date(2005, 1, 1), dt.date(2009, 12, 31))


def fresh() -> Batch:
    ids = itertools.count(1)
    return Batch(
        head=Head(0, GENESIS, None),
        facts={},
        balances=dict.fromkeys(ACCOUNTS, (0, 0)),
        now=NOW,
        day=NOW.date(),
        new_id=lambda: f"{next(ids):032x}",
    )


@st.composite
def histories(draw: Any) -> list[Journal]:
    """Journals and reversals of earlier ones, of which some ask for too much."""
    made: list[Journal] = []
    for n in range(draw(st.integers(1, 12))):
        debit, credit = draw(st.permutations(ACCOUNTS))[:2]
        fils = draw(st.integers(-1, 6))
        postings = [Posting(debit, Side.DEBIT, fils), Posting(credit, Side.CREDIT, fils)]
        if draw(st.booleans()):
            postings.append(Posting(credit, Side.DEBIT, draw(st.integers(1, 3))))
            postings.append(Posting(debit, Side.CREDIT, postings[-1].fils))
        reverses = draw(st.one_of(st.none(), st.sampled_from([f"j{i}" for i in range(n + 2)])))
        reference = f"j{draw(st.integers(0, n))}" if draw(st.integers(0, 5)) == 0 else f"j{n}"
        activity = Activity("s", "g", "KIOSK", "x", 1, max(fils, 0), on=draw(days))
        made.append(
            Journal(
                reference, "X", Text("x", "س"), NOW.date(), postings, [activity], None, reverses
            )
        )
    return made


@given(histories())
@settings(max_examples=300, deadline=None)
def test_any_sequence_keeps_the_invariants(journals: list[Journal]) -> None:
    batch = fresh()
    outcomes = [batch.take(journal) for journal in journals]
    postings = [dict(zip(chain.POSTING_COLUMNS, row, strict=True)) for row in batch.postings]
    by_journal: Counter[int] = Counter()
    folded: dict[str, list[int]] = {account: [0, 0] for account in ACCOUNTS}
    for posting in postings:
        debit = posting["side"] == "DEBIT"
        by_journal[posting["number"]] += posting["fils"] if debit else -posting["fils"]
        folded[posting["account"]][0 if debit else 1] += posting["fils"]
        assert [posting["debits_after"], posting["credits_after"]] == folded[posting["account"]]
    assert not any(by_journal.values())
    assert {a: list(sides) for a, sides in batch.balances.items()} == folded
    recorded = [row for row in outcomes if row.outcome is Outcome.RECORDED]
    assert [row[0] for row in batch.journals] == list(range(1, len(recorded) + 1))
    assert len({row.journal_id for row in recorded}) == len(recorded)
    for posted, undone in batch.reversals.values():
        assert 0 <= undone <= posted
    total = sum(f.count for cell, f in batch.cells.items() if cell.grain == "TOTAL")
    assert total == len(recorded)
    assert Walk().check(len(recorded), *_stored(batch)) is None


@given(histories())
@settings(max_examples=200, deadline=None)
def test_what_stands_reversed_is_what_its_reversals_still_take(journals: list[Journal]) -> None:
    batch = fresh()
    for journal in journals:
        batch.take(journal)
    children: dict[str, list[Any]] = {}
    for fact in batch.facts.values():
        if fact.parent is not None:
            children.setdefault(fact.parent.id, []).append(fact)

    def effective(fact: Any) -> int:
        """What of a journal's turnover is still in force, its own reversals taken off."""
        return fact.posted(TURNOVER) - sum(effective(child) for child in children.get(fact.id, ()))

    for fact in batch.facts.values():
        taken = sum(effective(child) for child in children.get(fact.id, ()))
        assert fact.undone.get(TURNOVER, 0) == taken
        assert 0 <= effective(fact) <= fact.posted(TURNOVER)


@given(histories(), st.data())
@settings(max_examples=150, deadline=None)
def test_a_change_of_any_column_breaks_the_chain_there(journals: list[Journal], data: Any) -> None:
    batch = fresh()
    for journal in journals:
        batch.take(journal)
    if not batch.journals:
        return
    at = data.draw(st.integers(0, len(batch.journals) - 1))
    column = data.draw(st.integers(1, len(batch.journals[at]) - 1))
    row = list(batch.journals[at])
    row[column] = {"was": str(row[column])}["was"] + "?"
    batch.journals[at] = tuple(row)
    fault = Walk().check(len(batch.journals), *_stored(batch))
    assert fault is not None
    assert fault.number == at + 1


def _stored(batch: Batch) -> tuple[Any, Any, Any]:
    def by_number(rows: list[Any]) -> dict[int, list[Any]]:
        return {n: list(g) for n, g in itertools.groupby(rows, key=lambda row: row[1])}

    return batch.journals, by_number(batch.postings), by_number(batch.activities)


@given(days, days, st.sampled_from(Grain), st.lists(days, max_size=60))
@settings(max_examples=400, deadline=None)
def test_the_fewest_periods_give_exactly_the_days(
    low: dt.date, high: dt.date, grain: Grain, active: list[dt.date]
) -> None:
    rows: Counter[tuple[str, dt.date]] = Counter()
    for day in active:
        for cell in figures.cells(day, "s", "a", "c", "g"):
            rows[cell.grain, cell.starts_on] += 1
    spans = figures.spans(low, high, grain)
    read = sum(
        n
        for (kind, start), n in rows.items()
        for span in spans
        if kind == span.grain.value and span.first <= start <= span.last
    )
    assert read == sum(low <= day <= high for day in active)
    assert len(spans) <= 5
    order = [Grain.TOTAL, Grain.YEAR, Grain.MONTH, Grain.DAY]
    assert all(order.index(span.grain) >= order.index(grain) for span in spans)


def test_open_ranges_and_whole_years_read_few_rows() -> None:
    assert figures.spans(None, None, Grain.TOTAL) == [(Grain.TOTAL, BEGINNING, dt.date.max)]
    whole = figures.spans(dt.date(2007, 1, 1), dt.date(2024, 12, 31), Grain.TOTAL)
    assert whole == [(Grain.YEAR, dt.date(2007, 1, 1), dt.date(2024, 1, 1))]
    assert [s.grain for s in figures.spans(dt.date(2007, 1, 15), None, Grain.TOTAL)] == [
        Grain.DAY,
        Grain.MONTH,
        Grain.YEAR,
    ]
    assert [s.grain for s in figures.spans(None, dt.date(2007, 1, 15), Grain.TOTAL)] == [
        Grain.YEAR,
        Grain.DAY,
    ]


def test_ranks_are_shared_and_skipped_and_shares_are_of_the_amount() -> None:
    groups = [
        Group(Figures(count, fils), service=name)
        for name, count, fils in (("a", 1, 10), ("b", 9, 30), ("c", 1, 30), ("d", 0, 0))
    ]
    ranked = figures.ranked(groups)
    assert [(g.service, g.rank_by_amount, g.rank_by_count) for g in ranked] == [
        ("b", 1, 1),
        ("c", 1, 2),
        ("a", 3, 2),
        ("d", 4, 4),
    ]
    assert [round(g.share, 4) for g in ranked] == [0.4286, 0.4286, 0.1429, 0.0]
    assert figures.ranked([]) == []
    assert figures.finest([Dimension.MONTH, Dimension.YEAR]) is Grain.MONTH


def test_the_history_adds_up_to_the_last_fils() -> None:
    told = tomllib.loads(files("bawaba_accounting").joinpath("history.toml").read_text("utf-8"))
    shares = list(history.shares(told))
    assert sum(s.count for s in shares) == 2_147_942
    assert sum(s.fils for s in shares) == 157_609_522_000
    assert all(s.count > 0 and s.fils > 0 for s in shares)
    assert {s.channel for s in shares} == set(told["channels"])
    assert min(s.on for s in shares).year == 2007
    journals = history.journals(told)
    assert len({j.reference for j in journals}) == len(journals) < 1000
    assert sum(a.fils for j in journals for a in j.activities) == sum(
        p.fils for j in journals for p in j.postings if p.side is Side.DEBIT
    )
