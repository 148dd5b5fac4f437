"""Taking settlement files in: each once, a corrected one in place of the one before."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from bawaba import audit, db, runtime, settlement
from bawaba.settlement import (
    MAX_ASKED,
    MAX_BYTES,
    Settlement,
    SettlementLine,
    SettlementReader,
    SettlementUnreadable,
)
from bawaba.viewer import Viewer

from bawaba_accounting import models
from bawaba_accounting.domain.settlement import (
    FILE,
    DifferenceStatus,
    FileStatus,
    FileTrigger,
    LineStatus,
)
from bawaba_accounting.rules import statements
from bawaba_accounting.services import payouts, reconciling
from bawaba_accounting.services.sql import Insertion, insert, portions

__all__ = ["Imported", "Told", "fetch_all", "import_body", "reconcile", "told"]

log = structlog.get_logger(__name__)
_LOOK_BACK = 7
"""Days before today whose files the job asks for."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file. ``is_new``: False where the same bytes stood already."""

    file_id: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class Told:
    """What a file said, and how many differences are open for its day."""

    settled_on: dt.date
    lines: int
    matched: int
    differences: int


async def told(file_id: str) -> Told:
    """Return what became of the lines of a file."""
    file = await models.SettlementFile.get(id=file_id)
    lines = models.StatementLine.filter(file_id=file_id, status=LineStatus.MATCHED.value)
    open_ = models.Difference.filter(
        gateway=file.gateway, settled_on=file.settled_on, status=DifferenceStatus.OPEN.value
    )
    return Told(file.settled_on, file.lines, await lines.count(), await open_.count())


async def import_body(viewer: Viewer | None, reader: SettlementReader, body: bytes) -> Imported:
    """Read a settlement file and reconcile what it says; the same file again changes nothing.

    Args:
        viewer: who brought it; None: the platform fetched it.

    Raises:
        SettlementUnreadable: says where and why; nothing was changed.
    """
    if len(body) > MAX_BYTES:
        raise SettlementUnreadable(f"larger than {MAX_BYTES:,} bytes")
    said = await asyncio.to_thread(reader.read, body)
    statements.check(said, reader.gateway, runtime.today())
    sha256 = hashlib.sha256(body).hexdigest()
    return await db.retrying(lambda: _imported(viewer, reader, said, sha256))


async def _imported(
    viewer: Viewer | None, reader: SettlementReader, said: Settlement, sha256: str
) -> Imported:
    async with db.transaction():
        book = await reconciling.locked_book(reader.gateway)
        known = await models.SettlementFile.get_or_none(gateway=reader.gateway, sha256=sha256)
        if known is not None:
            return Imported(known.id, is_new=False)
        parcels = await reconciling.absorb(book)
        live = await models.SettlementFile.get_or_none(
            gateway=reader.gateway, reference=said.file_reference, status=FileStatus.LIVE.value
        )
        counts = live is None or said.revision >= live.revision
        paid: set[str] = set()
        if live is not None and counts:
            parcels, paid = await _superseded(live, parcels)
        row = await _file(viewer, said, sha256, counts=counts)
        new_parcels, new_paid = await _lines(row, said, counts=counts)
        parcels |= await reconciling.widen(book, reader)
        if counts:
            parcels, paid = parcels | new_parcels, paid | new_paid
        await reconciling.recompute(book, reader, parcels)
        await payouts.settle_payouts(reader.gateway, paid)
        detail = {"gateway": reader.gateway, "reference": row.reference, "sha256": sha256}
        await audit.record(
            viewer, "accounting.settlement.imported", f"AccountingSettlementFile:{row.id}", detail
        )
    return Imported(row.id, is_new=True)


async def _superseded(live: models.SettlementFile, parcels: set[str]) -> tuple[set[str], set[str]]:
    """Take a file out of account; return ``parcels`` with its own, and its payouts."""
    state = FILE.next(FileStatus(live.status), FileTrigger.SUPERSEDE)
    await models.SettlementFile.filter(id=live.id).update(status=state.value)
    lines = models.StatementLine.filter(file_id=live.id)
    rows = await lines.values_list("parcel", "payout")
    await db.execute(
        "UPDATE accounting_movement SET line_id = NULL WHERE line_id IN "
        "(SELECT id FROM accounting_statement_line WHERE file_id = $1)",
        live.id,
    )
    await lines.update(status=LineStatus.SUPERSEDED.value)
    notices = models.PayoutNotice.filter(file_id=live.id)
    paid = {str(reference) for reference in await notices.values_list("reference", flat=True)}
    await notices.delete()
    return (
        parcels | {parcel for parcel, _ in rows},
        paid | {payout for _, payout in rows if payout},
    )


async def _file(
    viewer: Viewer | None, said: Settlement, sha256: str, *, counts: bool
) -> models.SettlementFile:
    status = FileStatus.LIVE if counts else FileStatus.SUPERSEDED
    return await models.SettlementFile.create(
        id=runtime.new_id(),
        gateway=said.gateway,
        reference=said.file_reference,
        revision=said.revision,
        settled_on=said.settled_on,
        sha256=sha256,
        status=status.value,
        lines=len(said.lines),
        fils=sum(line.fils for line in said.lines),
        fees=sum(line.fee_fils for line in said.lines),
        imported_at=runtime.now(),
        imported_by=viewer.person() if viewer else None,
    )


async def _lines(
    file: models.SettlementFile, said: Settlement, *, counts: bool
) -> tuple[set[str], set[str]]:
    """Store lines and payouts of a file; return their parcels and the payouts' references."""
    known = await _payments(said)
    status = LineStatus.UNKNOWN if counts else LineStatus.SUPERSEDED
    parcels, rows = set(), []
    for line in said.lines:
        payment = line.payment_id or known.get(line.gateway_reference)
        parcel = payment or f"ref:{line.gateway_reference}"
        parcels.add(parcel)
        rows.append(_row(file, line, payment, parcel, status))
    for some in portions(rows, 1000):
        await insert(Insertion("accounting_statement_line", _LINE, some))
    if counts:
        await models.PayoutNotice.bulk_create(
            [
                models.PayoutNotice(
                    id=f"{file.id}:{payout.reference}",
                    file_id=file.id,
                    gateway=file.gateway,
                    reference=payout.reference,
                    settled_on=file.settled_on,
                    fils=payout.fils,
                    paid_on=payout.paid_on,
                    bank_reference=payout.bank_reference,
                )
                for payout in said.payouts
            ]
        )
    paid = {payout.reference for payout in said.payouts}
    return parcels, paid | {line.payout for line in said.lines if line.payout}


async def _payments(said: Settlement) -> Mapping[str, str]:
    """Return the payments behind references of lines that name none."""
    asked = sorted({line.gateway_reference for line in said.lines if line.payment_id is None})
    known: dict[str, str] = {}
    for some in portions(asked, MAX_ASKED):
        found = await settlement.movements(said.gateway, references=some)
        known |= {each.gateway_reference: reconciling.parcel_of(each) for each in found}
    return known


_LINE = {
    "id": "text",
    "file_id": "text",
    "file_reference": "text",
    "number": "int",
    "gateway": "text",
    "settled_on": "date",
    "kind": "text",
    "gateway_reference": "text",
    "payment_id": "text",
    "refund_id": "text",
    "parcel": "text",
    "fils": "bigint",
    "fee": "bigint",
    "occurred_at": "timestamptz",
    "payout": "text",
    "status": "text",
}


def _row(
    file: models.SettlementFile,
    line: SettlementLine,
    payment: str | None,
    parcel: str,
    status: LineStatus,
) -> tuple[Any, ...]:
    return (
        f"{file.id}:{line.number}",
        file.id,
        file.reference,
        line.number,
        file.gateway,
        file.settled_on,
        line.kind.value,
        line.gateway_reference,
        payment,
        line.refund_id,
        parcel,
        line.fils,
        line.fee_fils,
        line.occurred_at,
        line.payout,
        status.value,
    )


async def reconcile(reader: SettlementReader) -> None:
    """Look at a gateway's open differences again, with what the books have since got."""

    async def work() -> None:
        async with db.transaction():
            book = await reconciling.locked_book(reader.gateway)
            await reconciling.recompute(book, reader, await reconciling.absorb(book))

    await db.retrying(work)


async def fetch_all(_payload: Mapping[str, Any]) -> None:
    """Reconcile every gateway and fetch the files of the last days: an hourly job.

    Raises:
        Exception: what went wrong with one gateway, after the others were done.
    """
    failures: list[Exception] = []
    for reader in settlement.readers().values():
        try:
            await reconcile(reader)
            await _fetch(reader)
        except Exception as error:  # noqa: BLE001  a gateway's reader meets whatever it is sent
            log.warning("no settlement file", gateway=reader.gateway, reason=repr(error)[:300])
            failures.append(error)
    if failures:
        raise failures[0]


async def _fetch(reader: SettlementReader) -> None:
    for day in await _missing_days(reader.gateway):
        body = await reader.fetch(day)
        if body is not None:
            await import_body(None, reader, body)


async def _missing_days(gateway: str) -> Sequence[dt.date]:
    days: Iterable[dt.date] = (
        runtime.today() - dt.timedelta(days=back) for back in range(_LOOK_BACK, 0, -1)
    )
    asked = list(days)
    live = models.SettlementFile.filter(
        gateway=gateway, status=FileStatus.LIVE.value, settled_on__gte=asked[0]
    )
    known = set(await live.values_list("settled_on", flat=True))
    return [day for day in asked if day not in known]
