"""Heads: the one row that is locked to append to a chain, and its twin in a file outside."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, TypeVar

import orjson
import structlog

from bawaba import runtime
from bawaba.db import Table, after_commit, locked
from bawaba.host.chains.rules import GENESIS

log = structlog.get_logger(__name__)
HeadT = TypeVar("HeadT", bound=Table)
_ONLY = 1


async def locked_head(kind: type[HeadT]) -> HeadT:
    """Return the one row of a table of heads, locked until the transaction ends.

    ``kind`` has the columns ``id``, ``number`` and ``hash``.
    """
    head = await locked(kind.filter(id=_ONLY)).first()
    if head is None:
        await kind.bulk_create([kind(id=_ONLY, number=0, hash=GENESIS)], ignore_conflicts=True)
        head = await locked(kind.filter(id=_ONLY)).get()
    return head


async def advance(kind: type[Table], number: int, digest: str, file: str) -> None:
    """Move the locked head on, and after the commit write it to ``file`` of the data folder."""
    await kind.filter(id=_ONLY).update(number=number, hash=digest)
    path, line = path_of(file), orjson.dumps({"number": number, "hash": digest}) + b"\n"
    after_commit(lambda: _append(path, line))


async def head_of(kind: type[Table]) -> tuple[int, str] | None:
    """Return number and hash of the newest entry by the head row; None before the first."""
    found: list[Any] = await kind.filter(id=_ONLY).values_list("number", "hash")
    return (found[0][0], found[0][1]) if found else None


def path_of(file: str) -> Path:
    """Return where a heads file lies."""
    return Path(runtime.current().data_dir) / file


def read_heads(path: Path) -> dict[int, str]:
    """Return number to hash of every line of a heads file; a torn line is passed over."""
    heads: dict[int, str] = {}
    if not path.exists():
        return heads
    with path.open("rb") as lines:
        for line in lines:
            try:
                entry = orjson.loads(line)
                heads[int(entry["number"])] = str(entry["hash"])
            except (ValueError, KeyError, TypeError):
                log.warning("a line of a heads file cannot be read", file=path.name)
    return heads


def _append(path: Path, line: bytes) -> None:
    """Append in one write: lines of several processes never mix."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(handle, line)
    finally:
        os.close(handle)
