"""Employees: the mirror of the bureau's register, and who may see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bawaba import db, runtime
from bawaba.paging import Page, keyset_page
from bawaba.text import Text
from bawaba.viewer import Viewer

from bawaba_civil_service.domain import Record
from bawaba_civil_service.models import CivilEmployee, CivilEntity
from bawaba_civil_service.rules import wire
from bawaba_civil_service.services import leaves
from bawaba_civil_service.services.offer import READ

Row = Mapping[str, Any]
COLUMNS = (
    "id", "employee_number", "national_id", "entity_id", "entity__name_en", "entity__name_ar",
    "name_en", "name_ar", "position_en", "position_ar", "grade", "hired_on", "left_on", "openings",
)  # fmt: skip


def is_own(viewer: Viewer, employee: Row) -> bool:
    """Return whether the record is the viewer's own."""
    return viewer.national_id is not None and viewer.national_id == employee["national_id"]


def is_seen(viewer: Viewer, employee: Row) -> bool:
    """Return whether the viewer may see the record: one's own, or of an entity one is over."""
    return is_own(viewer, employee) or viewer.can(READ, employee["entity_id"])


async def of_viewer(viewer: Viewer) -> Row | None:
    """Return the viewer's own record, or None: the viewer is no civil servant."""
    if viewer.national_id is None:
        return None
    query = CivilEmployee.filter(national_id=viewer.national_id).first()
    row: Row | None = await query.values(*COLUMNS)
    return row


async def of_ids(ids: Sequence[str]) -> dict[str, Row]:
    """Return records by id; unknown ids are absent. Asks nobody's rights."""
    rows = await CivilEmployee.filter(id__in=list(ids)).values(*COLUMNS)
    return {row["id"]: row for row in rows}


async def visible(viewer: Viewer, ids: Sequence[str]) -> dict[str, Row]:
    """Return those of the records that the viewer may see."""
    return {id_: row for id_, row in (await of_ids(ids)).items() if is_seen(viewer, row)}


async def of_entity(viewer: Viewer, entity: str, first: int, after: str | None) -> Page:
    """Return a page of an entity's employees, by number.

    Raises:
        Forbidden: the viewer is not over that entity.
    """
    viewer.require(READ, entity)
    query = CivilEmployee.filter(entity_id=entity)
    order = ("employee_number",)
    return await keyset_page(query, order=order, first=first, after=after, columns=COLUMNS)


async def take(records: Sequence[Record]) -> tuple[int, list[dict[str, str]]]:
    """Take records of the register into the mirror, in the current transaction.

    An older version than is known changes nothing.

    Returns:
        How many were news, and which were refused, and why.
    """
    db.require_transaction()
    news, refused = 0, list[dict[str, str]]()
    for record in sorted(records, key=lambda record: record.employee_number):
        await _entity(record)
        others = CivilEmployee.filter(national_id=record.national_id)
        if await others.exclude(employee_number=record.employee_number).exists():
            reason = "another employee has this personal number"
            refused.append({"employeeNumber": record.employee_number, "reason": reason})
            continue
        news += await _employee(record)
    return news, refused


async def _entity(record: Record) -> None:
    entity = CivilEntity(
        code=record.entity, name_en=record.entity_name.en, name_ar=record.entity_name.ar
    )
    await CivilEntity.bulk_create(
        [entity], on_conflict=["code"], update_fields=["name_en", "name_ar"]
    )


async def _employee(record: Record) -> int:
    """Store a record; return 1 if it was news, else 0."""
    query = CivilEmployee.filter(employee_number=record.employee_number)
    known = await db.locked(query).get_or_none()
    if known is not None and known.version >= record.version:
        return 0
    employee = known or CivilEmployee(id=runtime.new_id(), employee_number=record.employee_number)
    employee.update_from_dict(
        {
            "national_id": record.national_id,
            "entity_id": record.entity,
            "name_en": record.name.en,
            "name_ar": record.name.ar,
            "position_en": record.position.en,
            "position_ar": record.position.ar,
            "grade": record.grade,
            "hired_on": record.hired_on,
            "left_on": record.left_on,
            "openings": wire.write_record(record)["openings"],
            "version": record.version,
            "seen_at": runtime.now(),
        }
    )
    await employee.save(force_create=known is None)
    if record.left_on is not None:
        await leaves.end_with_service(employee.id, record.left_on)
    return 1


def words(row: Row, name: str) -> Text:
    """Return the words of a pair of columns, ``<name>_en`` and ``<name>_ar``."""
    return Text(row[f"{name}_en"], row[f"{name}_ar"])
