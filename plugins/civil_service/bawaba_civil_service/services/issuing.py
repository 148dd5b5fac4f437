"""Issuing certificates: ask the bureau, print, keep, tell; and revoking them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bawaba import audit, correspondence, db, files, jobs, live, notifications, payments, runtime
from bawaba.notifications import Notice
from bawaba.text import Text

from bawaba_civil_service import gateway
from bawaba_civil_service.domain import (
    AGENCY,
    REQUEST,
    SERVICE,
    CivilServiceCertificateKind,
    CivilServiceRequestStatus,
    Facts,
    RequestEvent,
)
from bawaba_civil_service.models import CivilCertificate, CivilRequest
from bawaba_civil_service.rules import papers, wire
from bawaba_civil_service.services import printing, requests

TELL_ISSUED = "civilService.tell_issued"
"""Name of the job that tells the bureau of a certificate."""
_R = CivilServiceRequestStatus
_GONE = Text(
    "The bureau's register has nothing to certify; the fee is given back.",
    "لا يوجد في سجل الجهاز ما تُثبته الشهادة؛ وسيُرد الرسم.",
)
_READY = Text("Your certificate is ready", "شهادتك جاهزة")
_NOT_READY = Text("Your certificate cannot be issued", "تعذر إصدار شهادتك")
_CODE = Text("Reference {reference}.", "المرجع {reference}.")


async def issue(payload: Mapping[str, Any]) -> None:
    """Prepare, print and issue a paid certificate (a job); each step is done once.

    Raises:
        AgencyUnavailable: the bureau does not answer; the job is tried again later.
    """
    request = await CivilRequest.get(id=payload["request"]).select_related("employee")
    if request.status != _R.PAID.value:
        return
    certificate = await CivilCertificate.get_or_none(request_id=request.id)
    if certificate is None:
        number = request.employee.employee_number
        facts = await gateway.ask(lambda register: register.facts(number))
        if facts is None or not _certifiable(request, facts):
            await _refuse(request.id)
            return
        certificate = await _prepared(request, facts)
    content = await printing.certificate(request, certificate)
    name = f"{request.reference}.pdf"
    stored = await files.store(printing.PURPOSE, request.id, name, "application/pdf", content)
    await _issued(request.id, stored)


def _certifiable(request: CivilRequest, facts: Facts) -> bool:
    """Return whether the register's word is about this person, and enough for the certificate."""
    if facts.record.national_id != request.employee.national_id:
        return False
    left = facts.record.left_on
    gone = left is not None and left < runtime.today()
    return not (gone and request.kind == CivilServiceCertificateKind.SALARY.value)


async def _prepared(request: CivilRequest, facts: Facts) -> CivilCertificate:
    """Store what the certificate states, with its code; from now on it prints the same."""
    row = CivilCertificate(
        id=runtime.new_id(),
        request_id=request.id,
        verification_code=papers.code_of(runtime.current().ids.secret()),
        issued_on=runtime.today(),
        prepared_at=runtime.now(),
        facts=wire.write_facts(facts),
    )
    async with db.transaction():
        await CivilCertificate.bulk_create([row], ignore_conflicts=True)
        return await CivilCertificate.get(request_id=request.id)


async def _issued(request_id: str, stored: files.File) -> None:
    async with db.transaction():
        request = await db.locked(CivilRequest.filter(id=request_id)).get()
        if not REQUEST.allows(_R(request.status), RequestEvent.ISSUE):
            return  # refunded meanwhile, or issued by another run
        requests.move(request, RequestEvent.ISSUE)
        request.issued_at = runtime.now()
        await request.save(update_fields=["status", "issued_at"])
        await CivilCertificate.filter(request_id=request_id).update(
            file_id=stored.id, sha256=stored.sha256
        )
        await live.emit(requests.TOPIC + request_id, request.status)
        await jobs.enqueue(TELL_ISSUED, {"request": request_id}, key=request_id)
        resource = f"CivilServiceCertificateRequest:{request_id}"
        await audit.record(None, "civilService.certificate.issued", resource)
        await _tell_person(request, _READY)


async def _refuse(request_id: str) -> None:
    """Give the fee back and end the request.

    The refund comes first: a settlement locks the payment, then the request, and so must this.
    """
    async with db.transaction():
        await payments.refund_bill(SERVICE, request_id, _GONE)
        request = await db.locked(CivilRequest.filter(id=request_id)).get()
        requests.move(request, RequestEvent.REFUSE)
        await request.save(update_fields=["status", "ended_at"])
        await live.emit(requests.TOPIC + request_id, request.status)
        resource = f"CivilServiceCertificateRequest:{request_id}"
        await audit.record(None, "civilService.certificate.refused", resource)
        await _tell_person(request, _NOT_READY)


async def _tell_person(request: CivilRequest, subject: Text) -> None:
    if request.person_id is None:
        return
    key = f"civilService.certificate:{request.id}:{request.status}"
    body = _CODE.fill(reference=request.reference)
    await notifications.notify([Notice(key, request.person_id, subject, body)])


async def tell_issued(payload: Mapping[str, Any]) -> None:
    """Tell the bureau of an issued certificate (a job)."""
    row = await CivilCertificate.get(request_id=payload["request"]).values(
        "verification_code", "issued_on", "sha256", "request__reference", "request__kind",
        "request__employee__employee_number",
    )  # fmt: skip
    body = {
        "reference": row["request__reference"],
        "kind": row["request__kind"],
        "employeeNumber": row["request__employee__employee_number"],
        "verificationCode": row["verification_code"],
        "issuedOn": row["issued_on"].isoformat(),
        "sha256": row["sha256"],
    }
    key = f"civilService.issued:{payload['request']}"
    await correspondence.send(AGENCY, "civilService.issued", body, key)


async def revoke(code: str, reason: str) -> bool:
    """Revoke a certificate by its code, in the current transaction; return whether it stood.

    The money stays with the bureau: a refund is the treasurer's.
    """
    db.require_transaction()
    certificate = await CivilCertificate.get_or_none(verification_code=code)
    if certificate is None:
        return False
    query = CivilRequest.filter(id=certificate.request_id)
    request = await db.locked(query).get()
    if not REQUEST.allows(_R(request.status), RequestEvent.REVOKE):
        return False
    requests.move(request, RequestEvent.REVOKE)
    await request.save(update_fields=["status", "ended_at"])
    await CivilCertificate.filter(id=certificate.id).update(
        revoked_at=runtime.now(), revoked_reason=reason
    )
    await live.emit(requests.TOPIC + request.id, request.status)
    resource = f"CivilServiceCertificateRequest:{request.id}"
    await audit.record(None, "civilService.certificate.revoked", resource)
    return True
