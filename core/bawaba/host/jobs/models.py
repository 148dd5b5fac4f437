"""Rows of jobs."""

from __future__ import annotations

from typing import Any

from tortoise import fields

from bawaba.db import Table
from bawaba.host.jobs.domain import JobState


class JobRow(Table):
    """One job. ``turn_at`` (periodic jobs only) is the turn that ``run_at`` stands for."""

    id = fields.CharField(max_length=32, primary_key=True)
    name = fields.CharField(max_length=100)
    key = fields.CharField(max_length=200, null=True)
    payload: Any = fields.JSONField()
    state = fields.CharEnumField(JobState, max_length=10)
    run_at = fields.DatetimeField()
    turn_at = fields.DatetimeField(null=True)
    lease_until = fields.DatetimeField(null=True)
    attempts = fields.IntField()
    last_error = fields.CharField(max_length=500)
    correlation_id = fields.CharField(max_length=200)
    created_at = fields.DatetimeField()
    finished_at = fields.DatetimeField(null=True)

    class Meta:
        """Table, keys and indexes."""

        table = "core_job"
        unique_together = (("name", "key"),)
        # The first serves claims; the second the removal of finished jobs without a key.
        indexes = (("state", "run_at"), ("key", "finished_at"))
