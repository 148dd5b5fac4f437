"""The chain: which columns a hash covers, and how."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from typing import Any

import orjson

__all__ = [
    "ACTIVITY_COLUMNS",
    "JOURNAL_COLUMNS",
    "POSTING_COLUMNS",
    "digest",
    "first_position",
    "last_position",
    "position",
]

JOURNAL_COLUMNS = (
    "number",
    "id",
    "reference",
    "kind",
    "description_en",
    "description_ar",
    "effective_on",
    "booked_at",
    "payment_id",
    "reverses_id",
    "correlation_id",
    "lines",
    "debits",
    "credits",
    "previous_hash",
)
"""Every column of a journal but the hash itself, in the order in which they are hashed."""
POSTING_COLUMNS = (
    "position",
    "number",
    "account",
    "side",
    "fils",
    "currency",
    "debits_after",
    "credits_after",
)
"""Every column of a posting, in the order in which they are hashed."""
ACTIVITY_COLUMNS = (
    "position",
    "number",
    "service",
    "agency",
    "channel",
    "gateway",
    "counted_on",
    "count",
    "fils",
    "refunded",
)
"""Every column of an activity, in the order in which they are hashed."""
_LINE_BITS = 20


def position(number: int, line: int) -> int:
    """Return where line ``line`` (from 0) of journal ``number`` stands in the whole ledger."""
    return number << _LINE_BITS | line


def first_position(number: int) -> int:
    """Return the first position of journal ``number``."""
    return number << _LINE_BITS


def last_position(number: int) -> int:
    """Return the last position that journal ``number`` could have."""
    return (number + 1 << _LINE_BITS) - 1


def digest(
    journal: Sequence[Any], postings: Sequence[Sequence[Any]], activities: Sequence[Sequence[Any]]
) -> str:
    """Return the SHA-256, in hexadecimal, of a journal with all that hangs on it.

    The bytes are JSON without spaces, in UTF-8: an array of the journal's columns (the previous
    hash among them), an array of its postings and an array of its activities, each an array of
    columns in the order above; instants in UTC and days as ISO 8601.
    """
    whole = orjson.dumps((journal, postings, activities), default=_refuse)
    return hashlib.sha256(whole).hexdigest()


def _refuse(value: Any) -> Any:
    kinds = (str, int, dt.date)
    raise TypeError(f"only {kinds} can be hashed, not {type(value)}")
