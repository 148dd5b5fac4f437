"""Rows of the simulated bureau: the register of a stranger, in tables of its own."""

from __future__ import annotations

from bawaba.db import CheckConstraint, Table
from tortoise import fields


class SimulatedRecord(Table):
    """An employee in the simulated register: what it answers, as JSON."""

    employee_number = fields.CharField(max_length=20, primary_key=True)
    body = fields.TextField()

    class Meta:
        table = "civil_service_sim_record"


class SimulatedNotice(Table):
    """A letter that the simulated bureau has taken, once for each key."""

    key = fields.CharField(max_length=200, primary_key=True)
    kind = fields.CharField(max_length=60)
    body = fields.TextField()

    class Meta:
        table = "civil_service_sim_notice"


class SimulatedMode(Table):
    """How the simulated bureau behaves just now: one row, named ``mode``."""

    id = fields.CharField(max_length=8, primary_key=True)
    latency_ms = fields.IntField(db_default=0)
    outage = fields.BooleanField(db_default=False)

    class Meta:
        """No negative latency."""

        table = "civil_service_sim_mode"
        constraints = (CheckConstraint(check="latency_ms >= 0", name="ck_civil_service_latency"),)
