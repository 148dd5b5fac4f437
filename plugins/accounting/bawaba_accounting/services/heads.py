"""The heads file: the chain's ends, written outside the database, where its owner cannot reach.

One JSON line a batch: number, hash, at. A crash can lose the newest line or tear it, never more.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import orjson
from bawaba import runtime

from bawaba_accounting.domain import Head

__all__ = ["append", "newest", "path", "read"]

_TAIL = 4096


def path() -> Path:
    """Return where the heads are written."""
    return Path(runtime.current().data_dir) / "ledger-heads.jsonl"


def append(target: Path, head: Head, at: dt.datetime) -> None:
    """Append one line. A single write in append mode: lines of several processes do not mix."""
    target.parent.mkdir(parents=True, exist_ok=True)
    line = orjson.dumps({"number": head.number, "hash": head.hash, "at": at}) + b"\n"
    descriptor = os.open(target, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, line)
    finally:
        os.close(descriptor)


def newest(target: Path) -> Head | None:
    """Return the last whole line, from the file's end alone."""
    if not target.exists():
        return None
    with target.open("rb") as file:
        file.seek(max(0, target.stat().st_size - _TAIL))
        heads = [head for line in file if (head := _parsed(line)) is not None]
    return heads[-1] if heads else None


def read(target: Path, size: int) -> Iterator[list[Head]]:
    """Yield every whole line, ``size`` at a time; torn lines are left out."""
    if not target.exists():
        return
    with target.open("rb") as file:
        heads = (head for line in file if (head := _parsed(line)) is not None)
        while chunk := list(islice(heads, size)):
            yield chunk


def _parsed(line: bytes) -> Head | None:
    try:
        row = orjson.loads(line)
        return Head(int(row["number"]), str(row["hash"]), dt.datetime.fromisoformat(row["at"]))
    except (ValueError, KeyError, TypeError):
        return None
