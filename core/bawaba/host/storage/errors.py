"""What can go wrong between the gateway and its database, in one word each."""

from __future__ import annotations

import sqlite3
from typing import Literal

import asyncpg  # type: ignore[import-untyped]
from tortoise.exceptions import ValidationError

Reason = Literal[
    "deadlock", "serialization", "busy", "lock_timeout", "timeout", "connection", "commit_unknown"
]

#: Reasons after which the same work, run again from the start, is likely to succeed at once.
CONFLICTS: frozenset[Reason] = frozenset({"deadlock", "serialization", "busy"})


class StorageUnavailable(Exception):
    """The database did not do the work, and the work itself is not to blame.

    ``reason`` says which way:

    - ``deadlock``, ``serialization``, ``busy``: two units of work collided; the whole unit may be
      run
      again (``retryable`` is True, and ``retrying`` does so).
    - ``lock_timeout``: a row stayed locked for longer than the statement limit.
    - ``timeout``: the statement limit passed, or no connection became free.
    - ``connection``: the connection was lost, or the server refuses connections.
    - ``commit_unknown``: the connection was lost while COMMIT was under way: the work may or may
      not
      be stored. Never run it again without an idempotency key.

    Everything but ``commit_unknown`` means that nothing of the unit was stored.
    """

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason: Reason = reason
        self.detail = detail

    @property
    def retryable(self) -> bool:
        """Whether running the whole unit of work again right now makes sense."""
        return self.reason in CONFLICTS


class TransactionFailed(RuntimeError):
    """A statement or a joined block failed inside the transaction and the failure was swallowed.

    The transaction was rolled back as a whole: half a unit of work is never committed.
    """


_POSTGRES: tuple[tuple[type[Exception], Reason], ...] = (
    (asyncpg.DeadlockDetectedError, "deadlock"),
    (asyncpg.SerializationError, "serialization"),
    (asyncpg.LockNotAvailableError, "lock_timeout"),
    (asyncpg.QueryCanceledError, "timeout"),
    (asyncpg.IdleInTransactionSessionTimeoutError, "timeout"),
    (asyncpg.PostgresConnectionError, "connection"),
    (asyncpg.AdminShutdownError, "connection"),
    (asyncpg.CrashShutdownError, "connection"),
    (asyncpg.CannotConnectNowError, "connection"),
    (asyncpg.InsufficientResourcesError, "connection"),
    (asyncpg.ReadOnlySQLTransactionError, "connection"),
    (asyncpg.InternalClientError, "connection"),
)
_GONE = ("closed", "closing", "released back", "connection lost")


def translate(error: BaseException) -> StorageUnavailable | None:  # noqa: PLR0911 - one a kind
    """The ``StorageUnavailable`` that stands for a driver's error; None if none does."""
    if isinstance(error, StorageUnavailable):
        return error
    for kind, reason in _POSTGRES:
        if isinstance(error, kind):
            return StorageUnavailable(reason, str(error))
    if isinstance(error, TimeoutError):
        return StorageUnavailable("timeout", str(error) or "no answer within the limit")
    if isinstance(error, OSError):
        return StorageUnavailable("connection", str(error))
    if isinstance(error, asyncpg.InterfaceError) and not isinstance(error, ValueError):
        text = str(error)
        return StorageUnavailable("connection", text) if any(w in text for w in _GONE) else None
    if isinstance(error, sqlite3.OperationalError):
        return _translate_sqlite(error)
    if isinstance(error, ValueError) and str(error) in (
        "Connection closed",
        "no active connection",
    ):
        return StorageUnavailable("connection", "the SQLite connection is closed")
    return None


def _translate_sqlite(error: sqlite3.OperationalError) -> StorageUnavailable | None:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StorageUnavailable("busy", str(error))
    if code == sqlite3.SQLITE_INTERRUPT:
        return StorageUnavailable("timeout", str(error))
    if code in (
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_READONLY,
    ):
        return StorageUnavailable("connection", str(error))
    return None


def breaks_connection(error: BaseException) -> bool:
    """Whether the connection that raised this must be thrown away and not spoken to again."""
    if isinstance(error, StorageUnavailable):
        return error.__cause__ is not None and breaks_connection(error.__cause__)
    if isinstance(error, asyncpg.QueryCanceledError | asyncpg.LockNotAvailableError):
        return False
    unavailable = translate(error)
    return unavailable is not None and unavailable.reason in ("connection", "timeout")


def unstorable(error: BaseException | None) -> bool:
    """Whether ``error`` says that a value given from outside fits no column: too long, or NUL."""
    return isinstance(error, ValidationError) or isinstance(
        getattr(error, "__cause__", None), asyncpg.DataError
    )
