"""Running, writing and checking migrations.

Each migration and the record of it are one transaction, so a crash leaves either both or neither.
"""

from __future__ import annotations

# ruff: noqa: SLF001 - the pieces of Tortoise's executor, put together more safely
import asyncio
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg  # type: ignore[import-untyped]
from tortoise.migrations.executor import MigrationExecutor, MigrationTarget
from tortoise.migrations.operations import AddConstraint, AddField, AddIndex, CreateModel
from tortoise.migrations.schema_generator.state_apps import StateApps
from tortoise.transactions import in_transaction

from bawaba.host.storage import guard
from bawaba.host.storage.authoring import drift, make_migration
from bawaba.host.storage.database import ALIAS, Database, ModelApp, dialect_of, tortoise_config
from bawaba.host.storage.errors import StorageUnavailable
from bawaba.host.storage.operations import TableOperation

__all__ = ["Progress", "drift", "make_migration", "migrate", "migrate_open", "pending"]

#: Called with ("start" or "done", app label, migration name).
Progress = Callable[[str, str, str], None]

#: Seconds to wait for another process that is migrating.
LOCK_WAIT = 120.0
#: Seconds a single statement of a migration may take.
STATEMENT_LIMIT = 900.0
_LOCK_KEY = 0x62617761_6261
_POLL = 0.1
_LOOKS_AHEAD = (CreateModel, AddConstraint, AddField, AddIndex, TableOperation)
"""Operations that never ask how the models were before."""


async def migrate(
    url: str, apps: Sequence[ModelApp], *, progress: Progress | None = None
) -> list[str]:
    """Bring the database up to date; the names of what was applied (``"app.0001_initial"``).

    Core's app first, then plugins' in the order given (dependencies between them win). Any number
    of processes may do this at once: one works, the others wait, up to ``LOCK_WAIT`` seconds, and
    find nothing left to do. Leaves no connection open. Raises ``MigrationRefused`` before running
    anything, and ``StorageUnavailable``. A database in memory lives and dies with its connection:
    use ``migrate_open`` for those.
    """
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(_exclusive(url))
        database = await stack.enter_async_context(_opened(url, apps))
        return await migrate_open(database, progress=progress)


async def migrate_open(database: Database, *, progress: Progress | None = None) -> list[str]:
    """As ``migrate``, on a database already open and without a lock: for tests and for memory."""
    applied: list[str] = []
    with database.bound():
        executor = _executor(database)
        await executor.recorder.ensure_schema(executor._schema_editor(atomic=False))
        plan = await _plan(executor, database.apps)
        if not plan:
            return []  # without the history that only a migration needs, which takes a second
        guard.check(plan, database.dialect)
        done = set(await executor.recorder.applied_migrations())
        state = await executor._project_state(done)
        state.apps = _FreshApps.of(state.apps)
        for migration in plan:
            _tell(progress, "start", migration)
            await _apply(executor, migration, state)
            _tell(progress, "done", migration)
            applied.append(f"{migration.app_label}.{migration.name}")
    return applied


async def pending(url: str, apps: Sequence[ModelApp]) -> list[str]:
    """The migrations that ``migrate`` would run, in order, as ``"app.name"``. Changes nothing."""
    async with _opened(url, apps) as database:
        await database.ping()
        with database.bound():
            plan = await _plan(_executor(database), database.apps)
    return [f"{migration.app_label}.{migration.name}" for migration in plan]


def _executor(database: Database) -> MigrationExecutor:
    config = tortoise_config(database.url, database.apps)
    return MigrationExecutor(database.client, config["apps"])


async def _plan(executor: MigrationExecutor, apps: Sequence[ModelApp]) -> list[Any]:
    targets = [MigrationTarget(app.label, "__latest__") for app in apps if app.migrations]
    return [step.migration for step in await executor.plan(targets)]


async def _apply(executor: MigrationExecutor, migration: Any, state: Any) -> None:
    editor = executor._schema_editor(atomic=migration.atomic)
    recorder = executor.recorder
    if not editor.atomic_migration:
        await _operate(migration, state, editor)
        await recorder.record_applied(migration.app_label, migration.name)
        return
    pooled = recorder.connection
    async with in_transaction(ALIAS) as client:
        editor.client = recorder.connection = client
        try:
            await _operate(migration, state, editor)
            await recorder.record_applied(migration.app_label, migration.name)
        finally:
            recorder.connection = pooled


class _FreshApps(StateApps):
    """The models of a migration's state: only those that changed are made ready again."""

    @classmethod
    def of(cls, other: StateApps) -> _FreshApps:
        """Return the same models."""
        made = cls(dict(other._default_connections), other._connections)
        made.apps = other.apps
        return made

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._ready: set[Any] = set()

    def _build_initial_querysets(self) -> None:
        whole = self.apps
        fresh = {
            label: {name: model for name, model in models.items() if model not in self._ready}
            for label, models in whole.items()
        }
        self.apps = fresh
        try:
            super()._build_initial_querysets()
        finally:
            self.apps = whole
        made = (model for models in fresh.values() for model in models.values())
        self._ready.update(model for model in made if model._meta._inited)


async def _operate(migration: Any, state: Any, editor: Any) -> None:
    """As ``Migration.apply``, which copies every model before every operation.

    That is the square of their number, and half a minute on an empty database. Only operations
    that look back at the models as they were get a copy.
    """
    transactional = editor.client.capabilities.supports_transactions
    for operation in migration.operations:
        before = state if isinstance(operation, _LOOKS_AHEAD) else state.clone()
        operation.state_forward(migration.app_label, state)
        await migration._run_database_forward(operation, before, state, editor, transactional)
    state.validate_relations_initialized()


def _tell(progress: Progress | None, event: str, migration: Any) -> None:
    if progress is not None:
        progress(event, migration.app_label, migration.name)


@asynccontextmanager
async def _opened(url: str, apps: Sequence[ModelApp]) -> AsyncIterator[Database]:
    database = Database(url, apps, pool_size=2, statement_timeout=STATEMENT_LIMIT)
    try:
        async with asyncio.timeout(30.0):
            await database.open()
        yield database
    except TimeoutError as exc:
        raise StorageUnavailable("timeout", "the database did not answer") from exc
    finally:
        await database.close()


@asynccontextmanager
async def _exclusive(url: str) -> AsyncIterator[None]:
    """Hold the one migration lock of this database."""
    credentials = tortoise_config(url, ())["connections"][ALIAS]["credentials"]
    if dialect_of(url) == "postgres":
        async with _advisory_lock(credentials):
            yield
    elif credentials["file_path"] == ":memory:":
        yield
    else:
        async with _file_lock(Path(f"{credentials['file_path']}.migrate.lock")):
            yield


@asynccontextmanager
async def _advisory_lock(credentials: dict[str, Any]) -> AsyncIterator[None]:
    keys = ("host", "port", "user", "password", "database", "ssl")
    options = {key: credentials[key] for key in keys if key in credentials}
    try:
        connection = await asyncpg.connect(**options, timeout=5.0, command_timeout=10.0)
    except (OSError, asyncpg.PostgresConnectionError) as exc:
        raise StorageUnavailable("connection", str(exc)) from exc
    try:

        async def attempt() -> bool:
            return bool(await connection.fetchval("SELECT pg_try_advisory_lock($1)", _LOCK_KEY))

        await _wait_for(attempt)
        yield
    finally:
        # Closing the session is what releases the lock.
        connection.terminate()


@asynccontextmanager
async def _file_lock(path: Path) -> AsyncIterator[None]:
    import fcntl  # noqa: PLC0415 - absent on Windows, where SQLite serves development only

    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:

        async def attempt() -> bool:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            return True

        await _wait_for(attempt)
        yield
    finally:
        os.close(handle)


async def _wait_for(attempt: Callable[[], Any]) -> None:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + LOCK_WAIT
    while not await attempt():
        if loop.time() > deadline:
            raise StorageUnavailable("lock_timeout", "another process has been migrating too long")
        await asyncio.sleep(_POLL)
