"""One topic as this process follows it: a bounded log in memory that its followers share."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

from bawaba.host.live.cursor import Cursor
from bawaba.host.live.outbox import Row
from bawaba.live import SNAPSHOT, LiveEvent

KEPT = 1000
"""Events of a topic kept in memory; a follower further behind gets a snapshot."""
_CHUNK = 100


class Feed:
    """A contiguous log: every event after the moment it was primed, the last ``KEPT`` of them.

    It only grows by the next number. Whatever would break that (a restored database, events
    removed before they were read) is a *reset*, after which every follower gets a snapshot.
    """

    def __init__(self, topic: str) -> None:
        self.topic = topic
        self.epoch = ""
        self.sequence = 0
        self.primed = False
        self.resets = 0
        self.followers = 0
        self.noticed = 0
        self.lock = asyncio.Lock()
        self.changed = asyncio.Event()
        self._log: dict[int, LiveEvent] = {}

    @property
    def place(self) -> tuple[str, int]:
        """The (epoch, sequence) that this feed has come to."""
        return self.epoch, self.sequence

    def head(self, epoch: str, sequence: int, *, known: tuple[str, int]) -> None:
        """Take note of the topic's row; ``known`` is this feed's place before the row was read."""
        if not self.primed:
            self.epoch, self.sequence, self.primed = epoch, sequence, True
        elif self.place == known:
            # A feed that moved meanwhile may know more than the row; the next look will judge.
            if sequence < self.sequence or (epoch != self.epoch and not self._unborn):
                self._reset(epoch, sequence)
            self.noticed = max(self.noticed, sequence)

    def grow(self, rows: Iterable[Row]) -> None:
        """Append events (of this topic, in order); known ones are dropped."""
        grown = False
        for row in rows:
            other = row.epoch != self.epoch and not self._unborn
            if other or row.sequence > self.sequence + 1:
                self._reset(row.epoch, row.sequence)
            elif row.sequence == self.sequence + 1:
                self.epoch, self.sequence = row.epoch, row.sequence
                self._log[row.sequence] = event_of(row)
                self._log.pop(row.sequence - KEPT, None)
                grown = True
        if grown:
            self._wake()

    def extend_back(self, events: Iterable[LiveEvent]) -> None:
        """Keep older events that one follower read, for others that resume from the same place."""
        for event in reversed(list(events)):
            joins = event.sequence == self.sequence or event.sequence + 1 in self._log
            if joins and event.sequence > self.sequence - KEPT:
                self._log.setdefault(event.sequence, event)

    def after(self, sequence: int) -> list[LiveEvent]:
        """Return the events after ``sequence``; [] if the next one is not in memory."""
        events: list[LiveEvent] = []
        while len(events) < _CHUNK and (event := self._log.get(sequence + 1)) is not None:
            events.append(event)
            sequence += 1
        return events

    def covers(self, cursor: Cursor) -> bool:
        """Return whether ``cursor`` is a place in this topic's past or present."""
        start = cursor.epoch == "" and cursor.sequence == 0
        return (start or cursor.epoch == self.epoch) and cursor.sequence <= self.sequence

    def snapshot(self) -> LiveEvent:
        """Return the snapshot that stands for everything up to now."""
        return _event(self.topic, self.epoch, self.sequence, SNAPSHOT, {})

    @property
    def _unborn(self) -> bool:
        return self.place == ("", 0)

    def _reset(self, epoch: str, sequence: int) -> None:
        self.epoch, self.sequence = epoch, sequence
        self.noticed = 0
        self.resets += 1
        self._log.clear()
        self._wake()

    def _wake(self) -> None:
        # A fresh event each time: waiters hold the old one, so no wake-up is lost or shared.
        woken, self.changed = self.changed, asyncio.Event()
        woken.set()


def event_of(row: Row) -> LiveEvent:
    """Return the event that followers get for an outbox row."""
    return _event(row.topic, row.epoch, row.sequence, row.kind, row.data)


def _event(topic: str, epoch: str, sequence: int, kind: str, data: Mapping[str, Any]) -> LiveEvent:
    return LiveEvent(topic, sequence, kind, str(Cursor(topic, epoch, sequence)), data)
