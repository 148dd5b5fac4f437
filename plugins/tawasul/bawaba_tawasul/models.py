"""Rows of Tawasul: cases and all that hangs on them, calendars and targets, figures."""

from __future__ import annotations

from typing import Any

from bawaba.db import CheckConstraint, Table, UniqueConstraint
from tortoise import fields

_ID = 32
_CODE = 64
_OPEN = "stopped_at IS NULL"


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


class TawasulCase(Table):
    """A case.

    Its clock is told by ``segments`` (which agency's calendar since when) and
    ``pauses``; ``due_at``, ``escalates_at``, ``paused_at`` and ``pause_ends_at`` follow from them
    and from the calendars, and are kept to be searched for.

    While the clock waits for the citizen ``due_at`` is the latest deadline: the one if the whole
    cap of pauses is used up.
    """

    id = fields.CharField(max_length=_ID, primary_key=True)
    reference = fields.CharField(max_length=24, unique=True)
    kind = fields.CharField(max_length=16)
    status = fields.CharField(max_length=24)
    agency = fields.CharField(max_length=_CODE)
    category_id = fields.CharField(max_length=_ID)
    category = fields.CharField(max_length=_CODE)
    subject = fields.CharField(max_length=200)
    body = fields.TextField()
    channel = fields.CharField(max_length=16)
    latitude = fields.FloatField(null=True)
    longitude = fields.FloatField(null=True)
    address = fields.CharField(max_length=300, db_default="")
    submitter_id = fields.CharField(max_length=_ID)
    hide_identity = fields.BooleanField(db_default=False)
    submitted_at = fields.DatetimeField()
    assignee_id = fields.CharField(max_length=_ID, null=True)
    excluded: Any = fields.JSONField()
    steps = fields.IntField(db_default=0)

    started_at = fields.DatetimeField()
    spent_before = fields.IntField(db_default=0)
    segments: Any = fields.JSONField()
    pauses: Any = fields.JSONField()
    target_minutes = fields.IntField()
    first_reply_minutes = fields.IntField()
    calendar = fields.BigIntField()
    due_at = fields.DatetimeField()
    first_reply_due_at = fields.DatetimeField()
    first_replied_at = fields.DatetimeField(null=True)
    paused_at = fields.DatetimeField(null=True)
    pause_ends_at = fields.DatetimeField(null=True)
    stopped_at = fields.DatetimeField(null=True)
    escalation_level = fields.IntField(db_default=0)
    escalates_at = fields.DatetimeField(null=True)

    resolution = fields.CharField(max_length=16, null=True)
    resolved_at = fields.DatetimeField(null=True)
    resolved_minutes = fields.IntField(null=True)
    first_resolved_at = fields.DatetimeField(null=True)
    on_time = fields.BooleanField(null=True)
    late_once = fields.BooleanField(db_default=False)
    reopenings = fields.IntField(db_default=0)
    appealed_at = fields.DatetimeField(null=True)
    closes_at = fields.DatetimeField(null=True)
    rating_score = fields.IntField(null=True)
    rating_comment = fields.CharField(max_length=4000, null=True)
    rated_at = fields.DatetimeField(null=True)

    transfer_to = fields.CharField(max_length=_CODE, null=True)
    transfer_category_id = fields.CharField(max_length=_ID, null=True)
    transfer_reason = fields.TextField(null=True)
    transfer_expires_at = fields.DatetimeField(null=True)
    transfers = fields.IntField(db_default=0)
    declines = fields.IntField(db_default=0)
    settled = fields.BooleanField(db_default=False)
    duplicate_of_id = fields.CharField(max_length=_ID, null=True)
    followers = fields.IntField(db_default=0)

    class Meta:
        """Lists of open cases have indexes of their own, as small as the open cases are few."""

        table = "tawasul_case"
        indexes = (
            ("submitter_id", "submitted_at", "id"),
            ("agency", "submitted_at", "id"),
            ("duplicate_of_id",),
        )
        constraints = (
            CheckConstraint(
                check="status IN ('SUBMITTED', 'ASSIGNED', 'AWAITING_INFORMATION', "
                "'TRANSFER_OFFERED', 'IN_ARBITRATION', 'RESOLVED', 'REOPENED', 'APPEALED', "
                "'CLOSED', 'WITHDRAWN')",
                name="ck_tawasul_case_status",
            ),
            CheckConstraint(
                check="(status IN ('RESOLVED', 'CLOSED', 'WITHDRAWN')) = (stopped_at IS NOT NULL)",
                name="ck_tawasul_case_stopped",
            ),
            CheckConstraint(
                check="(status = 'TRANSFER_OFFERED') = (transfer_expires_at IS NOT NULL)",
                name="ck_tawasul_case_transfer",
            ),
            CheckConstraint(
                check="rating_score IS NULL OR (rating_score >= 1 AND rating_score <= 5)",
                name="ck_tawasul_case_score",
            ),
            UniqueConstraint(
                fields=("agency", "due_at", "id"), name="uq_tawasul_case_queue", condition=_OPEN
            ),
            UniqueConstraint(
                fields=("agency", "submitted_at", "id"),
                name="uq_tawasul_case_new",
                condition=_OPEN,
            ),
            UniqueConstraint(
                fields=("agency", "assignee_id", "due_at", "id"),
                name="uq_tawasul_case_assignee",
                condition=_OPEN,
            ),
            UniqueConstraint(
                fields=("transfer_to", "id"),
                name="uq_tawasul_case_offered",
                condition="transfer_to IS NOT NULL",
            ),
            UniqueConstraint(
                fields=("status", "submitted_at", "id"),
                name="uq_tawasul_case_arbitration",
                condition="status = 'IN_ARBITRATION'",
            ),
            UniqueConstraint(
                fields=("escalates_at", "id"), name="uq_tawasul_case_escalates", condition=_OPEN
            ),
            UniqueConstraint(
                fields=("calendar", "id"), name="uq_tawasul_case_calendar", condition=_OPEN
            ),
            UniqueConstraint(
                fields=("closes_at", "id"),
                name="uq_tawasul_case_closes",
                condition="status = 'RESOLVED'",
            ),
            UniqueConstraint(
                fields=("transfer_expires_at", "id"),
                name="uq_tawasul_case_expires",
                condition="transfer_expires_at IS NOT NULL",
            ),
            UniqueConstraint(
                fields=("pause_ends_at", "id"),
                name="uq_tawasul_case_waits",
                condition="pause_ends_at IS NOT NULL",
            ),
        )


class TawasulWords(Table):
    """The words by which a case is found, folded, with marks for its agency and for being open."""

    number = fields.BigIntField(primary_key=True, generated=True)
    case_id = fields.CharField(max_length=_ID, unique=True)
    words = fields.TextField()

    class Meta:
        """Full text stands on ``words``."""

        table = "tawasul_words"


class TawasulMessage(Table):
    """What citizen and agency write to each other."""

    id = fields.CharField(max_length=_ID, primary_key=True)
    case_id = fields.CharField(max_length=_ID)
    kind = fields.CharField(max_length=24)
    author_kind = fields.CharField(max_length=16)
    author_id = fields.CharField(max_length=_ID)
    agency = fields.CharField(max_length=_CODE)
    body = fields.TextField()
    template_id = fields.CharField(max_length=_ID, null=True)
    sent_at = fields.DatetimeField()

    class Meta:
        """Read in order of being sent."""

        table = "tawasul_message"
        indexes = (("case_id", "sent_at", "id"),)


class TawasulNote(Table):
    """What an agency's team writes for itself: a table that no citizen's path joins."""

    id = fields.CharField(max_length=_ID, primary_key=True)
    case_id = fields.CharField(max_length=_ID)
    agency = fields.CharField(max_length=_CODE)
    author_id = fields.CharField(max_length=_ID)
    body = fields.TextField()
    added_at = fields.DatetimeField()

    class Meta:
        """Read in order of being added."""

        table = "tawasul_note"
        indexes = (("case_id", "added_at", "id"),)


class TawasulHistory(Table):
    """One step of a case, append-only. ``note`` of a step that is not ``open`` is the desk's."""

    id = fields.CharField(max_length=_ID, primary_key=True)
    case_id = fields.CharField(max_length=_ID)
    number = fields.IntField()
    at = fields.DatetimeField()
    kind = fields.CharField(max_length=24)
    status_from = fields.CharField(max_length=24, null=True)
    status_to = fields.CharField(max_length=24)
    note = fields.TextField(db_default="")
    public = fields.BooleanField()
    agency = fields.CharField(max_length=_CODE)
    actor_kind = fields.CharField(max_length=16)
    actor_id = fields.CharField(max_length=_ID, null=True)

    class Meta:
        """Steps of a case are numbered without gaps."""

        table = "tawasul_history"
        unique_together = (("case_id", "number"),)


class TawasulFollower(Table):
    """Somebody else whom a case concerns too."""

    id = fields.CharField(max_length=_ID, primary_key=True)
    case_id = fields.CharField(max_length=_ID)
    person_id = fields.CharField(max_length=_ID, db_index=True)
    followed_at = fields.DatetimeField()

    class Meta:
        """Once a person."""

        table = "tawasul_follower"
        unique_together = (("case_id", "person_id"),)


class TawasulIdentityRequest(Table):
    """A wish to open a hidden identity, and the second person who approved it."""

    id = fields.CharField(max_length=_ID, primary_key=True)
    case_id = fields.CharField(max_length=_ID, db_index=True)
    agency = fields.CharField(max_length=_CODE)
    reason = fields.TextField()
    status = fields.CharField(max_length=16)
    requested_by = fields.CharField(max_length=_ID)
    requested_at = fields.DatetimeField()
    approved_by = fields.CharField(max_length=_ID, null=True)
    approved_at = fields.DatetimeField(null=True)

    class Meta:
        """Two people, always."""

        table = "tawasul_identity_request"
        indexes = (("agency", "status", "id"),)
        constraints = (
            CheckConstraint(
                check="approved_by IS NULL OR approved_by <> requested_by",
                name="ck_tawasul_identity_two",
            ),
            CheckConstraint(
                check="(status = 'APPROVED') = (approved_by IS NOT NULL)",
                name="ck_tawasul_identity_status",
            ),
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
