"""An agency's own system, asked over HTTP and JSON: for the real clients of plugins' gateways.

Whatever goes wrong comes out as :class:`bawaba.errors.AgencyUnavailable`. The caller limits the
time; nobody is redirected, and no more is read than was agreed.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson

from bawaba.errors import AgencyUnavailable

__all__ = ["AgencySystem"]


@dataclass(frozen=True, slots=True)
class AgencySystem:
    """Where an agency's system is, and how it is asked.

    Args:
        name: how it is called in faults: "the post".
        url: its address; ``token`` a bearer token, or empty.
        longest: of an answer, in bytes; a longer one is nonsense.
        fine: statuses that bring an answer; ``missing``: those that mean that there is none.
    """

    name: str
    url: str
    token: str
    longest: int
    fine: Collection[int] = frozenset({200, 204})
    missing: Collection[int] = ()

    async def get(self, path: str, query: Sequence[tuple[str, str]] = ()) -> Any:
        """Return the JSON at ``path``; None where the answer is empty or ``missing``.

        Raises:
            AgencyUnavailable: out of reach, another status, too long, or not JSON.
        """
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        address = self.url.rstrip("/") + path
        try:
            async with (
                aiohttp.ClientSession(headers=headers) as session,
                session.get(address, params=list(query), allow_redirects=False) as response,
            ):
                if response.status in self.missing:
                    return None
                if response.status not in self.fine:
                    raise AgencyUnavailable(f"{self.name} answered {response.status}")
                return self._read(await self._bounded(response))
        except (aiohttp.ClientError, OSError) as error:
            raise AgencyUnavailable(f"{self.name} is out of reach") from error

    async def _bounded(self, response: aiohttp.ClientResponse) -> bytes:
        whole = bytearray()
        async for chunk in response.content.iter_chunked(65_536):
            whole += chunk
            if len(whole) > self.longest:
                raise AgencyUnavailable(f"{self.name}'s answer is too long")
        return bytes(whole)

    def _read(self, answer: bytes) -> Any:
        if not answer:
            return None
        try:
            return orjson.loads(answer)
        except orjson.JSONDecodeError as error:
            raise AgencyUnavailable(f"{self.name}'s answer is not JSON") from error
