"""Meetings, their agenda, and the log of all that happens in them."""

from __future__ import annotations

from typing import Any

from bawaba.db import CheckConstraint, Table, UniqueConstraint
from tortoise import fields

_ID = 32


class MeetingRow(Table):
    """A meeting. Every change of it, and of what happens in it, locks this row."""

    id = fields.CharField(max_length=_ID, primary_key=True)
    council_id = fields.CharField(max_length=_ID)
    term_id = fields.CharField(max_length=_ID)
    number = fields.IntField()
    kind = fields.CharField(max_length=16)
    is_closed = fields.BooleanField()
    is_trial = fields.BooleanField()
    title = fields.CharField(max_length=300)
    status = fields.CharField(max_length=20)
    scheduled_at = fields.DatetimeField()
    convening = fields.IntField(db_default=1)
    wait_until = fields.DatetimeField(null=True)
    convened_at = fields.DatetimeField(null=True)
    adjourned_at = fields.DatetimeField(null=True)
    ended_at = fields.DatetimeField(null=True)
    current_item_id = fields.CharField(max_length=_ID, null=True)
    lines = fields.IntField(db_default=0)

    class Meta:
        """Numbered within the term, each kind by itself."""

        table = "meeting_meeting"
        unique_together = (("term_id", "kind", "number"),)
        indexes = (("council_id", "scheduled_at", "id"),)
        constraints = (
            CheckConstraint(
                check="status IN ('SCHEDULED', 'WAITING_FOR_QUORUM', 'IN_SESSION', 'ADJOURNED', "
                "'ENDED', 'CANCELLED')",
                name="ck_meeting_status",
            ),
            CheckConstraint(
                check="(status = 'WAITING_FOR_QUORUM') = (wait_until IS NOT NULL)",
                name="ck_meeting_wait",
            ),
            CheckConstraint(
                check="status NOT IN ('IN_SESSION', 'ENDED') OR convened_at IS NOT NULL",
                name="ck_meeting_convened",
            ),
        )


class MeetingAgendaItem(Table):
    """An item of a meeting's agenda."""

    id = fields.CharField(max_length=_ID, primary_key=True)
    meeting_id = fields.CharField(max_length=_ID)
    position = fields.IntField()
    title = fields.CharField(max_length=300)
    body = fields.TextField()
    status = fields.CharField(max_length=12)

    class Meta:
        """In order of position; one is being dealt with."""

        table = "meeting_agenda_item"
        unique_together = (("meeting_id", "position"),)
        constraints = (
            CheckConstraint(
                check="status IN ('PENDING', 'CURRENT', 'DONE')", name="ck_meeting_agenda_status"
            ),
            UniqueConstraint(
                fields=("meeting_id",), name="uq_meeting_agenda", condition="status = 'CURRENT'"
            ),
        )


class MeetingLog(Table):
    """One line of what happened in a meeting, never changed: the minutes are written from it."""

    id = fields.CharField(max_length=_ID, primary_key=True)
    meeting_id = fields.CharField(max_length=_ID)
    number = fields.IntField()
    at = fields.DatetimeField()
    kind = fields.CharField(max_length=20)
    member_id = fields.CharField(max_length=_ID, null=True)
    subject_id = fields.CharField(max_length=_ID, null=True)
    data: Any = fields.JSONField()
    by_id = fields.CharField(max_length=_ID, null=True)
    device_id = fields.CharField(max_length=_ID, null=True)

    class Meta:
        """Numbered without gaps."""

        table = "meeting_log"
        unique_together = (("meeting_id", "number"),)


class MeetingProxy(Table):
    """A vote given to another member for one meeting."""

    id = fields.CharField(max_length=_ID, primary_key=True)
    meeting_id = fields.CharField(max_length=_ID)
    giver_id = fields.CharField(max_length=_ID)
    holder_id = fields.CharField(max_length=_ID)
    weight = fields.IntField()
    given_at = fields.DatetimeField()
    revoked_at = fields.DatetimeField(null=True)

    class Meta:
        """Once to the same holder, while it stands."""

        table = "meeting_proxy"
        indexes = (("meeting_id", "id"),)
        constraints = (
            CheckConstraint(check="giver_id <> holder_id", name="ck_meeting_proxy_other"),
            CheckConstraint(check="weight >= 1", name="ck_meeting_proxy_weight"),
            UniqueConstraint(
                fields=("meeting_id", "giver_id", "holder_id"),
                name="uq_meeting_proxy",
                condition="revoked_at IS NULL",
            ),
        )
