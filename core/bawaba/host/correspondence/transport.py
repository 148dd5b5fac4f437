"""How a sealed letter travels: over HTTP, or, where this process serves nothing, by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import aiohttp

from bawaba.errors import AgencyUnavailable
from bawaba.host.correspondence.domain import MAX_SEALED, MEDIA_TYPE, PLATFORM
from bawaba.host.correspondence.office import Office
from bawaba.host.correspondence.services.taking import Response, take

PLATFORM_PATH = "/correspondence"
AGENCY_PATH = "/correspondence/agencies/{agency}"


class Transport(Protocol):
    """Takes a sealed letter to its receiver and brings the answer back."""

    async def post(self, receiver: str, sealed: bytes, correlation: str) -> Response:
        """Return the answer.

        Raises:
            AgencyUnavailable: there is none.
        """
        ...


class ByHand:
    """Gives letters to the receiving end in this process, through all of its checks.

    For the command line and for tests, where no server listens.
    """

    def __init__(self, office: Office) -> None:
        self._office = office

    async def post(self, receiver: str, sealed: bytes, correlation: str) -> Response:
        """See :meth:`Transport.post`."""
        del correlation
        return await take(self._office, receiver, sealed)


class OverHttp:
    """Posts letters to addresses, over one session that is opened at the first of them.

    Args:
        address: returns where a receiver takes letters.
        patience: seconds that an answer may take.
    """

    def __init__(self, address: Callable[[str], str], patience: float) -> None:
        self._address = address
        self._timeout = aiohttp.ClientTimeout(total=patience)
        self._session: aiohttp.ClientSession | None = None

    async def post(self, receiver: str, sealed: bytes, correlation: str) -> Response:
        """See :meth:`Transport.post`."""
        headers = {"Content-Type": MEDIA_TYPE, "X-Correlation-Id": correlation}
        try:
            async with self._opened().post(
                self._address(receiver), data=sealed, headers=headers, allow_redirects=False
            ) as response:
                return Response(response.status, await _bounded(response.content))
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise AgencyUnavailable(f"out of reach ({type(error).__name__})") from error

    async def close(self) -> None:
        """Close the session. Idempotent."""
        if self._session is not None:
            session, self._session = self._session, None
            await session.close()

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=self._timeout, cookie_jar=aiohttp.DummyCookieJar()
            )
        return self._session


async def _bounded(stream: aiohttp.StreamReader) -> bytes:
    body = bytearray()
    async for part in stream.iter_chunked(16 * 1024):
        body += part
        if len(body) > MAX_SEALED:
            raise AgencyUnavailable("the answer is too long")
    return bytes(body)


def path_of(receiver: str) -> str:
    """Return the path under which a party that lives here takes letters."""
    return PLATFORM_PATH if receiver == PLATFORM else AGENCY_PATH.format(agency=receiver)
