"""Opening a hidden identity: it takes two people, and is audited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bawaba import audit, db, people, runtime
from bawaba.errors import Forbidden, NotFound
from bawaba.paging import Page, keyset_page
from bawaba.viewer import Viewer

from bawaba_tawasul.domain import (
    IDENTITY_REQUEST,
    IdentityTrigger,
    TawasulAction,
    TawasulIdentityRequestStatus,
    TawasulStatus,
    TawasulStep,
)
from bawaba_tawasul.models import TawasulCase, TawasulIdentityRequest
from bawaba_tawasul.refusals import SecondPersonNeeded
from bawaba_tawasul.rules.access import SUPERVISE
from bawaba_tawasul.rules.reasons import wrong
from bawaba_tawasul.rules.texts import text_within_bounds
from bawaba_tawasul.services import steps

Row = Mapping[str, Any]
COLUMNS = (
    "id", "case_id", "agency", "reason", "status", "requested_by", "requested_at", "approved_by",
    "approved_at",
)  # fmt: skip
T = TawasulStep


async def request(viewer: Viewer, reference: str, reason: str) -> Row:
    """Ask to know who submitted the case; return the request's row.

    Raises:
        NotFound, Forbidden, IdentityNotHidden: see ``steps.begin``.
        BadText: see there.
    """
    why = text_within_bounds(reason, "reason")
    async with db.transaction():
        work = await steps.begin(viewer, reference, TawasulAction.REQUEST_IDENTITY)
        case = work.case
        row = await TawasulIdentityRequest.create(
            id=runtime.new_id(),
            case_id=case.id,
            agency=case.agency,
            reason=why,
            status=IDENTITY_REQUEST.initial.value,
            requested_by=work.actor,
            requested_at=work.at,
        )
        detail = {"request": row.id}
        resource = f"TawasulCase:{case.id}"
        await steps.finish(work, T.IDENTITY_REQUESTED, moves=False)
        await audit.record(viewer, "tawasul.identity.requested", resource, detail)
    return await _read(row.id)


async def approve(viewer: Viewer, request_id: str) -> Row:
    """Open the identity to the one who asked and to the one who approves; return the row.

    Raises:
        NotFound: no such request of an agency that the viewer supervises.
        SecondPersonNeeded: the viewer asked, or is the citizen.
        WrongStatus: it was approved already, or the case is another agency's by now.
    """
    async with db.transaction():
        row = await db.locked(TawasulIdentityRequest.filter(id=request_id)).first()
        if row is None or not viewer.can("tawasul.desk", row.agency):
            raise NotFound("requestId")
        if not viewer.can(SUPERVISE, row.agency):
            raise Forbidden
        case = await db.locked(TawasulCase.filter(id=row.case_id)).get()
        if viewer.person() in {row.requested_by, case.submitter_id}:
            raise SecondPersonNeeded("requestId")
        status = TawasulIdentityRequestStatus(row.status)
        if case.agency != row.agency or not IDENTITY_REQUEST.allows(
            status, IdentityTrigger.APPROVE
        ):
            raise wrong(TawasulStatus(case.status))
        row.status = IDENTITY_REQUEST.next(status, IdentityTrigger.APPROVE).value
        row.approved_by, row.approved_at = viewer.person(), runtime.now()
        await row.save()
        work = await steps.begin_desk(case, viewer)
        await steps.finish(work, T.IDENTITY_OPENED, moves=False)
        detail = {"request": row.id, "requestedBy": row.requested_by}
        await audit.record(viewer, "tawasul.identity.opened", f"TawasulCase:{case.id}", detail)
    return await _read(request_id)


async def submitter_of(viewer: Viewer, row: Row) -> str | None:
    """Return the name behind an approved request, to the two people whom it was opened to."""
    if row["status"] != TawasulIdentityRequestStatus.APPROVED.value:
        return None
    if viewer.person_id not in {row["requested_by"], row["approved_by"]}:
        return None
    case = await TawasulCase.get(id=row["case_id"]).values("submitter_id")
    person = case["submitter_id"]
    return (await people.names([person], viewer.language)).get(person)


async def pending(agency: str, first: int, after: str | None) -> Page:
    """Return a page of an agency's requests that wait for a second person, oldest first."""
    query = TawasulIdentityRequest.filter(agency=agency, status="PENDING")
    return await keyset_page(query, order=("id",), first=first, after=after, columns=COLUMNS)


async def visible(viewer: Viewer, ids: Sequence[str]) -> dict[str, Row]:
    """Return those of the requests that concern an agency at whose desk the viewer stands."""
    rows = await TawasulIdentityRequest.filter(id__in=list(ids)).values(*COLUMNS)
    return {row["id"]: row for row in rows if viewer.can("tawasul.desk", row["agency"])}


async def _read(request_id: str) -> Row:
    row: Row = await TawasulIdentityRequest.get(id=request_id).values(*COLUMNS)
    return row
