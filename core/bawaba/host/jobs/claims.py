"""Taking jobs and ending their runs: every change of a row that a worker makes.

``attempts`` counts runs begun, and so tells one run from the next: a run that lost its lease finds
another number and changes nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tortoise.expressions import Q

from bawaba.db import skip_locked, transaction
from bawaba.errors import AgencyNotConnected
from bawaba.host.jobs.domain import (
    JOB_MACHINE,
    JobState,
    JobTrigger,
    after_failure,
    bounded,
    next_turn,
    retry_delay,
    waiting_delay,
)
from bawaba.host.jobs.models import JobRow
from bawaba.jobs import Job
from bawaba.runtime import new_id, now


@dataclass(frozen=True, slots=True)
class Claim:
    """A run of a job, held by this process until its lease ends."""

    id: str
    job: Job
    payload: Mapping[str, Any]
    attempts: int
    correlation_id: str
    turn_at: dt.datetime | None


async def claim(jobs: Mapping[str, Job], limit: int) -> list[Claim]:
    """Take up to ``limit`` due jobs, and those whose process let its lease run out.

    Only of names in ``jobs``: another process may run a newer version with more plugins.
    """
    due = JobRow.filter(
        Q(state=JobState.READY, run_at__lte=now())
        | Q(state=JobState.RUNNING, lease_until__lte=now()),
        name__in=list(jobs),
    ).order_by("run_at", "id")
    # Mostly nothing is due: on SQLite the transaction alone would block the whole process.
    if not jobs or not await due.exists():
        return []
    async with transaction():
        rows = await skip_locked(due.limit(limit))
        taken = [await _take(row, jobs[row.name]) for row in rows]
    return [held for held in taken if held is not None]


async def _take(row: JobRow, job: Job) -> Claim | None:
    lost = row.state is JobState.RUNNING
    if lost and row.attempts >= job.attempts and job.every is None:
        await _end(row, JobTrigger.EXHAUST, "LeaseLost: the process of the last attempt vanished")
        return None
    trigger = JobTrigger.TAKE_OVER if lost else JobTrigger.CLAIM
    row.state = JOB_MACHINE.next(row.state, trigger)
    row.attempts += 1
    row.lease_until = now() + job.lease
    await row.save(update_fields=["state", "attempts", "lease_until"])
    # Each turn of a periodic job is a story of its own.
    correlation = row.correlation_id if job.every is None else new_id()
    return Claim(row.id, job, row.payload, row.attempts, correlation, row.turn_at)


async def extend(held: Claim) -> bool:
    """Extend the lease of a run; False if it was lost."""
    mine = JobRow.filter(id=held.id, state=JobState.RUNNING, attempts=held.attempts)
    return bool(await mine.update(lease_until=now() + held.job.lease))


async def succeed(held: Claim) -> bool:
    """End a run that worked; False if its lease was lost."""
    async with transaction():
        if (row := await _mine(held)) is None:
            return False
        await _end(row, JobTrigger.SUCCEED if held.job.every is None else JobTrigger.TURN, "", held)
    return True


async def fail(held: Claim, error: BaseException) -> JobTrigger | None:
    """End a run that raised; return what it leads to, None if its lease was lost.

    A job whose agency is not connected is released: as if it had not begun, until later.
    """
    periodic = held.job.every is not None
    trigger = after_failure(held.attempts, held.job.attempts, periodic=periodic)
    if isinstance(error, AgencyNotConnected) and not periodic:
        trigger = JobTrigger.RELEASE
    async with transaction():
        if (row := await _mine(held)) is None:
            return None
        if trigger is JobTrigger.RELEASE:
            row.run_at = now() + waiting_delay(now() - row.created_at)
        await _end(row, trigger, bounded(error), held)
    return trigger


async def release(held: Claim) -> None:
    """Give a run back unfinished, as if it had not begun: the process stops."""
    async with transaction():
        if (row := await _mine(held)) is not None:
            await _end(row, JobTrigger.RELEASE, row.last_error, held)


async def _mine(held: Claim) -> JobRow | None:
    return await skip_locked(
        JobRow.filter(id=held.id, state=JobState.RUNNING, attempts=held.attempts)
    ).first()


async def _end(row: JobRow, trigger: JobTrigger, error: str, held: Claim | None = None) -> None:
    row.state = JOB_MACHINE.next(row.state, trigger)
    row.lease_until, row.last_error = None, error
    if row.state is not JobState.READY:
        row.finished_at = now()
    elif trigger is JobTrigger.RETRY:
        row.run_at = now() + retry_delay(row.attempts)
    elif trigger is JobTrigger.RELEASE:
        row.attempts -= 1
    elif held is not None and held.job.every is not None:
        row.attempts = 0
        row.turn_at = row.run_at = next_turn(held.turn_at or row.run_at, held.job.every, now())
    await row.save(
        update_fields=[
            "state",
            "lease_until",
            "last_error",
            "finished_at",
            "run_at",
            "turn_at",
            "attempts",
        ]
    )
