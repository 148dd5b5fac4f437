"""What writes the frames of live fields to one connection, past every buffer that could block."""

from __future__ import annotations

import struct
from asyncio import Transport
from collections.abc import Callable
from typing import Any, Final

import orjson

from bawaba.host.streams.broadcast import Frame, Seat

FULL: Final = 65_536
"""Bytes that may wait for a reader; beyond it, it is left behind until it reads."""
_TEXT: Final = 0x81
_SHORT: Final = 126
_MIDDLE: Final = 65_536
_HEAD_SHORT = struct.Struct("!BB").pack
_HEAD_MIDDLE = struct.Struct("!BBH").pack
_HEAD_LONG = struct.Struct("!BBQ").pack


class _Reader:
    """A connection's transport, and what to do when its subscription ends."""

    __slots__ = ("_ended", "_transport", "seat")

    def __init__(self, seat: Seat, transport: Transport, ended: Callable[[], None]) -> None:
        self.seat, self._transport, self._ended = seat, transport, ended

    @property
    def ready(self) -> bool:
        """Whether the connection takes more at once; one that is gone takes anything."""
        transport = self._transport
        return transport.is_closing() or transport.get_write_buffer_size() < FULL

    def cut(self) -> None:
        """Drop the connection: a farewell would wait behind what is not read."""
        self._transport.abort()

    def _send(self, message: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(message)


class SocketReader(_Reader):
    """One subscription of a WebSocket.

    Frames go to the transport as whole WebSocket frames, between those that aiohttp writes; the
    socket is opened without compression, so frames have no state.
    """

    __slots__ = ("_head", "_identifier", "_lost")

    def __init__(
        self,
        seat: Seat,
        transport: Transport,
        identifier: str,
        ended: Callable[[], None],
        lost: Callable[[], None],
    ) -> None:
        super().__init__(seat, transport, ended)
        self._identifier = orjson.dumps(identifier)
        self._head = b'{"id":' + self._identifier + b',"type":"next","payload":'
        self._lost = lost

    def write(self, frame: Frame) -> None:
        """Send ``next``."""
        payload = frame.payload
        size = len(self._head) + len(payload) + 1
        if size < _SHORT:
            head = _HEAD_SHORT(_TEXT, size)
        elif size < _MIDDLE:
            head = _HEAD_MIDDLE(_TEXT, 126, size)
        else:
            head = _HEAD_LONG(_TEXT, 127, size)
        transport = self._transport
        if not transport.is_closing():
            transport.write(b"".join((head, self._head, payload, b"}")))

    def finish(self, errors: list[Any]) -> None:
        """Send ``error``, which ends the operation and not the socket."""
        self._ended()
        text = orjson.dumps(errors)
        body = b'{"id":' + self._identifier + b',"type":"error","payload":' + text + b"}"
        self._send(frame_of(body))

    def lost(self) -> None:
        """Have the socket closed with the code that means: come back and resume."""
        self._ended()
        self._lost()


class EventReader(_Reader):
    """A Server-Sent Events answer: one subscription, in chunks of HTTP/1.1."""

    __slots__ = ()

    def write(self, frame: Frame) -> None:
        """Send ``next``, with the cursor as the event's id."""
        cursor = frame.cursor.encode()
        self._send(chunk(b"id: " + cursor + b"\nevent: next\ndata: " + frame.payload + b"\n\n"))

    def finish(self, errors: list[Any]) -> None:
        """Send the errors and the end."""
        text = orjson.dumps({"errors": errors})
        self._send(chunk(b"event: next\ndata: " + text + b"\n\nevent: complete\ndata: \n\n"))
        self._ended()

    def lost(self) -> None:
        """End the answer without ``complete``: the client comes back with its Last-Event-ID."""
        self._ended()


def frame_of(body: bytes) -> bytes:
    """Return ``body`` as one unmasked WebSocket text frame."""
    size = len(body)
    if size < _SHORT:
        return _HEAD_SHORT(_TEXT, size) + body
    if size < _MIDDLE:
        return _HEAD_MIDDLE(_TEXT, 126, size) + body
    return _HEAD_LONG(_TEXT, 127, size) + body


def chunk(body: bytes) -> bytes:
    """Return ``body`` as one chunk of a chunked answer."""
    return b"%x\r\n%b\r\n" % (len(body), body)
