"""What stands as reversed is what the reversals took, and a change of it is found."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

import pytest
from bawaba import db
from bawaba.ledger import Journal, Outcome, Posting, Side
from bawaba.text import Text
from bawaba_accounting.domain import GENESIS, Head
from bawaba_accounting.rules import books as laws
from bawaba_accounting.rules.batch import Batch
from bawaba_accounting.rules.reversals import Reversing, undone
from bawaba_accounting.services import verify
from hypothesis import given
from hypothesis import strategies as st

NOW = dt.datetime(2026, 3, 1, 9, tzinfo=dt.UTC)
NAMES = ("a", "b", "c")


def entry(reference: str, debit: str, credit: str, fils: int, of: str | None = None) -> Journal:
    postings = [Posting(debit, Side.DEBIT, fils), Posting(credit, Side.CREDIT, fils)]
    return Journal(reference, "X", Text("x", "س"), NOW.date(), postings, reverses=of)


@st.composite
def histories(draw: Any) -> list[Journal]:
    made = []
    for n in range(draw(st.integers(1, 10))):
        debit, credit = draw(st.permutations(NAMES))[:2]
        of = draw(st.none() | st.sampled_from([f"j{i}" for i in range(n)])) if n else None
        made.append(entry(f"j{n}", debit, credit, draw(st.integers(1, 5)), of))
    return made


@given(histories())
def test_the_fold_of_the_journals_is_what_was_kept_on_recording(journals: list[Journal]) -> None:
    ids = itertools.count(1)
    batch = Batch(
        head=Head(0, GENESIS, None),
        facts={},
        balances=dict.fromkeys(NAMES, (0, 0)),
        now=NOW,
        day=NOW.date(),
        new_id=lambda: str(next(ids)),
    )
    known: dict[str, Reversing] = {}
    for journal in journals:
        recorded = batch.take(journal)
        if recorded.outcome is Outcome.RECORDED and recorded.journal_id:
            parent = batch.facts[journal.reverses].id if journal.reverses else None
            net = laws.nets(journal.postings)
            known[recorded.journal_id] = Reversing(recorded.journal_id, parent, net)
    stored: dict[str, dict[str, tuple[int, int]]] = {id_: {} for id_ in known}
    for (id_, account), amounts in batch.reversals.items():
        stored[id_][account] = amounts
    assert {id_: undone(id_, known) for id_ in known} == stored


@pytest.fixture
async def reversed_(books: Any) -> Any:
    """A journal that is reversed in two parts, of which one was taken back."""
    async with db.transaction():
        outcomes = await books.ledger.record(
            [
                entry("paid", "asset.1", "liability.1", 100),
                entry("part", "liability.1", "asset.1", 30, "paid"),
                entry("more", "liability.1", "asset.1", 20, "paid"),
                entry("back", "asset.1", "liability.1", 5, "part"),
                entry("whole", "asset.2", "liability.1", 7),
            ]
        )
    assert {row.outcome for row in outcomes} == {Outcome.RECORDED}
    return books


async def test_what_was_recorded_is_intact(reversed_: Any) -> None:
    assert (await verify.verify()).fault is None


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE accounting_reversal SET reversed = 0 WHERE account = 'asset.1'",
        "UPDATE accounting_reversal SET posted = posted + 50",
        "DELETE FROM accounting_reversal",
        (
            "INSERT INTO accounting_reversal (journal_id, account, posted, reversed) "
            "SELECT id, 'asset.2', 7, 7 FROM accounting_journal WHERE reference = 'whole'"
        ),
        (
            "INSERT INTO accounting_reversal (journal_id, account, posted, reversed) "
            "VALUES ('gone', '*', 7, 7)"
        ),
    ],
)
async def test_a_change_of_it_is_found(reversed_: Any, statement: Any, tampering: str) -> None:
    await statement(tampering)
    fault = (await verify.verify()).fault
    assert fault is not None
    assert "reversed" in fault.what.en
