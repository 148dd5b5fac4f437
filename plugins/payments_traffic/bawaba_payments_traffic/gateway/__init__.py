"""The directorate's own system: what the platform asks of it, and how long it waits."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeVar

from bawaba import db, runtime
from bawaba.errors import AgencyUnavailable

from bawaba_payments_traffic.domain import FineRecord
from bawaba_payments_traffic.gateway.client import HttpDirectorate
from bawaba_payments_traffic.gateway.settings import TrafficSettings
from bawaba_payments_traffic.gateway.simulator import SimulatedDirectorate

__all__ = [
    "Directorate",
    "HttpDirectorate",
    "SimulatedDirectorate",
    "TrafficSettings",
    "ask",
    "reachable",
]

T = TypeVar("T")


class Directorate(Protocol):
    """The register of the General Directorate of Traffic.

    Every method raises :class:`AgencyUnavailable` where the register does not answer or answers
    nonsense. What the platform tells the directorate goes by letter: see ``letters.py``.
    """

    async def find(self, references: Sequence[str]) -> Sequence[FineRecord]:
        """Return the fines with these references; unknown ones are absent."""
        ...

    async def of_plate(
        self, number: str, category: str, owner_national_id: str
    ) -> Sequence[FineRecord]:
        """Return the fines of a plate, if its owner has this personal number; newest first."""
        ...

    async def of_person(self, national_id: str) -> Sequence[FineRecord]:
        """Return the fines issued to a person, newest first."""
        ...

    async def check(self) -> None:
        """Pass, if the register answers."""
        ...


def _directorate(settings: TrafficSettings) -> Directorate:
    if settings.directorate_url:
        return HttpDirectorate(settings.directorate_url, settings.directorate_token)
    return SimulatedDirectorate()


async def ask(question: Callable[[Directorate], Awaitable[T]]) -> T:
    """Put one question to the directorate and return its answer, within the time limit.

    Raises:
        AgencyUnavailable: no answer, none in time (``BAWABA_TRAFFIC_DIRECTORATE_TIMEOUT``), or
            nonsense.
        RuntimeError: asked inside a transaction, which an agency must never hold open.
    """
    if db.in_transaction():
        raise RuntimeError("the directorate must not be asked inside a transaction")
    settings = runtime.settings(TrafficSettings)
    try:
        async with asyncio.timeout(settings.directorate_timeout):
            return await question(_directorate(settings))
    except TimeoutError as error:
        raise AgencyUnavailable("the traffic directorate did not answer in time") from error


async def reachable() -> None:
    """Pass, if the directorate answers (a health check).

    Raises:
        AgencyUnavailable: it does not.
    """
    await ask(lambda register: register.check())
