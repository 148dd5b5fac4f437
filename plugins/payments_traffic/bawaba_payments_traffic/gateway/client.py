"""The real directorate, over HTTP and JSON (see README.md, "The register's interface")."""

from __future__ import annotations

from collections.abc import Sequence

from bawaba.agency import AgencySystem
from bawaba.errors import AgencyUnavailable

from bawaba_payments_traffic.domain import MAX_FINES, FineRecord
from bawaba_payments_traffic.gateway import wire

_MAX_ANSWER = 2_000_000
"""The longest answer read, in bytes; a longer one is nonsense."""


class HttpDirectorate:
    """Asks the register at ``url``. The caller limits the time."""

    def __init__(self, url: str, token: str) -> None:
        self._system = AgencySystem(
            "the traffic directorate", url, token, _MAX_ANSWER, fine={200, 202, 204}
        )

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
        await self._system.get("/health")

    async def _fines(self, query: Sequence[tuple[str, str]]) -> Sequence[FineRecord]:
        answer = await self._system.get("/fines", query)
        if not isinstance(answer, dict) or not isinstance(answer.get("fines"), list):
            raise AgencyUnavailable("the traffic directorate's answer holds no fines")
        return [wire.read_fine(body) for body in answer["fines"][:MAX_FINES]]
