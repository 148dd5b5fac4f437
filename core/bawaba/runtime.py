"""The moment in which code runs: its clock, its ids, its settings and the host's ports.

Nothing here is global. The host binds one :class:`Runtime` around each request, job, callback and
command; plugins read it through the functions below, tests bind their own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Protocol, TypeVar
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from bawaba.host.ports import Runtime

__all__ = [
    "Clock",
    "Ids",
    "bound",
    "correlated",
    "correlation_id",
    "current",
    "local_day",
    "local_time",
    "new_id",
    "now",
    "settings",
    "today",
]

_runtime: ContextVar[Runtime] = ContextVar("bawaba_runtime")
_correlation: ContextVar[str] = ContextVar("bawaba_correlation", default="-")
SettingsT = TypeVar("SettingsT")


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> dt.datetime:
        """Return the present instant, timezone-aware, in UTC."""
        ...


class Ids(Protocol):
    """Makes identifiers."""

    def new(self) -> str:
        """Return a new unique id: 32 lower-case hexadecimal digits, increasing with time."""
        ...

    def secret(self) -> str:
        """Return 32 random bytes as base64url without padding, for links and tokens."""
        ...


@contextmanager
def bound(runtime: Runtime) -> Iterator[Runtime]:
    """Make ``runtime`` the current one inside the block."""
    token = _runtime.set(runtime)
    try:
        yield runtime
    finally:
        _runtime.reset(token)


@contextmanager
def correlated(value: str) -> Iterator[str]:
    """Make ``value`` the correlation id of everything logged, emitted and enqueued inside."""
    token = _correlation.set(value)
    try:
        yield value
    finally:
        _correlation.reset(token)


def current() -> Runtime:
    """Return the current runtime.

    Raises:
        LookupError: called outside a request, job or command of a host.
    """
    return _runtime.get()


def correlation_id() -> str:
    """Return the correlation id that follows a request into its jobs and events."""
    return _correlation.get()


def now() -> dt.datetime:
    """Return the present instant, timezone-aware, in UTC."""
    return current().clock.now()


def today() -> dt.date:
    """Return today's date where the services are (``BAWABA_TIMEZONE``)."""
    return local_day(now())


def local_day(instant: dt.datetime) -> dt.date:
    """Return the calendar day of ``instant`` where the services are."""
    return local_time(instant).date()


def local_time(instant: dt.datetime) -> dt.datetime:
    """Return the same instant as clocks tell it where the services are (``BAWABA_TIMEZONE``)."""
    return instant.astimezone(ZoneInfo(current().timezone))


def new_id() -> str:
    """Return a new id: 32 lower-case hexadecimal digits, increasing with time."""
    return current().ids.new()


def settings(kind: type[SettingsT]) -> SettingsT:
    """Return the plugin settings of class ``kind``, as declared by ``declare_settings``.

    Raises:
        LookupError: no loaded plugin declared ``kind``.
    """
    return current().plugin_settings(kind)
