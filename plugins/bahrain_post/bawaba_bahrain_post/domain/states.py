"""In which states things are, and what can happen to them."""

from __future__ import annotations

import enum


class PostScanKind(enum.Enum):
    """What a scan says of a shipment, in the order of a journey without trouble.

    The order also settles which of two scans of the same instant came first.
    """

    ACCEPTED = "ACCEPTED"
    DEPARTED = "DEPARTED"
    ARRIVED = "ARRIVED"
    HELD_FOR_DUTY = "HELD_FOR_DUTY"
    RELEASED = "RELEASED"
    SORTED = "SORTED"
    OUT_FOR_DELIVERY = "OUT_FOR_DELIVERY"
    DELIVERY_FAILED = "DELIVERY_FAILED"
    READY_FOR_COLLECTION = "READY_FOR_COLLECTION"
    RETURNED = "RETURNED"
    DELIVERED = "DELIVERED"


class ShipmentEvent(enum.Enum):
    """What can happen to a shipment: each kind of scan, and what becomes of its duty."""

    ACCEPTED = "ACCEPTED"
    DEPARTED = "DEPARTED"
    ARRIVED = "ARRIVED"
    HELD_FOR_DUTY = "HELD_FOR_DUTY"
    RELEASED = "RELEASED"
    SORTED = "SORTED"
    OUT_FOR_DELIVERY = "OUT_FOR_DELIVERY"
    DELIVERY_FAILED = "DELIVERY_FAILED"
    READY_FOR_COLLECTION = "READY_FOR_COLLECTION"
    RETURNED = "RETURNED"
    DELIVERED = "DELIVERED"
    DUTY_SETTLED = "DUTY_SETTLED"
    DUTY_REVERSED = "DUTY_REVERSED"


class PostShipmentStatus(enum.Enum):
    """Where a shipment is. ``DUTY_PAID``: still held, until customs has let it go."""

    EXPECTED = "EXPECTED"
    IN_TRANSIT = "IN_TRANSIT"
    HELD_FOR_DUTY = "HELD_FOR_DUTY"
    DUTY_PAID = "DUTY_PAID"
    RELEASED = "RELEASED"
    OUT_FOR_DELIVERY = "OUT_FOR_DELIVERY"
    AWAITING_COLLECTION = "AWAITING_COLLECTION"
    RETURNED = "RETURNED"
    DELIVERED = "DELIVERED"


class PostBillKind(enum.Enum):
    """What a bill of the post is for."""

    DUTY = "DUTY"
    BOX_RENEWAL = "BOX_RENEWAL"


class PostBillStatus(enum.Enum):
    """How far a bill is settled; a bill of the post is paid as a whole."""

    UNPAID = "UNPAID"
    PAID = "PAID"
    CANCELLED = "CANCELLED"


class BillEvent(enum.Enum):
    """What can happen to a bill."""

    SETTLED = "SETTLED"
    REVERSED = "REVERSED"
    WITHDRAWN = "WITHDRAWN"


class PostBoxStatus(enum.Enum):
    """Where the rent of a post box stands."""

    ACTIVE = "ACTIVE"
    DUE = "DUE"
    GRACE = "GRACE"
    CLOSED = "CLOSED"


class BoxEvent(enum.Enum):
    """What can happen to a box."""

    RENEWAL_OPENED = "RENEWAL_OPENED"
    EXPIRED = "EXPIRED"
    GRACE_ENDED = "GRACE_ENDED"
    RENEWED = "RENEWED"
    RENEWAL_UNDONE = "RENEWAL_UNDONE"
