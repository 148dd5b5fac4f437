"""Once per key: races, take-over, crashes between the work and its answer."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest
from bawaba.db import StorageUnavailable, transaction
from bawaba.errors import BadInput, Refusal, Unauthenticated
from bawaba.host.idempotency.declarations import jobs
from bawaba.host.idempotency.models import IdempotencyKey
from bawaba.idempotency import IdempotencyInProgress, IdempotencyKeyReused, done, once
from bawaba.viewer import ANONYMOUS
from payments_world import World, payer


class Work:
    """Counts how often its effect was stored."""

    def __init__(self, *, completes: bool = True) -> None:
        self.runs, self.stored, self.completes = 0, 0, completes
        self.started, self.go_on = asyncio.Event(), asyncio.Event()
        self.go_on.set()
        self.fails: Exception | None = None

    async def __call__(self) -> str:
        self.runs += 1
        self.started.set()
        await self.go_on.wait()
        async with transaction():
            if self.fails:
                raise self.fails
            if self.completes:
                await done("result")
        self.stored += 1
        return "result"


@pytest.mark.parametrize("completes", [True, False])
async def test_the_same_answer_without_the_work(world: World, completes: bool) -> None:
    work = Work(completes=completes)
    with world.unit():
        for _ in range(3):
            assert await once(payer(), "t.do", "k", {"a": 1}, work) == "result"
    assert work.runs == 1


async def test_another_input_is_refused(world: World) -> None:
    with world.unit():
        await once(payer(), "t.do", "k", {"a": 1, "b": 2}, Work())
        await once(payer(), "t.do", "k", {"b": 2, "a": 1}, Work())
        with pytest.raises(IdempotencyKeyReused):
            await once(payer(), "t.do", "k", {"a": 2}, Work())
        work = Work()
        await once(payer(), "t.other", "k", {"a": 2}, work)
        await once(payer("other"), "t.do", "k", {"a": 2}, work)
        assert work.runs == 2


async def test_in_flight_and_racing(world: World) -> None:
    work = Work()
    work.go_on.clear()

    async def ask() -> str:
        with world.unit():
            return await once(payer(), "t.do", "k", 1, work)

    tasks = [asyncio.create_task(ask()) for _ in range(20)]
    await work.started.wait()
    while len([task for task in tasks if not task.done()]) > 1:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED, timeout=0.05)
    work.go_on.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert results.count("result") == 1
    assert sum(isinstance(result, IdempotencyInProgress) for result in results) == 19
    assert work.stored == 1
    assert await ask() == "result"


async def test_a_dead_attempt_is_taken_over_and_cannot_store_any_more(world: World) -> None:
    slow, quick = Work(), Work()
    slow.go_on.clear()

    async def ask(work: Work) -> str:
        with world.unit():
            return await once(payer(), "t.do", "k", 1, work)

    first = asyncio.create_task(ask(slow))
    await slow.started.wait()
    world.clock.move(seconds=59)
    with pytest.raises(IdempotencyInProgress):
        await ask(quick)
    world.clock.move(seconds=2)
    assert await ask(quick) == "result"
    slow.go_on.set()
    with pytest.raises(IdempotencyInProgress):
        await first
    assert (slow.stored, quick.stored) == (0, 1)
    assert await ask(Work()) == "result"


async def test_a_fault_frees_the_key(world: World) -> None:
    work = Work()
    work.fails = RuntimeError("a bug")
    with world.unit():
        with pytest.raises(RuntimeError, match="a bug"):
            await once(payer(), "t.do", "k", 1, work)
        work.fails = None
        assert await once(payer(), "t.do", "k", 1, work) == "result"


async def test_a_cancelled_request_frees_the_key(world: World) -> None:
    work = Work()
    work.go_on.clear()

    async def ask() -> str:
        with world.unit():
            return await once(payer(), "t.do", "k", 1, work)

    task = asyncio.create_task(ask())
    await work.started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    work.go_on.set()
    assert await ask() == "result"


async def test_a_lost_answer_to_commit_is_found_again(world: World) -> None:
    async def work() -> str:
        async with transaction():
            await done("stored")
        raise StorageUnavailable("commit_unknown")

    with world.unit():
        assert await once(payer(), "t.do", "k", 1, work) == "stored"


async def test_a_refusal_rolls_the_answer_back_and_is_kept(world: World) -> None:
    class Braces(Refusal):
        """A refusal whose words hold braces."""

        code = "T_BRACES"
        text = IdempotencyKeyReused.text

        def message(self, language: object) -> str:
            return "{not a field}"

    async def work() -> str:
        async with transaction():
            await done("never")
            raise Braces("a", "b")

    with world.unit():
        for _ in range(2):
            with pytest.raises(Refusal) as caught:
                await once(payer(), "t.do", "k", 1, work)
            assert (caught.value.code, caught.value.path) == ("T_BRACES", ("a", "b"))
            assert caught.value.message(payer().language) == "{not a field}"


async def test_what_is_not_acceptable(world: World) -> None:
    with world.unit():
        for key in ("", "k" * 201):
            with pytest.raises(BadInput):
                await once(payer(), "t.do", key, 1, Work())
        with pytest.raises(Unauthenticated):
            await once(ANONYMOUS, "t.do", "k", 1, Work())
        with pytest.raises(RuntimeError):
            async with transaction():
                await once(payer(), "t.do", "k", 1, Work())


async def test_keys_are_forgotten_after_their_time(world: World) -> None:
    [job] = jobs(dt.timedelta(days=2))
    with world.unit():
        await once(payer(), "t.do", "old", 1, Work())
        world.clock.move(hours=47)
        await once(payer(), "t.do", "new", 1, Work())
        await job.run({})
        assert await IdempotencyKey.all().count() == 2
        world.clock.move(hours=2)
        await job.run({})
        assert await IdempotencyKey.all().values_list("key", flat=True) == ["new"]
