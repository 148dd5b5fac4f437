"""Disputes that cross refunds: whatever comes first, the payer has the money once."""

from __future__ import annotations

import pytest
from bawaba.errors import Refusal
from bawaba.host.payments.models import Payment
from bawaba.payments import GatewayEventKind
from bawaba.settlement import movements
from payments_world import COLLEAGUE, World

CAPTURED, FAILED = GatewayEventKind.CAPTURED, GatewayEventKind.REFUND_FAILED
OPENED, LOST = GatewayEventKind.DISPUTE_OPENED, GatewayEventKind.DISPUTE_LOST
OVER = 600_000


async def tell(world: World, kind: GatewayEventKind, payment_id: str, **more: object) -> None:
    await world.report(kind, payment_id, **{"dispute_id": "d1", **more})
    await world.settle()


async def test_a_refund_that_waits_does_not_go_out_after_a_lost_dispute(world: World) -> None:
    world.payable.add("a", OVER)
    payment_id = await world.captured("a")
    refund_id = await world.refund(payment_id)
    await tell(world, OPENED, payment_id)
    await tell(world, LOST, payment_id)
    with pytest.raises(Refusal, match="REFUND_NOT_AWAITING"):
        await world.approve(refund_id, COLLEAGUE)
    await world.work()
    assert world.gateway.refunds == {}
    assert world.payable.bills["a"].status.value == "UNPAID"
    assert world.ledger.balance("payments.chargeback_loss") == 0
    assert (await world.payment(payment_id)).refunded_fils == OVER
    assert [i.reserved_fils for i in await world.items(payment_id)] == [0]


async def test_a_refund_that_fails_after_a_lost_dispute_covers_the_loss(world: World) -> None:
    world.payable.add("a", 10_000)
    payment_id = await world.captured("a")
    refund_id = await world.refund(payment_id)
    await world.work()
    await tell(world, OPENED, payment_id)
    await tell(world, LOST, payment_id)
    assert world.ledger.balance("payments.chargeback_loss") == 10_000
    await world.report_refund(refund_id, FAILED)
    assert world.ledger.balance("payments.chargeback_loss") == 0
    assert world.ledger.balance("payments.disputed") == 0
    assert world.ledger.balance("fake.share") == world.ledger.balance("fake.fee") == 0
    assert world.payable.bills["a"].status.value == "UNPAID"
    with pytest.raises(Refusal, match="PAYMENT_NOT_REFUNDABLE"):
        await world.refund(payment_id)


async def test_a_refund_that_comes_back_after_a_lost_dispute_covers_the_loss(world: World) -> None:
    world.payable.add("a", 10_000)
    payment_id = await world.captured("a")
    refund_id = await world.refunded(payment_id)
    await tell(world, OPENED, payment_id)
    await tell(world, LOST, payment_id)
    assert world.ledger.balance("payments.chargeback_loss") == 10_000
    await world.report_refund(refund_id, GatewayEventKind.REFUND_REVERSED)
    for account in ("chargeback_loss", "suspense", "disputed"):
        assert world.ledger.balance(f"payments.{account}") == 0, account
    assert "PROPOSED" not in {r.status for r in await world.refunds(payment_id)}
    with pytest.raises(Refusal, match="PAYMENT_NOT_REFUNDABLE"):
        await world.refund(payment_id)


async def test_a_dispute_of_a_second_charge_is_borne_by_that_charge(world: World) -> None:
    world.payable.add("a", 1_000)
    payment_id = await world.captured("a")
    await world.report(CAPTURED, payment_id, 1_000, gateway_reference="charge-2")
    await world.settle()
    await tell(world, OPENED, payment_id, gateway_reference="charge-2")
    with world.unit():
        double = await Payment.get(double_of=payment_id)
    assert (double.disputed_fils, (await world.payment(payment_id)).disputed_fils) == (1_000, 0)
    [proposal] = await world.refunds(double.id)
    with pytest.raises(Refusal, match="PAYMENT_DISPUTED"):
        await world.approve(proposal.id)
    await tell(world, LOST, payment_id, gateway_reference="charge-2")
    assert world.payable.bills["a"].status.value == "PAID"
    assert world.ledger.balance("payments.suspense") == 0
    assert world.ledger.balance("gateway.fake.clearing") == 1_000
    with pytest.raises(Refusal, match="REFUND_NOT_AWAITING"):
        await world.approve(proposal.id, COLLEAGUE)


async def test_many_small_refunds_are_one_large_one(world: World) -> None:
    world.payable.add("a", OVER)
    payment_id = await world.captured("a")
    await world.refunded(payment_id, [("a", 400_000)])
    await world.refund(payment_id, [("a", 100_000)])
    second = await world.refund(payment_id, [("a", 100_000)])
    refund = next(r for r in await world.refunds(payment_id) if r.id == second)
    assert refund.status == "AWAITING"
    await world.approve(second, COLLEAGUE)


async def test_what_failed_or_came_back_does_not_count_against_the_limit(world: World) -> None:
    world.payable.add("a", OVER)
    payment_id = await world.captured("a")
    failed = await world.refund(payment_id, [("a", 400_000)])
    await world.report_refund(failed, FAILED)
    again = await world.refund(payment_id, [("a", 500_000)])
    assert {r.id: r.status for r in await world.refunds(payment_id)}[again] == "REQUESTED"


async def test_what_the_reconciler_is_told_of_what_came_back_and_came_twice(world: World) -> None:
    world.payable.add("a", 1_000)
    payment_id = await world.captured("a")
    refund_id = await world.refunded(payment_id, [("a", 300)])
    await world.report_refund(refund_id, GatewayEventKind.REFUND_REVERSED)
    await world.report(CAPTURED, payment_id, 1_000, gateway_reference="charge-2")
    await world.settle()
    with world.unit():
        double = await Payment.get(double_of=payment_id)
        told = await movements("fake", payment_ids=[payment_id, double.id])
    assert {(m.journal_reference, m.fils, m.refund_id, m.known_as) for m in told} == {
        (f"payment:{payment_id}:capture", 1_000, None, None),
        (f"payment:{double.id}:capture", 1_000, None, payment_id),
        (f"refund:{refund_id}", -300, refund_id, None),
        (f"refund:{refund_id}:reversed", 300, refund_id, None),
    }
    assert {m.journal_reference for m in told} <= set(world.ledger.journals)


async def late(world: World) -> str:
    """A payment of two bills whose money came after its end: all of it is in suspense."""
    world.payable.add("a", 1_000)
    world.payable.add("b", 500)
    payment_id = await world.start("a", "b")
    await world.expire()
    await world.report(CAPTURED, payment_id)
    await world.settle()
    return payment_id


async def proposed(world: World, payment_id: str) -> list[int]:
    return [r.fils for r in await world.refunds(payment_id) if r.status == "PROPOSED"]


async def test_what_is_left_of_a_proposal_stays_proposed(world: World) -> None:
    payment_id = await late(world)
    await world.refunded(payment_id, [("a", 400)])
    assert await proposed(world, payment_id) == [1_100]
    [proposal] = [r for r in await world.refunds(payment_id) if r.status == "PROPOSED"]
    await world.approve(proposal.id)
    await world.work()
    await world.report_refund(proposal.id)
    assert world.ledger.balance("payments.suspense") == 0
    assert await proposed(world, payment_id) == []


async def test_what_a_failed_refund_leaves_in_suspense_is_proposed_anew(world: World) -> None:
    payment_id = await late(world)
    refund_id = await world.refund(payment_id)
    assert await proposed(world, payment_id) == []
    await world.report_refund(refund_id, FAILED, reason="account closed")
    assert await proposed(world, payment_id) == [1_500]
    await world.refunded(payment_id)
    assert world.ledger.balance("payments.suspense") == 0
