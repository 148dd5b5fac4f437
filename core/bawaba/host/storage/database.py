"""One open database, and making it the current one.

SQLite: write-ahead log, foreign keys on, and ``synchronous=FULL``: with NORMAL, SQLite may lose the
last commits at a power failure, and some of those are payments. PostgreSQL: a pool whose every wait
is bounded, on the client's side (a silent network) and on the server's (a silent client).
"""

from __future__ import annotations

# ruff: noqa: SLF001 - Tortoise offers no public way to bind a context to a task
import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal, cast
from urllib.parse import urlsplit

from tortoise.backends.base.config_generator import expand_db_url
from tortoise.backends.base.executor import EXECUTOR_CACHE
from tortoise.context import TortoiseContext, _current_context

from bawaba.host.storage.errors import StorageUnavailable, translate

Dialect = Literal["sqlite", "postgres"]
ALIAS = "default"

#: Share of the statement limit granted to getting a connection.
_ACQUIRE_SHARE = 0.4
#: The server gives up a little earlier than the client, so that its clearer error is the one seen.
_SERVER_SHARE = 0.95


@dataclass(frozen=True)
class ModelApp:
    """A set of models: its label (as in ``"label.Model"``), its module, its migrations package."""

    label: str
    models: str
    migrations: str | None = None


def dialect_of(url: str) -> Dialect:
    """Which database a URL speaks of; ``ValueError`` for any other than the two."""
    scheme = urlsplit(url).scheme
    if scheme == "sqlite":
        return "sqlite"
    if scheme in ("postgres", "postgresql"):
        return "postgres"
    raise ValueError(f"unsupported database URL scheme {scheme!r}: use sqlite:// or postgres://")


def tortoise_config(
    url: str, apps: Sequence[ModelApp], *, pool_size: int = 10, statement_timeout: float = 5.0
) -> dict[str, Any]:
    """Tortoise's configuration for this database: one connection, one app for each ``ModelApp``.

    ``statement_timeout`` is in seconds. Query parameters of the URL go to the driver as they are.
    """
    connection = expand_db_url(url)
    credentials: dict[str, Any] = connection["credentials"]
    if dialect_of(url) == "sqlite":
        engine = "bawaba.host.storage.sqlite_client"
        credentials.update(
            foreign_keys="ON",
            synchronous="FULL",
            # Waiting for another process's write happens on the worker thread, inside the limit.
            busy_timeout=int(statement_timeout * 800),
            statement_limit=statement_timeout,
        )
    else:
        engine = "bawaba.host.storage.asyncpg_client"
        wait = statement_timeout * _ACQUIRE_SHARE
        limit_ms = str(max(1, int(statement_timeout * _SERVER_SHARE * 1000)))
        credentials.update(
            minsize=1,
            maxsize=pool_size,
            acquire_limit=wait,
            timeout=wait,
            command_timeout=statement_timeout,
            server_settings={
                "application_name": "bawaba",
                "jit": "off",
                "timezone": "UTC",
                "statement_timeout": limit_ms,
                "idle_in_transaction_session_timeout": str(int(statement_timeout * 2000)),
            },
        )
    return {
        "connections": {ALIAS: {"engine": engine, "credentials": credentials}},
        "apps": {
            app.label: {
                "models": [app.models],
                "default_connection": ALIAS,
                **({"migrations": app.migrations} if app.migrations else {}),
            }
            for app in apps
        },
        "use_tz": True,
        "timezone": "UTC",
    }


class Database:
    """A database of this process. Several may be open; ``bound()`` makes one of them current.

    ``statement_timeout`` (seconds) bounds a single statement; getting a connection is bounded by
    two fifths of it. Every breach raises ``StorageUnavailable``.
    """

    #: Tortoise keeps prepared queries on the models and in one cache, for one dialect: for this
    #: database.
    _prepared_for: Database | None = None

    def __init__(
        self,
        url: str,
        apps: Sequence[ModelApp],
        *,
        pool_size: int = 10,
        statement_timeout: float = 5.0,
    ) -> None:
        self.url = url
        self.apps = tuple(apps)
        self._dialect: Dialect = dialect_of(url)
        self._pool_size = pool_size
        self._statement_timeout = statement_timeout
        self._context: TortoiseContext | None = None
        self._client: Any = None

    @property
    def dialect(self) -> Dialect:
        """``"sqlite"`` or ``"postgres"``."""
        return self._dialect

    @property
    def client(self) -> Any:
        """Tortoise's client of this database (never a transaction's)."""
        if self._client is None:
            raise RuntimeError("the database is not open: await database.open() first")
        return self._client

    async def open(self) -> None:
        """Load the models and connect. Does nothing if open. Raises ``StorageUnavailable``."""
        if self._client is not None:
            return
        config = tortoise_config(
            self.url,
            self.apps,
            pool_size=self._pool_size,
            statement_timeout=self._statement_timeout,
        )
        before = Database._prepared_for
        context = TortoiseContext()
        token = _current_context.set(context)
        try:
            await context.init(config=config)
            client: Any = context.connections.get(ALIAS)
        finally:
            _current_context.reset(token)
        EXECUTOR_CACHE.clear()
        Database._prepared_for = self
        try:
            await client.create_connection(with_db=True)
            self._context, self._client = context, client
        except Exception as exc:
            if (error := translate(exc)) is not None:
                raise error from exc
            raise
        finally:
            if before is not None:
                before._prepare()

    async def close(self) -> None:
        """Close every connection; waits up to ten seconds for work under way. Idempotent."""
        client, self._client, self._context = self._client, None, None
        if Database._prepared_for is self:
            Database._prepared_for = None
        if client is not None:
            await client.close()

    @contextmanager
    def bound(self) -> Iterator[None]:
        """Make this database current in the calling task, with no transaction in sight.

        Wrap each unit of work of a long-lived task (a relay, a job, one live message), and every
        request: a task inherits the context of the one that started it, transaction and all.
        Databases of different dialects may be bound one inside another, not by tasks side by side.
        """
        client, context = self.client, cast("TortoiseContext", self._context)
        before = Database._prepared_for
        token = _current_context.set(context)
        storage = context.connections._storage_var
        kept = storage.set({ALIAS: client})
        try:
            self._prepare()
            yield
        finally:
            storage.reset(kept)
            _current_context.reset(token)
            if before is not None:
                before._prepare()

    def _prepare(self) -> None:
        """Have the models speak this database's dialect (nothing to do, if there is one)."""
        if Database._prepared_for is self or self._context is None or self._context.apps is None:
            return
        token = _current_context.set(self._context)
        storage = self._context.connections._storage_var
        kept = storage.set({ALIAS: self._client})
        try:
            EXECUTOR_CACHE.clear()
            self._context.apps._build_initial_querysets()
        finally:
            storage.reset(kept)
            _current_context.reset(token)
        Database._prepared_for = self

    async def ping(self) -> None:
        """One round trip; raises ``StorageUnavailable`` if it fails or takes over two seconds."""
        try:
            async with asyncio.timeout(2.0):
                await self.client.execute_query("SELECT 1")
        except TimeoutError as exc:
            raise StorageUnavailable("timeout", "no answer to a ping") from exc

    def pool_status(self) -> tuple[int, int]:
        """Connections open and connections idle; ``(0, 0)`` when closed. For health checks."""
        if self._client is None:
            return (0, 0)
        if self._dialect == "sqlite":
            return (1, 0 if self._client._lock.locked() else 1)
        pool = self._client._pool
        return (pool.get_size(), pool.get_idle_size()) if pool is not None else (0, 0)
