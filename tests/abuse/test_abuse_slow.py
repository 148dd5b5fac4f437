"""Attacks that wait: half-sent, slow, idle; and floods of work."""

from __future__ import annotations

import asyncio
import time

from abuse_client import Reply, assert_bounded, connect, post, send, unharmed
from bawaba.testing.process import Portal

HEAD = b"POST /graphql HTTP/1.1\r\nHost: p\r\nContent-Type: application/json\r\n"
PATIENCE = 14.0


async def drip(portal: Portal, start: bytes, piece: bytes) -> float:
    """Send ``start``, then ``piece`` each second; return when the server ended the connection."""
    reader, writer = await connect(portal, "127.0.0.6")
    started = time.monotonic()

    async def feed() -> None:
        while piece:
            writer.write(piece)
            await asyncio.sleep(1)

    writer.write(start)
    feeding = asyncio.create_task(feed())
    try:
        async with asyncio.timeout(PATIENCE):
            while await reader.read(65536):
                pass
    except ConnectionError:
        pass
    finally:
        feeding.cancel()
        writer.transport.abort()
    return time.monotonic() - started


async def test_slow_requests_are_ended(portal: Portal) -> None:
    shapes = {
        "half-sent body": (HEAD + b'Content-Length: 900\r\n\r\n{"query"', b""),
        "a byte a second": (HEAD + b"Content-Length: 900\r\n\r\n", b" "),
        "chunked without an end": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
        "slow headers": (HEAD, b"X-Slow: y\r\n"),
        "half a request line": (b"POST /gra", b""),
        "nothing at all": (b"", b""),
    }
    async with unharmed(portal):
        ends = await asyncio.gather(
            *(drip(portal, *shape) for shape in shapes.values()), return_exceptions=True
        )
    held = [name for name, end in zip(shapes, ends, strict=True) if isinstance(end, BaseException)]
    assert held == [], f"still open after {PATIENCE} s: {held}"


async def test_300_idle_connections(portal: Portal) -> None:
    async with unharmed(portal):
        opened = await asyncio.gather(*(connect(portal, "127.0.0.7") for _ in range(300)))
        await asyncio.sleep(1)
        for _, writer in opened:
            writer.transport.abort()


async def test_pipelined_requests(portal: Portal) -> None:
    one = post("{ __typename }").replace(b"Connection: close\r\n", b"")
    async with unharmed(portal):
        reply = await send(portal, one * 50 + post("{ __typename }"))
        assert_bounded(reply)
        assert reply.status == 200


async def test_flood_of_distinct_documents(portal: Portal) -> None:
    """None is in a cache; each is as long as a document may be."""

    async def one(number: int) -> Reply:
        fields = "__typename " * 900
        return await send(
            portal, post(f"query Q{number} {{ platform {{ {fields} }} }}"), "127.0.0.8"
        )

    async with unharmed(portal, log=16 * 1024):
        replies = await asyncio.gather(*(one(number) for number in range(200)))
        assert {reply.status for reply in replies} <= {200, 429}
