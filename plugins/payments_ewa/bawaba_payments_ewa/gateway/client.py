"""The real authority, over HTTP and JSON (see README.md, "The register's interface")."""

from __future__ import annotations

from collections.abc import Sequence

from bawaba.agency import AgencySystem
from bawaba.errors import AgencyUnavailable

from bawaba_payments_ewa.domain import MAX_ACCOUNTS, AccountRecord
from bawaba_payments_ewa.gateway import wire

_MAX_ANSWER = 4_000_000
"""The longest answer read, in bytes; a longer one is nonsense."""


class HttpRegister:
    """Asks the authority at ``url``. The caller limits the time."""

    def __init__(self, url: str, token: str) -> None:
        self._system = AgencySystem("the authority", url, token, _MAX_ANSWER)

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
        await self._system.get("/health")

    async def _accounts(self, query: Sequence[tuple[str, str]]) -> Sequence[AccountRecord]:
        answer = await self._system.get("/accounts", query)
        if not isinstance(answer, dict) or not isinstance(answer.get("accounts"), list):
            raise AgencyUnavailable("the authority's answer holds no accounts")
        return [wire.read_account(body) for body in answer["accounts"][:MAX_ACCOUNTS]]
