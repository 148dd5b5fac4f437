"""Running jobs in the background of each process."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import structlog
from prometheus_client import CollectorRegistry

from bawaba.db import StorageUnavailable
from bawaba.host.jobs import claims
from bawaba.host.jobs.claims import Claim
from bawaba.host.jobs.domain import JobState, JobTrigger
from bawaba.host.jobs.metrics import JobMetrics
from bawaba.host.jobs.queue import JobQueue, counts
from bawaba.host.live.pulse import Pulse
from bawaba.host.live.unit import UnitOfWork
from bawaba.runtime import correlated

log = structlog.get_logger(__name__)

POLL = 1.0
"""Seconds between looks for due jobs."""
PATIENCE = 10.0
"""Seconds that stopping waits for runs under way."""
MEASURED = 10.0
"""Seconds between counts for the metrics."""
LONGEST_RUN = 10
"""Leases after which a run that still goes on is cancelled, and counts as failed."""
_GRACE = 2.0
"""Seconds that a cancelled run is given to clean up."""
_RUN_DUE = 1000
_OUTCOMES: dict[JobTrigger | None, str] = {
    JobTrigger.RETRY: "retry",
    JobTrigger.TURN: "next turn",
    JobTrigger.EXHAUST: "dead",
    JobTrigger.RELEASE: "put off",
}


class LeaseLost(Exception):
    """The run was ended because another process holds the job now."""


class Worker:
    """Claims due jobs and runs up to ``concurrency`` of them at a time.

    Each run has its own unit of work and carries the correlation id of what enqueued it.
    """

    def __init__(
        self,
        queue: JobQueue,
        unit: UnitOfWork,
        registry: CollectorRegistry,
        *,
        concurrency: int = 4,
    ) -> None:
        self._queue = queue
        self._unit = unit
        self._metrics = JobMetrics(registry)
        self._concurrency = concurrency
        self._running: dict[asyncio.Task[None], Claim] = {}
        self._measure_at = 0.0
        self.pulse = Pulse("jobs", self._step, POLL)
        queue.wake = self.pulse.wake

    async def start(self) -> None:
        """Create the periodic jobs and start running."""
        with self._unit():
            await self._queue.ensure_periodic()
        self.pulse.start()

    async def stop(self, patience: float = PATIENCE) -> None:
        """Take no more jobs, wait ``patience`` seconds for those running, release the rest."""
        await self.pulse.stop()
        running = dict(self._running)
        if not running:
            return
        _, late = await asyncio.wait(running, timeout=patience)
        await self._abandon({task: running[task] for task in late})

    async def run_due(self) -> int:
        """Run everything that is due now, and what that makes due; return how many runs.

        For tests and commands: needs no :meth:`start`.
        """
        done = 0
        while done < _RUN_DUE and (batch := await self._claim(self._concurrency)):
            await asyncio.gather(*(asyncio.create_task(self._run(held)) for held in batch))
            done += len(batch)
        return done

    async def check(self) -> None:
        """Return if the loop runs.

        Raises:
            RuntimeError: it does not.
        """
        if not self.pulse.healthy:
            raise RuntimeError("jobs: the worker does not work")

    async def measure(self) -> None:
        """Bring the gauges up to date."""
        with self._unit():
            found = await counts()
        for state, many in found.items():
            self._metrics.jobs.labels(state.value).set(many)
        self._metrics.dead.set(found[JobState.DEAD])

    async def _step(self) -> None:
        free = self._concurrency - len(self._running)
        while free > 0 and (batch := await self._claim(free)):
            for held in batch:
                self._spawn(held)
            free = self._concurrency - len(self._running)
        clock = asyncio.get_running_loop().time
        if clock() >= self._measure_at:
            self._measure_at = clock() + MEASURED
            await self.measure()

    def _spawn(self, held: Claim) -> None:
        task = asyncio.create_task(self._run(held), name=f"bawaba:job:{held.job.name}")
        self._running[task] = held
        self._metrics.running.set(len(self._running))
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.pop(task, None)
        self._metrics.running.set(len(self._running))
        self.pulse.wake()

    async def _claim(self, limit: int) -> list[Claim]:
        with self._unit():
            return await claims.claim(self._queue.jobs, limit)

    async def _run(self, held: Claim) -> None:
        """Run one job to its end, whatever that is. Raises nothing but cancellation."""
        with self._unit(), correlated(held.correlation_id):
            try:
                await self._guarded(held)
            except Exception as error:  # noqa: BLE001 - a job may raise anything
                await self._failed(held, error)
            else:
                await self._succeeded(held)

    async def _guarded(self, held: Claim) -> None:
        """Run the job, keeping its lease; end it if that is lost or the run takes too long."""
        run = asyncio.create_task(_work(held))
        beat = asyncio.create_task(self._keep(held))
        try:
            async with asyncio.timeout(held.job.lease.total_seconds() * LONGEST_RUN):
                await asyncio.wait((run, beat), return_when=asyncio.FIRST_COMPLETED)
            if not run.done():
                raise LeaseLost(f"{held.job.name}: another process took the job over")
        finally:
            beat.cancel()
            run.cancel()
            await asyncio.wait((run, beat), timeout=_GRACE)
        if run.cancelled():
            raise RuntimeError("the job cancelled itself")
        run.result()

    async def _keep(self, held: Claim) -> None:
        """Extend the lease until it is lost. A database out of reach is no reason to give up."""
        while True:
            await asyncio.sleep(held.job.lease.total_seconds() / 3)
            with self._unit():
                try:
                    if not await claims.extend(held):
                        return
                except StorageUnavailable as error:
                    log.warning("lease not extended", job=held.job.name, error=str(error))

    async def _succeeded(self, held: Claim) -> None:
        try:
            kept = await claims.succeed(held)
        except Exception as error:
            log.warning("job worked but could not be noted", exc_info=error, **_of(held))
            kept = False
        self._metrics.runs.labels(held.job.name, "done" if kept else "lost").inc()

    async def _failed(self, held: Claim, error: Exception) -> None:
        """Note a failure; the one place where it is logged."""
        trigger = None
        try:
            trigger = await claims.fail(held, error)
        except Exception as again:  # noqa: BLE001 - the lease ends, and the job runs again
            log.warning("job failure could not be noted", error=repr(again), **_of(held))
        outcome = _OUTCOMES.get(trigger, "lost")
        if trigger is JobTrigger.RELEASE:
            log.info("job put off", reason=str(error), **_of(held))
        else:
            log.error("job failed", outcome=outcome, exc_info=error, **_of(held))
        self._metrics.runs.labels(held.job.name, outcome).inc()

    async def _abandon(self, late: Mapping[asyncio.Task[None], Claim]) -> None:
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late, timeout=2 * _GRACE)
        for task, held in late.items():
            if not task.done() or not task.cancelled():
                continue
            with self._unit():
                try:
                    await claims.release(held)
                except StorageUnavailable as error:
                    log.warning("lease not released", error=str(error), **_of(held))


async def _work(held: Claim) -> None:
    await held.job.run(held.payload)


def _of(held: Claim) -> dict[str, Any]:
    return {
        "job": held.job.name,
        "job_id": held.id,
        "attempt": held.attempts,
        "correlation_id": held.correlation_id,
    }
