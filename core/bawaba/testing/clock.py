"""A clock that stands still until a test moves it."""

from __future__ import annotations

import datetime as dt

__all__ = ["FrozenClock"]


class FrozenClock:
    """Implements :class:`bawaba.runtime.Clock`.

    Args:
        start: the first instant; by default the real one, so that demo data made relative to it
            and tokens' lifetimes look as they would in life.
    """

    def __init__(self, start: dt.datetime | None = None) -> None:
        self.instant = start or dt.datetime.now(dt.UTC)

    def now(self) -> dt.datetime:
        """Return the present instant."""
        return self.instant

    def advance(self, **by: float) -> None:
        """Move on, e.g. ``clock.advance(days=3)``."""
        self.instant += dt.timedelta(**by)
