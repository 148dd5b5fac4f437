"""Tortoise's SQLite client, with bounded waits, BEGIN IMMEDIATE and translated errors.

The word "sqlite" in this module's name is load-bearing: Tortoise picks its schema editor by it.
One connection serves the process; a transaction holds its lock from begin to end.
"""

from __future__ import annotations

# ruff: noqa: SLF001, D102, ARG002 - the seam with Tortoise; TransactionClient documents the verbs
import asyncio
import itertools
import sqlite3
from collections.abc import Callable, Sequence
from typing import Any

from tortoise.backends.base.client import NestedTransactionContext, TransactionContext
from tortoise.backends.sqlite.client import (
    SqliteClient,
    SqliteTransactionWrapper,
    translate_exceptions,
)
from tortoise.exceptions import TransactionManagementError

from bawaba.host.storage.errors import StorageUnavailable, TransactionFailed, translate
from bawaba.host.storage.unit import Unit

_savepoints = itertools.count()


class _Acquire:
    """One statement's hold on the connection: bounded wait, bounded run."""

    __slots__ = ("_client", "_clock", "_connection", "_limit", "_lock")

    def __init__(self, client: Any, lock: asyncio.Lock, limit: float) -> None:
        self._client = client
        self._lock = lock
        self._limit = limit
        self._connection: Any = None
        self._clock: Any = None

    async def __aenter__(self) -> Any:
        await take_lock(self._lock, self._limit)
        try:
            self._connection = self._client.usable()
            self._clock = asyncio.timeout(self._limit)
            await self._clock.__aenter__()
        except BaseException:
            self._lock.release()
            raise
        return self._connection

    async def __aexit__(self, exc_type: object, exc: BaseException | None, tb: object) -> None:
        try:
            if isinstance(exc, asyncio.CancelledError):
                # Cancelled, or out of time: the worker thread must not go on with the statement.
                interrupt(self._connection)
            await self._clock.__aexit__(exc_type, exc, tb)
        except TimeoutError as late:
            self._client.note_failure()
            raise StorageUnavailable("timeout", "the statement ran too long") from late
        finally:
            self._lock.release()
        if exc is not None:
            self._client.note_failure()
            if (error := translate(exc)) is not None:
                raise error from exc


async def take_lock(lock: asyncio.Lock, limit: float) -> None:
    """Wait at most ``limit`` seconds for the connection's lock."""
    if not lock.locked():
        await lock.acquire()
        return
    try:
        async with asyncio.timeout(limit):
            await lock.acquire()
    except TimeoutError as exc:
        raise StorageUnavailable("busy", "another transaction holds the SQLite connection") from exc


def interrupt(connection: Any) -> None:
    """Stop the statement that the worker thread is running, if any."""
    raw = getattr(connection, "_connection", None)
    if raw is not None:
        raw.interrupt()


def _run(raw: sqlite3.Connection, sql: str, values: Sequence[Any]) -> int:
    cursor = raw.execute(sql, values)
    try:
        cursor.fetchall()
        return max(cursor.rowcount, 0)
    finally:
        cursor.close()


class _Statements:
    """What both the client and its transactions can run beyond Tortoise's own."""

    @translate_exceptions
    async def execute_affected(self, query: str, values: Sequence[Any]) -> int:
        """Run a statement; the number of rows it touched (0 for DDL)."""
        client: Any = self
        async with client.acquire_connection() as connection:
            affected: int = await connection._execute(_run, connection._conn, query, values)
            return affected


class SqliteFileClient(_Statements, SqliteClient):
    """The connection. ``statement_limit`` (seconds) bounds a statement and a wait for the lock."""

    def __init__(self, *, statement_limit: float = 5.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.statement_limit = statement_limit

    def usable(self) -> Any:
        if self._connection is None:
            raise StorageUnavailable("connection", "the database is not open")
        return self._connection

    def note_failure(self) -> None:
        """Outside a transaction a failed statement has no consequences for the next one."""

    def acquire_connection(self) -> Any:
        return _Acquire(self, self._lock, self.statement_limit)

    def _in_transaction(self) -> TransactionContext:
        return Unit(SqliteTransaction(self))

    async def execute_many(self, query: str, values: list[list[Any]]) -> None:
        async with self._in_transaction() as client:
            await client.execute_many(query, values)


class SqliteTransaction(_Statements, SqliteTransactionWrapper):
    """One transaction. A failed statement dooms it, as on PostgreSQL, so that both behave alike."""

    def __init__(self, parent: SqliteFileClient | SqliteTransaction) -> None:
        super().__init__(parent)
        self.failed = False
        self.closed = False
        self.after_commit: list[Callable[[], None]] = []
        self.statement_limit: float = parent.statement_limit
        self.root: SqliteTransaction = self
        self._nested = isinstance(parent, SqliteTransaction)
        if isinstance(parent, SqliteTransaction):
            self.root = parent.root
            self._lock = parent._lock

    def usable(self) -> Any:
        if self.root.closed:
            raise RuntimeError(
                "this task was started inside a transaction that has ended; "
                "wrap its work in `with database.bound():`"
            )
        if self.root.failed or self.failed:
            raise TransactionManagementError(
                "current transaction is aborted, commands ignored until end of transaction block"
            )
        return self._connection

    def note_failure(self) -> None:
        self.failed = True

    def acquire_connection(self) -> Any:
        return _Acquire(self, self._lock, self.statement_limit)

    def _in_transaction(self) -> TransactionContext:
        return NestedTransactionContext(SqliteTransaction(self))

    async def open(self) -> None:
        parent: Any = self._parent
        await take_lock(parent._lock, self.statement_limit)
        try:
            self._connection = parent.usable()
        except BaseException:
            parent._lock.release()
            raise
        self.closed = self.failed = self._finalized = False

    async def begin(self) -> None:
        await self._control("BEGIN IMMEDIATE")

    async def commit(self) -> None:
        async with self._lock:
            self.closed = True
            if not self._connection.in_transaction:
                raise TransactionFailed("SQLite rolled the transaction back by itself")
            await self._control("COMMIT")
        self._finalized = True

    async def rollback(self) -> None:
        async with self._lock:
            self.closed = True
            # Ask on the worker thread: a statement may still be running there.
            await self._connection.rollback()
        self._finalized = True

    def beyond_use(self, error: BaseException | None) -> bool:
        return False

    async def release(self, *, broken: bool) -> None:
        self.closed = True
        parent: Any = self._parent
        parent._lock.release()

    async def savepoint(self) -> None:
        self._savepoint = f"s{next(_savepoints)}"
        await self._control(f"SAVEPOINT {self._savepoint}")

    async def savepoint_rollback(self) -> None:
        await self._control(f"ROLLBACK TO {self._savepoint}")
        await self._control(f"RELEASE {self._savepoint}")

    async def release_savepoint(self) -> None:
        if self.failed:
            await self.savepoint_rollback()
            self.root.failed = True
            raise TransactionFailed("a failed statement was swallowed")
        await self._control(f"RELEASE {self._savepoint}")

    async def _control(self, sql: str) -> None:
        connection: Any = self._connection
        await connection._execute(_run, connection._conn, sql, ())


client_class = SqliteFileClient
