"""Background loops that do not die of an error."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import structlog

log = structlog.get_logger(__name__)


class Pulse:
    """Calls ``step`` when woken and every ``interval`` seconds.

    A step that raises is logged once a streak, and called again after ``interval`` seconds at the
    latest: what it serves must not depend on any single step.
    """

    def __init__(self, name: str, step: Callable[[], Awaitable[None]], interval: float) -> None:
        self.name = name
        self._step = step
        self._interval = interval
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._failing = False

    def wake(self) -> None:
        """Have the step called soon; quick, never raises."""
        self._woken.set()

    def start(self) -> None:
        """Start the loop in the running event loop. Does nothing if it runs."""
        if self._task is None:
            self._task = asyncio.create_task(self._beat(), name=f"bawaba:{self.name}")

    async def stop(self) -> None:
        """Cancel the loop and wait for its end. Idempotent."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    @property
    def healthy(self) -> bool:
        """Whether the loop runs and its last step did not raise."""
        return self._task is not None and not self._task.done() and not self._failing

    async def _beat(self) -> None:
        while True:
            self._woken.clear()
            try:
                await self._step()
            except Exception as error:
                if not self._failing:
                    log.warning("background step fails", loop=self.name, exc_info=error)
                self._failing = True
                # Being woken must not turn a failing step into a busy loop.
                await asyncio.sleep(self._interval)
                continue
            if self._failing:
                self._failing = False
                log.info("background step works again", loop=self.name)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._interval):
                    await self._woken.wait()
