"""Enqueueing and running, on both databases."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Mapping
from typing import Any

import pytest
import structlog
from bawaba.db import in_transaction, transaction
from bawaba.domain import IllegalTransition
from bawaba.host.jobs import JobState, dead_letters, listed, queue, requeue, requeue_all
from bawaba.host.jobs.models import JobRow
from bawaba.jobs import Job
from bawaba.runtime import correlation_id

LEASE = dt.timedelta(seconds=60)


class Seen:
    """A job that notes its payloads, and fails the first ``failures`` times."""

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.payloads: list[Mapping[str, Any]] = []
        self.correlations: list[str] = []

    async def __call__(self, payload: Mapping[str, Any]) -> None:
        assert not in_transaction()
        self.payloads.append(payload)
        self.correlations.append(correlation_id())
        if len(self.payloads) <= self.failures:
            raise ConnectionError(f"attempt {len(self.payloads)}")


async def test_runs_with_payload_and_correlation(make: Any) -> None:
    seen = Seen()
    host = make(Job("x.do", seen))
    await host.enqueue("x.do", "req-7", payload={"bill": "B1", "n": [1]})
    assert await host.worker.run_due() == 1
    assert seen.payloads == [{"bill": "B1", "n": [1]}]
    assert seen.correlations == ["req-7"]
    row = await host.row("x.do")
    assert (row.state, row.attempts, row.lease_until) == (JobState.DONE, 1, None)
    assert await host.worker.run_due() == 0
    assert host.metric("bawaba_job_runs_total", job="x.do", outcome="done") == 1


async def test_a_rolled_back_enqueue_never_runs(make: Any) -> None:
    seen = Seen()
    host = make(Job("x.do", seen))
    with host.unit(), pytest.raises(ZeroDivisionError):  # noqa: PT012
        async with transaction():
            await host.queue.enqueue("x.do", {})
            raise ZeroDivisionError
    assert await host.worker.run_due() == 0


async def test_enqueue_refuses_strangers_and_outsiders(make: Any) -> None:
    host = make(Job("x.do", Seen()))
    with host.unit():
        with pytest.raises(RuntimeError):
            await host.queue.enqueue("x.do", {})
        with pytest.raises(LookupError):
            async with transaction():
                await host.queue.enqueue("x.other", {})


async def test_a_key_is_taken_once_and_for_ever(make: Any, turned: Any) -> None:
    seen = Seen()
    host = make(Job("x.do", seen), Job("x.too", Seen()))
    await asyncio.gather(*(host.enqueue("x.do", key="k") for _ in range(20)))
    await host.enqueue("x.too", key="k")
    await host.enqueue("x.do", key="k2")
    assert await host.worker.run_due() == 3
    turned.turn(days=400)
    with host.unit():
        await queue.forget(turned.now() - dt.timedelta(days=7))
    await host.enqueue("x.do", key="k")
    assert await host.worker.run_due() == 0
    assert len(seen.payloads) == 2


async def test_the_rest_of_the_transaction_survives_a_taken_key(make: Any) -> None:
    host = make(Job("x.do", Seen()))
    with host.unit():
        async with transaction():
            await host.queue.enqueue("x.do", {}, key="k")
            await host.queue.enqueue("x.do", {}, key="k")
            await host.queue.enqueue("x.do", {})
    assert await host.worker.run_due() == 2


async def test_a_delay_is_kept(make: Any, turned: Any) -> None:
    host = make(Job("x.do", Seen()))
    await host.enqueue("x.do", delay=dt.timedelta(seconds=30))
    turned.turn(seconds=29)
    assert await host.worker.run_due() == 0
    turned.turn(seconds=1)
    assert await host.worker.run_due() == 1


async def test_failures_are_retried_with_growing_delay(make: Any, turned: Any) -> None:
    seen = Seen(failures=3)
    host = make(Job("x.do", seen))
    await host.enqueue("x.do")
    for delay in (2, 4, 8):
        assert await host.worker.run_due() == 1
        row = await host.row("x.do")
        assert row.state is JobState.READY
        assert row.run_at == turned.now() + dt.timedelta(seconds=delay)
        assert row.last_error.startswith("ConnectionError: attempt")
        assert await host.worker.run_due() == 0
        turned.turn(seconds=delay)
    assert await host.worker.run_due() == 1
    assert (await host.row("x.do")).state is JobState.DONE


async def test_dead_letters_are_seen_and_requeued(make: Any, turned: Any) -> None:
    seen = Seen(failures=3)
    host = make(Job("x.do", seen, attempts=2))
    await host.enqueue("x.do", "req-9", payload={"n": 1})
    for _ in range(2):
        await host.worker.run_due()
        turned.turn(minutes=10)
    assert await host.worker.run_due() == 0
    await host.worker.measure()
    assert host.metric("bawaba_jobs_dead_letters") == 1
    with host.unit():
        (letter,) = await dead_letters()
        assert (letter.name, letter.attempts, letter.correlation_id) == ("x.do", 2, "req-9")
        assert letter.last_error == "ConnectionError: attempt 2"
        await requeue(letter.id)
        assert await dead_letters() == []
        with pytest.raises(IllegalTransition):
            await requeue(letter.id)
        with pytest.raises(LookupError):
            await requeue("0" * 32)
    assert await host.worker.run_due() == 1
    turned.turn(minutes=10)
    assert await host.worker.run_due() == 1
    assert (await host.row("x.do")).state is JobState.DONE


async def test_requeue_all_by_name(make: Any) -> None:
    host = make(Job("x.a", Seen(9), attempts=1), Job("x.b", Seen(9), attempts=1))
    for name in ("x.a", "x.a", "x.b"):
        await host.enqueue(name)
    await host.worker.run_due()
    with host.unit():
        assert await requeue_all("x.a") == 2
        assert [letter.name for letter in await dead_letters()] == ["x.b"]
        assert await requeue_all() == 1
        assert {view.state for view in await listed()} == {JobState.READY}


async def test_a_failure_is_logged_once_with_its_correlation_id(make: Any) -> None:
    host = make(Job("x.do", Seen(9)))
    await host.enqueue("x.do", "req-3")
    with structlog.testing.capture_logs() as lines:
        await host.worker.run_due()
    (line,) = lines
    assert (line["log_level"], line["correlation_id"], line["outcome"]) == (
        "error",
        "req-3",
        "retry",
    )
    assert isinstance(line["exc_info"], ConnectionError)


async def test_a_lost_process_is_replaced_after_its_lease(make: Any, turned: Any) -> None:
    seen = Seen()
    job = Job("x.do", seen, lease=LEASE)
    lost, other = make(job), make(job)
    await lost.enqueue("x.do")
    assert len(await lost.worker._claim(4)) == 1  # and then the process vanishes
    turned.turn(seconds=59)
    assert await other.worker.run_due() == 0
    turned.turn(seconds=1)
    assert await other.worker.run_due() == 1
    row = await other.row("x.do")
    assert (row.state, row.attempts) == (JobState.DONE, 2)


async def test_a_job_that_kills_its_process_dies_in_the_end(make: Any, turned: Any) -> None:
    host = make(Job("x.do", Seen(), attempts=3, lease=LEASE))
    await host.enqueue("x.do")
    for _ in range(3):
        assert len(await host.worker._claim(1)) == 1
        turned.turn(seconds=60)
    assert await host.worker.run_due() == 0
    assert (await host.row("x.do")).state is JobState.DEAD


async def test_a_run_that_lost_its_lease_changes_nothing(make: Any, turned: Any) -> None:
    job = Job("x.do", Seen(), lease=LEASE)
    slow, quick = make(job), make(job)
    await slow.enqueue("x.do")
    (stale,) = await slow.worker._claim(1)
    turned.turn(seconds=60)
    (fresh,) = await quick.worker._claim(1)
    await slow.worker._run(stale)
    assert (await slow.row("x.do")).state is JobState.RUNNING
    assert slow.metric("bawaba_job_runs_total", job="x.do", outcome="lost") == 1
    await quick.worker._run(fresh)
    assert (await slow.row("x.do")).state is JobState.DONE


async def test_the_lease_is_extended_while_the_job_runs(make: Any, turned: Any, wait: Any) -> None:
    started, go = asyncio.Event(), asyncio.Event()

    async def long(_payload: Mapping[str, Any]) -> None:
        started.set()
        await go.wait()

    job = Job("x.do", long, lease=dt.timedelta(seconds=0.6))
    host, other = make(job), make(job)
    await host.enqueue("x.do")
    await host.worker.start()
    await started.wait()
    for _ in range(4):
        turned.turn(seconds=0.4)
        await asyncio.sleep(0.35)
        assert await other.worker.run_due() == 0
    go.set()
    await wait(lambda: host.metric("bawaba_job_runs_total", job="x.do", outcome="done") == 1)


async def test_a_job_that_hangs_is_ended_and_retried(make: Any) -> None:
    async def hang(_payload: Mapping[str, Any]) -> None:
        await asyncio.Event().wait()

    host = make(Job("x.do", hang, lease=dt.timedelta(seconds=0.05)))
    await host.enqueue("x.do")
    assert await host.worker.run_due() == 1
    row = await host.row("x.do")
    assert (row.state, row.last_error) == (JobState.READY, "TimeoutError: ")


async def test_two_workers_never_run_one_job_twice(make: Any, wait: Any) -> None:
    runs: list[int] = []
    most, now = [0], [0]

    async def count(payload: Mapping[str, Any]) -> None:
        now[0] += 1
        most[0] = max(most[0], now[0])
        await asyncio.sleep(0.005)
        now[0] -= 1
        runs.append(payload["n"])

    job = Job("x.do", count)
    hosts = [make(job, concurrency=3), make(job, concurrency=3)]
    for host in hosts:
        await host.worker.start()
    await asyncio.gather(*(hosts[n % 2].enqueue("x.do", payload={"n": n}) for n in range(60)))
    await wait(lambda: len(runs) >= 60)
    await asyncio.sleep(0.2)
    assert sorted(runs) == list(range(60))
    assert most[0] <= 6


async def test_the_local_worker_is_woken_by_the_commit(make: Any, wait: Any) -> None:
    seen = Seen()
    host = make(Job("x.do", seen))
    await host.worker.start()
    await asyncio.sleep(0.1)
    await host.enqueue("x.do")
    await wait(lambda: seen.payloads, limit=0.5)
    await host.worker.check()


async def test_a_periodic_job_has_one_row_and_keeps_step(make: Any, turned: Any) -> None:
    seen = Seen()
    job = Job("x.tick", seen, every=dt.timedelta(minutes=10))
    hosts = [make(job) for _ in range(6)]
    await asyncio.gather(*(host.worker.start() for host in hosts))
    for host in hosts:
        await host.worker.stop(patience=0)
    with hosts[0].unit():
        assert await JobRow.all().count() == 1
    assert await hosts[0].worker.run_due() == 0
    born = turned.now()
    turned.turn(minutes=10)
    ran = await asyncio.gather(*(host.worker.run_due() for host in hosts))
    assert sum(ran) == 1
    turned.turn(minutes=34)
    ran = await asyncio.gather(*(host.worker.run_due() for host in hosts))
    assert sum(ran) == 1
    row = await hosts[0].row("x.tick")
    assert (row.state, row.run_at) == (JobState.READY, born + dt.timedelta(minutes=50))
    assert len(set(seen.correlations)) == 2


async def test_a_failing_periodic_job_never_dies(make: Any, turned: Any) -> None:
    seen = Seen(failures=3)
    host = make(Job("x.tick", seen, every=dt.timedelta(minutes=10), attempts=2))
    with host.unit():
        await host.queue.ensure_periodic()
    born = turned.now()
    turned.turn(minutes=10)
    assert await host.worker.run_due() == 1
    turned.turn(seconds=2)
    assert await host.worker.run_due() == 1
    row = await host.row("x.tick")
    assert (row.state, row.attempts) == (JobState.READY, 0)
    assert row.run_at == born + dt.timedelta(minutes=20)
    assert "ConnectionError" in row.last_error


async def test_stopping_waits_then_releases(make: Any, wait: Any) -> None:
    started: list[str] = []
    finished: list[str] = []

    async def work(payload: Mapping[str, Any]) -> None:
        started.append(payload["who"])
        await asyncio.sleep(payload["for"])
        finished.append(payload["who"])

    job = Job("x.do", work)
    host = make(job)
    await host.worker.start()
    await host.enqueue("x.do", payload={"who": "short", "for": 0.3})
    await host.enqueue("x.do", payload={"who": "long", "for": 60})
    await wait(lambda: len(started) == 2)
    await host.worker.stop(patience=0.8)
    assert finished == ["short"]
    with host.unit():
        (left,) = await listed(JobState.READY)
    assert left.attempts == 0
    with pytest.raises(RuntimeError):
        await host.worker.check()


async def test_finished_jobs_are_forgotten_after_a_while(make: Any, turned: Any) -> None:
    host = make(Job("x.do", Seen()), Job("x.bad", Seen(9), attempts=1))
    await host.enqueue("x.do")
    await host.enqueue("x.bad")
    await host.worker.run_due()
    turned.turn(days=8)
    await host.enqueue("x.do")
    with host.unit():
        await queue.forget(turned.now() - dt.timedelta(days=7))
        left = {(view.name, view.state) for view in await listed()}
    assert left == {("x.do", JobState.READY), ("x.bad", JobState.DEAD)}


async def test_jobs_of_an_unknown_name_are_left_to_others(make: Any) -> None:
    old, new = make(Job("x.do", Seen())), make(Job("x.new", Seen()))
    await new.enqueue("x.new")
    assert await old.worker.run_due() == 0
    assert await new.worker.run_due() == 1
