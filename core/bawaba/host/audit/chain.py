"""What an audit entry's hash covers. Pure; the law of the chain stands in ``chains``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from bawaba.host.chains.rules import digest_of

COLUMNS = (
    *("number", "at", "actor", "device", "action", "resource", "detail"),
    *("correlation_id", "previous_hash"),
)
"""The columns that ``hash`` covers: all others."""


def canonical(detail: Mapping[str, Any]) -> str:
    """Return ``detail`` as JSON text with sorted keys.

    Raises:
        TypeError: it is not JSON.
    """
    return orjson.dumps(dict(detail), option=orjson.OPT_SORT_KEYS).decode()


def digest(entry: Mapping[str, Any]) -> str:
    """Return the hash over every column of ``entry`` but ``hash`` itself, as hexadecimal."""
    return digest_of(entry, COLUMNS)
