"""The callback's route and the receipt's page, over real HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from bawaba.host.payments.declarations import ROUTES
from bawaba.payments import GatewayEventKind
from bawaba.testing.fakes import SIGNATURE
from payments_world import World


@pytest.fixture
async def web_client(world: World) -> AsyncIterator[TestClient]:
    @web.middleware
    async def bound(request: web.Request, handler):
        with world.unit():
            return await handler(request)

    app = web.Application(middlewares=[bound])
    for route in ROUTES:
        app.router.add_route(route.method, route.path, route.handler)
    async with TestClient(TestServer(app)) as client:
        yield client


async def test_callbacks_are_stored_once_and_answered(world: World, web_client: TestClient) -> None:
    world.payable.add("a", 1_000)
    payment_id = await world.start("a")
    with world.unit():
        body = world.gateway.body(world.gateway.event(GatewayEventKind.CAPTURED, payment_id, 1_000))
    for _ in range(3):
        answer = await web_client.post("/gateways/fake/callback", data=body, headers=SIGNATURE)
        assert answer.status == 200
    assert [m.body for m in await world.messages()] == [body.decode()]
    await world.settle()
    assert (await world.payment(payment_id)).status == "CAPTURED"


async def test_what_is_not_the_gateways_is_not_kept(world: World, web_client: TestClient) -> None:
    with world.unit():
        event = world.gateway.event(GatewayEventKind.CAPTURED, "p" * 32, 1)
        too_long = world.gateway.body(world.gateway.event(GatewayEventKind.CAPTURED, "p" * 65, 1))
        negative = world.gateway.body(world.gateway.event(GatewayEventKind.CAPTURED, "p", -1))
    genuine = world.gateway.body(event)
    cases = [
        ("fake", genuine, {"X-Fake-Signature": "forged"}, 401),
        ("fake", genuine, {}, 401),
        ("fake", b"\xff\x00 not json", SIGNATURE, 401),
        ("fake", too_long, SIGNATURE, 401),
        ("fake", negative, SIGNATURE, 401),
        ("nowhere", genuine, SIGNATURE, 404),
        ("fake", b"x" * 65_537, SIGNATURE, 413),
    ]
    for name, body, headers, status in cases:
        answer = await web_client.post(f"/gateways/{name}/callback", data=body, headers=headers)
        assert answer.status == status
    assert await world.messages() == []
    assert (
        world.host.metrics.get_sample_value("bawaba_gateway_rejected_total", {"gateway": "fake"})
        == 5
    )


async def test_the_receipts_page(world: World, web_client: TestClient) -> None:
    world.payable.add("a", 12_345)
    payment_id = await world.captured("a")
    payment = await world.payment(payment_id)
    path = f"/receipts/{payment.receipt_number}"
    answer = await web_client.get(path, params={"v": payment.receipt_code})
    text = await answer.text()
    assert answer.status == 200
    assert 'dir="rtl"' in text
    for shown in (
        "12.345",
        payment.receipt_number,
        "Fake bills",
        "فواتير تجريبية",
        "صالح",
        "2026-03-01",
    ):
        assert shown in text
    for hidden in ("payer", payment_id, "REF-a", payment.reference):
        assert hidden not in text
    await world.refunded(payment_id)
    assert (
        "Refunded in full"
        in await (await web_client.get(path, params={"v": payment.receipt_code})).text()
    )
    wrong = await web_client.get(path, params={"v": "guess"})
    missing = await web_client.get("/receipts/RCT-2026-00000-00000", params={"v": "é<script>"})
    assert wrong.status == missing.status == 404
    assert await wrong.text() == await missing.text()
