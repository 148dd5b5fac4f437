"""Answers that many read: compressed once, known by their ETag, kept by caches for a moment."""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

__all__ = ["BODILESS", "Body", "answer", "body_of"]

BODILESS = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""The policy of what is no page by itself."""
_GZIP = re.compile(
    r"(?:^|,)\s*gzip\s*(?:;\s*q=(?!0(?:\.0*)?\s*(?:,|$))[^,]*)?(?:,|$)", re.IGNORECASE
)
_WORTH_IT = 1000
_CACHED = "public, max-age=1"


@dataclass(frozen=True, slots=True)
class Body:
    """A body, plain and compressed, and the tag of its content."""

    plain: bytes
    packed: bytes | None
    tag: str


def body_of(text: str) -> Body:
    """Return the body of a text; the same text always gives the same bytes and tag."""
    plain = text.encode()
    packed = gzip.compress(plain, 6, mtime=0) if len(plain) >= _WORTH_IT else None
    return Body(plain, packed, hashlib.sha256(plain).hexdigest()[:32])


def answer(
    request: web.Request, body: Body, kind: str, headers: Mapping[str, str] | None = None
) -> web.Response:
    """Return the body, or 304 where the client has it already."""
    packed = body.packed
    if not _GZIP.search(request.headers.get("Accept-Encoding", "")[:200]):
        packed = None
    tag = f"{body.tag}-gz" if packed is not None else body.tag
    shown = {
        "Content-Security-Policy": BODILESS,
        "Cache-Control": _CACHED,
        "ETag": f'"{tag}"',
        "Vary": "Accept-Encoding",
        **(headers or {}),
    }
    if _has(request, body.tag):
        return web.Response(status=304, headers=shown)
    if packed is not None:
        shown["Content-Encoding"] = "gzip"
    return web.Response(
        body=body.plain if packed is None else packed,
        content_type=kind,
        charset="utf-8",
        headers=shown,
    )


def _has(request: web.Request, tag: str) -> bool:
    """Return whether ``If-None-Match`` names the content, in whatever encoding."""
    return any(each.value in {"*", tag, f"{tag}-gz"} for each in request.if_none_match or ())
