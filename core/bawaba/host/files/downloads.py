"""``GET /files/{id}`` and ``GET /files/tickets/{secret}``: bytes, streamed from the store."""

from __future__ import annotations

from aiohttp import web

from bawaba.errors import NotFound
from bawaba.host.files.desk import desk
from bawaba.host.files.models import FileRow
from bawaba.host.files.rules import TEXTS, byte_range, disposition

_SANDBOX = "default-src 'none'; sandbox"


def _headers(row: FileRow) -> dict[str, str]:
    media_type = f"{row.media_type}; charset=utf-8" if row.media_type in TEXTS else row.media_type
    return {
        "Content-Type": media_type,
        "Content-Disposition": disposition(row.name, row.media_type),
        "Cache-Control": "private, no-store",
        "Content-Security-Policy": f"{_SANDBOX}; frame-ancestors 'none'",
        "Accept-Ranges": "bytes",
    }


async def send(
    request: web.Request, row: FileRow, framed_by: tuple[str, ...] | None = None
) -> web.StreamResponse:
    """Answer with the file, or the one range of it that is asked for.

    Args:
        framed_by: origins whose pages may show it in a frame, beside our own; None: nobody may.

    Raises:
        NotFound: the store lacks the bytes.
    """
    headers = _headers(row)
    if framed_by is not None:
        ancestors = " ".join(("'self'", *framed_by))
        headers["Content-Security-Policy"] = f"{_SANDBOX}; frame-ancestors {ancestors}"
        headers["X-Frame-Options"] = "SAMEORIGIN"
        headers["Cross-Origin-Resource-Policy"] = "cross-origin" if framed_by else "same-origin"
    try:
        part = byte_range(request.headers.get("Range"), row.size)
    except ValueError:
        return web.Response(status=416, headers={"Content-Range": f"bytes */{row.size}"})
    start, end = part or (0, row.size)
    response = web.StreamResponse(status=206 if part else 200, headers=headers)
    if part:
        response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{row.size}"
    response.content_length = end - start
    if request.method == "HEAD":
        await response.prepare(request)
        return response
    try:
        async for chunk in desk().store.read(str(row.object_key), start, end):
            if not response.prepared:
                await response.prepare(request)
            await response.write(chunk)
    except FileNotFoundError:
        raise NotFound from None
    await response.write_eof()
    return response
