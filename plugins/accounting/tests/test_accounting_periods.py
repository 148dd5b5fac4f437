"""Months are closed in their order and reopened by two people; nothing is booked into them."""

from __future__ import annotations

import asyncio
import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from bawaba import db, runtime
from bawaba.ledger import Journal, Outcome, Posting, Side
from bawaba.text import Text
from bawaba_accounting import models
from bawaba_accounting.rules.periods import month_of
from bawaba_accounting.services import importing
from bawaba_accounting.services.payouts import record_one
from treasury_host import ask, done, ready_to_close, record, told
from treasury_till import capture, file, line

FEBRUARY = "2026-02-28"
CLOSE = """mutation($on: Date!) { accountingClosePeriod(input: {endsOn: $on}) {
  period { startsOn endsOn status closing { debits { amount } credits { amount }
    accounts(first: 100) { nodes { account debits { amount } credits { amount } } } } }
  errors { code message path } } }"""
REOPEN = """mutation($on: Date!, $why: String!) {
  accountingReopenPeriod(input: {endsOn: $on, reason: $why}) {
  period { status reopenAskedBy { id } } errors { code } } }"""


async def test_a_month_is_closed_when_nothing_stands_against_it(treasury: Any) -> None:
    with treasury.unit():
        await capture("a" * 32, 12_500, dt.date(2026, 1, 5))
        await capture("b" * 32, 700, dt.date(2026, 2, 5))
        await capture("c" * 32, 40, dt.date(2026, 3, 5))
    refused = await done(treasury, "treasurer", CLOSE, on=FEBRUARY)
    assert [e["code"] for e in refused["errors"]] == ["ACCOUNTING_INTEGRITY_UNPROVEN"]
    await ready_to_close(treasury)
    for on, code in (
        ("2026-03-31", "ACCOUNTING_PERIOD_NOT_OVER"),
        ("2026-02-27", "ACCOUNTING_PERIOD_NOT_NEXT"),
    ):
        refused = await done(treasury, "treasurer", CLOSE, on=on)
        assert [e["code"] for e in refused["errors"]] == [code]
        assert refused["period"] is None
    await told(treasury, file(day=dt.date(2026, 2, 5)))
    refused = await done(treasury, "treasurer", CLOSE, on=FEBRUARY)
    assert [e["code"] for e in refused["errors"]] == ["ACCOUNTING_DIFFERENCES_OPEN"]
    await told(treasury, file(line("CAPTURE", "b" * 32, 700), day=dt.date(2026, 2, 6)))
    denied = await ask(treasury, "auditor", CLOSE, on=FEBRUARY)
    assert denied["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    closed = await done(treasury, "treasurer", CLOSE, on=FEBRUARY)
    period = closed["period"]
    assert (period["startsOn"], period["status"]) == ("2026-02-01", "CLOSED")
    totals = {t["account"]: t["debits"]["amount"] for t in period["closing"]["accounts"]["nodes"]}
    assert totals["gateway.till.clearing"] == "13.200"
    assert period["closing"]["debits"] == period["closing"]["credits"]
    assert await done(treasury, "treasurer-2", CLOSE, on=FEBRUARY) == closed
    refused = await done(treasury, "treasurer", CLOSE, on="2026-01-31")
    assert [e["code"] for e in refused["errors"]] == ["ACCOUNTING_PERIOD_NOT_NEXT"]
    with treasury.unit():
        assert await models.Closing.all().count() == 1


async def test_nothing_is_booked_into_a_closed_month(treasury: Any, tmp_path: Path) -> None:
    before = dt.date(2026, 2, 27)
    assert await record(treasury, "first", before) is Outcome.RECORDED
    await ready_to_close(treasury)
    await done(treasury, "treasurer", CLOSE, on=FEBRUARY)
    assert await record(treasury, "second", before) is Outcome.PERIOD_CLOSED
    assert await record(treasury, "old", dt.date(2020, 1, 1)) is Outcome.PERIOD_CLOSED
    assert await record(treasury, "first", before) is Outcome.DUPLICATE
    assert await record(treasury, "second", dt.date(2026, 3, 1)) is Outcome.RECORDED
    history = tmp_path / "history.csv"
    history.write_text(
        "when,service,agency,channel,amount,reference\n"
        "2026-02-01,permits,offered,KIOSK,1.000,a\n2026-03-01,permits,offered,KIOSK,1.000,b\n"
    )
    with treasury.unit():
        summary = await importing.import_file(history, lambda *_: None)
    assert (summary.recorded, summary.rejected) == (1, 1)
    assert "PERIOD_CLOSED" in importing.rejects_path(history).read_text()
    late = file(
        line("CAPTURE", "c" * 32, 700, payout="PO"),
        day=dt.date(2026, 2, 26),
        payouts=[("PO", 700)],
    )
    await told(treasury, late)
    with treasury.unit():
        booked = await models.JournalRow.get(reference="payout:till:PO")
        assert booked.effective_on == dt.date(2026, 3, 10), "a late payout is dated today"
        assert booked.description_en == "Payout PO, of 2026-02-27"


async def test_a_clock_that_lags_behind_a_closing_puts_nothing_off(treasury: Any) -> None:
    """One server closed February on 1 March; by another one's clock it is still February."""
    treasury.runtime.clock.instant = dt.datetime(2026, 2, 28, 21, 30, tzinfo=dt.UTC)
    await ready_to_close(treasury)
    closed = await done(treasury, "treasurer", CLOSE, on=FEBRUARY)
    assert closed["errors"] == []
    treasury.runtime.clock.instant -= dt.timedelta(hours=1)
    last = dt.date(2026, 2, 28)
    with treasury.unit():
        assert runtime.today() == last
    assert await record(treasury, "yesterday's", dt.date(2026, 2, 27)) is Outcome.PERIOD_CLOSED
    assert await record(treasury, "today's", last) is Outcome.RECORDED
    with treasury.unit():
        booked = await models.JournalRow.get(reference="today's")
        assert booked.effective_on == dt.date(2026, 3, 1), "the first open day"
        async with db.transaction():
            late = Journal(
                "late",
                "X",
                Text("x", "س"),
                dt.date(2026, 2, 20),
                [
                    Posting("treasury.bank", Side.DEBIT, 1),
                    Posting("agency.post.payable", Side.CREDIT, 1),
                ],
            )
            await record_one(late)
        booked = await models.JournalRow.get(reference="late")
        assert booked.effective_on == dt.date(2026, 3, 1)
        assert booked.description_en == "x, of 2026-02-20"


async def test_two_people_reopen_the_latest_month(treasury: Any) -> None:
    await ready_to_close(treasury)
    for on in ("2026-01-31", FEBRUARY):
        assert (await done(treasury, "treasurer", CLOSE, on=on))["errors"] == []
    asked: dict[str, Any] = {"on": FEBRUARY, "why": "a file came late"}
    refused = await done(treasury, "treasurer", REOPEN, **{**asked, "on": "2026-01-31"})
    assert [e["code"] for e in refused["errors"]] == ["ACCOUNTING_PERIOD_NOT_LATEST"]
    refused = await done(treasury, "treasurer", REOPEN, **{**asked, "on": "2026-03-31"})
    assert [e["code"] for e in refused["errors"]] == ["NOT_FOUND"]
    for _ in range(2):  # asking again confirms nothing
        first = await done(treasury, "treasurer", REOPEN, **asked)
        assert first["period"]["status"] == "REOPEN_REQUESTED"
    assert await record(treasury, "x", dt.date(2026, 2, 1)) is Outcome.PERIOD_CLOSED
    refused = await done(treasury, "treasurer-2", REOPEN, **{**asked, "why": "another reason"})
    assert [e["code"] for e in refused["errors"]] == ["ACCOUNTING_REOPEN_DIFFERS"]
    denied = await ask(treasury, "auditor", REOPEN, **asked)
    assert denied["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    second = await done(treasury, "treasurer-2", REOPEN, **asked)
    assert second["period"]["status"] == "OPEN"
    assert await record(treasury, "x", dt.date(2026, 2, 1)) is Outcome.RECORDED
    assert await record(treasury, "y", dt.date(2026, 1, 1)) is Outcome.PERIOD_CLOSED
    await ready_to_close(treasury)
    again = await done(treasury, "treasurer-2", CLOSE, on=FEBRUARY)
    assert again["period"]["status"] == "CLOSED"
    with treasury.unit():
        assert await models.Closing.filter(period_id="2026-02").count() == 2
        with pytest.raises(db.IntegrityError):
            await models.Closing.filter(period_id="2026-02").update(debits=1, credits=1)


async def test_a_wish_to_reopen_lapses(treasury: Any) -> None:
    await ready_to_close(treasury)
    await done(treasury, "treasurer", CLOSE, on=FEBRUARY)
    asked = {"on": FEBRUARY, "why": "a file came late"}
    await done(treasury, "treasurer", REOPEN, **asked)
    treasury.runtime.clock.advance(hours=24)
    query = "{ accountingPeriods(first: 1) { nodes { status reopenAskedBy { id } } } }"
    shown = (await done(treasury, "auditor", query))["nodes"][0]
    assert shown == {"status": "CLOSED", "reopenAskedBy": None}
    second = await done(treasury, "treasurer-2", REOPEN, **asked)
    assert second["period"]["status"] == "REOPEN_REQUESTED"
    first = await done(treasury, "treasurer", REOPEN, **asked)
    assert first["period"]["status"] == "OPEN"


async def test_a_close_and_a_journal_at_once_come_one_after_the_other(treasury: Any) -> None:
    await ready_to_close(treasury)
    on = dt.date(2026, 2, 10)
    outcomes = await asyncio.gather(
        *(asyncio.create_task(record(treasury, f"r{n}", on)) for n in range(2)),
        asyncio.create_task(done(treasury, "treasurer", CLOSE, on=FEBRUARY)),
        *(asyncio.create_task(record(treasury, f"s{n}", on)) for n in range(2)),
    )
    recorded = sum(outcome is Outcome.RECORDED for outcome in outcomes)
    with treasury.unit():
        closing = await models.Closing.get()
        assert closing.debits == recorded == await models.JournalRow.filter(kind="X").count()


def test_months_end_on_their_last_day() -> None:
    assert month_of(dt.date(2024, 2, 10)).ends_on == dt.date(2024, 2, 29)
    assert month_of(dt.date(2026, 12, 31)).id == "2026-12"
