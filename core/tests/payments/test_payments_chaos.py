"""Whatever a gateway sends, however often, in whatever order, and wherever a settler is cut off:
the gateway's book, the payments, the receipts and the journals tell the same story."""

from __future__ import annotations

import asyncio
import datetime as dt
import random

import pytest
from bawaba.host.payments import inbox
from bawaba.host.payments.models import GatewayMessage
from bawaba.payments import GatewayEvent, GatewayEventKind
from payments_world import World, payer

BILLS = [f"b{n}" for n in range(6)]


async def begin(world: World, chance: random.Random, count: int) -> list[GatewayEvent]:
    """Start payments over few bills, and make up what the gateway will say of each."""
    for raw in BILLS:
        world.payable.add(raw, 1_000 + int(raw[1:]))
    story: list[GatewayEvent] = []
    for n in range(count):
        bills = chance.sample(BILLS, chance.randint(1, 3))
        payment_id = await world.start(*bills, by=payer(f"p{n}"))
        fils = sum(world.payable.bills[raw].fils for raw in bills)
        end = chance.choice(
            [GatewayEventKind.CAPTURED] * 4
            + [GatewayEventKind.DECLINED, GatewayEventKind.ABANDONED]
        )
        for second, kind in enumerate([GatewayEventKind.AUTHORISED, end]):
            at = world.clock.at + dt.timedelta(seconds=second)
            with world.unit():
                story.append(world.gateway.event(kind, payment_id, fils, occurred_at=at))
    story = story * 3
    chance.shuffle(story)
    return story


async def check(world: World, story: list[GatewayEvent]) -> None:
    """Compare the gateway's own book with everything that the platform wrote."""
    taken = {e.payment_id: e.fils for e in story if e.kind is GatewayEventKind.CAPTURED}
    assert world.ledger.trial_balance() == 0
    assert world.ledger.balance("gateway.fake.clearing") == sum(taken.values())
    captures = [ref for ref in world.ledger.journals if ref.endswith(":capture")]
    assert sorted(captures) == sorted(f"payment:{payment_id}:capture" for payment_id in taken)
    settled: list[str] = []
    suspended = 0
    for payment_id, fils in taken.items():
        payment = await world.payment(payment_id)
        assert payment.captured_fils == fils
        items = await world.items(payment_id)
        assert {item.state for item in items} <= {"SETTLED", "SUSPENDED"}
        settled += [item.bill_id for item in items if item.state == "SETTLED"]
        lost = sum(item.fils for item in items if item.state == "SUSPENDED")
        suspended += lost
        assert [r.fils for r in await world.refunds(payment_id)] == ([lost] if lost else [])
        assert (payment.receipt_number is not None) == (lost < fils)
    assert len(settled) == len(set(settled))
    assert set(settled) == await world.claims()
    assert world.ledger.balance("payments.suspense") == suspended
    assert world.ledger.totals("fake-bills")[:2] == (
        len(settled),
        sum(world.payable.bills[raw].fils for raw in settled),
    )
    assert not [m for m in await world.messages() if m.status in ("WAITING", "ALARM")]


@pytest.mark.parametrize("seed", range(3))
async def test_shuffled_and_repeated_messages(world: World, seed: int) -> None:
    chance = random.Random(seed)
    story = await begin(world, chance, 8)
    for start in range(0, len(story), 5):
        with world.unit():
            await inbox.store("fake", story[start : start + 5], "{}")
        await world.settle()
    await check(world, story)


async def test_early_expiry_late_money(world: World) -> None:
    story = await begin(world, random.Random(7), 6)
    await world.expire()
    with world.unit():
        await inbox.store(
            "fake", [e for e in story if e.kind is not GatewayEventKind.AUTHORISED], "{}"
        )
    await world.settle()
    await check(world, story)
    assert await world.claims() == set()


async def test_a_settler_cut_off_anywhere_settles_all_at_last(world: World) -> None:
    chance = random.Random(1)
    story = await begin(world, chance, 8)
    with world.unit():
        await inbox.store("fake", story, "{}")
    for _ in range(25):
        task = asyncio.create_task(world.settle())
        await asyncio.sleep(chance.random() * 0.03)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    with world.unit():
        await GatewayMessage.filter(status="WAITING").update(due_at=world.clock.at)
    await world.settle()
    await check(world, story)
    await world.work()
    assert set(world.payable.delivered.values()) == {1}
