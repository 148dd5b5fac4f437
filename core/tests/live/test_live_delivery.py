"""Emitting, following, resuming: on both databases, over the bus in memory."""

from __future__ import annotations

import asyncio
import datetime as dt
from contextlib import aclosing
from typing import Any

import pytest
from bawaba.db import execute, fetch, transaction
from bawaba.errors import BadInput
from bawaba.host.live import MemoryBroker, outbox, renew_epochs
from bawaba.host.live.cursor import Cursor, parse
from bawaba.live import SNAPSHOT, NewEvent


async def test_numbers_are_gapless_under_concurrency(start: Any, tools: Any) -> None:
    host = await start(MemoryBroker())
    with host.unit():
        results = await asyncio.gather(*(host.emit("t", "A", "B") for _ in range(100)))
        rows = await fetch("SELECT sequence FROM core_outbox ORDER BY sequence")
    assert all(second == first + 1 for first, second in results)
    assert [row["sequence"] for row in rows] == list(range(1, 201))


async def test_rollback_emits_nothing(start: Any, tools: Any) -> None:
    host = await start(MemoryBroker())
    await host.emit("t", "A")
    async with aclosing(host.live.follow("t", None)) as events:
        await tools.take(events, 1)
        with host.unit(), pytest.raises(ZeroDivisionError):  # noqa: PT012
            async with transaction():
                await host.live.emit("t", "LOST", {})
                raise ZeroDivisionError
        await host.emit("t", "B")
        (event,) = await tools.take(events, 1)
    assert (event.kind, event.sequence) == ("B", 2)


async def test_outside_a_transaction_it_refuses(start: Any) -> None:
    host = await start(MemoryBroker())
    with host.unit(), pytest.raises(RuntimeError):
        await host.live.emit("t", "A", {})


async def test_many_topics_at_once_are_numbered_and_delivered(start: Any, tools: Any) -> None:
    host = await start(MemoryBroker())
    await host.emit("t7", "A")
    topics = [f"t{n}" for n in range(1_100)]
    async with aclosing(host.live.follow("t7", None)) as events:
        await tools.take(events, 1)
        for turn in range(2):
            with host.unit():
                async with transaction():
                    await host.live.emit_all([NewEvent(t, "B", {"turn": turn}) for t in topics])
        got = await tools.take(events, 2)
    assert [(e.sequence, e.kind, e.data["turn"]) for e in got] == [(2, "B", 0), (3, "B", 1)]
    with host.unit():
        rows = await fetch("SELECT topic, sequence FROM core_outbox ORDER BY topic, sequence")
    assert len(rows) == 2_201
    assert {row["sequence"] for row in rows if row["topic"] == "t1099"} == {1, 2}


async def test_many_at_once_refuses_the_same_topic_twice_and_no_transaction(start: Any) -> None:
    host = await start(MemoryBroker())
    with host.unit():
        async with transaction():
            with pytest.raises(ValueError, match="own"):
                await host.live.emit_all([NewEvent("t", "A"), NewEvent("t", "B")])
            await host.live.emit_all([])
        with pytest.raises(RuntimeError):
            await host.live.emit_all([NewEvent("t", "A")])
        assert await fetch("SELECT 1 FROM core_outbox") == []


async def test_follow_gives_a_snapshot_then_each_event(start: Any, tools: Any) -> None:
    host = await start(MemoryBroker())
    await host.emit("t", "A")
    async with aclosing(host.live.follow("t", None)) as events:
        (first,) = await tools.take(events, 1)
        assert (first.kind, first.sequence, first.data) == (SNAPSHOT, 1, {})
        await host.emit("other", "X")
        await host.emit("t", "B", "C", amount=5, who="أحمد")
        got = await tools.take(events, 2)
    assert [(e.sequence, e.kind) for e in got] == [(2, "B"), (3, "C")]
    assert got[0].data == {"amount": 5, "who": "أحمد"}
    assert got[0].topic == "t"
    assert parse(got[1].cursor, "t").sequence == 3


async def test_a_topic_without_events_is_followed_and_resumed(start: Any, tools: Any) -> None:
    host = await start(MemoryBroker())
    async with aclosing(host.live.follow("t", None)) as events:
        (first,) = await tools.take(events, 1)
        assert (first.kind, first.sequence) == (SNAPSHOT, 0)
        await host.emit("t", "A")
        assert [e.kind for e in await tools.take(events, 1)] == ["A"]
    async with aclosing(host.live.follow("t", first.cursor)) as events:
        assert [e.kind for e in await tools.take(events, 1)] == ["A"]


@pytest.mark.parametrize("missed", [0, 1, 700, 1700])
async def test_resume_gives_all_that_was_missed(start: Any, tools: Any, missed: int) -> None:
    host = await start(MemoryBroker())
    await host.emit("t", "A")
    async with aclosing(host.live.follow("t", None)) as events:
        (first,) = await tools.take(events, 1)
    if missed:
        await host.emit("t", *["M"] * missed)
    async with aclosing(host.live.follow("t", first.cursor)) as events:
        got = await tools.take(events, missed)
        await host.emit("t", "Z")
        got += await tools.take(events, 1)
    assert [e.sequence for e in got] == list(range(2, missed + 3))
    assert [e.kind for e in got] == ["M"] * missed + ["Z"]


async def test_a_resumer_meets_a_feed_already_followed(start: Any, tools: Any) -> None:
    host = await start(MemoryBroker())
    await host.emit("t", "A", "B", "C")
    async with aclosing(host.live.follow("t", None)) as early:
        (snapshot,) = await tools.take(early, 1)
        epoch = parse(snapshot.cursor, "t").epoch
        await host.emit("t", "D", "E")
        await tools.take(early, 2)
        for place in range(6):
            async with aclosing(host.live.follow("t", str(Cursor("t", epoch, place)))) as late:
                got = await tools.take(late, 5 - place)
                assert [e.sequence for e in got] == list(range(place + 1, 6))


async def test_foreign_and_broken_cursors(start: Any, tools: Any) -> None:
    host = await start(MemoryBroker())
    await host.emit("t", "A")
    with host.unit():
        epoch, _ = (await outbox.heads(["t"]))["t"]
    for bad in ("x", str(Cursor("u", epoch, 1))):
        with pytest.raises(BadInput):
            host.live.follow("t", bad)
    for strange in (Cursor("t", "another", 1), Cursor("t", epoch, 99), Cursor("t", "", 1)):
        async with aclosing(host.live.follow("t", str(strange))) as events:
            (event,) = await tools.take(events, 1)
            assert (event.kind, event.sequence) == (SNAPSHOT, 1)


async def test_events_no_longer_kept_lead_to_a_snapshot(start: Any, tools: Any) -> None:
    host = await start(MemoryBroker(), retention=dt.timedelta(0))
    await host.emit("t", "A")
    async with aclosing(host.live.follow("t", None)) as events:
        (first,) = await tools.take(events, 1)
    await host.emit("t", "B", "C")
    await tools.until(lambda: (host.metric("bawaba_bus_published_total") or 0) >= 3)
    await asyncio.sleep(0.1)
    with host.unit():
        assert await outbox.backlog() == (0, 0.0)
        await host.live.forget()
        assert await fetch("SELECT id FROM core_outbox") == []
    async with aclosing(host.live.follow("t", first.cursor)) as events:
        (event,) = await tools.take(events, 1)
        assert (event.kind, event.sequence) == (SNAPSHOT, 3)
        await host.emit("t", "D")
        assert [e.sequence for e in await tools.take(events, 1)] == [4]


async def test_what_is_unpublished_is_never_forgotten(start: Any, tools: Any) -> None:
    host = await start(MemoryBroker(), retention=dt.timedelta(0))
    await host.live.stop()
    await host.emit("t", "A")
    with host.unit():
        await host.live.forget()
        assert len(await fetch("SELECT id FROM core_outbox")) == 1


async def test_a_follower_far_behind_gets_a_snapshot_that_covers_the_gap(
    start: Any, tools: Any
) -> None:
    host = await start(MemoryBroker())
    async with (
        aclosing(host.live.follow("t", None)) as slow,
        aclosing(host.live.follow("t", None)) as quick,
    ):
        await tools.take(slow, 1)
        await tools.take(quick, 1)
        for _ in range(13):
            await host.emit("t", *["A"] * 100)
            await tools.take(quick, 100)
        (event,) = await tools.take(slow, 1)
        assert (event.kind, event.sequence) == (SNAPSHOT, 1300)
        await host.emit("t", "B")
        assert [e.sequence for e in await tools.take(slow, 1)] == [1301]
        assert [e.sequence for e in await tools.take(quick, 1)] == [1301]


async def test_another_process_hears_over_the_bus(start: Any, tools: Any) -> None:
    bus = MemoryBroker()
    one, two = await start(bus), await start(bus)
    async with aclosing(two.live.follow("t", None)) as events:
        await tools.take(events, 1)
        await one.emit("t", "A")
        (event,) = await tools.take(events, 1, limit=1.0)
    assert event.kind == "A"


async def test_with_a_silent_bus_the_poll_takes_over(start: Any, tools: Any) -> None:
    one, two = await start(MemoryBroker()), await start(MemoryBroker())
    async with aclosing(two.live.follow("t", None)) as events:
        await tools.take(events, 1)
        await one.emit("t", "A", "B")
        got = await tools.take(events, 2, limit=3.0)
    assert [e.sequence for e in got] == [1, 2]


async def test_a_renewed_epoch_or_a_restored_database_resets_followers(
    start: Any, tools: Any
) -> None:
    host = await start(MemoryBroker())
    await host.emit("t", "A", "B", "C")
    async with aclosing(host.live.follow("t", None)) as events:
        (first,) = await tools.take(events, 1)
        with host.unit():
            assert await renew_epochs() == 1
        (again,) = await tools.take(events, 1)
        assert (again.kind, again.sequence) == (SNAPSHOT, 3)
        assert again.cursor != first.cursor
        with host.unit():
            await execute("DELETE FROM core_outbox WHERE sequence > 1")
            await execute("UPDATE core_topic SET sequence = 1")
        (back,) = await tools.take(events, 1)
        assert (back.kind, back.sequence) == (SNAPSHOT, 1)
        await host.emit("t", "D")
        assert [(e.kind, e.sequence) for e in await tools.take(events, 1)] == [("D", 2)]
    async with aclosing(host.live.follow("t", first.cursor)) as events:
        assert [e.kind for e in await tools.take(events, 1)] == [SNAPSHOT]


async def test_closing_and_cancelling_leave_nothing_behind(start: Any, tools: Any) -> None:
    host = await start(MemoryBroker())

    async def watch(seen: list[int]) -> None:
        async with aclosing(host.live.follow("t", None)) as events:
            async for event in events:
                seen.append(event.sequence)  # noqa: PERF401 - seen while it grows

    seen: list[list[int]] = [[] for _ in range(50)]
    tasks = [asyncio.create_task(watch(mine)) for mine in seen]
    await asyncio.sleep(0)
    tasks[0].cancel()
    await tools.until(lambda: all(seen[1:]))
    assert host.metric("bawaba_live_followers") == 49
    await host.emit("t", "A")
    await tools.until(lambda: all(mine == [0, 1] for mine in seen[1:]))
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert host.metric("bawaba_live_followers") == 0
    assert host.metric("bawaba_live_topics") == 0


async def test_many_followers_share_their_statements(
    start: Any, tools: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = await start(MemoryBroker())
    await host.emit("t", "A", "B", "C")
    with host.unit():
        epoch, _ = (await outbox.heads(["t"]))["t"]
    statements: list[str] = []
    for name in ("heads", "read"):
        original = getattr(outbox, name)

        async def counted(*args: Any, _name: str = name, _original: Any = original) -> Any:
            statements.append(_name)
            return await _original(*args)

        monkeypatch.setattr(outbox, name, counted)

    async def resume() -> list[int]:
        async with aclosing(host.live.follow("t", str(Cursor("t", epoch, 1)))) as events:
            got = await tools.take(events, 3)
        return [e.sequence for e in got]

    tasks = [asyncio.create_task(resume()) for _ in range(200)]
    await tools.until(lambda: host.metric("bawaba_live_followers") == 200)
    await asyncio.sleep(0.1)
    await host.emit("t", "D")
    assert await asyncio.gather(*tasks) == [[2, 3, 4]] * 200
    assert len(statements) < 8, statements


async def test_concurrent_emitters_and_followers_see_everything(start: Any, tools: Any) -> None:
    bus = MemoryBroker()
    hosts = [await start(bus), await start(bus)]

    async def watch(host: Any, topic: str) -> list[int]:
        async with aclosing(host.live.follow(topic, None)) as events:
            got = [(await tools.take(events, 1))[0].sequence]
            while got[-1] < 40:
                (event,) = await tools.take(events, 1)
                got.append(event.sequence)
        return got

    topics = [f"t{n}" for n in range(5)]
    tasks = [asyncio.create_task(watch(h, t)) for h in hosts for t in topics for _ in range(3)]
    await asyncio.gather(*(hosts[n % 2].emit(t, "A", "B") for n in range(20) for t in topics))
    for got in await asyncio.gather(*tasks):
        assert got == list(range(got[0], 41))
