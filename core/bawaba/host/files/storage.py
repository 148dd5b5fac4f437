"""Where the bytes are: a folder, or a bucket; by way of obstore."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import obstore
from obstore.store import LocalStore, MemoryStore, from_url

_PART = 5 * 1024 * 1024
"""Bytes of an upload that are held before they are sent on: the least that S3 takes."""
_AT_ONCE = 2
"""Parts of an upload that are on their way to the store at once."""
_CHUNK = 256 * 1024


class ObjectStore:
    """Objects by key. Nothing of it is called inside a transaction."""

    def __init__(self, store: Any, folder: Path | None = None) -> None:
        self._store, self._folder = store, folder

    @classmethod
    def at(cls, url: str, folder: Path) -> ObjectStore:
        """Return the store of a setting: ``s3://bucket/prefix``, ``memory://``, or the folder."""
        if url == "memory://":
            return cls(MemoryStore())
        if url:
            return cls(from_url(url))
        return cls(LocalStore(folder, mkdir=True), folder)

    async def write(self, key: str, chunks: AsyncIterator[bytes]) -> None:
        """Write an object as its bytes come; where ``chunks`` raises, it may be left in part."""
        async with obstore.open_writer_async(
            self._store, key, buffer_size=_PART, max_concurrency=_AT_ONCE
        ) as writer:
            async for chunk in chunks:
                await writer.write(chunk)

    async def read(self, key: str, start: int, end: int) -> AsyncIterator[bytes]:
        """Yield the bytes from ``start`` up to ``end``, which is not among them.

        Raises:
            FileNotFoundError: there is no such object.
        """
        found = await obstore.get_async(self._store, key, options={"range": (start, end)})
        async for chunk in found.stream(min_chunk_size=_CHUNK):
            yield bytes(chunk)

    async def delete(self, key: str) -> None:
        """Delete an object; one that is not there is no error."""
        with suppress(FileNotFoundError):
            await obstore.delete_async(self._store, key)
        if self._folder is not None:
            await asyncio.to_thread(_remove_parts, self._folder, key)


def _remove_parts(folder: Path, key: str) -> None:
    """Remove what a killed process had staged: a folder's writer works on ``key#1``."""
    for part in folder.glob(f"{key}#*"):
        part.unlink(missing_ok=True)
