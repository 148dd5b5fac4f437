"""Certificates: the request, its bill, what was issued, and its verification."""

from __future__ import annotations

import datetime as dt

import strawberry
from bawaba import runtime
from bawaba.core_types import Bill, Service
from bawaba.graphql import Node, global_id, leaf
from bawaba.text import Language, both

from bawaba_civil_service.graphql.words import (
    CivilServiceCertificateKind,
    CivilServiceDocumentKind,
    CivilServiceRequestStatus,
)
from bawaba_civil_service.rules.statements import MAX_FACTS, Fact
from bawaba_civil_service.services import requests
from bawaba_civil_service.services.requests import Row
from bawaba_civil_service.services.verification import MAX_PRINTS, Verified

BILL, REQUEST = "CivilServiceFeeBill", "CivilServiceCertificateRequest"


def file_url(file_id: str) -> str:
    """Return the stable address of a file; whoever asks there is asked who they are."""
    return f"{runtime.current().public_url}/files/{file_id}"


@strawberry.type(description=both("The fee of a certificate.", "رسم شهادة."))
class CivilServiceFeeBill(Bill):
    """The bill that a request makes."""

    @classmethod
    def of(cls, row: Row, service: Service) -> CivilServiceFeeBill:
        """Return the GraphQL object of a request's fee."""
        return cls(**cls.face(requests.bill_of(row, runtime.now()), service))


@strawberry.type(description=both("An issued certificate.", "شهادة صادرة."))
class CivilServiceCertificate:
    """What its holder has."""

    verification_code: str = leaf(
        "The code by which anybody can verify it.", "الرمز الذي يتحقق به الجميع منها."
    )
    issued_on: dt.date = leaf("When it was issued.", "تاريخ الإصدار.")
    pdf_url: str | None = leaf(
        "Where its holder gets it, with the bearer token; null once it is revoked.",
        "عنوان تنزيلها لصاحبها مع رمز الدخول؛ وفارغ إن أُبطلت.",
    )
    pdf_id: strawberry.ID | None = leaf(
        "Its file, for createDownloadTicket; null once it is revoked.",
        "ملفها، لاستخدامه في createDownloadTicket؛ وفارغ إن أُبطلت.",
    )
    verification_url: str = leaf("The public page that verifies it.", "صفحة التحقق العامة منها.")


@strawberry.type(description=both("A request for a certificate.", "طلب شهادة."))
class CivilServiceCertificateRequest(Node):
    """A request; only its owner sees it."""

    reference: str = leaf("Its reference.", "مرجعه.")
    status: CivilServiceRequestStatus = leaf("Where it stands.", "حالته.")
    kind: CivilServiceCertificateKind = leaf("What is to be certified.", "موضوع الشهادة.")
    language: Language = leaf("The certificate's language.", "لغة الشهادة.")
    purpose: str = leaf("What it is for.", "الغرض منها.")
    requested_at: dt.datetime = leaf("When it was made.", "وقت تقديمه.")
    expires_at: dt.datetime = leaf("Until when its fee can be paid.", "آخر موعد لدفع الرسم.")
    bill: CivilServiceFeeBill | None = leaf(
        "The bill of its fee; null if it has none.", "فاتورة رسمه؛ وفارغ إن لم يكن له رسم."
    )
    certificate: CivilServiceCertificate | None = leaf(
        "The certificate, once issued.", "الشهادة بعد إصدارها."
    )

    @classmethod
    def of(cls, row: Row, service: Service) -> CivilServiceCertificateRequest:
        """Return the GraphQL object of a request."""
        return cls(
            id=global_id(REQUEST, row["id"]),
            reference=row["reference"],
            status=CivilServiceRequestStatus(row["status"]),
            kind=CivilServiceCertificateKind(row["kind"]),
            language=Language(row["language"]),
            purpose=row["purpose"],
            requested_at=row["requested_at"],
            expires_at=row["expires_at"],
            bill=CivilServiceFeeBill.of(row, service) if row["fee_fils"] else None,
            certificate=_certificate(row),
        )


def _certificate(row: Row) -> CivilServiceCertificate | None:
    file_id, code = row["certificate__file_id"], row["certificate__verification_code"]
    if file_id is None:
        return None
    issued = row["status"] == CivilServiceRequestStatus.ISSUED.value
    return CivilServiceCertificate(
        verification_code=code,
        issued_on=row["certificate__issued_on"],
        pdf_url=file_url(file_id) if issued else None,
        pdf_id=global_id("Attachment", file_id) if issued else None,
        verification_url=f"{runtime.current().public_url}/civil-service/verify/{code}",
    )


@strawberry.type(description=both("A line of a document.", "سطر في مستند."))
class CivilServiceStatement:
    """What it is, and its value, as printed."""

    label: str = leaf("What it is.", "البيان.")
    value: str = leaf(
        "Its value; of a personal number the last digits only.",
        "القيمة؛ ومن الرقم الشخصي آخر أرقامه فقط.",
    )

    @classmethod
    def of(cls, fact: Fact, language: Language) -> CivilServiceStatement:
        """Return the GraphQL object of a fact."""
        return cls(label=fact.label.in_(language), value=fact.value.in_(language))


@strawberry.type(description=both("Whether a document stands.", "صحة مستند."))
class CivilServiceVerification:
    """What strangers learn of a code: what the paper itself tells."""

    is_valid: bool = leaf(
        "Whether a document with this code was issued and stands.", "هل صدر المستند وما زال سارياً."
    )
    kind: CivilServiceDocumentKind | None = leaf("What it is.", "نوعه.", default=None)
    issued_on: dt.date | None = leaf("When it was issued.", "تاريخ إصداره.", default=None)
    issued_to: str | None = leaf(
        "To whom: the name as it is printed.", "لمن صدر: الاسم كما هو مطبوع.", default=None
    )
    statements: list[CivilServiceStatement] = leaf(
        "What the paper states, to be compared with it; empty where no document stands.",
        "ما ورد في المستند لمقارنته به؛ وفارغة إن لم يوجد مستند سارٍ.",
        default=(),
        bound=MAX_FACTS,
    )
    pdf_sha256: list[str] = leaf(
        "SHA-256, in hexadecimal, of each file that was issued of it.",
        "البصمة SHA-256 بالنظام الست عشري لكل ملف صدر منه.",
        name="pdfSha256",
        default=(),
        bound=MAX_PRINTS,
    )

    @classmethod
    def of(cls, found: Verified | None, language: Language) -> CivilServiceVerification:
        """Return the GraphQL object of what was found."""
        if found is None:
            return cls(is_valid=False)
        return cls(
            is_valid=True,
            kind=found.kind,
            issued_on=found.issued_on,
            issued_to=found.issued_to.in_(language),
            statements=[CivilServiceStatement.of(fact, language) for fact in found.facts],
            pdf_sha256=list(found.sha256[:MAX_PRINTS]),
        )
