"""Rows of shipments and of the scans that tell where they are."""

from __future__ import annotations

from bawaba.db import CheckConstraint, Table
from tortoise import fields


class PostShipment(Table):
    """A shipment that the post told of, by scan or when asked.

    ``track`` is the fold of its scans, ``status`` what is shown: the duty bill looked at too.
    ``held_on`` is the local day of the earliest scan that holds it.
    """

    id = fields.CharField(max_length=32, primary_key=True)
    tracking_number = fields.CharField(max_length=13, unique=True)
    track = fields.CharField(max_length=24)
    status = fields.CharField(max_length=24)
    recipient_national_id = fields.CharField(max_length=20, null=True)
    recipient_name_en = fields.CharField(max_length=80, null=True)
    recipient_name_ar = fields.CharField(max_length=80, null=True)
    declared_heading = fields.CharField(max_length=20, null=True)
    declared_fils = fields.BigIntField(null=True)
    held_on = fields.DateField(null=True)
    seen_at = fields.DatetimeField()

    class Meta:
        """One shipment a tracking number."""

        table = "post_shipment"
        indexes = (("recipient_national_id", "id"), ("track", "id"))
        constraints = (
            CheckConstraint(
                check=(
                    "status IN ('EXPECTED', 'IN_TRANSIT', 'HELD_FOR_DUTY', 'DUTY_PAID', "
                    "'RELEASED', 'OUT_FOR_DELIVERY', 'AWAITING_COLLECTION', 'RETURNED', "
                    "'DELIVERED')"
                ),
                name="ck_post_shipment_status",
            ),
            CheckConstraint(
                check="status = track OR (track = 'HELD_FOR_DUTY' AND status = 'DUTY_PAID')",
                name="ck_post_shipment_track",
            ),
        )


class PostScan(Table):
    """One scan of a shipment, stored once and never changed."""

    id = fields.CharField(max_length=32, primary_key=True)
    shipment: fields.ForeignKeyRelation[PostShipment] = fields.ForeignKeyField(
        "post.PostShipment", related_name="scans", on_delete=fields.RESTRICT, db_index=True
    )
    shipment_id: str
    kind = fields.CharField(max_length=24)
    occurred_at = fields.DatetimeField()
    place_en = fields.CharField(max_length=80)
    place_ar = fields.CharField(max_length=80)
    note_en = fields.CharField(max_length=200, null=True)
    note_ar = fields.CharField(max_length=200, null=True)
    letter_key = fields.CharField(max_length=200, null=True)
    taken_at = fields.DatetimeField()

    class Meta:
        """What came twice is one scan; the table is append-only."""

        table = "post_scan"
        unique_together = (("shipment_id", "kind", "occurred_at", "place_en"),)
