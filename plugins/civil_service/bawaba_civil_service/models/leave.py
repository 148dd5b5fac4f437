"""Rows of leave and of the calendar's announcements."""

from __future__ import annotations

from bawaba.db import CheckConstraint, Table
from tortoise import fields

from bawaba_civil_service.models.people import CivilEmployee


class CivilLeave(Table):
    """A leave. ``person_id`` asked for it, None: at the bureau. ``days``: what is drawn."""

    id = fields.CharField(max_length=32, primary_key=True)
    employee: fields.ForeignKeyRelation[CivilEmployee] = fields.ForeignKeyField(
        "civilService.CivilEmployee", related_name="leaves", on_delete=fields.RESTRICT
    )
    employee_id: str
    person_id = fields.CharField(max_length=64, null=True)
    kind = fields.CharField(max_length=16)
    first_on = fields.DateField()
    last_on = fields.DateField()
    days = fields.IntField()
    status = fields.CharField(max_length=16)
    reason = fields.TextField()
    requested_at = fields.DatetimeField()
    decided_at = fields.DatetimeField(null=True)
    decision = fields.TextField(null=True)

    class Meta:
        """Ends after it begins, draws no less than nothing."""

        table = "civil_service_leave"
        indexes = (
            ("employee_id", "first_on"),
            ("status", "requested_at", "id"),
            ("status", "last_on"),
        )
        constraints = (
            CheckConstraint(check="last_on >= first_on", name="ck_civil_service_leave_period"),
            CheckConstraint(check="days >= 0", name="ck_civil_service_leave_days"),
            CheckConstraint(
                check="status IN ('REQUESTED', 'APPROVED', 'REJECTED', 'CANCELLED', 'TAKEN')",
                name="ck_civil_service_leave_status",
            ),
        )


class CivilLeaveStep(Table):
    """A line of a leave's history, never changed. ``person_id`` None: the platform."""

    id = fields.CharField(max_length=32, primary_key=True)
    leave: fields.ForeignKeyRelation[CivilLeave] = fields.ForeignKeyField(
        "civilService.CivilLeave", related_name="steps", on_delete=fields.RESTRICT, db_index=True
    )
    leave_id: str
    step = fields.CharField(max_length=16)
    days = fields.IntField()
    person_id = fields.CharField(max_length=64, null=True)
    at = fields.DatetimeField()

    class Meta:
        table = "civil_service_leave_step"


class CivilHoliday(Table):
    """An announcement: ``on`` is a day off, or (``is_off`` False) a working day after all."""

    id = fields.CharField(max_length=32, primary_key=True)
    on = fields.DateField(unique=True)
    is_off = fields.BooleanField()
    name_en = fields.CharField(max_length=200)
    name_ar = fields.CharField(max_length=200)
    announced_at = fields.DatetimeField()
    announced_by = fields.CharField(max_length=64)

    class Meta:
        table = "civil_service_holiday"
