"""A server behind a proxy: other origins, bounded connections, tokens that end, error pages."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections.abc import AsyncGenerator, Generator
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from bawaba.host import boot
from bawaba.host.identity import DemoIssuer
from bawaba.testing.process import Portal, serving

PAGE = "https://app.example"
WATCH = {"query": "subscription { accountingStatisticsUpdated { cursor kind } }"}
EVENTS = {"Accept": "text/event-stream"}


@pytest.fixture(scope="module")
def portal() -> Generator[Portal]:
    settings = {
        "BAWABA_ALLOWED_ORIGINS": json.dumps([PAGE]),
        "BAWABA_TRUSTED_PROXIES": '["127.0.0.1/32"]',
        "BAWABA_CLIENT_CONNECTIONS": "3",
    }
    with serving(settings) as running:
        asyncio.run(running.ready())
        yield running


@pytest_asyncio.fixture
async def session(portal: Portal) -> AsyncGenerator[aiohttp.ClientSession]:
    await portal.ready()
    async with aiohttp.ClientSession(portal.url) as opened:
        yield opened


def short_token(portal: Portal, seconds: float) -> str:
    """Return a token of the citizen that ends soon."""
    issuer = DemoIssuer(portal.data, demo=True, audience="bawaba")
    everybody = boot.load_registry(boot.discover()).demo_people()
    (citizen,) = (person for person in everybody if person.handle == "citizen")
    return issuer.issue(citizen, lifetime=dt.timedelta(seconds=seconds))


async def event(stream: aiohttp.ClientResponse, within: float = 15) -> dict[str, str]:
    """Return the next event's fields; none at the end."""
    fields: dict[str, str] = {}
    async with asyncio.timeout(within):
        while line := (await stream.content.readline()).decode():
            if line == "\n" and fields:
                break
            name, _, value = line.rstrip("\n").partition(": ")
            if name and not line.startswith(":"):
                fields[name] = value
    return fields


async def test_a_page_of_an_allowed_origin_may_call(session: aiohttp.ClientSession) -> None:
    asked = {"Origin": PAGE, "Access-Control-Request-Method": "POST"}
    async with session.options("/graphql", headers=asked) as answer:
        assert answer.status == 204
        assert answer.headers["Access-Control-Allow-Origin"] == PAGE
    body = {"query": "{ platform { version } }"}
    async with session.post("/graphql", json=body, headers={"Origin": PAGE}) as answer:
        assert answer.status == 200
        assert answer.headers["Access-Control-Allow-Origin"] == PAGE
        assert answer.headers["Access-Control-Expose-Headers"] == "X-Correlation-Id"
        assert answer.headers["X-Correlation-Id"]
    other = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    for method in ("OPTIONS", "POST"):
        async with session.request(method, "/graphql", headers=other) as answer:
            assert answer.status == 403
            assert "Access-Control-Allow-Origin" not in answer.headers
            errors = (await answer.json(content_type=None))["errors"]
            assert errors[0]["extensions"]["code"] == "FORBIDDEN"


@pytest.mark.parametrize("path", ["/graphql", "/healthz", "/errors", "/explorer", "/nowhere"])
async def test_every_answer_has_the_security_headers(
    session: aiohttp.ClientSession, path: str
) -> None:
    async with session.get(path) as answer:
        headers = answer.headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["Server"] == "Bawaba"


async def test_a_client_holds_so_many_connections(session: aiohttp.ClientSession) -> None:
    one, two = ({"X-Forwarded-For": f"203.0.113.{n}"} for n in (1, 2))
    protocols = ["graphql-transport-ws"]
    async with AsyncExitStack() as held:
        sockets = [
            await held.enter_async_context(
                session.ws_connect("/graphql", protocols=protocols, headers=one)
            )
            for _ in range(2)
        ]
        stream = session.post("/graphql", json=WATCH, headers={**one, **EVENTS})
        assert (await event(await held.enter_async_context(stream)))["event"] == "next"
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await session.ws_connect("/graphql", protocols=protocols, headers=one)
        assert refused.value.status == 429
        async with session.post("/graphql", json=WATCH, headers={**one, **EVENTS}) as answer:
            assert answer.status == 429
            assert int(answer.headers["Retry-After"]) >= 1
        async with session.ws_connect("/graphql", protocols=protocols, headers=two):
            pass
        await sockets[0].close()
        for _ in range(50):
            try:
                again = await session.ws_connect("/graphql", protocols=protocols, headers=one)
            except aiohttp.WSServerHandshakeError:
                await asyncio.sleep(0.1)
            else:
                await again.close()
                return
        pytest.fail("the place of a closed socket was not given back")


async def test_a_token_s_end_ends_its_streams(
    portal: Portal, session: aiohttp.ClientSession
) -> None:
    token = short_token(portal, 4)
    me: dict[str, Any] = {"id": "1", "type": "subscribe", "payload": WATCH}
    async with session.ws_connect("/graphql", protocols=["graphql-transport-ws"]) as socket:
        init = {"type": "connection_init", "payload": {"authorization": f"Bearer {token}"}}
        await socket.send_json(init)
        assert (await socket.receive_json())["type"] == "connection_ack"
        await socket.send_json(me)
        assert (await socket.receive_json())["type"] == "next"
        headers = {**EVENTS, "Authorization": f"Bearer {token}", "X-Forwarded-For": "203.0.113.3"}
        async with session.post("/graphql", json=WATCH, headers=headers) as stream:
            assert (await event(stream))["event"] == "next"
            last = await event(stream)
            (error,) = json.loads(last["data"])["errors"]
            assert error["extensions"]["code"] == "UNAUTHENTICATED"
            assert (await event(stream))["event"] == "complete"
            assert await event(stream) == {}
        closing = await socket.receive(timeout=10)
        assert (closing.type, closing.data) == (aiohttp.WSMsgType.CLOSE, 4403)


async def test_each_code_has_a_page_in_both_languages(session: aiohttp.ClientSession) -> None:
    for code in ("LIMIT_EXCEEDED", "bill_already_paid", "TRAFFIC_OWN_FINE"):
        async with session.get(f"/errors/{code}") as answer:
            assert answer.status == 200
            page = await answer.text()
        assert code.upper() in page
        assert '<html lang="ar" dir="rtl">' in page
        assert '<p lang="en">' in page
    async with session.get("/errors") as answer:
        assert "INTERNAL_ERROR" in await answer.text()
    async with session.get("/errors/%3Cscript%3E") as answer:
        assert answer.status == 404
        assert "<script>" not in await answer.text()
