"""Recording: what is refused, what stands, and that nothing of it can be changed."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from bawaba import db
from bawaba.ledger import Account, AccountKind, Activity, Journal, Outcome, Posting, Side
from bawaba.text import Text
from bawaba_accounting import models
from bawaba_accounting.services import record as room
from bawaba_accounting.services.verify import verify

DAY = dt.date(2026, 3, 1)


def entry(reference: str, fils: int = 1000, **more: Any) -> Journal:
    postings = more.pop(
        "postings",
        [Posting("asset.1", Side.DEBIT, fils), Posting("liability.1", Side.CREDIT, fils)],
    )
    return Journal(reference, "SETTLEMENT", Text("Paid", "مدفوع"), DAY, postings, **more)


def undo(reference: str, of: str, fils: int) -> Journal:
    postings = [Posting("liability.1", Side.DEBIT, fils), Posting("asset.1", Side.CREDIT, fils)]
    return entry(reference, postings=postings, reverses=of)


async def record(books: Any, *journals: Journal) -> list[Outcome]:
    async with db.transaction():
        return [row.outcome for row in await books.ledger.record(journals)]


async def test_each_journal_gets_its_own_outcome(books: Any) -> None:
    lopsided = [Posting("asset.1", Side.DEBIT, 5), Posting("liability.1", Side.CREDIT, 4)]
    unknown = [Posting("asset.1", Side.DEBIT, 5), Posting("nowhere", Side.CREDIT, 5)]
    foreign = [
        Posting("asset.1", Side.DEBIT, 5, "USD"),
        Posting("liability.1", Side.CREDIT, 5, "USD"),
    ]
    outcomes = await record(
        books,
        entry("a"),
        entry("b", postings=lopsided),
        entry("c", postings=unknown),
        entry("a", 7),
        entry("d", postings=foreign),
        entry("e", postings=[]),
        entry(
            "f", postings=[Posting("asset.1", Side.DEBIT, 0), Posting("asset.2", Side.CREDIT, 0)]
        ),
        undo("g", "never recorded", 1),
        entry("h"),
    )
    assert outcomes == [
        Outcome.RECORDED,
        Outcome.UNBALANCED,
        Outcome.UNKNOWN_ACCOUNT,
        Outcome.DUPLICATE,
        Outcome.UNBALANCED,
        Outcome.UNBALANCED,
        Outcome.UNBALANCED,
        Outcome.OVER_REVERSED,
        Outcome.RECORDED,
    ]
    assert await record(books, entry("a")) == [Outcome.DUPLICATE]
    assert await models.JournalRow.all().order_by("number").values_list("number", "reference") == [
        (1, "a"),
        (2, "h"),
    ]
    held = await models.Balance.filter(account="asset.1").values("debits", "credits")
    assert held == [{"debits": 2000, "credits": 0}]


async def test_a_duplicate_names_the_journal_that_stands(books: Any) -> None:
    async with db.transaction():
        (first,) = await books.ledger.record([entry("a")])
        (again,) = await books.ledger.record([entry("a")])
    assert again.outcome is Outcome.DUPLICATE
    assert again.journal_id == first.journal_id


async def test_recording_needs_a_transaction(books: Any) -> None:
    with pytest.raises(RuntimeError):
        await books.ledger.record([entry("a")])


async def test_reversals_stop_at_what_is_left(books: Any) -> None:
    assert await record(books, entry("a", 1000), undo("r1", "a", 400)) == [Outcome.RECORDED] * 2
    assert await record(books, undo("r2", "a", 601)) == [Outcome.OVER_REVERSED]
    assert await record(books, undo("r3", "a", 600)) == [Outcome.RECORDED]
    assert await record(books, undo("r4", "a", 1)) == [Outcome.OVER_REVERSED]


async def test_undoing_a_reversal_gives_back_what_it_took(books: Any) -> None:
    await record(books, entry("a", 1000), undo("r1", "a", 1000))
    assert await record(books, entry("rr1", 1001, reverses="r1")) == [Outcome.OVER_REVERSED]
    assert await record(books, entry("rr1", 300, reverses="r1")) == [Outcome.RECORDED]
    assert await record(books, undo("r2", "a", 301)) == [Outcome.OVER_REVERSED]
    assert await record(books, undo("r2", "a", 300)) == [Outcome.RECORDED]
    assert await record(books, entry("rr2", 1, reverses="r1")) == [Outcome.RECORDED]
    assert await record(books, undo("r3", "a", 2)) == [Outcome.OVER_REVERSED]


async def test_more_of_the_same_is_no_reversal(books: Any) -> None:
    await record(books, entry("a", 1000))
    assert await record(books, entry("b", 10, reverses="a")) == [Outcome.OVER_REVERSED]


async def test_what_was_booked_cannot_be_changed(books: Any) -> None:
    await record(books, entry("a", activities=[Activity("s", "g", "PORTAL", "x", 1, 1000)]))
    for table in ("journal", "posting", "activity"):
        for sql in (
            f"UPDATE accounting_{table} SET number = number",
            f"DELETE FROM accounting_{table}",
        ):
            with pytest.raises(db.IntegrityError):
                await db.execute(sql)


async def test_the_database_itself_refuses_what_does_not_balance(books: Any) -> None:
    await record(books, entry("a"))
    # A further posting under a journal that stands.
    with pytest.raises(db.IntegrityError):
        await db.execute(
            "INSERT INTO accounting_posting (position, number, account, side, fils, currency, "
            f"debits_after, credits_after) VALUES ({(1 << 20) + 9}, 1, 'asset.1', 'DEBIT', 5, "
            "'BHD', 5, 0)"
        )
    columns = (
        "id, number, reference, kind, description_en, description_ar, effective_on, booked_at, "
        "correlation_id, lines, debits, credits, previous_hash, hash"
    )
    # A journal whose postings never came, and one whose sides differ.
    for debits, credits_ in ((5, 5), (5, 4)):
        with pytest.raises(db.IntegrityError):
            await db.execute(
                f"INSERT INTO accounting_journal ({columns}) VALUES ('x', 2, 'x', 'X', '', '', "
                f"'2026-03-01', '2026-03-01 09:00:00+00:00', '-', 2, {debits}, {credits_}, '', '')"
            )
    # More reversed than was posted.
    with pytest.raises(db.IntegrityError):
        await db.execute(
            "INSERT INTO accounting_reversal (journal_id, account, posted, reversed) "
            "VALUES ('x', 'asset.1', 10, 11)"
        )


async def test_a_rolled_back_batch_leaves_no_trace(books: Any) -> None:
    await record(books, entry("a"))

    async def broken_off() -> None:
        async with db.transaction():
            await books.ledger.record([entry("b")])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await broken_off()
    assert await record(books, entry("c")) == [Outcome.RECORDED]
    lines = [json.loads(line) for line in heads_file(books).read_text().splitlines()]
    assert [line["number"] for line in lines] == [1, 2]
    assert (await verify()).is_intact


def heads_file(books: Any) -> Path:
    return Path(books.runtime.data_dir) / "ledger-heads.jsonl"


async def test_instants_never_go_back(books: Any) -> None:
    await record(books, entry("a"))
    books.clock.at -= dt.timedelta(hours=1)
    await record(books, entry("b"))
    instants = await models.JournalRow.all().order_by("number").values_list("booked_at", flat=True)
    assert instants[0] == instants[1]


async def test_one_live_event_for_each_batch_that_counts(books: Any) -> None:
    activity = Activity("s", "g", "PORTAL", "x", 1, 1000)
    await record(books, entry("a", activities=[activity]), entry("b", activities=[activity]))
    await record(books, entry("c"))
    assert [topic for topic, _, _ in books.live.emitted] == ["accounting.statistics"]


async def test_accounts_are_bounded(books: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MAX_ACCOUNTS", 11)
    one = Account("asset.new", Text("New", "جديد"), AccountKind.ASSET)
    await books.ledger.ensure_accounts([one, one])
    with pytest.raises(ValueError):
        await books.ledger.ensure_accounts([Account("asset.newer", one.name, one.kind)])
    assert await models.Account.all().count() == 11


async def test_fifty_callers_at_once_keep_the_chain_gapless(books: Any) -> None:
    async def caller(n: int) -> None:
        with books.unit():
            activity = Activity("s", "g", "PORTAL", "x", 1, n + 1)
            async with db.transaction():
                await books.ledger.record(
                    [entry(f"{n}.{i}", n + 1, activities=[activity]) for i in range(4)]
                )

    await asyncio.gather(*(caller(n) for n in range(50)))
    numbers = await models.JournalRow.all().order_by("number").values_list("number", flat=True)
    assert list(numbers) == list(range(1, 201))
    held = await models.Balance.filter(account="asset.1").values_list("debits", flat=True)
    assert list(held) == [4 * sum(range(1, 51))]
    verdict = await verify()
    assert verdict.fault is None
    assert verdict.checked == 200
