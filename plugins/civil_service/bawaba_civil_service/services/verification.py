"""Public verification: whether a document with this code stands, and to whom it was issued."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from bawaba.text import Text

from bawaba_civil_service.domain import CivilServiceDocumentKind, CivilServiceRequestStatus
from bawaba_civil_service.models import CivilCertificate, CivilPayslip
from bawaba_civil_service.rules import papers, wire
from bawaba_civil_service.services.records import Row

ATTEMPT = "civilService.verify"
"""The kind of guess that is counted before a code is looked up."""
TIMES = 30
"""Guesses allowed in a minute, of one visitor and at one code."""


@dataclass(frozen=True, slots=True)
class Verified:
    """A document that stands. ``issued_to``: the name, masked (see :func:`papers.masked`)."""

    kind: CivilServiceDocumentKind
    issued_on: dt.date
    issued_to: Text


def subject_of(typed: str) -> str:
    """Return what is counted as the object of a guess: the code, however it is typed."""
    return papers.typed_code(typed) or "not a code"


async def verify(typed: str) -> Verified | None:
    """Return the document with this code; None: unknown, not issued, or revoked."""
    code = papers.typed_code(typed)
    if code is None:
        return None
    return await _certificate(code) or await _payslip(code)


async def _certificate(code: str) -> Verified | None:
    query = CivilCertificate.filter(
        verification_code=code,
        revoked_at=None,
        request__status=CivilServiceRequestStatus.ISSUED.value,
    )
    row: Row | None = await query.first().values("facts", "issued_on", "request__kind")
    if row is None:
        return None
    name = wire.read_facts(row["facts"]).record.name
    kind = CivilServiceDocumentKind(row["request__kind"])
    return Verified(kind, row["issued_on"], _masked(name))


async def _payslip(code: str) -> Verified | None:
    row = await CivilPayslip.get_or_none(verification_code=code)
    if row is None:
        return None
    name = Text(row.issued_to_en, row.issued_to_ar)
    return Verified(CivilServiceDocumentKind.PAYSLIP, row.issued_on, _masked(name))


def _masked(name: Text) -> Text:
    return Text(papers.masked(name.en), papers.masked(name.ar))
