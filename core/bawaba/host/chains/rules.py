"""The law of a chain: what an entry's hash covers, and where a chain first breaks. Pure."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

GENESIS = "0" * 64
"""The hash before the first entry."""


@dataclass(frozen=True, slots=True)
class Broken:
    """The first place where a chain is not what was written.

    ``problem`` says, in English for an operator, what was found at entry ``number``.
    """

    number: int
    problem: str

    def __str__(self) -> str:
        """Return a sentence for an operator."""
        return f"entry {self.number} {self.problem}"


def digest_of(entry: Mapping[str, Any], columns: Sequence[str]) -> str:
    """Return the hash over ``columns`` of ``entry``, as hexadecimal; instants count in UTC."""
    values = [
        value.astimezone(dt.UTC).isoformat() if isinstance(value, dt.datetime) else value
        for value in (entry[name] for name in columns)
    ]
    return hashlib.sha256(orjson.dumps(values)).hexdigest()


class Walk:
    """Follows a chain entry by entry, in order of number.

    Args:
        published: number to hash, as written outside the database when each was appended.
        digest: returns the hash that an entry should have.
    """

    def __init__(
        self, published: Mapping[int, str], digest: Callable[[Mapping[str, Any]], str]
    ) -> None:
        self.number = 0
        self.hash = GENESIS
        self._published = published
        self._digest = digest

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
        if entry["hash"] != self._digest(entry):
            return Broken(number, "was changed: its hash does not cover what stands there")
        if entry["previous_hash"] != self.hash:
            return Broken(number, "does not follow the entry before it")
        if self._published.get(number, entry["hash"]) != entry["hash"]:
            return Broken(number, "was rewritten: its published hash differs")
        return None
