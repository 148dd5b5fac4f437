"""The host's correspondence port: whom a letter goes to, and by which way."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any, cast

import structlog

from bawaba.host.correspondence.domain import PLATFORM
from bawaba.host.correspondence.office import Office
from bawaba.host.correspondence.services import waiting
from bawaba.host.correspondence.services.catching_up import catch_up
from bawaba.host.correspondence.services.sending import send, written
from bawaba.host.correspondence.transport import ByHand, OverHttp, Transport, path_of
from bawaba.runtime import current

log = structlog.get_logger(__name__)


class LettersWait(Exception):
    """Agencies were not told yet what they must know; names them."""


class Correspondence:
    """Implements :class:`bawaba.correspondence.CorrespondencePort`.

    Agencies with an address are reached there. Those that live here, and the platform itself, are
    reached over HTTP on loopback while this process serves, and by hand otherwise. Letters to an
    agency that is neither wait for its address.
    """

    def __init__(self, office: Office) -> None:
        self.office = office
        self._http = OverHttp(self._address, office.patience)
        self._by_hand = ByHand(office)
        self._own_address: str | None = None
        self._waiting: dict[str, int] = {}

    @asynccontextmanager
    async def served(self, address: str) -> AsyncGenerator[None]:
        """Use loopback HTTP inside the block, while requests are taken at ``address``."""
        self._own_address = address.rstrip("/")
        try:
            yield
        finally:
            self._own_address = None

    async def send(
        self, agency: str, kind: str, body: Mapping[str, Any], key: str
    ) -> Mapping[str, Any]:
        """See :func:`bawaba.correspondence.send`."""
        if agency not in self.office.agencies:
            raise LookupError(f"no loaded plugin corresponds with {agency!r}")
        return await self._sent(PLATFORM, agency, kind, body, key)

    async def send_as_agency(
        self, agency: str, kind: str, body: Mapping[str, Any], key: str
    ) -> Mapping[str, Any]:
        """See :func:`bawaba.correspondence.send_as_agency`."""
        if not self.office.is_simulated(agency):
            raise LookupError(f"{agency!r} is not simulated here")
        return await self._sent(agency, PLATFORM, kind, body, key)

    async def catch_up(self) -> None:
        """Send what waited for an address, in order."""
        await catch_up(self.office, self._way)

    async def check(self) -> None:
        """Pass, if every party has its keys and no letter waits (a health check).

        Raises:
            KeysMissing, LettersWait: names who is in want of what.
        """
        self._waiting = await waiting.counted(self.office)
        self.office.check()
        if self._waiting:
            raise LettersWait(", ".join(f"{many} to {who}" for who, many in self._waiting.items()))

    def report(self) -> dict[str, Any]:
        """Return who has no address, and how many letters waited when last asked."""
        return {"without_address": self.office.unconnected(), "waiting": self._waiting}

    def announce(self, *, demo: bool) -> None:
        """Warn of agencies that are told nothing, or nothing real: once, when a server starts."""
        if unconnected := self.office.unconnected():
            log.warning(
                "letters to these agencies wait for an address", agencies=unconnected,
                mend="set BAWABA_CORRESPONDENCE_ADDRESSES",
            )  # fmt: skip
        if self.office.simulated and not demo:
            chosen = sorted(self.office.simulated)
            log.warning("these agencies are simulated: nothing real is told", agencies=chosen)

    async def close(self) -> None:
        """Release connections. Idempotent."""
        await self._http.close()

    async def _sent(
        self, sender: str, receiver: str, kind: str, body: Mapping[str, Any], key: str
    ) -> Mapping[str, Any]:
        letter = written(sender, receiver, kind, body, key)
        return await send(self.office, self._way(receiver), letter)

    def _way(self, receiver: str) -> Transport:
        elsewhere = receiver in self.office.addresses
        return self._http if elsewhere or self._own_address is not None else self._by_hand

    def _address(self, receiver: str) -> str:
        found = self.office.addresses.get(receiver)
        return found or f"{self._own_address}{path_of(receiver)}"


def desk() -> Correspondence:
    """Return the current host's correspondence."""
    return cast("Correspondence", current().correspondence)


def office() -> Office:
    """Return the current host's office."""
    return desk().office
