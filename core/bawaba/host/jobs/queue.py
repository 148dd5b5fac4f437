"""Enqueueing, and the verbs of an operator: list, requeue, forget."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bawaba.db import after_commit, fetch, locked, require_transaction, transaction
from bawaba.errors import AgencyNotConnected
from bawaba.host.jobs.domain import JOB_MACHINE, PERIODIC, JobState, JobTrigger
from bawaba.host.jobs.models import JobRow
from bawaba.jobs import Job
from bawaba.runtime import correlation_id, new_id, now

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class JobView:
    """A job as an operator sees it."""

    id: str
    name: str
    key: str | None
    state: JobState
    attempts: int
    run_at: dt.datetime
    last_error: str
    correlation_id: str
    created_at: dt.datetime


class JobQueue:
    """Implements :class:`bawaba.jobs.JobPort`.

    Args:
        jobs: every kind of job that is loaded, core's own included.
    """

    def __init__(self, jobs: Iterable[Job]) -> None:
        self.jobs = {job.name: job for job in jobs}
        self.wake: Callable[[], None] = _nobody
        """Called after a commit that enqueued something; set by the local worker."""

    async def enqueue(
        self,
        name: str,
        payload: Mapping[str, Any],
        *,
        key: str | None = None,
        delay: dt.timedelta = dt.timedelta(),
    ) -> None:
        """See :func:`bawaba.jobs.enqueue`."""
        require_transaction()
        if name not in self.jobs:
            raise LookupError(f"no loaded plugin declared a job named {name!r}")
        await _insert([_new(name, payload, key=key, run_at=now() + delay)])
        after_commit(self.wake)

    async def ensure_periodic(self) -> None:
        """Create the rows of periodic jobs that have none; any number of processes may do so.

        The first turn of a new one is one period away.
        """
        rows = []
        for job in sorted(self.jobs.values(), key=lambda job: job.name):
            if job.every is not None:
                row = _new(job.name, {}, key=PERIODIC, run_at=now() + job.every)
                row.turn_at = row.run_at
                rows.append(row)
        async with transaction():
            await _insert(rows)


async def _insert(rows: list[JobRow]) -> None:
    # A conflict must not raise: on PostgreSQL that would doom the caller's transaction.
    await JobRow.bulk_create(rows, ignore_conflicts=True)


def _new(name: str, payload: Mapping[str, Any], *, key: str | None, run_at: dt.datetime) -> JobRow:
    return JobRow(
        id=new_id(),
        name=name,
        key=key,
        payload=dict(payload),
        state=JOB_MACHINE.initial,
        run_at=run_at,
        attempts=0,
        last_error="",
        correlation_id=correlation_id(),
        created_at=now(),
    )


def _nobody() -> None:
    """Wake no worker: this process runs none."""


async def listed(state: JobState | None = None, *, first: int = 100) -> list[JobView]:
    """Return jobs, the next due first (DEAD ones included unless ``state`` says otherwise)."""
    found = JobRow.all() if state is None else JobRow.filter(state=state)
    columns = JobView.__dataclass_fields__
    rows: list[dict[str, Any]] = await found.order_by("run_at", "id").limit(first).values(*columns)
    return [JobView(**{**row, "state": JobState(row["state"])}) for row in rows]


async def dead_letters(*, first: int = 100) -> list[JobView]:
    """Return jobs that failed too often, the oldest first."""
    return await listed(JobState.DEAD, first=first)


async def requeue(job_id: str) -> None:
    """Run a dead job again, now, with all its attempts.

    Raises:
        LookupError: there is no such job.
        IllegalTransition: it is not dead.
    """
    async with transaction():
        row = await locked(JobRow.filter(id=job_id)).first()
        if row is None:
            raise LookupError(f"there is no job {job_id!r}")
        await _revive(row)


async def requeue_all(name: str | None = None) -> int:
    """Requeue every dead job (of that name); return how many."""
    total = 0
    found = JobRow.filter(state=JobState.DEAD)
    found = found if name is None else found.filter(name=name)
    while True:
        async with transaction():
            rows = await locked(found.order_by("id").limit(_AT_ONCE))
            for row in rows:
                await _revive(row)
        total += len(rows)
        if len(rows) < _AT_ONCE:
            return total


async def _revive(row: JobRow) -> None:
    row.state = JOB_MACHINE.next(row.state, JobTrigger.REQUEUE)
    row.attempts, row.run_at, row.finished_at = 0, now(), None
    await row.save(update_fields=["state", "attempts", "run_at", "finished_at"])


async def hurry() -> None:
    """Make every job due that was put off because an agency was not connected."""
    waiting = JobRow.filter(
        state=JobState.READY,
        run_at__gt=now(),
        last_error__startswith=f"{AgencyNotConnected.__name__}:",
    )
    await waiting.update(run_at=now())


async def counts() -> dict[JobState, int]:
    """Return how many jobs are not done, by state."""
    rows = await fetch(
        "SELECT state, COUNT(*) AS many FROM core_job "
        "WHERE state IN ('READY', 'RUNNING', 'DEAD') GROUP BY state"
    )
    found = {JobState(row["state"]): int(row["many"]) for row in rows}
    return {state: found.get(state, 0) for state in JobState if state is not JobState.DONE}


async def forget(before: dt.datetime) -> None:
    """Remove jobs that were done before an instant.

    A job with a key stays, as the promise not to enqueue it again asks.
    """
    expired = JobRow.filter(key__isnull=True, finished_at__lt=before, state=JobState.DONE)
    while ids := await expired.order_by("finished_at").limit(_AT_ONCE).values_list("id", flat=True):
        await JobRow.filter(id__in=ids).delete()
