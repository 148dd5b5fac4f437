"""Post boxes: taken from the post's letters, moved on by time, renewed, undone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from bawaba import correspondence, db, jobs, runtime
from bawaba.paging import Page, keyset_page
from bawaba.viewer import Viewer

from bawaba_bahrain_post.domain import (
    AGENCY,
    BILL,
    BOX,
    BillEvent,
    BoxEvent,
    BoxRecord,
    PostBillKind,
    PostBillStatus,
    PostBoxStatus,
)
from bawaba_bahrain_post.models import PostBill, PostBox
from bawaba_bahrain_post.rules import boxes
from bawaba_bahrain_post.rules.tariffs import rent_of
from bawaba_bahrain_post.services import notices
from bawaba_bahrain_post.services.tariffs import box_terms, tariffs

Row = Mapping[str, Any]

ADVANCE, TELL_CLOSED = "post.boxes", "post.tell_closed"
"""Names of the jobs that move boxes on, and that tell the post of a closed one."""
EVERY = dt.timedelta(minutes=5)
BATCH = 500
"""Boxes moved on in one run; the next follows soon."""
COLUMNS = ("id", "office", "number", "size", "holder_national_id", "status", "expires_on")


def acceptable(record: BoxRecord) -> bool:
    """Return whether the tariffs speak of a box: of its size, and of the day it expires."""
    try:
        box_terms(record.expires_on)
    except LookupError:
        return False
    return rent_of(tariffs(), record.size, runtime.today()) is not None


async def register(records: Sequence[BoxRecord]) -> int:
    """Take boxes that the post has let; return how many are new. Boxes known here stay.

    How far a box is paid is the platform's own knowledge from then on; a box that was closed may
    be let again.
    """
    at, new = runtime.now(), 0
    async with db.transaction():
        for record in sorted(records, key=lambda each: (each.office, each.number)):
            let = PostBox.filter(office=record.office, number=record.number)
            if await let.exclude(status=PostBoxStatus.CLOSED.value).exists():
                continue
            terms, status = box_terms(record.expires_on), BOX.initial
            row = PostBox(
                id=runtime.new_id(),
                office=record.office,
                number=record.number,
                size=record.size,
                holder_national_id=record.holder_national_id,
                status=status.value,
                expires_on=record.expires_on,
                next_step_on=boxes.next_step_on(status, record.expires_on, terms),
            )
            # Two letters may tell of one box at once: the second's row is dropped.
            await PostBox.bulk_create([row], ignore_conflicts=True)
            box = await db.locked(PostBox.filter(id=row.id)).get_or_none()
            if box is not None:
                new += 1
                await _move_on(box, runtime.local_day(at))
    return new


async def advance(_payload: Mapping[str, Any]) -> None:
    """Move on the boxes whose day has come (a periodic job). One transaction a box.

    Raises:
        LookupError: the tariffs have a gap for some box; the others were moved on.
    """
    today, gap = runtime.today(), None
    due = PostBox.filter(next_step_on__lte=today).order_by("next_step_on", "id")
    for box_id in await due.limit(BATCH).values_list("id", flat=True):
        try:
            async with db.transaction():
                box = await db.locked(PostBox.filter(id=str(box_id))).get_or_none()
                if box is not None:
                    await _move_on(box, today)
        except LookupError as error:
            gap = error
    if gap is not None:
        raise gap


async def _move_on(box: PostBox, day: dt.date) -> None:
    """Take the steps that are due by ``day``; under the box's lock."""
    terms = box_terms(box.expires_on)
    for event in boxes.steps(PostBoxStatus(box.status), box.expires_on, terms, day):
        status = BOX.next(PostBoxStatus(box.status), event)
        box.status = status.value
        last = boxes.closes_on(box.expires_on, terms)
        if event is BoxEvent.RENEWAL_OPENED:
            await _open_bill(box)
        elif event is BoxEvent.EXPIRED:
            await notices.box_grace(box, last)
        else:
            await _close(box, last)
    await _save(box)


async def _save(box: PostBox) -> None:
    terms = box_terms(box.expires_on)
    box.next_step_on = boxes.next_step_on(PostBoxStatus(box.status), box.expires_on, terms)
    await box.save()


async def _open_bill(box: PostBox) -> None:
    """Open the bill of the next year, unless one stands (an undone one does)."""
    if await PostBill.filter(box_id=box.id, status=PostBillStatus.UNPAID.value).exists():
        return
    rent = rent_of(tariffs(), box.size, runtime.today())
    if rent is None:
        raise LookupError(f"no rent for boxes of size {box.size}")
    raw = runtime.new_id()
    bill = await PostBill.create(
        id=raw,
        kind=PostBillKind.BOX_RENEWAL.value,
        reference=f"PB-{box.number}-{box.expires_on.year + 1}-{raw[-6:].upper()}",
        box_id=box.id,
        debtor_national_id=box.holder_national_id,
        status=BILL.initial.value,
        fixed_fils=rent.fils,
        customs_fils=0,
        since=box.expires_on,
        opened_at=runtime.now(),
        paid_fils=0,
        reversed_fils=0,
    )
    await notices.box_due(box, bill)


async def _close(box: PostBox, last: dt.date) -> None:
    unpaid = PostBill.filter(box_id=box.id, status=PostBillStatus.UNPAID.value).order_by("id")
    for bill in await db.locked(unpaid):
        bill.status = BILL.next(PostBillStatus.UNPAID, BillEvent.WITHDRAWN).value
        await bill.save()
    await notices.box_closed(box, last)
    await jobs.enqueue(TELL_CLOSED, {"boxId": box.id}, key=box.id)


def renewable(box: PostBox, day: dt.date) -> bool:
    """Return whether money that came on ``day`` renews the box."""
    last = boxes.closes_on(box.expires_on, box_terms(box.expires_on))
    return BOX.allows(PostBoxStatus(box.status), BoxEvent.RENEWED) and day <= last


async def renew(box: PostBox) -> None:
    """Add a year to the day through which the box was paid, whenever the money came."""
    box.status = BOX.next(PostBoxStatus(box.status), BoxEvent.RENEWED).value
    box.expires_on = boxes.year_later(box.expires_on)
    await _move_on(box, runtime.today())


async def undo(box: PostBox, bill: PostBill) -> None:
    """Take the year of a reversed bill away again; the bill is owed anew.

    A bill of a later year that is still open is withdrawn, since the year before comes first. Of
    a box that is closed the bill is withdrawn too.
    """
    later = PostBill.filter(box_id=box.id, status=PostBillStatus.UNPAID.value)
    for other in await db.locked(later.exclude(id=bill.id).order_by("id")):
        other.status = BILL.next(PostBillStatus.UNPAID, BillEvent.WITHDRAWN).value
        await other.save()
    if box.status == PostBoxStatus.CLOSED.value:
        bill.status = BILL.next(PostBillStatus.UNPAID, BillEvent.WITHDRAWN).value
    else:
        same_year = box.expires_on == boxes.year_later(bill.since)
        box.status = BOX.next(PostBoxStatus(box.status), BoxEvent.RENEWAL_UNDONE).value
        box.expires_on = bill.since if same_year else boxes.year_later(box.expires_on, -1)
        bill.since = box.expires_on


async def settle_time(box: PostBox) -> None:
    """Move a box on to today after its renewal was undone and its bill stored."""
    await _move_on(box, runtime.today())


async def tell_closed(payload: Mapping[str, Any]) -> None:
    """Tell the post that a box was closed (a job).

    Raises:
        AgencyUnavailable: try again later.
    """
    box = await PostBox.get(id=payload["boxId"])
    body = {
        "office": box.office,
        "number": box.number,
        "expiredOn": box.expires_on.isoformat(),
    }
    await correspondence.send(AGENCY, "post.box_closed", body, f"post.box_closed:{box.id}")


async def of_person(viewer: Viewer, first: int, after: str | None) -> Page:
    """Return a page of the viewer's boxes, closed ones included, newest first."""
    mine = PostBox.filter(holder_national_id=viewer.national_id or "-")
    return await keyset_page(mine, order=["-id"], first=first, after=after, columns=COLUMNS)


async def visible(viewer: Viewer, ids: Collection[str]) -> dict[str, Row]:
    """Return those of the boxes that the viewer may see: one's own, or any at the desk."""
    rows = await PostBox.filter(id__in=list(ids)).values(*COLUMNS)
    mine, desk = viewer.national_id, viewer.can("post.desk", AGENCY)
    return {r["id"]: r for r in rows if desk or (mine and r["holder_national_id"] == mine)}
