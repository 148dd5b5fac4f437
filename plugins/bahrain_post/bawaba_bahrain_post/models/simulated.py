"""Rows of the simulated post: a stranger's system that happens to live in the same database."""

from __future__ import annotations

from bawaba.db import CheckConstraint, Table
from tortoise import fields


class SimulatedConsignment(Table):
    """A shipment in the simulated post's system: its answer as JSON.

    ``item_id`` is the payment on which it was ordered to be released, ``released_at`` when the
    order was carried out.
    """

    tracking_number = fields.CharField(max_length=13, primary_key=True)
    body = fields.TextField()
    item_id = fields.CharField(max_length=64, null=True)
    released_at = fields.CharField(max_length=40, null=True)

    class Meta:
        """One row a shipment."""

        table = "post_sim_consignment"


class SimulatedLetter(Table):
    """A letter that the simulated post has taken, once for each key."""

    key = fields.CharField(max_length=200, primary_key=True)
    kind = fields.CharField(max_length=40)
    body = fields.TextField()

    class Meta:
        """A letter counts once."""

        table = "post_sim_letter"


class SimulatedMode(Table):
    """How the simulated post behaves just now: one row, named ``mode``."""

    id = fields.CharField(max_length=8, primary_key=True)
    latency_ms = fields.IntField(db_default=0)
    outage = fields.BooleanField(db_default=False)

    class Meta:
        """No negative latency."""

        table = "post_sim_mode"
        constraints = (CheckConstraint(check="latency_ms >= 0", name="ck_post_sim_latency"),)
