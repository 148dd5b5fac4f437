"""Rows of entities and their employees, and of the bureau's letters."""

from __future__ import annotations

from typing import Any

from bawaba.db import CheckConstraint, Table
from tortoise import fields


class CivilEntity(Table):
    """A ministry or other body that employs civil servants. ``code`` is a scope of roles."""

    code = fields.CharField(max_length=40, primary_key=True)
    name_en = fields.CharField(max_length=200)
    name_ar = fields.CharField(max_length=200)

    class Meta:
        table = "civil_service_entity"


class CivilEmployee(Table):
    """The platform's mirror of an employee in the bureau's register.

    ``version`` is the register's: an older one changes nothing. ``openings`` holds the balances
    that leave begins from. The row is locked by whatever draws on the balances.
    """

    id = fields.CharField(max_length=32, primary_key=True)
    employee_number = fields.CharField(max_length=20, unique=True)
    national_id = fields.CharField(max_length=20, unique=True)
    entity: fields.ForeignKeyRelation[CivilEntity] = fields.ForeignKeyField(
        "civilService.CivilEntity", related_name="employees", on_delete=fields.RESTRICT
    )
    entity_id: str
    name_en = fields.CharField(max_length=200)
    name_ar = fields.CharField(max_length=200)
    position_en = fields.CharField(max_length=200)
    position_ar = fields.CharField(max_length=200)
    grade = fields.CharField(max_length=40)
    hired_on = fields.DateField()
    left_on = fields.DateField(null=True)
    openings: Any = fields.JSONField()
    version = fields.BigIntField()
    seen_at = fields.DatetimeField()

    class Meta:
        """Nobody leaves before being hired."""

        table = "civil_service_employee"
        indexes = (("entity_id", "employee_number"),)
        constraints = (
            CheckConstraint(
                check="left_on IS NULL OR left_on >= hired_on", name="ck_civil_service_employed"
            ),
        )


class CivilLetter(Table):
    """A letter of the bureau that was taken, once for each key, and what was answered."""

    key = fields.CharField(max_length=200, primary_key=True)
    kind = fields.CharField(max_length=60)
    digest = fields.CharField(max_length=64)
    reply: Any = fields.JSONField()
    taken_at = fields.DatetimeField()

    class Meta:
        table = "civil_service_letter"
