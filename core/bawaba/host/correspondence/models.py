"""Rows of the message log."""

from __future__ import annotations

from tortoise import fields

from bawaba.db import CheckConstraint, Table, UniqueConstraint


class LetterEntry(Table):
    """A letter whose receipt is verified (sent) or given (received). Append-only.

    ``keeper`` is the party whose log it is: the platform, or a simulated agency. The row is also
    what makes a repetition harmless: one message id, and one first handling of a key, each.
    ``hash`` covers every other column.
    """

    number = fields.BigIntField(primary_key=True, generated=False)
    at = fields.DatetimeField()
    keeper = fields.CharField(max_length=64)
    direction = fields.CharField(max_length=16)
    agency = fields.CharField(max_length=64)
    kind = fields.CharField(max_length=100)
    key = fields.CharField(max_length=200)
    message_id = fields.CharField(max_length=64)
    correlation_id = fields.CharField(max_length=100, db_index=True)
    body_sha256 = fields.CharField(max_length=64)
    sealed = fields.TextField()
    receipt = fields.TextField()
    receipt_sha256 = fields.CharField(max_length=64)
    receipt_signer = fields.CharField(max_length=64)
    repeated = fields.BooleanField()
    previous_hash = fields.CharField(max_length=64)
    hash = fields.CharField(max_length=64, unique=True)

    class Meta:
        """Where it is stored."""

        table = "core_letter"
        unique_together = (("keeper", "direction", "message_id"),)
        indexes = (("keeper", "agency", "number"),)
        constraints = (
            CheckConstraint(check="number > 0", name="ck_core_letter_number"),
            CheckConstraint(
                check="direction IN ('TO_AGENCY', 'FROM_AGENCY')", name="ck_core_letter_direction"
            ),
            UniqueConstraint(
                fields=("keeper", "direction", "agency", "key"),
                name="uq_core_letter_key",
                condition="repeated = FALSE",
            ),
        )


class LetterWaiting(Table):
    """A letter that waits until its agency can be reached. Removed once it has its receipt.

    ``number`` is the order in which they go out. ``body`` is canonical JSON, readable until then.
    """

    number = fields.BigIntField(primary_key=True, generated=True)
    agency = fields.CharField(max_length=64)
    key = fields.CharField(max_length=200)
    kind = fields.CharField(max_length=100)
    body = fields.TextField()
    correlation_id = fields.CharField(max_length=100)
    at = fields.DatetimeField()

    class Meta:
        """Where it is stored."""

        table = "core_letter_waiting"
        unique_together = (("agency", "key"),)
        indexes = (("agency", "number"),)


class LetterHead(Table):
    """The one row that is locked to append: the number and hash of the newest entry."""

    id = fields.IntField(primary_key=True, generated=False)
    number = fields.BigIntField()
    hash = fields.CharField(max_length=64)

    class Meta:
        """Where it is stored."""

        table = "core_letter_head"
        constraints = (CheckConstraint(check="id = 1", name="ck_core_letter_head_single"),)


class LetterKey(Table):
    """A public key that signed a receipt in the log, under its RFC 7638 thumbprint. Append-only.

    The thumbprint binds it: another key in its place is noticed.
    """

    thumbprint = fields.CharField(max_length=64, primary_key=True)
    party = fields.CharField(max_length=64)
    jwk = fields.TextField()

    class Meta:
        """Where it is stored."""

        table = "core_letter_key"
