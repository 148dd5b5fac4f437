"""Looking fines up: ask the register, keep a mirror, show the mirror."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any

from bawaba import db, runtime
from bawaba.errors import AgencyUnavailable, Unavailable
from bawaba.text import Text
from bawaba.viewer import Viewer

from bawaba_payments_traffic import gateway
from bawaba_payments_traffic.domain import AGENCY, MAX_FINES, FineRecord, FineStatus
from bawaba_payments_traffic.models import TrafficFine
from bawaba_payments_traffic.rules import status_after_telling

Row = Mapping[str, Any]

COLUMNS = (
    "id", "reference", "violation", "plate_number", "plate_category", "location_en", "location_ar",
    "occurred_at", "offered_at", "debtor_national_id", "referred_on", "status", "settled_item_id",
    "reversed_receipt",
)  # fmt: skip
_NEWEST = ("-occurred_at", "-id")
_DOWN = Text(
    "The General Directorate of Traffic does not answer; try again later.",
    "نظام الإدارة العامة للمرور لا يستجيب حالياً؛ حاول لاحقاً.",
)


async def of_reference(reference: str) -> Sequence[Row]:
    """Return the fine with this reference, as a list of none or one. Anybody may pay a fine.

    Raises:
        Unavailable: the directorate does not answer.
    """
    wanted = reference.strip().upper()
    return await _looked_up(lambda register: register.find([wanted]))


async def of_plate(number: str, category: str, owner_national_id: str) -> Sequence[Row]:
    """Return the fines of a plate for whoever knows its owner's personal number, newest first.

    Raises:
        Unavailable: the directorate does not answer.
    """
    plate = (number.strip(), category.strip().upper(), owner_national_id.strip())
    return await _looked_up(lambda register: register.of_plate(*plate))


async def of_viewer(viewer: Viewer) -> Sequence[Row]:
    """Return the fines issued to the signed-in person, newest first.

    Raises:
        Unauthenticated: nobody is signed in.
        Unavailable: the directorate does not answer.
    """
    viewer.person()
    number = viewer.national_id
    if number is None:
        return []
    return await _looked_up(lambda register: register.of_person(number))


async def _looked_up(
    question: Callable[[gateway.Directorate], Awaitable[Sequence[FineRecord]]],
) -> Sequence[Row]:
    try:
        records = await gateway.ask(question)
    except AgencyUnavailable as error:
        raise Unavailable(_DOWN) from error
    return await refresh(records)


async def refresh(records: Sequence[FineRecord]) -> Sequence[Row]:
    """Take the register's word into the mirror; return the rows of its fines, newest first.

    Writes only what changed: a look-up that brings no news is one read.
    """
    references = [record.reference for record in records]
    if not references:
        return []
    query = TrafficFine.filter(reference__in=references).order_by(*_NEWEST)
    rows = await query.values(*COLUMNS)
    known = {row["reference"]: row for row in rows}
    news = [record for record in records if _differs(known.get(record.reference), record)]
    if not news:
        return rows
    await db.retrying(lambda: _store(news))
    return await query.values(*COLUMNS)


def _told(record: FineRecord) -> dict[str, Any]:
    return {
        "violation": record.violation,
        "plate_number": record.plate_number,
        "plate_category": record.plate_category,
        "location_en": record.location.en,
        "location_ar": record.location.ar,
        "occurred_at": record.occurred_at,
        "offered_at": record.offered_at,
        "debtor_national_id": record.debtor_national_id,
        "referred_on": record.referred_on,
    }


def _status(row: Row, record: FineRecord) -> str:
    return status_after_telling(
        FineStatus(row["status"]),
        record,
        settled_here=row["settled_item_id"] is not None,
        reversed_receipt=row["reversed_receipt"],
    ).value


def _differs(row: Row | None, record: FineRecord) -> bool:
    if row is None:
        return True
    told = {**_told(record), "status": _status(row, record)}
    return any(row[column] != value for column, value in told.items())


async def _store(records: Sequence[FineRecord]) -> None:
    by_reference = {record.reference: record for record in records}
    seen = runtime.now()
    async with db.transaction():
        await TrafficFine.bulk_create(
            [
                TrafficFine(
                    id=runtime.new_id(),
                    reference=record.reference,
                    status=FineStatus.UNPAID.value,
                    seen_at=seen,
                    paid_fils=0,
                    reversed_fils=0,
                    **_told(record),
                )
                for record in sorted(records, key=lambda record: record.reference)
            ],
            ignore_conflicts=True,
        )
        query = TrafficFine.filter(reference__in=list(by_reference)).order_by("id")
        for fine in await db.locked(query):
            record = by_reference[fine.reference]
            status = _status({column: getattr(fine, column) for column in COLUMNS}, record)
            fine.update_from_dict({**_told(record), "status": status, "seen_at": seen})
            await fine.save()


async def rows_of(ids: Iterable[str]) -> dict[str, Row]:
    """Return mirror rows by id; unknown ids are absent. Asks nobody."""
    rows = await TrafficFine.filter(id__in=list(ids)).values(*COLUMNS)
    return {row["id"]: row for row in rows}


async def rows_of_person(national_id: str) -> Sequence[Row]:
    """Return the mirror rows of a debtor, newest first, at most 500. Asks nobody."""
    query = TrafficFine.filter(debtor_national_id=national_id).order_by(*_NEWEST)
    return await query.limit(MAX_FINES).values(*COLUMNS)


async def visible(viewer: Viewer, ids: Sequence[str]) -> dict[str, Row]:
    """Return those of the fines that the viewer may see by id: one's own, or any for an officer.

    Somebody else looks a fine up by its reference or plate.
    """
    rows = await rows_of(ids)
    if viewer.can("traffic.read", AGENCY):
        return rows
    mine = viewer.national_id
    return {id_: r for id_, r in rows.items() if mine and r["debtor_national_id"] == mine}
