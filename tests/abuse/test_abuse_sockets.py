"""Attacks over WebSockets: floods, dead ones, and those that never begin."""

from __future__ import annotations

import asyncio
import json

import pytest
from abuse_client import LIVE, RawSocket, unharmed
from bawaba.testing.process import Portal

ATTACKER = "127.0.0.4"


async def test_frame_beyond_the_limit_closes(portal: Portal) -> None:
    async with unharmed(portal):
        socket = await RawSocket.open(portal, ATTACKER)
        await socket.initialise()
        socket.push(b"a" * 128_001)
        assert await socket.closed() in {1009, None}


@pytest.mark.parametrize(
    "payload", [b"[]", b"null", b"{", b"\x00", b"[" * 60_000, b'{"type":"x"}', b'{"id":1}']
)
async def test_malformed_message_closes_as_specified(portal: Portal, payload: bytes) -> None:
    async with unharmed(portal):
        socket = await RawSocket.open(portal, ATTACKER)
        await socket.initialise()
        socket.push(payload)
        assert await socket.closed() == 4400


async def test_broken_utf8_closes(portal: Portal) -> None:
    async with unharmed(portal):
        socket = await RawSocket.open(portal, ATTACKER)
        await socket.initialise()
        socket.push(b"\xff\xfe")
        assert await socket.closed() in {1007, 4400, None}


async def test_51st_subscription_is_refused(portal: Portal) -> None:
    async with unharmed(portal):
        socket = await RawSocket.open(portal, ATTACKER)
        await socket.initialise()
        for number in range(51):
            socket.say(id=str(number), type="subscribe", payload={"query": LIVE})
        kinds: dict[str, str] = {}
        while len(kinds) < 51:
            opcode, payload = await socket.frame()
            assert opcode == 1, (opcode, payload, len(kinds))
            message = json.loads(payload)
            kinds.setdefault(message["id"], message["type"])
            if message["type"] == "error":
                codes = {error["extensions"]["code"] for error in message["payload"]}
                assert codes == {"LIMIT_EXCEEDED"}
        socket.abort()
        assert sorted(kinds.values()) == ["error"] + ["next"] * 50


async def test_foreign_origin_gets_no_socket(portal: Portal) -> None:
    async with unharmed(portal):
        with pytest.raises(ConnectionRefusedError, match="403"):
            await RawSocket.open(portal, ATTACKER, "Origin: https://evil.example\r\n")


async def test_500_sockets_that_never_begin(portal: Portal) -> None:
    async with unharmed(portal, log=16 * 1024):
        opening = (RawSocket.open(portal, "127.0.0.5") for _ in range(500))
        opened = await asyncio.gather(*opening, return_exceptions=True)
        sockets = [socket for socket in opened if isinstance(socket, RawSocket)]
        ends = await asyncio.gather(*(socket.closed(12) for socket in sockets))
        assert set(ends) <= {4408, 4429, None}
        assert 4408 in ends


async def test_flood_of_pings(portal: Portal) -> None:
    async with unharmed(portal):
        socket = await RawSocket.open(portal, ATTACKER)
        await socket.initialise()
        for _ in range(2_000):
            socket.say(type="ping")
            socket.push(b"x", opcode=9)
        await asyncio.sleep(1)
        socket.abort()


async def test_flood_of_subscribe_and_complete(portal: Portal) -> None:
    async with unharmed(portal):
        socket = await RawSocket.open(portal, ATTACKER)
        await socket.initialise()
        for number in range(1_000):
            socket.say(id=str(number), type="subscribe", payload={"query": LIVE})
            socket.say(id=str(number), type="complete")
        await asyncio.sleep(1)
        socket.abort()


async def test_reader_that_stops_is_cut(portal: Portal) -> None:
    """Answers that nobody reads fill every buffer; ten seconds later the connection is gone."""
    text = "{ " + " ".join(f"a{n}: agencies(first: 50) {{ ...A }}" for n in range(10)) + " }"
    query = text + " fragment A on Agency { nodes: __typename id code name { en ar } }"
    query = query.replace("{ ...A }", "{ nodes { ...A } }")
    async with unharmed(portal):
        socket = await RawSocket.open(portal, "127.0.0.6")
        await socket.initialise()
        socket.reader._transport.pause_reading()
        for number in range(40):
            for place in range(40):
                socket.say(id=f"{number}.{place}", type="subscribe", payload={"query": query})
            await asyncio.sleep(0.05)
        await asyncio.sleep(14)
        socket.reader._transport.resume_reading()
        assert await socket.closed(10) is None
