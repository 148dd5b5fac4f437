"""A case's clock: from what is stored of it to its run, and what is read off the run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bawaba_tawasul.clock.calendar import WorkingCalendar
from bawaba_tawasul.clock.timeline import Pause, Run, Segment
from bawaba_tawasul.domain import PAUSE_CAP, Rung, TawasulClockState

CalendarOf = Callable[[str], WorkingCalendar]
"""From an agency's code to its calendar."""
_MINUTE = dt.timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Deadline:
    """What is read off a run, to be kept in the case's columns."""

    due_at: dt.datetime
    first_reply_due_at: dt.datetime
    escalates_at: dt.datetime | None
    paused_at: dt.datetime | None
    pause_ends_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Reading:
    """The clock at one instant; whole working minutes."""

    state: TawasulClockState
    as_of: dt.datetime
    elapsed_minutes: int
    target_minutes: int
    paused_since: dt.datetime | None


def run_of(started_at: dt.datetime, segments: Any, pauses: Any, calendar_of: CalendarOf) -> Run:
    """Return the run of a stored clock.

    ``segments`` is [[instant, agency]], ``pauses`` is [[from, until or None, capped]]; instants
    are in ISO 8601.
    """
    return Run(
        segments=tuple(
            Segment(dt.datetime.fromisoformat(since), calendar_of(agency))
            for since, agency in segments
        ),
        started_at=started_at,
        pauses=tuple(
            Pause(
                dt.datetime.fromisoformat(since),
                None if until is None else dt.datetime.fromisoformat(until),
                capped=capped,
            )
            for since, until, capped in pauses
        ),
        cap=PAUSE_CAP,
    )


def paused(pauses: Any, at: dt.datetime, *, capped: bool) -> list[list[Any]]:
    """Return the stored pauses with one more, open from ``at``."""
    return [*pauses, [at.isoformat(), None, capped]]


def resumed(pauses: Any, at: dt.datetime) -> list[list[Any]]:
    """Return the stored pauses with the open one, if any, ended at ``at``."""
    return [
        [since, at.isoformat() if until is None else until, capped]
        for since, until, capped in pauses
    ]


def handed_over(segments: Any, at: dt.datetime, agency: str) -> list[list[str]]:
    """Return the stored segments with another agency's calendar counting from ``at``."""
    return [*segments, [at.isoformat(), agency]]


def target_minutes(calendar: WorkingCalendar, on: dt.date, days: int) -> int:
    """Return a target of working days in working minutes of the standard day of then."""
    return days * calendar.minutes_a_day(on)


def deadline(
    run: Run, target: int, first_reply: int, level: int, ladder: Sequence[Rung]
) -> Deadline:
    """Return what the run says of a case that is open.

    Args:
        target: working minutes to the resolution; first_reply: to the first reply.
        level: rungs of the ladder reached so far.
    """
    due = run.reaches(target * _MINUTE)
    following = ladder[level] if level < len(ladder) else None
    open_pause = next((p for p in run.pauses if p.until is None), None)
    return Deadline(
        due_at=due,
        first_reply_due_at=run.reaches(first_reply * _MINUTE),
        escalates_at=None
        if following is None
        else run.reaches(dt.timedelta(minutes=target * following.percent // 100)),
        paused_at=open_pause.since if open_pause else None,
        pause_ends_at=run.pause_ends() if open_pause else None,
    )


def spent(run: Run, at: dt.datetime) -> int:
    """Return the whole working minutes that the run has spent by ``at``."""
    return run.elapsed(at) // _MINUTE


def reading(
    run: Run,
    target: int,
    at: dt.datetime,
    *,
    stopped_at: dt.datetime | None,
    due_at: dt.datetime,
) -> Reading:
    """Return the clock as it stands at ``at``."""
    until = at if stopped_at is None else min(at, stopped_at)
    waiting = stopped_at is None and run.is_paused(at)
    open_pause = next((p for p in run.pauses if p.until is None), None)
    if stopped_at is not None:
        state = TawasulClockState.STOPPED
    elif waiting:
        state = TawasulClockState.PAUSED
    else:
        state = TawasulClockState.OVERDUE if at > due_at else TawasulClockState.RUNNING
    since = open_pause.since if waiting and open_pause else None
    return Reading(state, at, spent(run, until), target, since)
