"""Closing months, and reopening them by two people."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from bawaba import audit, db, runtime
from bawaba.errors import NotFound
from bawaba.paging import Page, keyset_page
from bawaba.viewer import Viewer

from bawaba_accounting import models
from bawaba_accounting.domain import Grain
from bawaba_accounting.domain.closing import PERIOD, Month, PeriodStatus, PeriodTrigger
from bawaba_accounting.domain.settlement import DifferenceStatus
from bawaba_accounting.refusals import (
    DifferencesOpen,
    IntegrityUnproven,
    PeriodNotBalanced,
    PeriodNotLatest,
    ReopenDiffers,
)
from bawaba_accounting.rules import periods as rules
from bawaba_accounting.services import verify
from bawaba_accounting.services.closed import closed_through
from bawaba_accounting.services.sql import Insertion, insert
from bawaba_accounting.services.write import locked_head

__all__ = ["by_ids", "close", "closing", "page", "reopen", "shown", "totals"]

COLUMNS = (
    "id",
    "starts_on",
    "ends_on",
    "status",
    "closed_by",
    "closed_at",
    "requested_by",
    "requested_at",
    "reason",
)
_OPEN = PeriodStatus.OPEN.value
Row = Mapping[str, Any]


async def close(viewer: Viewer, ends_on: dt.date) -> Row:
    """Close the month that ends on ``ends_on`` and freeze its totals; return its row.

    A month that is closed already stays as it is, so that a request may be sent again.

    Raises:
        Refusal: see ``rules.periods.check_next`` and ``refusals.py``.
    """
    viewer.require("accounting.close")
    await db.retrying(lambda: _close(viewer, ends_on))
    return await _row(rules.month_of(ends_on))


async def _close(viewer: Viewer, ends_on: dt.date) -> None:
    async with db.transaction():
        head = await locked_head()  # from here on nobody books
        if await models.Period.filter(ends_on=ends_on).exclude(status=_OPEN).exists():
            return
        month = rules.check_next(ends_on, await closed_through(), runtime.today())
        await _check_books(month)
        await _check_differences(month)
        row = await models.Period.get_or_none(id=month.id)
        before = PeriodStatus(row.status) if row else PERIOD.initial
        values: dict[str, Any] = {
            "status": PERIOD.next(before, PeriodTrigger.CLOSE).value,
            "closings": row.closings + 1 if row else 1,
            "closed_by": viewer.person(),
            "closed_at": runtime.now(),
        }
        if row:
            await models.Period.filter(id=month.id).update(**values)
        else:
            values |= {"starts_on": month.starts_on, "ends_on": month.ends_on}
            await models.Period.create(id=month.id, **values)
        await _freeze(month, values, head.number, head.hash)
        await audit.record(viewer, "accounting.period.closed", f"AccountingBooksPeriod:{month.id}")


async def _check_books(month: Month) -> None:
    zone = ZoneInfo(runtime.current().timezone)
    over = dt.datetime.combine(month.ends_on + dt.timedelta(days=1), dt.time.min, zone)
    run = await verify.last_run()
    if run is None or not run["is_intact"] or run["checked_at"] < over:
        raise IntegrityUnproven("endsOn")
    rows = await db.fetch("SELECT SUM(debits) AS d, SUM(credits) AS c FROM accounting_balance")
    if rows[0]["d"] != rows[0]["c"]:
        raise PeriodNotBalanced("endsOn")


async def _check_differences(month: Month) -> None:
    open_ = models.Difference.filter(
        status=DifferenceStatus.OPEN.value, settled_on__lte=month.ends_on
    )
    if count := await open_.count():
        raise DifferencesOpen("endsOn", count=count)


async def _freeze(month: Month, values: Mapping[str, Any], number: int, head_hash: str) -> None:
    """Store what stands: each account through the month, and the month's headline sums."""
    closing_id = f"{month.id}:{values['closings']}"
    sums = await _sums(month)
    figures = await db.fetch(
        'SELECT CAST(COALESCE(SUM("count"), 0) AS BIGINT) AS count, '
        "CAST(COALESCE(SUM(fils), 0) AS BIGINT) AS fils, "
        "CAST(COALESCE(SUM(refunded), 0) AS BIGINT) AS refunded FROM accounting_rollup "
        "WHERE grain = $1 AND starts_on = $2",
        Grain.MONTH.value,
        month.starts_on,
    )
    await models.Closing.create(
        id=closing_id,
        period_id=month.id,
        number=values["closings"],
        closed_by=values["closed_by"],
        closed_at=values["closed_at"],
        head_number=number,
        head_hash=head_hash,
        debits=sum(debits for debits, _ in sums.values()),
        credits=sum(credits_ for _, credits_ in sums.values()),
        **figures[0],
    )
    columns = {"id": "text", "closing_id": "text", "account": "text"}
    columns |= {"debits": "bigint", "credits": "bigint"}
    rows = [
        (f"{closing_id}:{code}", closing_id, code, *both) for code, both in sorted(sums.items())
    ]
    await insert(Insertion("accounting_closing_total", columns, rows))


async def _sums(month: Month) -> dict[str, tuple[int, int]]:
    """Return both sides of each account by effective day: the closing before, and this month."""
    before = rules.month_of(month.starts_on - dt.timedelta(days=1))
    last = await models.Closing.filter(period_id=before.id).order_by("-number").first()
    since = month.starts_on if last else dt.date.min
    rows = await db.fetch(
        "SELECT p.account, "
        "CAST(SUM(CASE p.side WHEN 'DEBIT' THEN p.fils ELSE 0 END) AS BIGINT) AS debits, "
        "CAST(SUM(CASE p.side WHEN 'CREDIT' THEN p.fils ELSE 0 END) AS BIGINT) AS credits "
        "FROM accounting_journal j JOIN accounting_posting p "
        "ON p.position BETWEEN j.number * 1048576 AND j.number * 1048576 + 1048575 "
        "WHERE j.effective_on BETWEEN $1 AND $2 GROUP BY p.account",
        since,
        month.ends_on,
    )
    sums = {row["account"]: (row["debits"], row["credits"]) for row in rows}
    if last:
        for total in await models.ClosingTotal.filter(closing_id=last.id):
            debits, credits_ = sums.get(total.account, (0, 0))
            sums[total.account] = (debits + total.debits, credits_ + total.credits)
    return sums


async def reopen(viewer: Viewer, ends_on: dt.date, reason: str) -> Row:
    """Ask for the latest closed month to be reopened, or confirm what another person asked.

    Raises:
        Refusal: see ``refusals.py``.
        NotFound: no closed month ends then.
    """
    viewer.require("accounting.close")
    words = rules.reason_of(reason)
    await db.retrying(lambda: _reopen(viewer, ends_on, words))
    return await _row(rules.month_of(ends_on))


async def _reopen(viewer: Viewer, ends_on: dt.date, reason: str) -> None:
    async with db.transaction():
        await locked_head()
        row = await db.locked(models.Period.filter(ends_on=ends_on)).get_or_none()
        if row is None or row.status == _OPEN:
            raise NotFound("endsOn")
        if await closed_through() != ends_on:
            raise PeriodNotLatest("endsOn")
        status = rules.status_at(PeriodStatus(row.status), row.requested_at, runtime.now())
        if status is PeriodStatus.CLOSED:
            await _ask(viewer, row, reason)
        elif row.reason != reason:
            raise ReopenDiffers("reason", reason=row.reason)
        elif row.requested_by != viewer.person():
            await _confirm(viewer, row)


async def _ask(viewer: Viewer, row: models.Period, reason: str) -> None:
    row.status = PERIOD.next(PeriodStatus.CLOSED, PeriodTrigger.ASK_TO_REOPEN).value
    row.requested_by, row.requested_at, row.reason = viewer.person(), runtime.now(), reason
    await row.save(update_fields=["status", "requested_by", "requested_at", "reason"])
    resource = f"AccountingBooksPeriod:{row.id}"
    await audit.record(viewer, "accounting.period.reopen_asked", resource, {"reason": reason})


async def _confirm(viewer: Viewer, row: models.Period) -> None:
    asked_by = row.requested_by
    row.status = PERIOD.next(PeriodStatus.REOPEN_REQUESTED, PeriodTrigger.CONFIRM).value
    await row.save(update_fields=["status"])
    resource = f"AccountingBooksPeriod:{row.id}"
    await audit.record(viewer, "accounting.period.reopened", resource, {"askedBy": asked_by})


async def _row(month: Month) -> Row:
    rows = await models.Period.filter(id=month.id).values(*COLUMNS)
    return shown(rows[0])


def shown(row: Row) -> Row:
    """Return a row as it is now: a wish that lapsed is not shown as one."""
    status = rules.status_at(PeriodStatus(row["status"]), row["requested_at"], runtime.now())
    if status is PeriodStatus.REOPEN_REQUESTED:
        return {**row, "status": status.value}
    return {**row, "status": status.value, "requested_by": None, "reason": None}


async def page(first: int, after: str | None) -> Page:
    """Return a page of months that were closed at least once, latest first."""
    return await keyset_page(
        models.Period.all(), order=["-ends_on"], first=first, after=after, columns=COLUMNS
    )


async def by_ids(ids: Sequence[str]) -> Sequence[Row]:
    """Return the months with these ids."""
    return [shown(row) for row in await models.Period.filter(id__in=ids).values(*COLUMNS)]


async def closing(period_id: str) -> models.Closing | None:
    """Return what stood when a month was closed last."""
    return await models.Closing.filter(period_id=period_id).order_by("-number").first()


async def totals(closing_id: str, first: int, after: str | None) -> Page:
    """Return a page of the frozen totals of a closing, by account."""
    return await keyset_page(
        models.ClosingTotal.filter(closing_id=closing_id),
        order=["account"],
        first=first,
        after=after,
        columns=("account", "debits", "credits"),
    )
