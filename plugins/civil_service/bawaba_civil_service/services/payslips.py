"""Payslips: taken once from the bureau, never changed, shown to their owner alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from bawaba import db, jobs, runtime
from bawaba.paging import Page, keyset_page
from bawaba.text import Text
from bawaba.viewer import Viewer

from bawaba_civil_service.domain import CivilServiceLineKind, Line, Payslip
from bawaba_civil_service.models import (
    CivilEmployee,
    CivilPayslip,
    CivilPayslipLine,
    CivilPrint,
)
from bawaba_civil_service.rules import papers, pay, statements
from bawaba_civil_service.services import records

Row = Mapping[str, Any]
PRINT_PAYSLIP = "civilService.print_payslip"
"""Name of the job that prints a payslip in both languages."""
COLUMNS = (
    "id", "employee_id", "month", "net_fils", "issued_on", "verification_code", "issued_to_en",
    "issued_to_ar", "position_en", "position_ar", "entity_en", "entity_ar",
    "employee__employee_number",
)  # fmt: skip
_ISSUED = "issued already with other lines: correct it in the next"


async def take(told: Sequence[tuple[Payslip, int]]) -> tuple[int, list[dict[str, str]]]:
    """Take payslips and the nets that the bureau tells, in the current transaction.

    A payslip that stands already is passed over; one with other lines is refused, and so is one
    that breaks the laws of pay. The others are taken.

    Returns:
        How many were news, and which were refused, and why.
    """
    db.require_transaction()
    news, refused = 0, list[dict[str, str]]()
    for payslip, net in sorted(told, key=lambda pair: (pair[0].employee_number, pair[0].month)):
        try:
            news += await _take(payslip, net)
        except pay.BadPayslip as error:
            about = {"employeeNumber": payslip.employee_number, "month": payslip.month}
            refused.append({**about, "reason": str(error)})
    return news, refused


async def _take(payslip: Payslip, net: int) -> int:
    """Store a payslip; return 1 if it was news, else 0.

    Raises:
        BadPayslip: it cannot be taken.
    """
    query = CivilEmployee.filter(employee_number=payslip.employee_number)
    employee = await db.locked(query).get_or_none()
    if employee is None:
        raise pay.BadPayslip("no such employee")
    await employee.fetch_related("entity")
    issued = {row["month"]: row for row in await _months(employee.id)}
    known = issued.get(payslip.month)
    if known is not None:
        if (await of_payslips([known["id"]]))[known["id"]] != list(payslip.lines):
            raise pay.BadPayslip(_ISSUED)
        return 0
    pay.check_payslip(payslip, net, issued, runtime.today())
    await _store(employee, payslip)
    return 1


async def _months(employee_id: str) -> Sequence[Row]:
    return await CivilPayslip.filter(employee_id=employee_id).values("id", "month")


async def _store(employee: CivilEmployee, payslip: Payslip) -> None:
    row = await CivilPayslip.create(
        id=runtime.new_id(),
        employee_id=employee.id,
        month=payslip.month,
        net_fils=payslip.net,
        issued_on=payslip.issued_on,
        verification_code=papers.code_of(runtime.current().ids.secret()),
        issued_to_en=employee.name_en,
        issued_to_ar=employee.name_ar,
        position_en=employee.position_en,
        position_ar=employee.position_ar,
        entity_en=employee.entity.name_en,
        entity_ar=employee.entity.name_ar,
    )
    await CivilPayslipLine.bulk_create(
        [
            CivilPayslipLine(
                id=runtime.new_id(),
                payslip_id=row.id,
                position=position,
                kind=line.kind.value,
                label_en=line.label.en,
                label_ar=line.label.ar,
                fils=line.fils,
                corrects=line.corrects,
            )
            for position, line in enumerate(payslip.lines)
        ]
    )
    await jobs.enqueue(PRINT_PAYSLIP, {"payslip": row.id}, key=row.id)


async def of_payslips(ids: Sequence[str]) -> dict[str, list[Line]]:
    """Return the lines of payslips, in order, in one statement."""
    query = CivilPayslipLine.filter(payslip_id__in=list(ids)).order_by("payslip_id", "position")
    found: defaultdict[str, list[Line]] = defaultdict(list)
    for row in await query.values("payslip_id", "kind", "label_en", "label_ar", "fils", "corrects"):
        found[row["payslip_id"]].append(
            Line(
                CivilServiceLineKind(row["kind"]),
                Text(row["label_en"], row["label_ar"]),
                row["fils"],
                row["corrects"],
            )
        )
    return dict(found)


async def prints_of(ids: Sequence[str]) -> dict[str, dict[str, str]]:
    """Return the files of payslips: by payslip, then by language."""
    found: defaultdict[str, dict[str, str]] = defaultdict(dict)
    rows = CivilPrint.filter(payslip_id__in=list(ids))
    for row in await rows.values("payslip_id", "language", "file_id"):
        found[row["payslip_id"]][row["language"]] = row["file_id"]
    return dict(found)


def stated(row: Row) -> statements.Slip:
    """Return whom and what a payslip (a row of ``COLUMNS``) is about, for its paper."""
    return statements.Slip(
        name=records.words(row, "issued_to"),
        number=row["employee__employee_number"],
        entity=records.words(row, "entity"),
        position=records.words(row, "position"),
        month=row["month"],
        issued_on=row["issued_on"],
        net_fils=row["net_fils"],
    )


async def of_employee(employee_id: str, first: int, after: str | None) -> Page:
    """Return a page of an employee's payslips, the latest month first.

    The caller has asked whether the viewer is that employee.
    """
    query = CivilPayslip.filter(employee_id=employee_id)
    return await keyset_page(query, order=("-month",), first=first, after=after, columns=COLUMNS)


async def visible(viewer: Viewer, ids: Sequence[str]) -> dict[str, Row]:
    """Return those of the payslips that are the viewer's own: nobody else sees one."""
    if viewer.national_id is None:
        return {}
    query = CivilPayslip.filter(id__in=list(ids), employee__national_id=viewer.national_id)
    return {row["id"]: row for row in await query.values(*COLUMNS)}
