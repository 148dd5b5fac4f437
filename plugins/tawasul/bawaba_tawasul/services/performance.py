"""Performance: facts folded into tallies, read as figures, frozen month by month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from bawaba import catalogue, db, runtime
from bawaba.errors import BadInput, NotFound
from bawaba.paging import Page, keyset_page
from bawaba.text import Text
from bawaba.viewer import Viewer

from bawaba_tawasul.domain import NATIONAL, Fact, FactKind, TawasulPerformanceDimension
from bawaba_tawasul.models import TawasulCategory, TawasulFact, TawasulSnapshot, TawasulTally
from bawaba_tawasul.rules import figures
from bawaba_tawasul.rules.figures import COUNTS, MONTH, Figures

D = TawasulPerformanceDimension
Row = Mapping[str, Any]
FOLD, FREEZE = "tawasul.fold", "tawasul.freeze"
BATCH = 2_000
MAX_YEARS = 20
MAX_ROWS = 500
FREEZE_ON = 8
"""The day of the following month on which a month is frozen."""


@dataclass(slots=True)
class Group:
    """One row of performance. ``agency`` and ``category`` are codes, where grouped by them."""

    agency: str | None = None
    category: tuple[str, str] | None = None
    starts_on: dt.date | None = None
    figures: Figures = field(default_factory=Figures)
    open_now: int = 0
    overdue_now: int = 0
    frozen_at: dt.datetime | None = None


async def fold(_payload: Mapping[str, Any]) -> None:
    """Add new facts to the tallies (periodic); a fact is added once, whatever dies."""
    while await _fold() == BATCH:
        pass


async def _fold() -> int:
    async with db.transaction():
        query = TawasulFact.filter(folded=False).order_by("number").limit(BATCH)
        rows = await db.skip_locked(query)
        added = figures.cells(map(_fact, rows))
        ids = sorted(_id(key) for key in added)
        known = await db.locked(TawasulTally.filter(id__in=ids).order_by("id"))
        held = {tally.id: tally for tally in known}
        # Should another process make the same row first, this transaction fails and is run again.
        new = [_new(key, more) for key, more in added.items() if _id(key) not in held]
        await TawasulTally.bulk_create(sorted(new, key=lambda tally: tally.id))
        for key, more in added.items():
            if _id(key) in held:
                await _add(held[_id(key)], more)
        await TawasulFact.filter(number__in=[row.number for row in rows]).update(folded=True)
    return len(rows)


def _id(key: tuple[str, dt.date, str, str]) -> str:
    grain, start, agency, category = key
    return f"{grain}:{start}:{agency}:{category}"


def _new(key: tuple[str, dt.date, str, str], counted: Figures) -> TawasulTally:
    grain, start, agency, category = key
    return TawasulTally(
        id=_id(key),
        grain=grain,
        starts_on=start,
        agency=agency,
        category=category,
        hours=_histogram(counted),
        **{name: getattr(counted, name) for name in COUNTS},
    )


async def _add(tally: TawasulTally, more: Figures) -> None:
    total = _figures({name: getattr(tally, name) for name in (*COUNTS, "hours")})
    total.add(more)
    for name in COUNTS:
        setattr(tally, name, getattr(total, name))
    tally.hours = _histogram(total)
    await tally.save()


def _histogram(counted: Figures) -> dict[str, int]:
    return {str(hour): count for hour, count in sorted(counted.hours.items()) if count}


def _figures(row: Row) -> Figures:
    hours = row["hours"] if isinstance(row["hours"], dict) else orjson.loads(row["hours"])
    counts = {int(hour): count for hour, count in hours.items()}
    return Figures(**{name: row[name] for name in COUNTS}, hours=counts)


def _fact(row: Any) -> Fact:
    get = row.__getitem__ if isinstance(row, Mapping) else row.__getattribute__
    day = get("day")
    return Fact(
        kind=FactKind(get("kind")),
        day=day if isinstance(day, dt.date) else dt.date.fromisoformat(day),
        agency=get("agency"),
        category=get("category"),
        on_time=bool(get("on_time")),
        minutes=get("minutes"),
        score=get("score"),
    )


async def performance(
    viewer: Viewer, agency: str | None, since: dt.date, until: dt.date, by: D
) -> list[Group]:
    """Return the figures of a range of days, both included, in groups.

    Received, resolved and reopened are counted on the day they happened; a reopening takes its
    resolution back on the day of the reopening, so that a past period never changes and closing
    and reopening flatters nobody.

    Raises:
        Forbidden: the viewer does not measure the agency, or (None) everybody.
        NotFound: no such agency.
        BadInput: the range is upside down, or over 20 years.
    """
    viewer.require("tawasul.measure", agency or NATIONAL)
    if agency is not None and agency not in await catalogue.agencies():
        raise NotFound("agency")
    if since > until or until.year - since.year > MAX_YEARS:
        raise BadInput(
            Text(
                "`from` must not be after `to`, and the range 20 years at most.",
                "يجب ألا تكون `from` بعد `to` وألا تتجاوز المدة 20 سنة.",
            ),
            argument="from",
        )
    groups: dict[Any, Group] = {}
    for row in await _rows(agency, since, until, by):
        figures_of = _group(groups, row, by).figures
        if row["hour"] is not None:
            figures_of.hours[int(row["hour"])] = int(row["cases"])
        else:
            for name in COUNTS:
                setattr(figures_of, name, int(row[name]))
    if by is not D.MONTH:
        await _count_open(groups, agency, by)
    else:
        await _mark_frozen(groups, agency)
    return [groups[key] for key in sorted(groups)][:MAX_ROWS]


_KEYS = {
    D.AGENCY: "agency",
    D.CATEGORY: "agency, category",
    D.MONTH: "substr(CAST(day AS TEXT), 1, 7)",
}
_FRESH = {
    "received": "kind = 'RECEIVED'",
    "resolved": "kind = 'RESOLVED'",
    "resolved_on_time": "kind = 'RESOLVED' AND on_time",
    "first_resolved": "kind = 'FIRST_RESOLVED'",
    "first_on_time": "kind = 'FIRST_RESOLVED' AND on_time",
    "reopened": "kind = 'UNRESOLVED'",
    "rated": "kind = 'RATED'",
}
_TAKEN_BACK = {
    "resolved": "kind = 'UNRESOLVED'",
    "resolved_on_time": "kind = 'UNRESOLVED' AND on_time",
}
"""What facts that are in no tally yet count for, as :meth:`Figures.take` has it."""


async def _rows(agency: str | None, since: dt.date, until: dt.date, by: D) -> Sequence[Row]:
    """Return sums and histograms of tallies and fresh facts: one statement, one state.

    A row is either a group's counts (``hour`` is null), or its ``cases`` of one hour.
    """
    params: list[Any] = [since, until]
    places = []
    for span in figures.spans(since, until):
        params += [span.grain, span.first, span.last]
        at = len(params)
        places.append(f"(grain = ${at - 2} AND starts_on BETWEEN ${at - 1} AND ${at})")
    only = ""
    if agency is not None:
        params.append(agency)
        only = f"AND agency = ${len(params)}"
    return await db.fetch(_statement(by, " OR ".join(places), only), *params)


def _statement(by: D, places: str, only: str) -> str:
    each = "json_each(hours)" if db.dialect() == "sqlite" else "jsonb_each_text(hours)"
    parts = _KEYS[by].split(", ") if by is not D.MONTH else [_KEYS[by]]
    keys = ", ".join(f"{part} AS k{place}" for place, part in enumerate(parts))
    names = ", ".join(f"k{place}" for place in range(len(parts)))
    counts, sums = ", ".join(COUNTS), ", ".join(f"SUM({name}) AS {name}" for name in COUNTS)
    fresh = ", ".join(_fresh(name) for name in COUNTS)
    nothing = ", ".join(f"0 AS {name}" for name in COUNTS)
    return f"""
        WITH folded AS (
          SELECT agency, category, starts_on AS day, {counts}, hours FROM tawasul_tally
          WHERE ({places}) {only}
        ), fresh AS (
          SELECT agency, category, day, kind, on_time, minutes, score FROM tawasul_fact
          WHERE folded = FALSE AND day BETWEEN $1 AND $2 {only}
        )
        SELECT {names}, {sums}, NULL AS hour, 0 AS cases FROM (
          SELECT {keys}, {counts} FROM folded UNION ALL SELECT {keys}, {fresh} FROM fresh
        ) AS counted GROUP BY {names}
        UNION ALL
        SELECT {names}, {nothing}, hour, SUM(cases) AS cases FROM (
          SELECT {keys}, CAST(key AS INT) AS hour, CAST(value AS INT) AS cases
          FROM folded, {each}
          UNION ALL
          SELECT {keys}, (minutes + 59) / 60, CASE WHEN kind = 'RESOLVED' THEN 1 ELSE -1 END
          FROM fresh WHERE kind IN ('RESOLVED', 'UNRESOLVED')
        ) AS spent GROUP BY {names}, hour
    """  # noqa: S608  own words only


def _fresh(name: str) -> str:
    """Return what a fresh fact adds to a count, in SQL."""
    if name == "score":
        return "CASE WHEN kind = 'RATED' THEN score ELSE 0 END"
    taken = f" WHEN {_TAKEN_BACK[name]} THEN -1" if name in _TAKEN_BACK else ""
    return f"CASE WHEN {_FRESH[name]} THEN 1{taken} ELSE 0 END"


def _group(groups: dict[Any, Group], row: Row, by: D) -> Group:
    if by is D.MONTH:
        start = dt.date.fromisoformat(f"{row['k0']}-01")
        return groups.setdefault((row["k0"],), Group(starts_on=start))
    if by is D.AGENCY:
        return groups.setdefault((row["k0"],), Group(agency=row["k0"]))
    key = (row["k0"], row["k1"])
    return groups.setdefault(key, Group(agency=row["k0"], category=key))


async def _count_open(groups: dict[Any, Group], agency: str | None, by: D) -> None:
    """Count what is open and overdue at this moment; groups with nothing else come in too."""
    columns = "agency" if by is D.AGENCY else "agency, category"
    keys = "agency AS k0" if by is D.AGENCY else "agency AS k0, category AS k1"
    params: list[Any] = [runtime.now()]
    only = ""
    if agency is not None:
        params.append(agency)
        only = "AND agency = $2"
    rows = await db.fetch(
        f"SELECT {keys}, COUNT(*) AS cases, "  # noqa: S608  own words only
        "SUM(CASE WHEN due_at < $1 THEN 1 ELSE 0 END) AS late "
        f"FROM tawasul_case WHERE stopped_at IS NULL {only} GROUP BY {columns}",
        *params,
    )
    for row in rows:
        group = _group(groups, row, by)
        group.open_now, group.overdue_now = row["cases"], row["late"]


async def _mark_frozen(groups: dict[Any, Group], agency: str | None) -> None:
    months = [group.starts_on for group in groups.values()]
    query = TawasulSnapshot.filter(month__in=months)
    if agency is not None:
        query = query.filter(agency=agency)
    frozen = dict(await query.order_by("frozen_at").values_list("month", "frozen_at"))
    for group in groups.values():
        group.frozen_at = frozen.get(group.starts_on)


async def freeze(_payload: Mapping[str, Any]) -> None:
    """Freeze the month before last week's, once (periodic): its figures as they stand now."""
    last = figures.month_start(runtime.today() - dt.timedelta(days=FREEZE_ON - 1))
    month = figures.month_start(last - dt.timedelta(days=1))
    if await TawasulSnapshot.filter(month=month).exists():
        return
    await fold({})
    async with db.transaction():
        tallies = await TawasulTally.filter(grain=MONTH, starts_on=month).order_by("id").values()
        await TawasulSnapshot.bulk_create(
            [
                TawasulSnapshot(
                    id=runtime.new_id(),
                    month=month,
                    agency=tally["agency"],
                    category=tally["category"],
                    figures={name: tally[name] for name in (*COUNTS, "hours")},
                    frozen_at=runtime.now(),
                )
                for tally in tallies
            ],
            ignore_conflicts=True,
        )


async def snapshots(viewer: Viewer, agency: str | None, first: int, after: str | None) -> Page:
    """Return a page of frozen figures by month, agency and category, newest month first.

    Raises:
        Forbidden: the viewer does not measure the agency, or (None) everybody.
    """
    viewer.require("tawasul.measure", agency or NATIONAL)
    query = TawasulSnapshot.all() if agency is None else TawasulSnapshot.filter(agency=agency)
    columns = ("id", "month", "agency", "category", "figures", "frozen_at")
    return await keyset_page(
        query, order=("-month", "-id"), first=first, after=after, columns=columns
    )


def frozen_figures(row: Row) -> Figures:
    """Return the figures of a snapshot's row."""
    return _figures(row["figures"])


async def category_rows(keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Row]:
    """Return categories by agency and code."""
    rows = await TawasulCategory.filter(agency__in=list({agency for agency, _ in keys})).values()
    return {(row["agency"], row["code"]): row for row in rows}
