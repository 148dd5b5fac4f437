"""A public page for each error code, in Arabic and English: ``/errors`` and ``/errors/{code}``."""

from __future__ import annotations

from aiohttp import web
from jinja2 import Environment, PackageLoader, select_autoescape

from bawaba.host.registry import Registry
from bawaba.host.schema.codes import ErrorEntry, error_catalogue
from bawaba.plugin import Route

_PAGES = Environment(
    loader=PackageLoader("bawaba.host.server"),
    autoescape=select_autoescape(default=True),
    trim_blocks=True,
)
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cache-Control": "public, max-age=3600",
}


def error_routes(registry: Registry) -> list[Route]:
    """Return the pages of every code that the loaded plugins may answer with."""
    catalogue = {entry.code: entry for entry in error_catalogue(registry)}

    async def one(request: web.Request) -> web.Response:
        entry = catalogue.get(request.match_info["code"].upper())
        return _page([] if entry is None else [entry], 404 if entry is None else 200)

    async def every(_request: web.Request) -> web.Response:
        return _page(list(catalogue.values()), 200)

    return [Route("GET", "/errors", every), Route("GET", "/errors/{code}", one)]


def _page(entries: list[ErrorEntry], status: int) -> web.Response:
    page = _PAGES.get_template("errors.html").render(entries=entries)
    return web.Response(text=page, status=status, content_type="text/html", headers=_HEADERS)
