"""Health: each plugin's checks, bounded in time, remembered for a moment."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from bawaba.host.registry import Registry
from bawaba.runtime import now

log = structlog.get_logger(__name__)
_TIMEOUT = 2.0
_REMEMBERED = 2.0


class Health:
    """Asks the plugins' health checks, at most once every two seconds."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._known: dict[str, bool] = {}
        self._asked_at: float | None = None
        self._lock = asyncio.Lock()

    async def statuses(self) -> dict[str, bool]:
        """Return plugin name to whether all its checks pass.

        While the plugins are being asked, others get the last answer.
        """
        if self._known and self._lock.locked():
            return self._known
        async with self._lock:
            moment = now().timestamp()
            if self._asked_at is None or abs(moment - self._asked_at) > _REMEMBERED:
                checks = list(self._registry.each("declare_health_checks"))
                results = await asyncio.gather(
                    *(_passes(p.name, c.name, c.check) for p, c in checks)
                )
                known = {plugin.name: True for plugin in self._registry.plugins}
                for (plugin, _), good in zip(checks, results, strict=True):
                    known[plugin.name] &= good
                self._known, self._asked_at = known, moment
        return self._known


async def _passes(plugin: str, name: str, check: Callable[[], Awaitable[None]]) -> bool:
    try:
        async with asyncio.timeout(_TIMEOUT):
            await check()
    except Exception as error:  # noqa: BLE001  whatever it is, the plugin is unhealthy
        log.warning("health check failed", plugin=plugin, check=name, error=repr(error)[:500])
        return False
    return True
