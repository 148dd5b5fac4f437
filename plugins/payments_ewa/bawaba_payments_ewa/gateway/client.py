"""The real authority, over HTTP and JSON (see README.md, "The register's interface")."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import aiohttp
import orjson
from bawaba.errors import AgencyUnavailable

from bawaba_payments_ewa.domain import MAX_ACCOUNTS, AccountRecord
from bawaba_payments_ewa.gateway import wire

_MAX_ANSWER = 4_000_000
"""The longest answer read, in bytes; a longer one is nonsense."""
_FINE = frozenset({200, 204})


class HttpRegister:
    """Asks the authority at ``url``. The caller limits the time."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    async def account(self, number: str, national_id: str) -> AccountRecord | None:
        """See :meth:`Register.account`. Whether the owner is right is checked here again."""
        found = await self._accounts([("number", number), ("ownerNationalId", national_id)])
        right = [r for r in found if (r.number, r.owner_national_id) == (number, national_id)]
        return right[0] if right else None

    async def of_person(self, national_id: str) -> Sequence[AccountRecord]:
        """See :meth:`Register.of_person`."""
        found = await self._accounts([("ownerNationalId", national_id)])
        return [record for record in found if record.owner_national_id == national_id]

    async def find(self, numbers: Sequence[str]) -> Sequence[AccountRecord]:
        """See :meth:`Register.find`."""
        found = await self._accounts([("number", number) for number in numbers])
        return [record for record in found if record.number in numbers]

    async def check(self) -> None:
        """See :meth:`Register.check`."""
        await self._get("/health", ())

    async def _accounts(self, query: Sequence[tuple[str, str]]) -> Sequence[AccountRecord]:
        answer = await self._get("/accounts", query)
        if not isinstance(answer, dict) or not isinstance(answer.get("accounts"), list):
            raise AgencyUnavailable("the authority's answer holds no accounts")
        return [wire.read_account(body) for body in answer["accounts"][:MAX_ACCOUNTS]]

    async def _get(self, path: str, query: Sequence[tuple[str, str]]) -> Any:
        try:
            async with (
                aiohttp.ClientSession(headers=self._headers) as session,
                session.get(self._url + path, params=list(query), allow_redirects=False) as answer,
            ):
                if answer.status not in _FINE:
                    raise AgencyUnavailable(f"the authority answered {answer.status}")
                return _read(await _bounded(answer))
        except (aiohttp.ClientError, OSError) as error:
            raise AgencyUnavailable("the authority is out of reach") from error


async def _bounded(answer: aiohttp.ClientResponse) -> bytes:
    whole = bytearray()
    async for chunk in answer.content.iter_chunked(65_536):
        whole += chunk
        if len(whole) > _MAX_ANSWER:
            raise AgencyUnavailable("the authority's answer is too long")
    return bytes(whole)


def _read(answer: bytes) -> Any:
    if not answer:
        return None
    try:
        return orjson.loads(answer)
    except orjson.JSONDecodeError as error:
        raise AgencyUnavailable("the authority's answer is not JSON") from error
