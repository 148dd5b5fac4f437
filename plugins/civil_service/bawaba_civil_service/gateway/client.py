"""The real register, over HTTP and JSON (see README.md, "The register's interface")."""

from __future__ import annotations

from typing import Any

import aiohttp
import orjson
from bawaba.errors import AgencyUnavailable

from bawaba_civil_service.domain import Facts
from bawaba_civil_service.rules import wire

_MAX_ANSWER = 200_000
"""The longest answer read, in bytes; a longer one is nonsense."""
_FOUND, _MISSING = {200, 204}, 404


class HttpRegister:
    """Asks the register at ``url``. The caller limits the time."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    async def facts(self, employee_number: str) -> Facts | None:
        """See :meth:`Register.facts`."""
        body = await self._get("/facts", {"employeeNumber": employee_number})
        if body is None:
            return None
        try:
            found = wire.read_facts(body)
        except wire.MALFORMED as error:
            raise AgencyUnavailable("the register's answer makes no sense") from error
        if found.record.employee_number != employee_number:
            raise AgencyUnavailable("the register's answer is about somebody else")
        return found

    async def check(self) -> None:
        """See :meth:`Register.check`."""
        await self._get("/health", {})

    async def _get(self, path: str, query: dict[str, str]) -> Any:
        try:
            async with (
                aiohttp.ClientSession(headers=self._headers) as session,
                session.get(self._url + path, params=query, allow_redirects=False) as response,
            ):
                if response.status == _MISSING:
                    return None
                if response.status not in _FOUND:
                    raise AgencyUnavailable(f"the register answered {response.status}")
                return _read(await _bounded(response))
        except (aiohttp.ClientError, OSError) as error:
            raise AgencyUnavailable("the register is out of reach") from error


async def _bounded(response: aiohttp.ClientResponse) -> bytes:
    whole = bytearray()
    async for chunk in response.content.iter_chunked(65_536):
        whole += chunk
        if len(whole) > _MAX_ANSWER:
            raise AgencyUnavailable("the register's answer is too long")
    return bytes(whole)


def _read(answer: bytes) -> Any:
    if not answer:
        return None
    try:
        return orjson.loads(answer)
    except orjson.JSONDecodeError as error:
        raise AgencyUnavailable("the register's answer is not JSON") from error
