"""The real client against a register over HTTP that behaves, and one that does not."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from bawaba.errors import AgencyUnavailable
from bawaba.text import Text
from bawaba_payments_traffic.domain import FineRecord, FineStatus
from bawaba_payments_traffic.gateway import HttpDirectorate, wire

AT = dt.datetime(2026, 5, 1, 9, tzinfo=dt.UTC)
FINE = FineRecord(
    reference="TF-1",
    violation="PHONE",
    plate_number="1",
    plate_category="PRIVATE",
    location=Text("Here", "هنا"),
    occurred_at=AT,
    offered_at=AT,
    debtor_national_id="880514237",
    owner_national_id="910805146",
    status=FineStatus.PAID,
    referred_on=dt.date(2026, 6, 1),
    receipt="R-1",
)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@pytest.fixture
async def register() -> AsyncIterator[Callable[[Handler], Awaitable[HttpDirectorate]]]:
    servers: list[TestServer] = []

    async def start(handler: Handler) -> HttpDirectorate:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", handler)
        server = TestServer(app)
        await server.start_server()
        servers.append(server)
        return HttpDirectorate(str(server.make_url("/")), "secret")

    yield start
    for server in servers:
        await server.close()


async def test_each_question_in_the_registers_words(register: Any) -> None:
    heard: list[tuple[str, str, str]] = []

    async def handler(request: web.Request) -> web.Response:
        heard.append((request.method, request.path, request.query_string))
        assert request.headers["Authorization"] == "Bearer secret"
        if request.path == "/fines":
            return web.json_response({"fines": [wire.write_fine(FINE)]})
        return web.Response(status=204)

    client = await register(handler)
    assert await client.find(["TF-1", "TF-2"]) == [FINE]
    await client.of_plate("1", "PRIVATE", "910805146")
    await client.of_person("880514237")
    await client.check()
    assert heard == [
        ("GET", "/fines", "reference=TF-1&reference=TF-2"),
        ("GET", "/fines", "plateNumber=1&plateCategory=PRIVATE&ownerNationalId=910805146"),
        ("GET", "/fines", "nationalId=880514237"),
        ("GET", "/health", ""),
    ]


@pytest.mark.parametrize(
    "answer",
    [
        web.Response,
        lambda: web.Response(status=500),
        lambda: web.Response(status=302, headers={"Location": "http://127.0.0.1:1/"}),
        lambda: web.Response(text="<html>"),
        lambda: web.json_response({"fines": "many"}),
        lambda: web.json_response({"fines": [{"reference": "TF-1"}]}),
        lambda: web.json_response({"fines": [wire.write_fine(FINE) | {"status": "MAYBE"}]}),
        lambda: web.json_response(
            {"fines": [wire.write_fine(FINE) | {"occurredAt": "2026-05-01T09:00:00"}]}
        ),
        lambda: web.json_response({"fines": [wire.write_fine(FINE) | {"reference": "x" * 41}]}),
        lambda: web.Response(body=b" " * 2_000_001),
    ],
)
async def test_nonsense_is_an_agency_that_is_unavailable(
    register: Any, answer: Callable[[], web.Response]
) -> None:
    async def handler(_: web.Request) -> web.Response:
        return answer()

    client = await register(handler)
    with pytest.raises(AgencyUnavailable):
        await client.find(["TF-1"])


async def test_nobody_listening_is_an_agency_that_is_unavailable() -> None:
    with pytest.raises(AgencyUnavailable):
        await HttpDirectorate("http://127.0.0.1:1", "").check()
