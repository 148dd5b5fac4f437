"""A second pair of eyes: refunds over the limit, and the queue of proposals."""

from __future__ import annotations

import asyncio

import pytest
from bawaba.errors import Forbidden, Refusal
from bawaba.payments import GatewayEventKind
from payments_world import COLLEAGUE, TREASURER, World, payer

OVER = 500_001


async def over_the_limit(world: World) -> tuple[str, str]:
    world.payable.add("a", OVER)
    payment_id = await world.captured("a")
    return payment_id, await world.refund(payment_id)


async def status(world: World, payment_id: str) -> str:
    return (await world.refunds(payment_id))[-1].status


async def test_at_the_limit_one_person_is_enough(world: World) -> None:
    world.payable.add("a", OVER)
    payment_id = await world.captured("a")
    await world.refund(payment_id, [("a", OVER - 1)])
    assert await status(world, payment_id) == "REQUESTED"


async def test_over_the_limit_nothing_leaves_before_a_second_person(world: World) -> None:
    payment_id, refund_id = await over_the_limit(world)
    await world.work()
    assert await status(world, payment_id) == "AWAITING"
    assert world.gateway.refunds == {}
    with pytest.raises(Refusal, match="REFUND_NEEDS_SECOND_PERSON"):
        await world.approve(refund_id)
    with pytest.raises(Refusal, match="PAYMENT_NOT_REFUNDABLE"):
        await world.refund(payment_id)
    await world.approve(refund_id, COLLEAGUE)
    await world.work()
    assert set(world.gateway.refunds) == {refund_id}
    await world.report_refund(refund_id)
    [refund] = await world.refunds(payment_id)
    assert (refund.status, refund.requested_by, refund.decided_by) == (
        "SUCCEEDED",
        "treasurer",
        "colleague",
    )


async def test_declined_frees_what_it_reserved(world: World) -> None:
    payment_id, refund_id = await over_the_limit(world)
    await world.decline(refund_id, COLLEAGUE)
    assert await status(world, payment_id) == "REJECTED"
    for late in (world.approve(refund_id, COLLEAGUE), world.decline(refund_id)):
        with pytest.raises(Refusal, match="REFUND_NOT_AWAITING"):
            await late
    assert [item.reserved_fils for item in await world.items(payment_id)] == [0]
    await world.refunded(payment_id, [("a", 1)])


async def test_whoever_asked_may_take_it_back(world: World) -> None:
    payment_id, refund_id = await over_the_limit(world)
    await world.decline(refund_id)
    assert await status(world, payment_id) == "REJECTED"


async def test_a_proposal_is_let_out(world: World) -> None:
    world.payable.add("a", 1_000)
    payment_id = await world.start("a")
    await world.expire()
    await world.report(GatewayEventKind.CAPTURED, payment_id)
    await world.settle()
    [proposal] = await world.refunds(payment_id)
    await world.approve(proposal.id)
    await world.work()
    await world.report_refund(proposal.id)
    assert world.ledger.balance("payments.suspense") == 0
    assert [r.status for r in await world.refunds(payment_id)] == ["SUCCEEDED"]


async def test_a_large_proposal_takes_two(world: World) -> None:
    world.payable.add("a", OVER)
    payment_id = await world.start("a")
    await world.expire()
    await world.report(GatewayEventKind.CAPTURED, payment_id)
    await world.settle()
    [proposal] = await world.refunds(payment_id)
    await world.approve(proposal.id)
    assert await status(world, payment_id) == "AWAITING"
    with pytest.raises(Refusal, match="REFUND_NEEDS_SECOND_PERSON"):
        await world.approve(proposal.id)
    await world.approve(proposal.id, COLLEAGUE)
    assert await status(world, payment_id) == "REQUESTED"


async def test_a_declined_proposal_leaves_the_money_in_suspense(world: World) -> None:
    world.payable.add("a", 1_000)
    payment_id = await world.start("a")
    await world.expire()
    await world.report(GatewayEventKind.CAPTURED, payment_id)
    await world.settle()
    [proposal] = await world.refunds(payment_id)
    await world.decline(proposal.id)
    assert world.ledger.balance("payments.suspense") == 1_000
    await world.refunded(payment_id)
    assert world.ledger.balance("payments.suspense") == 0


async def test_the_same_key_approves_once_and_two_at_once_approve_once(
    on_postgres: World,
) -> None:
    world = on_postgres
    _, refund_id = await over_the_limit(world)
    tries = [world.approve(refund_id, COLLEAGUE, key=f"k{n % 2}") for n in range(6)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert any(result is None for result in results)
    await world.work()
    assert list(world.gateway.refunds) == [refund_id]
    await world.approve(refund_id, COLLEAGUE, key="k0" if results[0] is None else "k1")


async def test_only_who_may_decides(world: World) -> None:
    _, refund_id = await over_the_limit(world)
    for deed in (world.approve(refund_id, payer()), world.decline(refund_id, payer())):
        with pytest.raises(Forbidden):
            await deed
    with pytest.raises(Refusal, match="NOT_FOUND"):
        await world.approve("0" * 32)


async def test_over_the_wire(world: World) -> None:
    payment_id, refund_id = await over_the_limit(world)
    listed = await world.ask(
        "{ refunds(first: 5, statuses: [AWAITING_APPROVAL]) { nodes { id status kind } } }",
        by=COLLEAGUE,
    )
    [node] = listed["data"]["refunds"]["nodes"]
    assert (node["status"], node["kind"]) == ("AWAITING_APPROVAL", "REFUND")
    document = (
        "mutation ($input: ApproveRefundInput!) { approveRefund(input: $input) "
        "{ refund { id status } errors { code message path } } }"
    )
    for viewer, code in ((TREASURER, "REFUND_NEEDS_SECOND_PERSON"), (COLLEAGUE, None)):
        answer = await world.ask(
            document,
            {"input": {"refundId": node["id"], "idempotencyKey": f"w-{viewer.person_id}"}},
            by=viewer,
        )
        found = answer["data"]["approveRefund"]
        assert [error["code"] for error in found["errors"]] == ([code] if code else [])
    assert found["refund"]["status"] == "REQUESTED"
    assert await status(world, payment_id) == "REQUESTED"
    assert refund_id
