"""Fan-out: each stream is executed once an event, and its frame written to every reader.

A broadcast keeps a short shared row of frames; a reader is a position in it. Whoever cannot take
the next frame is left behind and looked after by a task of its own, so the others feel nothing.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Protocol

import structlog

from bawaba.db import StorageUnavailable
from bawaba.errors import RequestError, Unavailable
from bawaba.host.live.hub import Hub
from bawaba.host.live.metrics import LiveMetrics
from bawaba.host.live.unit import UnitOfWork
from bawaba.host.streams.stream import Ended, Stream
from bawaba.live import SNAPSHOT, LiveEvent
from bawaba.viewer import Viewer

log = structlog.get_logger(__name__)
KEPT_FRAMES = 256
KEPT_BYTES = 1_000_000
REPLAY = {"state": 100, "log": 1_000}
"""Missed events that a resuming reader gets one by one; beyond it, one snapshot."""
STOPPED = 10.0
"""Seconds after which a reader that takes nothing is cut."""
_LOOK = 0.1
_FAIR = 200
_FRESH = 1.0
_PATIENCE = 60.0
_PAUSE = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One answer of a stream: its place in the topic, and the response as JSON."""

    sequence: int
    cursor: str
    payload: bytes


class Seat(Protocol):
    """Who reads: the viewer; stale, i.e. shown nothing, until its rights are read again."""

    viewer: Viewer
    stale: int


class Reader(Protocol):
    """One subscription of one connection."""

    seat: Seat

    @property
    def ready(self) -> bool:
        """Whether the connection takes more at once."""
        ...

    def write(self, frame: Frame) -> None:
        """Send a frame; never blocks, never raises."""
        ...

    def finish(self, errors: list[Any]) -> None:
        """Send the typed end."""
        ...

    def lost(self) -> None:
        """Disconnect a reader of a log that fell too far behind: it is to resume."""
        ...

    def cut(self) -> None:
        """Drop a connection that takes nothing."""
        ...


class Broadcast:
    """One shared stream in this process."""

    def __init__(
        self,
        stream: Stream,
        hub: Hub,
        unit: UnitOfWork,
        metrics: LiveMetrics,
        retired: Callable[[Broadcast], None],
    ) -> None:
        self.stream = stream
        self._hub, self._unit, self._metrics, self._retired = hub, unit, metrics, retired
        self._places: dict[Reader, int] = {}
        self._entering: list[tuple[Reader, str | None]] = []
        self._entrants: set[Reader] = set()
        self._behind: dict[Reader, asyncio.Task[None]] = {}
        self._frames: deque[Frame] = deque()
        self._end = 0
        self._bytes = 0
        self._at: LiveEvent | None = None
        self._snapshots = asyncio.Lock()
        self._snapshot: tuple[float, LiveEvent, Frame, int] | None = None
        self._begun = asyncio.Event()
        self._main = asyncio.create_task(self._run(), name="bawaba:broadcast")
        self._admitting: asyncio.Task[None] | None = None

    def join(self, reader: Reader, after: str | None) -> None:
        """Let a reader in: a snapshot first, or what it missed since ``after``."""
        self._entering.append((reader, after))
        if self._admitting is None:
            self._admitting = asyncio.create_task(self._admit(), name="bawaba:admission")

    def leave(self, reader: Reader) -> None:
        """Forget a reader."""
        self._places.pop(reader, None)
        self._entrants.discard(reader)
        self._entering = [entry for entry in self._entering if entry[0] is not reader]
        if task := self._behind.pop(reader, None):
            task.cancel()
        if not self._places and not self._entering:
            self._retire()

    def reconsider(self, reader: Reader) -> None:
        """Look at a reader whose viewer was read again: go on, or end it at once."""
        if reader in self._places:
            self._pump(reader)

    def _retire(self) -> None:
        self._retired(self)
        self._main.cancel()
        if self._admitting is not None:
            self._admitting.cancel()

    async def _run(self) -> None:
        try:
            async for event in self._hub.follow(self.stream.watch.topic, None):
                if self._at is None:
                    self._at = event
                    self._begun.set()
                    continue
                if self._places:
                    self._append(event, await self._rendered(event))
                    await self._deliver()
                else:
                    # Whoever enters now looks at the topic, or at the state, after this.
                    self._at = event
        except Ended as ended:
            self._end_all(ended.errors)
        except Exception as error:
            log.exception("fault in a live stream")
            self._end_all(self.stream.errors(error))

    def _append(self, event: LiveEvent, frame: Frame) -> None:
        self._at = event
        self._frames.append(frame)
        self._end += 1
        self._bytes += len(frame.payload)
        while len(self._frames) > 1 and (
            len(self._frames) > KEPT_FRAMES or self._bytes > KEPT_BYTES
        ):
            self._bytes -= len(self._frames.popleft().payload)

    async def _deliver(self) -> None:
        for number, reader in enumerate(list(self._places), 1):
            self._pump(reader)
            if number % _FAIR == 0:
                await asyncio.sleep(0)

    def _pump(self, reader: Reader) -> None:
        """Write to a reader all that it has not got, as far as it takes it."""
        place = self._places.get(reader)
        held_back = reader.seat.stale or reader in self._behind or reader in self._entrants
        if place is None or held_back:
            return
        if not self.stream.admits(reader.seat.viewer):
            self._dismiss(reader, self.stream.farewell(reader.seat.viewer))
            return
        start = self._end - len(self._frames)
        while place < self._end:
            if place < start or not reader.ready:
                self._places[reader] = place
                task = asyncio.create_task(self._wait_for(reader), name="bawaba:slow-reader")
                self._behind[reader] = task
                return
            reader.write(self._frames[place - start])
            place += 1
        self._places[reader] = place

    async def _wait_for(self, reader: Reader) -> None:
        """Look after a reader that takes nothing now, until it does or is cut."""
        clock = asyncio.get_running_loop().time
        deadline = clock() + STOPPED
        while not reader.ready:
            if clock() >= deadline:
                self._metrics.cut.inc()
                self._places.pop(reader, None)
                self._behind.pop(reader, None)
                reader.cut()
                return
            await asyncio.sleep(_LOOK)
        missed = self._end - self._places[reader]
        log_topic = self.stream.live.delivery == "log"
        if log_topic and missed > len(self._frames):
            self._metrics.lost.inc()
            self._places.pop(reader, None)
            self._behind.pop(reader, None)
            reader.lost()
            return
        if not log_topic and missed > 1:
            self._metrics.coalesced.inc(missed - 1)
            try:
                frame, place = await self._present()
            except Ended as ended:
                self._behind.pop(reader, None)
                self._dismiss(reader, ended.errors)
                return
            reader.write(frame)
            self._places[reader] = place
        self._behind.pop(reader, None)
        self._pump(reader)

    async def _admit(self) -> None:
        await self._begun.wait()
        while self._entering:
            batch, self._entering = self._entering, []
            by_cursor: dict[str | None, list[Reader]] = {}
            for reader, after in batch:
                by_cursor.setdefault(after, []).append(reader)
                # Known from now on, so that leaving finds it; it gets nothing before its entry.
                self._places[reader] = self._end
                self._entrants.add(reader)
            for after, readers in by_cursor.items():
                await self._seat(after, readers)
        self._admitting = None

    async def _seat(self, after: str | None, readers: list[Reader]) -> None:
        """Give readers that resume from one cursor what they missed, and their place."""
        frames: list[Frame] = []
        place, errors = 0, []
        try:
            frames, place = await self._entrance(after)
        except Ended as ended:
            errors = ended.errors
        except Exception as error:
            if not isinstance(error, RequestError):
                log.exception("fault in a live stream")
            errors = self.stream.errors(error)
        for number, reader in enumerate(readers, 1):
            if reader in self._entrants:
                self._entrants.discard(reader)
                self._let_in(reader, frames, place, errors)
            if number % _FAIR == 0:
                await asyncio.sleep(0)

    def _let_in(self, reader: Reader, frames: list[Frame], place: int, errors: list[Any]) -> None:
        viewer = reader.seat.viewer
        if errors or not self.stream.admits(viewer):
            self._dismiss(reader, errors or self.stream.farewell(viewer))
            return
        for frame in frames:
            reader.write(frame)
        self._places[reader] = place
        self._pump(reader)

    async def _entrance(self, after: str | None) -> tuple[list[Frame], int]:
        """Return the frames missed since ``after``, or a snapshot; and the place behind them."""
        topic = self.stream.watch.topic
        if after is not None:
            resets = self._hub.resets(topic)
            missed = await self._hub.since(topic, after, REPLAY[self.stream.live.delivery])
            if missed is not None:
                await self._come_to(missed.cursor)
            at, place = self._sequence, self._end
            if missed is not None and resets == self._hub.resets(topic):
                known = {frame.sequence: frame for frame in self._frames}
                events = [event for event in missed.events if event.sequence <= at]
                return [known.get(e.sequence) or await self._rendered(e) for e in events], place
        frame, place = await self._present()
        return [frame], place

    async def _come_to(self, sequence: int) -> None:
        """Wait until this broadcast has shown an event that another process showed already."""
        while self._sequence < sequence:  # noqa: ASYNC110  rare, and soon over
            await asyncio.sleep(_LOOK / 10)

    @property
    def _sequence(self) -> int:
        return 0 if self._at is None else self._at.sequence

    async def _present(self) -> tuple[Frame, int]:
        """Return a snapshot of this moment, shared by all who ask within a second."""
        clock = asyncio.get_running_loop().time
        async with self._snapshots:
            at, place = self._at, self._end
            if at is None:
                raise RuntimeError("a snapshot before the first event")
            made = self._snapshot
            if made is not None and made[1] is at and clock() - made[0] < _FRESH:
                return made[2], made[3]
            event = LiveEvent(at.topic, at.sequence, SNAPSHOT, at.cursor, {})
            frame = await self._rendered(event)
            self._snapshot = (clock(), at, frame, place)
            return frame, place

    async def _rendered(self, event: LiveEvent) -> Frame:
        """Execute the stream for ``event``; a database that is away is waited for."""
        clock = asyncio.get_running_loop().time
        deadline = clock() + _PATIENCE
        while True:
            viewer = self._somebody()
            if viewer is None:  # everybody's rights are being read again
                await asyncio.sleep(_LOOK / 10)
                continue
            try:
                with self._unit():
                    payload = await self.stream.render(event, viewer)
            except StorageUnavailable as error:
                if clock() >= deadline:
                    raise Ended(self.stream.errors(Unavailable())) from error
                await asyncio.sleep(_PAUSE)
                continue
            self._metrics.executions.inc()
            return Frame(event.sequence, event.cursor, payload)

    def _somebody(self) -> Viewer | None:
        """Return a viewer of the audience, with the newest rights known; None: wait for them."""
        waiting = False
        viewer = Viewer()
        for reader in self._places:
            viewer = reader.seat.viewer
            if reader.seat.stale:
                waiting = True
            elif self.stream.admits(viewer):
                return viewer
        if waiting:
            return None
        raise Ended(self.stream.farewell(viewer))

    def _dismiss(self, reader: Reader, errors: list[Any]) -> None:
        self._places.pop(reader, None)
        reader.finish(errors)
        if not self._places and not self._entering:
            self._retire()

    def _end_all(self, errors: list[Any]) -> None:
        readers = [*self._places, *(reader for reader, _ in self._entering)]
        self._places, self._entering = {}, []
        for task in self._behind.values():
            task.cancel()
        for reader in readers:
            reader.finish(errors)
        self._retire()


class Broadcasts:
    """The streams that this process sends, each once."""

    def __init__(self, hub: Hub, unit: UnitOfWork, metrics: LiveMetrics) -> None:
        self._hub, self._unit, self._metrics = hub, unit, metrics
        self._all: dict[Hashable, Broadcast] = {}

    def join(self, stream: Stream, reader: Reader) -> Broadcast:
        """Let a reader into the broadcast of its stream; return it, to leave it."""
        broadcast = self._all.get(stream.key)
        if broadcast is None:
            broadcast = Broadcast(stream, self._hub, self._unit, self._metrics, self._forget)
            self._all[stream.key] = broadcast
            self._metrics.broadcasts.set(len(self._all))
        broadcast.join(reader, stream.watch.after)
        return broadcast

    def _forget(self, broadcast: Broadcast) -> None:
        if self._all.get(broadcast.stream.key) is broadcast:
            del self._all[broadcast.stream.key]
            self._metrics.broadcasts.set(len(self._all))
