"""Transactions and raw statements on the current database (see ``Database.bound``)."""

from __future__ import annotations

import asyncio
import functools
import random
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar
from uuid import UUID

from tortoise.backends.base.client import TransactionalDBClient
from tortoise.connection import get_connection
from tortoise.models import Model
from tortoise.queryset import QuerySet

from bawaba.host.storage.database import ALIAS, Dialect
from bawaba.host.storage.errors import StorageUnavailable

T = TypeVar("T")
M = TypeVar("M", bound=Model)

_ENDED = (
    "this task was started inside a transaction that has ended; "
    "wrap its work in `with database.bound():`"
)
_PLACEHOLDER = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\d+)""")


def _client() -> Any:
    return get_connection(ALIAS)


def _current() -> Any | None:
    """The outermost transaction of this task, if one is open."""
    client: Any = _client()
    if not isinstance(client, TransactionalDBClient):
        return None
    root: Any = getattr(client, "root", client)
    if root.closed:
        raise RuntimeError(_ENDED)
    return root


@asynccontextmanager
async def transaction() -> AsyncIterator[None]:
    """Everything inside is stored together, or not at all. THE one transaction wrapper.

    Used inside another one, it joins it: there are no savepoints. If a joined block raises, the
    outer transaction can no longer commit, even if the exception is caught on the way
    (``TransactionFailed``). Likewise a failed statement dooms the transaction on both databases.

    A cancelled task never leaks its connection; if the cancellation arrives during COMMIT, the
    commit is completed, the after-commit callbacks run, and then the cancellation goes on.

    On SQLite it begins as BEGIN IMMEDIATE and keeps every other task's statements waiting: be
    brief.

    Raises ``StorageUnavailable`` (see ``reason``), ``TransactionFailed``, Tortoise's
    ``IntegrityError``.
    """
    outer = _current()
    if outer is None:
        async with _client()._in_transaction():  # noqa: SLF001 - where ours is plugged in
            yield
        return
    try:
        yield
    except BaseException:
        outer.failed = True
        raise


def in_transaction() -> bool:
    """Whether the calling task is inside a transaction."""
    return _current() is not None


def require_transaction() -> None:
    """Raise ``RuntimeError`` outside a transaction: for verbs that change rows in several steps."""
    if not in_transaction():
        raise RuntimeError("this must run inside `async with transaction():`")


def after_commit(callback: Callable[[], None]) -> None:
    """Call ``callback`` once, right after the outermost transaction has committed; never otherwise.

    It is synchronous and must be quick: wake a relay, start a task. Its exceptions are logged, not
    raised. It is lost if the process dies between commit and call: promises belong in the outbox.
    """
    current = _current()
    if current is None:
        raise RuntimeError("after_commit has no transaction to wait for")
    current.after_commit.append(callback)


async def retrying(work: Callable[[], Awaitable[T]], attempts: int = 3) -> T:
    """Await ``work()``; if it collided with another unit of work, again, ``attempts`` times in all.

    ``work`` must begin its own transaction and must have no effect outside the database. Between
    attempts it waits 10 to 50 ms, doubling. The last failure is raised.
    """
    if in_transaction():
        raise RuntimeError("retrying cannot undo the transaction it stands in: call it outside")
    for attempt in range(1, attempts + 1):
        try:
            return await work()
        except StorageUnavailable as exc:
            if not exc.retryable or attempt == attempts:
                raise
        await asyncio.sleep(random.uniform(0.01, 0.05) * 2 ** (attempt - 1))  # noqa: S311 - jitter
    raise ValueError("attempts must be at least 1")


def locked(queryset: QuerySet[M]) -> QuerySet[M]:
    """The same rows, locked until the transaction ends (on SQLite, all of them are anyway).

    Lock rows in a fixed order (``order_by`` the key) wherever more than one is taken.
    """
    require_transaction()
    return queryset if dialect() == "sqlite" else queryset.select_for_update()


def skip_locked(queryset: QuerySet[M]) -> QuerySet[M]:
    """As ``locked``, but rows that another transaction holds are left out: for work queues."""
    require_transaction()
    return queryset if dialect() == "sqlite" else queryset.select_for_update(skip_locked=True)


def dialect() -> Dialect:
    """``"sqlite"`` or ``"postgres"``: the current database's."""
    return "sqlite" if _client().capabilities.dialect == "sqlite" else "postgres"


async def fetch(sql: str, *params: Any) -> list[dict[str, Any]]:
    """Rows of a raw statement, ``UPDATE .. RETURNING`` included, on the current connection.

    Placeholders are ``$1`` to ``$n`` on both databases. Values come as the driver gives them: on
    SQLite, timestamps, UUIDs and decimals are text and booleans are 0 or 1.
    """
    client = _client()
    sql, values = _prepared(client, sql, params)
    rows: list[dict[str, Any]] = await client.execute_query_dict(sql, values)
    return rows


async def execute(sql: str, *params: Any) -> int:
    """Run a raw statement; the number of rows it touched. Placeholders as in ``fetch``."""
    client = _client()
    sql, values = _prepared(client, sql, params)
    affected: int = await client.execute_affected(sql, values)
    return affected


async def execute_many(sql: str, rows: Iterable[Sequence[Any]]) -> None:
    """Run a raw statement once for each row of parameters; all of them are stored or none."""
    client = _client()
    prepared = [_prepared(client, sql, row) for row in rows]
    if prepared:
        await client.execute_many(prepared[0][0], [values for _, values in prepared])


async def copy_rows(table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert ``rows`` by the database's fastest road, in the current transaction: for bulk loads.

    COPY on PostgreSQL, one prepared statement on SQLite. Constraints and triggers hold as ever.
    Values must have the columns' own types. A call is one statement, bounded in time like any
    other: hand over some thousands of rows at a time, in the order of the indexes.
    """
    require_transaction()
    if not rows:
        return
    client = _client()
    if client.capabilities.dialect != "sqlite":
        await client.copy_rows(table, columns, rows)
        return
    names = ", ".join(f'"{name}"' for name in columns)
    places = ", ".join("?" for _ in columns)
    statement = f'INSERT INTO "{table}" ({names}) VALUES ({places})'  # noqa: S608
    await client.execute_many(statement, rows)


def matching(table: str, key: str, column: str, placeholder: str) -> str:
    """A condition on rows of ``table``: the words of ``column`` match a ``word_query``.

    ``placeholder`` stands for that query, e.g. ``"$1"``. Needs the ``search_index`` of the column.
    """
    if dialect() == "sqlite":
        name = f"{table}_{column}_fts"
        return f'"{key}" IN (SELECT rowid FROM "{name}" WHERE "{name}" MATCH {placeholder})'  # noqa: S608
    return f"to_tsvector('simple', \"{column}\") @@ to_tsquery('simple', {placeholder})"


def word_query(words: Iterable[str], *, every: bool, prefixes: bool = True) -> str:
    """The parameter of ``matching``: rows with every one of the words, or with any.

    ``prefixes``: words that begin so are enough, at a cost that grows with their number.

    Raises ``ValueError`` for no words, and for one that holds anything but letters and digits.
    """
    wanted = list(words)
    if not wanted or not all(word.isalnum() for word in wanted):
        raise ValueError("words of letters and digits are wanted")
    if dialect() == "sqlite":
        tail = "*" if prefixes else ""
        return (" AND " if every else " OR ").join(f'"{word}"{tail}' for word in wanted)
    tail = ":*" if prefixes else ""
    return (" & " if every else " | ").join(f"{word}{tail}" for word in wanted)


def _prepared(client: Any, sql: str, params: Sequence[Any]) -> tuple[str, list[Any]]:
    if client.capabilities.dialect != "sqlite":
        return sql, list(params)
    return _for_sqlite(sql), [str(p) if isinstance(p, UUID) else p for p in params]


@functools.lru_cache(maxsize=1024)
def _for_sqlite(sql: str) -> str:
    """``$n`` becomes ``?n``, except inside quotes."""
    return _PLACEHOLDER.sub(lambda m: f"?{m[1]}" if m[1] else m[0], sql)
