"""graphql-transport-ws: one test for each thing that the protocol says must be so.

https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Generator
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from bawaba.testing.process import Portal, serving

PROTOCOL = "graphql-transport-ws"
WATCH = "subscription { accountingStatisticsUpdated { cursor kind } }"
QUERY = "{ platform { version } }"
TEXT = aiohttp.WSMsgType.TEXT


@pytest.fixture(scope="module")
def portal() -> Generator[Portal]:
    """Yield a server that is impatient, and pings often."""
    settings = {"BAWABA_SOCKET_INIT_TIMEOUT": "1", "BAWABA_SOCKET_PING": "1"}
    with serving(settings) as running:
        asyncio.run(running.ready())
        yield running


class Peer:
    """A client that says what it is told to, and nothing else."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket

    async def say(self, **message: Any) -> None:
        await self.socket.send_json(message)

    async def begin(self, **payload: Any) -> None:
        await self.say(type="connection_init", payload=payload)
        assert await self.hear() == {"type": "connection_ack"}

    async def subscribe(self, identifier: str, query: str, **more: Any) -> None:
        await self.say(id=identifier, type="subscribe", payload={"query": query, **more})

    async def hear(self, within: float = 5.0) -> Any:
        async with asyncio.timeout(within):
            message = await self.socket.receive()
        assert message.type is TEXT, (message, self.socket.close_code)
        return json.loads(message.data)

    async def closed(self, within: float = 5.0) -> int | None:
        async with asyncio.timeout(within):
            while True:
                message = await self.socket.receive()
                if message.type is not TEXT:
                    return self.socket.close_code

    async def still_works(self) -> None:
        await self.subscribe("last", QUERY)
        assert (await self.hear())["type"] == "next"
        assert await self.hear() == {"id": "last", "type": "complete"}


@pytest_asyncio.fixture
async def session() -> AsyncGenerator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest_asyncio.fixture
async def peer(portal: Portal, session: aiohttp.ClientSession) -> AsyncGenerator[Peer]:
    async with session.ws_connect(f"{portal.url}/graphql", protocols=[PROTOCOL]) as socket:
        yield Peer(socket)


@pytest.mark.parametrize("offered", [[], ["graphql-ws"], ["chat"]])
async def test_another_subprotocol_is_refused(
    portal: Portal, session: aiohttp.ClientSession, offered: list[str]
) -> None:
    async with session.ws_connect(f"{portal.url}/graphql", protocols=offered) as socket:
        assert await Peer(socket).closed() == 4406


async def test_ours_is_chosen_among_several(portal: Portal, session: aiohttp.ClientSession) -> None:
    offered = ["graphql-ws", PROTOCOL]
    async with session.ws_connect(f"{portal.url}/graphql", protocols=offered) as socket:
        assert socket.protocol == PROTOCOL
        await Peer(socket).begin()


async def test_a_foreign_origin_is_refused_before_the_upgrade(
    portal: Portal, session: aiohttp.ClientSession
) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await session.ws_connect(
            f"{portal.url}/graphql", protocols=[PROTOCOL], origin="https://elsewhere.example"
        )
    assert refused.value.status == 403


async def test_compression_is_not_negotiated(
    portal: Portal, session: aiohttp.ClientSession
) -> None:
    async with session.ws_connect(
        f"{portal.url}/graphql", protocols=[PROTOCOL], compress=15
    ) as socket:
        assert not socket.compress


async def test_late_init(peer: Peer) -> None:
    assert await peer.closed() == 4408


async def test_init_twice(peer: Peer) -> None:
    await peer.begin()
    await peer.say(type="connection_init")
    assert await peer.closed() == 4429


async def test_subscribe_before_the_acknowledgement(peer: Peer) -> None:
    await peer.subscribe("1", QUERY)
    assert await peer.closed() == 4401


@pytest.mark.parametrize("token", ["x", "Bearer", "Bearer x.y.z", 5, ["Bearer x"]])
async def test_a_wrong_token_is_forbidden(peer: Peer, token: Any) -> None:
    await peer.say(type="connection_init", payload={"authorization": token})
    assert await peer.closed() == 4403


@pytest.mark.parametrize("payload", [[], "x", 1, True])
async def test_an_init_payload_that_is_no_object(peer: Peer, payload: Any) -> None:
    await peer.say(type="connection_init", payload=payload)
    assert await peer.closed() == 4400


BAD = [
    "",
    "{",
    "123",
    '"x"',
    "null",
    "[]",
    "true",
    "{}",
    '{"type": null}',
    '{"type": "unknown"}',
    '{"type": "connection_ack"}',
    '{"type": "next", "id": "1", "payload": {}}',
    '{"type": "subscribe"}',
    '{"type": "subscribe", "id": "1"}',
    '{"type": "subscribe", "id": "", "payload": {"query": "{ a }"}}',
    '{"type": "subscribe", "id": 1, "payload": {"query": "{ a }"}}',
    '{"type": "subscribe", "id": "1", "payload": "x"}',
    '{"type": "complete"}',
    '{"type": "complete", "id": 1}',
    "[" * 10_000,
]


@pytest.mark.parametrize("text", BAD, ids=range(len(BAD)))
@pytest.mark.parametrize("begun", [True, False])
async def test_an_invalid_message_closes_the_socket(peer: Peer, text: str, begun: bool) -> None:
    if begun:
        await peer.begin()
    await peer.socket.send_str(text)
    assert await peer.closed() in {4400} | (set() if begun else {4401})


async def test_binary_messages_are_invalid(peer: Peer) -> None:
    await peer.begin()
    await peer.socket.send_bytes(b'{"type": "ping"}')
    assert await peer.closed() == 4400


async def test_an_oversized_frame(peer: Peer) -> None:
    await peer.begin()
    await peer.socket.send_str(" " * 200_000)
    assert await peer.closed() == 1009


async def test_duplicate_ids(peer: Peer) -> None:
    await peer.begin()
    await peer.subscribe("same", WATCH)
    await peer.hear()
    await peer.subscribe("same", WATCH)
    assert await peer.closed() == 4409


async def test_a_long_id_does_not_break_the_close_frame(peer: Peer) -> None:
    await peer.begin()
    for _ in range(2):
        await peer.subscribe("ع" * 500, WATCH)
    assert await peer.closed() == 4409


async def test_an_id_is_free_again_after_its_end(peer: Peer) -> None:
    await peer.begin()
    for _ in range(3):
        await peer.subscribe("again", QUERY)
        assert (await peer.hear())["type"] == "next"
        assert await peer.hear() == {"id": "again", "type": "complete"}
    for _ in range(3):
        await peer.subscribe("again", WATCH)
        assert (await peer.hear())["type"] == "next"
        await peer.say(id="again", type="complete")
    await peer.still_works()


async def test_complete_of_an_unknown_id_is_ignored(peer: Peer) -> None:
    await peer.begin()
    await peer.say(id="nobody", type="complete")
    await peer.still_works()


async def test_ping_and_pong(peer: Peer) -> None:
    await peer.say(type="ping")
    assert await peer.hear() == {"type": "pong"}
    await peer.begin()
    await peer.say(type="ping", payload={"any": "thing"})
    assert (await peer.hear())["type"] == "pong"
    await peer.say(type="pong")
    await peer.say(type="pong", payload={})
    await peer.still_works()


async def test_the_server_pings(portal: Portal, session: aiohttp.ClientSession) -> None:
    async with session.ws_connect(
        f"{portal.url}/graphql", protocols=[PROTOCOL], autoping=False
    ) as socket:
        await Peer(socket).begin()
        async with asyncio.timeout(10):
            assert (await socket.receive()).type is aiohttp.WSMsgType.PING
            # Nobody answers: the server takes the line for dead.
            while (await socket.receive()).type is aiohttp.WSMsgType.PING:
                pass
        assert socket.closed


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({"query": "{"}, "GRAPHQL_PARSE_FAILED"),
        ({"query": "{ nothing }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": ""}, "GRAPHQL_PARSE_FAILED"),
        ({"query": 5}, "BAD_REQUEST"),
        ({"query": QUERY, "operationName": "B"}, "BAD_USER_INPUT"),
        ({"query": QUERY, "variables": []}, "BAD_REQUEST"),
        ({"query": "query($i: ID!) { node(id: $i) { id } }"}, "BAD_USER_INPUT"),
        ({"query": "subscription($i: ID!) { paymentUpdated(id: $i) { kind } }"}, "BAD_USER_INPUT"),
        (
            {"query": 'subscription { paymentUpdated(id: "x") { kind } }'},
            "UNAUTHENTICATED",
        ),
        (
            {"query": 'subscription { accountingStatisticsUpdated(after: "x") { kind } }'},
            "BAD_USER_INPUT",
        ),
        ({"query": "{" + " a" * 20_000 + "}"}, "LIMIT_EXCEEDED"),
    ],
)
async def test_an_operation_s_error_ends_the_operation_alone(
    peer: Peer, payload: Any, code: str
) -> None:
    await peer.begin()
    await peer.say(id="bad", type="subscribe", payload=payload)
    message = await peer.hear()
    assert (message["id"], message["type"]) == ("bad", "error")
    assert [error["extensions"]["code"] for error in message["payload"]] == [code]
    await peer.still_works()


async def test_a_query_yields_next_and_then_complete(peer: Peer) -> None:
    await peer.begin(language="AR")
    await peer.subscribe("q", QUERY)
    message = await peer.hear()
    assert (message["id"], message["type"]) == ("q", "next")
    assert message["payload"]["data"]["platform"]["version"]
    assert await peer.hear() == {"id": "q", "type": "complete"}


async def test_nothing_comes_after_the_client_s_complete(peer: Peer) -> None:
    await peer.begin()
    for number in range(20):
        await peer.subscribe(str(number), WATCH)
        await peer.say(id=str(number), type="complete")
    await peer.subscribe("kept", WATCH)
    while (message := await peer.hear())["id"] != "kept":
        assert message["type"] == "next"
    await peer.still_works()


async def test_many_operations_side_by_side(peer: Peer) -> None:
    await peer.begin()
    for number in range(40):
        await peer.subscribe(str(number), QUERY if number % 2 else WATCH)
    heard: dict[str, list[str]] = {}
    for _ in range(20 * 2 + 20):
        message = await peer.hear()
        heard.setdefault(message["id"], []).append(message["type"])
    for number in range(40):
        assert heard[str(number)] == (["next", "complete"] if number % 2 else ["next"])


async def test_too_many_subscriptions_refuse_the_last_alone(peer: Peer) -> None:
    await peer.begin()
    for number in range(51):
        await peer.subscribe(str(number), WATCH)
    messages = [await peer.hear() for _ in range(51)]
    (refused,) = (m for m in messages if m["type"] == "error")
    assert refused["id"] == "50"
    assert refused["payload"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"
    await peer.say(id="0", type="complete")
    await peer.still_works()


async def test_a_crowd_behind_one_address_subscribes_at_once(
    portal: Portal, session: aiohttp.ClientSession
) -> None:
    """As after a restart: more subscriptions than operations may wait, and none is refused."""
    async with AsyncExitStack() as held:
        crowd = [
            Peer(
                await held.enter_async_context(
                    session.ws_connect(f"{portal.url}/graphql", protocols=[PROTOCOL])
                )
            )
            for _ in range(10)
        ]
        for peer in crowd:
            await peer.begin()
        for number in range(50):
            for peer in crowd:
                await peer.subscribe(str(number), WATCH)
        for peer in crowd:
            assert {(await peer.hear(20))["type"] for _ in range(50)} == {"next"}


async def test_the_client_may_close_at_any_time(
    portal: Portal, session: aiohttp.ClientSession
) -> None:
    for _ in range(5):
        async with session.ws_connect(f"{portal.url}/graphql", protocols=[PROTOCOL]) as socket:
            other = Peer(socket)
            await other.begin()
            await other.subscribe("1", WATCH)
            await other.subscribe("2", QUERY)
        assert socket.close_code == 1000
    assert "fault" not in portal.log.read_text()
