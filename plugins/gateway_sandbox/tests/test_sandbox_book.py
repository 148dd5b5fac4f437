"""The gateway's book: each thing once, and reported in the transaction that did it."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any

import pytest
from bawaba.db import IntegrityError
from bawaba.payments import GatewayEventKind
from bawaba_gateway_sandbox import commands, services
from bawaba_gateway_sandbox.domain import CheckoutNotLate, CheckoutState, CheckoutUnknown, Outcome
from bawaba_gateway_sandbox.models import SandboxCheckout, SandboxEvent, SandboxRefund

LATER = dt.timedelta(hours=1)


async def kinds() -> list[str]:
    return [row["kind"] for row in await SandboxEvent.all().order_by("id").values("kind")]


async def test_a_payment_has_one_checkout_however_often_it_is_opened(world: Any) -> None:
    with world.unit():
        opened = await asyncio.gather(
            *(world.gateway.open_checkout(world.order()) for _ in range(5))
        )
        assert len(set(opened)) == 1
        assert opened[0].url.startswith("http://portal.test/sandbox/checkout/")
        assert await SandboxCheckout.all().count() == 1
        with pytest.raises(ValueError, match="12500 fils"):
            await world.gateway.open_checkout(world.order(fils=1))


async def test_the_address_of_the_page_cannot_be_guessed_from_what_others_know(world: Any) -> None:
    with world.unit():
        checkout = await world.gateway.open_checkout(world.order())
        token = checkout.url.rpartition("/")[2]
        assert len(token) == 43
        assert token not in (checkout.gateway_reference, "pay1", "REF-pay1")


@pytest.mark.parametrize("outcome", Outcome)
async def test_a_choice_is_booked_once_with_its_event_and_job(world: Any, outcome: Outcome) -> None:
    with world.unit():
        token = await world.opened()
        decisions = [await services.decide(token, outcome) for _ in range(3)]
        assert all(decision.accepted for decision in decisions)
        (event,) = await SandboxEvent.all()
        assert (event.payment_id, event.fils) == ("pay1", 12_500)
        assert event.gateway_reference == decisions[0].checkout.id
        expected = {"approve": "CAPTURED", "decline": "DECLINED", "abandon": "ABANDONED"}
        assert event.kind == expected[outcome.value]
        assert world.jobs.committed == [("sandbox.deliver_event", {"event": event.id})]


async def test_two_buttons_at_once_are_one_choice(world: Any) -> None:
    async def press(token: str, outcome: Outcome) -> services.Decision:
        with world.unit():
            return await services.decide(token, outcome)

    with world.unit():
        token = await world.opened()
        decisions = await asyncio.gather(*(press(token, o) for o in list(Outcome) * 3))
        assert sum(decision.accepted for decision in decisions) == 3
        assert len({decision.checkout.state for decision in decisions}) == 1
        assert len(await kinds()) == 1


async def test_a_failed_transaction_leaves_neither_event_nor_job(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("queue is down")

    with world.unit():
        token = await world.opened()
        monkeypatch.setattr(services, "enqueue", broken)
        with pytest.raises(RuntimeError, match="queue"):
            await services.decide(token, Outcome.APPROVE)
        assert (await SandboxCheckout.get()).state == "OPEN"
        assert await kinds() == []


async def test_an_expired_checkout_takes_no_choice(world: Any) -> None:
    with world.unit():
        token = await world.opened()
        world.clock.at += LATER
        assert (await services.present(token)).state == "EXPIRED"
        decision = await services.decide(token, Outcome.APPROVE)
        assert not decision.accepted
        assert (await SandboxCheckout.get()).state == "EXPIRED"
        assert world.jobs.committed == []


async def test_cancelling_is_too_late_only_when_money_was_taken(world: Any) -> None:
    with world.unit():
        approved, declined = await world.opened(payment="a"), await world.opened(payment="b")
        await services.decide(approved, Outcome.APPROVE)
        await services.decide(declined, Outcome.DECLINE)
        await world.opened(payment="c")
        cancel = world.gateway.cancel
        assert [await cancel(payment) for payment in ("a", "b", "c", "c", "unknown")] == [
            False, True, True, True, True,
        ]  # fmt: skip
        assert (await SandboxCheckout.get(payment_id="c")).state == "CANCELLED"
        assert await kinds() == ["CAPTURED", "DECLINED"]


async def test_a_capture_can_come_after_the_end(world: Any) -> None:
    with world.unit():
        await world.opened(payment="a")
        await world.opened(payment="b")
        await world.gateway.cancel("b")
        with pytest.raises(CheckoutNotLate):
            await services.capture_late("REF-a")
        world.clock.at += LATER
        for payment in ("a", "b"):
            event_id = await services.capture_late(f"REF-{payment}")
            event = await SandboxEvent.get(id=event_id)
            assert (event.kind, event.payment_id) == ("CAPTURED", payment)
            assert ("sandbox.deliver_event", {"event": event_id}) in world.jobs.committed
            with pytest.raises(CheckoutNotLate):
                await services.capture_late(f"REF-{payment}")
        with pytest.raises(CheckoutUnknown):
            await services.capture_late("REF-none")


async def test_refunds_in_parts_never_exceed_what_was_taken(world: Any) -> None:
    with world.unit():
        token = await world.opened(fils=1000)
        await services.decide(token, Outcome.APPROVE)
        for refund, fils in (("r1", 400), ("r1", 400), ("r2", 601), ("r3", 600), ("r4", 1)):
            await world.gateway.refund(world.refund(refund, fils))
        events = await SandboxEvent.filter(refund_id__isnull=False).order_by("id")
        assert [(event.refund_id, event.kind, event.fils) for event in events] == [
            ("r1", "REFUNDED", 400),
            ("r2", "REFUND_FAILED", 601),
            ("r3", "REFUNDED", 600),
            ("r4", "REFUND_FAILED", 1),
        ]
        assert events[1].reason == "more than is left to give back"
        assert events[0].gateway_reference == "ref"
        assert (await SandboxCheckout.get()).refunded_fils == 1000
        assert len(world.jobs.committed) == 5


async def test_refunds_at_once_never_exceed_what_was_taken(world: Any) -> None:
    async def refund(name: str) -> None:
        with world.unit():
            await world.gateway.refund(world.refund(name, 300))

    with world.unit():
        await services.decide(await world.opened(fils=1000), Outcome.APPROVE)
        await asyncio.gather(*(refund(f"r{number}") for number in range(8)))
        assert await SandboxRefund.filter(succeeded=True).count() == 3
        assert (await SandboxCheckout.get()).refunded_fils == 900


async def test_a_refund_of_what_was_never_taken_fails(world: Any) -> None:
    with world.unit():
        await services.decide(await world.opened(), Outcome.DECLINE)
        await world.gateway.refund(world.refund("r1", 1))
        await world.gateway.refund(world.refund("r2", 1, payment="unknown"))
        assert await kinds() == ["DECLINED", "REFUND_FAILED", "REFUND_FAILED"]


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("checkout", {"state": "PAID"}),
        ("checkout", {"fils": 0}),
        ("checkout", {"refunded_fils": 12_501}),
        ("checkout", {"refunded_fils": -1}),
    ],
)
async def test_the_database_itself_refuses_nonsense(
    world: Any, table: str, change: dict[str, Any]
) -> None:
    del table
    with world.unit():
        await world.opened()
        with pytest.raises(IntegrityError):
            await SandboxCheckout.all().update(**change)


async def test_the_database_itself_refuses_a_second_capture(world: Any) -> None:
    with world.unit():
        await services.decide(await world.opened(), Outcome.APPROVE)
        row = await SandboxEvent.get()
        with pytest.raises(IntegrityError):
            await SandboxEvent.create(**{**dict(row), "id": "another"})


async def test_the_commands_say_what_is_wrong(
    world: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    with world.unit():
        assert await commands.late_capture("REF-none") == 1
        await world.opened()
        assert await commands.resend() == 2
        assert await commands.resend("e", last=1) == 2
        for unknown in ("nothing", "x" * 65, "\0"):
            assert await commands.resend(unknown) == 1
        assert await commands.late_capture("x" * 65) == 1
        capsys.readouterr()
        assert await commands.late_capture("REF-pay1") == 1
        assert "OPEN" in capsys.readouterr().err
        world.clock.at += LATER
        assert await commands.late_capture("REF-pay1") == 0
        assert await commands.events() == 0
        assert f"{GatewayEventKind.CAPTURED.value}" in capsys.readouterr().out
        assert (await SandboxCheckout.get()).state == CheckoutState.APPROVED.value
