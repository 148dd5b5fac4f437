"""Who is at the door: bearer tokens to viewers, and the sockets that must close when they end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from aiohttp import web

from bawaba.errors import Unauthenticated
from bawaba.host.identity import SignIn
from bawaba.runtime import now
from bawaba.text import Language
from bawaba.viewer import Viewer


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


class Socket(Protocol):
    """An open socket, as much of it as closing needs."""

    viewer: Viewer

    async def end(self, code: int, reason: str) -> None:
        """Close it."""
        ...


class Sessions:
    """Authenticates requests and knows this process's open sockets."""

    def __init__(self, authenticator: Authenticator) -> None:
        self._authenticator = authenticator
        self.sockets: set[Socket] = set()

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
        """Return the viewer of a socket's ``connection_init``, and the seconds its token has left.

        Raises as :meth:`viewer`.
        """
        found = await self._authenticator.sign_in(token, language=language, user_agent=user_agent)
        if found.expires_at is None:
            return found.viewer, None
        return found.viewer, (found.expires_at - now()).total_seconds()

    @property
    def refresh(self) -> Callable[[Viewer], Awaitable[Viewer]]:
        """Read a viewer's rights again."""
        return self._authenticator.refresh

    async def end(self, concerns: Callable[[Viewer], bool], code: int, reason: str) -> None:
        """Close every socket of this process whose viewer is concerned."""
        for socket in [s for s in self.sockets if concerns(s.viewer)]:
            await socket.end(code, reason)


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
