"""The check of the books finds each tampering, and names the first broken journal."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from bawaba import db
from bawaba.ledger import Activity, Journal, Posting, Side
from bawaba.text import Text
from bawaba_accounting import commands, models
from bawaba_accounting.services import heads, verify

CUT = "DELETE FROM accounting_{} WHERE number > 9"
SHORT_HEAD = (
    "UPDATE accounting_chain SET number = 9, "
    "hash = (SELECT hash FROM accounting_journal WHERE number = 9)"
)
TAMPERINGS = {
    "description": (["UPDATE accounting_journal SET description_ar = 'x' WHERE number = 4"], 4),
    "amount": (["UPDATE accounting_posting SET fils = fils + 1 WHERE number = 4"], 4),
    "side": (["UPDATE accounting_posting SET side = 'DEBIT' WHERE number = 4"], 4),
    "account": (["UPDATE accounting_posting SET account = 'asset.2' WHERE number = 4"], 4),
    "running total": (["UPDATE accounting_posting SET debits_after = 1 WHERE number = 4"], 4),
    "activity": (["UPDATE accounting_activity SET fils = fils + 1 WHERE number = 4"], 4),
    "booking instant": (
        ["UPDATE accounting_journal SET booked_at = '2020-01-01 00:00:00+00:00' WHERE number = 4"],
        4,
    ),
    "removed journal": (["DELETE FROM accounting_journal WHERE number = 4"], 4),
    "removed posting": (["DELETE FROM accounting_posting WHERE number = 4 AND side = 'DEBIT'"], 4),
    "removed activity": (["DELETE FROM accounting_activity WHERE number = 4"], 4),
    "swap": (
        [
            "UPDATE accounting_journal SET number = -number WHERE number IN (4, 7)",
            "UPDATE accounting_journal SET number = 11 + number WHERE number IN (-4, -7)",
        ],
        4,
    ),
    "cut tail": ([CUT.format(t) for t in ("activity", "posting", "journal")], 10),
    "cut tail and head": (
        [*(CUT.format(t) for t in ("activity", "posting", "journal")), SHORT_HEAD],
        10,
    ),
    "removed first": (["DELETE FROM accounting_journal WHERE number = 1"], 1),
    "head": (["UPDATE accounting_chain SET hash = 'x'"], 12),
    "stray posting": (
        [
            (
                "INSERT INTO accounting_posting (position, number, account, side, fils, currency, "
                "debits_after, credits_after) "
                "VALUES (20971520, 20, 'asset.1', 'DEBIT', 5, 'BHD', 5, 0)"
            )
        ],
        13,
    ),
}
DERIVED = {
    "balance": "UPDATE accounting_balance SET debits = debits + 1 WHERE account = 'asset.1'",
    "balance gone": "DELETE FROM accounting_balance WHERE account = 'asset.1'",
    "day": "UPDATE accounting_rollup SET fils = fils + 1 WHERE grain = 'DAY'",
    "month": "UPDATE accounting_rollup SET count = count + 1 WHERE grain = 'MONTH'",
    "year": "DELETE FROM accounting_rollup WHERE grain = 'YEAR'",
    "total": "UPDATE accounting_rollup SET refunded = 5 WHERE grain = 'TOTAL'",
}


@pytest.fixture
async def twelve(books: Any) -> Any:
    """Twelve journals, the last three of them in a batch of their own."""
    for numbers in (range(1, 10), range(10, 13)):
        async with db.transaction():
            await books.ledger.record([_journal(n) for n in numbers])
    return books


def _journal(n: int) -> Journal:
    return Journal(
        f"j{n}",
        "SETTLEMENT",
        Text("Paid", "مدفوع"),
        dt.date(2026, 3, 1),
        [Posting("asset.1", Side.DEBIT, 100 + n), Posting("liability.1", Side.CREDIT, 100 + n)],
        [Activity("s", "g", "PORTAL", "x", 1, 100 + n, on=dt.date(2020 + n % 3, n, n))],
    )


async def test_what_nobody_touched_is_intact(twelve: Any, capsys: Any) -> None:
    seen: list[tuple[int, int]] = []
    verdict = await verify.verify(lambda _what, done, total: seen.append((done, total)))
    assert verdict.fault is None
    assert (verdict.checked, verdict.head.number) == (12, 12)
    assert seen == [(12, 12)]
    assert await commands.verify() == 0
    assert verdict.head.hash in capsys.readouterr().out


@pytest.mark.parametrize("name", TAMPERINGS)
async def test_it_names_the_first_broken_journal(
    twelve: Any, statement: Any, name: str, capsys: Any
) -> None:
    statements, number = TAMPERINGS[name]
    if name == "swap" and db.dialect() == "postgres":
        await statement("SELECT 1")
        await db.fetch(
            "ALTER TABLE accounting_journal DROP CONSTRAINT ck_accounting_journal_number"
        )
    for sql in statements:
        await statement(sql)
    verdict = await verify.verify()
    assert verdict.fault is not None
    assert verdict.fault.number == number
    assert await commands.verify() == 1
    assert f"first broken journal: {number} " in capsys.readouterr().out


@pytest.mark.parametrize("name", DERIVED)
async def test_it_finds_figures_that_the_journals_do_not_give(
    twelve: Any, statement: Any, name: str
) -> None:
    await statement(DERIVED[name])
    assert not (await verify.verify()).is_intact


async def test_a_rewritten_chain_is_caught_by_the_file_outside(twelve: Any, statement: Any) -> None:
    # Whoever owns the database cuts the tail and books it anew: the chain itself is perfect.
    for table in ("activity", "posting", "journal"):
        await statement(CUT.format(table))
    await statement(SHORT_HEAD)
    await statement("DELETE FROM accounting_rollup")
    await statement("UPDATE accounting_balance SET debits = 0, credits = 0")
    fault = (await verify.verify()).fault
    assert fault is not None
    assert fault.number == 10
    file = heads.path()
    file.write_bytes(file.read_bytes().splitlines(keepends=True)[0])
    fault = (await verify.verify()).fault
    assert fault is None or fault.number is None


async def test_a_torn_line_of_the_file_is_no_tampering(twelve: Any) -> None:
    file = heads.path()
    newest = heads.newest(file)
    assert newest is not None
    assert newest.number == 12
    file.write_bytes(file.read_bytes() + b'{"number": 13, "ha')
    assert heads.newest(file) == newest
    assert (await verify.verify()).is_intact


async def test_the_job_keeps_its_verdict(twelve: Any, statement: Any) -> None:
    await verify.run({})
    run = await verify.last_run()
    assert run is not None
    assert (run["checked"], run["is_intact"], run["fault_number"]) == (12, True, None)
    broken = await models.JournalRow.filter(number=4).values_list("id", flat=True)
    await statement("UPDATE accounting_journal SET kind = 'X' WHERE number = 4")
    await verify.run({})
    assert (await verify.last_run() or {})["is_intact"], "looked beyond where it had ended"
    twelve.clock.at += dt.timedelta(hours=24)
    await verify.run({})
    run = await verify.last_run()
    assert run is not None
    assert (run["is_intact"], run["fault_number"]) == (False, 4)
    assert run["fault_journal_id"] == broken[0]
    assert run["fault_ar"]


async def test_the_job_goes_on_where_it_ended_and_finds_what_came_since(
    twelve: Any, statement: Any
) -> None:
    await verify.run({})
    async with db.transaction():
        await twelve.ledger.record([_journal(n) for n in (11, 12)])
        await twelve.ledger.record([replace(_journal(12), reference="new")])
    await verify.run({})
    run = await verify.last_run()
    assert run is not None
    assert (run["checked"], run["is_intact"]) == (13, True)
    assert run["full_at"] == run["checked_at"] == twelve.clock.at
    async with db.transaction():
        await twelve.ledger.record([replace(_journal(12), reference="newer")])
    await statement("UPDATE accounting_posting SET debits_after = 1 WHERE number = 14")
    await verify.run({})
    run = await verify.last_run()
    assert run is not None
    assert (run["is_intact"], run["fault_number"]) == (False, 14)


@pytest.mark.parametrize("name", ["balance", "month", "year", "total"])
async def test_what_the_job_looks_at_each_time(twelve: Any, statement: Any, name: str) -> None:
    await verify.run({})
    await statement(DERIVED[name])
    await verify.run({})
    assert not (await verify.last_run() or {})["is_intact"]


async def test_the_end_of_the_last_walk_must_still_stand(twelve: Any, statement: Any) -> None:
    await verify.run({})
    await statement("UPDATE accounting_journal SET hash = 'x' WHERE number = 12")
    await verify.run({})
    run = await verify.last_run()
    assert run is not None
    assert (run["is_intact"], run["fault_number"]) == (False, 12)


async def test_an_empty_ledger_is_intact(books: Any) -> None:
    verdict = await verify.verify(file=Path("/nonexistent/heads.jsonl"))
    assert verdict.is_intact
    assert verdict.checked == 0
