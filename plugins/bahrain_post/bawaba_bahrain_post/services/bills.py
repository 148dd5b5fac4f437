"""Bills of the post: their rows, and what they come to on a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from bawaba import payments, runtime
from bawaba.payments import BillStatus
from bawaba.text import Text
from bawaba.viewer import Viewer

from bawaba_bahrain_post.domain import (
    AGENCY,
    MAX_BILLS,
    SERVICE,
    Assessment,
    Line,
    PostBillKind,
    PostBillStatus,
    Price,
)
from bawaba_bahrain_post.models import PostBill
from bawaba_bahrain_post.rules import bills, boxes, duty
from bawaba_bahrain_post.services.tariffs import box_terms, tariffs

Row = Mapping[str, Any]

COLUMNS = (
    "id", "kind", "reference", "shipment_id", "box_id", "debtor_national_id", "status",
    "fixed_fils", "customs_fils", "lines", "since", "until", "paid_fils", "settled_item_id",
)  # fmt: skip
_NAMES = {
    PostBillKind.DUTY: Text("Customs duty of a shipment", "رسوم جمركية على شحنة"),
    PostBillKind.BOX_RENEWAL: Text("Renewal of a post box", "تجديد صندوق بريد"),
}
_SETTLED = {
    PostBillStatus.PAID: Text("It is paid.", "تم سدادها."),
    PostBillStatus.CANCELLED: Text(
        "It was withdrawn; nothing is due.", "سُحبت؛ ولا يستحق عنها شيء."
    ),
}
_FROZEN = Text("The price of the moment at which the payment began.", "السعر وقت بدء عملية الدفع.")


async def rows_of(ids: Iterable[str]) -> dict[str, Row]:
    """Return bills by id; unknown ids are absent."""
    rows = await PostBill.filter(id__in=list(ids)).values(*COLUMNS)
    return {row["id"]: row for row in rows}


async def rows_of_person(national_id: str) -> Sequence[Row]:
    """Return a debtor's bills, newest first, at most 500."""
    query = PostBill.filter(debtor_national_id=national_id).order_by("-opened_at", "-id")
    return await query.limit(MAX_BILLS).values(*COLUMNS)


async def of_shipments(shipment_ids: Collection[str]) -> dict[str, Row]:
    """Return the duty bills of shipments, by shipment."""
    rows = await PostBill.filter(shipment_id__in=list(shipment_ids)).values(*COLUMNS)
    return {row["shipment_id"]: row for row in rows}


async def open_of_boxes(box_ids: Collection[str]) -> dict[str, Row]:
    """Return the unpaid renewal bills of boxes, by box."""
    unpaid = PostBill.filter(box_id__in=list(box_ids), status=PostBillStatus.UNPAID.value)
    return {row["box_id"]: row for row in await unpaid.values(*COLUMNS)}


async def visible(viewer: Viewer, ids: Sequence[str]) -> dict[str, Row]:
    """Return those of the bills that the viewer may see by id: one's own, or any at the desk."""
    rows = await rows_of(ids)
    if viewer.can("post.desk", AGENCY):
        return rows
    mine = viewer.national_id
    return {id_: row for id_, row in rows.items() if mine and row["debtor_national_id"] == mine}


def kept_lines(lines: Sequence[Line]) -> list[list[Any]]:
    """Return lines as a row keeps them."""
    return [[line.words.en, line.words.ar, line.fils] for line in lines]


def price_of(row: Row, day: dt.date) -> Price:
    """Return what a bill comes to on a day, or came to when it was paid."""
    until = row["until"] or day
    if row["kind"] == PostBillKind.DUTY.value:
        lines = [Line(Text(en, ar), fils) for en, ar, fils in row["lines"]]
        customs = row["customs_fils"]
        assessed = Assessment(lines, customs, row["fixed_fils"] - customs)
        price = duty.price(tariffs(), assessed, row["since"], until)
    else:
        price = boxes.price(row["fixed_fils"], row["since"], box_terms(row["since"]), until)
    paid: int = row["paid_fils"]
    if row["status"] == PostBillStatus.PAID.value and paid != price.fils:
        return Price(paid, (Line(_FROZEN, paid),), price.due_on)
    return price


def bill_of(row: Row, at: dt.datetime) -> payments.Bill:
    """Return a row as a bill, priced for ``at``."""
    status, kind = PostBillStatus(row["status"]), PostBillKind(row["kind"])
    price = price_of(row, runtime.local_day(at))
    unpaid = status is PostBillStatus.UNPAID
    payable = unpaid and price.not_payable is None
    return payments.Bill(
        id=row["id"],
        service=SERVICE,
        reference=row["reference"],
        description=_NAMES[kind],
        status=BillStatus(status.value),
        fils=price.fils,
        due_fils=price.fils if payable else 0,
        explanation=bills.in_words(price.lines) if unpaid else _SETTLED[status],
        due_on=price.due_on,
        debtor_national_id=row["debtor_national_id"],
        not_payable=price.not_payable if unpaid else None,
    )
