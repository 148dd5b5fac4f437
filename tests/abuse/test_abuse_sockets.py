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


LISTS = " ".join(f"a{n}: services(first: 50) {{ nodes {{ ...S }} }}" for n in range(15))
DEAR = f"{{ {LISTS} }} fragment S on Service {{ id code name agency {{ id code name }} }}"


async def test_flood_of_dear_operations(portal: Portal) -> None:
    """Each is allowed; together they take the client's tokens and nobody else's time."""
    async with unharmed(portal):
        socket = await RawSocket.open(portal, "127.0.0.7")
        await socket.initialise()
        for number in range(600):
            socket.say(id=str(number), type="subscribe", payload={"query": DEAR})
            if number % 20 == 0:
                await asyncio.sleep(0.05)
        ends: dict[str, str] = {}
        while len(ends) < 600:
            _, payload = await socket.frame(10)
            message = json.loads(payload)
            if message["type"] == "error":
                ends[message["id"]] = message["payload"][0]["extensions"]["code"]
            elif message["type"] == "complete":
                ends[message["id"]] = "done"
        assert set(ends.values()) == {"done", "LIMIT_EXCEEDED"}
        socket.abort()


async def test_reader_that_stops_is_cut(generous_portal: Portal) -> None:
    """Answers that nobody reads fill every buffer; ten seconds later the connection is gone."""
    portal = generous_portal
    async with unharmed(portal):
        socket = await RawSocket.open(portal, "127.0.0.6")
        await socket.initialise()
        socket.say(id="size", type="subscribe", payload={"query": DEAR})
        _, answer = await socket.frame()
        assert len(answer) > 10_000, answer[:500]
        socket.reader._transport.pause_reading()
        asked = 0
        while asked * len(answer) < 20_000_000:
            for _ in range(10):
                asked += 1
                socket.say(id=str(asked), type="subscribe", payload={"query": DEAR})
            await asyncio.sleep(0.1)
        await asyncio.sleep(12)
        socket.reader._transport.resume_reading()
        assert await socket.closed(10) is None
