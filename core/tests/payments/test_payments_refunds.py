"""Giving money back: in part and in full, failing, from suspense, and on a plugin's word."""

from __future__ import annotations

import asyncio

import pytest
from bawaba.db import IntegrityError, transaction
from bawaba.errors import Forbidden, Refusal
from bawaba.host.payments.models import PaymentItem
from bawaba.host.payments.services import refunding
from bawaba.payments import GatewayEventKind, refund_bill
from bawaba.text import Text
from payments_world import TREASURER, World, payer


async def test_a_part_then_the_rest(world: World) -> None:
    world.payable.add("a", 1_003)
    world.payable.add("b", 2_000)
    payment_id = await world.captured("a", "b")
    await world.refunded(payment_id, [("a", 3)])
    payment = await world.payment(payment_id)
    assert (payment.status, payment.refunded_fils) == ("CAPTURED", 3)
    assert await world.claims() == {"a", "b"}
    await world.refunded(payment_id)
    assert (await world.payment(payment_id)).refunded_fils == 3_003
    assert await world.claims() == set()
    for account in ("gateway.fake.clearing", "fake.share", "fake.fee"):
        assert world.ledger.balance(account) == 0
    assert world.ledger.totals("fake-bills") == (2, 3_003, 3_003)
    assert {bill.status.value for bill in world.payable.bills.values()} == {"UNPAID"}
    await world.work()
    assert sorted(item.in_full for item in world.payable.reversals.values()) == [False, True, True]
    await world.captured("a", by=payer("other"))
    assert await world.claims() == {"a"}


async def test_many_small_parts_undo_every_posting_exactly(world: World) -> None:
    world.payable.add("a", 11)
    payment_id = await world.captured("a")
    for _ in range(11):
        await world.refunded(payment_id, [("a", 1)])
    assert world.ledger.balance("fake.share") == world.ledger.balance("fake.fee") == 0


async def test_no_more_than_what_is_left_even_while_under_way(world: World) -> None:
    world.payable.add("a", 1_000)
    payment_id = await world.captured("a")
    await world.refund(payment_id, [("a", 700)])
    with pytest.raises(Refusal, match="REFUND_EXCEEDS_LEFT") as caught:
        await world.refund(payment_id, [("a", 301)])
    assert caught.value.path == ("items", "0", "amount")
    await world.refund(payment_id, [("a", 300)])
    with pytest.raises(Refusal, match="PAYMENT_NOT_REFUNDABLE"):
        await world.refund(payment_id)
    for fils in (0, -5):
        with pytest.raises(Refusal):
            await world.refund(payment_id, [("a", fils)])


async def test_a_failed_refund_frees_what_it_reserved(world: World) -> None:
    world.payable.add("a", 1_000)
    payment_id = await world.captured("a")
    refund_id = await world.refund(payment_id)
    await world.report_refund(refund_id, GatewayEventKind.REFUND_FAILED, reason="card closed")
    [refund] = await world.refunds(payment_id)
    assert (refund.status, refund.failure) == ("FAILED", "card closed")
    assert await world.claims() == {"a"}
    assert (await world.payment(payment_id)).refunded_fils == 0
    await world.report_refund(refund_id)
    assert [m.status for m in await world.messages()][-1] == "ALARM"
    await world.refunded(payment_id)
    assert (await world.payment(payment_id)).refunded_fils == 1_000


async def test_the_gateway_is_asked_by_a_job_until_it_answers(world: World) -> None:
    world.payable.add("a", 1_000)
    payment_id = await world.captured("a")
    world.gateway.down = True
    refund_id = await world.refund(payment_id)
    await world.work()
    assert world.gateway.refunds == {}
    world.gateway.down = False
    world.clock.move(hours=2)
    await world.work()
    order = world.gateway.refunds[refund_id]
    assert (order.fils, order.gateway_reference) == (1_000, f"gw-{payment_id}")


async def test_suspended_money_goes_back_from_suspense(world: World) -> None:
    world.payable.add("a", 1_000)
    payment_id = await world.start("a")
    await world.expire()
    await world.report(GatewayEventKind.CAPTURED, payment_id)
    await world.settle()
    [proposal] = await world.refunds(payment_id)
    assert await world.refunded(payment_id) == proposal.id
    assert (
        world.ledger.balance("payments.suspense")
        == world.ledger.balance("gateway.fake.clearing")
        == 0
    )
    assert world.ledger.totals("fake-bills") == (0, 0, 0)
    payment = await world.payment(payment_id)
    assert (payment.status, payment.refunded_fils) == ("EXPIRED", 1_000)
    assert world.payable.reversals == {}


async def test_a_wrong_amount_goes_back_from_suspense(world: World) -> None:
    world.payable.add("a", 1_000)
    payment_id = await world.start("a")
    await world.report(GatewayEventKind.CAPTURED, payment_id, 1_500)
    await world.settle()
    await world.refunded(payment_id)
    assert (
        world.ledger.balance("payments.suspense")
        == world.ledger.balance("gateway.fake.clearing")
        == 0
    )
    assert (await world.payment(payment_id)).refunded_fils == 1_500


async def test_only_who_may_refunds(world: World) -> None:
    world.payable.add("a", 1_000)
    payment_id = await world.captured("a")
    with world.unit(), pytest.raises(Forbidden):
        await refunding.refund_payment(payer(), payment_id, None, "mine", "k")
    with world.unit(), pytest.raises(Refusal, match="NOT_FOUND"):
        await refunding.refund_payment(TREASURER, "0" * 32, None, "theirs", "k")
    with pytest.raises(Refusal, match="REASON_MISSING"):
        await world.refund(payment_id, reason="  ")


async def test_an_unpaid_payment_has_nothing_to_refund(world: World) -> None:
    world.payable.add("a", 1_000)
    with pytest.raises(Refusal, match="PAYMENT_NOT_REFUNDABLE"):
        await world.refund(await world.start("a"))


async def test_a_plugin_undoes_a_paid_bill(world: World) -> None:
    world.payable.add("a", 1_000)
    world.payable.add("b", 500)
    payment_id = await world.captured("a", "b")
    reason = Text("Objection upheld.", "قُبل الاعتراض.")
    with world.unit():
        async with transaction():
            refund_id = await refund_bill("fake-bills", "a", reason)
            assert await refund_bill("fake-bills", "a", reason) is None
            assert await refund_bill("fake-bills", "unpaid", reason) is None
    assert refund_id is not None
    await world.work()
    await world.report_refund(refund_id)
    assert await world.claims() == {"b"}
    assert (await world.payment(payment_id)).refunded_fils == 1_000


async def test_refunds_side_by_side_never_exceed_the_item(on_postgres: World) -> None:
    world = on_postgres
    world.payable.add("a", 1_000)
    payment_id = await world.captured("a")
    results = await asyncio.gather(
        *(world.refund(payment_id, [("a", 300)]) for _ in range(8)), return_exceptions=True
    )
    assert sum(isinstance(result, str) for result in results) == 3
    assert {type(r).code for r in results if isinstance(r, Refusal)} == {"REFUND_EXCEEDS_LEFT"}


async def test_the_database_itself_refuses_to_give_back_too_much(world: World) -> None:
    world.payable.add("a", 1_000)
    payment_id = await world.captured("a")
    with world.unit(), pytest.raises(IntegrityError):
        await PaymentItem.filter(payment_id=payment_id).update(refunded_fils=600, reserved_fils=401)
