"""One payment of three services, one of which fails: the others go on, and its money is kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from bawaba.db import IntegrityError, execute
from bawaba.errors import Refusal
from bawaba.graphql import global_id
from bawaba.host.audit.models import AuditEntry
from bawaba.host.jobs import dead_letters, requeue_all
from bawaba.host.live.models import OutboxEvent
from bawaba.host.payments.desk import Deadlines
from bawaba.host.payments.domain import ITEM, ItemTrigger
from bawaba.host.payments.rules.circuits import FAILURES
from bawaba.host.payments.services import reading
from bawaba.ledger import Posting, Side
from bawaba.payments import GatewayEventKind, SettledItem, is_settled
from bawaba.testing.fakes import FakePayable, FakePlugin
from payments_world import TREASURER, World, payer

CAPTURED = GatewayEventKind.CAPTURED
BILLS = 12


class Troubled(FakePayable):
    """Can be told to fail in one way or another; counts how often it is asked."""

    trouble = ""
    asked = 0

    def postings(self, item: SettledItem) -> Sequence[Posting]:
        """Name an account that does not exist, if told to."""
        if self.trouble == "unknown account":
            return [Posting("fake.nowhere", Side.CREDIT, item.fils)]
        return super().postings(item)

    async def mark_paid(self, items: Sequence[SettledItem]) -> None:
        """Fail in the way told."""
        self.asked += 1
        if self.trouble == "hangs":
            await asyncio.sleep(60)
        if self.trouble == "swallows":
            with pytest.raises(IntegrityError):
                await execute("INSERT INTO core_job (id) VALUES (NULL)")
        if self.trouble == "raises":
            raise RuntimeError("out of order")
        await super().mark_paid(items)


class Three(World):
    """A world of three services; one bill of each stands in ``basket``."""

    def __init__(self, url: str, folder: Path) -> None:
        self.broken = Troubled("second-bills", "SecondBill")
        self.third = FakePayable("third-bills", "ThirdBill")
        super().__init__(url, folder, FakePlugin([FakePayable(), self.broken, self.third]))
        for raw, payable in zip("abc", self.plugin.payables, strict=True):
            payable.add(raw, 10_000)

    async def pay(self, by: str = "payer") -> str:
        """Pay all three bills."""
        return await self.captured("a", "b", "c", by=payer(by))

    async def states(self, payment_id: str) -> list[str]:
        """Return where the money of each bill is."""
        return [item.state for item in await self.items(payment_id)]

    def marked(self) -> list[int]:
        """Return what each service knows as paid of its bill."""
        return [p.paid.get(raw, 0) for raw, p in zip("abc", self.plugin.payables, strict=True)]

    async def later(self) -> None:
        """Let a day go by, and the jobs run that are due."""
        self.clock.move(hours=24)
        await self.work()

    def held(self) -> int:
        """Return what the books hold."""
        return self.ledger.balance("payments.held")


@pytest.fixture
async def three(payments_url: str, tmp_path: Path) -> AsyncIterator[Three]:
    world = Three(payments_url, tmp_path)
    async with world.host.opened():
        yield world
        assert world.ledger.trial_balance() == 0


def test_the_machine_is_whole() -> None:
    assert {(s.name, t.name): e.name for (s, t), e in ITEM.edges.items()} == {
        ("WAITING", "SETTLE"): "SETTLED",
        ("WAITING", "HOLD"): "HELD",
        ("WAITING", "SUSPEND"): "SUSPENDED",
        ("HELD", "SETTLE"): "SETTLED",
        ("HELD", "SUSPEND"): "SUSPENDED",
    }
    assert set(ItemTrigger) == {trigger for _, trigger in ITEM.edges}


@pytest.mark.parametrize("trouble", ["raises", "hangs", "unknown account", "swallows"])
async def test_the_others_are_settled_and_told(three: Three, trouble: str) -> None:
    if trouble == "hangs":
        three.host.runtime.payments.deadlines = Deadlines(settling=0.3)
    three.broken.trouble = trouble
    payment_id = await three.pay()
    await three.work()
    assert (await three.payment(payment_id)).status == "CAPTURED"
    assert await three.states(payment_id) == ["SETTLED", "HELD", "SETTLED"]
    assert three.marked() == [10_000, 0, 10_000]
    assert [len(p.delivered) for p in three.plugin.payables] == [1, 0, 1]
    assert three.held() == 10_000
    assert three.ledger.balance("gateway.fake.clearing") == 30_000
    assert three.ledger.balance("payments.suspense") == 0
    assert [three.ledger.totals(p.service)[:2] for p in three.plugin.payables] == [
        (1, 10_000),
        (0, 0),
        (1, 10_000),
    ]
    with three.unit():
        shown = await reading.receipt((await three.payment(payment_id)).receipt_number or "")
    assert shown is not None
    assert sum(item["fils"] for item in shown[1]) == 30_000, "the payer has paid all of them"


async def test_what_is_held_is_settled_once_its_service_works(three: Three) -> None:
    three.broken.trouble = "raises"
    payment_id = await three.pay()
    await three.later()
    assert await three.states(payment_id) == ["SETTLED", "HELD", "SETTLED"]
    three.broken.trouble = ""
    for _ in range(3):
        await three.later()
    assert await three.states(payment_id) == ["SETTLED"] * 3
    assert three.marked() == [10_000] * 3
    assert [list(p.delivered.values()) for p in three.plugin.payables] == [[1]] * 3
    assert three.held() == 0
    assert three.ledger.totals("second-bills") == (1, 10_000, 0)
    with three.unit():
        told = await OutboxEvent.filter(topic=f"payment:{payment_id}").order_by("sequence")
    kinds = [event.kind for event in told]
    assert [kind for kind in kinds if kind.startswith("BILLS")] == ["BILLS_HELD", "BILLS_SETTLED"]


async def test_a_bill_that_is_held_is_nobody_elses_to_pay(three: Three) -> None:
    three.broken.trouble = "raises"
    await three.pay()
    with three.unit():
        assert await is_settled("second-bills", "b")
    with pytest.raises(Refusal, match="BILL_ALREADY_PAID"):
        await three.start("b", by=payer("other"))


async def test_a_part_that_is_held_counts_before_its_agency_knows(world: World) -> None:
    world.payable.add("a", 9_000, least_fils=1_000)
    world.payable.poison.add("a")
    await world.captured("a")
    assert world.payable.bills["a"].due_fils == 9_000
    with pytest.raises(Refusal, match="BILL_NOT_PAYABLE"):
        await world.start("a", by=payer("other"))
    world.payable.poison.clear()
    world.clock.move(hours=1)
    await world.work()
    with pytest.raises(Refusal, match="BILL_ALREADY_PAID"):
        await world.start("a", by=payer("other"))


async def test_one_bad_bill_holds_up_no_other_of_its_service(world: World) -> None:
    for raw in ("a", "bad", "crooked", "z"):
        world.payable.add(raw, 1_000)
    world.payable.poison.add("bad")
    world.payable.crooked.add("crooked")
    payment_id = await world.captured("a", "bad", "crooked", "z")
    other = await world.captured(world.payable.add("other", 1_000).id, by=payer("other"))
    await world.work()
    states = [item.state for item in await world.items(payment_id)]
    assert states == ["SETTLED", "HELD", "HELD", "SETTLED"]
    assert [item.state for item in await world.items(other)] == ["SETTLED"]
    assert len(world.payable.delivered) == 3
    world.payable.crooked.clear()
    world.clock.move(hours=1)
    await world.work()
    states = [item.state for item in await world.items(payment_id)]
    assert states == ["SETTLED", "HELD", "SETTLED", "SETTLED"]
    assert world.ledger.balance("payments.held") == 1_000


async def test_an_operator_sees_what_is_held_and_has_it_tried_again(three: Three) -> None:
    three.broken.trouble = "raises"
    payment_id = await three.pay()
    alarms = three.host.metrics.get_sample_value("bawaba_payment_alarms_total", {"kind": "held"})
    assert alarms == 1
    for _ in range(25):
        await three.later()
    with three.unit():
        [entry] = await AuditEntry.filter(action="payments.alarm.held")
        [dead] = await dead_letters()
    assert (entry.resource, payment_id in entry.detail) == ("Service:second-bills", True)
    assert (dead.name, "out of order" in dead.last_error) == ("payments.settle", True)
    answer = await three.ask(
        "query ($id: ID!) { node(id: $id) { ... on Payment { items { state } } } }",
        {"id": global_id("Payment", payment_id)},
        by=TREASURER,
    )
    states = [item["state"] for item in answer["data"]["node"]["items"]]
    assert states == ["SETTLED", "HELD", "SETTLED"]
    three.broken.trouble = ""
    with three.unit():
        assert await requeue_all("payments.settle") == 1
    await three.work()
    assert await three.states(payment_id) == ["SETTLED"] * 3


async def test_a_service_that_keeps_hanging_is_left_out_for_a_while(three: Three) -> None:
    three.host.runtime.payments.deadlines = Deadlines(settling=0.3)
    three.broken.trouble = "hangs"
    for n in range(BILLS):
        three.broken.add(f"b{n}", 10_000)
        payment_id = await three.start(f"b{n}")
        await three.report(CAPTURED, payment_id)
    await three.settle()
    assert three.broken.asked == 1, "one batch"
    await three.work()
    asked = three.broken.asked
    assert FAILURES <= asked < BILLS, "the jobs that ran side by side, not each of them"
    payment_id = await three.pay()
    await three.work()
    assert three.broken.asked == asked
    assert three.marked() == [10_000, 0, 10_000]
    three.broken.trouble = ""
    for _ in range(2):
        await three.later()
    assert three.held() == 0
    assert await three.states(payment_id) == ["SETTLED"] * 3


async def test_held_money_can_go_back(three: Three) -> None:
    three.broken.trouble = "raises"
    payment_id = await three.pay()
    refund_id = await three.refund(payment_id)
    await three.work()
    await three.report_refund(refund_id)
    assert await three.states(payment_id) == ["SETTLED", "SUSPENDED", "SETTLED"]
    assert three.held() == 0
    assert three.ledger.balance("gateway.fake.clearing") == 0
    assert three.marked() == [0, 0, 0]
    assert await three.claims() == set()
    three.broken.trouble = ""
    await three.later()
    assert three.marked() == [0, 0, 0]
    assert three.ledger.totals("second-bills") == (0, 0, 0)
    again = await three.pay("other")
    assert await three.states(again) == ["SETTLED"] * 3


async def test_of_held_money_that_went_back_in_part_the_rest_awaits_a_decision(
    three: Three,
) -> None:
    three.broken.trouble = "raises"
    payment_id = await three.pay()
    refund_id = await three.refund(payment_id, [("b", 4_000)])
    await three.work()
    await three.report_refund(refund_id)
    proposed = {r.fils: r for r in await three.refunds(payment_id) if r.status == "PROPOSED"}
    assert list(proposed) == [6_000]
    await three.approve(proposed[6_000].id)
    await three.work()
    await three.report_refund(proposed[6_000].id)
    assert three.held() == 0
    assert three.ledger.balance("gateway.fake.clearing") == 20_000
    assert three.ledger.balance("payments.suspense") == 0


async def test_what_was_settled_late_goes_back_as_anything_else(three: Three) -> None:
    three.broken.trouble = "raises"
    payment_id = await three.pay()
    three.broken.trouble = ""
    await three.later()
    await three.refunded(payment_id, [("b", 3_333)])
    assert three.ledger.balance("gateway.fake.clearing") == 26_667
    await three.refunded(payment_id)
    for account in ("gateway.fake.clearing", "fake.share", "fake.fee", "payments.held"):
        assert three.ledger.balance(account) == 0, account
    assert three.marked() == [0, 0, 0]
    assert three.ledger.totals("second-bills") == (1, 10_000, 10_000)


async def test_a_lost_dispute_takes_held_money_first(three: Three) -> None:
    three.broken.trouble = "raises"
    payment_id = await three.pay()
    for kind in (GatewayEventKind.DISPUTE_OPENED, GatewayEventKind.DISPUTE_LOST):
        await three.report(kind, payment_id, 12_000, dispute_id="d1")
        await three.settle()
    assert three.held() == 0
    assert await three.states(payment_id) == ["SETTLED", "SUSPENDED", "SETTLED"]
    assert [i.refunded_fils for i in await three.items(payment_id)] == [1_000, 10_000, 1_000]
    assert three.marked() == [9_000, 0, 9_000]
    assert three.ledger.balance("gateway.fake.clearing") == 18_000


async def test_a_service_that_cannot_note_a_refund_holds_up_no_other(three: Three) -> None:
    payment_id = await three.pay()
    await three.work()
    three.broken.poison.add("b")
    await three.refunded(payment_id)
    await three.work()
    assert three.ledger.balance("gateway.fake.clearing") == 0
    assert three.marked() == [0, 10_000, 0]
    assert await three.claims() == {"b"}, "payable again once its service knows"
    assert [len(p.reversals) for p in three.plugin.payables] == [1, 0, 1]
    three.broken.poison.clear()
    for _ in range(2):
        await three.later()
    assert three.marked() == [0, 0, 0]
    assert await three.claims() == set()
    assert [len(p.reversals) for p in three.plugin.payables] == [1, 1, 1]
