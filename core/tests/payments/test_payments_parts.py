"""Bills that take parts: the least, the most, an advance, two who pay at once."""

from __future__ import annotations

import asyncio

import pytest
from bawaba.db import IntegrityError, transaction
from bawaba.errors import Refusal
from bawaba.host.payments.models import BillBalance
from bawaba.payments import GatewayEventKind, refund_bill
from bawaba.testing.fakes import bill_id
from bawaba.text import Language, Text
from payments_world import World, payer

CAPTURED = GatewayEventKind.CAPTURED


def part(raw: str, fils: int, *, total: int | None = None) -> dict[str, object]:
    return {"items": [(bill_id(raw), fils)], "expected_fils": fils if total is None else total}


async def pay_part(world: World, raw: str, fils: int, by: str = "payer") -> str:
    payment_id = await world.start(raw, by=payer(by), **part(raw, fils))
    await world.report(CAPTURED, payment_id)
    await world.settle()
    return payment_id


async def test_a_part_then_the_rest_pay_a_bill(world: World) -> None:
    world.payable.add("a", 10_000, least_fils=1_000)
    first = await pay_part(world, "a", 4_000)
    assert world.payable.bills["a"].status.value == "PARTIALLY_PAID"
    second = await world.captured("a")
    assert world.payable.bills["a"].status.value == "PAID"
    assert [(await world.payment(p)).fils for p in (first, second)] == [4_000, 6_000]
    assert world.ledger.totals("fake-bills") == (2, 10_000, 0)
    with pytest.raises(Refusal, match="BILL_ALREADY_PAID"):
        await world.start("a")


@pytest.mark.parametrize("fils", [999, 10_001, 0])
async def test_a_part_out_of_range_is_refused(world: World, fils: int) -> None:
    world.payable.add("a", 10_000, least_fils=1_000)
    with pytest.raises(Refusal, match="PAYMENT_AMOUNT_OUT_OF_RANGE") as caught:
        await world.start("a", **part("a", fils))
    assert caught.value.path == ("items", "0", "amount")
    for language in Language:
        assert "1.000" in caught.value.message(language)
        assert "10.000" in caught.value.message(language)


async def test_the_rest_may_be_less_than_the_least(world: World) -> None:
    world.payable.add("a", 10_000, least_fils=3_000)
    await pay_part(world, "a", 8_000)
    await pay_part(world, "a", 2_000)
    assert world.payable.bills["a"].status.value == "PAID"


async def test_an_advance_up_to_the_most(world: World) -> None:
    world.payable.add("a", 10_000, least_fils=1, most_fils=15_000)
    await pay_part(world, "a", 15_000)
    assert world.payable.paid["a"] == 15_000
    # Paid, but the agency takes more in advance; without an amount nothing is due.
    with pytest.raises(Refusal, match="BILL_ALREADY_PAID"):
        await world.start("a")
    await pay_part(world, "a", 5_000)
    assert world.payable.paid["a"] == 20_000
    with pytest.raises(Refusal, match="PAYMENT_AMOUNT_OUT_OF_RANGE"):
        await world.start("a", **part("a", 15_001))


async def test_the_total_that_the_payer_saw_counts_with_parts_too(world: World) -> None:
    world.payable.add("a", 10_000, least_fils=1_000)
    with pytest.raises(Refusal, match="PAYMENT_TOTAL_CHANGED"):
        await world.start("a", **part("a", 4_000, total=10_000))


async def test_two_who_pay_all_at_once_pay_once(world: World) -> None:
    world.payable.add("a", 10_000, least_fils=1_000, most_fils=50_000)
    payments = [await world.start("a", by=payer(f"p{n}")) for n in range(2)]
    for payment_id in payments:
        await world.report(CAPTURED, payment_id)
    await world.settle()
    states = [(await world.items(p))[0].state for p in payments]
    assert sorted(states) == ["SETTLED", "SUSPENDED"]
    assert world.ledger.balance("payments.suspense") == 10_000
    assert world.payable.paid["a"] == 10_000
    second = payments[states.index("SUSPENDED")]
    assert [r.status for r in await world.refunds(second)] == ["PROPOSED"]


async def test_parts_side_by_side_never_exceed_the_bill(on_postgres: World) -> None:
    world = on_postgres
    world.payable.add("a", 10_000, least_fils=1_000)
    payments = [await world.start("a", by=payer(f"p{n}"), **part("a", 3_000)) for n in range(8)]
    for payment_id in payments:
        await world.report(CAPTURED, payment_id)
    await asyncio.gather(*(world.settle() for _ in range(4)))
    while await world.settle():
        pass
    states = [(await world.items(p))[0].state for p in payments]
    assert states.count("SETTLED") == 3
    assert world.payable.paid["a"] == 9_000


async def test_several_refunds_of_one_bill_over_several_payments(world: World) -> None:
    world.payable.add("a", 10_000, least_fils=1_000)
    first, second = await pay_part(world, "a", 4_000), await pay_part(world, "a", 6_000)
    await world.refunded(first, [("a", 1_000)])
    assert world.payable.bills["a"].due_fils == 1_000
    await world.refunded(first, [("a", 500)])
    await pay_part(world, "a", 1_500, by="other")
    assert world.payable.bills["a"].status.value == "PAID"
    with world.unit():
        async with transaction():
            assert await refund_bill("fake-bills", "a", Text("Withdrawn.", "أُلغيت."))
    await world.work()
    for payment_id in (first, second):
        for refund in await world.refunds(payment_id):
            if refund.status == "REQUESTED":
                await world.report_refund(refund.id)
    left = world.payable.paid["a"]
    assert left == 1_500, "the other payer's refund was asked for too, and is under way"
    assert world.ledger.balance("gateway.fake.clearing") == 1_500


async def test_the_database_itself_refuses_more_than_was_due(world: World) -> None:
    world.payable.add("a", 10_000, least_fils=1_000)
    await pay_part(world, "a", 4_000)
    with world.unit(), pytest.raises(IntegrityError):
        await BillBalance.all().update(claimed_fils=10_001)
