"""Instants as people read them where the council sits. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from babel import dates
from bawaba.text import Text

_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩", "0123456789")


@dataclass(frozen=True, slots=True)
class Clockface:
    """Shows instants, in ISO 8601, in a time zone."""

    timezone: str

    def time(self, instant: str) -> str:
        """Return the time of day, e.g. 10:30."""
        return f"{self._local(instant):%H:%M}"

    def day(self, instant: str) -> Text:
        """Return the day, e.g. 24 November 2026."""
        return self._told(instant, "d MMMM y", "d MMMM y")

    def weekday(self, instant: str) -> Text:
        """Return the day with its name, e.g. Tuesday, 24 November 2026."""
        return self._told(instant, "EEEE, d MMMM y", "EEEE d MMMM y")

    def same_day(self, one: str, other: str) -> bool:
        """Return whether two instants are of one day."""
        return self._local(one).date() == self._local(other).date()

    def moment(self, instant: str, than: str) -> Text:
        """Return the time of day, with its date where that is another than that of ``than``."""
        hour = self.time(instant)
        if self.same_day(instant, than):
            return Text(hour, hour)
        day = self.day(instant)
        return Text(f"{hour} on {day.en}", f"{hour} من يوم {day.ar}")

    def days(self, instants: Sequence[str]) -> Text:
        """Return the days of instants, each once: "24 November 2026 and 1 December 2026"."""
        seen = dict.fromkeys(self.day(instant) for instant in instants)
        *others, last = seen
        if not others:
            return last
        return Text(
            f"{', '.join(day.en for day in others)} and {last.en}",
            f"{' و'.join(day.ar for day in others)} و{last.ar}",
        )

    def by_day(self, told: Sequence[tuple[str, Text]], opened: str) -> list[Text]:
        """Return lines, each day's under its name, unless all are of the day of ``opened``.

        Args:
            told: (instant, line), in order.
        """
        lines: list[Text] = []
        if all(self.same_day(at, opened) for at, _ in told):
            return [line for _, line in told]
        last: str | None = None
        for at, line in told:
            if last is None or not self.same_day(at, last):
                day = self.weekday(at)
                lines.append(Text(f"{day.en}:", f"{day.ar}:"))
            lines.append(line)
            last = at
        return lines

    def _told(self, instant: str, english: str, arabic: str) -> Text:
        day = self._local(instant).date()
        told = dates.format_date(day, arabic, locale="ar_BH").translate(_DIGITS)
        return Text(dates.format_date(day, english, locale="en"), told)

    def _local(self, instant: str) -> dt.datetime:
        return dt.datetime.fromisoformat(instant).astimezone(ZoneInfo(self.timezone))
