"""The words and laws of jobs: states, delays, turns. Pure."""

from __future__ import annotations

import datetime as dt
import enum

from bawaba.domain import StateMachine

PERIODIC = "periodic"
"""The key of the one row of a periodic job."""
LONGEST_DELAY = dt.timedelta(seconds=300)
KEPT = dt.timedelta(days=7)
"""How long a finished job without a key stays in sight."""
LONGEST_WAIT = dt.timedelta(hours=6)
LONGEST_ERROR = 500
"""Characters of an error that are kept."""


class JobState(enum.Enum):
    """Where a job stands."""

    READY = "READY"
    RUNNING = "RUNNING"
    DONE = "DONE"
    DEAD = "DEAD"


class JobTrigger(enum.Enum):
    """What happens to a job."""

    CLAIM = "CLAIM"
    TAKE_OVER = "TAKE_OVER"
    SUCCEED = "SUCCEED"
    RETRY = "RETRY"
    TURN = "TURN"
    RELEASE = "RELEASE"
    EXHAUST = "EXHAUST"
    REQUEUE = "REQUEUE"


_S, _T = JobState, JobTrigger
JOB_MACHINE: StateMachine[JobState, JobTrigger] = StateMachine(
    name="job",
    initial=_S.READY,
    edges={
        (_S.READY, _T.CLAIM): _S.RUNNING,
        (_S.RUNNING, _T.TAKE_OVER): _S.RUNNING,
        (_S.RUNNING, _T.SUCCEED): _S.DONE,
        (_S.RUNNING, _T.RETRY): _S.READY,
        (_S.RUNNING, _T.TURN): _S.READY,
        (_S.RUNNING, _T.RELEASE): _S.READY,
        (_S.RUNNING, _T.EXHAUST): _S.DEAD,
        (_S.DEAD, _T.REQUEUE): _S.READY,
    },
    terminal=frozenset({_S.DONE}),
)


def retry_delay(attempts: int) -> dt.timedelta:
    """Return how long to wait after the ``attempts``-th failure: 2, 4, 8 … seconds, 300 at most."""
    return min(dt.timedelta(seconds=2 ** min(attempts, 30)), LONGEST_DELAY)


def waiting_delay(age: dt.timedelta) -> dt.timedelta:
    """Return when a job of this age that waits for an agency's connection looks again by itself.

    The older it is the longer it sleeps, so that a great many cost little: see ``hurry``.
    """
    return min(max(age, LONGEST_DELAY), LONGEST_WAIT)


def after_failure(attempts: int, allowed: int, *, periodic: bool) -> JobTrigger:
    """Return what a failed run leads to. A periodic job never dies: its next turn may succeed."""
    if attempts < allowed:
        return JobTrigger.RETRY
    return JobTrigger.TURN if periodic else JobTrigger.EXHAUST


def next_turn(due: dt.datetime, every: dt.timedelta, now: dt.datetime) -> dt.datetime:
    """Return the first turn after ``now`` in step with ``due``, skipping those that were missed."""
    missed = max(0, (now - due) // every)
    return due + (missed + 1) * every


def bounded(error: BaseException) -> str:
    """Return an error as the dead-letter list keeps it."""
    return f"{type(error).__name__}: {error}"[:LONGEST_ERROR]
