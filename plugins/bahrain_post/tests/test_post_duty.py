"""Duty is paid before release: assessed, paid, released, undone; told to the post each time."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any

import pytest
from bawaba import db
from bawaba.errors import AgencyUnavailable
from bawaba.ledger import Side
from bawaba.payments import BillStatus
from bawaba.simulation import Mode
from bawaba_bahrain_post.gateway import simulator
from bawaba_bahrain_post.services import demo, duties, payable, shipments
from post_world import CITIZEN, K, Post, declared, number, scan

DUTY = 32_500


async def simulated(post: Post, tracking: str) -> None:
    """Let the simulated post know a shipment too."""
    consignment = demo._shipment(tracking, demo.CITIZEN, None, (), post.clock.now())
    await post.run(simulator.register, [consignment])


async def release(post: Post) -> None:
    for payload in await post.jobs(simulator.RELEASE):
        await post.run(simulator.carry_out, payload)


async def test_a_held_shipment_has_one_bill(post: Post) -> None:
    await post.look("{ me { postShipments(first: 1) { totalCount } } }", "citizen")
    tracking = await post.held()
    shown = await post.shipment(tracking)
    assert shown["status"] == "HELD_FOR_DUTY"
    assert shown["dutyBill"]["amountDue"] == {"amount": "32.500", "currency": "BHD"}
    amounts = [line["amount"]["amount"] for line in shown["dutyBill"]["lines"]]
    assert amounts == ["10.000", "21.000", "1.500"]
    bill = await post.bill(tracking)
    again = scan(tracking, K.HELD_FOR_DUTY, post.clock.now() - dt.timedelta(minutes=5))
    await post.letter([again], consignments=[declared(tracking, 999_000)])
    assert (await post.bill(tracking)).id == bill.id
    assert (await post.notices("post.duty")).count(f"post.duty:{bill.id}") == 1


async def test_paying_orders_the_release_and_the_scan_comes_back(post: Post) -> None:
    tracking = await post.held()
    await simulated(post, tracking)
    item = post.item(await post.bill(tracking))
    for _ in range(2):
        await post.settle(item)
        await post.run(post.payable.deliver, [item])
    assert (await post.shipment(tracking))["status"] == "DUTY_PAID"
    assert post.mail.kinds()[:2] == ["post.paid", "post.released"]
    paid = post.mail.sent[0].body
    assert (paid["fils"], paid["customsFils"], paid["trackingNumber"]) == (DUTY, 31_000, tracking)
    for _ in range(2):
        await release(post)
    shown = await post.shipment(tracking)
    assert (shown["status"], shown["dutyBill"]["status"]) == ("RELEASED", "PAID")
    assert [e["kind"] for e in shown["events"]].count("RELEASED") == 1
    assert await post.events(tracking) == ["SCANNED", "DUTY_PAID", "SCANNED"]


async def test_customs_and_the_post_each_get_theirs(post: Post) -> None:
    bill = await post.bill(await post.held())
    shares = {
        p.account: (p.side, p.fils) for p in post.payable.postings(post.item(bill, fils=33_400))
    }
    assert shares == {
        "agency.customs.payable": (Side.CREDIT, 31_000),
        "agency.post.payable": (Side.CREDIT, 2_400),
    }
    accounts = {account.code for account in post.host.runtime.registry.all("declare_accounts")}
    assert set(shares) <= accounts


async def test_a_reversal_before_release_puts_it_back_on_hold(post: Post) -> None:
    tracking = await post.held()
    await simulated(post, tracking)
    item = post.item(await post.bill(tracking))
    await post.settle(item)
    await post.run(post.payable.deliver, [item])
    done = await post.undo(item)
    await post.run(post.payable.deliver_reversal, [done])
    shown = await post.shipment(tracking)
    assert (shown["status"], shown["dutyBill"]["status"]) == ("HELD_FOR_DUTY", "UNPAID")
    assert shown["dutyBill"]["amountDue"]["amount"] == "32.500"
    await release(post)
    assert (await post.shipment(tracking))["status"] == "HELD_FOR_DUTY", "the order is withdrawn"
    assert post.mail.sent[-1].body["afterRelease"] is False
    again = post.item(await post.bill(tracking), n=2)
    await post.settle(again)
    await post.run(post.payable.deliver, [again])
    await release(post)
    assert (await post.shipment(tracking))["status"] == "RELEASED"


async def test_the_order_may_reach_the_post_after_the_reversal(post: Post) -> None:
    tracking = await post.held()
    await simulated(post, tracking)
    item = post.item(await post.bill(tracking))
    await post.settle(item)
    done = await post.undo(item)
    await post.run(post.payable.deliver_reversal, [done])
    await post.run(post.payable.deliver, [item])
    assert post.mail.kinds() == ["post.reversed"], "what does not stand paid is not delivered"
    body = {"trackingNumber": tracking, "itemId": item.item_id, "basis": "DUTY_PAID"}
    with post.host.unit():
        await post.mail.send("post", "post.released", body, "late")
    assert await post.jobs(simulator.RELEASE) == []


async def test_after_release_a_reversal_is_noted_and_the_duty_is_owed(post: Post) -> None:
    tracking = await post.held()
    item = post.item(await post.bill(tracking))
    await post.settle(item)
    await post.letter([scan(tracking, K.RELEASED, post.clock.now() + dt.timedelta(minutes=1))])
    done = await post.undo(item)
    await post.run(post.payable.deliver_reversal, [done])
    shown = await post.shipment(tracking)
    assert (shown["status"], shown["dutyBill"]["status"]) == ("RELEASED", "UNPAID")
    assert post.mail.sent[-1].body["afterRelease"] is True
    await post.letter([scan(tracking, K.DELIVERED, post.clock.now() + dt.timedelta(minutes=2))])
    assert (await post.bill(tracking)).status == "UNPAID", "the debt outlives the delivery"
    again = post.item(await post.bill(tracking), n=2)
    await post.settle(again)
    await post.run(post.payable.deliver, [again])
    assert post.mail.kinds()[-2:] == ["post.reversed", "post.paid"], "no order: it is gone"


async def test_a_part_given_back_leaves_it_paid(post: Post) -> None:
    tracking = await post.held()
    item = post.item(await post.bill(tracking))
    await post.settle(item)
    done = await post.undo(item, fils=1_000)
    await post.run(post.payable.deliver_reversal, [done])
    assert (await post.shipment(tracking))["status"] == "DUTY_PAID"
    assert (await post.bill(tracking)).reversed_fils == 1_000
    assert post.mail.sent[-1].body["afterRelease"] is False


async def test_storage_counts_until_payment_and_the_price_that_was_frozen_stands(
    post: Post,
) -> None:
    tracking = await post.held()
    bill = await post.bill(tracking)
    post.clock.advance(days=8)
    priced = (await post.run(post.payable.find, [bill.id, "none"], post.clock.now()))[bill.id]
    assert (priced.due_fils, priced.status) == (DUTY + 900, BillStatus.UNPAID)
    await post.settle(post.item(bill, fils=DUTY + 600))
    post.clock.advance(days=90)
    shown = (await post.shipment(tracking))["dutyBill"]
    assert (shown["amount"]["amount"], shown["amountDue"]["amount"]) == ("33.100", "0.000")
    assert [line["amount"]["amount"] for line in shown["lines"]] == ["33.100"]


async def test_money_for_a_bill_that_is_not_owed_goes_back(post: Post) -> None:
    tracking = await post.held()
    bill = await post.bill(tracking)
    first, second = post.item(bill, 1), post.item(bill, 2)
    await post.settle(first, second)
    await post.settle(second)
    assert await post.jobs(payable.GIVE_BACK) == [{"billId": bill.id, "itemId": second.item_id}]
    assert (await post.bill(tracking)).settled_item_id == first.item_id


async def test_a_bill_settled_elsewhere_is_withdrawn(post: Post) -> None:
    tracking = await post.held()
    await post.letter([scan(tracking, K.RELEASED, post.clock.now() + dt.timedelta(minutes=1))])
    bill = await post.bill(tracking)
    assert bill.status == "CANCELLED"
    item = post.item(bill)
    await post.settle(item)
    assert len(await post.jobs(payable.GIVE_BACK)) == 1
    await post.run(post.payable.deliver, [item])
    assert post.mail.sent == []


@pytest.mark.parametrize("value", [100_000, 40_000])
async def test_what_bears_no_duty_is_ordered_to_be_released(post: Post, value: int) -> None:
    tracking = await post.held(value=value)
    await simulated(post, tracking)
    assert (await post.shipment(tracking))["dutyBill"] is None
    (payload,) = await post.jobs(duties.RELEASE_FREE)
    post.mail.out = True
    with pytest.raises(AgencyUnavailable):
        await post.run(duties.release_free, payload)
    post.mail.out = False
    await post.run(duties.release_free, payload)
    assert post.mail.sent[0].body["basis"] == "DUTY_FREE"
    await release(post)
    assert (await post.shipment(tracking))["status"] == "RELEASED"


async def test_what_a_held_shipment_holds_is_asked_for(post: Post) -> None:
    tracking = number()
    await post.letter([scan(tracking, K.HELD_FOR_DUTY, post.clock.now())])
    (payload,) = [p for p in await post.jobs(shipments.ASK) if p["trackingNumber"] == tracking]
    with pytest.raises(AgencyUnavailable):
        await post.run(shipments.ask, payload)
    known = demo._shipment(tracking, demo.CITIZEN, demo._CLOTHES, (), post.clock.now())
    await post.run(simulator.register, [known])
    await post.run(shipments.ask, payload)
    assert (await post.shipment(tracking))["dutyBill"]["status"] == "UNPAID"
    assert await post.events(tracking) == ["SCANNED", "ASSESSED"]
    assert (await post.bill(tracking)).debtor_national_id == CITIZEN


async def test_deliveries_wait_for_a_post_that_is_out(post: Post) -> None:
    item = post.item(await post.bill(await post.held()))
    await post.settle(item)
    await post.run(simulator.SIMULATION.set_mode, Mode(outage=True))
    with pytest.raises(AgencyUnavailable):
        await post.run(post.payable.deliver, [item])
    await post.run(simulator.SIMULATION.set_mode, Mode())
    await post.run(post.payable.deliver, [item])
    assert post.mail.kinds()[-2:] == ["post.paid", "post.released"]


async def test_the_bill_stands_in_the_one_basket(post: Post) -> None:
    tracking = await post.held()
    bills: Any = await post.look(
        "{ me { bills(first: 50, statuses: [UNPAID]) { unavailableServices { code } nodes { id "
        "reference service { code } ... on PostBill { kind priceExplanation } } } } }",
        "citizen",
    )
    assert bills["me"]["bills"]["unavailableServices"] == []
    mine = [b for b in bills["me"]["bills"]["nodes"] if b["reference"] == f"PD-{tracking}"]
    assert [(b["kind"], b["service"]["code"]) for b in mine] == [("DUTY", "post")]
    assert "BHD 200.000" in mine[0]["priceExplanation"]


async def test_a_bill_cannot_be_paid_without_an_item(post: Post) -> None:
    bill = await post.bill(await post.held())
    with post.host.unit(), pytest.raises(db.IntegrityError):
        await db.execute("UPDATE post_bill SET status = 'PAID' WHERE id = $1", bill.id)


async def test_payment_and_release_at_once_agree(post: Post) -> None:
    for _ in range(5):
        tracking = await post.held()
        item = post.item(await post.bill(tracking))
        released = scan(tracking, K.RELEASED, post.clock.now() + dt.timedelta(minutes=1))
        await asyncio.gather(post.settle(item), post.letter([released]))
        given_back = [p["itemId"] for p in await post.jobs(payable.GIVE_BACK)]
        ends = ((await post.bill(tracking)).status, item.item_id in given_back)
        assert ends in {("PAID", False), ("CANCELLED", True)}
        assert (await post.shipment(tracking))["status"] == "RELEASED"
