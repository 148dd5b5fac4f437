"""The post's real system, over HTTP and JSON (see README.md, "The post's interface")."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import aiohttp
import orjson
from bawaba.errors import AgencyUnavailable

_MAX_ANSWER = 2_000_000
"""The longest answer read, in bytes; a longer one is nonsense."""


class HttpPost:
    """Asks the system at ``url``. The caller limits the time."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    async def find(self, tracking_numbers: Sequence[str]) -> Sequence[Any]:
        """See :meth:`PostSystem.find`."""
        query = [("trackingNumber", number) for number in tracking_numbers]
        answer = await self._get("/shipments", query)
        if not isinstance(answer, dict) or not isinstance(answer.get("shipments"), list):
            raise AgencyUnavailable("the post's answer holds no shipments")
        found: list[Any] = answer["shipments"][: len(tracking_numbers)]
        return found

    async def check(self) -> None:
        """See :meth:`PostSystem.check`."""
        await self._get("/health")

    async def _get(self, path: str, query: Sequence[tuple[str, str]] = ()) -> Any:
        try:
            async with (
                aiohttp.ClientSession(headers=self._headers) as session,
                session.get(
                    self._url + path, params=list(query), allow_redirects=False
                ) as response,
            ):
                if response.status not in {200, 204}:
                    raise AgencyUnavailable(f"the post answered {response.status}")
                return _read(await _bounded(response))
        except (aiohttp.ClientError, OSError) as error:
            raise AgencyUnavailable("the post is out of reach") from error


async def _bounded(response: aiohttp.ClientResponse) -> bytes:
    whole = bytearray()
    async for chunk in response.content.iter_chunked(65_536):
        whole += chunk
        if len(whole) > _MAX_ANSWER:
            raise AgencyUnavailable("the post's answer is too long")
    return bytes(whole)


def _read(answer: bytes) -> Any:
    if not answer:
        return None
    try:
        return orjson.loads(answer)
    except orjson.JSONDecodeError as error:
        raise AgencyUnavailable("the post's answer is not JSON") from error
