"""The limit: one frame, made once, written to each socket. Arguments: port, socket | transport.

``socket`` is a loop of write(2) on the descriptors; ``transport`` is the event loop's own
``write``, which looks after a full buffer. Neither knows GraphQL, ids or slow readers.
"""

from __future__ import annotations

import asyncio
import json
import os
import struct
import sys

from aiohttp import web
from ticking import FIRST, serve, text_of


def body_of(identifier: str, number: int) -> str:
    """Return the message of an event, to the byte as long as Bawaba's."""
    tick = {"number": number, "text": text_of(number)}
    message = {"id": identifier, "type": "next", "payload": {"data": {"benchTick": tick}}}
    return json.dumps(message, separators=(",", ":"))


def frame_of(body: bytes) -> bytes:
    """Return one unmasked WebSocket text frame of 126 to 65,535 bytes."""
    return struct.pack("!BBH", 0x81, 126, len(body)) + body


class Limit:
    """The sockets and their descriptors."""

    def __init__(self, way: str) -> None:
        self.way = way
        self.transports: list[asyncio.Transport] = []
        self.descriptors: list[int] = []
        self.identifier = ""

    async def socket(self, request: web.Request) -> web.WebSocketResponse:
        """Play the protocol's part up to the first value; then only be written to."""
        socket = web.WebSocketResponse(protocols=("graphql-transport-ws",), compress=False)
        await socket.prepare(request)
        async for message in socket:
            given = json.loads(message.data)
            if given["type"] == "connection_init":
                await socket.send_str('{"type":"connection_ack"}')
            elif given["type"] == "subscribe":
                self.identifier = given["id"]
                self._add(request)
                await socket.send_str(body_of(self.identifier, FIRST))
        return socket

    def _add(self, request: web.Request) -> None:
        transport = request.transport
        if transport is not None:
            self.transports.append(transport)
            self.descriptors.append(transport.get_extra_info("socket").fileno())

    def publish(self, number: int) -> None:
        frame = frame_of(body_of(self.identifier, number).encode())
        if self.way == "socket":
            for descriptor in self.descriptors:
                os.write(descriptor, frame)
        else:
            for transport in self.transports:
                transport.write(frame)


def main() -> None:
    """Serve."""
    limit = Limit(sys.argv[2])
    app = web.Application()
    app.router.add_get("/graphql", limit.socket)
    serve(app, int(sys.argv[1]), limit.publish)


if __name__ == "__main__":
    main()
