"""The rows of a settlement file: stored once, counting or not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bawaba import db, runtime, settlement
from bawaba.settlement import MAX_ASKED, Settlement, SettlementLine
from bawaba.viewer import Viewer
from tortoise.expressions import Q

from bawaba_accounting import models
from bawaba_accounting.domain.settlement import FILE, FileStatus, FileTrigger, LineStatus
from bawaba_accounting.services import reconciling
from bawaba_accounting.services.sql import Insertion, insert, portions

__all__ = ["Touched", "confirm", "live", "replaced", "store", "supersede"]


@dataclass(frozen=True, slots=True)
class Touched:
    """What has to be looked at anew: parcels, and references of payouts."""

    parcels: set[str] = field(default_factory=set)
    payouts: set[str] = field(default_factory=set)

    def add(self, other: Touched) -> None:
        """Take in what ``other`` touched."""
        self.parcels.update(other.parcels)
        self.payouts.update(other.payouts)


async def live(said: Settlement) -> models.SettlementFile | None:
    """Return the file of the same name that counts."""
    return await models.SettlementFile.get_or_none(
        gateway=said.gateway, reference=said.file_reference, status=FileStatus.LIVE.value
    )


async def replaced(said: Settlement, *, early: bool) -> list[models.SettlementFile]:
    """Return the files whose place a file takes, its own bytes among them if they stand.

    That is the one of the same name, and once the day is over all that are provisional of it.
    """
    standing = Q(reference=said.file_reference)
    if not early:
        standing |= Q(settled_on=said.settled_on, provisional=True)
    files = models.SettlementFile.filter(gateway=said.gateway, status=FileStatus.LIVE.value)
    return await files.filter(standing).order_by("id")


async def supersede(file: models.SettlementFile) -> Touched:
    """Take a file out of account."""
    state = FILE.next(FileStatus(file.status), FileTrigger.SUPERSEDE)
    await models.SettlementFile.filter(id=file.id).update(status=state.value)
    touched = await _touched(file)
    await db.execute(
        "UPDATE accounting_movement SET line_id = NULL WHERE line_id IN "
        "(SELECT id FROM accounting_statement_line WHERE file_id = $1)",
        file.id,
    )
    lines = models.StatementLine.filter(file_id=file.id)
    await lines.update(status=LineStatus.SUPERSEDED.value)
    await models.PayoutNotice.filter(file_id=file.id).delete()
    return touched


async def confirm(file: models.SettlementFile, said: Settlement) -> Touched:
    """Let a provisional file stand as that of its day: its very bytes came when that was over."""
    file.provisional = False
    status = FileStatus(file.status)
    if FILE.allows(status, FileTrigger.RESTORE):
        file.status = FILE.next(status, FileTrigger.RESTORE).value
        lines = models.StatementLine.filter(file_id=file.id)
        await lines.update(status=LineStatus.UNKNOWN.value)
        await _note_payouts(file, said)
    await file.save(update_fields=["status", "provisional"])
    return await _touched(file)


async def _touched(file: models.SettlementFile) -> Touched:
    rows = await models.StatementLine.filter(file_id=file.id).values_list("parcel", "payout")
    notices = models.PayoutNotice.filter(file_id=file.id)
    paid = {str(reference) for reference in await notices.values_list("reference", flat=True)}
    return Touched({parcel for parcel, _ in rows}, paid | {payout for _, payout in rows if payout})


async def store(
    viewer: Viewer | None, said: Settlement, sha256: str, *, counts: bool, provisional: bool
) -> tuple[models.SettlementFile, Touched]:
    """Store a file with its lines and payouts."""
    status = FileStatus.LIVE if counts else FileStatus.SUPERSEDED
    file = await models.SettlementFile.create(
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
        provisional=provisional,
    )
    touched = await _store_lines(file, said, LineStatus.UNKNOWN if counts else _OUT)
    if counts:
        await _note_payouts(file, said)
    return file, touched if counts else Touched()


_OUT = LineStatus.SUPERSEDED


async def _store_lines(
    file: models.SettlementFile, said: Settlement, status: LineStatus
) -> Touched:
    known = await _payments(said)
    parcels, rows = set(), []
    for line in said.lines:
        payment = line.payment_id or known.get(line.gateway_reference)
        parcel = payment or f"ref:{line.gateway_reference}"
        parcels.add(parcel)
        rows.append(_row(file, line, payment, parcel, status))
    for some in portions(rows, 1000):
        await insert(Insertion("accounting_statement_line", _LINE, some))
    paid = {payout.reference for payout in said.payouts}
    return Touched(parcels, paid | {line.payout for line in said.lines if line.payout})


async def _note_payouts(file: models.SettlementFile, said: Settlement) -> None:
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
