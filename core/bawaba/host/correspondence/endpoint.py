"""The endpoints: letters to the platform, letters to simulated agencies, and public keys."""

from __future__ import annotations

import asyncio

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from bawaba.host.correspondence import rules
from bawaba.host.correspondence.desk import office
from bawaba.host.correspondence.domain import MAX_SEALED, MEDIA_TYPE, PLATFORM, Reason, Refused
from bawaba.host.correspondence.keyring import KeysMissing
from bawaba.host.correspondence.services.taking import Response, refusal, take
from bawaba.host.server.limits import CLIENT
from bawaba.runtime import now


async def to_platform(request: web.Request) -> web.Response:
    """Take a letter of an agency: ``POST /correspondence``; see :func:`take`."""
    return await _taken(request, PLATFORM)


async def to_agency(request: web.Request) -> web.Response:
    """Take a letter for a simulated agency: ``POST /correspondence/agencies/{agency}``."""
    return await _taken(request, _simulated(request))


async def platform_keys(request: web.Request) -> web.Response:
    """Publish the platform's public keys: ``GET /correspondence/keys``, a JWKS document."""
    del request
    return _jwks(PLATFORM)


async def agency_keys(request: web.Request) -> web.Response:
    """Publish a simulated agency's: ``GET /correspondence/agencies/{agency}/keys``."""
    return _jwks(_simulated(request))


def _simulated(request: web.Request) -> str:
    agency = request.match_info["agency"]
    if not office().is_simulated(agency):
        raise web.HTTPNotFound(text="")
    return agency


async def _taken(request: web.Request, receiver: str) -> web.Response:
    """Take a letter: the cheapest checks first, decryption last and one at a time."""
    here, client = office(), request[CLIENT]
    try:
        _check_head(request)
        with here.door.passage(client):
            response = await take(here, receiver, await _body(request))
            if response.known:
                here.door.known(client)
    except Refused as refused:
        response = refusal(here, receiver, refused)
    return _answer(request, response)


def _check_head(request: web.Request) -> None:
    """Pass, if what the request says of its body is agreeable; nothing of it was read yet."""
    if request.content_type != MEDIA_TYPE:
        raise Refused(Reason.MEDIA_TYPE, request.content_type[:60])
    if "Content-Encoding" in request.headers:  # a bomb, or of no use: sealed bytes do not shrink
        raise Refused(Reason.MEDIA_TYPE, "an encoded body")
    if (request.content_length or 0) > MAX_SEALED:
        raise Refused(Reason.TOO_LARGE, f"{request.content_length} bytes")


async def _body(request: web.Request) -> bytes:
    """Read a letter of at most 256 KB, in good time."""
    body = bytearray()
    try:
        async with asyncio.timeout(office().body_patience):
            async for part in request.content.iter_any():
                body += part
                if len(body) > MAX_SEALED:
                    raise Refused(Reason.TOO_LARGE, "longer than it said")
    except TimeoutError:
        raise Refused(Reason.LATE_BODY) from None
    except (web.HTTPException, web.RequestPayloadError, HttpProcessingError):
        raise Refused(Reason.UNREADABLE, "the body did not arrive whole") from None
    return bytes(body)


def _answer(request: web.Request, response: Response) -> web.Response:
    good = response.status == 200  # noqa: PLR2004  HTTP's own number
    answer = web.Response(
        body=response.body,
        status=response.status,
        content_type=MEDIA_TYPE if good else "application/json",
    )
    if response.status == Reason.TOO_MANY.status:
        answer.headers["Retry-After"] = "1"
    if not good and not request.content.at_eof():
        _read_no_more(request)
        answer.force_close()
    return answer


def _read_no_more(request: web.Request) -> None:
    """Have what is left of a refused body neither parsed nor unpacked."""
    request.protocol.close()  # after the answer
    if request.content.exception() is not None:
        request.content.feed_eof()  # aiohttp would read on, and log the fault with a traceback


def _jwks(party: str) -> web.Response:
    try:
        pairs = office().own(party).pairs
    except KeysMissing:
        raise web.HTTPNotFound(text="") from None
    found = rules.published(pairs, now(), office().keyring.grace)
    return web.json_response(found, content_type="application/jwk-set+json")
