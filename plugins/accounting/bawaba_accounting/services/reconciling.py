"""Keeping differences true: read the books on, pair what changed, store what follows.

Everything about one gateway's settlement happens under the lock of its row, so that two imports, or
an import and the job, come one after the other. The ledger's own lock is taken after it, never
before.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from bawaba import db, runtime, settlement
from bawaba.settlement import LineKind, Movement, SettlementLine, SettlementReader

from bawaba_accounting import models
from bawaba_accounting.domain.settlement import (
    DIFFERENCE,
    RESOLUTION,
    DifferenceKind,
    DifferenceStatus,
    DifferenceTrigger,
    Entry,
    FileStatus,
    Found,
    Line,
    LineStatus,
    ResolutionTrigger,
)
from bawaba_accounting.rules import differences, matching
from bawaba_accounting.rules.differences import Resolved
from bawaba_accounting.services.sql import Insertion, assign, day, insert, portions

__all__ = [
    "PAYOUT_PARCEL",
    "absorb",
    "clearing_account",
    "differing",
    "found_of",
    "locked_book",
    "parcel_of",
    "recompute",
    "sync",
    "widen",
]

_BATCH = 500
PAYOUT_PARCEL = "payout:"
"""How the parcels begin under which differences of payouts stand."""
_OPEN, _RESOLVED = DifferenceStatus.OPEN, DifferenceStatus.RESOLVED
_GONE = DIFFERENCE.next(_OPEN, DifferenceTrigger.VANISH)
_WAITS = RESOLUTION.initial
_LAPSED = RESOLUTION.next(_WAITS, ResolutionTrigger.LAPSE)


def clearing_account(gateway: str) -> str:
    """Return the account of what a gateway owes to the platform, which core opens at boot."""
    return f"gateway.{gateway}.clearing"


async def locked_book(gateway: str) -> models.GatewayBook:
    """Lock a gateway's settlement; the row is made first, since there must be one to lock."""
    columns = {"gateway": "text"}
    await insert(
        Insertion("accounting_gateway_book", columns, [(gateway,)], "ON CONFLICT DO NOTHING")
    )
    return await db.locked(models.GatewayBook.filter(gateway=gateway)).get()


async def absorb(book: models.GatewayBook) -> set[str]:
    """Read what the books moved on the gateway's account since last time; return the parcels."""
    touched: set[str] = set()
    while rows := await db.fetch(
        "SELECT p.position, CASE p.side WHEN 'DEBIT' THEN p.fils ELSE -p.fils END AS fils, "
        "j.id, j.reference, j.kind, j.payment_id, j.effective_on FROM accounting_posting p "
        "JOIN accounting_journal j ON j.number = p.number "
        "WHERE p.account = $1 AND p.position > $2 ORDER BY p.position LIMIT 500",
        clearing_account(book.gateway),
        book.position,
    ):
        book.position = rows[-1]["position"]
        touched |= await _store(book.gateway, [row for row in rows if row["payment_id"]])
    await book.save(update_fields=["position"])
    return touched


async def _store(gateway: str, rows: Sequence[Mapping[str, Any]]) -> set[str]:
    ids = sorted({row["payment_id"] for row in rows})
    said = await settlement.movements(gateway, payment_ids=ids) if ids else []
    known = {movement.journal_reference: movement.refund_id for movement in said}
    by_payment = {movement.payment_id: movement.gateway_reference for movement in said}
    parcels = {movement.payment_id: parcel_of(movement) for movement in said}
    values = [
        (
            f"{row['id']}:{gateway}",
            gateway,
            row["reference"],
            row["kind"],
            by_payment.get(row["payment_id"], ""),
            row["payment_id"],
            known.get(row["reference"]) or known.get(row["reference"].rpartition(":")[0]),
            parcels.get(row["payment_id"], row["payment_id"]),
            sum(each["fils"] for each in same),
            day(row["effective_on"]),
        )
        for same in _by_journal(rows)
        for row in same[:1]
    ]
    columns = dict.fromkeys(
        (
            "id",
            "gateway",
            "reference",
            "kind",
            "gateway_reference",
            "payment_id",
            "refund_id",
            "parcel",
        ),
        "text",
    ) | {"fils": "bigint", "moved_on": "date"}
    # A journal's postings may come in two portions.
    again = "ON CONFLICT (id) DO UPDATE SET fils = accounting_movement.fils + excluded.fils"
    await insert(Insertion("accounting_movement", columns, values, again))
    named = {f"ref:{movement.gateway_reference}": parcel_of(movement) for movement in said}
    return {parcels.get(id_, id_) for id_ in ids} | await _adopt(gateway, named)


def parcel_of(movement: Movement) -> str:
    """Return what a movement is paired under: the payment as the gateway knows it."""
    return movement.known_as or movement.payment_id


def _by_journal(rows: Sequence[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    return [list(same) for _, same in groupby(rows, key=lambda row: row["id"])]


async def _adopt(gateway: str, parcels: Mapping[str, str]) -> set[str]:
    """Give lines that named no known payment to the payment that has their reference now."""
    rows = await models.StatementLine.filter(gateway=gateway, parcel__in=list(parcels)).values_list(
        "id", "parcel"
    )
    await assign(
        "accounting_statement_line", "parcel", [(id_, parcels[parcel]) for id_, parcel in rows]
    )
    return {parcel for _, parcel in rows}


async def differing(book: models.GatewayBook) -> set[str]:
    """Return the parcels with open differences, but for those of payouts."""
    open_ = models.Difference.filter(gateway=book.gateway, status=_OPEN.value)
    found = await open_.distinct().values_list("parcel", flat=True)
    return {str(parcel) for parcel in found if not str(parcel).startswith(PAYOUT_PARCEL)}


async def widen(book: models.GatewayBook, reader: SettlementReader) -> set[str]:
    """Take the window of live files anew; return parcels whose files became due, or not due.

    A provisional file can lack what its day still brings: nothing is due in it.
    """
    rows = await db.fetch(
        "SELECT MIN(settled_on) AS low, MAX(settled_on) AS high FROM accounting_settlement_file "
        "WHERE gateway = $1 AND status = $2 AND NOT provisional",
        book.gateway,
        FileStatus.LIVE.value,
    )
    before = _window(book)
    low, high = rows[0]["low"], rows[0]["high"]
    book.first_on = None if low is None else day(low)
    book.last_on = None if high is None else day(high)
    await book.save(update_fields=["first_on", "last_on"])
    touched: set[str] = set()
    lag = dt.timedelta(days=reader.settles_within)
    for first, last in matching.changed_days(before, _window(book)):
        span = {"moved_on__gte": first - lag, "moved_on__lte": last - lag}
        query = models.Movement.filter(gateway=book.gateway, line_id=None, **span)
        touched |= {str(p) for p in await query.distinct().values_list("parcel", flat=True)}
    return touched


def _window(book: models.GatewayBook) -> matching.Window:
    return (book.first_on, book.last_on) if book.first_on and book.last_on else None


async def recompute(
    book: models.GatewayBook, reader: SettlementReader, parcels: Iterable[str]
) -> None:
    """Pair everything about ``parcels`` anew and store what changed, a few hundred at a time."""
    for some in portions(sorted(parcels), _BATCH):
        await _recompute(book, reader, some)


async def _recompute(
    book: models.GatewayBook, reader: SettlementReader, parcels: Sequence[str]
) -> None:
    about = {"gateway": book.gateway, "parcel__in": parcels}
    lines = await models.StatementLine.filter(**about).exclude(status=LineStatus.SUPERSEDED.value)
    entries = await models.Movement.filter(**about).exclude(fils=0)
    said, booked = _by_parcel(lines), _by_parcel(entries)
    lag, window = dt.timedelta(days=reader.settles_within), _window(book)
    found: dict[str, Sequence[Found]] = {}
    names: dict[str, str] = {}
    statuses: dict[str, LineStatus] = {}
    for parcel in parcels:
        result = matching.pair(
            parcel,
            [_line(row, reader) for row in said.get(parcel, ())],
            [_entry(row, lag) for row in booked.get(parcel, ())],
            window,
        )
        found[parcel] = result.found
        names |= result.names
        statuses |= result.statuses
    await _store_names([(row.id, row.line_id, names.get(row.id)) for row in entries])
    for status in LineStatus:
        changed = [r.id for r in lines if statuses[r.id] is status and r.status != status.value]
        if changed:
            await models.StatementLine.filter(id__in=changed).update(status=status.value)
    await sync(book.gateway, found)


def _by_parcel(rows: Sequence[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(row.parcel, []).append(row)
    return found


async def _store_names(rows: Sequence[tuple[str, str | None, str | None]]) -> None:
    """Store which line names a movement; free first, since a line names one at most."""
    freed = [id_ for id_, before, after in rows if before is not None and before != after]
    if freed:
        await models.Movement.filter(id__in=freed).update(line_id=None)
    changed = [(id_, after) for id_, before, after in rows if after and before != after]
    await assign("accounting_movement", "line_id", changed)


def _line(row: models.StatementLine, reader: SettlementReader) -> Line:
    said = SettlementLine(
        number=row.number,
        kind=LineKind(row.kind),
        gateway_reference=row.gateway_reference,
        fils=row.fils,
        fee_fils=row.fee,
        occurred_at=row.occurred_at,
        payment_id=row.payment_id,
        refund_id=row.refund_id,
        payout=row.payout,
    )
    return Line(
        id=row.id,
        order=(row.settled_on, row.file_reference, row.number),
        kind=row.kind,
        gateway_reference=row.gateway_reference,
        payment_id=row.payment_id,
        refund_id=row.refund_id,
        fils=row.fils,
        fee=row.fee,
        agreed_fee=reader.agreed_fee(said),
        occurred_at=row.occurred_at,
    )


def _entry(row: models.Movement, lag: dt.timedelta) -> Entry:
    return Entry(
        id=row.id,
        kind=row.kind,
        gateway_reference=row.gateway_reference,
        payment_id=row.payment_id,
        refund_id=row.refund_id,
        fils=row.fils,
        due_on=row.moved_on + lag,
    )


async def sync(gateway: str, found: Mapping[str, Sequence[Found]]) -> None:
    """Make the open differences of some parcels what the rules found, less what is resolved."""
    rows = await models.Difference.filter(
        gateway=gateway,
        parcel__in=list(found),
        status__in=[_OPEN.value, _RESOLVED.value],
    )
    stored = _by_parcel(rows)
    new: list[models.Difference] = []
    gone: list[str] = []
    for parcel, of in found.items():
        mine = stored.get(parcel, [])
        resolved = [Resolved(r.id, found_of(r)) for r in mine if r.status == _RESOLVED.value]
        wanted = {each.facts: each for each in differences.outstanding(of, resolved)}
        for row in mine:
            if row.status != _OPEN.value:
                continue
            still = wanted.pop(found_of(row).facts, None)
            if still is None:
                gone.append(row.id)
            elif still.settled_on != row.settled_on:
                await models.Difference.filter(id=row.id).update(settled_on=still.settled_on)
        new += [_row(gateway, parcel, each) for each in wanted.values()]
    if gone:
        at = runtime.now()
        await models.Difference.filter(id__in=gone).update(status=_GONE.value, ended_at=at)
        waiting = models.Resolution.filter(difference_id__in=gone, status=_WAITS.value)
        await waiting.update(status=_LAPSED.value, decided_at=at)
    if new:
        await models.Difference.bulk_create(new, batch_size=_BATCH)


def found_of(row: models.Difference) -> Found:
    """Return a stored difference as the rules know it."""
    return Found(
        DifferenceKind(row.kind),
        row.what,
        row.settled_on,
        row.gateway_reference,
        row.payment_id,
        row.expected,
        row.actual,
    )


def _row(gateway: str, parcel: str, found: Found) -> models.Difference:
    return models.Difference(
        id=runtime.new_id(),
        gateway=gateway,
        settled_on=found.settled_on,
        kind=found.kind.value,
        what=found.what,
        parcel=parcel,
        gateway_reference=found.gateway_reference,
        payment_id=found.payment_id,
        expected=found.expected,
        actual=found.actual,
        status=_OPEN.value,
        found_at=runtime.now(),
    )
