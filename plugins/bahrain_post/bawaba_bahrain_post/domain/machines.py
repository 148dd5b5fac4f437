"""The state machines: shipments, bills, boxes."""

from __future__ import annotations

from collections.abc import Mapping

from bawaba.domain import StateMachine

from bawaba_bahrain_post.domain.states import (
    BillEvent,
    BoxEvent,
    PostBillStatus,
    PostBoxStatus,
    PostShipmentStatus,
    ShipmentEvent,
)

E, S = ShipmentEvent, PostShipmentStatus
_AT_CUSTOMS = (S.HELD_FOR_DUTY, S.DUTY_PAID)
_MOVING = (S.EXPECTED, S.IN_TRANSIT, S.RELEASED, S.OUT_FOR_DELIVERY, S.AWAITING_COLLECTION)
_UNDELIVERED = (*_MOVING, *_AT_CUSTOMS, S.RETURNED)


def _edges() -> Mapping[tuple[PostShipmentStatus, ShipmentEvent], PostShipmentStatus]:
    """Return the table of a shipment's journey.

    What is held leaves customs by RELEASED alone; the addressee's hand ends every journey, even
    one that a scan had called returned. Anything else is kept as an event and moves nothing.
    """
    edges = {(S.HELD_FOR_DUTY, E.DUTY_SETTLED): S.DUTY_PAID}
    edges[S.DUTY_PAID, E.DUTY_REVERSED] = S.HELD_FOR_DUTY
    for state in _MOVING:
        edges |= {
            (state, event): S.IN_TRANSIT for event in (E.ACCEPTED, E.DEPARTED, E.ARRIVED, E.SORTED)
        }
        edges[state, E.OUT_FOR_DELIVERY] = S.OUT_FOR_DELIVERY
        edges[state, E.DELIVERY_FAILED] = S.AWAITING_COLLECTION
        edges[state, E.READY_FOR_COLLECTION] = S.AWAITING_COLLECTION
    for state in (S.EXPECTED, S.IN_TRANSIT):
        edges[state, E.HELD_FOR_DUTY] = S.HELD_FOR_DUTY
    for state in (S.EXPECTED, S.IN_TRANSIT, *_AT_CUSTOMS):
        edges[state, E.RELEASED] = S.RELEASED
    for state in (*_MOVING, *_AT_CUSTOMS):
        edges[state, E.RETURNED] = S.RETURNED
    for state in _UNDELIVERED:
        edges[state, E.DELIVERED] = S.DELIVERED
    return edges


SHIPMENT = StateMachine(
    name="post_shipment",
    initial=S.EXPECTED,
    edges=_edges(),
    terminal=frozenset({S.DELIVERED}),
)
BILL = StateMachine(
    name="post_bill",
    initial=PostBillStatus.UNPAID,
    edges={
        (PostBillStatus.UNPAID, BillEvent.SETTLED): PostBillStatus.PAID,
        (PostBillStatus.UNPAID, BillEvent.WITHDRAWN): PostBillStatus.CANCELLED,
        (PostBillStatus.PAID, BillEvent.REVERSED): PostBillStatus.UNPAID,
    },
    terminal=frozenset({PostBillStatus.CANCELLED}),
)
BOX = StateMachine(
    name="post_box",
    initial=PostBoxStatus.ACTIVE,
    edges={
        (PostBoxStatus.ACTIVE, BoxEvent.RENEWAL_OPENED): PostBoxStatus.DUE,
        (PostBoxStatus.DUE, BoxEvent.EXPIRED): PostBoxStatus.GRACE,
        (PostBoxStatus.GRACE, BoxEvent.GRACE_ENDED): PostBoxStatus.CLOSED,
        (PostBoxStatus.DUE, BoxEvent.RENEWED): PostBoxStatus.ACTIVE,
        (PostBoxStatus.GRACE, BoxEvent.RENEWED): PostBoxStatus.ACTIVE,
        (PostBoxStatus.ACTIVE, BoxEvent.RENEWAL_UNDONE): PostBoxStatus.DUE,
        (PostBoxStatus.DUE, BoxEvent.RENEWAL_UNDONE): PostBoxStatus.DUE,
        (PostBoxStatus.GRACE, BoxEvent.RENEWAL_UNDONE): PostBoxStatus.GRACE,
    },
    terminal=frozenset({PostBoxStatus.CLOSED}),
)
