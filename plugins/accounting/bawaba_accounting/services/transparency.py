"""The portal's figures for everybody: read at one moment, kept for a moment."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bawaba import catalogue, db

from bawaba_accounting import models
from bawaba_accounting.domain import GENESIS, Figures, Head
from bawaba_accounting.rules.overview import MONTHS, Check, Overview, Sum, folded
from bawaba_accounting.services import verify

__all__ = ["FRESH", "OVERVIEW", "Seen", "Watcher", "overview", "read"]

FRESH = 0.5
"""Seconds for which what was read is served without asking the database at all."""
_SUMS = ", ".join(
    f'CAST(SUM("{name}") AS BIGINT) AS "{name}"' for name in ("count", "fils", "refunded")
)
_LAST_MONTHS = (
    "grain = 'MONTH' AND starts_on IN (SELECT DISTINCT starts_on FROM accounting_rollup "
    "WHERE grain = 'MONTH' ORDER BY starts_on DESC LIMIT $1)"
)
_BY = {
    "service": ("service", "grain = 'TOTAL'"),
    "channel": ("channel", "grain = 'TOTAL'"),
    "gateway": ("gateway", "grain = 'TOTAL'"),
    "year": ("substr(CAST(starts_on AS TEXT), 1, 4)", "grain = 'YEAR'"),
    "month": ("substr(CAST(starts_on AS TEXT), 1, 7)", _LAST_MONTHS),
}
_BOOKS = (
    "SELECT 'books', '', 0, CAST(COALESCE(SUM(debits), 0) AS BIGINT), "
    "CAST(COALESCE(SUM(credits), 0) AS BIGINT) FROM accounting_balance"
)
OVERVIEW = " UNION ALL ".join(
    [
        *(
            f"SELECT '{part}' AS part, {key} AS key, {_SUMS} FROM accounting_rollup "  # noqa: S608
            f"WHERE {where} GROUP BY {key}"
            for part, (key, where) in _BY.items()
        ),
        "SELECT 'head', hash, number, 0, 0 FROM accounting_chain WHERE id = 1",
        "SELECT 'booked', CAST(booked_at AS TEXT), 0, 0, 0 FROM accounting_chain WHERE id = 1",
        _BOOKS,
    ]
)
"""One statement, so that every figure, the head and both sides of the books are of one moment."""
Clock = Callable[[], float]


@dataclass(slots=True)
class Seen:
    """What was read, with the names of the catalogue then, and what pages made of it."""

    overview: Overview
    check: Check | None
    services: Mapping[str, catalogue.Service]
    agencies: Mapping[str, catalogue.Agency]
    key: Any = None
    rendered: dict[Any, Any] = field(default_factory=dict)


class Watcher:
    """Keeps the figures of this process: however many read, one asks the database.

    What is older than ``FRESH`` is compared with the chain's head, and read again only where that
    has moved, or a check has finished, or a name has changed. While the database is out of reach,
    what was read last goes on being served; it says as of when it is.
    """

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._turn = asyncio.Lock()
        self._seen: Seen | None = None
        self._asked = 0.0

    async def now(self) -> Seen:
        """Return the figures, ``FRESH`` seconds old at most.

        Raises:
            StorageUnavailable: the database is out of reach, and nothing was read before.
        """
        if self._seen is not None and self._clock() - self._asked < FRESH:
            return self._seen
        async with self._turn:
            if self._seen is None or self._clock() - self._asked >= FRESH:
                self._seen = await self._again(self._seen)
                self._asked = self._clock()
            return self._seen

    async def _again(self, seen: Seen | None) -> Seen:
        try:
            return await read(seen)
        except db.StorageUnavailable:
            if seen is None:
                raise
            return seen


async def read(seen: Seen | None) -> Seen:
    """Read everything again, or return ``seen`` where nothing has changed since."""
    services, agencies = await catalogue.services(), await catalogue.agencies()
    head = await models.ChainHead.filter(id=1).values_list("number", "hash")
    run = await verify.last_run()
    key = (list(head), run, dict(services), dict(agencies))
    if seen is not None and seen.key == key:
        return seen
    check = None
    if run is not None:
        check = Check(run["checked"], run["head_hash"], run["is_intact"], run["checked_at"])
    return Seen(await overview(), check, services, agencies, key)


async def overview() -> Overview:
    """Return the portal's figures now: one statement, which reads sums and no journal."""
    rows = await db.fetch(OVERVIEW, MONTHS)
    sums = [
        Sum(row["part"], row["key"] or "", Figures(row["count"], row["fils"], row["refunded"]))
        for row in rows
    ]
    of = {each.part: each for each in sums}
    books = of["books"].figures
    return folded(_head(of), sums, is_balanced=books.fils == books.refunded)


def _head(of: Mapping[str, Sum]) -> Head:
    if "head" not in of:
        return Head(0, GENESIS, None)
    booked = of["booked"].key
    at = dt.datetime.fromisoformat(booked) if booked else None
    return Head(of["head"].figures.count, of["head"].key, at)
