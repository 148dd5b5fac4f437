"""Payments, refunds, disputes and settlement files of chance, with crashes, against a model.

After every step the postings sum to zero and fold to the balances, payments, receipts and journals
agree, no bill is paid twice; whenever all is settled, the books say what the gateway's book says.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from bawaba.host.payments.models import Payment, PaymentItem, Refund
from bawaba.payments import GatewayEvent, GatewayEventKind
from bawaba.testing.databases import postgres_database
from bawaba_accounting.services import verify
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)
from money_world import SEAMS, MoneyWorld, dying, money_world, replaced

K = GatewayEventKind
PLENTY = settings(
    max_examples=12,
    stateful_step_count=35,
    derandomize=os.environ.get("BAWABA_TEST_CHANCE") != "1",  # set to walk other ways each time
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


class Chance(RuleBasedStateMachine):
    """The walk. ``world`` and ``runner`` are set by the test; bills are new in each walk."""

    world: MoneyWorld
    runner: asyncio.Runner
    walks = 0

    bills = Bundle("bills")
    payments = Bundle("payments")
    events = Bundle("events")
    told = Bundle("told")

    def __init__(self) -> None:
        super().__init__()
        type(self).walks += 1
        self.mine: list[str] = []
        self.charges: dict[str, dict[str, int]] = {}
        self.answered: list[tuple[str, K]] = []
        self.disputed: dict[str, str] = {}
        self.keys: dict[str, tuple[list[tuple[str, int | None]], int, str | None]] = {}
        self.started: list[str] = []

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(work)

    # -- payers -----------------------------------------------------------------------------

    @initialize(target=bills)
    def first_bills(self) -> Any:
        return multiple(self._bill(3_000, None), self._bill(9_000, 1_000))

    @rule(target=bills, fils=st.integers(1, 20_000), least=st.sampled_from([None, None, 100]))
    def bill(self, fils: int, least: int | None) -> str:
        return self._bill(fils, least)

    def _bill(self, fils: int, least: int | None) -> str:
        raw = f"w{self.walks}-{len(self.mine)}"
        self.mine.append(raw)
        payables = self.world.payables
        payables[len(self.mine) % len(payables)].add(raw, fils, least_fils=least)
        return raw

    @rule(target=payments, chosen=st.lists(bills, min_size=1, max_size=3), share=st.integers(1, 4))
    def start(self, chosen: list[str], share: int) -> Any:
        return self._start(chosen, share) or multiple()

    def _start(self, chosen: list[str], share: int) -> str | None:
        lines: list[tuple[str, int | None]] = []
        for raw in dict.fromkeys(chosen):
            bill = self.world.service_of(raw).bills[raw]
            part = bill.due_fils // share if bill.least_fils and share > 1 else None
            lines.append((raw, part))
        key, total = self.world.key(), self.world.total(lines)
        payment_id: str | None = self.run(self.world.start(lines, key, total))
        self.keys[key] = (lines, total, payment_id)
        self.started += [payment_id] if payment_id else []
        return payment_id

    @rule(
        target=payments,
        chosen=st.lists(bills, max_size=1),
        fils=st.integers(1, 20_000),
        least=st.sampled_from([None, 100]),
    )
    def pay(self, chosen: list[str], fils: int, least: int | None) -> Any:
        """The straight way, so that there is money to give back and to quarrel about."""
        payment_id = self._start([*chosen, self._bill(fils, least)], 1)
        if payment_id is None:
            return multiple()
        charge = self._charge(payment_id, f"gw-{payment_id}", self._fils(payment_id))
        self.run(self.world.tell(charge))
        self.run(self.world.settle())
        return payment_id

    @precondition(lambda self: self.keys)
    @rule(pick=st.integers(0, 50))
    def start_again(self, pick: int) -> None:
        """The same key and input: the same answer; the same key and other input: refused."""
        key = sorted(self.keys)[pick % len(self.keys)]
        lines, total, answer = self.keys[key]
        before = len(self.run(self.world.rows(Payment)))
        assert self.run(self.world.start(lines, key, total)) == answer
        assert self.run(self.world.start(lines, key, total + 1)) is None
        assert len(self.run(self.world.rows(Payment))) == before

    @rule(payment_id=payments)
    def cancel(self, payment_id: str) -> None:
        self.world.gateway.too_late = bool(self.charges.get(payment_id))
        self.run(self.world.cancel(payment_id))

    @rule(really=st.sampled_from([False, False, True]))
    def expire(self, really: bool) -> None:
        if really:
            self.run(self.world.expire())

    # -- the gateway ------------------------------------------------------------------------

    @rule(
        target=events,
        payment_id=payments,
        kind=st.sampled_from([K.AUTHORISED, K.DECLINED, K.ABANDONED, K.VOIDED]),
    )
    def say(self, payment_id: str, kind: K) -> GatewayEvent:
        return self._event(kind, payment_id, self._fils(payment_id))

    @rule(target=events, payment_id=payments, more=st.sampled_from([0, 0, 0, 0, 7]))
    def capture(self, payment_id: str, more: int) -> GatewayEvent:
        reference = f"gw-{payment_id}"
        fils = self.charges.get(payment_id, {}).get(reference, self._fils(payment_id) + more)
        return self._charge(payment_id, reference, fils)

    @rule(target=events, payment_id=payments)
    def charge_again(self, payment_id: str) -> Any:
        if not self.charges.get(payment_id):
            return multiple()
        return self._charge(payment_id, f"second-{payment_id}", self._fils(payment_id))

    def _charge(self, payment_id: str, reference: str, fils: int) -> GatewayEvent:
        self.charges.setdefault(payment_id, {})[reference] = fils
        event = self._event(K.CAPTURED, payment_id, fils)
        return replaced(event, gateway_reference=reference)

    @rule(
        target=events,
        kind=st.sampled_from([K.REFUNDED, K.REFUNDED, K.REFUND_FAILED]),
        pick=st.integers(0, 9),
    )
    def answer_refund(self, kind: K, pick: int) -> Any:
        done = {refund_id for refund_id, _ in self.answered}
        orders = self.world.gateway.refunds.items()
        waiting = [r for r, order in orders if order.payment_id in self.started and r not in done]
        return self._answer(waiting[pick % len(waiting)], kind) if waiting else multiple()

    @rule(target=events, pick=st.integers(0, 9))
    def return_refund(self, pick: int) -> Any:
        back = {r for r, kind in self.answered if kind is K.REFUND_REVERSED}
        given = [r for r, kind in self.answered if kind is K.REFUNDED and r not in back]
        return self._answer(given[pick % len(given)], K.REFUND_REVERSED) if given else multiple()

    def _answer(self, refund_id: str, kind: K) -> GatewayEvent:
        self.answered.append((refund_id, kind))
        order = self.world.gateway.refunds[refund_id]
        event = self._event(kind, order.payment_id, order.fils)
        return replaced(event, refund_id=refund_id, gateway_reference=order.gateway_reference)

    @rule(target=events, payment_id=payments)
    def dispute(self, payment_id: str) -> Any:
        fils = self.charges.get(payment_id, {}).get(f"gw-{payment_id}")
        if fils is None or payment_id in self.disputed:
            return multiple()
        self.disputed[payment_id] = "open"
        event = self._event(K.DISPUTE_OPENED, payment_id, fils)
        return replaced(event, dispute_id=f"d-{payment_id}")

    @rule(target=events, payment_id=payments, kind=st.sampled_from([K.DISPUTE_WON, K.DISPUTE_LOST]))
    def end_dispute(self, payment_id: str, kind: K) -> Any:
        if self.disputed.get(payment_id) != "open":
            return multiple()
        self.disputed[payment_id] = "over"
        event = self._event(kind, payment_id, self.charges[payment_id][f"gw-{payment_id}"])
        return replaced(event, dispute_id=f"d-{payment_id}")

    def _event(self, kind: K, payment_id: str, fils: int) -> GatewayEvent:
        self.world.move(seconds=1)
        with self.world.host.unit():
            return self.world.gateway.event(kind, payment_id, fils)

    def _fils(self, payment_id: str) -> int:
        return int(self.run(self.world.rows(Payment, id=payment_id))[0].fils)

    @rule(target=told, event=consumes(events))
    def deliver(self, event: GatewayEvent) -> GatewayEvent:
        self.run(self.world.tell(event))
        return event

    @rule(event=told)
    def deliver_again(self, event: GatewayEvent) -> None:
        self.run(self.world.tell(event))

    # -- treasurers -------------------------------------------------------------------------

    @rule(payment_id=payments, part=st.integers(0, 3))
    def refund(self, payment_id: str, part: int) -> None:
        items = self.run(self.world.rows(PaymentItem, payment_id=payment_id))
        parts = [(i.bill_id, max(1, i.fils // part)) for i in items] if part else None
        self.run(self.world.refund(payment_id, parts))

    @rule(payment_id=payments, part=st.integers(0, 2), bounces=st.booleans())
    def give_back(self, payment_id: str, part: int, bounces: bool) -> None:
        """The straight way of a refund: asked for, approved, given back, perhaps returned."""
        before = set(self.world.gateway.refunds)
        self.refund(payment_id, part)
        self._approve_all(payment_id)
        self.run(self.world.work())
        for refund_id in sorted(set(self.world.gateway.refunds) - before):
            kinds = [K.REFUNDED, K.REFUND_REVERSED] if bounces else [K.REFUNDED]
            for kind in kinds:
                self.run(self.world.tell(self._answer(refund_id, kind)))
                self.run(self.world.settle())

    def _approve_all(self, payment_id: str) -> None:
        doubles = self.run(self.world.rows(Payment, double_of=payment_id))
        for of in (payment_id, *(double.id for double in doubles)):
            for refund in self.run(self.world.rows(Refund, payment_id=of)):
                for who in (0, 1):
                    self.run(self.world.decide(refund.id, who, approve=True))

    @rule(payment_id=payments, kind=st.sampled_from([K.DISPUTE_WON, K.DISPUTE_LOST]))
    def quarrel(self, payment_id: str, kind: K) -> None:
        """The straight way of a dispute."""
        for event in (self.dispute(payment_id), self.end_dispute(payment_id, kind)):
            if isinstance(event, GatewayEvent):
                self.run(self.world.tell(event))
                self.run(self.world.settle())

    @rule(who=st.integers(0, 1), approve=st.booleans(), pick=st.integers(0, 9))
    def decide(self, who: int, approve: bool, pick: int) -> None:
        found = self.run(self.world.rows(Refund, status__in=["PROPOSED", "AWAITING"]))
        doubles = self.run(self.world.rows(Payment, double_of__in=self.started))
        mine = {*self.started, *(payment.id for payment in doubles)}
        waiting = sorted(refund.id for refund in found if refund.payment_id in mine)
        if waiting:
            self.run(self.world.decide(waiting[pick % len(waiting)], who, approve=approve))

    @rule(
        payment_id=payments,
        kind=st.sampled_from([K.DISPUTE_WON, K.DISPUTE_LOST]),
        sent=st.booleans(),
        part=st.integers(1, 2),
    )
    def quarrel_over_refund(self, payment_id: str, kind: K, sent: bool, part: int) -> None:
        """A dispute that crosses a refund, before or after the gateway was asked for it."""
        self.refund(payment_id, part)
        self._approve_all(payment_id)
        if sent:
            self.run(self.world.work())
        for event in (self.dispute(payment_id), self.end_dispute(payment_id, kind)):
            if isinstance(event, GatewayEvent):
                self.run(self.world.tell(event))
                self.run(self.world.settle())
                self.run(self.world.work())

    # -- the agencies -----------------------------------------------------------------------

    @rule(raw=bills)
    def choke(self, raw: str) -> None:
        """From now on a service fails to mark one of its bills."""
        self.world.service_of(raw).poison.add(raw)

    @rule(target=payments, fils=st.integers(1, 20_000), chosen=st.lists(bills, max_size=1))
    def pay_while_choking(self, fils: int, chosen: list[str]) -> Any:
        """A payment of both services, of which one fails; the other's bill is settled."""
        bad, good = self._bill(fils, None), self._bill(fils, None)
        self.world.service_of(bad).poison.add(bad)
        payment_id = self._start([*chosen, bad, good], 1)
        if payment_id is None:
            return multiple()
        charge = self._charge(payment_id, f"gw-{payment_id}", self._fils(payment_id))
        self.run(self.world.tell(charge))
        self.run(self.world.settle())
        states = {
            item.bill_id: item.state
            for item in self.run(self.world.rows(PaymentItem, payment_id=payment_id))
        }
        assert states[bad] == "HELD"
        assert states[good] in ("SETTLED", "HELD"), "held where its own service fails too"
        return payment_id

    @rule()
    def mend(self) -> None:
        self.world.mend()

    # -- the platform -----------------------------------------------------------------------

    @rule()
    def settle(self) -> None:
        self.run(self.world.settle())

    @rule(seam=st.sampled_from(sorted(SEAMS)), after=st.booleans())
    def die_settling(self, seam: str, after: bool) -> None:
        with dying(seam, after=after):
            self.run(self.world.settle())

    @rule()
    def work(self) -> None:
        self.run(self.world.work())

    @rule()
    def settlement_files(self) -> None:
        """Files may come before the platform has heard of what they name."""
        self.run(self.world.take_files(list(self.world.told.values())))

    @rule()
    def come_to_rest(self) -> None:
        self.run(self.world.settle_all())
        self.run(self.world.check_against_gateway())

    @invariant()
    def everything_holds(self) -> None:
        self.run(self.world.check())

    def teardown(self) -> None:
        self.run(self.world.settle_all())
        self.run(self.world.check())
        self.run(self.world.check_against_gateway())


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite://{tmp_path}/money.db"
        return
    with postgres_database() as url:
        yield url


def test_whatever_happens_the_books_agree(database: str, tmp_path: Path) -> None:
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        world = runner.run(stack.enter_async_context(money_world(database, tmp_path)))
        try:
            machine = type("Walk", (Chance,), {"world": world, "runner": runner})
            run_state_machine_as_test(machine, settings=PLENTY)
            runner.run(_verified(world))
        finally:
            runner.run(stack.aclose())


async def _verified(world: MoneyWorld) -> None:
    """The whole chain, its balances and its statistics, once at the end."""
    with world.host.unit():
        found = await verify.verify()
    assert found.is_intact, found.fault
    assert found.checked > 0
