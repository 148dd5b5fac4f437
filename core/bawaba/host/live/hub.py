"""Everything that this process follows: one listener, one reader, however many followers.

A follower is a position in its topic's shared log. The bus and local commits only hint at news;
events are read from the outbox, one statement for all topics that have some. A look at the topics'
rows every two seconds finds what no hint told of.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable
from dataclasses import dataclass
from itertools import groupby, islice

from bawaba.host.live import outbox
from bawaba.host.live.cursor import Cursor, parse
from bawaba.host.live.feed import Feed, event_of
from bawaba.host.live.metrics import LiveMetrics
from bawaba.host.live.outbox import Row
from bawaba.host.live.pulse import Pulse
from bawaba.host.live.relay import read_message
from bawaba.host.live.unit import UnitOfWork
from bawaba.live import LiveEvent

POLL = 2.0
"""Seconds between looks at the rows of all followed topics."""
_TOPICS_A_READ = 50
_TOPICS_A_POLL = 500


@dataclass(frozen=True, slots=True)
class Missed:
    """What came after a cursor: its sequence number, and every event behind it up to now."""

    cursor: int
    events: list[LiveEvent]


@dataclass(slots=True)
class _Place:
    """How far one follower has come. ``sequence`` None: it needs a snapshot."""

    sequence: int | None
    resets: int
    resuming: bool


class Hub:
    """Follows topics for this process."""

    def __init__(self, unit: UnitOfWork, metrics: LiveMetrics) -> None:
        self._unit = unit
        self._metrics = metrics
        self._feeds: dict[str, Feed] = {}
        self._dirty: dict[str, None] = {}
        self._first: dict[str, Callable[[LiveEvent], None]] = {}
        self._poll_at = 0.0
        self.pulse = Pulse("hub", self._step, POLL)

    def follow(self, topic: str, after: str | None) -> AsyncGenerator[LiveEvent, None]:
        """See :meth:`bawaba.live.LivePort.follow`."""
        return self._follow(topic, None if after is None else parse(after, topic))

    def precede(self, topic: str, hear: Callable[[LiveEvent], None]) -> None:
        """Have ``topic``, which somebody must follow, read along with every other.

        ``hear`` is called with its events before followers learn of anything read with them: so
        a right that was lost before an event was committed is known before the event is shown.
        """
        self._first[topic] = hear

    async def since(self, topic: str, after: str, limit: int) -> Missed | None:
        """Return what a followed topic had after a cursor; None: only a snapshot can tell.

        Raises:
            BadInput: ``after`` is not a cursor of this topic.
        """
        cursor, feed = parse(after, topic), self._feeds[topic]
        async with feed.lock:
            if not feed.covers(cursor):
                await self._look([feed])
                await self._read([feed] if feed.noticed > feed.sequence else [])
        if not feed.covers(cursor) or feed.sequence - cursor.sequence > limit:
            self._metrics.snapshots.inc()
            return None
        resets, events, sequence = feed.resets, [], cursor.sequence
        while sequence < feed.sequence:
            more = feed.after(sequence) or await self._history(feed, sequence)
            if not more or resets != feed.resets:
                self._metrics.snapshots.inc()
                return None
            events += more
            sequence = more[-1].sequence
        return Missed(cursor.sequence, events)

    def resets(self, topic: str) -> int:
        """Return how often a followed topic's past was lost; a change means: begin anew."""
        return self._feeds[topic].resets

    def notice(self, topic: str, sequence: int) -> None:
        """Hear that ``topic`` has come to ``sequence``; quick, never raises."""
        feed = self._feeds.get(topic)
        if feed is None:
            return
        feed.noticed = max(feed.noticed, sequence)
        if feed.primed and feed.noticed > feed.sequence:
            self._dirty[topic] = None
            self.pulse.wake()

    def receive(self, raw: bytes) -> None:
        """Hear a bus message."""
        heard = read_message(raw)
        if heard is not None:
            self.notice(*heard)

    def missed(self) -> None:
        """Hear that the bus may have lost messages: look at the rows at once."""
        self._poll_at = 0.0
        self.pulse.wake()

    async def _follow(self, topic: str, cursor: Cursor | None) -> AsyncGenerator[LiveEvent, None]:
        feed = self._enter(topic)
        try:
            place = await self._place(feed, cursor)
            while True:
                for event in await self._next(feed, place):
                    yield event
        finally:
            self._leave(feed)

    def _enter(self, topic: str) -> Feed:
        feed = self._feeds.get(topic) or self._feeds.setdefault(topic, Feed(topic))
        feed.followers += 1
        self._metrics.followers.inc()
        self._metrics.topics.set(len(self._feeds))
        return feed

    def _leave(self, feed: Feed) -> None:
        feed.followers -= 1
        self._metrics.followers.dec()
        if feed.followers == 0:
            del self._feeds[feed.topic]
            self._metrics.topics.set(len(self._feeds))

    async def _place(self, feed: Feed, cursor: Cursor | None) -> _Place:
        """Find where a new follower starts; at most one statement however many join at once."""
        async with feed.lock:
            if not feed.primed or (cursor is not None and not feed.covers(cursor)):
                await self._look([feed])
                await self._read([feed] if feed.noticed > feed.sequence else [])
        if cursor is not None and feed.covers(cursor):
            return _Place(cursor.sequence, feed.resets, resuming=True)
        if cursor is not None:
            self._metrics.snapshots.inc()
        return _Place(None, feed.resets, resuming=False)

    async def _next(self, feed: Feed, place: _Place) -> list[LiveEvent]:
        """Return what a follower gets next, waiting for it: one event at least."""
        while True:
            changed = feed.changed
            if place.sequence is None:
                return [self._snapshot(feed, place)]
            if place.resets != feed.resets:
                self._metrics.snapshots.inc()
                return [self._snapshot(feed, place)]
            if place.sequence < feed.sequence:
                return await self._catch_up(feed, place, place.sequence)
            place.resuming = False
            await changed.wait()

    async def _catch_up(self, feed: Feed, place: _Place, sequence: int) -> list[LiveEvent]:
        """Return events after ``sequence``: from the log, or the outbox for one that resumes."""
        events = feed.after(sequence)
        if events:
            place.resuming = False
        elif place.resuming:
            events = await self._history(feed, sequence)
        if not events:
            self._metrics.snapshots.inc()
            return [self._snapshot(feed, place)]
        place.sequence = events[-1].sequence
        return events

    def _snapshot(self, feed: Feed, place: _Place) -> LiveEvent:
        place.sequence, place.resets, place.resuming = feed.sequence, feed.resets, False
        return feed.snapshot()

    async def _history(self, feed: Feed, sequence: int) -> list[LiveEvent]:
        """Read events older than the log; [] if the next one is no longer kept."""
        async with feed.lock:
            # Another follower may have read them for all while this one waited.
            if events := feed.after(sequence):
                return events
            resets = feed.resets
            with self._unit():
                rows = await outbox.read({feed.topic: sequence})
        numbers = [row.sequence for row in rows]
        whole = numbers == list(range(sequence + 1, sequence + 1 + len(rows)))
        if not whole or resets != feed.resets or any(row.epoch != feed.epoch for row in rows):
            return []
        events = [event_of(row) for row in rows]
        feed.extend_back(events)
        return events

    async def _step(self) -> None:
        clock = asyncio.get_running_loop().time
        if clock() >= self._poll_at:
            self._poll_at = clock() + POLL
            await self._poll()
        while self._dirty:
            topics = list(islice(self._dirty, _TOPICS_A_READ))
            for topic in topics:
                del self._dirty[topic]
            found = (self._feeds.get(topic) for topic in topics)
            await self._read([feed for feed in found if feed is not None and feed.primed])

    async def _poll(self) -> None:
        feeds = [feed for feed in self._feeds.values() if feed.primed]
        for start in range(0, len(feeds), _TOPICS_A_POLL):
            await self._look(feeds[start : start + _TOPICS_A_POLL])

    async def _look(self, feeds: Iterable[Feed]) -> None:
        """Compare feeds with their topics' rows, in one statement."""
        known = [(feed, feed.place) for feed in feeds]
        with self._unit():
            found = await outbox.heads([feed.topic for feed, _ in known])
        for feed, before in known:
            epoch, sequence = found[feed.topic]
            feed.head(epoch, sequence, known=before)
            self.notice(feed.topic, feed.noticed)

    async def _read(self, feeds: Iterable[Feed]) -> None:
        """Read the news of feeds, in one statement."""
        reading = {feed.topic: feed for feed in feeds}
        if not reading:
            return
        first = [feed for topic in self._first if (feed := self._feeds.get(topic)) and feed.primed]
        with self._unit():
            rows = await outbox.read(
                {feed.topic: feed.sequence for feed in (*reading.values(), *first)}
            )
            if len(rows) == outbox.READ and first:
                # The limit may have cut them off.
                rows += await outbox.read({feed.topic: feed.sequence for feed in first})
        reading.update({feed.topic: feed for feed in first})
        rows.sort(key=lambda row: (row.topic not in self._first, row.topic, row.sequence))
        for topic, group in groupby(rows, key=lambda row: row.topic):
            self._grow(reading[topic], list(group))
        if len(rows) == outbox.READ:
            self._dirty.update(dict.fromkeys(reading))
            self.pulse.wake()

    def _grow(self, feed: Feed, rows: list[Row]) -> None:
        if hear := self._first.get(feed.topic):
            for row in rows:
                if row.sequence > feed.sequence:
                    hear(event_of(row))
        feed.grow(rows)
