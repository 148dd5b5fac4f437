"""Reading settlement: files, differences, and the reconciliation of a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bawaba import db
from bawaba.paging import Page, keyset_page

from bawaba_accounting import models
from bawaba_accounting.domain.settlement import (
    MAX_DIFFERENCES,
    DifferenceStatus,
    FileStatus,
    LineStatus,
    ReconciliationStatus,
    ResolutionStatus,
)

__all__ = [
    "Reconciliation",
    "difference_page",
    "differences_by_id",
    "file_page",
    "files_by_id",
    "latest_resolution",
    "reconciliation",
    "resolution_page",
    "resolutions_by_id",
]

DIFFERENCE = (
    "id",
    "gateway",
    "settled_on",
    "kind",
    "gateway_reference",
    "payment_id",
    "expected",
    "actual",
    "status",
    "found_at",
    "ended_at",
    "resolved_by",
    "account",
    "reason",
)
FILE = (
    "id",
    "gateway",
    "reference",
    "revision",
    "settled_on",
    "sha256",
    "status",
    "lines",
    "fils",
    "fees",
    "imported_at",
    "provisional",
)
RESOLUTION = (
    "id",
    "difference_id",
    "status",
    "account",
    "reason",
    "fils",
    "requested_by",
    "requested_at",
    "decided_by",
    "decided_at",
    "failure",
)
_GONE = DifferenceStatus.GONE.value


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """One gateway's day: what agrees, in signed fils, and what does not.

    ``is_provisional``: the day was not over when its file was taken in.
    """

    status: ReconciliationStatus
    is_provisional: bool
    matched: int
    fils: int
    count: int
    differences: Sequence[Mapping[str, Any]]


async def reconciliation(gateway: str, settled_on: dt.date) -> Reconciliation | None:
    """Return the reconciliation of a day; None: no file and no difference stands for it."""
    day = {"gateway": gateway, "settled_on": settled_on}
    live = models.SettlementFile.filter(**day, status=FileStatus.LIVE.value)
    early = await live.values_list("provisional", flat=True)
    query = models.Difference.filter(**day).exclude(status=_GONE)
    count = await query.count()
    if not early and not count:
        return None
    rows = await db.fetch(
        "SELECT COUNT(*) AS lines, CAST(COALESCE(SUM(fils), 0) AS BIGINT) AS fils "
        "FROM accounting_statement_line WHERE gateway = $1 AND settled_on = $2 AND status = $3",
        gateway,
        settled_on,
        LineStatus.MATCHED.value,
    )
    status = ReconciliationStatus.MATCHED if not count else ReconciliationStatus.RESOLVED
    if await query.filter(status=DifferenceStatus.OPEN.value).exists():
        status = ReconciliationStatus.DIFFERENCES
    shown = await query.order_by("status", "id").limit(MAX_DIFFERENCES).values(*DIFFERENCE)
    matched, fils = rows[0]["lines"], rows[0]["fils"]
    return Reconciliation(status, any(early), matched, fils, count, shown)


async def difference_page(
    status: DifferenceStatus, gateway: str | None, first: int, after: str | None
) -> Page:
    """Return a page of differences in one state, oldest first: the treasurer's queue."""
    query = models.Difference.filter(status=status.value)
    if gateway is not None:
        query = query.filter(gateway=gateway)
    order = ["settled_on", "id"]
    return await keyset_page(query, order=order, first=first, after=after, columns=DIFFERENCE)


async def differences_by_id(ids: Sequence[str]) -> Sequence[Mapping[str, Any]]:
    """Return the differences with these ids."""
    return await models.Difference.filter(id__in=list(ids)).values(*DIFFERENCE)


async def resolution_page(status: ResolutionStatus, first: int, after: str | None) -> Page:
    """Return a page of resolutions in one state, oldest first."""
    query = models.Resolution.filter(status=status.value)
    return await keyset_page(query, order=["id"], first=first, after=after, columns=RESOLUTION)


async def resolutions_by_id(ids: Sequence[str]) -> Sequence[Mapping[str, Any]]:
    """Return the resolutions with these ids."""
    return await models.Resolution.filter(id__in=list(ids)).values(*RESOLUTION)


async def latest_resolution(difference_id: str) -> Mapping[str, Any] | None:
    """Return what was last asked to be done about a difference; None: nothing yet."""
    of = models.Resolution.filter(difference_id=difference_id).order_by("-id").limit(1)
    return next(iter(await of.values(*RESOLUTION)), None)


async def file_page(gateway: str | None, first: int, after: str | None) -> Page:
    """Return a page of settlement files, newest day first."""
    query = models.SettlementFile.all()
    if gateway is not None:
        query = query.filter(gateway=gateway)
    order = ["-settled_on", "-id"]
    return await keyset_page(query, order=order, first=first, after=after, columns=FILE)


async def files_by_id(ids: Sequence[str]) -> Sequence[Mapping[str, Any]]:
    """Return the files with these ids."""
    return await models.SettlementFile.filter(id__in=list(ids)).values(*FILE)
