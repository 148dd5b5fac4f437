"""Live delivery: number an event in the transaction, follow a topic from anywhere.

A *topic* is a string such as ``payment:5f3…``; its events carry a gapless sequence, taken under a
row lock. A *cursor* is opaque. What a follower yields is either every event since its cursor, in
order, or one SNAPSHOT that covers what it skipped.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Protocol

from bawaba.runtime import current

__all__ = ["SNAPSHOT", "LiveEvent", "LivePort", "before_each_step", "emit", "follow"]

_reauthorise: ContextVar[Callable[[], Awaitable[None]] | None] = ContextVar(
    "bawaba_reauthorise", default=None
)
SNAPSHOT = "SNAPSHOT"
"""The kind of the first value, and of one that covers a gap."""


@dataclass(frozen=True, slots=True)
class LiveEvent:
    """One step of a topic. ``data`` is what was emitted ({} for a snapshot)."""

    topic: str
    sequence: int
    kind: str
    cursor: str
    data: Mapping[str, Any]


class LivePort(Protocol):
    """What the host implements."""

    async def emit(self, topic: str, kind: str, data: Mapping[str, Any]) -> int:
        """See :func:`emit`."""
        ...

    def follow(self, topic: str, after: str | None) -> AsyncGenerator[LiveEvent]:
        """See :func:`follow`."""
        ...


async def emit(topic: str, kind: str, data: Mapping[str, Any] | None = None) -> int:
    """Append an event to ``topic`` in the current transaction; return its sequence number.

    It becomes visible to followers, in every process, only after the commit. ``data`` must be
    JSON and must hold nothing that a follower of the topic may not see.

    Raises:
        RuntimeError: called outside a transaction.
    """
    return await current().live.emit(topic, kind, data or {})


async def follow(topic: str, after: str | None = None) -> AsyncGenerator[LiveEvent]:
    """Follow ``topic``: first a snapshot (or what was missed since ``after``), then each event.

    Before each step the viewer's rights are read again; the caller then loads the state to show
    afresh, so that its own access rules are asked again too.

    Raises:
        BadInput: ``after`` is not a cursor of this topic.
        Unauthenticated, Forbidden: the viewer lost the right to watch; ends the stream.
    """
    reauthorise = _reauthorise.get()
    async with aclosing(current().live.follow(topic, after)) as events:
        async for event in events:
            if reauthorise is not None:
                await reauthorise()
            yield event


def before_each_step(reauthorise: Callable[[], Awaitable[None]]) -> None:
    """Have ``reauthorise`` awaited before each step of the streams that this task opens."""
    _reauthorise.set(reauthorise)
