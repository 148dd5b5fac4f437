"""Starting a payment: prices asked afresh, refusals by code, checkouts, cancelling and expiry."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from bawaba.errors import Refusal, Unauthenticated
from bawaba.host.payments.desk import Deadlines
from bawaba.host.payments.domain import PaymentStatus
from bawaba.host.payments.models import Payment
from bawaba.host.payments.services.ending import expire_overdue
from bawaba.payments import BillStatus, GatewayEventKind
from bawaba.testing.fakes import bill_id
from bawaba.text import Language, Text
from bawaba.viewer import ANONYMOUS
from payments_world import World, payer


async def refused(world: World, *bills: str, **changes: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        await world.start(*bills, **changes)
    return caught.value


async def test_a_payment_freezes_what_the_payer_saw(world: World) -> None:
    world.payable.add("a", 12_500)
    payment_id = await world.start("a")
    world.payable.bills["a"] = dataclasses.replace(world.payable.bills["a"], due_fils=99_000)
    await world.report(GatewayEventKind.CAPTURED, payment_id)
    await world.settle()
    payment = await world.payment(payment_id)
    assert (payment.status, payment.fils) == ("CAPTURED", 12_500)
    assert payment.checkout_url == f"https://fake.example/{payment_id}"
    order = world.gateway.orders[payment_id]
    assert order.callback_url == "https://pay.example/gateways/fake/callback"
    assert order.expires_at == payment.expires_at
    [item] = await world.items(payment_id)
    assert (item.fils, item.explanation_en) == (12_500, "The full amount.")


async def test_a_changed_total_is_refused_with_the_new_one(world: World) -> None:
    world.payable.add("a", 12_500)
    error = await refused(world, "a", expected_fils=10_000)
    assert (error.code, error.path) == ("PAYMENT_TOTAL_CHANGED", ("expectedTotal",))
    assert "12.500" in error.message(Language.EN)
    assert "12.500" in error.message(Language.AR)


async def test_refusals_have_stable_codes(world: World) -> None:
    add = world.payable.add
    add("a", 1_000)
    add("paid", 1_000, status=BillStatus.PAID)
    add("court", 1_000, not_payable=Text("it is before the court.", "معروضة على القضاء."))
    add("gone", 1_000, status=BillStatus.CANCELLED)
    add("zero", 0)
    twice = [(bill_id("a"), None)] * 2
    cases: list[tuple[str, dict[str, Any], str, tuple[str, ...]]] = [
        ("a", {"items": []}, "PAYMENT_BASKET_EMPTY", ("items",)),
        ("a", {"items": twice * 26}, "PAYMENT_BASKET_TOO_LARGE", ("items",)),
        ("a", {"items": twice}, "PAYMENT_BILL_REPEATED", ("items", "1", "billId")),
        ("a", {"items": [("nonsense", None)]}, "NOT_FOUND", ("items", "0", "billId")),
        ("a", {"items": [(bill_id("a", "Person"), None)]}, "NOT_FOUND", ("items", "0", "billId")),
        ("a", {"items": [(bill_id("?"), None)]}, "NOT_FOUND", ("items", "0", "billId")),
        ("paid", {}, "BILL_ALREADY_PAID", ("items", "0", "billId")),
        ("court", {}, "BILL_NOT_PAYABLE", ("items", "0", "billId")),
        ("gone", {}, "BILL_NOT_PAYABLE", ("items", "0", "billId")),
        ("zero", {}, "BILL_NOT_PAYABLE", ("items", "0", "billId")),
        (
            "a",
            {"items": [(bill_id("a"), 400)], "expected_fils": 400},
            "PAYMENT_AMOUNT_NOT_ALLOWED",
            ("items", "0", "amount"),
        ),
        ("a", {"gateway": "nowhere"}, "GATEWAY_UNKNOWN", ("gateway",)),
        ("a", {"return_url": "javascript:alert(1)"}, "RETURN_URL_INVALID", ("returnUrl",)),
    ]
    for raw, changes, code, path in cases:
        error = await refused(world, raw, **changes)
        assert (error.code, error.path) == (code, path)
        assert error.message(Language.AR) != error.message(Language.EN)
    with world.unit():
        assert await Payment.all().count() == 0


async def test_the_books_know_a_paid_bill_even_if_the_agency_does_not(world: World) -> None:
    world.payable.add("a", 1_000)
    await world.captured("a")
    world.payable.add("a", 1_000)
    assert (await refused(world, "a")).code == "BILL_ALREADY_PAID"


async def test_nobody_anonymous_pays(world: World) -> None:
    world.payable.add("a", 1_000)
    with pytest.raises(Unauthenticated):
        await world.start("a", by=ANONYMOUS)


async def test_a_silent_agency_leaves_the_key_free(world: World) -> None:
    world.host.runtime.payments.deadlines = Deadlines(agency=0.05)
    world.payable.add("a", 1_000)
    world.payable.delay = 0.5
    assert (await refused(world, "a", key="k")).code == "AGENCY_UNAVAILABLE"
    world.payable.delay, world.payable.down = 0, True
    assert (await refused(world, "a", key="k")).code == "AGENCY_UNAVAILABLE"
    world.payable.down = False
    assert await world.status(await world.start("a", key="k")) is PaymentStatus.PENDING


async def test_a_silent_gateway_is_healed_by_the_same_key(world: World) -> None:
    world.payable.add("a", 1_000)
    world.gateway.down = True
    assert (await refused(world, "a", key="k")).code == "GATEWAY_UNAVAILABLE"
    world.gateway.down = False
    first = await world.start("a", key="k")
    assert (await world.payment(first)).checkout_url
    with world.unit():
        assert await Payment.all().count() == 1
    assert await world.start("a", key="k") == first
    assert (
        await refused(world, "a", key="k", return_url="https://x.example/")
    ).code == "IDEMPOTENCY_KEY_REUSED"


async def test_a_key_belongs_to_a_person(world: World) -> None:
    world.payable.add("a", 1_000)
    assert await world.start("a", key="k") != await world.start("a", key="k", by=payer("other"))


async def test_a_refusal_is_said_again_although_the_world_moved_on(world: World) -> None:
    world.payable.add("a", 1_000)
    first = await refused(world, "a", key="k", expected_fils=1)
    world.payable.add("a", 1)
    again = await refused(world, "a", key="k", expected_fils=1)
    for language in Language:
        assert again.message(language) == first.message(language)
    assert (again.code, again.path) == (first.code, first.path)


async def test_cancelling(world: World) -> None:
    world.payable.add("a", 1_000)
    payment_id = await world.start("a")
    with pytest.raises(Refusal, match="NOT_FOUND"):
        await world.cancel(payment_id, by=payer("other"))
    await world.cancel(payment_id)
    assert await world.status(payment_id) is PaymentStatus.CANCELLED
    assert world.gateway.cancelled == [payment_id]
    await world.report(GatewayEventKind.ABANDONED, payment_id)
    await world.settle()
    assert [m.status for m in await world.messages()] == ["NO_EFFECT"]
    with pytest.raises(Refusal, match="PAYMENT_NOT_CANCELLABLE"):
        await world.cancel(payment_id)


async def test_cancelling_too_late(world: World) -> None:
    world.payable.add("a", 1_000)
    payment_id = await world.start("a")
    world.gateway.too_late = True
    with pytest.raises(Refusal, match="PAYMENT_NOT_CANCELLABLE"):
        await world.cancel(payment_id)
    assert await world.status(payment_id) is PaymentStatus.PENDING
    world.gateway.down = True
    with pytest.raises(Refusal, match="GATEWAY_UNAVAILABLE"):
        await world.cancel(payment_id)


async def test_expiry_ends_what_is_open_and_nothing_else(world: World) -> None:
    for raw in ("a", "b", "c"):
        world.payable.add(raw, 1_000)
    paid, held = await world.captured("a"), await world.start("b")
    await world.report(GatewayEventKind.AUTHORISED, held)
    await world.settle()
    world.clock.move(minutes=29)
    with world.unit():
        await expire_overdue({})
    assert await world.status(held) is PaymentStatus.AUTHORISED
    fresh = await world.start("c")
    world.clock.move(minutes=2)
    with world.unit():
        await expire_overdue({})
    found = [await world.status(payment_id) for payment_id in (paid, held, fresh)]
    assert found == [PaymentStatus.CAPTURED, PaymentStatus.EXPIRED, PaymentStatus.PENDING]
