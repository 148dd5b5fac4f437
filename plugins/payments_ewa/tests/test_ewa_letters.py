"""What the authority tells and how it behaves: letters, the simulator, the demo."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any

import pytest
from bawaba import db
from bawaba.simulation import Mode
from bawaba_payments_ewa import gateway
from bawaba_payments_ewa.gateway import simulator, wire
from bawaba_payments_ewa.models import EwaAccount, EwaBill
from bawaba_payments_ewa.services import commands, demo

MONTH = 3_900
ACCOUNTS = "{ me { ewaAccounts(first: 20) { nodes { number } } } }"


async def test_bills_arrive_by_letter_once(portal: Any) -> None:
    record = await portal.billed(40)
    told = await simulator.add(record.number, readings=[portal.reading(portal.at.date())])
    body = {"accounts": [wire.write_account(told)]}
    for _ in range(2):
        reply = await portal.send_as_agency("ewa", "ewa.bills", body, "k")
        assert reply == {"taken": 1, "refused": []}
    assert await EwaBill.all().count() == 2
    assert (await portal.row()).balance_fils == 2 * MONTH
    kinds = [kind for _, kind in portal.events]
    assert kinds == ["TOLD", "TOLD"]
    await portal.look_up(record.number)
    assert len(portal.events) == 2, "no news"


async def test_no_account_of_a_long_letter_is_dropped(portal: Any) -> None:
    accounts = [
        wire.write_account(portal.account(portal.reading(portal.at.date()), number=f"2000{n:06d}"))
        for n in range(60)
    ]
    reply = await portal.send_as_agency("ewa", "ewa.bills", {"accounts": accounts}, "k")
    assert reply == {"taken": 60, "refused": []}
    assert await EwaAccount.all().count() == 60


async def test_a_letter_with_nonsense_changes_nothing(portal: Any) -> None:
    good = wire.write_account(portal.account(portal.reading(portal.at.date())))
    for bad in (
        {**good, "number": ""},
        {**good, "tariffClass": "PALACE"},
        {**good, "bills": [{**good["bills"][0], "electricityKwh": -1}]},
        {**good, "payments": [{"key": "x", "fils": 0, "paidAt": "2026-01-01T00:00:00+00:00"}]},
        {**good, "bills": [good["bills"][0]] * 61},
    ):
        with pytest.raises(gateway.AgencyUnavailable):
            await portal.send_as_agency("ewa", "ewa.bills", {"accounts": [good, bad]}, "k")
    assert await EwaAccount.all().count() == 0


async def test_a_bill_without_a_tariff_is_refused_by_name_and_the_rest_taken(portal: Any) -> None:
    old = portal.reading(dt.date(2010, 1, 31), reference="OLD")
    body = {"accounts": [wire.write_account(portal.account(old, portal.reading(portal.at.date())))]}
    reply = await portal.send_as_agency("ewa", "ewa.bills", body, "k")
    assert reply == {"taken": 1, "refused": ["OLD"]}
    assert (await portal.row()).balance_fils == MONTH


async def test_a_withdrawn_bill_frees_what_was_paid_of_it(portal: Any) -> None:
    record = await portal.billed(40, 10)
    await portal.pay(MONTH + 1_000)
    newest = await portal.current()
    await simulator.add(record.number, withdrawn=[newest.reference])
    shown = await portal.look_up(record.number)
    assert shown["balance"]["amount"] == "-1.000"
    withdrawn, older = shown["bills"]["nodes"]
    assert (withdrawn["status"], withdrawn["amountDue"]["amount"]) == ("CANCELLED", "0.000")
    assert withdrawn["notPayableReason"]
    assert (await portal.current()).reference == older["reference"]
    await portal.check_books()


async def test_a_bill_that_arrives_late_is_carried_by_the_newest(portal: Any) -> None:
    record = await portal.billed(10)
    newest = await portal.current()
    late = portal.reading(portal.at.date() - dt.timedelta(days=40))
    await simulator.add(record.number, readings=[late])
    await portal.look_up(record.number)
    assert (await portal.current()).id == newest.id
    assert (await EwaBill.get(reference=late.reference)).superseded_by == newest.reference
    assert (await portal.row()).balance_fils == 2 * MONTH
    await portal.check_books()


async def test_the_simulators_mode_is_kept_and_lateness_tells_old_news(portal: Any) -> None:
    record = await portal.billed(10)
    assert await simulator.SIMULATION.simulate(latency_ms=7, late=True) == 0
    assert await simulator.SIMULATION.mode() == Mode(latency_ms=7, late=True)
    assert await simulator.SIMULATION.simulate(latency_ms=-1) == 2
    await simulator.add(record.number, readings=[portal.reading(portal.at.date())])
    (told,) = await gateway.ask(lambda register: register.find([record.number]))
    assert len(told.readings) == 1
    await simulator.SIMULATION.simulate(late=False)
    (told,) = await gateway.ask(lambda register: register.find([record.number]))
    assert len(told.readings) == 2


async def test_the_command_sends_a_bill(portal: Any) -> None:
    record = await portal.billed(40)
    assert await commands.bill(record.number, kwh=1000, m3=20) == 0
    assert (await portal.row()).balance_fils == 2 * MONTH
    assert await commands.bill("no-such-account") == 2


async def test_the_authority_is_never_asked_inside_a_transaction(portal: Any) -> None:
    with pytest.raises(RuntimeError, match="inside a transaction"):
        async with db.transaction():
            await gateway.reachable()


async def test_many_look_ups_at_once_make_one_account(portal: Any) -> None:
    record = portal.account(
        *(portal.reading(portal.at.date() - dt.timedelta(days=d)) for d in (40, 9))
    )
    await simulator.enter([record])
    await asyncio.gather(*(portal.look_up(record.number) for _ in range(8)))
    assert (await EwaAccount.all().count(), await EwaBill.all().count()) == (1, 2)
    await portal.check_books()


async def test_the_demo_shows_every_kind_of_account_and_loads_once(portal: Any) -> None:
    portal.at = dt.datetime(2026, 11, 25, 9, tzinfo=dt.UTC)
    for _ in range(2):
        await demo.load(lambda what, done, total: None)
    await portal.check_books()
    rows = {row.number: row for row in await EwaAccount.all()}
    assert len(rows) == len(demo.HOMES)
    arrears = rows[demo.ARREARS.number]
    assert (arrears.dunning, arrears.dunning_next_on) == (
        "FINAL_NOTICE", portal.at.date() + dt.timedelta(days=6),
    )  # fmt: skip
    assert (await portal.current(demo.SHOP.number)).status == "PARTIALLY_PAID"
    assert (rows[demo.FIXED.number].plan, rows[demo.FIXED.number].plan_months) == ("FIXED", 8)
    assert rows[demo.CREDIT.number].balance_fils == -30_000
    home = await portal.current(demo.HOME.number)
    assert (home.status, home.amount_fils) == ("UNPAID", rows[demo.HOME.number].balance_fils)
    assert len((await portal.execute(ACCOUNTS, "citizen"))["me"]["ewaAccounts"]["nodes"]) == 3
    assert len((await portal.execute(ACCOUNTS, "citizen-2"))["me"]["ewaAccounts"]["nodes"]) == 2
