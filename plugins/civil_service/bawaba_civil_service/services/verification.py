"""Public verification: whether a document with this code stands, and what it states."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from bawaba import files
from bawaba.text import Text

from bawaba_civil_service.domain import (
    CivilServiceCertificateKind,
    CivilServiceDocumentKind,
    CivilServiceRequestStatus,
)
from bawaba_civil_service.models import CivilCertificate, CivilPayslip
from bawaba_civil_service.rules import papers, statements, wire
from bawaba_civil_service.rules.statements import Fact
from bawaba_civil_service.services import payslips
from bawaba_civil_service.services.printing import PURPOSE
from bawaba_civil_service.services.records import Row

ATTEMPT = "civilService.verify"
"""The kind of guess that is counted before a code is looked up."""
TIMES = 30
"""Guesses allowed in a minute, of one visitor and at one code."""
MAX_PRINTS = 2
"""A payslip is printed in each language; a certificate in one."""


@dataclass(frozen=True, slots=True)
class Verified:
    """A document that stands, as its paper tells it, and no more.

    ``facts``: the paper's lines, the personal number covered. ``sha256``: of the files that were
    issued of it.
    """

    kind: CivilServiceDocumentKind
    issued_on: dt.date
    issued_to: Text
    facts: Sequence[Fact]
    sha256: Sequence[str]


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
    row: Row | None = await query.first().values(
        "facts", "issued_on", "sha256", "request__kind", "request__purpose", "request__reference"
    )
    if row is None:
        return None
    facts, kind = wire.read_facts(row["facts"]), row["request__kind"]
    stated = statements.certificate(
        CivilServiceCertificateKind(kind),
        facts,
        row["request__purpose"],
        row["issued_on"],
        row["request__reference"],
    )
    return Verified(
        CivilServiceDocumentKind(kind),
        row["issued_on"],
        facts.record.name,
        statements.covered(stated),
        [row["sha256"]],
    )


async def _payslip(code: str) -> Verified | None:
    query = CivilPayslip.filter(verification_code=code)
    row: Row | None = await query.first().values(*payslips.COLUMNS)
    if row is None:
        return None
    slip, lines = payslips.stated(row), (await payslips.of_payslips([row["id"]]))[row["id"]]
    prints = (await files.of_subjects(PURPOSE, [row["id"]])).get(row["id"], ())
    return Verified(
        CivilServiceDocumentKind.PAYSLIP,
        slip.issued_on,
        slip.name,
        [*statements.payslip(slip), *statements.pay(slip, lines)],
        [file.sha256 for file in prints],
    )
