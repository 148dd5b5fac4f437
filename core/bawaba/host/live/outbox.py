"""Numbering events in the transaction that they tell of, and reading them back."""

from __future__ import annotations

import datetime as dt
import functools
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bawaba.db import after_commit, fetch, require_transaction
from bawaba.host.live.models import OutboxEvent, Topic
from bawaba.live import NewEvent
from bawaba.runtime import correlation_id, new_id, now

READ = 500
"""Events read in one statement, at most."""

_FORGOTTEN = 1000
_TOGETHER = 500
"""Events numbered in one statement, at most."""
_NUMBER = """
INSERT INTO core_topic (name, epoch, sequence) VALUES ($1, $2, 1)
ON CONFLICT (name) DO UPDATE SET sequence = core_topic.sequence + 1 RETURNING sequence
"""


@dataclass(frozen=True, slots=True)
class Emitted:
    """An event that was committed by this process: what the relay and the hub need of it."""

    id: int
    topic: str
    sequence: int


@dataclass(frozen=True, slots=True)
class Row:
    """An event as read from the outbox, with the epoch of its topic."""

    topic: str
    epoch: str
    sequence: int
    kind: str
    data: Mapping[str, Any]


class Outbox:
    """Writes events. ``committed`` is called, in this process, after the commit of each."""

    def __init__(self, committed: Callable[[Emitted], None]) -> None:
        self._committed = committed

    async def emit(self, topic: str, kind: str, data: Mapping[str, Any]) -> int:
        """Append an event to ``topic`` in the current transaction; return its sequence number.

        The topic's row stays locked until the transaction ends, so numbers become visible in
        order and without gaps. A transaction that emits to several topics should do so in a fixed
        order, or run under ``retrying``.

        Raises:
            RuntimeError: called outside a transaction.
        """
        require_transaction()
        numbered = await fetch(_NUMBER, topic, new_id())
        sequence: int = numbered[0]["sequence"]
        row = _event(NewEvent(topic, kind, data), sequence)
        await row.save()
        emitted = Emitted(row.id, topic, sequence)
        after_commit(lambda: self._committed(emitted))
        return sequence

    async def emit_all(self, events: Sequence[NewEvent]) -> None:
        """Append events to as many topics; see :func:`bawaba.live.emit_all`."""
        require_transaction()
        by_topic = {event.topic: event for event in events}
        if len(by_topic) < len(events):
            raise ValueError("each event must be for a topic of its own")
        names = sorted(by_topic)
        for start in range(0, len(names), _TOGETHER):
            some = names[start : start + _TOGETHER]
            numbers = await _numbers(some)
            await OutboxEvent.bulk_create([_event(by_topic[t], numbers[t]) for t in some])
            for emitted in await _stored(numbers):
                after_commit(functools.partial(self._committed, emitted))


def _event(event: NewEvent, sequence: int) -> OutboxEvent:
    return OutboxEvent(
        topic=event.topic,
        sequence=sequence,
        kind=event.kind,
        data=dict(event.data),
        correlation_id=correlation_id(),
        created_at=now(),
    )


async def _numbers(names: Sequence[str]) -> dict[str, int]:
    """Give each topic its next number, in the order of ``names``, and lock it."""
    rows = ", ".join(f"(${2 * n + 1}, ${2 * n + 2}, 1)" for n in range(len(names)))
    numbered = await fetch(
        f"INSERT INTO core_topic (name, epoch, sequence) VALUES {rows} "  # noqa: S608  numbers only
        f"ON CONFLICT (name) DO UPDATE SET sequence = core_topic.sequence + 1 "
        "RETURNING name, sequence",
        *(value for name in names for value in (name, new_id())),
    )
    return {row["name"]: row["sequence"] for row in numbered}


async def _stored(numbers: Mapping[str, int]) -> list[Emitted]:
    """Read back the ids of events just stored, in their order."""
    wanted = ", ".join(f"(${n}, {number:d})" for n, number in enumerate(numbers.values(), 1))
    rows = await fetch(
        "SELECT id, topic, sequence FROM core_outbox "  # noqa: S608  numbers only
        f"WHERE (topic, sequence) IN (VALUES {wanted}) ORDER BY id",
        *numbers,
    )
    return [Emitted(row["id"], row["topic"], row["sequence"]) for row in rows]


async def heads(topics: Sequence[str]) -> dict[str, tuple[str, int]]:
    """Return (epoch, sequence) of each of ``topics``; ("", 0) of one that had no event yet."""
    found = await Topic.filter(name__in=topics).values_list("name", "epoch", "sequence")
    return dict.fromkeys(topics, ("", 0)) | {name: (epoch, last) for name, epoch, last in found}


async def read(after: Mapping[str, int], limit: int = READ) -> list[Row]:
    """Return the next events of several topics in one statement, by topic and sequence.

    ``after`` is the last known sequence of each topic. At ``limit`` rows more may be there.
    """
    wanted = " OR ".join(
        f"(o.topic = ${2 * n + 1} AND o.sequence > ${2 * n + 2})" for n in range(len(after))
    )
    rows = await fetch(
        "SELECT o.topic, o.sequence, o.kind, o.data, t.epoch FROM core_outbox o "  # noqa: S608
        f"JOIN core_topic t ON t.name = o.topic WHERE {wanted} "
        f"ORDER BY o.topic, o.sequence LIMIT {int(limit)}",
        *(value for pair in after.items() for value in pair),
    )
    return [
        Row(row["topic"], row["epoch"], row["sequence"], row["kind"], _json(row["data"]))
        for row in rows
    ]


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str | bytes) else value


async def unpublished(limit: int = READ) -> list[Emitted]:
    """Return events that no process has announced yet, oldest first."""
    rows = await (
        OutboxEvent.filter(published_at__isnull=True)
        .order_by("id")
        .limit(limit)
        .values_list("id", "topic", "sequence")
    )
    return [Emitted(*row) for row in rows]


async def backlog() -> tuple[int, float]:
    """Return how many events are unpublished, and the age of the oldest in seconds."""
    waiting = OutboxEvent.filter(published_at__isnull=True)
    oldest = await waiting.order_by("id").limit(1).values_list("created_at", flat=True)
    if not oldest:
        return 0, 0.0
    created: Any = oldest[0]
    return await waiting.count(), max(0.0, (now() - created).total_seconds())


async def mark_published(ids: Sequence[int]) -> None:
    """Note that events were announced."""
    await OutboxEvent.filter(id__in=ids).update(published_at=now())


async def renew_epochs() -> int:
    """Give every topic a new epoch; return how many there are.

    For after a restore from backup: every cursor handed out before then leads to a snapshot.
    """
    return await Topic.all().update(epoch=new_id())


async def forget(before: dt.datetime) -> None:
    """Remove events that were published before an instant."""
    expired = OutboxEvent.filter(published_at__lt=before).order_by("published_at")
    while ids := await expired.limit(_FORGOTTEN).values_list("id", flat=True):
        await OutboxEvent.filter(id__in=ids).delete()
