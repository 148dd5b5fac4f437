"""What is counted."""

from __future__ import annotations

from typing import Any

from bawaba.db import Table, UniqueConstraint
from tortoise import fields

_ID = 32
_CODE = 64


class TawasulFact(Table):
    """Something counted, on the day it happened, and only ``folded`` is ever changed."""

    number = fields.BigIntField(primary_key=True, generated=True)
    kind = fields.CharField(max_length=16)
    day = fields.DateField()
    agency = fields.CharField(max_length=_CODE)
    category = fields.CharField(max_length=_CODE)
    on_time = fields.BooleanField()
    minutes = fields.IntField()
    score = fields.IntField()
    folded = fields.BooleanField(db_default=False)

    class Meta:
        """What is not folded yet is found at once."""

        table = "tawasul_fact"
        constraints = (
            UniqueConstraint(
                fields=("number",), name="uq_tawasul_fact_fresh", condition="folded = FALSE"
            ),
        )


class TawasulTally(Table):
    """The facts of a category in a day or a month (``grain``), added up.

    ``hours`` is a histogram: working hours to the final resolution, rounded up, to cases.
    """

    id = fields.CharField(max_length=200, primary_key=True)
    grain = fields.CharField(max_length=1)
    starts_on = fields.DateField()
    agency = fields.CharField(max_length=_CODE)
    category = fields.CharField(max_length=_CODE)
    received = fields.IntField()
    resolved = fields.IntField()
    resolved_on_time = fields.IntField()
    first_resolved = fields.IntField()
    first_on_time = fields.IntField()
    reopened = fields.IntField()
    rated = fields.IntField()
    score = fields.IntField()
    hours: Any = fields.JSONField()

    class Meta:
        """Read by period, for one agency or for all."""

        table = "tawasul_tally"
        indexes = (("agency", "grain", "starts_on"), ("grain", "starts_on"))


class TawasulSnapshot(Table):
    """The figures of a category and a month as they were when the month was frozen, append-only."""

    id = fields.CharField(max_length=_ID, primary_key=True)
    month = fields.DateField()
    agency = fields.CharField(max_length=_CODE)
    category = fields.CharField(max_length=_CODE)
    figures: Any = fields.JSONField()
    frozen_at = fields.DatetimeField()

    class Meta:
        """A month is frozen once."""

        table = "tawasul_snapshot"
        unique_together = (("month", "agency", "category"),)
