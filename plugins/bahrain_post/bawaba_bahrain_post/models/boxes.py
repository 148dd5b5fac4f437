"""Rows of post boxes, of bills, and of who is behind a personal number."""

from __future__ import annotations

from typing import Any

from bawaba.db import CheckConstraint, Table, UniqueConstraint
from tortoise import fields

from bawaba_bahrain_post.models.shipments import PostShipment


class PostBox(Table):
    """A rented post box. ``expires_on`` is the last day that is paid.

    ``next_step_on`` is the day on which time alone moves it on; null once it is closed.
    """

    id = fields.CharField(max_length=32, primary_key=True)
    office = fields.CharField(max_length=20)
    number = fields.CharField(max_length=20)
    size = fields.CharField(max_length=20)
    holder_national_id = fields.CharField(max_length=20)
    status = fields.CharField(max_length=8)
    expires_on = fields.DateField()
    next_step_on = fields.DateField(null=True, db_index=True)

    class Meta:
        """A box that is not closed has one holder."""

        table = "post_box"
        indexes = (("holder_national_id", "id"),)
        constraints = (
            CheckConstraint(
                check="status IN ('ACTIVE', 'DUE', 'GRACE', 'CLOSED')", name="ck_post_box_status"
            ),
            CheckConstraint(
                check="(status = 'CLOSED') = (next_step_on IS NULL)", name="ck_post_box_step"
            ),
            UniqueConstraint(
                fields=("office", "number"), name="uq_post_box_let", condition="status <> 'CLOSED'"
            ),
        )


class PostBill(Table):
    """What the post asks for: customs duty of a shipment, or a year's rent of a box.

    ``fixed_fils`` does not change with time, ``customs_fils`` of it belongs to customs.
    ``since`` is the day of the hold, or the last paid day of the box; ``until`` the day on which
    storage stopped to count, null while it runs. ``lines`` holds the fixed lines in words. The
    money columns concern the one settled item; ``reversed_receipt`` is that of the last one undone.
    """

    id = fields.CharField(max_length=64, primary_key=True)
    kind = fields.CharField(max_length=16)
    reference = fields.CharField(max_length=40, unique=True)
    shipment: fields.ForeignKeyNullableRelation[PostShipment] = fields.ForeignKeyField(
        "post.PostShipment", related_name="bills", on_delete=fields.RESTRICT, null=True
    )
    shipment_id: str | None
    box: fields.ForeignKeyNullableRelation[PostBox] = fields.ForeignKeyField(
        "post.PostBox", related_name="bills", on_delete=fields.RESTRICT, null=True
    )
    box_id: str | None
    debtor_national_id = fields.CharField(max_length=20, null=True)
    status = fields.CharField(max_length=16)
    fixed_fils = fields.BigIntField()
    customs_fils = fields.BigIntField(db_default=0)
    lines: Any = fields.JSONField(default=list)
    since = fields.DateField()
    until = fields.DateField(null=True)
    opened_at = fields.DatetimeField()
    settled_item_id = fields.CharField(max_length=64, null=True, unique=True)
    receipt_number = fields.CharField(max_length=40, null=True)
    paid_fils = fields.BigIntField(db_default=0)
    reversed_fils = fields.BigIntField(db_default=0)
    reversed_receipt = fields.CharField(max_length=40, null=True)
    paid_at = fields.DatetimeField(null=True)

    class Meta:
        """One bill a shipment, at most one open bill a box; money and status agree."""

        table = "post_bill"
        indexes = (("debtor_national_id", "opened_at"), ("shipment_id",), ("box_id", "status"))
        constraints = (
            CheckConstraint(
                check="status IN ('UNPAID', 'PAID', 'CANCELLED')", name="ck_post_bill_status"
            ),
            CheckConstraint(
                check=(
                    "(kind = 'DUTY' AND shipment_id IS NOT NULL AND box_id IS NULL) OR "
                    "(kind = 'BOX_RENEWAL' AND box_id IS NOT NULL AND shipment_id IS NULL)"
                ),
                name="ck_post_bill_kind",
            ),
            CheckConstraint(
                check=(
                    "fixed_fils > 0 AND customs_fils >= 0 AND customs_fils <= fixed_fils AND "
                    "reversed_fils >= 0 AND reversed_fils <= paid_fils"
                ),
                name="ck_post_bill_money",
            ),
            CheckConstraint(
                check="(settled_item_id IS NOT NULL) = (status = 'PAID')", name="ck_post_bill_item"
            ),
            UniqueConstraint(
                fields=("shipment_id",),
                name="uq_post_bill_shipment",
                condition="shipment_id IS NOT NULL",
            ),
            UniqueConstraint(
                fields=("box_id",),
                name="uq_post_bill_box_open",
                condition="box_id IS NOT NULL AND status = 'UNPAID'",
            ),
        )


class PostCustomer(Table):
    """A person of the platform who signed in with this personal number, to be told things."""

    person_id = fields.CharField(max_length=64, primary_key=True)
    national_id = fields.CharField(max_length=20, db_index=True)
    seen_at = fields.DatetimeField()

    class Meta:
        """One row a person."""

        table = "post_customer"
