"""Refunds while the payer's bank examines the payment: what was not sent waits for the outcome."""

from __future__ import annotations

import pytest
from bawaba.db import transaction
from bawaba.errors import Refusal
from bawaba.graphql import global_id
from bawaba.host.jobs import dead_letters
from bawaba.host.payments.domain import REFUND, RefundTrigger
from bawaba.host.payments.models import Dispute, Refund
from bawaba.payments import GatewayEventKind, refund_bill
from bawaba.text import Text
from payments_world import COLLEAGUE, TREASURER, World

OPENED, WON, LOST = (
    GatewayEventKind.DISPUTE_OPENED,
    GatewayEventKind.DISPUTE_WON,
    GatewayEventKind.DISPUTE_LOST,
)
OVER = 600_000


async def tell(
    world: World, kind: GatewayEventKind, payment_id: str, fils: int | None = None, name: str = "d1"
) -> None:
    await world.report(kind, payment_id, fils, dispute_id=name)
    await world.settle()


async def refund(world: World, refund_id: str) -> Refund:
    with world.unit():
        return await Refund.get(id=refund_id)


async def by_rule(world: World, raw: str = "a") -> str | None:
    """Have a plugin's own rule give a bill's money back."""
    with world.unit():
        async with transaction():
            return await refund_bill("fake-bills", raw, Text("Withdrawn.", "سُحبت."))


def alarms(world: World) -> float | None:
    kind = {"kind": "refund_disputed"}
    return world.host.metrics.get_sample_value("bawaba_payment_alarms_total", kind)


@pytest.fixture
async def payment_id(world: World) -> str:
    world.payable.add("a", 10_000)
    return await world.captured("a")


def test_the_machine_is_whole() -> None:
    assert {(s.name, t.name): e.name for (s, t), e in REFUND.edges.items()} == {
        ("PROPOSED", "REQUEST"): "REQUESTED",
        ("PROPOSED", "HOLD"): "AWAITING_APPROVAL",
        ("PROPOSED", "DISPUTE"): "DISPUTED",
        ("PROPOSED", "REJECT"): "REJECTED",
        ("PROPOSED", "CHARGE_BACK"): "SUCCEEDED",
        ("AWAITING_APPROVAL", "APPROVE"): "REQUESTED",
        ("AWAITING_APPROVAL", "REJECT"): "REJECTED",
        ("REQUESTED", "SUCCEED"): "SUCCEEDED",
        ("REQUESTED", "FAIL"): "FAILED",
        ("REQUESTED", "DISPUTE"): "DISPUTED",
        ("DISPUTED", "RESUME"): "REQUESTED",
        ("DISPUTED", "REJECT"): "REJECTED",
        ("DISPUTED", "SUCCEED"): "SUCCEEDED",
        ("DISPUTED", "FAIL"): "FAILED",
        ("SUCCEEDED", "REVERSE"): "REVERSED",
    }
    assert set(RefundTrigger) == {trigger for _, trigger in REFUND.edges}


async def test_what_was_not_sent_waits_and_goes_on_if_the_dispute_is_won(
    world: World, payment_id: str
) -> None:
    refund_id = await world.refund(payment_id)
    await tell(world, OPENED, payment_id)
    await world.work()
    assert (await refund(world, refund_id)).status == "DISPUTED"
    assert world.gateway.refunds == {}
    await tell(world, WON, payment_id)
    assert (await refund(world, refund_id)).status == "REQUESTED"
    await world.work()
    assert list(world.gateway.refunds) == [refund_id]
    await world.report_refund(refund_id)
    assert (await world.payment(payment_id)).refunded_fils == 10_000
    assert alarms(world) is None


async def test_what_was_not_sent_is_turned_down_if_the_dispute_is_lost(
    world: World, payment_id: str
) -> None:
    refund_id = await world.refund(payment_id)
    await tell(world, OPENED, payment_id)
    await tell(world, LOST, payment_id)
    for _ in range(3):
        world.clock.move(hours=1)
        await world.work()
    assert world.gateway.refunds == {}
    turned_down = await refund(world, refund_id)
    assert turned_down.status == "REJECTED"
    assert "bank" in (turned_down.failure or "")
    assert [i.reserved_fils for i in await world.items(payment_id)] == [0]
    assert world.ledger.balance("payments.chargeback_loss") == 0
    assert (await world.payment(payment_id)).refunded_fils == 10_000


async def test_it_waits_for_the_last_of_several_disputes(world: World, payment_id: str) -> None:
    refund_id = await world.refund(payment_id, [("a", 1_000)])
    for name in ("d1", "d2"):
        await tell(world, OPENED, payment_id, 2_000, name)
    await tell(world, WON, payment_id, 2_000, "d1")
    await world.work()
    assert (await refund(world, refund_id)).status == "DISPUTED"
    await tell(world, WON, payment_id, 2_000, "d2")
    await world.work()
    assert list(world.gateway.refunds) == [refund_id]


async def test_what_was_sent_before_is_evidence_and_told_of(world: World, payment_id: str) -> None:
    refund_id = await world.refund(payment_id, [("a", 4_000)])
    await world.work()
    await tell(world, OPENED, payment_id)
    assert (await refund(world, refund_id)).status == "REQUESTED"
    assert alarms(world) == 1, "it may happen: it is with the gateway"
    await world.report_refund(refund_id)
    assert alarms(world) == 2, "it happened"
    with world.unit():
        [dispute] = await Dispute.all()
    assert dispute.refunded_fils == 4_000
    answer = await world.ask(
        "query ($id: ID!) { node(id: $id) { ... on PaymentDispute { refundedAmount { amount } "
        "payment { refunds(first: 5) { nodes { status sentAt } } } } } }",
        {"id": global_id("PaymentDispute", dispute.id)},
        by=TREASURER,
    )
    shown = answer["data"]["node"]
    assert shown["refundedAmount"]["amount"] == "4.000"
    [node] = shown["payment"]["refunds"]["nodes"]
    assert node["status"] == "SUCCEEDED"
    assert node["sentAt"]
    await tell(world, LOST, payment_id)
    with world.unit():
        [dispute] = await Dispute.all()
    assert (dispute.refunded_fils, dispute.uncovered_fils) == (4_000, 4_000)


async def test_what_went_back_before_the_dispute_is_evidence_too(
    world: World, payment_id: str
) -> None:
    await world.refunded(payment_id, [("a", 2_500)])
    await tell(world, OPENED, payment_id)
    with world.unit():
        [dispute] = await Dispute.all()
    assert dispute.refunded_fils == 2_500


async def test_a_gateway_that_did_not_answer_is_asked_again_only_if_the_dispute_is_won(
    world: World, payment_id: str
) -> None:
    world.gateway.down = True
    refund_id = await world.refund(payment_id)
    await world.work()
    await tell(world, OPENED, payment_id)
    world.gateway.down = False
    world.clock.move(minutes=1)
    await world.work()
    assert world.gateway.refunds == {}
    await tell(world, WON, payment_id)
    await world.work()
    assert list(world.gateway.refunds) == [refund_id]


async def test_nor_is_it_after_a_lost_one(world: World, payment_id: str) -> None:
    world.gateway.down = True
    await world.refund(payment_id)
    await world.work()
    await tell(world, OPENED, payment_id)
    await tell(world, LOST, payment_id)
    world.gateway.down = False
    world.clock.move(minutes=1)
    await world.work()
    assert world.gateway.refunds == {}
    assert alarms(world) == 2


async def test_a_refund_job_that_died_meanwhile_goes_on_when_the_dispute_is_won(
    world: World, payment_id: str
) -> None:
    world.gateway.down = True
    refund_id = await world.refund(payment_id)
    for _ in range(25):
        world.clock.move(hours=1)
        await world.work()
    with world.unit():
        assert [job.name for job in await dead_letters()] == ["payments.refund"]
    world.gateway.down = False
    await tell(world, OPENED, payment_id)
    await tell(world, WON, payment_id)
    await world.work()
    assert list(world.gateway.refunds) == [refund_id]


async def test_what_a_rule_gives_back_waits_and_goes_on(world: World, payment_id: str) -> None:
    await tell(world, OPENED, payment_id)
    refund_id = await by_rule(world)
    assert refund_id is not None
    await world.work()
    assert (await refund(world, refund_id)).status == "DISPUTED"
    assert world.gateway.refunds == {}
    assert await by_rule(world) is None, "nothing is left to give back"
    await tell(world, WON, payment_id)
    await world.work()
    await world.report_refund(refund_id)
    assert world.payable.bills["a"].status.value == "UNPAID"


async def test_what_a_rule_gives_back_the_bank_may_have_given_back(
    world: World, payment_id: str
) -> None:
    await tell(world, OPENED, payment_id)
    refund_id = await by_rule(world)
    await tell(world, LOST, payment_id)
    await world.work()
    assert (await refund(world, refund_id or "")).status == "REJECTED"
    assert world.gateway.refunds == {}
    assert world.payable.bills["a"].status.value == "UNPAID"
    assert await by_rule(world) is None


async def test_a_large_one_still_needs_a_second_person(world: World) -> None:
    world.payable.add("b", OVER)
    payment_id = await world.captured("b")
    await tell(world, OPENED, payment_id)
    refund_id = await by_rule(world, "b") or ""
    assert (await refund(world, refund_id)).status == "AWAITING"
    with pytest.raises(Refusal, match="PAYMENT_DISPUTED"):
        await world.approve(refund_id, COLLEAGUE)
    await tell(world, WON, payment_id)
    assert (await refund(world, refund_id)).status == "AWAITING"
    await world.approve(refund_id, COLLEAGUE)
    await world.work()
    assert list(world.gateway.refunds) == [refund_id]


async def test_one_that_waits_can_be_declined(world: World, payment_id: str) -> None:
    refund_id = await world.refund(payment_id)
    await tell(world, OPENED, payment_id)
    await world.decline(refund_id)
    assert [i.reserved_fils for i in await world.items(payment_id)] == [0]
    await tell(world, WON, payment_id)
    await world.work()
    assert world.gateway.refunds == {}


async def test_what_a_lost_part_leaves_in_suspense_awaits_a_decision_again(world: World) -> None:
    world.payable.add("a", OVER)
    payment_id = await world.start("a")
    await world.expire()
    await world.report(GatewayEventKind.CAPTURED, payment_id)
    await world.settle()
    refund_id = await world.refund(payment_id)
    assert (await refund(world, refund_id)).status == "AWAITING"
    await tell(world, OPENED, payment_id, 100_000)
    await tell(world, LOST, payment_id, 100_000)
    proposed = [r.fils for r in await world.refunds(payment_id) if r.status == "PROPOSED"]
    assert proposed == [OVER - 100_000]
