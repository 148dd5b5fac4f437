"""Tortoise's asyncpg client: bounded waits, connections that cannot leak, translated errors.

The word "asyncpg" in this module's name is load-bearing: Tortoise picks its schema editor by it.
"""

from __future__ import annotations

# ruff: noqa: SLF001, D102, BLE001 - the seam with Tortoise; TransactionClient documents the verbs
import asyncio
import itertools
import logging
from collections.abc import Callable, Sequence
from typing import Any

import asyncpg  # type: ignore[import-untyped]
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import NestedTransactionContext, TransactionContext
from tortoise.backends.base_postgres.client import translate_exceptions
from tortoise.exceptions import TransactionManagementError

from bawaba.host.storage.errors import (
    StorageUnavailable,
    TransactionFailed,
    breaks_connection,
    translate,
)
from bawaba.host.storage.unit import Unit

log = logging.getLogger("bawaba.storage")
_savepoints = itertools.count()

#: Seconds granted to hand a connection back (an interrupted statement is cancelled first).
RELEASE_LIMIT = 2.0


async def _keep_session(connection: Any) -> None:
    """Reset on release, without the usual round trip: nothing here may set session state.

    asyncpg itself still rolls back an open transaction. Use ``SET LOCAL`` and transaction-level
    advisory locks (``pg_advisory_xact_lock``) only.
    """


async def give_back(pool: Any, connection: Any, *, broken: bool) -> None:
    """Return a pooled connection, or destroy it so that the pool makes a new one. Never raises."""
    try:
        if broken:
            connection.terminate()
        await pool.release(connection, timeout=RELEASE_LIMIT)
    except asyncio.CancelledError:
        raise
    except Exception as exc:
        log.debug("a connection was destroyed on release: %r", exc)
        try:
            connection.terminate()
        except Exception as again:
            log.debug("terminate: %r", again)


class _Acquire:
    """One statement's hold on a pooled connection."""

    __slots__ = ("_client", "_connection", "_pool")

    def __init__(self, client: PostgresClient) -> None:
        self._client = client
        self._pool: Any = None
        self._connection: Any = None

    async def __aenter__(self) -> Any:
        self._pool, self._connection = await self._client.take()
        return self._connection

    async def __aexit__(self, exc_type: object, exc: BaseException | None, tb: object) -> None:
        broken = exc is not None and breaks_connection(exc)
        await give_back(self._pool, self._connection, broken=broken)
        if exc is not None and (error := translate(exc)) is not None:
            raise error from exc


class PostgresClient(AsyncpgDBClient):
    """A pool. ``acquire_limit`` (seconds) bounds waiting for a connection, including connecting."""

    def __init__(self, *, acquire_limit: float = 2.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.acquire_limit = acquire_limit

    async def create_pool(self, **kwargs: Any) -> asyncpg.Pool:
        return await super().create_pool(reset=_keep_session, **kwargs)

    async def take(self) -> tuple[Any, Any]:
        """A connection and the pool it belongs to. Safe to cancel at any point."""
        pool = self._pool
        if pool is None:
            raise StorageUnavailable("connection", "the database is not open")
        try:
            # asyncio.timeout, not asyncpg's own: wait_for loses a connection if it is cancelled in
            # the moment in which the connection arrives (Python 3.11).
            async with asyncio.timeout(self.acquire_limit):
                return pool, await pool.acquire()
        except Exception as exc:
            error = translate(exc)
            if error is not None:
                raise error from exc
            raise

    def acquire_connection(self) -> Any:
        return _Acquire(self)

    def _in_transaction(self) -> TransactionContext:
        return Unit(PostgresTransaction(self))

    async def execute_many(self, query: str, values: list[Any]) -> None:
        async with self._in_transaction() as client:
            await client.execute_many(query, values)

    @translate_exceptions
    async def execute_affected(self, query: str, values: list[Any]) -> int:
        """Run a statement; the number of rows it touched (0 for DDL)."""
        async with self.acquire_connection() as connection:
            return _affected(await connection.execute(query, *values))

    async def close(self) -> None:
        if self._pool is not None:
            await super().close()


class _Locked:
    """One statement's hold on the connection of a transaction (siblings may share it)."""

    __slots__ = ("_client",)

    def __init__(self, client: PostgresTransaction) -> None:
        self._client = client

    async def __aenter__(self) -> Any:
        await self._client._lock.acquire()
        if self._client.root.closed:
            self._client._lock.release()
            raise RuntimeError(
                "this task was started inside a transaction that has ended; "
                "wrap its work in `with database.bound():`"
            )
        return self._client._connection

    async def __aexit__(self, exc_type: object, exc: BaseException | None, tb: object) -> None:
        self._client._lock.release()
        if exc is not None and (error := translate(exc)) is not None:
            self._client.root.failed = True
            raise error from exc


class PostgresTransaction(TransactionWrapper):
    """The connection of one transaction. Savepoints exist for Tortoise's own use only."""

    _connection: Any

    def __init__(self, parent: PostgresClient | PostgresTransaction) -> None:
        super().__init__(parent)
        self.failed = False
        self.closed = False
        self.after_commit: list[Callable[[], None]] = []
        self._pool: Any = None
        self._savepoint = ""
        self.fetch_inserted = parent.fetch_inserted
        self.root: PostgresTransaction = self
        if isinstance(parent, PostgresTransaction):
            self.root = parent.root
            self._lock = parent._lock

    def acquire_connection(self) -> Any:
        return _Locked(self)

    def _in_transaction(self) -> TransactionContext:
        return NestedTransactionContext(PostgresTransaction(self))

    @translate_exceptions
    async def execute_many(self, query: str, values: list[Any]) -> None:
        async with self.acquire_connection() as connection:
            await connection.executemany(query, values)

    @translate_exceptions
    async def execute_affected(self, query: str, values: list[Any]) -> int:
        """Run a statement; the number of rows it touched (0 for DDL)."""
        async with self.acquire_connection() as connection:
            return _affected(await connection.execute(query, *values))

    @translate_exceptions
    async def copy_rows(self, table: str, columns: Sequence[str], rows: Sequence[Any]) -> None:
        """COPY ``rows`` into ``table``; one statement, within the usual limit of time."""
        async with self.acquire_connection() as connection:
            await connection.copy_records_to_table(table, records=rows, columns=columns)

    async def open(self) -> None:
        parent: Any = self._parent
        self._pool, self._connection = await parent.take()
        self.closed = self.failed = self._finalized = False

    async def begin(self) -> None:
        await self._connection.execute("BEGIN")

    async def commit(self) -> None:
        async with self._lock:
            self.closed = True
            status = await self._connection.execute("COMMIT")
        self._finalized = True
        if status != "COMMIT":
            # PostgreSQL answers ROLLBACK, without an error, if any statement had failed.
            raise TransactionFailed(
                "a statement inside this transaction failed and the failure was swallowed; "
                "it was rolled back"
            )

    async def rollback(self) -> None:
        async with self._lock:
            self.closed = True
            if not self._connection.is_closed() and self._connection.is_in_transaction():
                await self._connection.execute("ROLLBACK")
        self._finalized = True

    def beyond_use(self, error: BaseException | None) -> bool:
        return error is not None and breaks_connection(error)

    async def release(self, *, broken: bool) -> None:
        self.closed = True
        await give_back(self._pool, self._connection, broken=broken)

    async def savepoint(self) -> None:
        self._savepoint = f"s{next(_savepoints)}"
        await self._control("SAVEPOINT")

    async def savepoint_rollback(self) -> None:
        await self._control("ROLLBACK TO SAVEPOINT")

    async def release_savepoint(self) -> None:
        await self._control("RELEASE SAVEPOINT")

    async def _control(self, verb: str) -> None:
        if not self._savepoint:
            raise TransactionManagementError("no savepoint")
        async with self.acquire_connection() as connection:
            await connection.execute(f"{verb} {self._savepoint}")


def _affected(status: str) -> int:
    tail = status.rsplit(" ", 1)[-1]
    return int(tail) if tail.isdigit() else 0


client_class = PostgresClient
