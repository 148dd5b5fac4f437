"""The post's real system, over HTTP and JSON (see README.md, "The post's interface")."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bawaba.agency import AgencySystem
from bawaba.errors import AgencyUnavailable

_MAX_ANSWER = 2_000_000
"""The longest answer read, in bytes; a longer one is nonsense."""


class HttpPost:
    """Asks the system at ``url``. The caller limits the time."""

    def __init__(self, url: str, token: str) -> None:
        self._system = AgencySystem("the post", url, token, _MAX_ANSWER)

    async def find(self, tracking_numbers: Sequence[str]) -> Sequence[Any]:
        """See :meth:`PostSystem.find`."""
        query = [("trackingNumber", number) for number in tracking_numbers]
        answer = await self._system.get("/shipments", query)
        if not isinstance(answer, dict) or not isinstance(answer.get("shipments"), list):
            raise AgencyUnavailable("the post's answer holds no shipments")
        found: list[Any] = answer["shipments"][: len(tracking_numbers)]
        return found

    async def check(self) -> None:
        """See :meth:`PostSystem.check`."""
        await self._system.get("/health")
