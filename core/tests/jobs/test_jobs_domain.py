"""The laws of jobs."""

from __future__ import annotations

import datetime as dt

import pytest
from bawaba.domain import IllegalTransition
from bawaba.host.jobs.domain import (
    JOB_MACHINE,
    JobState,
    JobTrigger,
    after_failure,
    bounded,
    next_turn,
    retry_delay,
)
from hypothesis import given
from hypothesis import strategies as st

NOON = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)
SPANS = st.timedeltas(dt.timedelta(seconds=1), dt.timedelta(days=30))


def test_delays() -> None:
    seconds = [retry_delay(n).total_seconds() for n in range(1, 12)]
    assert seconds == [2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]
    assert retry_delay(10**9).total_seconds() == 300


@given(SPANS, st.timedeltas(dt.timedelta(0), dt.timedelta(days=400)))
def test_next_turn_is_the_first_in_step_after_now(every: dt.timedelta, late: dt.timedelta) -> None:
    turn = next_turn(NOON, every, NOON + late)
    assert NOON + late < turn <= NOON + late + every
    assert (turn - NOON) % every == dt.timedelta(0)


@given(SPANS, SPANS)
def test_a_turn_taken_early_is_not_taken_twice(every: dt.timedelta, early: dt.timedelta) -> None:
    assert next_turn(NOON, every, NOON - early) == NOON + every


def test_done_is_final_and_only_the_dead_are_requeued() -> None:
    for trigger in JobTrigger:
        assert not JOB_MACHINE.allows(JobState.DONE, trigger)
    with pytest.raises(IllegalTransition):
        JOB_MACHINE.next(JobState.READY, JobTrigger.REQUEUE)


@given(st.integers(1, 20), st.integers(1, 20))
def test_failures(attempts: int, allowed: int) -> None:
    ends = after_failure(attempts, allowed, periodic=False)
    turns = after_failure(attempts, allowed, periodic=True)
    assert (ends is JobTrigger.EXHAUST) == (attempts >= allowed)
    assert turns is (JobTrigger.TURN if attempts >= allowed else JobTrigger.RETRY)


def test_errors_are_bounded() -> None:
    assert len(bounded(ValueError("x" * 10_000))) == 500
    assert bounded(ValueError("no")) == "ValueError: no"
