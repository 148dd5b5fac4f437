"""Where a shipment is: a fold of its scans by the time they were made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bawaba.text import Text

from bawaba_bahrain_post.domain import (
    MAX_SCANS,
    ROUTINE_SCANS,
    SHIPMENT,
    PostBillStatus,
    PostScanKind,
    PostShipmentStatus,
    Scan,
    ShipmentEvent,
)

_RANK = {kind: rank for rank, kind in enumerate(PostScanKind)}
_ENDING = frozenset({PostScanKind.RELEASED, PostScanKind.RETURNED, PostScanKind.DELIVERED})
WORDS = {
    PostScanKind.ACCEPTED: Text("Accepted from the sender.", "استُلم من المرسل."),
    PostScanKind.DEPARTED: Text(
        "Left the office of exchange abroad.", "غادر مكتب التبادل في الخارج."
    ),
    PostScanKind.ARRIVED: Text("Arrived in Bahrain.", "وصل إلى البحرين."),
    PostScanKind.HELD_FOR_DUTY: Text(
        "Held by customs until duty is paid.", "محتجز لدى الجمارك حتى سداد الرسوم."
    ),
    PostScanKind.RELEASED: Text("Released by customs.", "أفرجت عنه الجمارك."),
    PostScanKind.SORTED: Text("Sorted.", "تم فرزه."),
    PostScanKind.OUT_FOR_DELIVERY: Text("Out for delivery.", "خرج للتسليم."),
    PostScanKind.DELIVERY_FAILED: Text(
        "Delivery was attempted; nobody took it.", "جرت محاولة تسليم دون جدوى."
    ),
    PostScanKind.READY_FOR_COLLECTION: Text(
        "Ready to be collected at the office.", "جاهز للاستلام من المكتب."
    ),
    PostScanKind.RETURNED: Text("On its way back to the sender.", "في طريق العودة إلى المرسل."),
    PostScanKind.DELIVERED: Text("Delivered.", "تم التسليم."),
}
"""What each kind of scan says, where the agency adds nothing."""


def identity(scan: Scan) -> tuple[str, PostScanKind, str, str]:
    """Return what makes a scan this one: what comes again with the same is a duplicate."""
    return (scan.tracking_number, scan.kind, scan.at.isoformat(), scan.place.en)


def in_order(scans: Iterable[Scan]) -> list[Scan]:
    """Return the scans of one shipment in the order of events, each once."""
    once = {identity(scan): scan for scan in scans}
    return sorted(once.values(), key=lambda scan: (scan.at, _RANK[scan.kind], scan.place.en))


def folded(scans: Iterable[Scan]) -> PostShipmentStatus:
    """Return where a shipment is by its scans, in whatever order and how often they came.

    A scan that the table has no edge for moves nothing. Once a scan says DELIVERED, no set of
    further scans says otherwise: every state leads there, and none leads away.
    """
    status = SHIPMENT.initial
    for scan in in_order(scans):
        event = ShipmentEvent(scan.kind.value)
        if SHIPMENT.allows(status, event):
            status = SHIPMENT.next(status, event)
    return status


def with_duty(status: PostShipmentStatus, bill: PostBillStatus | None) -> PostShipmentStatus:
    """Return where a shipment is, given by its scans, once its duty bill is looked at too."""
    paid = bill is PostBillStatus.PAID
    if paid and SHIPMENT.allows(status, ShipmentEvent.DUTY_SETTLED):
        return SHIPMENT.next(status, ShipmentEvent.DUTY_SETTLED)
    return status


def admitted(known: Sequence[Scan], scans: Iterable[Scan]) -> tuple[list[Scan], list[Scan]]:
    """Split scans of one shipment that are not known yet into (kept, beyond the bound)."""
    have = {identity(scan) for scan in known}
    news = [scan for scan in in_order(scans) if identity(scan) not in have]
    kept: list[Scan] = []
    for scan in news:
        most = MAX_SCANS if scan.kind in _ENDING else ROUTINE_SCANS
        if len(known) + len(kept) < most:
            kept.append(scan)
    return kept, [scan for scan in news if scan not in kept]


def first_at(scans: Iterable[Scan], kind: PostScanKind) -> Scan | None:
    """Return the earliest scan of a kind."""
    return next((scan for scan in in_order(scans) if scan.kind is kind), None)
