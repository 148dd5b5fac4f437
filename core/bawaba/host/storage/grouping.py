"""Group commit: callers that come while a transaction commits share the next one.

Making a commit durable takes a disk's time, however much it holds. Where many callers each wait for
one small thing to be stored, storing theirs together is what makes the difference.
"""

from __future__ import annotations

# ruff: noqa: BLE001 - whatever is raised goes to those who wait for it
import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from bawaba.host.storage.errors import StorageUnavailable
from bawaba.host.storage.transaction import in_transaction, retrying, transaction

T = TypeVar("T")
R = TypeVar("R")


class Grouped(Generic[T, R]):
    """Stores what its callers bring, many items in one transaction.

    There is no timer: a lone caller goes at once, and whoever comes while a group commits is in the
    next. One group is under way at a time. It runs as the host and not as any one caller: what
    belongs to the caller (a correlation id, a viewer) must stand in the item.

    Args:
        work: called with the items of a group, in the order of their coming, inside a transaction;
            returns a result for each. As for ``retrying``, it has no effect outside the database.
        largest: the most items that share a transaction.
    """

    def __init__(
        self, work: Callable[[Sequence[T]], Awaitable[Sequence[R]]], largest: int = 512
    ) -> None:
        self._work, self._largest = work, largest
        self._waiting: deque[tuple[T, asyncio.Future[R]]] = deque()
        self._running: asyncio.Task[None] | None = None

    async def add(self, item: T) -> R:
        """Return the item's result once it is committed.

        Where a group fails, each of its items is tried alone, so that one bad item fails alone. A
        caller that is cancelled leaves its item behind: it is stored all the same.

        Raises:
            RuntimeError: called inside a transaction, which would not be the one that stores it.
            StorageUnavailable: as :func:`transaction` raises it.
        """
        if in_transaction():
            raise RuntimeError("a group has a transaction of its own: call it outside")
        loop = asyncio.get_running_loop()
        result: asyncio.Future[R] = loop.create_future()
        self._waiting.append((item, result))
        if self._running is None or self._running.done():
            self._running = loop.create_task(self._run(), name="bawaba:group-commit")
        return await result

    async def _run(self) -> None:
        while self._waiting:
            size = min(len(self._waiting), self._largest)
            group = [self._waiting.popleft() for _ in range(size)]
            try:
                await self._settle(group)
            finally:
                for _, result in group:
                    result.cancel()  # only where this task was cancelled is one still open
            # Whoever was just answered and has more to bring is in the next group.
            await asyncio.sleep(0)

    async def _settle(self, group: Sequence[tuple[T, asyncio.Future[R]]]) -> None:
        try:
            results = await retrying(lambda: self._once([item for item, _ in group]))
        except Exception as error:
            if len(group) == 1 or isinstance(error, StorageUnavailable):
                for _, result in group:
                    if not result.done():
                        result.set_exception(error)
                return
            for member in group:
                await self._settle([member])
            return
        for (_, result), value in zip(group, results, strict=True):
            if not result.done():
                result.set_result(value)

    async def _once(self, items: Sequence[T]) -> Sequence[R]:
        async with transaction():
            results = await self._work(items)
        if len(results) != len(items):
            raise ValueError("the work of a group must return a result for each item")
        return results
