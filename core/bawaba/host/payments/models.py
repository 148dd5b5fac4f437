"""Rows of payments. Amounts are integer fils; instants are UTC."""

from __future__ import annotations

from typing import Any, ClassVar

from tortoise import fields

from bawaba.db import CheckConstraint, Table, UniqueConstraint


class Payment(Table):
    """One basket that somebody pays. Every change of it or its items and refunds locks this row."""

    id = fields.CharField(max_length=32, primary_key=True)
    reference = fields.CharField(max_length=32, unique=True)
    payer_id = fields.CharField(max_length=64)
    status = fields.CharField(max_length=12)
    channel = fields.CharField(max_length=20)
    gateway = fields.CharField(max_length=40)
    gateway_reference = fields.CharField(max_length=128, null=True)
    checkout_url: str | None = fields.TextField(null=True)
    return_url: str | None = fields.TextField(null=True)
    correlation_id = fields.CharField(max_length=64)
    fils = fields.BigIntField()
    # What the gateway held, took, and withholds while a dispute is open; money that belongs to no
    # item; what was given back for good.
    authorised_fils = fields.BigIntField(default=0, db_default=0)
    disputed_fils = fields.BigIntField(default=0, db_default=0)
    captured_fils = fields.BigIntField(default=0)
    surplus_fils = fields.BigIntField(default=0)
    surplus_reserved_fils = fields.BigIntField(default=0)
    surplus_refunded_fils = fields.BigIntField(default=0)
    refunded_fils = fields.BigIntField(default=0)
    failure_en: str | None = fields.TextField(null=True)
    failure_ar: str | None = fields.TextField(null=True)
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    last_event_at = fields.DatetimeField(null=True)
    paid_at = fields.DatetimeField(null=True)
    receipt_number = fields.CharField(max_length=32, null=True, unique=True)
    receipt_code = fields.CharField(max_length=64, null=True)
    receipt_at = fields.DatetimeField(null=True)
    # The payment whose payer was charged a second time: this one is that second charge.
    double_of = fields.CharField(max_length=32, null=True)

    class Meta:
        """Lists by payer, newest first; the sweep of what has expired; a gateway's references."""

        table = "core_payment"
        indexes: ClassVar = (
            ("payer_id", "created_at", "id"),
            ("status", "expires_at"),
            ("double_of",),
            ("gateway_reference",),
        )
        constraints: ClassVar = [
            CheckConstraint(check="fils > 0", name="ck_core_payment_fils"),
            CheckConstraint(
                check="refunded_fils >= 0 AND refunded_fils <= captured_fils",
                name="ck_core_payment_refunded",
            ),
            CheckConstraint(
                check="surplus_reserved_fils >= 0 AND surplus_refunded_fils >= 0 "
                "AND surplus_reserved_fils + surplus_refunded_fils <= surplus_fils",
                name="ck_core_payment_surplus",
            ),
        ]


class PaymentItem(Table):
    """One bill of a payment at its frozen price.

    ``limit_fils`` is null where the bill is paid once and whole; else the most that may stand paid
    of it once this item is settled. ``postings`` is what was credited at settlement, ``undone`` how
    many fils of each posting refunds took back. ``held_at``: when its service could not mark the
    bill as paid, though the money had come; null where it could at once.
    """

    id = fields.CharField(max_length=32, primary_key=True)
    payment: fields.ForeignKeyRelation[Payment] = fields.ForeignKeyField(
        "core.Payment", related_name="items", on_delete=fields.RESTRICT
    )
    payment_id: str
    position = fields.IntField()
    service = fields.CharField(max_length=64)
    bill_id = fields.CharField(max_length=64)
    bill_reference = fields.CharField(max_length=64)
    description_en = fields.TextField()
    description_ar = fields.TextField()
    explanation_en = fields.TextField()
    explanation_ar = fields.TextField()
    fils = fields.BigIntField()
    limit_fils = fields.BigIntField(null=True)
    state = fields.CharField(max_length=12)
    reserved_fils = fields.BigIntField(default=0)
    refunded_fils = fields.BigIntField(default=0)
    postings: Any = fields.JSONField(default=list)
    undone: Any = fields.JSONField(default=list)
    held_at = fields.DatetimeField(null=True)

    class Meta:
        """A bill stands once in a payment; what is given back never exceeds what was paid."""

        table = "core_payment_item"
        unique_together = (("payment_id", "service", "bill_id"),)
        indexes: ClassVar = (("service", "bill_id"),)
        constraints: ClassVar = [
            CheckConstraint(check="fils > 0", name="ck_core_payment_item_fils"),
            CheckConstraint(
                check="reserved_fils >= 0 AND refunded_fils >= 0 "
                "AND reserved_fils + refunded_fils <= fils",
                name="ck_core_payment_item_refunded",
            ),
        ]


class BillClaim(Table):
    """A bill that is paid once and whole. The unique pair is what makes it paid at most once."""

    id = fields.CharField(max_length=32, primary_key=True)
    service = fields.CharField(max_length=64)
    bill_id = fields.CharField(max_length=64)
    payment_id = fields.CharField(max_length=32)
    item_id = fields.CharField(max_length=32, unique=True)

    class Meta:
        """One claim a bill."""

        table = "core_bill_claim"
        unique_together = (("service", "bill_id"),)


class BillBalance(Table):
    """What stands paid of a bill that takes parts. The constraint is what keeps it from too much.

    ``key`` is ``service:bill id``; ``limit_fils`` that of the item that was settled last.
    """

    key = fields.CharField(max_length=140, primary_key=True)
    claimed_fils = fields.BigIntField()
    limit_fils = fields.BigIntField()

    class Meta:
        """Never below zero, never above what was due when its payer saw it."""

        table = "core_bill_balance"
        constraints: ClassVar = [
            CheckConstraint(
                check="claimed_fils >= 0 AND claimed_fils <= limit_fils",
                name="ck_core_bill_balance_claimed",
            )
        ]


class GatewayMessage(Table):
    """The inbox: what a gateway reported, verified, stored once, kept."""

    id = fields.CharField(max_length=32, primary_key=True)
    gateway = fields.CharField(max_length=40)
    event_id = fields.CharField(max_length=128)
    kind = fields.CharField(max_length=20)
    payment_id = fields.CharField(max_length=64, db_index=True)
    refund_id = fields.CharField(max_length=64, null=True)
    dispute_id = fields.CharField(max_length=128, null=True)
    fils = fields.BigIntField()
    gateway_reference = fields.CharField(max_length=128)
    reason: str | None = fields.TextField(null=True)
    occurred_at = fields.DatetimeField()
    received_at = fields.DatetimeField()
    correlation_id = fields.CharField(max_length=64)
    body = fields.TextField()
    status = fields.CharField(max_length=12)
    due_at = fields.DatetimeField()
    attempts = fields.IntField(default=0)
    note: str | None = fields.TextField(null=True)

    class Meta:
        """Unique by the gateway's own event; the queue of what waits."""

        table = "core_gateway_message"
        unique_together = (("gateway", "event_id"),)
        indexes: ClassVar = (("status", "due_at"),)


class Refund(Table):
    """Money to give back through the gateway that took it.

    ``sent_at``: when the gateway was asked for it, or about to be; from then on it may happen.
    """

    id = fields.CharField(max_length=32, primary_key=True)
    payment: fields.ForeignKeyRelation[Payment] = fields.ForeignKeyField(
        "core.Payment", related_name="refunds", on_delete=fields.RESTRICT
    )
    payment_id: str
    kind = fields.CharField(max_length=12, default="REFUND", db_default="REFUND")
    status = fields.CharField(max_length=12)
    fils = fields.BigIntField()
    reason_en = fields.TextField()
    reason_ar = fields.TextField()
    requested_by = fields.CharField(max_length=64, null=True)
    decided_by = fields.CharField(max_length=64, null=True)
    failure: str | None = fields.TextField(null=True)
    created_at = fields.DatetimeField()
    sent_at = fields.DatetimeField(null=True)
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        """Lists by state, newest first; at most one proposal waits for a payment."""

        table = "core_refund"
        indexes: ClassVar = (("status", "created_at", "id"), ("payment_id", "created_at", "id"))
        constraints: ClassVar = [
            CheckConstraint(check="fils > 0", name="ck_core_refund_fils"),
            UniqueConstraint(
                fields=("payment_id",),
                name="uq_core_refund_proposed",
                condition="status = 'PROPOSED'",
            ),
        ]


class RefundLine(Table):
    """A part of a refund: of one item, or (``item_id`` null) of money that belongs to no item."""

    id = fields.CharField(max_length=32, primary_key=True)
    refund: fields.ForeignKeyRelation[Refund] = fields.ForeignKeyField(
        "core.Refund", related_name="lines", on_delete=fields.RESTRICT
    )
    refund_id: str
    item_id = fields.CharField(max_length=32, null=True)
    fils = fields.BigIntField()
    in_full = fields.BooleanField(default=False)
    held = fields.BooleanField(default=False, db_default=False)

    class Meta:
        """Amounts above zero. ``in_full``: it took back the last of its item.

        ``held``: the money went back, but the item's service could not note it yet.
        """

        table = "core_refund_line"
        indexes: ClassVar = (("refund_id",),)
        constraints: ClassVar = [CheckConstraint(check="fils > 0", name="ck_core_refund_line_fils")]


class Dispute(Table):
    """A payer's objection to a payment at his or her bank, as the gateway tells of it.

    ``reference`` is the gateway's own; ``uncovered_fils`` what of a lost one nothing of the payment
    was left to bear; ``refunded_fils`` what refunds had given back of the payment when it was
    opened, and have since: the payer asks for that money a second time.
    """

    id = fields.CharField(max_length=32, primary_key=True)
    payment: fields.ForeignKeyRelation[Payment] = fields.ForeignKeyField(
        "core.Payment", related_name="disputes", on_delete=fields.RESTRICT
    )
    payment_id: str
    gateway = fields.CharField(max_length=40)
    reference = fields.CharField(max_length=128)
    status = fields.CharField(max_length=12)
    fils = fields.BigIntField()
    uncovered_fils = fields.BigIntField(default=0)
    refunded_fils = fields.BigIntField(default=0, db_default=0)
    reason: str | None = fields.TextField(null=True)
    opened_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        """Unique by the gateway's own reference; lists by state, newest first."""

        table = "core_dispute"
        unique_together = (("gateway", "reference"),)
        indexes: ClassVar = (("status", "opened_at", "id"), ("payment_id", "opened_at", "id"))
        constraints: ClassVar = [CheckConstraint(check="fils > 0", name="ck_core_dispute_fils")]
