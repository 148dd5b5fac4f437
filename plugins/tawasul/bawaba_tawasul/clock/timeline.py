"""A case's clock: working time spent since it started, over calendars and pauses."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from bawaba_tawasul.clock.calendar import WorkingCalendar

__all__ = ["Pause", "Run", "Segment"]

_NOTHING = dt.timedelta()


@dataclass(frozen=True, slots=True)
class Segment:
    """From ``since`` on this calendar counts: the agency's that holds the case."""

    since: dt.datetime
    calendar: WorkingCalendar


@dataclass(frozen=True, slots=True)
class Pause:
    """The clock stands from ``since`` to ``until`` (None: it still does).

    ``capped``: it waits for the citizen, for so long in all as the run allows; otherwise, while the
    case is resolved, without limit.
    """

    since: dt.datetime
    until: dt.datetime | None
    capped: bool = True


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of time on one calendar, in which the clock runs or stands."""

    calendar: WorkingCalendar
    start: dt.datetime
    end: dt.datetime | None
    runs: bool


@dataclass(frozen=True, slots=True)
class Run:
    """A clock.

    Args:
        segments: in order of time, one at least; the first counts from the start on.
        started_at: when the case came; the clock moves from the next working instant on.
        pauses: in order of time, without overlaps; only the last may be open.
        cap: working time in all for which capped pauses may stop the clock.

    Raises:
        ValueError: segments or pauses are not so.
    """

    segments: tuple[Segment, ...]
    started_at: dt.datetime
    pauses: tuple[Pause, ...]
    cap: dt.timedelta

    def __post_init__(self) -> None:
        """Check the order of things."""
        if not self.segments:
            raise ValueError("a run has a calendar")
        since = [segment.since for segment in self.segments]
        if since != sorted(since):
            raise ValueError("segments are in order of time")
        last = self.started_at
        for pause in self.pauses:
            if last is None or pause.since < last or (pause.until and pause.until < pause.since):
                raise ValueError("pauses are in order, and only the last is open")
            last = pause.until  # type: ignore[assignment]

    def elapsed(self, at: dt.datetime) -> dt.timedelta:
        """Return the working time spent by ``at``; nothing before the start."""
        return sum((self._worked(piece, at) for piece in self._pieces() if piece.runs), _NOTHING)

    def stood(self, at: dt.datetime) -> dt.timedelta:
        """Return the working time by ``at`` in which the clock stood."""
        still = (piece for piece in self._pieces() if not piece.runs)
        return sum((self._worked(piece, at) for piece in still), _NOTHING)

    def is_paused(self, at: dt.datetime) -> bool:
        """Return whether the clock stands at ``at`` for a pause."""
        return any(
            piece.start <= at and (piece.end is None or at < piece.end)
            for piece in self._pieces()
            if not piece.runs
        )

    def reaches(self, target: dt.timedelta) -> dt.datetime:
        """Return the first instant at which ``target`` was spent.

        An open capped pause is taken to last until the cap is used up.

        Raises:
            ValueError: an open pause without a cap never ends; or nobody ever works.
        """
        left = target
        for piece in self._pieces():
            if not piece.runs:
                if piece.end is None:
                    raise ValueError("the clock stands for ever")
                continue
            if piece.end is None:
                return piece.calendar.add(piece.start, left)
            here = piece.calendar.between(piece.start, piece.end)
            inside = left < here or (left == here and left > _NOTHING)
            if inside and (found := piece.calendar.add(piece.start, left)) <= piece.end:
                return found
            left -= here
        raise ValueError("a run has an end")

    def pause_ends(self) -> dt.datetime | None:
        """Return when an open capped pause will have used up the cap; None: none is open."""
        last = self.pauses[-1] if self.pauses else None
        if last is None or last.until is not None or not last.capped:
            return None
        still = [piece for piece in self._pieces() if not piece.runs and piece.start >= last.since]
        return still[-1].end if still else last.since

    def _worked(self, piece: _Piece, at: dt.datetime) -> dt.timedelta:
        if at <= piece.start:
            return _NOTHING
        end = at if piece.end is None else min(at, piece.end)
        return piece.calendar.between(piece.start, end)

    def _pieces(self) -> Iterator[_Piece]:
        """Yield the stretches from the start to the open end."""
        left, at = self.cap, self.started_at
        for pause in self.pauses:
            yield from self._on_calendars(at, pause.since, runs=True)
            ends = pause.until
            if pause.capped:
                cut, used = self._capped(pause, left)
                left -= used
                if cut is not None:
                    yield from self._on_calendars(pause.since, cut, runs=False)
                    yield from self._on_calendars(cut, ends, runs=True)
                    if ends is None:
                        return
                    at = ends
                    continue
            yield from self._on_calendars(pause.since, ends, runs=False)
            if ends is None:
                return
            at = ends
        yield from self._on_calendars(at, None, runs=True)

    def _capped(self, pause: Pause, left: dt.timedelta) -> tuple[dt.datetime | None, dt.timedelta]:
        """Return when the pause uses up what is left of the cap, if it does, and what it takes."""
        used = _NOTHING
        for piece in self._on_calendars(pause.since, pause.until, runs=False):
            if piece.end is None:
                if left == used:
                    return pause.since if not left else piece.start, left
                return piece.calendar.add(piece.start, left - used), left
            here = piece.calendar.between(piece.start, piece.end)
            if used + here > left:
                if left == used:
                    return piece.start, left
                return piece.calendar.add(piece.start, left - used), left
            used += here
        return None, used

    def _on_calendars(
        self, start: dt.datetime, end: dt.datetime | None, *, runs: bool
    ) -> Iterator[_Piece]:
        """Yield the stretch from ``start`` to ``end`` cut where another calendar begins."""
        for place, segment in enumerate(self.segments):
            following = self.segments[place + 1].since if place + 1 < len(self.segments) else None
            since = start if place == 0 else max(start, segment.since)
            until = end if following is None else following if end is None else min(end, following)
            if until is not None and until <= since:
                continue
            yield _Piece(segment.calendar, since, until, runs)
