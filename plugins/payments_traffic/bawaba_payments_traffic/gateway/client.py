"""The real directorate, over HTTP and JSON (see README.md, "The register's interface")."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import aiohttp
import orjson
from bawaba.errors import AgencyUnavailable

from bawaba_payments_traffic.domain import MAX_FINES, FineRecord
from bawaba_payments_traffic.gateway import wire

_MAX_ANSWER = 2_000_000
"""The longest answer read, in bytes; a longer one is nonsense."""


class HttpDirectorate:
    """Asks the register at ``url``. The caller limits the time."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    async def find(self, references: Sequence[str]) -> Sequence[FineRecord]:
        """See :meth:`Directorate.find`."""
        return await self._fines([("reference", reference) for reference in references])

    async def of_plate(
        self, number: str, category: str, owner_national_id: str
    ) -> Sequence[FineRecord]:
        """See :meth:`Directorate.of_plate`."""
        return await self._fines(
            [
                ("plateNumber", number),
                ("plateCategory", category),
                ("ownerNationalId", owner_national_id),
            ]
        )

    async def of_person(self, national_id: str) -> Sequence[FineRecord]:
        """See :meth:`Directorate.of_person`."""
        return await self._fines([("nationalId", national_id)])

    async def check(self) -> None:
        """See :meth:`Directorate.check`."""
        await self._call("/health")

    async def _fines(self, query: Sequence[tuple[str, str]]) -> Sequence[FineRecord]:
        answer = await self._call("/fines", query)
        if not isinstance(answer, dict) or not isinstance(answer.get("fines"), list):
            raise AgencyUnavailable("the traffic directorate's answer holds no fines")
        return [wire.read_fine(body) for body in answer["fines"][:MAX_FINES]]

    async def _call(self, path: str, query: Sequence[tuple[str, str]] = ()) -> Any:
        try:
            async with (
                aiohttp.ClientSession(headers=self._headers) as session,
                session.get(
                    self._url + path, params=list(query), allow_redirects=False
                ) as response,
            ):
                if response.status not in {200, 202, 204}:
                    raise AgencyUnavailable(f"the traffic directorate answered {response.status}")
                return _read(await _bounded(response))
        except (aiohttp.ClientError, OSError) as error:
            raise AgencyUnavailable("the traffic directorate is out of reach") from error


async def _bounded(response: aiohttp.ClientResponse) -> bytes:
    whole = bytearray()
    async for chunk in response.content.iter_chunked(65_536):
        whole += chunk
        if len(whole) > _MAX_ANSWER:
            raise AgencyUnavailable("the traffic directorate's answer is too long")
    return bytes(whole)


def _read(answer: bytes) -> Any:
    if not answer:
        return None
    try:
        return orjson.loads(answer)
    except orjson.JSONDecodeError as error:
        raise AgencyUnavailable("the traffic directorate's answer is not JSON") from error
