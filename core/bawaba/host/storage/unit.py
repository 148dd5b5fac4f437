"""The life of one transaction: shielded begin and end, release in every case.

Both clients (``asyncpg_client``, ``sqlite_client``) plug their own four verbs into ``Unit``;
Tortoise's own ``in_transaction`` (used inside ``get_or_create`` and ``bulk_create``) goes through
here as well.
"""

from __future__ import annotations

# ruff: noqa: BLE001 - whatever is raised, the connection must go back
import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, Protocol, TypeVar

from tortoise.backends.base.client import TransactionContext
from tortoise.connection import ConnectionToken, get_connections

from bawaba.host.storage.errors import StorageUnavailable, TransactionFailed, translate

T = TypeVar("T")
log = logging.getLogger("bawaba.storage")


async def finish(work: Coroutine[Any, Any, T]) -> T:
    """Run ``work`` to its end even if the caller is cancelled meanwhile; the cancellation follows.

    ``work`` must be bounded by itself (every verb of a client is). If it fails while a cancellation
    is pending, the cancellation wins and the failure is logged by whoever disposes of the
    connection.
    """
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait((task,))
        except asyncio.CancelledError as exc:
            cancelled = exc
    if cancelled is not None:
        if not task.cancelled():
            task.exception()
        raise cancelled
    return task.result()


class TransactionClient(Protocol):
    """What a client's transaction object offers to ``Unit``. Every verb is bounded in time."""

    connection_name: str
    failed: bool
    closed: bool
    after_commit: list[Callable[[], None]]

    async def open(self) -> None:
        """Take a connection."""

    async def begin(self) -> None:
        """Begin on the connection taken."""

    async def commit(self) -> None:
        """Commit; ``TransactionFailed`` if the database rolled back in place of it."""

    async def rollback(self) -> None:
        """Roll back."""

    def beyond_use(self, error: BaseException | None) -> bool:
        """Whether ``error`` says that the connection must not even be asked to roll back."""

    async def release(self, *, broken: bool) -> None:
        """Give the connection back, or destroy it if it is broken. Never raises."""


class Unit(TransactionContext):
    """Async context manager over one outermost transaction."""

    def __init__(self, client: TransactionClient) -> None:
        self.client: Any = client
        self._token: ConnectionToken | None = None

    async def __aenter__(self) -> Any:
        """Take a connection and begin on it; another one if the first turns out to be dead."""
        # Taking a connection is safe to cancel (nothing is held until it returns): no shield there.
        await self._begin(attempts=3)
        self._token = get_connections().set(self.client.connection_name, self.client)
        return self.client

    async def _begin(self, attempts: int) -> None:
        await self.client.open()
        try:
            await finish(self.client.begin())
        except BaseException as exc:
            error = exc
        else:
            return
        await self._end(error)
        unavailable = translate(error)
        # An idle connection may have died unnoticed. Nothing has run yet: another one will do.
        if unavailable is not None and unavailable.reason == "connection" and attempts > 1:
            await self._begin(attempts - 1)
            return
        if unavailable is not None and unavailable is not error:
            raise unavailable from error
        raise error

    async def _end(self, error: BaseException | None) -> None:
        """Give the connection back, whatever happens; a cancellation is raised afterwards."""
        await finish(self._clean(error))

    async def _clean(self, error: BaseException | None) -> None:
        broken = self.client.beyond_use(error)
        if not broken:
            try:
                await self.client.rollback()
            except Exception as exc:
                log.debug("rollback failed: %r", exc)
                broken = True
        await self.client.release(broken=broken)

    async def __aexit__(self, exc_type: object, exc: BaseException | None, tb: object) -> None:
        """Commit or roll back; in every case give the connection back."""
        client = self.client
        cancelled: asyncio.CancelledError | None = None
        try:
            if exc is not None or client.failed:
                # Only what came out of the database may condemn the connection, not a caller's own
                # error.
                await self._end(exc if isinstance(exc, StorageUnavailable) else None)
                if exc is None:
                    raise TransactionFailed(
                        "a failure inside this transaction was swallowed; it was rolled back"
                    )
                return
            cancelled = await self._commit()
        finally:
            client.closed = True
            if self._token is not None:
                get_connections().reset(self._token)
        run_callbacks(client.after_commit)
        if cancelled is not None:
            raise cancelled

    async def _commit(self) -> asyncio.CancelledError | None:
        """Commit; a cancellation that arrived meanwhile is returned, to be raised at the end."""
        outcome: list[BaseException] = []
        cancelled: asyncio.CancelledError | None = None
        try:
            await finish(self._commit_and_release(outcome))
        except asyncio.CancelledError as exc:
            cancelled = exc
        if not outcome:
            return cancelled
        error = outcome[0]
        unavailable = translate(error)
        if unavailable is not None and unavailable.reason in ("connection", "timeout"):
            unavailable = StorageUnavailable("commit_unknown", str(error))
        if unavailable is not None:
            raise unavailable from error
        raise error

    async def _commit_and_release(self, outcome: list[BaseException]) -> None:
        try:
            await self.client.commit()
        except BaseException as exc:
            outcome.append(exc)
            await self._clean(exc)
        else:
            await self.client.release(broken=False)


def run_callbacks(callbacks: list[Callable[[], None]]) -> None:
    """Call each once. One that raises is logged, and does not keep the others from being called."""
    while callbacks:
        callback = callbacks.pop(0)
        try:
            callback()
        except Exception:
            log.exception("an after-commit callback failed")
