"""Councils: terms, members, rules, and how far they have taken up e-Meeting."""

from __future__ import annotations

from typing import Any

from bawaba.db import CheckConstraint, Table, UniqueConstraint
from tortoise import fields

_ID = 32


class MeetingCouncil(Table):
    """A council or committee. ``seats``: vacant ones included."""

    id = fields.CharField(max_length=_ID, primary_key=True)
    code = fields.CharField(max_length=64, unique=True)
    name_en = fields.CharField(max_length=200)
    name_ar = fields.CharField(max_length=200)
    seats = fields.IntField()
    adoption = fields.CharField(max_length=20)

    class Meta:
        """Known by its code, which is the scope of rights in it."""

        table = "meeting_council"
        constraints = (
            CheckConstraint(check="seats >= 1 AND seats <= 1000", name="ck_meeting_council_seats"),
            CheckConstraint(
                check="adoption IN ('PROPOSED', 'ENDORSED', 'SENT_TO_MINISTER', 'APPROVED', "
                "'ACTIVE')",
                name="ck_meeting_council_adoption",
            ),
        )


class MeetingTerm(Table):
    """A term of office of a council: meetings are numbered in it."""

    id = fields.CharField(max_length=_ID, primary_key=True)
    council_id = fields.CharField(max_length=_ID)
    number = fields.IntField()
    starts_at = fields.DatetimeField()
    ends_at = fields.DatetimeField()

    class Meta:
        """Numbered within the council."""

        table = "meeting_term"
        unique_together = (("council_id", "number"),)
        constraints = (CheckConstraint(check="ends_at > starts_at", name="ck_meeting_term_order"),)


class MeetingMember(Table):
    """A seat held by a person. Who leaves stays, for the minutes of the past."""

    id = fields.CharField(max_length=_ID, primary_key=True)
    council_id = fields.CharField(max_length=_ID)
    person_id = fields.CharField(max_length=_ID, db_index=True)
    role = fields.CharField(max_length=12)
    weight = fields.IntField(db_default=1)
    seniority = fields.IntField(db_default=0)
    since = fields.DatetimeField()
    left_at = fields.DatetimeField(null=True)

    class Meta:
        """One seat a person, one chair and one operator a council, at a time."""

        table = "meeting_member"
        indexes = (("council_id", "seniority", "id"),)
        constraints = (
            CheckConstraint(
                check="role IN ('CHAIR', 'DEPUTY', 'MEMBER', 'SECRETARY', 'OPERATOR')",
                name="ck_meeting_member_role",
            ),
            CheckConstraint(check="weight >= 1 AND weight <= 50", name="ck_meeting_member_weight"),
            UniqueConstraint(
                fields=("council_id", "person_id"),
                name="uq_meeting_member_person",
                condition="left_at IS NULL",
            ),
            UniqueConstraint(
                fields=("council_id",),
                name="uq_meeting_member_chair",
                condition="left_at IS NULL AND role = 'CHAIR'",
            ),
            UniqueConstraint(
                fields=("council_id", "role"),
                name="uq_meeting_member_operator",
                condition="left_at IS NULL AND role = 'OPERATOR'",
            ),
        )


class MeetingRegulation(Table):
    """An amendment of a council's rules of procedure, never changed: only what it changes."""

    id = fields.CharField(max_length=_ID, primary_key=True)
    council_id = fields.CharField(max_length=_ID)
    number = fields.IntField()
    effective_from = fields.DatetimeField()
    changes: Any = fields.JSONField()
    reason = fields.TextField()
    set_by = fields.CharField(max_length=_ID, null=True)
    set_at = fields.DatetimeField()

    class Meta:
        """In order of number; what has taken effect counts."""

        table = "meeting_regulation"
        unique_together = (("council_id", "number"),)


class MeetingAdoption(Table):
    """A step of a council's way to e-Meeting, never changed."""

    id = fields.CharField(max_length=_ID, primary_key=True)
    council_id = fields.CharField(max_length=_ID)
    number = fields.IntField()
    status = fields.CharField(max_length=20)
    reference = fields.CharField(max_length=200)
    decided_by = fields.CharField(max_length=_ID, null=True)
    decided_at = fields.DatetimeField()

    class Meta:
        """Each step once."""

        table = "meeting_adoption"
        unique_together = (("council_id", "number"), ("council_id", "status"))
