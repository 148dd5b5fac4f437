"""Taking settlement files in: each once, a corrected one in place of the one before."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from bawaba import audit, db, runtime, settlement
from bawaba.settlement import MAX_BYTES, Settlement, SettlementReader, SettlementUnreadable
from bawaba.viewer import Viewer

from bawaba_accounting import models
from bawaba_accounting.domain.settlement import Arrival, DifferenceStatus, FileStatus, LineStatus
from bawaba_accounting.refusals import SettlementFileDiffers
from bawaba_accounting.rules import statements
from bawaba_accounting.services import filing, payouts, reconciling

__all__ = ["Imported", "Told", "fetch_all", "import_body", "reconcile", "told"]

log = structlog.get_logger(__name__)
_LOOK_BACK = 7
"""Days before today whose files the job asks for."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file.

    ``is_new``: False where the same bytes stood already and nothing changed. ``is_provisional``:
    its day is not over.
    """

    file_id: str
    is_new: bool
    is_provisional: bool = False


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


async def import_body(
    viewer: Viewer | None, reader: SettlementReader, body: bytes, *, replace: bool = False
) -> Imported:
    """Read a settlement file and reconcile what it says; the same file again changes nothing.

    Before the gateway's day is over it is provisional: it counts until the day's own file comes.

    Args:
        viewer: who brought it; None: the platform fetched it.
        replace: take it in place of a file of the same name and revision.

    Raises:
        SettlementUnreadable: says where and why; nothing was changed.
        SettlementFileDiffers: a file of this name and revision says something else.
    """
    if len(body) > MAX_BYTES:
        raise SettlementUnreadable(f"larger than {MAX_BYTES:,} bytes")
    said = await asyncio.to_thread(reader.read, body)
    statements.check(said, reader.gateway, runtime.today())
    coming = _Coming(viewer, reader, said, hashlib.sha256(body).hexdigest(), replace)
    return await db.retrying(lambda: _imported(coming))


@dataclass(frozen=True, slots=True)
class _Coming:
    viewer: Viewer | None
    reader: SettlementReader
    said: Settlement
    sha256: str
    replace: bool


async def _imported(coming: _Coming) -> Imported:
    said = coming.said
    async with db.transaction():
        book = await reconciling.locked_book(said.gateway)
        early = not _is_over(coming.reader, said.settled_on)
        live = await filing.live(said)
        known = await models.SettlementFile.get_or_none(gateway=said.gateway, sha256=coming.sha256)
        is_final_there = live is not None and not live.provisional
        if known is not None and (early or not known.provisional or is_final_there):
            return Imported(known.id, is_new=False, is_provisional=known.provisional)
        standing = statements.Standing(live.revision, live.provisional) if live else None
        arrival = statements.arrival(said.revision, standing, early=early)
        if live is None or arrival is not Arrival.DIFFERS or coming.replace:
            counts = arrival is not Arrival.OUTDATED
            return await _taken(coming, book, known, counts=counts, early=early)
        detail = {"sha256": coming.sha256, "standing": live.sha256}
        resource = f"AccountingSettlementFile:{live.id}"
        await audit.record(coming.viewer, "accounting.settlement.differs", resource, detail)
    raise SettlementFileDiffers(
        reference=live.reference,
        revision=live.revision,
        day=live.settled_on.isoformat(),
        standing=live.sha256[:12],
        coming=coming.sha256[:12],
    )


async def _taken(
    coming: _Coming,
    book: models.GatewayBook,
    known: models.SettlementFile | None,
    *,
    counts: bool,
    early: bool,
) -> Imported:
    """Take a file in; of the ones that it replaces nothing counts any more."""
    touched = filing.Touched(await reconciling.absorb(book))
    replaced = await filing.replaced(coming.said, early=early) if counts else []
    for file in replaced:
        if known is None or file.id != known.id:
            touched.add(await filing.supersede(file))
    if known is None:
        file, more = await filing.store(
            coming.viewer, coming.said, coming.sha256, counts=counts, provisional=early
        )
    else:
        file, more = known, await filing.confirm(known, coming.said)
    touched.add(more)
    touched.parcels.update(await reconciling.widen(book, coming.reader))
    await reconciling.recompute(book, coming.reader, touched.parcels)
    await payouts.settle_payouts(book.gateway, touched.payouts)
    detail = {
        "gateway": book.gateway,
        "reference": file.reference,
        "sha256": coming.sha256,
        "provisional": early,
        "replaces": [other.sha256 for other in replaced if other.id != file.id],
    }
    verb, resource = "confirmed" if known else "imported", f"AccountingSettlementFile:{file.id}"
    await audit.record(coming.viewer, f"accounting.settlement.{verb}", resource, detail)
    return Imported(file.id, is_new=True, is_provisional=early)


def _is_over(reader: SettlementReader, day: dt.date) -> bool:
    return runtime.now() >= settlement.closes_at(reader, day)


async def reconcile(reader: SettlementReader) -> None:
    """Look at a gateway's open differences again, with what the books have since got."""

    async def work() -> None:
        async with db.transaction():
            book = await reconciling.locked_book(reader.gateway)
            parcels = await reconciling.absorb(book) | await reconciling.differing(book)
            await reconciling.recompute(book, reader, parcels)

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
    for day in await _missing_days(reader):
        body = await reader.fetch(day)
        if body is not None:
            await import_body(None, reader, body)


async def _missing_days(reader: SettlementReader) -> Sequence[dt.date]:
    """Return the days that are over and have no file, or a provisional one, however old."""
    today = runtime.today()
    asked = {today - dt.timedelta(days=back) for back in range(_LOOK_BACK + 1)}
    live = models.SettlementFile.filter(gateway=reader.gateway, status=FileStatus.LIVE.value)
    early = live.filter(provisional=True)
    final = live.filter(provisional=False, settled_on__gte=min(asked))
    known: Any = await final.values_list("settled_on", flat=True)
    growing: Any = await early.values_list("settled_on", flat=True)
    return sorted(day for day in (asked - {*known}) | {*growing} if _is_over(reader, day))
