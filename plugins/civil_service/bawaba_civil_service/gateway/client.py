"""The real register, over HTTP and JSON (see README.md, "The register's interface")."""

from __future__ import annotations

from bawaba.agency import AgencySystem
from bawaba.errors import AgencyUnavailable

from bawaba_civil_service.domain import Facts
from bawaba_civil_service.rules import wire

_MAX_ANSWER = 200_000
"""The longest answer read, in bytes; a longer one is nonsense."""


class HttpRegister:
    """Asks the register at ``url``. The caller limits the time."""

    def __init__(self, url: str, token: str) -> None:
        self._system = AgencySystem("the register", url, token, _MAX_ANSWER, missing={404})

    async def facts(self, employee_number: str) -> Facts | None:
        """See :meth:`Register.facts`."""
        body = await self._system.get("/facts", [("employeeNumber", employee_number)])
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
        await self._system.get("/health")
