"""Categories of agencies and their targets."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from bawaba import audit, db, runtime
from bawaba.errors import NotFound
from bawaba.viewer import Viewer

from bawaba_tawasul.models import TawasulCategory, TawasulTarget
from bawaba_tawasul.rules import ladders
from bawaba_tawasul.rules.texts import text_within_bounds

Row = Mapping[str, Any]
_TARGETS = ("number", "category_id", "effective_from", "first_reply_hours", "resolution_days")
MAX_CATEGORIES = 100
"""Categories of one agency."""


async def of_agency(agency: str) -> Sequence[Row]:
    """Return an agency's categories by code, each with today's ``targets``; 100 at most."""
    rows = (
        await TawasulCategory.filter(agency=agency, retired=False)
        .order_by("code")
        .limit(MAX_CATEGORIES)
        .values()
    )
    return await _with_targets(rows)


async def by_id(ids: Collection[str]) -> dict[str, Row]:
    """Return categories by id, with today's targets."""
    rows = await TawasulCategory.filter(id__in=list(set(ids))).values()
    return {row["id"]: row for row in await _with_targets(rows)}


async def one(agency: str, code: str, *path: str) -> Row:
    """Return the category that takes cases.

    Raises:
        NotFound: the agency has no such category.
    """
    row = await TawasulCategory.filter(agency=agency, code=code, retired=False).first().values()
    if row is None:
        raise NotFound(*path)
    return (await _with_targets([row]))[0]


async def _with_targets(rows: Sequence[Row]) -> list[Row]:
    today = runtime.today()
    targets = await TawasulTarget.filter(category_id__in=[row["id"] for row in rows]).values(
        *_TARGETS
    )
    return [
        {
            **row,
            "targets": ladders.in_force(
                [target for target in targets if target["category_id"] == row["id"]], today
            ),
        }
        for row in rows
    ]


async def amend_targets(  # noqa: PLR0913, PLR0917  one argument a property of the targets
    viewer: Viewer,
    category_id: str,
    first_reply_hours: int,
    resolution_days: int,
    effective_from: dt.date,
    reason: str,
) -> Row:
    """Set a category's targets from a day on; cases submitted before keep theirs.

    Raises:
        NotFound: no such category.
        Forbidden: the viewer does not regulate its agency.
        BadTargets, PastDate, BadText: see there.
    """
    ladders.check_targets(first_reply_hours, resolution_days)
    ladders.check_date(effective_from, runtime.today())
    why = text_within_bounds(reason, "reason")
    async with db.transaction():
        category = await db.locked(TawasulCategory.filter(id=category_id)).first()
        if category is None:
            raise NotFound("categoryId")
        viewer.require("tawasul.regulate", category.agency)
        await TawasulTarget.create(
            category_id=category_id,
            effective_from=effective_from,
            first_reply_hours=first_reply_hours,
            resolution_days=resolution_days,
            reason=why,
            set_by=viewer.person_id,
            set_at=runtime.now(),
        )
        detail = {
            "firstReplyHours": first_reply_hours,
            "resolutionDays": resolution_days,
            "effectiveFrom": effective_from.isoformat(),
        }
        resource = f"TawasulCategory:{category_id}"
        await audit.record(viewer, "tawasul.targets.amended", resource, detail)
    return (await by_id([category_id]))[category_id]


async def load(agencies: Sequence[Mapping[str, Any]]) -> int:
    """Enter categories and their first targets; what is there stays. Return how many are new."""
    at, new = runtime.now(), 0
    for agency in agencies:
        async with db.transaction():
            known = await TawasulCategory.filter(agency=agency["code"]).values_list(
                "code", flat=True
            )
            for entry in agency["categories"]:
                if entry["code"] in known:
                    continue
                new += 1
                await _enter(agency["code"], entry, at)
    return new


async def _enter(agency: str, entry: Mapping[str, Any], at: dt.datetime) -> None:
    category = await TawasulCategory.create(
        id=runtime.new_id(),
        agency=agency,
        code=entry["code"],
        kind=entry["kind"],
        name_en=entry["en"],
        name_ar=entry["ar"],
    )
    await TawasulTarget.create(
        category_id=category.id,
        effective_from=dt.date(2007, 1, 1),
        first_reply_hours=entry["hours"],
        resolution_days=entry["days"],
        reason="Where the agency starts.",
        set_at=at,
    )
