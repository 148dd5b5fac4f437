"""The portal's figures for everybody: ``GET /transparency``, in Arabic and English."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from collections.abc import Mapping
from importlib import resources
from typing import Any
from zoneinfo import ZoneInfo

import jinja2
from aiohttp import web
from bawaba import runtime
from bawaba.plugin import Route
from bawaba.text import Language
from markupsafe import Markup

from bawaba_accounting.pages import drawing
from bawaba_accounting.pages.answers import Body, answer, body_of
from bawaba_accounting.pages.sheets import Sheets
from bawaba_accounting.rules.asking import language_of
from bawaba_accounting.rules.words import CHANNELS, PAGE, instant, money
from bawaba_accounting.services.transparency import Seen, Watcher

__all__ = ["routes"]

_FILES = resources.files("bawaba_accounting") / "templates"


def _file(name: str) -> str:
    return (_FILES / name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


_STYLE, _SCRIPT = _file("transparency.css"), _file("transparency.js")
_POLICY = (
    f"default-src 'none'; style-src {_digest(_STYLE)}; script-src {_digest(_SCRIPT)}; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_PAGES = jinja2.Environment(
    autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
)
_PAGE = _PAGES.from_string(_file("transparency.html"))
_FIGURES = _PAGES.from_string(_file("figures.html"))
_LINKS = (
    ("by_service", "group=service&total=1&bom=1"),
    ("by_channel", "group=channel&total=1&bom=1"),
    ("by_year", "group=service,year&bom=1"),
    ("by_agency", "group=agency,month&bom=1"),
)
_MOST_CHOICES = 200


def routes() -> list[Route]:
    """Return the addresses of one host, which share what its process has read."""
    pages, sheets = _Pages(Watcher()), Sheets()
    handlers = {
        "/transparency": pages.whole,
        "/transparency/figures": pages.fragment,
        "/transparency/statistics.csv": sheets.get,
    }
    return [
        Route(method, path, handler)
        for path, handler in handlers.items()
        for method in ("GET", "HEAD")
    ]


class _Pages:
    """The page and the fragment of it that moves, written once for each state of the books."""

    def __init__(self, watcher: Watcher) -> None:
        self._watcher = watcher

    async def whole(self, request: web.Request) -> web.Response:
        """Answer with the page."""
        return await self._answer(request, "whole")

    async def fragment(self, request: web.Request) -> web.Response:
        """Answer with the figures alone, as the page's script asks for them."""
        return await self._answer(request, "figures")

    async def _answer(self, request: web.Request, part: str) -> web.Response:
        accepted = request.headers.get("Accept-Language", "")
        language = language_of(request.query.get("lang"), accepted)
        body = _written(await self._watcher.now(), language, part)
        headers = {
            "Content-Language": language.value.lower(),
            "Vary": "Accept-Language, Accept-Encoding",
        }
        if part == "whole":
            headers["Content-Security-Policy"] = _POLICY
        return answer(request, body, "text/html", headers)


def _written(seen: Seen, language: Language, part: str) -> Body:
    """Return a part as it was written before, or write it."""
    found: Body | None = seen.rendered.get((part, language))
    if found is None:
        text = _fragment(seen, language)
        if part == "whole":
            text = _page(seen, language, Markup(text))  # noqa: S704  a template wrote it
        found = seen.rendered[part, language] = body_of(text)
    return found


def _page(seen: Seen, language: Language, figures: Markup) -> str:
    say = {name: words.in_(language) for name, words in PAGE.items()}
    return _PAGE.render(
        lang=language.value.lower(),
        other="en" if language is Language.AR else "ar",
        dir="rtl" if language is Language.AR else "ltr",
        say=say,
        style=Markup(_STYLE),  # noqa: S704  our own files
        script=Markup(_SCRIPT),  # noqa: S704
        figures=figures,
        sheets=[(say[name], query) for name, query in _LINKS],
        choices=_choices(seen, language),
    )


def _choices(seen: Seen, language: Language) -> Mapping[str, list[tuple[str, str]]]:
    """Return what the form offers: the services with figures, and their agencies."""
    codes = [group.service or "" for group in seen.overview.services[:_MOST_CHOICES]]
    services = [seen.services[code] for code in codes if code in seen.services]
    agencies = {service.agency: service.agency for service in services}
    agencies |= {c: a.name.in_(language) for c, a in seen.agencies.items() if c in agencies}
    return {
        "services": [(service.code, service.name.in_(language)) for service in services],
        "agencies": list(agencies.items()),
        "channels": [(code.lower(), name.in_(language)) for code, name in CHANNELS.items()],
    }


def _fragment(seen: Seen, language: Language) -> str:
    overview, check = seen.overview, seen.check
    here, forwarded = runtime.current(), overview.forwarded
    zone = ZoneInfo(here.timezone)

    def local(at: dt.datetime | None) -> str | None:
        return instant(at.astimezone(zone), language) if at else None

    def dinars(fils: int) -> str:
        return PAGE["dinars"].in_(language).format(amount=money(fils))

    brought = (
        PAGE["what_forwarded"]
        .in_(language)
        .format(count=f"{forwarded.count:,}", amount=dinars(forwarded.fils))
    )
    values: dict[str, Any] = {
        "say": {name: words.in_(language) for name, words in PAGE.items()},
        "money": money,
        "dinars": dinars,
        "total": overview.total,
        "head": overview.head,
        "as_of": local(overview.head.booked_at),
        "as_of_iso": _iso(overview.head.booked_at),
        "check": check,
        "checked_at": local(check.checked_at) if check else None,
        "checked_iso": _iso(check.checked_at) if check else "",
        "is_balanced": overview.is_balanced,
        "forwarded": brought if forwarded.count else None,
        "demo": here.demo,
    }
    return _FIGURES.render(**values, **drawing.figures(seen, language))


def _iso(at: dt.datetime | None) -> str:
    return at.astimezone(dt.UTC).isoformat() if at else ""
