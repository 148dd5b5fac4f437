"""``PUT /uploads/{id}``: the bytes of a file, streamed to the store while they are checked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import structlog
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from bawaba.errors import Refusal
from bawaba.host.files.desk import desk
from bawaba.host.files.domain import (
    LONGEST_UPLOAD,
    FileHashMismatch,
    FileSizeMismatch,
    FileTypeMismatch,
    UploadInterrupted,
)
from bawaba.host.files.models import FileRow
from bawaba.host.files.rules import Gauge
from bawaba.host.files.services import storing
from bawaba.viewer import Viewer

log = structlog.get_logger(__name__)
_WRONG = (FileSizeMismatch, FileTypeMismatch, FileHashMismatch)


async def receive(request: web.Request, viewer: Viewer, patience: float) -> FileRow:
    """Take the body of ``request`` as the bytes of the viewer's awaited file.

    Args:
        patience: seconds in which each next piece must arrive.

    Raises:
        Refusal: nothing was stored; see ``domain.py``.
    """
    row = await storing.awaited(viewer, request.match_info["id"])
    if request.content_length is not None and request.content_length != row.size:
        raise FileSizeMismatch("size")
    key = await storing.begin(row.id)
    gauge = Gauge(row.media_type, row.size, row.sha256)
    try:
        async with asyncio.timeout(LONGEST_UPLOAD.total_seconds()):
            await desk().store.write(key, _checked(request, gauge, patience))
        return await storing.finish(row.id, key)
    except _WRONG:
        await storing.reject(row.id, key)
        raise
    except (TimeoutError, OSError, web.RequestPayloadError, HttpProcessingError) as error:
        raise UploadInterrupted from error
    finally:
        await _drop(key)


async def _checked(request: web.Request, gauge: Gauge, patience: float) -> AsyncIterator[bytes]:
    """Yield the body as it comes; the last piece only when the whole is as declared."""
    while True:
        async with asyncio.timeout(patience):
            chunk = await request.content.readany()
        if not chunk:
            break
        gauge.take(chunk)
        yield chunk
    gauge.finish()


async def _drop(key: str) -> None:
    """Delete what was written in vain, if it was; where that fails, the janitor does it."""
    try:
        await asyncio.shield(storing.give_up(key))
    except Refusal:
        raise
    except Exception as error:  # noqa: BLE001  the answer does not depend on it
        log.warning("an attempt's object is left to the janitor", error=repr(error)[:300])
