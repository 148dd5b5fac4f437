"""A payer's bank objects: money is withheld, nothing is refunded, then it is back or gone."""

from __future__ import annotations

import datetime as dt

import pytest
from bawaba.errors import Refusal
from bawaba.host.payments.models import Dispute
from bawaba.payments import GatewayEventKind
from payments_world import TREASURER, World, payer

OPENED, WON, LOST = (
    GatewayEventKind.DISPUTE_OPENED,
    GatewayEventKind.DISPUTE_WON,
    GatewayEventKind.DISPUTE_LOST,
)


async def tell(
    world: World, kind: GatewayEventKind, payment_id: str, fils: int | None = None, **more: object
) -> None:
    await world.report(kind, payment_id, fils, **{"dispute_id": "d1", **more})
    await world.settle()


async def disputes(world: World) -> list[Dispute]:
    with world.unit():
        return await Dispute.all().order_by("opened_at", "id")


async def test_while_it_is_open_nothing_is_refunded(world: World) -> None:
    world.payable.add("a", 10_000)
    payment_id = await world.captured("a")
    await tell(world, OPENED, payment_id, reason="not mine")
    assert (await world.payment(payment_id)).disputed_fils == 10_000
    assert world.ledger.balance("payments.disputed") == 10_000
    assert world.ledger.balance("gateway.fake.clearing") == 0
    with pytest.raises(Refusal, match="PAYMENT_DISPUTED"):
        await world.refund(payment_id)
    assert world.payable.bills["a"].status.value == "PAID"


async def test_won_puts_everything_back(world: World) -> None:
    world.payable.add("a", 10_000)
    payment_id = await world.captured("a")
    await tell(world, OPENED, payment_id)
    await tell(world, WON, payment_id)
    assert world.ledger.balance("payments.disputed") == 0
    assert world.ledger.balance("gateway.fake.clearing") == 10_000
    assert [d.status for d in await disputes(world)] == ["WON"]
    await world.refunded(payment_id)
    assert (await world.payment(payment_id)).refunded_fils == 10_000


async def test_lost_makes_the_bill_payable_again(world: World) -> None:
    world.payable.add("a", 10_001)
    payment_id = await world.captured("a")
    await tell(world, OPENED, payment_id)
    await tell(world, LOST, payment_id)
    for account in ("payments.disputed", "gateway.fake.clearing", "fake.share", "fake.fee"):
        assert world.ledger.balance(account) == 0, account
    assert world.payable.bills["a"].status.value == "UNPAID"
    [refund] = await world.refunds(payment_id)
    assert (refund.kind, refund.status, refund.fils) == ("CHARGEBACK", "SUCCEEDED", 10_001)
    assert (await world.payment(payment_id)).refunded_fils == 10_001
    assert world.ledger.totals("fake-bills") == (1, 10_001, 10_001)
    await world.work()
    assert len(world.payable.reversals) == 1
    await world.captured("a", by=payer("other"))
    assert world.payable.bills["a"].status.value == "PAID"


async def test_lost_in_part_is_borne_in_proportion(world: World) -> None:
    world.payable.add("a", 6_000)
    world.payable.add("b", 4_000)
    payment_id = await world.captured("a", "b")
    await tell(world, OPENED, payment_id, 5_000)
    await tell(world, LOST, payment_id, 5_000)
    assert [i.refunded_fils for i in await world.items(payment_id)] == [3_000, 2_000]
    assert await world.claims() == {"a", "b"}
    assert world.ledger.balance("gateway.fake.clearing") == 5_000


async def test_what_a_refund_gave_back_meanwhile_is_the_platforms_loss(world: World) -> None:
    world.payable.add("a", 10_000)
    payment_id = await world.captured("a")
    refund_id = await world.refund(payment_id)
    await world.work()
    await tell(world, OPENED, payment_id)
    await world.report_refund(refund_id)
    await tell(world, LOST, payment_id)
    assert world.ledger.balance("payments.chargeback_loss") == 10_000
    assert world.ledger.balance("payments.disputed") == 0
    assert world.ledger.balance("fake.share") == world.ledger.balance("fake.fee") == 0
    [dispute] = await disputes(world)
    assert dispute.uncovered_fils == 10_000


async def test_out_of_order_repeated_and_wrong(world: World) -> None:
    world.payable.add("a", 10_000)
    payment_id = await world.captured("a")
    await tell(world, WON, payment_id)
    assert await disputes(world) == []
    for _ in range(3):
        await tell(world, OPENED, payment_id)
    world.clock.move(seconds=5)
    await world.settle()
    assert [d.status for d in await disputes(world)] == ["WON"]
    await tell(world, LOST, payment_id)
    assert [m.status for m in await world.messages()][-1] == "ALARM"
    await tell(world, OPENED, payment_id, 10_001, dispute_id="d2")
    await tell(world, OPENED, payment_id, dispute_id=None)
    assert len(await disputes(world)) == 1
    assert world.ledger.balance("gateway.fake.clearing") == 10_000


async def test_of_a_payment_that_took_nothing_it_waits_then_alarms(world: World) -> None:
    world.payable.add("a", 10_000)
    payment_id = await world.start("a")
    await tell(world, OPENED, payment_id)
    assert [m.status for m in await world.messages()] == ["WAITING"]
    world.clock.move(minutes=6)
    await world.settle()
    assert [m.status for m in await world.messages()] == ["ALARM"]


async def test_followers_and_lists_are_told(world: World) -> None:
    world.payable.add("a", 10_000)
    payment_id = await world.captured("a")
    await tell(world, OPENED, payment_id, occurred_at=world.clock.at + dt.timedelta(seconds=1))
    answer = await world.ask(
        "{ paymentDisputes(first: 5, statuses: [OPEN]) { totalCount nodes { id status reference "
        "amount { amount } payment { id disputedAmount { amount } disputes(first: 2) "
        "{ totalCount } } } } }",
        by=TREASURER,
    )
    found = answer["data"]["paymentDisputes"]
    assert found["totalCount"] == 1
    assert found["nodes"][0]["payment"]["disputedAmount"]["amount"] == "10.000"
    assert found["nodes"][0]["payment"]["disputes"]["totalCount"] == 1
    refused = await world.ask("{ paymentDisputes(first: 5) { totalCount } }")
    assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"
