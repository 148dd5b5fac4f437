"""One pays the account: parts, advances, refunds, the oldest charge first."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
import random
from typing import Any

import pytest
from bawaba import db
from bawaba.correspondence import Letter
from bawaba.errors import AgencyUnavailable
from bawaba.ledger import Side
from bawaba.payments import BillStatus
from bawaba.viewer import ANONYMOUS
from bawaba_payments_ewa.domain import Counter, EwaTariffClass
from bawaba_payments_ewa.gateway import simulator, wire
from bawaba_payments_ewa.models import EwaBill, EwaReceipt, EwaReversal, EwaShare
from bawaba_payments_ewa.services import accounts, frozen

MONTH = 3_900


async def states(portal: Any) -> list[tuple[str, int]]:
    rows = await EwaBill.all().order_by("issued_on")
    return [(row.status, row.applied_fils) for row in rows]


async def bill_of(portal: Any, bill_id: str) -> Any:
    return (await portal.payable.find([bill_id], portal.at))[bill_id]


async def test_the_newest_bill_carries_the_arrears_and_alone_can_be_paid(portal: Any) -> None:
    await portal.billed(70, 40, 10)
    rows = await EwaBill.all().order_by("issued_on")
    old, newest = rows[0], rows[2]
    assert [row.amount_fils for row in rows] == [MONTH, 2 * MONTH, 3 * MONTH]
    brought = frozen.read(newest.lines)[-1]
    assert (brought.kind.value, brought.fils) == ("BROUGHT_FORWARD", 2 * MONTH)
    found = await portal.payable.find([row.id for row in rows] + ["none"], portal.at)
    assert {id_: bill.due_fils for id_, bill in found.items()} == {
        old.id: 0, rows[1].id: 0, newest.id: 3 * MONTH,
    }  # fmt: skip
    assert found[old.id].not_payable is not None
    assert rows[1].reference in found[old.id].not_payable.en
    assert found[old.id].not_payable.ar != found[old.id].not_payable.en
    assert found[newest.id].not_payable is None
    owed = await portal.payable.owed_by(portal.person("citizen"), portal.at)
    assert [bill.id for bill in owed] == [newest.id]
    assert await portal.payable.owed_by(portal.person("citizen-2"), portal.at) == []
    assert await portal.payable.owed_by(ANONYMOUS, portal.at) == []
    await portal.check_books()


async def test_parts_go_to_the_oldest_charge_and_what_is_too_much_is_an_advance(
    portal: Any,
) -> None:
    await portal.billed(70, 40, 10)
    item = await portal.pay(5_000)
    assert await states(portal) == [
        ("PAID", MONTH),
        ("PARTIALLY_PAID", 1_100),
        ("PARTIALLY_PAID", 0),
    ]
    await portal.settle(item)
    assert (await portal.row()).balance_fils == 3 * MONTH - 5_000, "the same item counts once"
    await portal.pay(10_000, number=2)
    assert [status for status, _ in await states(portal)] == ["PAID"] * 3
    row = await portal.row()
    assert (row.balance_fils, row.credit_fils) == (-3_300, 3_300)
    assert portal.events[-2:] == [(f"ewa.account:{row.id}", "PAID")] * 2
    await portal.check_books()


async def test_an_advance_pays_the_next_bill_and_shows_as_brought_forward(portal: Any) -> None:
    await portal.billed(10)
    await portal.pay(MONTH + 1_000)
    portal.at += dt.timedelta(days=20)
    reading = portal.reading(portal.at.date())
    record = await simulator.add((await portal.row()).number, readings=[reading])
    await portal.send_as_agency("ewa", "ewa.bills", _letter(record), "k")
    bill = await portal.current()
    assert (bill.reference, bill.amount_fils, bill.applied_fils) == (
        reading.reference, MONTH - 1_000, 1_000,
    )  # fmt: skip
    assert frozen.read(bill.lines)[-1].fils == -1_000
    assert (await bill_of(portal, bill.id)).due_fils == MONTH - 1_000
    assert bill.status == "UNPAID"
    await portal.check_books()


def _letter(record: Any) -> dict[str, Any]:
    """The letter with which the authority tells of an account."""
    return {"accounts": [wire.write_account(record)]}


async def test_a_refund_takes_the_newest_part_back_once(portal: Any) -> None:
    await portal.billed(70, 40, 10)
    item = await portal.pay(3 * MONTH + 500)
    await portal.reverse(item, 600)
    assert await states(portal) == [
        ("PAID", MONTH), ("PAID", MONTH), ("PARTIALLY_PAID", MONTH - 100),
    ]  # fmt: skip
    await portal.reverse(item, 600)
    assert (await portal.row()).balance_fils == 100, "the same refund counts once"
    await portal.reverse(item, 3 * MONTH - 100, refund="r2")
    assert await states(portal) == [("UNPAID", 0)] * 3
    assert (await EwaReceipt.get()).reversed_fils == item.fils
    assert await EwaReversal.all().count() == 2
    assert portal.events[-1][1] == "REVERSED"
    await portal.check_books()


async def test_more_than_was_paid_is_never_given_back(portal: Any) -> None:
    await portal.billed(10)
    item = await portal.pay(1_000)
    with pytest.raises(ValueError, match="more is given back"):
        await portal.reverse(item, 1_001)
    assert (await portal.row()).balance_fils == MONTH - 1_000
    await portal.check_books()


async def test_a_payment_under_way_reaches_the_account_though_a_newer_bill_came(
    portal: Any,
) -> None:
    await portal.billed(40)
    item = portal.item((await portal.current()).id, MONTH)
    reading = portal.reading(portal.at.date())
    record = await simulator.add((await portal.row()).number, readings=[reading])
    await portal.send_as_agency("ewa", "ewa.bills", _letter(record), "k")
    await portal.settle(item)
    assert [status for status, _ in await states(portal)] == ["PAID", "PARTIALLY_PAID"]
    assert (await portal.row()).balance_fils == MONTH
    await portal.check_books()


async def test_part_and_advance_follow_the_rules_of_the_account(portal: Any) -> None:
    await portal.billed(40, 10)
    bill = await bill_of(portal, (await portal.current()).id)
    # At least BHD 5, at most three average bills on top.
    assert (bill.due_fils, bill.least_fils, bill.most_fils) == (2 * MONTH, 5_000, 5 * MONTH)
    await portal.pay(5 * MONTH)
    bill = await bill_of(portal, bill.id)
    assert (bill.status, bill.due_fils, bill.least_fils, bill.most_fils) == (
        BillStatus.PAID, 0, None, None,
    )  # fmt: skip
    assert bill.not_payable is not None, "no further advance, so that a duplicate is refused"


async def test_a_business_pays_no_advance(portal: Any) -> None:
    await portal.billed(10, tariff_class=EwaTariffClass.COMMERCIAL, subsidised=False)
    bill = await bill_of(portal, (await portal.current()).id)
    assert (bill.least_fils, bill.most_fils) == (20_000, None)
    await portal.pay(bill.due_fils)
    assert (await bill_of(portal, bill.id)).not_payable is not None


async def test_what_was_paid_elsewhere_counts_once(portal: Any) -> None:
    record = await portal.billed(40, 10)
    paid = Counter("C-1", 4_000, portal.at - dt.timedelta(days=1))
    await simulator.add(record.number, payments=[paid])
    current = await portal.current()
    for _ in range(2):
        assert (await bill_of(portal, current.id)).due_fils == 2 * MONTH - 4_000
    assert await EwaReceipt.all().count() == 1
    await portal.check_books()


async def test_many_accounts_settle_in_one_transaction_or_not_at_all(portal: Any) -> None:
    await portal.billed(10)
    await portal.billed(10, number="1000000002")
    one, two = await portal.current(), await portal.current("1000000002")
    items = [
        portal.item(one.id, 1_000, 1),
        portal.item(two.id, 2_000, 2),
        portal.item(one.id, 5, 3),
    ]

    async def failing() -> None:
        async with db.transaction():
            await portal.payable.mark_paid(items)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await failing()
    assert await EwaReceipt.all().count() == 0
    await portal.settle(*items)
    assert (await portal.row()).balance_fils == MONTH - 1_005
    assert (await portal.row("1000000002")).balance_fils == MONTH - 2_000
    await portal.check_books()


async def test_simultaneous_payments_all_count(portal: Any) -> None:
    await portal.billed(70, 40, 10)
    bill_id = (await portal.current()).id
    await asyncio.gather(*(portal.settle(portal.item(bill_id, 700, n)) for n in range(1, 11)))
    assert (await portal.row()).balance_fils == 3 * MONTH - 7_000
    await portal.check_books()


async def test_postings_owe_the_whole_amount_to_the_authority(portal: Any) -> None:
    (posting,) = portal.payable.postings(portal.item("b", 1_234))
    assert (posting.account, posting.side, posting.fils) == (
        "agency.ewa.payable", Side.CREDIT, 1_234,
    )  # fmt: skip


async def test_the_authority_is_told_once_of_each_payment_and_refund(portal: Any) -> None:
    record = await portal.billed(10)
    item = await portal.pay(1_000)
    back = await portal.reverse(item, 400)
    for _ in range(2):
        await portal.payable.deliver([item])
        await portal.payable.deliver_reversal([back])
    kept = await db.fetch("SELECT key, kind, number FROM ewa_sim_letter ORDER BY key")
    assert [dict(row) for row in kept] == [
        {"key": "paid:i1", "kind": "ewa.paid", "number": record.number},
        {"key": "reversed:r1:i1", "kind": "ewa.reversed", "number": record.number},
    ]
    await simulator.SIMULATION.simulate(outage=True)
    with pytest.raises(AgencyUnavailable):
        await portal.payable.deliver([item])


async def test_a_letter_answered_too_late_is_sent_again_and_counts_once(portal: Any) -> None:
    await portal.billed(10)
    item = await portal.pay(1_000)
    await simulator.SIMULATION.simulate(late=True)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(portal.payable.deliver([item]), 0.5)
    await simulator.SIMULATION.simulate(late=False)
    await portal.payable.deliver([item])
    assert [row["key"] for row in await db.fetch("SELECT key FROM ewa_sim_letter")] == ["paid:i1"]


async def test_without_the_authority_nothing_is_priced_and_what_is_known_is_shown(
    portal: Any,
) -> None:
    await portal.billed(10)
    bill = await portal.current()
    await simulator.SIMULATION.simulate(outage=True)
    with pytest.raises(AgencyUnavailable):
        await portal.payable.find([bill.id], portal.at)
    with pytest.raises(AgencyUnavailable):
        await portal.payable.owed_by(portal.person("citizen"), portal.at)
    shown = await portal.payable.present([bill.id])
    assert [each.reference for each in shown.values()] == [bill.reference]


async def test_the_database_refuses_wrong_money_and_two_newest_bills(portal: Any) -> None:
    await portal.billed(40, 10)
    await portal.pay(1_000)
    for wrong in (
        EwaBill.all().update(applied_fils=MONTH + 1),
        EwaBill.all().update(superseded_by=None),
        EwaReceipt.all().update(reversed_fils=1_001),
        EwaShare.all().update(fils=-1),
    ):
        with pytest.raises(db.IntegrityError):
            await wrong


async def test_any_sequence_of_money_keeps_the_books(portal: Any) -> None:
    """A random life of an account: after each step the columns are the fold of the rows."""
    chance = random.Random(7)
    record = await portal.billed(100)
    items: list[tuple[Any, int]] = []
    for step in range(1, 40):
        deed = chance.random()
        if deed < 0.5 or not items:
            fils = chance.randint(1, 9_000)
            items.append((await portal.pay(fils, number=step), fils))
        elif deed < 0.8:
            index = chance.randrange(len(items))
            item, left = items.pop(index)
            back = chance.randint(1, left)
            await portal.reverse(item, back, refund=f"r{step}")
            if left - back:
                items.append((item, left - back))
        else:
            portal.at += dt.timedelta(days=10)
            reading = portal.reading(portal.at.date(), kwh=chance.randint(0, 6_000))
            told = await simulator.add(record.number, readings=[reading])
            await portal.send_as_agency("ewa", "ewa.bills", _letter(told), f"k{step}")
        await portal.check_books()


async def test_money_and_the_authoritys_letters_never_wait_for_each_other(portal: Any) -> None:
    """Both lock many accounts at once, whatever order the accounts were made in."""
    numbers = [f"7000{n}" for n in range(9, 0, -1)]
    today = portal.at.date()
    for number in numbers:
        reading = portal.reading(today - dt.timedelta(days=40))
        await portal.enter(portal.account(reading, number=number))
    for turn in range(4):
        bills_ = [(await portal.current(number)).id for number in numbers]
        items = [portal.item(id_, 10, turn * 100 + n) for n, id_ in enumerate(bills_)]
        fresh = portal.reading(today - dt.timedelta(days=20 - turn))
        records = [
            portal.account(dataclasses.replace(fresh, reference=f"{fresh.reference}-{n}"), number=n)
            for n in numbers
        ]
        body = {"accounts": [wire.write_account(record) for record in records]}
        letter = Letter("ewa", "ewa.accounts", body, f"k{turn}", "c", portal.at)
        await asyncio.gather(portal.settle(*items), accounts.take_letter(letter))
    await portal.check_books()
