"""The gateway's own book: what it was asked, what happened, what it reported."""

from __future__ import annotations

from bawaba.db import CheckConstraint, Table, UniqueConstraint
from tortoise import fields

__all__ = ["REFERENCE_LENGTH", "SandboxCheckout", "SandboxEvent", "SandboxRefund"]

REFERENCE_LENGTH = 64


class SandboxCheckout(Table):
    """One payment that the platform asked for, in fils. ``id`` is the gateway's reference."""

    id = fields.CharField(max_length=32, primary_key=True)
    token = fields.CharField(max_length=64, unique=True)
    payment_id = fields.CharField(max_length=64, unique=True)
    reference = fields.CharField(max_length=REFERENCE_LENGTH, db_index=True)
    fils = fields.BigIntField()
    refunded_fils = fields.BigIntField(default=0)
    description_en = fields.TextField()
    description_ar = fields.TextField()
    callback_url = fields.TextField()
    return_url = fields.TextField(null=True)
    state = fields.CharField(max_length=16)
    opened_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    decided_at = fields.DatetimeField(null=True)

    class Meta:
        """Money given back never exceeds money taken."""

        table = "sandbox_checkout"
        constraints = (
            CheckConstraint(check="fils > 0", name="ck_sandbox_checkout_fils"),
            CheckConstraint(
                check="refunded_fils >= 0 AND refunded_fils <= fils",
                name="ck_sandbox_checkout_refunded",
            ),
            CheckConstraint(
                check=(
                    "state IN ('OPEN', 'APPROVED', 'DECLINED', 'ABANDONED', 'CANCELLED', 'EXPIRED')"
                ),
                name="ck_sandbox_checkout_state",
            ),
        )


class SandboxRefund(Table):
    """One refund that the platform asked for. ``id`` is the platform's id of it."""

    id = fields.CharField(max_length=64, primary_key=True)
    payment_id = fields.CharField(max_length=64, db_index=True)
    fils = fields.BigIntField()
    reason = fields.TextField()
    succeeded = fields.BooleanField()
    requested_at = fields.DatetimeField()

    class Meta:
        """A refund gives something back."""

        table = "sandbox_refund"
        constraints = (CheckConstraint(check="fils > 0", name="ck_sandbox_refund_fils"),)


class SandboxEvent(Table):
    """One message to the platform. ``id`` is its ``webhook-id``, however often it is sent.

    ``refund_id`` is that of the outcome of a refund; ``about`` the dispute, or the refund that came
    back.
    """

    id = fields.CharField(max_length=64, primary_key=True)
    kind = fields.CharField(max_length=16)
    payment_id = fields.CharField(max_length=64, db_index=True)
    gateway_reference = fields.CharField(max_length=64)
    fils = fields.BigIntField()
    refund_id = fields.CharField(max_length=64, null=True, unique=True)
    about = fields.CharField(max_length=64, null=True)
    reason = fields.TextField(null=True)
    callback_url = fields.TextField()
    occurred_at = fields.DatetimeField()
    delivered_at = fields.DatetimeField(null=True)

    class Meta:
        """A payment is captured once, whatever is pressed or typed."""

        table = "sandbox_event"
        constraints = (
            UniqueConstraint(
                fields=("payment_id",),
                name="uq_sandbox_event_captured",
                condition="kind = 'CAPTURED'",
            ),
        )
