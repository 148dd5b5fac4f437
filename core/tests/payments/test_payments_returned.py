"""What comes back or comes twice: refunds that the bank returned, second charges, holds let go."""

from __future__ import annotations

import datetime as dt

import pytest
from bawaba.errors import Refusal
from bawaba.host.payments.models import Payment
from bawaba.payments import GatewayEventKind
from payments_world import World, payer

CAPTURED, REVERSED = GatewayEventKind.CAPTURED, GatewayEventKind.REFUND_REVERSED


async def doubles(world: World) -> list[Payment]:
    with world.unit():
        return await Payment.filter(double_of__isnull=False)


async def test_a_refund_that_came_back_waits_for_another_way(world: World) -> None:
    world.payable.add("a", 1_000)
    payment_id = await world.captured("a")
    first = await world.refunded(payment_id)
    await world.report_refund(first, REVERSED, reason="account closed")
    payment = await world.payment(payment_id)
    assert (payment.refunded_fils, payment.surplus_fils) == (0, 1_000)
    assert world.ledger.balance("payments.suspense") == 1_000
    assert world.payable.bills["a"].status.value == "UNPAID"
    proposal = next(r for r in await world.refunds(payment_id) if r.status == "PROPOSED")
    await world.approve(proposal.id)
    await world.work()
    await world.report_refund(proposal.id)
    assert world.ledger.balance("payments.suspense") == 0
    assert world.ledger.balance("gateway.fake.clearing") == 0
    assert (await world.payment(payment_id)).refunded_fils == 1_000
    assert world.ledger.totals("fake-bills") == (1, 1_000, 1_000)
    await world.report_refund(proposal.id, REVERSED)
    assert world.ledger.balance("payments.suspense") == 1_000


async def test_of_suspended_and_mispaid_money_too(world: World) -> None:
    world.payable.add("a", 1_000)
    late = await world.start("a")
    await world.expire()
    await world.report(CAPTURED, late)
    mispaid = await world.start("a")
    await world.report(CAPTURED, mispaid, 1_500)
    await world.settle()
    for payment_id, fils in ((late, 1_000), (mispaid, 1_500)):
        for _ in range(3):
            refund_id = await world.refunded(payment_id)
            assert (await world.payment(payment_id)).refunded_fils == fils
            await world.report_refund(refund_id, REVERSED)
        await world.refunded(payment_id)
    assert world.ledger.balance("payments.suspense") == 0
    assert world.ledger.balance("gateway.fake.clearing") == 0


async def test_told_before_the_refund_itself_it_waits(world: World) -> None:
    world.payable.add("a", 1_000)
    payment_id = await world.captured("a")
    refund_id = await world.refund(payment_id)
    await world.report_refund(refund_id, REVERSED)
    await world.report_refund(refund_id)
    world.clock.move(seconds=5)
    await world.settle()
    statuses = {r.id: r.status for r in await world.refunds(payment_id)}
    assert statuses[refund_id] == "REVERSED"
    assert world.ledger.balance("payments.suspense") == 1_000


async def test_two_reversals_share_one_proposal(world: World) -> None:
    world.payable.add("a", 1_000)
    payment_id = await world.captured("a")
    parts = [await world.refunded(payment_id, [("a", 400)]) for _ in range(2)]
    for refund_id in parts:
        await world.report_refund(refund_id, REVERSED)
    proposals = [r for r in await world.refunds(payment_id) if r.status == "PROPOSED"]
    assert [r.fils for r in proposals] == [800]
    await world.approve(proposals[0].id)
    await world.work()
    await world.report_refund(proposals[0].id)
    assert world.ledger.balance("payments.suspense") == 0


async def test_what_came_back_and_the_rest_go_out_by_one_journal(world: World) -> None:
    world.payable.add("a", 1_000)
    payment_id = await world.captured("a")
    await world.report_refund(await world.refunded(payment_id, [("a", 400)]), REVERSED)
    refund_id = await world.refunded(payment_id)
    moved = [
        (journal.reference, posting.fils)
        for journal in world.ledger.journals.values()
        for posting in journal.postings
        if journal.reference.startswith(f"refund:{refund_id}")
        and posting.account == "gateway.fake.clearing"
    ]
    assert moved == [(f"refund:{refund_id}", 1_000)], "as in the gateway's own file"
    assert world.ledger.balance("payments.suspense") == 0
    assert world.ledger.balance("gateway.fake.clearing") == 0


async def test_a_second_charge_is_kept_apart_and_returned(world: World) -> None:
    world.payable.add("a", 1_000)
    payment_id = await world.captured("a")
    await world.report(CAPTURED, payment_id, 1_000, gateway_reference="charge-2")
    await world.settle()
    [double] = await doubles(world)
    assert (double.status, double.surplus_fils, double.payer_id) == ("FAILED", 1_000, "payer")
    assert (await world.payment(payment_id)).reference in double.failure_en
    assert world.ledger.balance("payments.suspense") == 1_000
    assert world.ledger.totals("fake-bills") == (1, 1_000, 0)
    [proposal] = await world.refunds(double.id)
    await world.approve(proposal.id)
    await world.work()
    order = world.gateway.refunds[proposal.id]
    assert (order.payment_id, order.gateway_reference) == (payment_id, "charge-2")
    await world.report(GatewayEventKind.REFUNDED, payment_id, 1_000, refund_id=proposal.id)
    await world.settle()
    assert world.ledger.balance("payments.suspense") == 0
    assert world.ledger.balance("gateway.fake.clearing") == 1_000
    assert world.payable.bills["a"].status.value == "PAID"


async def test_the_same_charge_told_twice_takes_nothing(world: World) -> None:
    world.payable.add("a", 1_000)
    payment_id = await world.captured("a")
    for reference in (f"gw-{payment_id}", "charge-2", "charge-2"):
        await world.report(CAPTURED, payment_id, 1_000, gateway_reference=reference)
    await world.settle()
    await world.report(CAPTURED, payment_id, 1_000, gateway_reference="charge-2")
    await world.settle()
    assert len(await doubles(world)) == 1
    assert world.ledger.balance("gateway.fake.clearing") == 2_000


async def test_a_hold_is_let_go_by_the_gateway(world: World) -> None:
    world.payable.add("a", 1_000)
    payment_id = await world.start("a")
    await world.report(GatewayEventKind.AUTHORISED, payment_id, 1_200)
    await world.settle()
    assert (await world.payment(payment_id)).authorised_fils == 1_200
    later = world.clock.at + dt.timedelta(seconds=1)
    await world.report(GatewayEventKind.VOIDED, payment_id, occurred_at=later)
    await world.settle()
    assert (await world.payment(payment_id)).status == "CANCELLED"
    await world.captured("a", by=payer("other"))


async def test_a_capture_below_the_hold_pays_and_lets_the_rest_go(world: World) -> None:
    world.payable.add("a", 1_000)
    payment_id = await world.start("a")
    await world.report(GatewayEventKind.AUTHORISED, payment_id, 1_200)
    await world.report(CAPTURED, payment_id, 1_000)
    await world.settle()
    payment = await world.payment(payment_id)
    assert (payment.status, payment.authorised_fils, payment.captured_fils) == (
        "CAPTURED",
        1_200,
        1_000,
    )
    assert world.ledger.balance("gateway.fake.clearing") == 1_000


async def test_an_expired_hold_is_let_go_by_a_job(world: World) -> None:
    world.payable.add("a", 1_000)
    payment_id = await world.start("a")
    await world.report(GatewayEventKind.AUTHORISED, payment_id)
    await world.settle()
    world.gateway.down = True
    await world.expire()
    await world.work()
    assert world.gateway.cancelled == []
    world.gateway.down = False
    world.clock.move(hours=1)
    await world.work()
    assert world.gateway.cancelled == [payment_id]
    await world.report(GatewayEventKind.VOIDED, payment_id)
    await world.settle()
    assert (await world.payment(payment_id)).status == "EXPIRED"
    assert [m.status for m in await world.messages()][-1] == "NO_EFFECT"


async def test_the_payer_cancels_a_hold(world: World) -> None:
    world.payable.add("a", 1_000)
    payment_id = await world.start("a")
    await world.report(GatewayEventKind.AUTHORISED, payment_id)
    await world.settle()
    world.gateway.too_late = True
    with pytest.raises(Refusal, match="PAYMENT_NOT_CANCELLABLE"):
        await world.cancel(payment_id)
    world.gateway.too_late = False
    await world.cancel(payment_id)
    assert (await world.payment(payment_id)).status == "CANCELLED"
