"""Objecting to a fine, and deciding about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bawaba import audit, db, files, idempotency, jobs, live, payments, runtime
from bawaba.files import File
from bawaba.graphql import NotFound
from bawaba.paging import Page, keyset_page
from bawaba.text import Text
from bawaba.viewer import Viewer

from bawaba_payments_traffic import rules
from bawaba_payments_traffic.domain import (
    AGENCY,
    FINE,
    OBJECTION,
    SERVICE,
    CancelledNotice,
    FineCancelled,
    FineEvent,
    FineStatus,
    ObjectionEvent,
    ObjectionOpen,
    TrafficObjectionStatus,
)
from bawaba_payments_traffic.gateway import letters
from bawaba_payments_traffic.models import TrafficFine, TrafficObjection

Row = Mapping[str, Any]

EVIDENCE = "traffic.evidence"
"""For what files are uploaded; their subject is the objection's id."""
NOTIFY_CANCELLED = "traffic.notify_cancelled"
"""Name of the job that tells the directorate of a fine cancelled by an upheld objection."""

COLUMNS = (
    "id", "fine_id", "person_id", "grounds", "status", "submitted_at", "decided_at", "reason",
)  # fmt: skip
_UPHELD = Text("An objection to the fine was upheld.", "قُبل الاعتراض على المخالفة.")


async def submit(
    viewer: Viewer, fine_id: str, grounds: str, attachment_ids: Sequence[str], key: str
) -> Row:
    """Object to one's own fine; return the objection's row. The fine stays payable meanwhile.

    Raises:
        BadLength: the grounds are too short or too long.
        NotFound: no such fine, or no such attachment.
        TooManyFiles, FileNotReady: see :func:`bawaba.files.attach`.
        NotYourFine, FineCancelled, ObjectionOpen: see there.
    """
    text = rules.text_within_bounds(grounds, "grounds")

    async def work() -> str:
        async with db.transaction():
            objection_id = await _submit(viewer, fine_id, text)
            await files.attach(viewer, EVIDENCE, attachment_ids, objection_id, "attachmentIds")
            await idempotency.done(objection_id)
        return objection_id

    facts = [fine_id, text, *attachment_ids]
    return await _read(await idempotency.once(viewer, "traffic.object", key, facts, work))


async def _submit(viewer: Viewer, fine_id: str, grounds: str) -> str:
    fine = await db.locked(TrafficFine.filter(id=fine_id)).get_or_none()
    if fine is None:
        raise NotFound("fineId")
    status = FineStatus(fine.status)
    rules.check_objection(
        status=status, debtor=fine.debtor_national_id, national_id=viewer.national_id
    )
    pending = TrafficObjectionStatus.SUBMITTED.value
    if await TrafficObjection.filter(fine_id=fine_id, status=pending).exists():
        raise ObjectionOpen("fineId")
    objection = await TrafficObjection.create(
        id=runtime.new_id(),
        fine_id=fine_id,
        person_id=viewer.person(),
        grounds=grounds,
        status=OBJECTION.initial.value,
        submitted_at=runtime.now(),
    )
    detail = {"objectionId": objection.id}
    await audit.record(viewer, "traffic.objection.submitted", f"TrafficFine:{fine_id}", detail)
    await live.emit(f"traffic.fine:{fine_id}", "OBJECTION_SUBMITTED", detail)
    return objection.id


async def decide(viewer: Viewer, objection_id: str, *, uphold: bool, reason: str, key: str) -> Row:
    """Uphold or reject an objection; return its row.

    Upholding cancels the fine and, where it was paid, gives the payer the money back, in the
    same transaction.

    Raises:
        BadLength: the reason is too short or too long.
        NotFound: no such objection.
        OwnFine, ObjectionDecided, FineCancelled: see there.
    """
    text = rules.text_within_bounds(reason, "reason")

    async def work() -> str:
        async with db.transaction():
            await _decide(viewer, objection_id, uphold=uphold, reason=text)
            await idempotency.done(objection_id)
        return objection_id

    facts = [objection_id, uphold, text]
    return await _read(await idempotency.once(viewer, "traffic.decide", key, facts, work))


async def _decide(viewer: Viewer, objection_id: str, *, uphold: bool, reason: str) -> None:
    objection = await db.locked(TrafficObjection.filter(id=objection_id)).get_or_none()
    if objection is None:
        raise NotFound("objectionId")
    debtor = (await TrafficFine.get(id=objection.fine_id)).debtor_national_id
    status = TrafficObjectionStatus(objection.status)
    rules.check_decision(
        status=status,
        debtor=debtor,
        objector=objection.person_id,
        national_id=viewer.national_id,
        person=viewer.person(),
    )
    event = ObjectionEvent.UPHOLD if uphold else ObjectionEvent.REJECT
    objection.status = OBJECTION.next(status, event).value
    objection.decided_at, objection.decided_by = runtime.now(), viewer.person()
    objection.reason = reason
    objection.refund_id = await _cancel(objection) if uphold else None
    await objection.save()
    resource, detail = f"TrafficFine:{objection.fine_id}", {"objectionId": objection.id}
    verb = objection.status.lower()
    await audit.record(viewer, f"traffic.objection.{verb}", resource, detail)
    await live.emit(f"traffic.fine:{objection.fine_id}", f"OBJECTION_{objection.status}", detail)


async def _cancel(objection: TrafficObjection) -> str | None:
    """Cancel the fine and give back what was paid; return the refund's id.

    The refund comes first: a settlement locks the payment, then the fine, and so must this.
    """
    refund_id = await payments.refund_bill(SERVICE, objection.fine_id, _UPHELD)
    fine = await db.locked(TrafficFine.filter(id=objection.fine_id)).get()
    if not FINE.allows(FineStatus(fine.status), FineEvent.WITHDRAWN):
        raise FineCancelled("objectionId")
    fine.status = FINE.next(FineStatus(fine.status), FineEvent.WITHDRAWN).value
    await fine.save(update_fields=["status"])
    await jobs.enqueue(NOTIFY_CANCELLED, {"objectionId": objection.id}, key=objection.id)
    return refund_id


async def notify_cancelled(payload: Mapping[str, Any]) -> None:
    """Tell the directorate of a fine cancelled by an upheld objection (a job)."""
    row = await TrafficObjection.get(id=payload["objectionId"]).values(
        "id", "decided_at", "fine__reference"
    )
    notice = CancelledNotice(row["id"], row["fine__reference"], row["decided_at"])
    await letters.tell_cancelled(notice)


async def _read(objection_id: str) -> Row:
    return await TrafficObjection.get(id=objection_id).values(*COLUMNS)


async def desk(status: TrafficObjectionStatus | None, first: int, after: str | None) -> Page:
    """Return a page of objections for the officers, oldest first."""
    query = (
        TrafficObjection.all() if status is None else TrafficObjection.filter(status=status.value)
    )
    return await keyset_page(
        query, order=("submitted_at", "id"), first=first, after=after, columns=COLUMNS
    )


async def visible(viewer: Viewer, ids: Sequence[str]) -> Sequence[Row]:
    """Return those of the objections that the viewer may see: one's own, or any for an officer."""
    rows = await TrafficObjection.filter(id__in=list(ids)).values(*COLUMNS)
    if viewer.can("traffic.read", AGENCY):
        return rows
    return [row for row in rows if viewer.person_id and row["person_id"] == viewer.person_id]


async def readable(viewer: Viewer, ids: Sequence[str]) -> frozenset[str]:
    """Return the objections whose evidence the viewer may read: those that they may see."""
    return frozenset(str(row["id"]) for row in await visible(viewer, ids))


async def evidence(ids: Sequence[str]) -> Mapping[str, Sequence[File]]:
    """Return the files of each objection that has some."""
    return await files.of_subjects(EVIDENCE, ids)
