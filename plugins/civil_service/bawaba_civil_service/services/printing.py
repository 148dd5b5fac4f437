"""Certificates and payslips as PDF, and who may read them: their owner alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from bawaba import db, files, pdf, runtime
from bawaba.money import CURRENCY, format_fils
from bawaba.text import Language, Text
from bawaba.viewer import Viewer

from bawaba_civil_service.domain import (
    CivilServiceCertificateKind,
    CivilServiceRequestStatus,
    Line,
)
from bawaba_civil_service.models import CivilCertificate, CivilPayslip, CivilPrint, CivilRequest
from bawaba_civil_service.rules import statements, wire
from bawaba_civil_service.rules.statements import Fact
from bawaba_civil_service.services import payslips
from bawaba_civil_service.services.offer import PRINT

PURPOSE = "civilService.print"
"""For what files are stored; their subject is the id of a request or of a payslip."""
_ISSUER = Text("Civil Service Bureau", "جهاز الخدمة المدنية")
_TITLES = {
    CivilServiceCertificateKind.SALARY: Text("Salary certificate", "شهادة راتب"),
    CivilServiceCertificateKind.EXPERIENCE: Text("Experience certificate", "شهادة خبرة"),
}
_STATEMENTS = {
    CivilServiceCertificateKind.SALARY: Text(
        "The Civil Service Bureau certifies that the employee named below serves at {entity} and "
        "receives the monthly salary stated here.",
        "يشهد جهاز الخدمة المدنية بأن الموظف المذكور أدناه يعمل لدى {entity} "
        "ويتقاضى الراتب الشهري المبين هنا.",
    ),
    CivilServiceCertificateKind.EXPERIENCE: Text(
        "The Civil Service Bureau certifies that the employee named below has served at {entity} "
        "as stated here.",
        "يشهد جهاز الخدمة المدنية بأن الموظف المذكور أدناه قد خدم لدى {entity} "
        "على النحو المبين هنا.",
    ),
}
_WORDS = {
    "verify": Text("To verify this document, enter the code at", "للتحقق من المستند أدخل الرمز في"),
    "code": Text("Verification code", "رمز التحقق"),
    "payslip": Text("Payslip for {month}", "قسيمة راتب شهر {month}"),
    "line": Text("Line", "البند"),
    "amount": Text("Amount ({currency})", "المبلغ ({currency})"),
    "month": Text("Month corrected", "الشهر المصحح"),
}


async def certificate(request: CivilRequest, row: CivilCertificate) -> bytes:
    """Return a certificate as PDF in the language asked for; equal bytes at every call."""
    language, facts = Language(request.language), wire.read_facts(row.facts)
    kind = CivilServiceCertificateKind(request.kind)
    statement = _STATEMENTS[kind].fill(entity=facts.record.entity_name.in_(language))
    about = statements.certificate(kind, facts, request.purpose, row.issued_on, request.reference)
    document = pdf.Document(
        title=_TITLES[kind].in_(language),
        language=language,
        blocks=[
            pdf.Paragraph(statement.in_(language)),
            _facts(about, language),
            _seal(row.verification_code, language),
        ],
        made_at=row.prepared_at,
        subject=_ISSUER.in_(language),
        footer=request.reference,
    )
    return await pdf.rendered(document)


def _say(key: str, language: Language, **values: str) -> str:
    return _WORDS[key].in_(language).format(**values)


def _facts(facts: Sequence[Fact], language: Language) -> pdf.Facts:
    return pdf.Facts([(f.label.in_(language), f.value.in_(language)) for f in facts])


def _seal(code: str, language: Language) -> pdf.Seal:
    address = f"{runtime.current().public_url}/civil-service/verify/{code}"
    return pdf.Seal(f"{_say('code', language)}: {code}\n{_say('verify', language)}\n{address}")


async def print_payslip(payload: Mapping[str, Any]) -> None:
    """Print a payslip in both languages, each once (a job)."""
    payslip_id = payload["payslip"]
    row = await CivilPayslip.get(id=payslip_id).values(*payslips.COLUMNS)
    lines = (await payslips.of_payslips([payslip_id]))[payslip_id]
    done = (await payslips.prints_of([payslip_id])).get(payslip_id, {})
    for language in Language:
        if language.value in done:
            continue
        content = await pdf.rendered(_payslip(row, lines, language))
        name = f"payslip-{row['month']}-{language.value.lower()}.pdf"
        stored = await files.store(PURPOSE, payslip_id, name, "application/pdf", content)
        printed = CivilPrint(
            id=runtime.new_id(),
            payslip_id=payslip_id,
            language=language.value,
            file_id=stored.id,
        )
        async with db.transaction():
            await CivilPrint.bulk_create([printed], ignore_conflicts=True)


def _payslip(row: Mapping[str, Any], lines: Sequence[Line], language: Language) -> pdf.Document:
    columns = [
        _say("line", language),
        _say("month", language),
        _say("amount", language, currency=CURRENCY),
    ]
    rows = [
        [line.label.in_(language), line.corrects or "", format_fils(line.fils)] for line in lines
    ]
    rows.append([statements.NET.in_(language), "", format_fils(row["net_fils"])])
    midnight = dt.datetime.combine(row["issued_on"], dt.time(), dt.UTC)
    return pdf.Document(
        title=_say("payslip", language, month=row["month"]),
        language=language,
        blocks=[
            _facts(statements.payslip(payslips.stated(row)), language),
            pdf.Table(columns, rows, widths=[4, 2, 2]),
            _seal(row["verification_code"], language),
        ],
        made_at=midnight,
        subject=_ISSUER.in_(language),
        footer=row["month"],
    )


async def readable(viewer: Viewer, subjects: Sequence[str]) -> frozenset[str]:
    """Return the requests and payslips whose print the viewer may read: one's own.

    A certificate that was revoked is not handed out any more.
    """
    if viewer.national_id is None:
        return frozenset()
    issued = CivilRequest.filter(
        id__in=list(subjects),
        employee__national_id=viewer.national_id,
        status=CivilServiceRequestStatus.ISSUED.value,
    )
    own = await payslips.visible(viewer, subjects)
    certified = await issued.values("id")
    return frozenset([*(str(row["id"]) for row in certified), *own])


PURPOSES = (
    files.Purpose(
        name=PURPOSE,
        title=Text("Certificates and payslips", "الشهادات وقسائم الراتب"),
        permission=PRINT,
        media_types=frozenset({"application/pdf"}),
        max_bytes=10_000_000,
        may_read=readable,
    ),
)
"""For what the plugin keeps files: nobody uploads any."""
