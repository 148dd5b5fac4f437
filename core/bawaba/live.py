"""Live delivery: number an event in the transaction, let an audience watch a topic from anywhere.

A *topic* is a string such as ``payment:5f3…``; its events carry a gapless sequence, taken under a
row lock. A *cursor* is opaque. A watcher gets either every event since its cursor, in order, or
one SNAPSHOT that covers what it skipped.

A live field's resolver returns a :class:`Watch`: the topic, the audience, and how to show an
event. The host calls ``show`` and executes the selection once for everybody of the same audience
who sent the same document, and writes the one answer to each of them.
"""

from __future__ import annotations

from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Awaitable,
    Callable,
    Mapping,
    Sequence,
)
from dataclasses import dataclass, field, replace
from typing import Any, Generic, Literal, Protocol, TypeVar

from bawaba.runtime import current
from bawaba.viewer import ANONYMOUS, EVERYWHERE, Viewer

__all__ = [
    "EVERYONE",
    "SNAPSHOT",
    "Audience",
    "AudienceKind",
    "LiveEvent",
    "LivePort",
    "NewEvent",
    "Watch",
    "emit",
    "emit_all",
    "holders",
    "one_viewer",
]

T = TypeVar("T")
SNAPSHOT = "SNAPSHOT"
"""The kind of the first value, and of one that covers a gap."""
AudienceKind = Literal["public", "role", "viewer"]
"""Who shares one execution of a live field: everybody, the holders of a role, one person."""


@dataclass(frozen=True, slots=True)
class LiveEvent:
    """One step of a topic. ``data`` is what was emitted ({} for a snapshot)."""

    topic: str
    sequence: int
    kind: str
    cursor: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Audience:
    """Those who are shown the same. Make it with EVERYONE, :func:`holders`, :func:`one_viewer`."""

    kind: AudienceKind
    permission: str | None = None
    scope: str = EVERYWHERE
    person_id: str | None = None

    def admits(self, viewer: Viewer) -> bool:
        """Return whether ``viewer`` belongs to it with the rights of this moment."""
        if self.person_id is not None:
            return viewer.person_id == self.person_id
        return self.permission is None or viewer.can(self.permission, self.scope)

    def seen_as(self, viewer: Viewer) -> Viewer:
        """Return as whom the shared execution runs, where ``viewer`` is one of the audience.

        For everybody and for a role that is nobody in particular: what is shown cannot depend on
        which member happened to be first. A role's holder has that one permission in that scope.
        """
        if self.person_id is not None:
            return viewer
        anybody = replace(ANONYMOUS, language=viewer.language)
        if self.permission is None:
            return anybody
        return replace(anybody, grants={self.permission: frozenset({self.scope})})


EVERYONE = Audience("public")
"""The audience of what anybody may watch."""


def holders(permission: str, scope: str = EVERYWHERE) -> Audience:
    """Return the audience of those who hold ``permission`` in ``scope`` (an agency, a body)."""
    return Audience("role", permission=permission, scope=scope)


def one_viewer(viewer: Viewer) -> Audience:
    """Return the audience of one person, on however many devices.

    Raises:
        Unauthenticated: nobody is signed in.
    """
    return Audience("viewer", person_id=viewer.person())


@dataclass(frozen=True, slots=True)
class Watch(AsyncIterable[T], Generic[T]):
    """What a live field watches, for whom, and how an event is shown.

    Args:
        topic: whose events.
        audience: who shares one execution; must be of a kind that the field declares.
        show: from an event and the viewer as whom the audience sees it, to the field's value. It
            loads the state afresh, so that access rules are asked again. None: there is nothing
            (any more) that this audience may see; the stream ends with NOT_FOUND.
        after: the cursor to resume from.
    """

    topic: str
    audience: Audience
    show: Callable[[LiveEvent, Viewer], Awaitable[T | None]]
    after: str | None = None

    async def __aiter__(self) -> AsyncIterator[T]:
        """Follow it alone, as the audience sees it; for tests and for readers in this process."""
        viewer = self.audience.seen_as(Viewer(person_id=self.audience.person_id))
        async for event in current().live.follow(self.topic, self.after):
            value = await self.show(event, viewer)
            if value is None:
                return
            yield value


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event to be appended to a topic."""

    topic: str
    kind: str
    data: Mapping[str, Any] = field(default_factory=dict)


class LivePort(Protocol):
    """What the host implements."""

    async def emit(self, topic: str, kind: str, data: Mapping[str, Any]) -> int:
        """See :func:`emit`."""
        ...

    async def emit_all(self, events: Sequence[NewEvent]) -> None:
        """See :func:`emit_all`."""
        ...

    def follow(self, topic: str, after: str | None) -> AsyncGenerator[LiveEvent]:
        """Follow ``topic``: a snapshot, or what was missed since ``after``; then each event.

        Raises:
            BadInput: ``after`` is not a cursor of this topic.
        """
        ...


async def emit(topic: str, kind: str, data: Mapping[str, Any] | None = None) -> int:
    """Append an event to ``topic`` in the current transaction; return its sequence number.

    It becomes visible to watchers, in every process, only after the commit. ``data`` must be
    JSON and must hold nothing that a watcher of the topic may not see.

    Raises:
        RuntimeError: called outside a transaction.
    """
    return await current().live.emit(topic, kind, data or {})


async def emit_all(events: Sequence[NewEvent]) -> None:
    """Append many events, each to a topic of its own, in a few statements; see :func:`emit`.

    Topics are locked in the order of their names.

    Raises:
        ValueError: two events are for the same topic.
        RuntimeError: called outside a transaction.
    """
    await current().live.emit_all(events)
