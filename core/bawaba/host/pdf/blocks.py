"""What documents are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; level 1 is the largest, 3 the smallest."""

    text: str
    level: int = 2


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text; newlines are kept."""

    text: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and values, a line each."""

    pairs: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under column names, which are repeated on every page.

    Args:
        widths: relative widths of the columns; None: equal ones.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[int] | None = None


@dataclass(frozen=True, slots=True)
class Seal:
    """Hashes and such, in a small frame; a line each."""

    text: str
