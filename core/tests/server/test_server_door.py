"""The front door of a running server: GraphQL over HTTP and graphql-transport-ws, misused."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncGenerator, Generator
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from bawaba.testing.client import FrontEnd
from bawaba.testing.process import Portal, serving

WATCH = "subscription { accountingStatisticsUpdated { kind } }"


@pytest.fixture(scope="module")
def portal() -> Generator[Portal]:
    with serving({"BAWABA_SOCKET_INIT_TIMEOUT": "1"}) as running:
        yield running


@pytest_asyncio.fixture
async def visitor(portal: Portal) -> AsyncGenerator[FrontEnd]:
    await portal.ready()
    async with aiohttp.ClientSession() as session:
        yield FrontEnd(session, portal.url)


ME = b'{"query": "{ me { id } }", '
BODIES = [
    b"",
    b"{",
    b"123",
    b"null",
    b'"x"',
    b"[]",
    b"[{}]",
    b"{}",
    b'{"query": 1}',
    b'{"query": null}',
    ME + b'"variables": []}',
    ME + b'"operationName": 1}',
    ME + b'"variables": {"a": ' + b"9" * 5000 + b"}}",
    b"\xff\xfe",
    b'{"query": "\\ud800"}',
    b"[" * 50_000,
    b'{"variables":' * 500,
]


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
async def test_bad_bodies_get_typed_errors(visitor: FrontEnd, body: bytes) -> None:
    headers = {"Content-Type": "application/json", "Accept": "application/graphql-response+json"}
    url = f"{visitor.url}/graphql"
    async with visitor.session.post(url, data=body, headers=headers) as response:
        assert 400 <= response.status < 500
        answer = await response.json(content_type=None)
    assert "data" not in answer
    assert all(error["extensions"]["code"] for error in answer["errors"])


ZIPPED = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
QUERY = "{ me { id } }"
MUTATION = 'mutation { revokeDevice(input: {deviceId: "x"}) { errors { code } } }'


@pytest.mark.parametrize(
    ("method", "changes", "status"),
    [
        ("POST", {"headers": {"Content-Type": "text/plain"}, "data": b"{}"}, 415),
        ("POST", {"data": {"query": QUERY}}, 415),
        ("PUT", {"json": {"query": QUERY}}, 405),
        ("POST", {"json": {"query": QUERY, "x": "y" * 200_000}}, 413),
        ("GET", {"params": {"query": MUTATION}}, 405),
        ("GET", {"params": {"query": QUERY}}, 200),
        ("POST", {"headers": ZIPPED, "data": b"junk"}, 400),
        ("POST", {"headers": ZIPPED, "data": gzip.compress(b" " * 9_000_000)}, 413),
    ],
)
async def test_http_is_kept(visitor: FrontEnd, method: str, changes: Any, status: int) -> None:
    async with visitor.session.request(method, f"{visitor.url}/graphql", **changes) as response:
        assert response.status == status, await response.text()


async def test_documents_are_limited_and_errors_are_few(visitor: FrontEnd) -> None:
    for query in ("{" + " a" * 900 + "}", "{" + "a " * 1500 + "}", "{" * 3000, "{ me { " * 2000):
        answer = await visitor.raw(query)
        assert 1 <= len(answer["errors"]) <= 5
        assert "data" not in answer
    one = 'cancelPayment(input: {paymentId: "x", idempotencyKey: "k"}) { errors { code } }'
    answer = await visitor.raw(f"mutation {{ a: {one} b: {one} }}")
    assert answer["errors"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"


async def test_a_wrong_token_is_refused_in_arabic(visitor: FrontEnd) -> None:
    for token in ("x", "a.b.c", "a.b." * 50, "x" * 5000):
        headers = {"Authorization": f"Bearer {token}", "Accept-Language": "ar-BH,en;q=0.5"}
        url, body = f"{visitor.url}/graphql", {"query": "{ me { id } }"}
        async with visitor.session.post(url, json=body, headers=headers) as response:
            assert response.status == 401
            error = (await response.json(content_type=None))["errors"][0]
        assert error["extensions"]["code"] == "UNAUTHENTICATED"
        assert "\u0600" <= error["message"][0] <= "\u06ff"


async def connect(visitor: FrontEnd, **options: Any) -> aiohttp.ClientWebSocketResponse:
    options = {"protocols": ["graphql-transport-ws"], **options}
    return await visitor.session.ws_connect(f"{visitor.url}/graphql", **options)


async def close_code(socket: aiohttp.ClientWebSocketResponse) -> int | None:
    async with asyncio.timeout(10):
        async for _ in socket:
            pass
    return socket.close_code


INIT = {"type": "connection_init"}


@pytest.mark.parametrize(
    ("messages", "code"),
    [
        ([INIT, INIT], 4429),
        ([{"id": "1", "type": "subscribe", "payload": {"query": WATCH}}], 4401),
        ([INIT, {"id": "1", "type": "subscribe", "payload": {"query": WATCH}},
          {"id": "1", "type": "subscribe", "payload": {"query": WATCH}}], 4409),
        (["not json"], 4400), (["[]"], 4400), (["null"], 4400), (["7"], 4400),
        ([b"\x00\x01"], 4400),
        ([INIT, {"type": "unknown"}], 4400),
        ([INIT, {"type": "subscribe", "payload": {"query": WATCH}}], 4400),
        ([INIT, {"id": 1, "type": "subscribe", "payload": {"query": WATCH}}], 4400),
        ([INIT, {"id": "", "type": "subscribe", "payload": {"query": WATCH}}], 4400),
        ([{"type": "connection_init", "payload": 5}], 4400),
        ([{"type": "connection_init", "payload": {"authorization": "Bearer nonsense"}}], 4403),
        ([], 4408),
    ],
)  # fmt: skip
async def test_close_codes(visitor: FrontEnd, messages: list[Any], code: int) -> None:
    socket = await connect(visitor)
    for message in messages:
        if isinstance(message, bytes):
            await socket.send_bytes(message)
        elif isinstance(message, str):
            await socket.send_str(message)
        else:
            await socket.send_json(message)
    assert await close_code(socket) == code


async def test_an_operation_error_leaves_the_socket_open(visitor: FrontEnd) -> None:
    async with visitor.live() as live:
        hidden = 'subscription { paymentUpdated(id: "x") { kind } }'
        for broken in ("{", "{ nothing }", "subscription { nothing }", hidden):
            async with live.subscribe(broken) as answers:
                with pytest.raises(AssertionError):
                    await answers.next()
        async with live.subscribe("{ platform { version } }") as answers:
            assert (await answers.next())["platform"]["version"]
            with pytest.raises(EOFError):
                await answers.next()
        async with live.subscribe(WATCH) as answers:
            assert (await answers.next())["accountingStatisticsUpdated"]["kind"] == "SNAPSHOT"


async def test_ping_is_answered_and_an_unknown_complete_is_ignored(visitor: FrontEnd) -> None:
    socket = await connect(visitor)
    for message in (INIT, {"type": "pong"}, {"id": "9", "type": "complete"}, {"type": "ping"}):
        await socket.send_json(message)
    assert (await socket.receive_json(timeout=5))["type"] == "connection_ack"
    assert (await socket.receive_json(timeout=5))["type"] == "pong"
    await socket.close()


async def test_foreign_origins_and_protocols_are_refused(visitor: FrontEnd) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await connect(visitor, origin="https://elsewhere.example")
    assert refused.value.status == 403
    socket = await connect(visitor, protocols=["graphql-ws"])
    assert await close_code(socket) == 4406
    own = await connect(visitor, origin=visitor.url)
    await own.close()


async def test_more_than_one_worker_needs_postgres_and_redis(portal: Portal) -> None:
    result = portal.run("serve", "--demo", "--workers", "2", "--port", "0", check=False)
    assert result.returncode == 2
    assert "PostgreSQL and Redis" in result.stderr


async def test_the_explorer_ships_its_assets(visitor: FrontEnd) -> None:
    async with visitor.session.get(f"{visitor.url}/explorer") as response:
        page = await response.text()
        policy = response.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "https://" not in page.replace("https://www.w3.org", "")
    for asset in ("graphiql.js", "graphiql.css"):
        async with visitor.session.get(f"{visitor.url}/explorer/static/{asset}") as response:
            assert response.status == 200


@pytest.mark.parametrize("amount", ["NaN", "1e400", "9" * 40, 1.5, "12,5", [], {}])
async def test_a_bad_amount_is_bad_input(visitor: FrontEnd, amount: Any) -> None:
    document = "mutation($i: StartPaymentInput!) { startPayment(input: $i) { errors { code } } }"
    item = {"billId": "x", "amount": amount}
    given = {"items": [item], "expectedTotal": "1", "channel": "PORTAL", "idempotencyKey": "k"}
    [error] = (await visitor.raw(document, {"i": given}))["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert "amount" in error["message"]


@pytest.mark.parametrize("text", ["\x00", "x" * 5_000, "\ufdd0", "' OR 1=1 --"])
async def test_odd_texts_find_nothing_and_break_nothing(visitor: FrontEnd, text: str) -> None:
    documents = [
        "query($t: String!) { agency(code: $t) { code } }",
        "query($t: String!) { trafficFines(by: {reference: $t}, first: 1) { totalCount } }",
        "query($t: String!) { services(first: 1, after: $t) { totalCount } }",
        "query($t: String!) { accountingStatistics(filter: {services: [$t]}) { total { count } } }",
        "query($t: ID!) { node(id: $t) { id } }",
    ]
    for document in documents:
        answer = await visitor.raw(document, {"t": text})
        codes = {error["extensions"]["code"] for error in answer.get("errors", [])}
        assert codes <= {"BAD_USER_INPUT"}
    inline = '{ agency(code: "\\u0000") { code } }'
    assert "INTERNAL_ERROR" not in str(await visitor.raw(inline))


@pytest.mark.parametrize(
    "path", ["/receipts/%00", "/receipts/x?v=%00", "/receipts/x?v=" + "y" * 900]
)
async def test_odd_paths_are_not_faults(visitor: FrontEnd, path: str) -> None:
    async with visitor.session.get(visitor.url + path) as response:
        assert 400 <= response.status < 500
