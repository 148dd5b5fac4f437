"""Raw connections for the attacker, an honest client beside it, what the server did."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from bawaba.testing.client import FrontEnd
from bawaba.testing.process import Portal
from flow_backends import everybody_serves

LIMIT = 1.0
"""Seconds that an answer takes at most, and that an honest client waits under an attack."""
SLACK = float(os.environ.get("BAWABA_TEST_SLACK", "5"))
"""How much of the limit the tests leave to a machine that runs other tests at the same time: they
see who is starved. ``bench/attacks.py`` runs the same attacks alone and leaves nothing."""
WAITS = os.environ.get("BAWABA_TEST_WAITS")
"""A file for the longest wait under each attack, a line each, for the bench."""
MAX_ANSWER = 64 * 1024
MAX_ERRORS = 5
MAX_LOG = 4 * 1024
MAX_GROWTH = 128 * 1024 * 1024
CALM = 1024 * 1024
HONEST = "127.0.0.2"
HONEST_QUERY = "{ accountingStatistics { total { count } } }"
LIVE = "subscription { accountingStatisticsUpdated { cursor kind } }"
HANDSHAKE = (
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Protocol: graphql-transport-ws\r\n"
)


@dataclass(frozen=True)
class Reply:
    """What came back on a raw connection: status 0 when it was closed without an answer."""

    status: int
    headers: bytes
    body: bytes
    seconds: float

    @property
    def errors(self) -> list[dict[str, Any]]:
        """The errors of a GraphQL answer."""
        answer = json.loads(self.body)
        assert isinstance(answer, dict), answer
        return list(answer.get("errors", []))

    @property
    def codes(self) -> set[str]:
        """The codes of the errors; each must have one."""
        return {error["extensions"]["code"] for error in self.errors}


def request(
    body: bytes = b"",
    *,
    method: str = "POST",
    target: str = "/graphql",
    content_type: str = "application/json",
    headers: str = "",
) -> bytes:
    """Return one HTTP request that asks for the connection to be closed after it."""
    head = f"{method} {target} HTTP/1.1\r\nHost: portal\r\nConnection: close\r\n"
    if body or method == "POST":
        head += f"Content-Length: {len(body)}\r\nContent-Type: {content_type}\r\n"
    return head.encode() + headers.encode() + b"\r\n" + body


def post(query: str, **more: Any) -> bytes:
    """Return a POST of a document; ``more`` are the other parameters."""
    return request(json.dumps({"query": query, **more}).encode())


async def connect(
    portal: Portal, address: str
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Open a connection to the server from ``address`` of the loopback network."""
    where = urlsplit(portal.url)
    return await asyncio.open_connection(where.hostname, where.port, local_addr=(address, 0))


async def send(
    portal: Portal, raw: bytes, address: str = "127.0.0.3", within: float = 5 * SLACK
) -> Reply:
    """Send ``raw`` on a connection of its own and read until the server closes it."""
    reader, writer = await connect(portal, address)
    received = b""
    try:
        started = time.monotonic()
        with suppress(ConnectionError):
            writer.write(raw)
            async with asyncio.timeout(within):
                await writer.drain()
        with suppress(ConnectionError):
            async with asyncio.timeout(within):
                while piece := await reader.read(65536):
                    received += piece
        seconds = time.monotonic() - started
    finally:
        writer.transport.abort()
    head, _, body = received.partition(b"\r\n\r\n")
    status = int(head.split(b" ", 2)[1]) if head.startswith(b"HTTP/") else 0
    return Reply(status, head.lower(), body, seconds)


def assert_refused(reply: Reply, codes: set[str] | None = None) -> None:
    """Assert that a GraphQL answer is a small, typed and quick refusal."""
    assert_bounded(reply)
    assert 200 <= reply.status < 500, reply
    assert 1 <= len(reply.errors) <= MAX_ERRORS, reply.errors
    assert reply.codes, reply.errors
    if codes is not None:
        assert reply.codes <= codes, reply.errors


def assert_bounded(reply: Reply) -> None:
    """Assert that the answer is quick, small and no fault of the server."""
    assert reply.status < 500, reply
    assert reply.seconds <= LIMIT * SLACK, (reply.seconds, reply.status)
    assert len(reply.headers) + len(reply.body) <= MAX_ANSWER


@dataclass
class Honest:
    """What a client that does nothing wrong lived through."""

    waits: list[float] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    first: asyncio.Event = field(default_factory=asyncio.Event)

    async def ask(self, client: FrontEnd) -> None:
        """Ask one small question every 100 ms, for ever."""
        while True:
            started = time.monotonic()
            try:
                async with asyncio.timeout(10):
                    answer = await client.raw(HONEST_QUERY)
                if "errors" in answer:
                    self.refusals.append(str(answer)[:300])
            except (aiohttp.ClientError, TimeoutError, ValueError) as error:
                self.refusals.append(repr(error))
            self.waits.append(time.monotonic() - started)
            self.first.set()
            await asyncio.sleep(0.1)

    async def answered(self) -> None:
        """Wait for an answer to a question asked during the attack: how long it took is judged."""
        async with asyncio.timeout(15):
            await self.first.wait()
        await asyncio.sleep(0.12)


@asynccontextmanager
async def unharmed(portal: Portal, *, log: int = MAX_LOG) -> AsyncGenerator[Honest]:
    """Run an attack in the block; then assert that neither honest client nor server suffered.

    Args:
        log: bytes by which the server's log may grow for all attacks of the block.
    """
    before, written, memory = processes(portal), portal.log.stat().st_size, resident(portal)
    honest = Honest()
    connector = aiohttp.TCPConnector(local_addr=(HONEST, 0))
    async with aiohttp.ClientSession(connector=connector) as session:
        client = FrontEnd(session, portal.url)
        async with client.live() as live, live.subscribe(LIVE) as updates:
            await updates.next()
            asking = asyncio.create_task(honest.ask(client))
            try:
                yield honest
                await honest.answered()
            finally:
                asking.cancel()
                await asyncio.gather(asking, return_exceptions=True)
            assert live.close_code is None, f"the honest socket was closed: {live.close_code}"
        async with session.get(f"{portal.url}/readyz") as response:
            assert response.status == 200, await response.text()
    assert honest.waits, "the honest client never got to ask"
    assert not honest.refusals, honest.refusals[:3]
    waited = max(honest.waits)
    if WAITS:
        note_wait(Path(WAITS), waited)
    assert waited <= LIMIT * SLACK, f"the honest client waited {waited:.2f} s"
    assert processes(portal) == before, "a process of the server was replaced"
    assert resident(portal) - memory <= MAX_GROWTH, "the server's memory grew"
    grown = portal.log.stat().st_size - written
    assert grown <= log, f"log grew {grown} bytes: {portal.log.read_bytes()[-grown:][:1500]!r}"


def note_wait(path: Path, seconds: float) -> None:
    """Append the longest wait of the test that runs now."""
    test = os.environ["PYTEST_CURRENT_TEST"].rpartition("::")[2].partition(" ")[0]
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{test}\t{seconds:.3f}\n")


def processes(portal: Portal) -> set[int]:
    """Return the server's process and all its descendants."""
    found, pending = set[int](), [portal.process.pid]
    while pending:
        pid = pending.pop()
        found.add(pid)
        for children in Path(f"/proc/{pid}/task").glob("*/children"):
            pending += map(int, children.read_text().split())
    return found


def resident(portal: Portal) -> int:
    """Return the bytes of memory that the server's processes hold."""
    total = 0
    for pid in processes(portal):
        status = Path(f"/proc/{pid}/status").read_text()
        total += 1024 * sum(
            int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")
        )
    return total


async def settled(portal: Portal) -> None:
    """Wait until every worker serves and none grows any more: what starts later was loaded.

    A process goes on loading, for its first jobs, for some seconds after it takes requests.
    """
    await everybody_serves(portal)
    held, calm = resident(portal), 0
    for _ in range(120):
        await asyncio.sleep(0.5)
        now = resident(portal)
        calm = calm + 1 if now - held < CALM else 0
        held = max(held, now)
        if calm == 8:
            return
    raise AssertionError("the server's memory does not settle")


class RawSocket:
    """A WebSocket that keeps no rules: it reads only when told to."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def open(cls, portal: Portal, address: str, headers: str = "") -> RawSocket:
        """Connect and upgrade, without initialising."""
        reader, writer = await connect(portal, address)
        head = f"GET /graphql HTTP/1.1\r\nHost: portal\r\n{HANDSHAKE}{headers}\r\n"
        writer.write(head.encode())
        answer = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
        if b" 101 " not in answer.splitlines()[0]:
            writer.transport.abort()
            raise ConnectionRefusedError(answer.splitlines()[0].decode())
        return cls(reader, writer)

    def push(self, payload: bytes, opcode: int = 1) -> None:
        """Queue one frame, masked with zeros."""
        size = len(payload)
        if size < 126:
            length = bytes([0x80 | size])
        elif size < 65536:
            length = b"\xfe" + size.to_bytes(2)
        else:
            length = b"\xff" + size.to_bytes(8)
        self.writer.write(bytes([0x80 | opcode]) + length + bytes(4) + payload)

    def say(self, **message: Any) -> None:
        """Queue one message of the protocol."""
        self.push(json.dumps(message).encode())

    async def frame(self, within: float = 5) -> tuple[int, bytes]:
        """Return opcode and payload of the next frame; (0, b"") at the end of the connection."""
        try:
            async with asyncio.timeout(within):
                first, second = await self.reader.readexactly(2)
                size = second & 127
                if size > 125:
                    size = int.from_bytes(await self.reader.readexactly(2 if size == 126 else 8))
                return first & 15, await self.reader.readexactly(size)
        except (asyncio.IncompleteReadError, ConnectionError):
            return 0, b""

    async def closed(self, within: float = 5) -> int | None:
        """Read on to the close frame and return its code; None if the connection was cut."""
        async with asyncio.timeout(within):
            while True:
                opcode, payload = await self.frame(within)
                if opcode == 8:
                    return int.from_bytes(payload[:2])
                if opcode == 0 and not payload:
                    return None

    async def initialise(self) -> None:
        """Initialise as a visitor and wait for the acknowledgement."""
        self.say(type="connection_init", payload={})
        _, payload = await self.frame()
        assert json.loads(payload)["type"] == "connection_ack"

    def abort(self) -> None:
        """Drop the connection without a word."""
        self.writer.transport.abort()
