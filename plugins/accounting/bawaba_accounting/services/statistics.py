"""Reading the statistics: a handful of rollup rows, never the journals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bawaba import db
from bawaba.errors import BadInput
from bawaba.text import Text

from bawaba_accounting import models
from bawaba_accounting.domain import (
    MAX_GROUPS,
    Dimension,
    Figures,
    Grain,
    Group,
    ResultTooLarge,
    Statistics,
    StatisticsQuery,
)
from bawaba_accounting.rules import figures
from bawaba_accounting.services.sql import among, listed

__all__ = ["statistics"]

_COLUMNS = {
    Dimension.SERVICE: "service",
    Dimension.AGENCY: "agency",
    Dimension.CHANNEL: "channel",
    Dimension.GATEWAY: "gateway",
}
_PERIOD_TEXT = {Grain.YEAR: 4, Grain.MONTH: 7, Grain.DAY: 10}
"""How much of an ISO day names its period; the text is the same on both databases."""
_MAX_FILTER = 100


async def statistics(asked: StatisticsQuery) -> Statistics:
    """Return the figures that are asked for, exact to the fils.

    Raises:
        BadInput: the range ends before it starts, or a filter is longer than 100.
        ResultTooLarge: more than ``MAX_GROUPS`` groups.
    """
    _check(asked)
    head = await models.ChainHead.filter(id=1).values("booked_at")
    rows = await _grouped(asked)
    if len(rows) > MAX_GROUPS:
        raise ResultTooLarge
    groups = [_group(row, asked.dimensions) for row in rows]
    total = sum((group.figures for group in groups), Figures())
    return Statistics(
        as_of=head[0]["booked_at"] if head else None,
        total=total,
        groups=figures.ranked(groups) if asked.dimensions else [],
    )


def _check(asked: StatisticsQuery) -> None:
    if asked.since and asked.until and asked.since > asked.until:
        raise BadInput(
            Text("`from` is after `to`.", "قيمة `from` تأتي بعد `to`."), argument="filter"
        )
    if max(len(asked.services), len(asked.agencies), len(asked.channels)) > _MAX_FILTER:
        raise BadInput(
            Text("A filter may name 100 at most.", "لا يجوز أن تتجاوز التصفية 100 قيمة."),
            argument="filter",
        )


async def _grouped(asked: StatisticsQuery) -> list[dict[str, Any]]:
    """Let the database add the rows of the fewest periods up, one more group than is allowed."""
    grain = figures.finest(asked.dimensions)
    params: list[Any] = []
    places = []
    for span in figures.spans(asked.since, asked.until, grain):
        params += [span.grain.value, span.first, span.last]
        at = len(params)
        places.append(f"(grain = ${at - 2} AND starts_on BETWEEN ${at - 1} AND ${at})")
    where = [f"({' OR '.join(places)})"]
    wanted = {"service": asked.services, "agency": asked.agencies, "channel": asked.channels}
    for column, values in wanted.items():
        if values:
            params.append(listed(values))
            where.append(among(column, f"${len(params)}"))
    keys = [_COLUMNS[d] for d in _COLUMNS if d in asked.dimensions]
    if grain is not Grain.TOTAL:
        keys.append(f"substr(CAST(starts_on AS TEXT), 1, {_PERIOD_TEXT[grain]})")
    names = [f"{key} AS k{place}" for place, key in enumerate(keys)]
    sums = [f'CAST(SUM("{name}") AS BIGINT) AS "{name}"' for name in ("count", "fils", "refunded")]
    grouped = f"GROUP BY {', '.join(keys)} LIMIT {MAX_GROUPS + 1}" if keys else ""
    rows = await db.fetch(
        f"SELECT {', '.join([*names, *sums])} FROM accounting_rollup "  # noqa: S608  own words only
        f"WHERE {' AND '.join(where)} {grouped}",
        *params,
    )
    return [row for row in rows if row["count"] is not None]


def _group(row: dict[str, Any], dimensions: Sequence[Dimension]) -> Group:
    columns = [_COLUMNS[d] for d in _COLUMNS if d in dimensions]
    keys: dict[str, Any] = {name: row[f"k{place}"] for place, name in enumerate(columns)}
    grain = figures.finest(dimensions)
    if grain is not Grain.TOTAL:
        start = figures.named(row[f"k{len(columns)}"])
        keys["starts_on"], keys["ends_on"] = figures.period(grain, start)
    return Group(Figures(row["count"], row["fils"], row["refunded"]), **keys)
