"""Who is at the door: bearer tokens to viewers, and connections that hear when rights change."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Protocol

import structlog
from aiohttp import web

from bawaba.errors import Unauthenticated
from bawaba.host.identity import SignIn
from bawaba.live import SNAPSHOT, LiveEvent
from bawaba.runtime import now
from bawaba.text import Language
from bawaba.viewer import Viewer

log = structlog.get_logger(__name__)
FORBIDDEN = 4403
_PAUSE = 0.5


class Authenticator(Protocol):
    """What the identity room offers to the door."""

    async def authenticate(
        self, token: str | None, *, language: Language, user_agent: str | None
    ) -> Viewer:
        """Return the viewer behind a bearer token; None is an anonymous visitor."""
        ...

    async def sign_in(
        self, token: str | None, *, language: Language, user_agent: str | None
    ) -> SignIn:
        """As :meth:`authenticate`, with the instant at which the token ends."""
        ...

    async def refresh(self, viewer: Viewer) -> Viewer:
        """Return the viewer with roles, device and account read again."""
        ...


class Seat(Protocol):
    """An open connection: its viewer, and how many words on its rights are not acted on yet."""

    viewer: Viewer
    stale: int

    def renewed(self) -> None:
        """Hear that ``viewer`` was read again: ask every subscription's permission anew."""
        ...

    def end(self, code: int, reason: str) -> None:
        """Begin to close it; nothing is pushed from now on."""
        ...


class Sessions:
    """Authenticates requests, and keeps what this process's connections may do up to date.

    The rights of a connected viewer are kept in memory; a word on the topic of sessions makes
    them stale at once, and nothing is pushed to a stale viewer before they are read again.
    """

    def __init__(
        self, authenticator: Authenticator, unit: Callable[[], AbstractContextManager[Any]]
    ) -> None:
        self._authenticator, self._unit = authenticator, unit
        self.seats: set[Seat] = set()
        self._renewing: asyncio.Task[None] | None = None

    async def viewer(self, request: web.Request, language: Language) -> Viewer:
        """Return the viewer of an HTTP request.

        Raises:
            Unauthenticated: the token is expired, revoked or not ours.
        """
        token = bearer(request.headers.get("Authorization"))
        return await self._authenticator.authenticate(
            token, language=language, user_agent=request.headers.get("User-Agent")
        )

    async def sign_in(
        self, token: str | None, language: Language, user_agent: str | None
    ) -> tuple[Viewer, float | None]:
        """Return the viewer of a connection, and the seconds its token has left.

        Raises as :meth:`viewer`.
        """
        found = await self._authenticator.sign_in(token, language=language, user_agent=user_agent)
        if found.expires_at is None:
            return found.viewer, None
        return found.viewer, (found.expires_at - now()).total_seconds()

    async def refresh(self, viewer: Viewer) -> Viewer:
        """Return ``viewer`` with the rights that the database holds now.

        Raises as :meth:`viewer`.
        """
        return await self._authenticator.refresh(viewer)

    def heard(self, event: LiveEvent) -> None:
        """Hear of a device, an account or grants: whom it concerns is stale from here on."""
        device, person = event.data.get("device_id"), event.data.get("person_id")
        for seat in self.seats:
            viewer = seat.viewer
            if viewer.is_anonymous:
                continue
            if event.kind == SNAPSHOT or viewer.device_id == device or viewer.person_id == person:
                seat.stale += 1
        if self._renewing is None and any(seat.stale for seat in self.seats):
            self._renewing = asyncio.create_task(self._renew(), name="bawaba:sessions")

    async def _renew(self) -> None:
        try:
            while stale := [seat for seat in self.seats if seat.stale]:
                try:
                    await self._renew_these(stale)
                except Exception as error:  # noqa: BLE001  stale viewers are shown nothing
                    log.warning("rights could not be read again; trying on", error=repr(error))
                    await asyncio.sleep(_PAUSE)
        finally:
            self._renewing = None

    async def _renew_these(self, seats: list[Seat]) -> None:
        """Read each viewer's rights once, however many connections it has."""
        alike: dict[tuple[str | None, str | None, Language], list[Seat]] = {}
        for seat in seats:
            viewer = seat.viewer
            alike.setdefault((viewer.person_id, viewer.device_id, viewer.language), []).append(seat)
        for group in alike.values():
            heard = [seat.stale for seat in group]
            try:
                with self._unit():
                    viewer = await self.refresh(group[0].viewer)
            except Unauthenticated:
                for seat in group:
                    self.seats.discard(seat)
                    seat.end(FORBIDDEN, "Forbidden")
                continue
            for seat, count in zip(group, heard, strict=True):
                seat.viewer = viewer
                if seat.stale == count:  # nothing new was heard while the rights were read
                    seat.stale = 0
                    seat.renewed()


def bearer(header: object) -> str | None:
    """Return the token of an ``Authorization`` value, or None where there is none.

    Raises:
        Unauthenticated: it is not of the form ``Bearer …``.
    """
    if header is None or header == "":
        return None
    scheme, _, token = header.partition(" ") if isinstance(header, str) else ("", "", "")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated
    return token.strip()
