"""Taking scans, and looking shipments up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bawaba import db, jobs, live, runtime
from bawaba.errors import AgencyUnavailable, BadInput, Unavailable
from bawaba.live import NewEvent
from bawaba.paging import Page, keyset_page
from bawaba.text import Text
from bawaba.viewer import Viewer

from bawaba_bahrain_post import gateway
from bawaba_bahrain_post.domain import (
    AGENCY,
    MAX_SCANS,
    SHIPMENT,
    Consignment,
    PostBillStatus,
    PostScanKind,
    PostShipmentStatus,
    Scan,
)
from bawaba_bahrain_post.models import PostBill, PostScan, PostShipment
from bawaba_bahrain_post.rules import journey, s10
from bawaba_bahrain_post.services import duties, notices

Row = Mapping[str, Any]

TOPIC = "post.shipment:"
"""Followed by the shipment's id: what is told when a shipment changes."""
SCANNED, ASSESSED = "SCANNED", "ASSESSED"
DUTY_PAID, DUTY_REVERSED = "DUTY_PAID", "DUTY_REVERSED"
ASK = "post.ask"
"""Name of the job that asks the post what a held shipment holds."""
COLUMNS = (
    "id", "tracking_number", "status", "recipient_national_id", "recipient_name_en",
    "recipient_name_ar", "held_on",
)  # fmt: skip
_HELD = PostShipmentStatus.HELD_FOR_DUTY
_DOWN = Text(
    "Bahrain Post does not answer; try again later.", "نظام بريد البحرين لا يستجيب؛ حاول لاحقاً."
)


@dataclass(slots=True)
class Stored:
    """What became of scans: how many were new, and which were beyond the bound."""

    news: int = 0
    beyond: list[Scan] = field(default_factory=list)
    events: list[NewEvent] = field(default_factory=list)


async def store(
    consignments: Sequence[Consignment], scans: Sequence[Scan], letter_key: str | None = None
) -> Stored:
    """Take what the post tells, in one transaction; known scans change nothing.

    Shipments are locked in the order of their numbers, so that letters that arrive together wait
    for each other. Each shipment that changed makes one event.
    """
    by_number: dict[str, list[Scan]] = defaultdict(list)
    for scan in (*scans, *(scan for each in consignments for scan in each.scans)):
        by_number[scan.tracking_number].append(scan)
    told = {each.tracking_number: each for each in consignments}
    numbers = sorted({*by_number, *told})
    stored = Stored()
    async with db.transaction():
        locked = await _begun(numbers)
        known = await scans_of([shipment.id for shipment in locked])
        for shipment in locked:
            number = shipment.tracking_number
            new_facts = _learnt(shipment, told.get(number))
            before = known.get(shipment.id, ())
            kept, beyond = journey.admitted(before, by_number[number])
            stored.beyond += beyond
            if kept or new_facts:
                await _add(shipment, kept, letter_key)
                await _moved(shipment, [*before, *kept], stored, kept, new_facts=new_facts)
        await live.emit_all(stored.events)
    return stored


async def _begun(numbers: Sequence[str]) -> list[PostShipment]:
    seen, initial = runtime.now(), SHIPMENT.initial.value
    shells = [
        PostShipment(
            id=runtime.new_id(), tracking_number=number, track=initial, status=initial, seen_at=seen
        )
        for number in numbers
    ]
    await PostShipment.bulk_create(shells, ignore_conflicts=True)
    query = PostShipment.filter(tracking_number__in=list(numbers)).order_by("tracking_number")
    return await db.locked(query)


def _learnt(shipment: PostShipment, told: Consignment | None) -> bool:
    """Fill in what was not known of a shipment; return whether that was something."""
    if told is None:
        return False
    learnt = False
    name, declared = told.recipient_name, told.declaration
    if shipment.recipient_national_id is None and told.recipient_national_id and name:
        shipment.recipient_national_id = told.recipient_national_id
        shipment.recipient_name_en, shipment.recipient_name_ar = name.en, name.ar
        learnt = True
    if shipment.declared_heading is None and declared:
        shipment.declared_heading, shipment.declared_fils = declared.heading, declared.value
        learnt = True
    return learnt


async def _add(shipment: PostShipment, scans: Sequence[Scan], letter_key: str | None) -> None:
    at = runtime.now()
    await PostScan.bulk_create(
        [
            PostScan(
                id=runtime.new_id(),
                shipment_id=shipment.id,
                kind=scan.kind.value,
                occurred_at=scan.at,
                place_en=scan.place.en,
                place_ar=scan.place.ar,
                note_en=scan.note.en if scan.note else None,
                note_ar=scan.note.ar if scan.note else None,
                letter_key=letter_key,
                taken_at=at,
            )
            for scan in scans
        ]
    )


async def _moved(
    shipment: PostShipment,
    scans: Sequence[Scan],
    stored: Stored,
    kept: Sequence[Scan],
    *,
    new_facts: bool,
) -> None:
    """Fold the scans anew, and do what follows from where the shipment is now."""
    was, track = PostShipmentStatus(shipment.track), journey.folded(scans)
    bill = await db.locked(PostBill.filter(shipment_id=shipment.id)).get_or_none()
    held = journey.first_at(scans, PostScanKind.HELD_FOR_DUTY)
    shipment.held_on = runtime.local_day(held.at) if held else None
    opened = None
    if bill is None and track is _HELD and shipment.held_on and (was is not _HELD or new_facts):
        bill = opened = await duties.open_bill(shipment, shipment.held_on)
        if bill is None and shipment.declared_heading is None:
            await jobs.enqueue(ASK, {"trackingNumber": shipment.tracking_number}, key=shipment.id)
    if bill is not None and was is _HELD and track is not _HELD:
        let_go = journey.first_at(scans, PostScanKind.RELEASED)
        day = runtime.local_day(let_go.at) if let_go else runtime.today()
        await duties.left_customs(bill, track, day)
    if bill is not None and bill.debtor_national_id is None and shipment.recipient_national_id:
        bill.debtor_national_id = shipment.recipient_national_id
        await bill.save()
        await notices.duty(shipment, bill)
    if track is PostShipmentStatus.DELIVERED and was is not track:
        await notices.delivered(shipment)
    shipment.track, shipment.seen_at = track.value, runtime.now()
    shipment.status = journey.with_duty(track, PostBillStatus(bill.status) if bill else None).value
    await shipment.save()
    stored.news += len(kept)
    if kept or opened:
        kind, data = SCANNED if kept else ASSESSED, {"status": shipment.status}
        stored.events.append(NewEvent(TOPIC + shipment.id, kind, data))


async def scans_of(shipment_ids: Collection[str]) -> dict[str, list[Scan]]:
    """Return the scans of shipments, by shipment, in the order of events."""
    rows = await PostScan.filter(shipment_id__in=list(shipment_ids)).values(
        "shipment_id", "shipment__tracking_number", "kind", "occurred_at", "place_en", "place_ar",
        "note_en", "note_ar",
    )  # fmt: skip
    found: dict[str, list[Scan]] = defaultdict(list)
    for row in rows:
        found[row["shipment_id"]].append(
            Scan(
                tracking_number=row["shipment__tracking_number"],
                kind=PostScanKind(row["kind"]),
                at=row["occurred_at"],
                place=Text(row["place_en"], row["place_ar"]),
                note=Text(row["note_en"], row["note_ar"]) if row["note_en"] else None,
            )
        )
    return {id_: journey.in_order(scans)[-MAX_SCANS:] for id_, scans in found.items()}


def well_formed(typed: str) -> str:
    """Return a tracking number as it is kept.

    Raises:
        BadInput: it is not one; says what is wrong.
    """
    number = s10.normalised(typed)
    found = s10.flaw(number)
    if found is not None:
        raise BadInput(found.value, argument="trackingNumber", flaw=found.name)
    return number


async def find(number: str) -> Row | None:
    """Return the shipment with this well-formed number; one that is not known is asked for.

    Raises:
        Unavailable: it is not known here, and the post does not answer.
    """
    row = await _row(number)
    if row is not None:
        return row
    try:
        consignment = await gateway.look_up(number)
    except AgencyUnavailable as error:
        raise Unavailable(_DOWN) from error
    if consignment is None:
        return None
    await db.retrying(lambda: store([consignment], ()))
    return await _row(number)


async def ask(payload: Mapping[str, Any]) -> None:
    """Ask the post what a held shipment holds, so that its duty can be assessed (a job).

    Raises:
        AgencyUnavailable: try again later; also where the post has no answer yet.
    """
    number = payload["trackingNumber"]
    consignment = await gateway.look_up(number)
    if consignment is None or consignment.declaration is None:
        raise AgencyUnavailable(f"the post does not tell what shipment {number} holds")
    await db.retrying(lambda: store([consignment], ()))


async def _row(number: str) -> Row | None:
    rows = await PostShipment.filter(tracking_number=number).values(*COLUMNS)
    return rows[0] if rows else None


async def rows_of(ids: Collection[str]) -> dict[str, Row]:
    """Return shipments by id; unknown ids are absent."""
    rows = await PostShipment.filter(id__in=list(ids)).values(*COLUMNS)
    return {row["id"]: row for row in rows}


def concerns(viewer: Viewer, recipient: str | None) -> bool:
    """Return whether the viewer may know what a shipment holds and for whom it is.

    The recipient may, and who works at the desk. To others a tracking number tells where it is.
    """
    is_own = recipient is not None and viewer.national_id == recipient
    return is_own or viewer.can("post.desk", AGENCY)


async def visible(viewer: Viewer, ids: Sequence[str]) -> dict[str, Row]:
    """Return those of the shipments that the viewer may see by id.

    Somebody else looks a shipment up by its tracking number.
    """
    rows = (await rows_of(ids)).items()
    return {id_: row for id_, row in rows if concerns(viewer, row["recipient_national_id"])}


async def of_person(viewer: Viewer, first: int, after: str | None) -> Page:
    """Return a page of the shipments that are addressed to the viewer, newest first."""
    mine = PostShipment.filter(recipient_national_id=viewer.national_id or "-")
    return await keyset_page(mine, order=["-id"], first=first, after=after, columns=COLUMNS)


async def held(first: int, after: str | None) -> Page:
    """Return a page of what customs holds, the oldest first: the desk's list."""
    query = PostShipment.filter(track=_HELD.value)
    return await keyset_page(query, order=["id"], first=first, after=after, columns=COLUMNS)
