"""Fan-out: order, snapshots, slow readers, lost rights; with readers that a test holds still."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest
from bawaba.db import StorageUnavailable
from bawaba.host.live.broker import MemoryBroker
from bawaba.host.streams import broadcast as module
from bawaba.host.streams.broadcast import Broadcasts, Frame
from bawaba.host.streams.stream import Ended
from bawaba.live import EVERYONE, SNAPSHOT, LiveEvent, Watch
from bawaba.viewer import Viewer

TOPIC = "council.votes"


class Reader:
    """A connection whose buffer a test fills and empties."""

    def __init__(self) -> None:
        self.seat = SimpleNamespace(viewer=Viewer(), stale=0)
        self.ready = True
        self.frames: list[Frame] = []
        self.end: str | None = None
        self.errors: list[Any] = []

    def write(self, frame: Frame) -> None:
        assert self.end is None
        self.frames.append(frame)

    def finish(self, errors: list[Any]) -> None:
        self.end, self.errors = "finished", errors

    def lost(self) -> None:
        self.end = "lost"

    def cut(self) -> None:
        self.end = "cut"

    @property
    def kinds(self) -> list[str]:
        return [frame.payload.decode() for frame in self.frames]


class Stream:
    """A stream that shows an event by its kind, and counts."""

    def __init__(self, delivery: str = "state", after: str | None = None) -> None:
        self.key = (TOPIC, delivery)
        self.watch: Watch[Any] = Watch(TOPIC, EVERYONE, None, after)  # type: ignore[arg-type]
        self.live = SimpleNamespace(delivery=delivery)
        self.shown: list[str] = []
        self.faults: list[Exception] = []

    def admits(self, viewer: Viewer) -> bool:
        return viewer.display_name != "banished"

    def farewell(self, viewer: Viewer) -> list[Any]:
        return [{"code": "FORBIDDEN", "to": viewer.display_name}]

    def errors(self, error: Exception) -> list[Any]:
        return [{"code": type(error).__name__}]

    async def render(self, event: LiveEvent, viewer: Viewer) -> bytes:
        await asyncio.sleep(0)
        if self.faults:
            raise self.faults.pop()
        self.shown.append(event.kind)
        return event.kind.encode()


@pytest.fixture
async def room(start: Any) -> AsyncIterator[Any]:
    host = await start(MemoryBroker())
    broadcasts = Broadcasts(host.live.hub, host.unit, host.live.metrics)
    joined: list[Any] = []

    def join(stream: Any, reader: Reader) -> Any:
        found = broadcasts.join(stream, reader)
        joined.append((found, reader))
        return found

    yield SimpleNamespace(
        emit=lambda *kinds: host.emit(TOPIC, *kinds), join=join, metric=host.metric
    )
    for found, reader in joined:
        found.leave(reader)
    for _ in range(50):
        await asyncio.sleep(0.01)
        left = [t for t in asyncio.all_tasks() if t.get_name() == "bawaba:broadcast"]
        if not left:
            return
    raise AssertionError("a broadcast outlives its readers")


async def until(check: Any, limit: float = 10.0) -> None:
    async with asyncio.timeout(limit):
        while not check():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_many_readers_one_execution(room: Any) -> None:
    await room.emit("A")
    stream, readers = Stream(), [Reader() for _ in range(500)]
    for reader in readers:
        room.join(stream, reader)
    await until(lambda: all(r.frames for r in readers))
    await room.emit("B", "C")
    await until(lambda: all(len(r.frames) == 3 for r in readers))
    assert {tuple(r.kinds) for r in readers} == {(SNAPSHOT, "B", "C")}
    assert stream.shown == [SNAPSHOT, "B", "C"]
    assert [f.sequence for f in readers[0].frames] == [1, 2, 3]


async def test_resuming_yields_what_was_missed_then_goes_on(room: Any) -> None:
    first = Reader()
    room.join(Stream(), first)
    await until(lambda: first.frames)
    await room.emit("A", "B")
    await until(lambda: len(first.frames) == 3)
    for missed, frame in (
        (["A", "B"], first.frames[0]),
        (["B"], first.frames[1]),
        ([], first.frames[2]),
    ):
        late = Reader()
        room.join(Stream(after=frame.cursor), late)
        await asyncio.sleep(0.1)
        assert late.kinds == missed
    await room.emit("C")
    await until(lambda: late.kinds == ["C"])
    assert late.frames[0].sequence == 3


async def test_an_event_while_somebody_enters_is_neither_lost_nor_doubled(room: Any) -> None:
    await room.emit("0")
    readers: list[Reader] = []
    for number in range(40):
        reader = Reader()
        readers.append(reader)
        room.join(Stream(), reader)
        await room.emit(str(number + 1))
    await until(lambda: all(r.frames and r.frames[-1].sequence == 41 for r in readers))
    for reader in readers:
        numbers = [frame.sequence for frame in reader.frames]
        assert numbers == list(range(numbers[0], 42))
        assert reader.kinds[0] == SNAPSHOT


async def test_too_much_missed_is_one_snapshot(room: Any) -> None:
    first = Reader()
    room.join(Stream(), first)
    await until(lambda: first.frames)
    await room.emit(*"X" * 150)
    await until(lambda: len(first.frames) == 151)
    late = Reader()
    room.join(Stream(after=first.frames[0].cursor), late)
    await until(lambda: late.frames)
    assert [(f.sequence, f.payload) for f in late.frames] == [(150, b"SNAPSHOT")]


async def test_a_slow_reader_of_state_gets_the_newest_once(room: Any) -> None:
    slow, swift, stream = Reader(), Reader(), Stream()
    for reader in (slow, swift):
        room.join(stream, reader)
    await until(lambda: slow.frames and swift.frames)
    slow.ready = False
    await room.emit("A", "B", "C")
    await until(lambda: swift.kinds == [SNAPSHOT, "A", "B", "C"])
    assert slow.kinds == [SNAPSHOT]
    slow.ready = True
    await until(lambda: len(slow.frames) == 2)
    assert (slow.kinds[-1], slow.frames[-1].sequence) == (SNAPSHOT, 3)
    await room.emit("D")
    await until(lambda: slow.kinds[-1] == "D")
    assert swift.kinds == [SNAPSHOT, "A", "B", "C", "D"]


async def test_one_value_that_waited_is_sent_as_it_is(room: Any) -> None:
    slow = Reader()
    room.join(Stream(), slow)
    await until(lambda: slow.frames)
    slow.ready = False
    await room.emit("A")
    await asyncio.sleep(0.2)
    slow.ready = True
    await until(lambda: slow.kinds == [SNAPSHOT, "A"])


async def test_a_slow_reader_of_a_log_gets_all_or_is_told_to_resume(
    room: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "KEPT_FRAMES", 5)
    slow, lost, stream = Reader(), Reader(), Stream("log")
    for reader in (slow, lost):
        room.join(stream, reader)
    await until(lambda: slow.frames and lost.frames)
    slow.ready = lost.ready = False
    await room.emit("A", "B", "C")
    await asyncio.sleep(0.2)
    slow.ready = True
    await until(lambda: slow.kinds == [SNAPSHOT, "A", "B", "C"])
    await room.emit("D", "E", "F")
    await until(lambda: len(slow.frames) == 7)
    lost.ready = True
    await until(lambda: lost.end == "lost")
    assert lost.kinds == [SNAPSHOT]


async def test_a_reader_that_stops_is_cut_and_others_feel_nothing(
    room: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STOPPED", 0.3)
    dead, alive, stream = Reader(), Reader(), Stream()
    for reader in (dead, alive):
        room.join(stream, reader)
    await until(lambda: dead.frames and alive.frames)
    dead.ready = False
    await room.emit("A")
    await until(lambda: dead.end == "cut")
    await room.emit("B")
    await until(lambda: alive.kinds == [SNAPSHOT, "A", "B"])
    assert dead.kinds == [SNAPSHOT]
    assert room.metric("bawaba_live_cut_total") == 1


async def test_lost_rights_end_at_once_and_stale_rights_show_nothing(room: Any) -> None:
    kept, banished, stream = Reader(), Reader(), Stream()
    found = [room.join(stream, reader) for reader in (kept, banished)]
    await until(lambda: kept.frames and banished.frames)
    banished.seat.stale = 1
    await room.emit("A")
    await until(lambda: kept.kinds == [SNAPSHOT, "A"])
    assert banished.kinds == [SNAPSHOT]
    banished.seat.viewer = Viewer(display_name="banished")
    banished.seat.stale = 0
    found[1].reconsider(banished)
    assert (banished.end, banished.errors[0]["code"]) == ("finished", "FORBIDDEN")
    # Whose rights were only read again gets what it was spared.
    kept.seat.stale = 1
    await room.emit("B")
    await asyncio.sleep(0.1)
    assert kept.kinds == [SNAPSHOT, "A"]
    kept.seat.stale = 0
    found[0].reconsider(kept)
    await until(lambda: kept.kinds == [SNAPSHOT, "A", "B"])


async def test_the_end_of_a_stream_is_typed_for_all(room: Any) -> None:
    stream, readers = Stream(), [Reader(), Reader()]
    for reader in readers:
        room.join(stream, reader)
    await until(lambda: all(r.frames for r in readers))
    stream.faults = [Ended([{"code": "NOT_FOUND"}])]
    await room.emit("A")
    await until(lambda: all(r.end == "finished" for r in readers))
    assert readers[0].errors == [{"code": "NOT_FOUND"}]


async def test_a_database_that_is_away_is_waited_for(
    room: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PAUSE", 0.01)
    stream, reader = Stream(), Reader()
    room.join(stream, reader)
    await until(lambda: reader.frames)
    stream.faults = [StorageUnavailable("away"), StorageUnavailable("away")]
    await room.emit("A")
    await until(lambda: reader.kinds == [SNAPSHOT, "A"])


async def test_a_cursor_of_another_topic_ends_that_reader_alone(room: Any) -> None:
    reader, wrong = Reader(), Reader()
    room.join(Stream(), reader)
    room.join(Stream(after="garbage"), wrong)
    await until(lambda: reader.frames and wrong.end)
    assert wrong.errors == [{"code": "BadInput"}]
    assert reader.end is None


async def test_leaving_at_any_moment_leaves_nothing_behind(room: Any) -> None:
    for pause in (0, 0, 0.001, 0.005, 0.02):
        reader = Reader()
        found = room.join(Stream(), reader)
        await asyncio.sleep(pause)
        found.leave(reader)
        with contextlib.suppress(KeyError):
            found.leave(reader)
        await asyncio.sleep(0.01)
        assert room.metric("bawaba_live_broadcasts") == 0
