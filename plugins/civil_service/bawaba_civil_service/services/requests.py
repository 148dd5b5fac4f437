"""Requests for certificates: made, cancelled, lapsed; each is the bill of its own fee."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from bawaba import audit, db, idempotency, jobs, live, runtime
from bawaba.errors import NotFound
from bawaba.paging import Page, keyset_page
from bawaba.payments import Bill, BillStatus
from bawaba.text import Language, Text
from bawaba.viewer import Viewer

from bawaba_civil_service.domain import (
    PURPOSE_LENGTH,
    REQUEST,
    SERVICE,
    CivilServiceCertificateKind,
    CivilServiceRequestStatus,
    RequestEvent,
)
from bawaba_civil_service.models import CivilEmployee, CivilRequest
from bawaba_civil_service.refusals import NoRecord, RequestClosed
from bawaba_civil_service.rules import papers
from bawaba_civil_service.services.data import fees

Row = Mapping[str, Any]
TOPIC = "civilService.certificate:"
"""Followed by a request's id: everything that happens to it."""
ISSUE = "civilService.issue"
"""Name of the job that prepares, prints and issues a certificate."""
COLUMNS = (
    "id", "reference", "employee_id", "employee__national_id", "person_id", "kind", "language",
    "purpose", "status", "fee_fils", "requested_at", "expires_at", "settled_item_id", "paid_at",
    "issued_at", "certificate__verification_code", "certificate__issued_on",
    "certificate__file_id",
)  # fmt: skip
_R = CivilServiceRequestStatus
_BATCH = 200
_STATUS = {
    _R.SUBMITTED: BillStatus.UNPAID,
    _R.AWAITING_PAYMENT: BillStatus.UNPAID,
    _R.PAID: BillStatus.PAID,
    _R.ISSUED: BillStatus.PAID,
    _R.CANCELLED: BillStatus.CANCELLED,
    _R.EXPIRED: BillStatus.CANCELLED,
    _R.REVOKED: BillStatus.CANCELLED,
}
_FEES = {
    CivilServiceCertificateKind.SALARY: Text("Salary certificate", "شهادة راتب"),
    CivilServiceCertificateKind.EXPERIENCE: Text("Experience certificate", "شهادة خبرة"),
}
_FEE = Text(
    "The fee in force on the day of the request, {day}.", "الرسم المعمول به يوم الطلب، {day}."
)
_CLOSED = Text("Nothing is due.", "لا يوجد مبلغ مستحق.")
_LAPSED = Text("The time to pay this fee is over.", "انتهت مهلة دفع هذا الرسم.")


async def submit(
    viewer: Viewer,
    kind: CivilServiceCertificateKind,
    language: Language,
    purpose: str,
    key: str,
) -> Row:
    """Ask for a certificate; return the request's row, which waits for its fee to be paid.

    Raises:
        NoRecord, NotEmployed, NoFee, TooManyRequests, BadText: see there.
    """
    why = papers.bounded_text(purpose, PURPOSE_LENGTH, "purpose")

    async def work() -> str:
        async with db.transaction():
            request_id = await _submit(viewer, kind, language, why)
            await idempotency.done(request_id)
        return request_id

    facts = [kind.value, language.value, why]
    operation = "civilService.requestCertificate"
    return await one(await idempotency.once(viewer, operation, key, facts, work))


async def _submit(
    viewer: Viewer, kind: CivilServiceCertificateKind, language: Language, purpose: str
) -> str:
    query = CivilEmployee.filter(national_id=viewer.national_id or "")
    employee = await db.locked(query).get_or_none()
    if employee is None:
        raise NoRecord
    today, at = runtime.today(), runtime.now()
    waiting = await CivilRequest.filter(
        employee_id=employee.id, status=_R.AWAITING_PAYMENT.value
    ).count()
    papers.check_request(kind, left_on=employee.left_on, today=today, waiting=waiting)
    fee = papers.fee_of(fees(), kind, today)
    event = RequestEvent.BILL if fee.fils else RequestEvent.WAIVE
    request = await CivilRequest.create(
        id=runtime.new_id(),
        reference=f"CSC-{papers.code_of(runtime.current().ids.secret())[:14]}",
        employee_id=employee.id,
        person_id=viewer.person(),
        kind=kind.value,
        language=language.value,
        purpose=purpose,
        status=REQUEST.next(REQUEST.initial, event).value,
        fee_fils=fee.fils,
        requested_at=at,
        expires_at=at + dt.timedelta(days=fee.pay_within),
        paid_fils=0,
        reversed_fils=0,
    )
    if event is RequestEvent.WAIVE:
        await jobs.enqueue(ISSUE, {"request": request.id}, key=request.id)
    resource = f"CivilServiceCertificateRequest:{request.id}"
    await audit.record(viewer, "civilService.certificate.requested", resource)
    return request.id


async def cancel(viewer: Viewer, request_id: str) -> Row:
    """Give up one's own request while it waits for payment.

    Raises:
        NotFound: no such request, or somebody else's.
        RequestClosed: it is paid, or has ended.
    """
    async with db.transaction():
        request = await db.locked(CivilRequest.filter(id=request_id)).get_or_none()
        if request is None or not await _is_own(viewer, request):
            raise NotFound("requestId")
        if not REQUEST.allows(_R(request.status), RequestEvent.CANCEL):
            raise RequestClosed("requestId")
        move(request, RequestEvent.CANCEL)
        await request.save(update_fields=["status", "ended_at"])
        await live.emit(TOPIC + request.id, request.status)
        resource = f"CivilServiceCertificateRequest:{request.id}"
        await audit.record(viewer, "civilService.certificate.cancelled", resource)
    return await one(request_id)


async def _is_own(viewer: Viewer, request: CivilRequest) -> bool:
    await request.fetch_related("employee")
    return viewer.national_id is not None and request.employee.national_id == viewer.national_id


def move(request: CivilRequest, event: RequestEvent) -> None:
    """Take a locked request along an edge of its machine; the caller saves and emits.

    Raises:
        IllegalTransition: there is no such edge.
    """
    after = REQUEST.next(_R(request.status), event)
    request.status = after.value
    if after in REQUEST.terminal:
        request.ended_at = runtime.now()


async def expire(_payload: Mapping[str, Any]) -> None:
    """Let requests lapse whose time to pay is over (a periodic job)."""
    waiting = CivilRequest.filter(
        status=_R.AWAITING_PAYMENT.value, expires_at__lte=runtime.now()
    ).order_by("id")
    while True:
        async with db.transaction():
            due = await db.skip_locked(waiting.limit(_BATCH))
            for request in due:
                move(request, RequestEvent.EXPIRE)
                await request.save(update_fields=["status", "ended_at"])
            await live.emit_all([live.NewEvent(TOPIC + r.id, r.status) for r in due])
        if len(due) < _BATCH:
            return


async def one(request_id: str) -> Row:
    """Return a request's row."""
    row: Row = await CivilRequest.get(id=request_id).values(*COLUMNS)
    return row


async def of_ids(ids: Sequence[str]) -> dict[str, Row]:
    """Return requests by id; unknown ids are absent. Asks nobody's rights."""
    rows = await CivilRequest.filter(id__in=list(ids)).values(*COLUMNS)
    return {row["id"]: row for row in rows}


async def visible(viewer: Viewer, ids: Sequence[str]) -> dict[str, Row]:
    """Return those of the requests that are the viewer's own: nobody else sees one."""
    mine = viewer.national_id
    rows = (await of_ids(ids)).items()
    return {id_: row for id_, row in rows if mine and row["employee__national_id"] == mine}


async def of_employee(employee_id: str, first: int, after: str | None) -> Page:
    """Return a page of an employee's requests, newest first.

    The caller has asked whether the viewer is that employee.
    """
    query, order = CivilRequest.filter(employee_id=employee_id), ("-requested_at", "-id")
    return await keyset_page(query, order=order, first=first, after=after, columns=COLUMNS)


async def of_debtor(national_id: str, most: int) -> Sequence[Row]:
    """Return the requests of the person with this personal number, newest first."""
    query = CivilRequest.filter(employee__national_id=national_id).order_by("-requested_at", "-id")
    return await query.limit(most).values(*COLUMNS)


def bill_of(request: Row, at: dt.datetime) -> Bill:
    """Return a request (a row) as the bill of its fee, as it stands ``at`` an instant."""
    status = _R(request["status"])
    waits = status is _R.AWAITING_PAYMENT
    day = runtime.local_day(request["requested_at"])
    return Bill(
        id=request["id"],
        service=SERVICE,
        reference=request["reference"],
        description=_FEES[CivilServiceCertificateKind(request["kind"])],
        status=_STATUS[status],
        fils=request["fee_fils"],
        due_fils=request["fee_fils"] if waits else 0,
        explanation=_FEE.fill(day=day.isoformat()) if waits else _CLOSED,
        due_on=runtime.local_day(request["expires_at"]),
        debtor_national_id=request["employee__national_id"],
        not_payable=_LAPSED if waits and at >= request["expires_at"] else None,
    )
