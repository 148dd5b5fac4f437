"""Work for later: enqueued in the transaction, run with a lease, retried, never lost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from bawaba.runtime import current

__all__ = ["Job", "JobPort", "enqueue"]


@dataclass(frozen=True, slots=True)
class Job:
    """A kind of work, returned by ``declare_jobs``.

    Args:
        name: carries the plugin's prefix: ``permit.deliver``.
        run: called with the payload, outside a transaction; idempotent, since a job runs at
            least once. Raising retries it with exponential delay; after ``attempts`` it goes to
            the dead-letter list, where an operator sees and requeues it. Raising
            :class:`bawaba.errors.AgencyNotConnected` puts it off and counts no attempt.
        every: for a periodic job (its payload is {}); None: run when enqueued.
        lease: how long one run may take before another process may take it over.
    """

    name: str
    run: Callable[[Mapping[str, Any]], Awaitable[None]]
    every: dt.timedelta | None = None
    attempts: int = 10
    lease: dt.timedelta = dt.timedelta(seconds=60)


class JobPort(Protocol):
    """What the host implements."""

    async def enqueue(
        self, name: str, payload: Mapping[str, Any], *, key: str | None, delay: dt.timedelta
    ) -> None:
        """See :func:`enqueue`."""
        ...


async def enqueue(
    name: str,
    payload: Mapping[str, Any],
    *,
    key: str | None = None,
    delay: dt.timedelta = dt.timedelta(),
) -> None:
    """Enqueue a job in the current transaction (JSON payload).

    With ``key``, a job of that name and key that was ever enqueued is not enqueued again.

    Raises:
        RuntimeError: called outside a transaction.
        LookupError: no loaded plugin declared a job of that name.
    """
    await current().jobs.enqueue(name, payload, key=key, delay=delay)
