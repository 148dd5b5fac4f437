"""The authority's own system: what the platform asks of it, and how long it waits.

What the platform *tells* it goes by letter (``services/letters.py``).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeVar

from bawaba import db, runtime
from bawaba.errors import AgencyUnavailable

from bawaba_payments_ewa.domain import AccountRecord
from bawaba_payments_ewa.gateway.client import HttpRegister
from bawaba_payments_ewa.gateway.simulator import SimulatedRegister
from bawaba_payments_ewa.settings import EwaSettings

__all__ = ["HttpRegister", "Register", "SimulatedRegister", "ask", "reachable"]

T = TypeVar("T")


class Register(Protocol):
    """The accounts of the Electricity and Water Authority.

    Every method raises :class:`AgencyUnavailable` where it does not answer or answers nonsense.
    """

    async def account(self, number: str, national_id: str) -> AccountRecord | None:
        """Return the account of this number, if its owner has this personal number."""
        ...

    async def of_person(self, national_id: str) -> Sequence[AccountRecord]:
        """Return the accounts in a person's name, at most 50."""
        ...

    async def find(self, numbers: Sequence[str]) -> Sequence[AccountRecord]:
        """Return the accounts of these numbers; unknown ones are absent."""
        ...

    async def check(self) -> None:
        """Pass, if it answers."""
        ...


def _register(settings: EwaSettings) -> Register:
    if settings.register_url:
        return HttpRegister(settings.register_url, settings.register_token)
    return SimulatedRegister()


async def ask(question: Callable[[Register], Awaitable[T]]) -> T:
    """Put one question to the authority and return its answer, within the time limit.

    Raises:
        AgencyUnavailable: no answer, none in time (``BAWABA_EWA_REGISTER_TIMEOUT``), or nonsense.
        RuntimeError: asked inside a transaction, which an agency must never hold open.
    """
    if db.in_transaction():
        raise RuntimeError("the authority must not be asked inside a transaction")
    settings = runtime.settings(EwaSettings)
    try:
        async with asyncio.timeout(settings.register_timeout):
            return await question(_register(settings))
    except TimeoutError as error:
        raise AgencyUnavailable("the authority did not answer in time") from error


async def reachable() -> None:
    """Pass, if the authority answers (a health check).

    Raises:
        AgencyUnavailable: it does not.
    """
    await ask(lambda register: register.check())
