"""Checking the books: every journal against the chain, and everything derived against the journals.

What stands is immutable up to the head that is read first, so the walk needs no lock; figures that
go on changing are compared within one statement, which sees one state.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import AsyncGenerator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from bawaba import db, runtime
from bawaba.plugin import Progress
from bawaba.text import Text

from bawaba_accounting import models
from bawaba_accounting.domain import GENESIS, Fault, Head, Verdict
from bawaba_accounting.rules import audit, chain
from bawaba_accounting.services import heads, verify_reversals
from bawaba_accounting.services.sql import among, day, last_posting, listed

__all__ = ["last_run", "run", "verify"]

_BATCH = 500
_FULL_EVERY = dt.timedelta(hours=24)
"""How often the job walks the whole chain."""


async def run(_payload: Mapping[str, Any]) -> None:
    """Check the books and keep the verdict, which ``accountingIntegrity`` shows.

    Once a day the whole chain is walked, and whenever the last verdict was not good; in between
    the walk goes on from where the last one ended.
    """
    last = await last_run()
    since = _good_head(last, runtime.now())
    verdict = await verify(since=since)
    fault = verdict.fault or Fault(Text("", ""))
    values = {
        "checked": verdict.checked,
        "head_hash": verdict.head.hash,
        "is_intact": verdict.is_intact,
        "fault_number": fault.number,
        "fault_journal_id": fault.journal_id,
        "fault_en": fault.what.en or None,
        "fault_ar": fault.what.ar or None,
        "checked_at": runtime.now(),
        "full_at": last["full_at"] if last and since else runtime.now(),
    }
    async with db.transaction():
        if not await models.IntegrityRun.filter(id=1).update(**values):
            await models.IntegrityRun.bulk_create(
                [models.IntegrityRun(id=1, **values)], ignore_conflicts=True
            )


def _good_head(last: Mapping[str, Any] | None, at: dt.datetime) -> Head | None:
    """Return where the last walk ended, if it was good and the last whole one is not old."""
    if last is None or not last["is_intact"] or not last["checked"]:
        return None
    if last["full_at"] is None or at >= last["full_at"] + _FULL_EVERY:
        return None
    return Head(last["checked"], last["head_hash"], None)


async def last_run() -> Mapping[str, Any] | None:
    """Return the last finished check, or None where none has finished yet."""
    rows = await models.IntegrityRun.filter(id=1).values()
    return rows[0] if rows else None


async def verify(
    progress: Progress | None = None, file: Path | None = None, since: Head | None = None
) -> Verdict:
    """Check the books up to the head of this moment; stop at the first fault.

    Args:
        progress: told (what, done, total) after each batch.
        file: the heads file; by default the one in the data folder.
        since: where an earlier walk ended well; what lies before is not looked at again, but for
            balances and the sums of longer periods.
    """
    head = await _head()
    walk = audit.Walk()
    if since is not None:
        if not await models.JournalRow.exists(number=since.number, hash=since.hash):
            return Verdict(since.number, head, audit.broken(since.number, audit.CHANGED))
        walk = await _resumed(since)
    while walk.number < head.number:
        upto = min(walk.number + _BATCH, head.number)
        fault = await _walk(walk, upto)
        if fault is not None:
            return Verdict(walk.number, head, fault)
        if progress is not None:
            progress("journals", upto, head.number)
    fault = await _after_walk(head, walk, file or heads.path(), since.number if since else 0)
    return Verdict(walk.number, head, fault)


async def _resumed(since: Head) -> audit.Walk:
    """Return a walk that stands at ``since``, with what each account held there."""
    rows = await db.fetch(
        "SELECT p.account, p.debits_after, p.credits_after FROM accounting_account a "  # noqa: S608
        "JOIN accounting_posting p ON p.account = a.code "
        f"AND p.position = {last_posting('a.code', '$1')}",
        chain.last_position(since.number),
    )
    return audit.Walk(
        since.number,
        since.hash,
        Counter({row["account"]: row["debits_after"] for row in rows}),
        Counter({row["account"]: row["credits_after"] for row in rows}),
    )


async def _head() -> Head:
    rows = await models.ChainHead.filter(id=1).values("number", "hash", "booked_at")
    return Head(**rows[0]) if rows else Head(0, GENESIS, None)


async def _walk(walk: audit.Walk, upto: int) -> Fault | None:
    """Check journals ``walk.number + 1`` to ``upto``: three statements."""
    low = walk.number + 1
    journals = (
        await models.JournalRow.filter(number__gte=low, number__lte=upto)
        .order_by("number")
        .values_list(*chain.JOURNAL_COLUMNS, "hash")
    )
    within = {
        "position__gte": chain.first_position(low),
        "position__lte": chain.last_position(upto),
    }
    postings = (
        await models.PostingRow.filter(**within)
        .order_by("position")
        .values_list(*chain.POSTING_COLUMNS)
    )
    activities = (
        await models.Activity.filter(**within)
        .order_by("position")
        .values_list(*chain.ACTIVITY_COLUMNS)
    )
    return walk.check(upto, journals, _by_number(postings), _by_number(activities))


def _by_number(rows: Sequence[Any]) -> dict[int, list[Any]]:
    return {number: list(group) for number, group in groupby(rows, key=itemgetter(1))}


async def _after_walk(head: Head, walk: audit.Walk, file: Path, after: int) -> Fault | None:
    if walk.hash != head.hash:
        return audit.broken(head.number, audit.HEAD_DIFFERS)
    return (
        await _beyond_head()
        or await _file_against_books(file, after)
        or await _balances()
        or (None if after else await verify_reversals.check())
        or await _statistics(after)
    )


async def _beyond_head() -> Fault | None:
    """Compare the head with the newest journal and posting, all of one moment."""
    rows = await db.fetch(
        "SELECT COALESCE((SELECT MAX(number) FROM accounting_chain), 0) AS head, "
        "COALESCE((SELECT MAX(number) FROM accounting_journal), 0) AS journal, "
        "COALESCE((SELECT number FROM accounting_posting ORDER BY position DESC LIMIT 1), 0) "
        "AS posting, "
        "COALESCE((SELECT number FROM accounting_activity ORDER BY position DESC LIMIT 1), 0) "
        "AS activity"
    )
    row = rows[0]
    newest = max(row["journal"], row["posting"], row["activity"])
    if row["journal"] == row["head"] and newest <= row["head"]:
        return None
    return audit.broken(min(row["head"], row["journal"]) + 1, audit.HEAD_DIFFERS)


async def _file_against_books(file: Path, after: int) -> Fault | None:
    """Look heads that were written outside up in the books; a cut tail is missed there."""
    missing: list[int] = []
    for lines in heads.read(file, _BATCH):
        written = [head for head in lines if head.number > after]
        if not written:
            continue
        rows = await db.fetch(
            "SELECT number, hash FROM accounting_journal "  # noqa: S608
            f"WHERE {among('number', '$1', 'bigint')}",
            listed([head.number for head in written]),
        )
        stands = {row["number"]: row["hash"] for row in rows}
        missing += [head.number for head in written if stands.get(head.number) != head.hash]
    if not missing:
        return None
    last = await _head()
    return audit.broken(min(*missing, last.number + 1), audit.FILE_DIFFERS)


async def _balances() -> Fault | None:
    """Compare each balance with what its last posting, checked by the walk, left."""
    rows = await db.fetch(
        "SELECT a.code FROM accounting_account a "  # noqa: S608
        "LEFT JOIN accounting_balance b ON b.account = a.code "
        "LEFT JOIN accounting_posting p ON p.account = a.code "
        f"AND p.position = {last_posting('a.code')} "
        "WHERE b.account IS NULL OR b.debits <> COALESCE(p.debits_after, 0) "
        "OR b.credits <> COALESCE(p.credits_after, 0) ORDER BY a.code LIMIT 1"
    )
    return Fault(audit.BALANCE_DIFFERS.fill(account=rows[0]["code"])) if rows else None


async def _statistics(after: int) -> Fault | None:
    """Compare days with the activities, then longer periods with shorter ones.

    A month a statement, since a year of a country's payments takes longer than a statement may.
    ``after``: only months in which journals beyond that number counted something; 0: all months.
    """
    async for low, high in _months(after):
        if await db.fetch(_DAYS_DIFFER, low, high):
            return Fault(audit.STATISTICS_DIFFER.fill(period=f"{low:%Y-%m}"))
    for coarse, fine, length in (("MONTH", "DAY", 7), ("YEAR", "MONTH", 4), ("TOTAL", "YEAR", 0)):
        if await db.fetch(_periods_differ(coarse, fine, length)):
            return Fault(audit.STATISTICS_DIFFER.fill(period=coarse))
    return None


async def _months(after: int) -> AsyncGenerator[tuple[dt.date, dt.date]]:
    """Yield the first and last day of each month in which something is counted."""
    if after:
        rows = await db.fetch(
            "SELECT MIN(counted_on) AS day FROM accounting_activity WHERE position > $1 "
            "GROUP BY substr(CAST(counted_on AS TEXT), 1, 7) ORDER BY 1",
            chain.last_position(after),
        )
        for row in rows:
            yield audit.month(day(row["day"]))
        return
    passed = dt.date.min
    while (found := (await db.fetch(_NEXT_DAY, passed))[0]["day"]) is not None:
        low, passed = audit.month(day(found))
        yield low, passed


_NEXT_DAY = (
    "SELECT MIN(day) AS day FROM ("
    "SELECT MIN(counted_on) AS day FROM accounting_activity WHERE counted_on > $1 UNION ALL "
    "SELECT MIN(starts_on) FROM accounting_rollup WHERE grain = 'DAY' AND starts_on > $1) x"
)
_PLACE = "service, agency, channel, gateway"
_SUMS = "SUM({sign}count) AS c, SUM({sign}fils) AS f, SUM({sign}refunded) AS r"
_ADDED, _TAKEN = _SUMS.format(sign=""), _SUMS.format(sign="-")
_DIFFER = (
    "SELECT d FROM ({longer} UNION ALL {shorter}) x "
    "GROUP BY d, service, agency, channel, gateway "
    "HAVING SUM(c) <> 0 OR SUM(f) <> 0 OR SUM(r) <> 0 LIMIT 1"
)
_DAYS_DIFFER = _DIFFER.format(
    longer=f"SELECT counted_on AS d, {_PLACE}, {_ADDED} FROM accounting_activity "  # noqa: S608
    f"WHERE counted_on BETWEEN $1 AND $2 GROUP BY counted_on, {_PLACE}",
    shorter=f"SELECT starts_on AS d, {_PLACE}, {_TAKEN} FROM accounting_rollup "  # noqa: S608
    f"WHERE grain = 'DAY' AND starts_on BETWEEN $1 AND $2 GROUP BY starts_on, {_PLACE}",
)


def _periods_differ(coarse: str, fine: str, length: int) -> str:
    """Return a statement that finds a period that its shorter ones do not add up to.

    ``length``: how much of an ISO day names the longer period.
    """
    named = f"SELECT substr(CAST(starts_on AS TEXT), 1, {length}) AS d, {_PLACE}"
    origin = f"FROM accounting_rollup WHERE grain = '{{}}' GROUP BY 1, {_PLACE}"
    return _DIFFER.format(
        longer=f"{named}, {_ADDED} {origin.format(coarse)}",
        shorter=f"{named}, {_TAKEN} {origin.format(fine)}",
    )
