"""Who comes through the door: addresses, origins, headers; and connections that never speak."""

from __future__ import annotations

import asyncio
import ipaddress
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from bawaba.host.settings import Settings

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
_PREFLIGHT = {
    "Access-Control-Allow-Headers": (
        "accept-language, authorization, content-type, last-event-id, range, x-correlation-id"
    ),
    "Access-Control-Max-Age": "600",
}


class Doorkeeper:
    """Decides by headers and addresses alone."""

    def __init__(self, settings: Settings) -> None:
        self._own = urlsplit(settings.public).netloc
        self._secure = settings.public.startswith("https:")
        self._allowed = frozenset(settings.allowed_origins)
        self._proxies = [ipaddress.ip_network(each) for each in settings.trusted_proxies]

    def client(self, request: web.Request) -> str:
        """Return the address that a request is counted for.

        That is the peer's; behind a trusted proxy the nearest address that is none.
        """
        chain = [
            part.strip()
            for header in request.headers.getall("X-Forwarded-For", [])
            for part in header.split(",")
        ]
        address = request.remote or "-"
        while chain and self._is_proxy(address):
            address = chain.pop()
        return address

    def is_foreign(self, request: web.Request) -> bool:
        """Return whether a browser sent it from a page of somebody else."""
        origin = request.headers.get("Origin")
        if origin is None or origin in self._allowed:
            return False
        return urlsplit(origin).netloc not in {request.host, self._own}

    def preflight(self, request: web.Request) -> web.Response | None:
        """Answer a browser that asks whether a page of an allowed origin may call."""
        asked = request.headers.get("Access-Control-Request-Method")
        if request.method != "OPTIONS" or asked is None:
            return None
        methods = "PUT" if request.path.startswith("/uploads/") else "GET, POST"
        return web.Response(
            status=204, headers=_PREFLIGHT | {"Access-Control-Allow-Methods": methods}
        )

    async def dress(self, request: web.Request, response: web.StreamResponse) -> None:
        """Put the security headers on an answer; signal ``on_response_prepare``."""
        headers = response.headers
        for name, value in _HEADERS.items():
            headers.setdefault(name, value)
        headers["Server"] = "Bawaba"
        if self._secure:
            headers.setdefault("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
        origin = request.headers.get("Origin")
        if origin in self._allowed:
            headers["Access-Control-Allow-Origin"] = origin
            headers["Access-Control-Expose-Headers"] = "X-Correlation-Id"
            headers["Cross-Origin-Resource-Policy"] = "cross-origin"
            headers.add("Vary", "Origin")

    def _is_proxy(self, address: str) -> bool:
        try:
            found = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(found in network for network in self._proxies)


async def drop_the_silent(server: web.Server, patience: float) -> None:
    """Abort connections that sent no whole request within ``patience`` seconds; runs for ever.

    aiohttp waits for a first request without end, so that a few thousand half-sent headers would
    hold as many connections.
    """
    since: dict[Any, float] = {}
    clock = asyncio.get_running_loop().time
    while True:
        await asyncio.sleep(min(1.0, patience / 2))
        moment = clock()
        # Between two requests aiohttp's own keep-alive timeout counts.
        since = {
            connection: since.get(connection, moment)
            for connection in server.connections
            if connection._request_count == 0 and connection._current_request is None  # noqa: SLF001
        }
        for connection, first in since.items():
            if moment - first >= patience and connection.transport is not None:
                connection.transport.abort()
