"""Fines in the basket: priced, settled once, given back, and told to the directorate."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest
from bawaba import db
from bawaba.errors import AgencyUnavailable
from bawaba.graphql import raw_id
from bawaba.ledger import Side
from bawaba.payments import BillStatus, ReversedItem
from bawaba.viewer import ANONYMOUS
from bawaba_payments_traffic import gateway
from bawaba_payments_traffic.domain import FineStatus
from bawaba_payments_traffic.gateway import simulator
from bawaba_payments_traffic.models import TrafficFine
from bawaba_payments_traffic.services import payable


async def known(portal: Any, reference: str = "TF-1") -> str:
    return raw_id((await portal.look_up(reference))["id"], "TrafficFine")


async def told(reference: str = "TF-1") -> Any:
    (record,) = await gateway.ask(lambda register: register.find([reference]))
    return record


def given_back(portal: Any, item: Any, fils: int, *, in_full: bool, refund: str = "r1") -> Any:
    return ReversedItem(
        item.payment_id, item.item_id, refund, item.bill_id, fils, in_full, portal.at
    )


async def reverse(portal: Any, *items: ReversedItem) -> None:
    async with db.transaction():
        await portal.payable.mark_reversed(items)


async def test_bills_are_asked_afresh_and_priced_for_the_instant(portal: Any) -> None:
    one, two = await known(portal), await known(portal, "TF-2")
    await db.execute("UPDATE traffic_sim_fine SET status = 'CANCELLED' WHERE reference = 'TF-2'")
    late = portal.at + dt.timedelta(days=40)
    bills = await portal.payable.find([one, two, "no-such-id"], late)
    assert set(bills) == {one, two}
    assert (bills[one].fils, bills[one].due_fils) == (50_000, 75_000)
    assert bills[two].status is BillStatus.CANCELLED


async def test_a_bill_that_the_register_forgot_is_absent(portal: Any) -> None:
    id_ = await known(portal)
    await db.execute("DELETE FROM traffic_sim_fine WHERE reference = 'TF-1'")
    assert await portal.payable.find([id_], portal.at) == {}
    await portal.settle(portal.item(id_))
    assert (await portal.payable.find([id_], portal.at))[id_].status is BillStatus.PAID


async def test_owed_are_ones_own_and_need_the_register(portal: Any) -> None:
    bills = await portal.payable.owed_by(portal.person("citizen"), portal.at)
    assert {bill.reference for bill in bills} == {"TF-1", "TF-2"}
    assert await portal.payable.owed_by(ANONYMOUS, portal.at) == []
    await simulator.SIMULATION.simulate(outage=True)
    with pytest.raises(AgencyUnavailable):
        await portal.payable.owed_by(portal.person("citizen"), portal.at)


def test_the_whole_amount_is_owed_to_the_directorate() -> None:
    item: Any = type("Item", (), {"fils": 25_000})
    (posting,) = payable.TrafficPayable(show=lambda rows: rows).postings(item)  # type: ignore[arg-type,return-value]
    assert (posting.account, posting.side, posting.fils) == (
        "agency.traffic.payable",
        Side.CREDIT,
        25_000,
    )


async def test_settling_marks_paid_once_and_stands_against_a_late_register(portal: Any) -> None:
    id_ = await known(portal)
    item = portal.item(id_)
    await simulator.SIMULATION.simulate(late=True)
    for _ in range(2):
        await portal.settle(item)
    with pytest.raises(AgencyUnavailable):
        await portal.payable.deliver([item])
    found = await portal.look_up("TF-1")
    assert (found["status"], found["amountDue"]["amount"]) == ("PAID", "0.000")
    assert (await told()).status is FineStatus.UNPAID, "the register still tells old news"
    await simulator.SIMULATION.simulate(late=False)
    for _ in range(2):
        await portal.payable.deliver([item])
    row = await TrafficFine.get(id=id_)
    assert (row.paid_fils, row.receipt_number, row.notified_at) == (25_000, "R-1", portal.at)
    assert ((await told()).status, (await told()).receipt) == (FineStatus.PAID, "R-1")
    assert portal.jobs == []


async def test_money_for_a_fine_paid_elsewhere_goes_back(portal: Any) -> None:
    id_ = await known(portal)
    await db.execute(
        "UPDATE traffic_sim_fine SET status = 'PAID', receipt = 'COUNTER' WHERE reference = 'TF-1'"
    )
    await portal.look_up("TF-1")
    item = portal.item(id_)
    for _ in range(2):
        await portal.settle(item)
    assert [(name, key) for name, _, key in portal.jobs] == [(payable.GIVE_BACK, "i1")]
    await payable.give_back(portal.jobs[0][1])
    assert portal.refunds == [id_]
    await portal.payable.deliver([item])
    assert (await told()).receipt == "COUNTER", "our receipt is not delivered for it"


async def test_a_part_given_back_leaves_it_paid_and_the_rest_makes_it_payable(portal: Any) -> None:
    id_ = await known(portal)
    item = portal.item(id_)
    await portal.settle(item)
    await portal.payable.deliver([item])
    part = given_back(portal, item, 5_000, in_full=False)
    rest = given_back(portal, item, 20_000, in_full=True, refund="r2")
    await reverse(portal, part)
    await portal.payable.deliver_reversal([part])
    assert (await portal.look_up("TF-1"))["status"] == "PAID"
    await reverse(portal, rest)
    assert (await portal.look_up("TF-1"))["status"] == "UNPAID", "though the register says paid"
    await portal.payable.deliver_reversal([rest, rest])
    assert (await told()).status is FineStatus.UNPAID
    again = portal.item(id_, number=2)
    await portal.settle(again)
    await portal.payable.deliver([again])
    assert (await told()).receipt == "R-2"


async def test_a_receipt_that_arrives_after_its_reversal_changes_nothing(portal: Any) -> None:
    id_ = await known(portal)
    item = portal.item(id_)
    await portal.settle(item)
    notice_of_all = given_back(portal, item, 25_000, in_full=True)
    await portal.payable.deliver_reversal([notice_of_all])
    await portal.payable.deliver([item])
    assert (await told()).status is FineStatus.UNPAID


async def test_many_fines_settle_in_one_transaction_or_not_at_all(portal: Any) -> None:
    one, two = await known(portal), await known(portal, "TF-2")
    items = [portal.item(one), dataclasses.replace(portal.item(two, number=2), fils=7)]

    async def failing() -> None:
        async with db.transaction():
            await portal.payable.mark_paid(items)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await failing()
    assert await TrafficFine.filter(status="PAID").count() == 0
    await portal.settle(*items)
    assert await TrafficFine.filter(status="PAID").count() == 2
    paid = {row.id: row.paid_fils for row in await TrafficFine.all()}
    assert paid == {one: 25_000, two: 7}


async def test_the_database_refuses_a_fine_with_more_given_back_than_paid(portal: Any) -> None:
    id_ = await known(portal)
    await portal.settle(portal.item(id_))
    with pytest.raises(db.IntegrityError):
        await TrafficFine.filter(id=id_).update(reversed_fils=25_001)
    with pytest.raises(db.IntegrityError):
        await TrafficFine.filter(id=id_).update(status="UNPAID")
