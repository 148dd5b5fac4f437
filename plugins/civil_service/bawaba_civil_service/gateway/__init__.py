"""The bureau's own system: what the platform asks of it, and how long it waits."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from bawaba import db, runtime
from bawaba.errors import AgencyUnavailable

from bawaba_civil_service.domain import Facts
from bawaba_civil_service.gateway.client import HttpRegister
from bawaba_civil_service.gateway.simulator import SimulatedRegister
from bawaba_civil_service.settings import CivilServiceSettings

__all__ = ["HttpRegister", "Register", "SimulatedRegister", "ask", "reachable"]

T = TypeVar("T")


class Register(Protocol):
    """The register of the Civil Service Bureau.

    Every method raises :class:`AgencyUnavailable` where the register does not answer or answers
    nonsense.
    """

    async def facts(self, employee_number: str) -> Facts | None:
        """Return what a certificate may state today; None: there is no such employee."""
        ...

    async def check(self) -> None:
        """Pass, if the register answers."""
        ...


def _register(settings: CivilServiceSettings) -> Register:
    if settings.register_url:
        return HttpRegister(settings.register_url, settings.register_token)
    return SimulatedRegister()


async def ask(question: Callable[[Register], Awaitable[T]]) -> T:
    """Put one question to the register and return its answer, within the time limit.

    Raises:
        AgencyUnavailable: no answer, none in time (``BAWABA_CIVIL_SERVICE_REGISTER_TIMEOUT``), or
            nonsense.
        RuntimeError: asked inside a transaction, which an agency must never hold open.
    """
    if db.in_transaction():
        raise RuntimeError("the register must not be asked inside a transaction")
    settings = runtime.settings(CivilServiceSettings)
    try:
        async with asyncio.timeout(settings.register_timeout):
            return await question(_register(settings))
    except TimeoutError as error:
        raise AgencyUnavailable("the civil service register did not answer in time") from error


async def reachable() -> None:
    """Pass, if the register answers (a health check).

    Raises:
        AgencyUnavailable: it does not.
    """
    await ask(lambda register: register.check())
