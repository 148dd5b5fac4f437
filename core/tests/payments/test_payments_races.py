"""What happens between two steps: late settling, slow agencies, a refund beside a settlement."""

from __future__ import annotations

import asyncio

import pytest
from bawaba import db
from bawaba.db import transaction
from bawaba.errors import Refusal
from bawaba.host.payments.services import claiming
from bawaba.payments import GatewayEventKind, refund_bill
from bawaba.testing.fakes import bill_id
from bawaba.text import Text
from bawaba.viewer import Viewer
from payments_world import PAY, World, payer

CAPTURED, REVERSED = GatewayEventKind.CAPTURED, GatewayEventKind.REFUND_REVERSED


async def test_money_that_was_told_of_in_time_does_not_expire(world: World) -> None:
    world.payable.add("a", 1_000)
    payment_id = await world.start("a")
    await world.report(CAPTURED, payment_id)
    await world.expire()
    await world.settle()
    assert (await world.payment(payment_id)).status == "CAPTURED"
    assert world.payable.bills["a"].status.value == "PAID"


async def test_a_payment_in_alarm_stays_open_until_its_cause_is_mended(world: World) -> None:
    world.payable.add("bad", 1_000)
    del world.ledger.accounts["gateway.fake.clearing"]
    payment_id = await world.captured("bad")
    for _ in range(6):
        await world.expire()
        await world.settle()
    [message] = await world.messages()
    assert message.status == "ALARM"
    assert (await world.payment(payment_id)).status == "PENDING"


async def test_the_agency_hears_of_a_reversal_though_the_money_came_back(world: World) -> None:
    world.payable.add("a", 1_000)
    payment_id = await world.captured("a")
    refund_id = await world.refund(payment_id)
    await world.report_refund(refund_id)
    await world.report_refund(refund_id, REVERSED)
    await world.work()
    assert [key[0] for key in world.payable.reversals] == [refund_id]


async def test_who_may_only_approve_sees_what_was_approved(world: World) -> None:
    world.payable.add("a", 600_000)
    payment_id = await world.captured("a")
    refund_id = await world.refund(payment_id)
    approver = Viewer("approver", grants={**PAY, "payments.approve": frozenset({"*"})})
    answer = await world.ask(
        'mutation ($id: ID!) { approveRefund(input: {refundId: $id, idempotencyKey: "k"}) '
        "{ refund { status } errors { code } } }",
        {"id": bill_id(refund_id, "Refund")},
        by=approver,
    )
    assert answer["data"]["approveRefund"]["refund"]["status"] == "REQUESTED", answer


async def test_what_is_paid_while_the_agency_answers_is_not_paid_again(world: World) -> None:
    """The agency's answer and the platform's own books must be of one moment."""
    world.payable.add("a", 10_000, least_fils=1_000, most_fils=50_000)
    first = await world.start("a", by=payer("first"))
    find = world.payable.find

    async def answered_then_paid(*args: object) -> object:
        found = await find(*args)  # type: ignore[arg-type]
        world.payable.find = find  # type: ignore[method-assign]
        await world.report(CAPTURED, first)
        await world.settle()
        return found

    world.payable.find = answered_then_paid  # type: ignore[assignment,method-assign]
    try:
        second = await world.start("a", by=payer("second"))
    except Refusal:
        return
    await world.report(CAPTURED, second)
    await world.settle()
    assert world.payable.paid["a"] == 10_000
    assert [i.state for i in await world.items(second)] == ["SUSPENDED"]


async def test_a_refund_beside_a_settlement_waits_for_it(on_postgres: World) -> None:
    """Else a bill whose payment is being settled is undone without its money going back."""
    world = on_postgres
    world.payable.add("a", 1_000)
    payment_id = await world.start("a")
    await world.report(CAPTURED, payment_id)
    reached, go_on = asyncio.Event(), asyncio.Event()
    mark_paid = world.payable.mark_paid

    async def slowly(items: object) -> None:
        await mark_paid(items)  # type: ignore[arg-type]
        reached.set()
        await go_on.wait()

    world.payable.mark_paid = slowly  # type: ignore[assignment,method-assign]
    settling = asyncio.create_task(world.settle())
    await reached.wait()

    async def undo() -> str | None:
        with world.unit():
            async with transaction():
                return await refund_bill("fake-bills", "a", Text("Withdrawn.", "أُلغيت."))

    undoing = asyncio.create_task(undo())
    await asyncio.sleep(0.2)
    go_on.set()
    await settling
    assert await undoing is not None
    assert [r.status for r in await world.refunds(payment_id)] == ["REQUESTED"]


async def test_all_balances_are_locked_at_once_and_in_order(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Money that comes and money that goes, of bills in parts: one statement takes the locks."""
    for raw in ("a", "z"):
        world.payable.add(raw, 10_000, least_fils=1_000)
    refund_id = await world.refund(await world.captured("a"))
    payment_id = await world.start("z", by=payer("other"))
    await world.report(CAPTURED, payment_id)
    taken: list[tuple[object, ...]] = []

    async def execute(statement: str, *values: object) -> int:
        taken.append(values)
        return await db.execute(statement, *values)

    monkeypatch.setattr(claiming, "execute", execute)
    await world.report_refund(refund_id)
    assert taken == [("fake-bills:a", "fake-bills:z")]
    assert (world.payable.paid["a"], world.payable.paid["z"]) == (0, 10_000)


async def test_a_capture_of_nothing_keeps_no_payment_open(world: World) -> None:
    world.payable.add("a", 1_000)
    payment_id = await world.start("a")
    await world.report(CAPTURED, payment_id, 0)
    await world.settle()
    await world.expire()
    assert (await world.payment(payment_id)).status == "EXPIRED"
