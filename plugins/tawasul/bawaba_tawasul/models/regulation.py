"""Categories, targets, calendars, ladders: the rules as data."""

from __future__ import annotations

from typing import Any

from bawaba.db import CheckConstraint, Table
from tortoise import fields

_ID = 32
_CODE = 64


class TawasulCategory(Table):
    """A category of an agency."""

    id = fields.CharField(max_length=_ID, primary_key=True)
    agency = fields.CharField(max_length=_CODE)
    code = fields.CharField(max_length=_CODE)
    kind = fields.CharField(max_length=16)
    name_en = fields.CharField(max_length=200)
    name_ar = fields.CharField(max_length=200)
    retired = fields.BooleanField(db_default=False)

    class Meta:
        """A code is unique inside its agency."""

        table = "tawasul_category"
        unique_together = (("agency", "code"),)


class TawasulTarget(Table):
    """The targets of a category from a day on, of which the newest set of that day counts."""

    number = fields.BigIntField(primary_key=True, generated=True)
    category_id = fields.CharField(max_length=_ID)
    effective_from = fields.DateField()
    first_reply_hours = fields.IntField()
    resolution_days = fields.IntField()
    reason = fields.TextField()
    set_by = fields.CharField(max_length=_ID, null=True)
    set_at = fields.DatetimeField()

    class Meta:
        """Targets are positive."""

        table = "tawasul_target"
        indexes = (("category_id", "effective_from"),)
        constraints = (
            CheckConstraint(
                check="first_reply_hours > 0 AND resolution_days > 0", name="ck_tawasul_target"
            ),
        )


class TawasulCalendarAmendment(Table):
    """A step in the history of an agency's calendar (``*``: everybody's), never changed."""

    number = fields.BigIntField(primary_key=True, generated=True)
    id = fields.CharField(max_length=_ID, unique=True)
    agency = fields.CharField(max_length=_CODE)
    effective_from = fields.DateField()
    hours: Any = fields.JSONField(null=True)
    holidays: Any = fields.JSONField()
    reason = fields.TextField()
    set_by = fields.CharField(max_length=_ID, null=True)
    set_at = fields.DatetimeField()

    class Meta:
        """In order of being made."""

        table = "tawasul_calendar"
        indexes = (("agency", "number"),)


class TawasulLadder(Table):
    """The escalation ladder of an agency (``*``: of everybody) from a day on."""

    number = fields.BigIntField(primary_key=True, generated=True)
    id = fields.CharField(max_length=_ID, unique=True)
    agency = fields.CharField(max_length=_CODE)
    effective_from = fields.DateField()
    rungs: Any = fields.JSONField()
    reason = fields.TextField()
    set_by = fields.CharField(max_length=_ID, null=True)
    set_at = fields.DatetimeField()

    class Meta:
        """The newest of a day counts."""

        table = "tawasul_ladder"
        indexes = (("agency", "effective_from"),)


class TawasulRecomputation(Table):
    """The deadlines of open cases being computed anew after an amendment, going on where it was."""

    id = fields.CharField(max_length=_ID, primary_key=True)
    amendment = fields.BigIntField(unique=True)
    agency = fields.CharField(max_length=_CODE)
    after = fields.CharField(max_length=_ID, db_default="")
    done = fields.IntField(db_default=0)
    total = fields.IntField()
    finished_at = fields.DatetimeField(null=True)

    class Meta:
        """At most everything is done."""

        table = "tawasul_recomputation"
        constraints = (
            CheckConstraint(check="done >= 0 AND total >= 0", name="ck_tawasul_recomputation"),
        )


class TawasulTemplate(Table):
    """A reply that an agency's team uses again and again."""

    id = fields.CharField(max_length=_ID, primary_key=True)
    agency = fields.CharField(max_length=_CODE)
    title = fields.CharField(max_length=200)
    body_en = fields.TextField()
    body_ar = fields.TextField()
    used = fields.IntField(db_default=0)
    retired = fields.BooleanField(db_default=False)

    class Meta:
        """Listed by title."""

        table = "tawasul_template"
        unique_together = (("agency", "title"),)
