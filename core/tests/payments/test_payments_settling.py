"""From the basket to the books: captures, double payers, late money, poison."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt

import pytest
from bawaba.host.jobs.models import JobRow
from bawaba.host.live.models import OutboxEvent
from bawaba.host.payments import inbox
from bawaba.host.payments.domain import PaymentStatus
from bawaba.host.payments.models import GatewayMessage
from bawaba.host.payments.services import starting
from bawaba.payments import Channel, GatewayEventKind, is_settled
from bawaba.testing.fakes import bill_id
from payments_world import World, payer

CAPTURED = GatewayEventKind.CAPTURED


async def test_capture_pays_books_and_tells_the_agency(world: World) -> None:
    world.payable.add("a", 12_500)
    world.payable.add("b", 7_505)
    payment_id = await world.captured("a", "b")
    payment = await world.payment(payment_id)
    assert payment.status == "CAPTURED"
    assert payment.receipt_number.startswith("RCT-2026-")
    assert world.ledger.balance("gateway.fake.clearing") == 20_005
    assert world.ledger.balance("fake.share") + world.ledger.balance("fake.fee") == 20_005
    assert world.ledger.totals("fake-bills") == (2, 20_005, 0)
    assert {bill.status.value for bill in world.payable.bills.values()} == {"PAID"}
    await world.work()
    items = await world.items(payment_id)
    assert world.payable.delivered == {item.id: 1 for item in items}
    with world.unit():
        assert await is_settled("fake-bills", "a")
        assert not await is_settled("fake-bills", "c")


async def test_delivery_is_tried_again_until_the_agency_answers(world: World) -> None:
    world.payable.add("a", 1_000)
    await world.captured("a")
    world.payable.down = True
    await world.work()
    assert world.payable.delivered == {}
    world.payable.down = False
    world.clock.move(hours=6)
    await world.work()
    assert list(world.payable.delivered.values()) == [1]


async def test_a_message_repeated_five_times_counts_once(world: World) -> None:
    world.payable.add("a", 1_000)
    payment_id = await world.start("a")
    for _ in range(5):
        await world.report(CAPTURED, payment_id, event_id="one")
        await world.settle()
    assert len(await world.messages()) == 1
    assert len(world.ledger.journals) == 1


async def test_messages_out_of_order_end_the_same(world: World) -> None:
    world.payable.add("a", 1_000)
    payment_id = await world.start("a")
    at = world.clock.at
    await world.report(CAPTURED, payment_id, occurred_at=at + dt.timedelta(seconds=5))
    await world.settle()
    await world.report(GatewayEventKind.AUTHORISED, payment_id, occurred_at=at)
    await world.settle()
    assert await world.status(payment_id) is PaymentStatus.CAPTURED
    assert [m.status for m in await world.messages()] == ["APPLIED", "NO_EFFECT"]


@pytest.mark.parametrize(
    ("kind", "end"),
    [(GatewayEventKind.DECLINED, "FAILED"), (GatewayEventKind.ABANDONED, "CANCELLED")],
)
async def test_what_was_not_paid_stays_payable(
    world: World, kind: GatewayEventKind, end: str
) -> None:
    world.payable.add("a", 1_000)
    payment_id = await world.start("a")
    await world.report(kind, payment_id, reason="no funds")
    await world.settle()
    assert (await world.payment(payment_id)).status == end
    assert world.ledger.journals == {}
    await world.captured("a")
    assert await world.claims() == {"a"}


async def test_late_money_goes_to_suspense_with_a_proposal(world: World) -> None:
    world.payable.add("a", 1_000)
    payment_id = await world.start("a")
    await world.expire()
    await world.report(CAPTURED, payment_id)
    await world.settle()
    assert await world.status(payment_id) is PaymentStatus.EXPIRED
    assert world.ledger.balance("payments.suspense") == 1_000
    assert world.ledger.totals("fake-bills") == (0, 0, 0)
    assert [(r.status, r.fils) for r in await world.refunds(payment_id)] == [("PROPOSED", 1_000)]
    assert await world.claims() == set()
    assert (await world.payment(payment_id)).receipt_number is None


async def test_the_second_payer_of_a_bill_is_refunded_for_it_alone(world: World) -> None:
    world.payable.add("a", 1_000)
    world.payable.add("b", 2_000)
    first, second = await world.start("a"), await world.start("a", "b", by=payer("other"))
    await world.report(CAPTURED, first)
    await world.settle()
    await world.report(CAPTURED, second)
    await world.settle()
    assert await world.status(second) is PaymentStatus.CAPTURED
    assert [item.state for item in await world.items(second)] == ["SUSPENDED", "SETTLED"]
    payment = await world.payment(second)
    assert payment.receipt_number
    assert "1.000" in payment.failure_en
    assert "1.000" in payment.failure_ar
    assert world.ledger.balance("payments.suspense") == 1_000
    assert world.ledger.totals("fake-bills") == (2, 3_000, 0)
    [proposal] = await world.refunds(second)
    assert (proposal.status, proposal.fils) == ("PROPOSED", 1_000)


async def test_another_amount_than_asked_settles_nothing(world: World) -> None:
    world.payable.add("a", 1_000)
    payment_id = await world.start("a")
    await world.report(CAPTURED, payment_id, 900)
    await world.settle()
    payment = await world.payment(payment_id)
    assert (payment.status, payment.captured_fils, payment.surplus_fils) == ("FAILED", 900, 900)
    assert world.ledger.balance("payments.suspense") == 900
    assert [m.status for m in await world.messages()] == ["ALARM"]
    assert [(r.status, r.fils) for r in await world.refunds(payment_id)] == [("PROPOSED", 900)]


async def test_impossible_messages_are_kept_with_an_alarm(world: World) -> None:
    world.payable.add("a", 1_000)
    payment_id = await world.captured("a")
    world.clock.move(seconds=1)
    await world.report(GatewayEventKind.DECLINED, payment_id)
    await world.report(CAPTURED, payment_id)
    await world.report(GatewayEventKind.REFUNDED, payment_id, refund_id="unknown")
    await world.settle()
    assert [m.status for m in await world.messages()] == ["APPLIED", "ALARM", "ALARM", "ALARM"]
    assert await world.status(payment_id) is PaymentStatus.CAPTURED
    assert len(world.ledger.journals) == 1
    assert (
        world.host.metrics.get_sample_value("bawaba_payment_alarms_total", {"kind": "payment"}) == 2
    )


async def test_a_message_about_no_payment_waits_a_while_then_alarms(world: World) -> None:
    await world.report(CAPTURED, "f" * 32, 5)
    await world.settle()
    assert [m.status for m in await world.messages()] == ["WAITING"]
    world.clock.move(minutes=6)
    await world.settle()
    assert [m.status for m in await world.messages()] == ["ALARM"]


async def test_a_batch_settles_in_one_transaction(world: World) -> None:
    for n in range(30):
        world.payable.add(f"b{n}", 1_000 + n)
        payment_id = await world.start(f"b{n}", by=payer(f"p{n}"))
        await world.report(CAPTURED, payment_id)
    assert await world.settle() == 30
    assert world.host.metrics.get_sample_value("bawaba_settlement_batches_total") == 1
    assert len(world.ledger.journals) == 30


async def test_two_hundred_payers_of_one_bill_settle_it_once(on_postgres: World) -> None:
    world = on_postgres
    world.payable.add("a", 1_000)
    ids = [await world.start("a", by=payer(f"p{n}")) for n in range(200)]
    for payment_id in ids:
        await world.report(CAPTURED, payment_id)
    # Eight settlers, as eight processes would: each in its own task and transaction.
    with world.unit():
        await GatewayMessage.all().update(due_at=world.clock.at)
    await asyncio.gather(*(world.settle() for _ in range(8)))
    assert world.ledger.totals("fake-bills") == (1, 1_000, 0)
    assert world.ledger.balance("gateway.fake.clearing") == 200_000
    assert world.ledger.balance("payments.suspense") == 199_000
    states = [item.state for payment_id in ids for item in await world.items(payment_id)]
    assert sorted(states) == ["SETTLED"] + ["SUSPENDED"] * 199


async def test_settlers_side_by_side_share_the_work(
    on_postgres: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = on_postgres
    monkeypatch.setattr("bawaba.host.payments.services.settling.BATCH", 7)
    bills = [f"b{n:02}" for n in range(20)]
    for raw in bills:
        world.payable.add(raw, 1_000)
    # Overlapping baskets in opposite orders: the case that deadlocks without an order of locks.
    baskets = [bills[n : n + 4] for n in range(16)]
    ids = [
        await world.start(*basket, by=payer(f"p{n}"))
        for n, basket in enumerate(baskets + baskets[::-1])
    ]
    for payment_id in ids:
        await world.report(CAPTURED, payment_id)
    await asyncio.gather(*(world.settle() for _ in range(6)))
    await world.settle()
    assert {m.status for m in await world.messages()} == {"APPLIED"}
    count, fils, _ = world.ledger.totals("fake-bills")
    assert (count, fils) == (len(await world.claims()), 1_000 * len(await world.claims()))
    assert world.ledger.balance("payments.suspense") == 32 * 4_000 - fils
    assert {(await world.payment(i)).status for i in ids} == {"CAPTURED"}


async def test_a_foreign_gateway_cannot_report(world: World) -> None:
    world.payable.add("a", 1_000)
    payment_id = await world.start("a")
    with world.unit():
        event = dataclasses.replace(world.gateway.event(CAPTURED, payment_id, 1_000), event_id="x")
        await inbox.store("another", [event], "{}")
    await world.settle()
    assert await world.status(payment_id) is PaymentStatus.PENDING
    assert [m.status for m in await world.messages()] == ["ALARM"]


async def test_the_payers_correlation_id_follows_to_the_agency(world: World) -> None:
    world.payable.add("a", 1_000)
    with world.host.unit("wish-of-the-payer"):
        wish = starting.StartOrder([(bill_id("a"), None)], 1_000, Channel.KIOSK, None, None, "k")
        payment_id = await starting.start_payment(payer(), wish)
    await world.report(CAPTURED, payment_id)
    await world.settle()
    with world.unit():
        [job] = await JobRow.filter(name="payments.deliver")
        events = await OutboxEvent.filter(topic__contains=payment_id)
    assert job.correlation_id == "wish-of-the-payer"
    assert {event.correlation_id for event in events} == {"wish-of-the-payer"}
