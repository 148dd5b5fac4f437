"""Motions, rounds of voting, open ballots, and the roll and the box of secret ones."""

from __future__ import annotations

from typing import Any

from bawaba.db import CheckConstraint, Table, UniqueConstraint
from tortoise import fields

_ID = 32


class MeetingMotion(Table):
    """Something to be decided. Every vote on it locks this row."""

    id = fields.CharField(max_length=_ID, primary_key=True)
    meeting_id = fields.CharField(max_length=_ID)
    item_id = fields.CharField(max_length=_ID)
    position = fields.IntField()
    text = fields.TextField()
    ballot = fields.CharField(max_length=8)
    majority = fields.CharField(max_length=12)
    base = fields.CharField(max_length=12)
    status = fields.CharField(max_length=12)
    outcome = fields.CharField(max_length=16, null=True)
    round_id = fields.CharField(max_length=_ID, null=True)
    bloc_id = fields.CharField(max_length=_ID, null=True)
    proposed_by = fields.CharField(max_length=_ID)
    proposed_at = fields.DatetimeField()

    class Meta:
        """One vote at a time in a meeting. ``bloc_id``: the motion it was voted on with."""

        table = "meeting_motion"
        unique_together = (("item_id", "position"),)
        indexes = (("meeting_id", "item_id", "position"), ("bloc_id",))
        constraints = (
            CheckConstraint(
                check="status IN ('PROPOSED', 'OPEN', 'SUSPENDED', 'TIED', 'RUN_OFF', 'CLOSED', "
                "'VOID', 'ANNULLED')",
                name="ck_meeting_motion_status",
            ),
            UniqueConstraint(
                fields=("meeting_id",),
                name="uq_meeting_motion_open",
                condition="status IN ('OPEN', 'SUSPENDED')",
            ),
        )


class MeetingCandidate(Table):
    """Who stands in an election."""

    id = fields.CharField(max_length=_ID, primary_key=True)
    motion_id = fields.CharField(max_length=_ID)
    position = fields.IntField()
    name = fields.CharField(max_length=300)
    member_id = fields.CharField(max_length=_ID, null=True)

    class Meta:
        """In order of position."""

        table = "meeting_candidate"
        unique_together = (("motion_id", "position"),)


class MeetingRecusal(Table):
    """A member who stands aside from a motion."""

    id = fields.CharField(max_length=_ID, primary_key=True)
    motion_id = fields.CharField(max_length=_ID)
    member_id = fields.CharField(max_length=_ID)
    reason = fields.TextField()

    class Meta:
        """Once a member."""

        table = "meeting_recusal"
        unique_together = (("motion_id", "member_id"),)


class MeetingRound(Table):
    """A round of voting on a motion: what was frozen at its opening, and its result.

    ``rule``: ballot, electorate and rules of procedure as JSON, see ``services/rounds.py``.
    """

    id = fields.CharField(max_length=_ID, primary_key=True)
    motion_id = fields.CharField(max_length=_ID)
    number = fields.IntField()
    rule: Any = fields.JSONField()
    opened_at = fields.DatetimeField()
    closed_at = fields.DatetimeField(null=True)
    result: Any = fields.JSONField(null=True)
    merkle_root = fields.CharField(max_length=64, null=True)
    casting_by = fields.CharField(max_length=_ID, null=True)
    casting_choice = fields.CharField(max_length=8, null=True)
    lot = fields.CharField(max_length=64, null=True)
    annulled_at = fields.DatetimeField(null=True)
    annulled_reason = fields.TextField(null=True)

    class Meta:
        """Numbered without gaps; annulled ones are kept."""

        table = "meeting_round"
        unique_together = (("motion_id", "number"),)


class MeetingElector(Table):
    """The roll: who may cast for whom in a round, and whether they have. Nothing of what."""

    id = fields.CharField(max_length=_ID, primary_key=True)
    round_id = fields.CharField(max_length=_ID)
    member_id = fields.CharField(max_length=_ID)
    caster_id = fields.CharField(max_length=_ID)
    weight = fields.IntField()
    has_voted = fields.BooleanField(db_default=False)

    class Meta:
        """Each right once."""

        table = "meeting_elector"
        unique_together = (("round_id", "member_id", "caster_id"),)
        constraints = (CheckConstraint(check="weight >= 1", name="ck_meeting_elector_weight"),)


class MeetingBallot(Table):
    """An open ballot: who said what."""

    id = fields.CharField(max_length=_ID, primary_key=True)
    round_id = fields.CharField(max_length=_ID)
    member_id = fields.CharField(max_length=_ID)
    caster_id = fields.CharField(max_length=_ID)
    choice = fields.CharField(max_length=_ID)
    weight = fields.IntField()
    cast_at = fields.DatetimeField()

    class Meta:
        """Each right is used once."""

        table = "meeting_ballot"
        unique_together = (("round_id", "member_id", "caster_id"),)


class MeetingBox(Table):
    """The box of a secret round: unit ballots without order, time or member.

    While voting is open receipt (``commitment``) and choice lie encrypted in ``sealed``. When it
    closes all rows are rewritten in random order, open: not even the database's own columns tell
    which ballot came when.
    """

    slot = fields.CharField(max_length=64, primary_key=True)
    round_id = fields.CharField(max_length=_ID, db_index=True)
    sealed = fields.TextField(null=True)
    commitment = fields.CharField(max_length=64, null=True)
    choice = fields.CharField(max_length=_ID, null=True)

    class Meta:
        """Nothing else, on purpose."""

        table = "meeting_box"
        constraints = (
            CheckConstraint(
                check="(sealed IS NULL) = (commitment IS NOT NULL AND choice IS NOT NULL)",
                name="ck_meeting_box_sealed",
            ),
        )
