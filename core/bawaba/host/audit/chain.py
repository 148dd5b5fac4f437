"""The law of the chain: what an entry's hash covers, and where a trail first breaks. Pure."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

GENESIS = "0" * 64
"""The hash before the first entry."""
COLUMNS = (
    *("number", "at", "actor", "device", "action", "resource", "detail"),
    *("correlation_id", "previous_hash"),
)
"""The columns that ``hash`` covers: all others."""


@dataclass(frozen=True, slots=True)
class Broken:
    """The first place where the trail is not what was written.

    ``problem`` says, in English for an operator, what was found at entry ``number``.
    """

    number: int
    problem: str

    def __str__(self) -> str:
        """Return a sentence for an operator."""
        return f"entry {self.number} {self.problem}"


def canonical(detail: Mapping[str, Any]) -> str:
    """Return ``detail`` as JSON text with sorted keys.

    Raises:
        TypeError: it is not JSON.
    """
    return orjson.dumps(dict(detail), option=orjson.OPT_SORT_KEYS).decode()


def digest(entry: Mapping[str, Any]) -> str:
    """Return the hash over every column of ``entry`` but ``hash`` itself, as hexadecimal."""
    at: dt.datetime = entry["at"]
    values = [
        entry[name] if name != "at" else at.astimezone(dt.UTC).isoformat() for name in COLUMNS
    ]
    return hashlib.sha256(orjson.dumps(values)).hexdigest()


class Walk:
    """Follows a trail entry by entry, in order of number.

    Args:
        published: number to hash, as written outside the database when each was appended.
    """

    def __init__(self, published: Mapping[int, str]) -> None:
        self.number = 0
        self.hash = GENESIS
        self._published = published

    def follow(self, entries: Iterable[Mapping[str, Any]]) -> Broken | None:
        """Go over the next entries; return the first that does not fit."""
        for entry in entries:
            problem = self._problem(entry)
            if problem is not None:
                return problem
            self.number, self.hash = entry["number"], entry["hash"]
        return None

    def finish(self, head: tuple[int, str] | None) -> Broken | None:
        """Return what is missing after the last entry, by the head row and what was published."""
        newest = max(self._published, default=0)
        promised = max(newest, head[0] if head else 0)
        if promised > self.number:
            return Broken(self.number + 1, f"is missing, as is everything up to {promised}")
        return None

    def _problem(self, entry: Mapping[str, Any]) -> Broken | None:
        number, expected = entry["number"], self.number + 1
        if number != expected:
            return Broken(expected, "is missing" if number > expected else "has a number before 1")
        if entry["hash"] != digest(entry):
            return Broken(number, "was changed: its hash does not cover what stands there")
        if entry["previous_hash"] != self.hash:
            return Broken(number, "does not follow the entry before it")
        if self._published.get(number, entry["hash"]) != entry["hash"]:
            return Broken(number, "was rewritten: its published hash differs")
        return None
