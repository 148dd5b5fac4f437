"""The nouns: shipments, their events, bills, boxes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import strawberry
from bawaba import runtime
from bawaba.core_types import Bill, Service
from bawaba.graphql import Info, Money, Node, computed, global_id, leaf
from bawaba.text import Text, both

from bawaba_bahrain_post.domain import MAX_EVENTS, MAX_LINES, OFFICES, Line, Scan
from bawaba_bahrain_post.graphql import loaders
from bawaba_bahrain_post.graphql.words import (
    PostBillKind,
    PostBoxStatus,
    PostScanKind,
    PostShipmentStatus,
)
from bawaba_bahrain_post.rules.journey import WORDS
from bawaba_bahrain_post.services import bills, shipments


@strawberry.type(description=both("One line of a bill.", "بند في فاتورة."))
class PostBillLine:
    """What for, and how much."""

    amount: Money = leaf("How much.", "المبلغ.")
    words: strawberry.Private[Text]

    @computed("What for.", "البيان.")
    def description(self, info: Info) -> str:
        """Return the words in the request's language."""
        return info.context.say(self.words)

    @classmethod
    def of(cls, line: Line) -> PostBillLine:
        """Return the GraphQL object of a line."""
        return cls(amount=Money.of(line.fils), words=line.words)


@strawberry.type(description=both("A bill of Bahrain Post.", "فاتورة من بريد البحرين."))
class PostBill(Bill):
    """Customs duty of a shipment, or a year's rent of a box; it names nobody."""

    kind: PostBillKind = leaf("What it is for.", "نوعها.")
    lines: list[PostBillLine] = leaf("What it consists of.", "بنودها.", bound=MAX_LINES)

    @classmethod
    def of(cls, row: Mapping[str, Any], service: Service) -> PostBill:
        """Return the GraphQL object of a row, priced now."""
        at = runtime.now()
        bill, price = bills.bill_of(row, at), bills.price_of(row, runtime.local_day(at))
        return cls(
            **cls.face(bill, service),
            kind=PostBillKind(row["kind"]),
            lines=[PostBillLine.of(line) for line in price.lines[:MAX_LINES]],
        )


async def _bill(row: Mapping[str, Any] | None) -> PostBill | None:
    return None if row is None else PostBill.of(row, await loaders.service())


@strawberry.type(description=both("One scan of a shipment.", "قراءة لملصق شحنة."))
class PostShipmentEvent:
    """What happened, where and when."""

    at: dt.datetime = leaf("When it happened.", "وقت الحدث.")
    kind: PostScanKind = leaf("What happened.", "نوع الحدث.")
    place: strawberry.Private[Text]
    words: strawberry.Private[Text]

    @computed("Where it happened.", "مكان الحدث.")
    def location(self, info: Info) -> str:
        """Return the place in the request's language."""
        return info.context.say(self.place)

    @computed("What happened, in words.", "الحدث بالكلمات.")
    def description(self, info: Info) -> str:
        """Return the sentence in the request's language."""
        return info.context.say(self.words)

    @classmethod
    def of(cls, scan: Scan, *, with_note: bool) -> PostShipmentEvent:
        """Return the GraphQL object of a scan; notes may name the recipient."""
        words = (scan.note if with_note else None) or WORDS[scan.kind]
        return cls(at=scan.at, kind=scan.kind, place=scan.place, words=words)


@strawberry.type(description=both("A shipment.", "شحنة بريدية."))
class PostShipment(Node):
    """A shipment. Who knows its tracking number sees where it is, and nothing else of it."""

    tracking_number: str = leaf("Its number by UPU S10.", "رقم التتبع وفق معيار UPU S10.")
    status: PostShipmentStatus = leaf("Where it is.", "حالتها.")
    raw: strawberry.Private[str]
    recipient: strawberry.Private[str | None]

    @computed(
        f"What happened to it, newest first: the newest {MAX_EVENTS} scans.",
        f"مسارها، الأحدث أولاً: آخر {MAX_EVENTS} قراءة.",
        bound=MAX_EVENTS,
    )
    async def events(self, info: Info) -> list[PostShipmentEvent]:
        """Return its scans by the time they were made."""
        near = shipments.concerns(info.context.viewer, self.recipient)
        found = await loaders.scans(info, self.raw)
        return [PostShipmentEvent.of(scan, with_note=near) for scan in found[:MAX_EVENTS]]

    @computed(
        "The duty that customs asks for, if any; for the recipient and post officers only, and "
        "null under a live field.",
        "رسومها الجمركية إن وُجدت؛ للمستلم وموظفي البريد فقط، وفارغة في الحقول الحية.",
    )
    async def duty_bill(self, info: Info) -> PostBill | None:
        """Return its bill: it tells what the shipment holds, and its value."""
        if not shipments.concerns(info.context.viewer, self.recipient):
            return None
        return await _bill(await loaders.duty_bill(info, self.raw))

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> PostShipment:
        """Return the GraphQL object of a row."""
        return cls(
            id=global_id("PostShipment", row["id"]),
            tracking_number=row["tracking_number"],
            status=PostShipmentStatus(row["status"]),
            raw=row["id"],
            recipient=row["recipient_national_id"],
        )


@strawberry.type(
    description=both("A shipment that customs holds, for the desk.", "شحنة محتجزة لدى الجمارك.")
)
class PostHeldShipment:
    """What a post officer sees of it."""

    shipment: PostShipment = leaf("The shipment.", "الشحنة.")
    held_on: dt.date | None = leaf("Since when.", "تاريخ الاحتجاز.")
    name: strawberry.Private[Text | None]

    @computed("For whom, where the post told.", "اسم المستلم إن ذكره البريد.")
    def recipient_name(self, info: Info) -> str | None:
        """Return the name in the request's language."""
        return info.context.say(self.name) if self.name else None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> PostHeldShipment:
        """Return the GraphQL object of a row."""
        known = row["recipient_name_en"]
        name = Text(known, row["recipient_name_ar"]) if known else None
        return cls(shipment=PostShipment.of(row), held_on=row["held_on"], name=name)


@strawberry.type(description=both("A rented post box.", "صندوق بريد مستأجر."))
class PostBox(Node):
    """A box and how far it is paid."""

    number: str = leaf("Its number at the office.", "رقمه في المكتب.")
    status: PostBoxStatus = leaf("Where its rent stands.", "حالة إيجاره.")
    expires_on: dt.date = leaf("The last day that is paid.", "آخر يوم مدفوع.")
    raw: strawberry.Private[str]
    at: strawberry.Private[str]

    @computed("The post office where it is.", "مكتب البريد الذي يوجد فيه.")
    def office(self, info: Info) -> str:
        """Return the office's name in the request's language."""
        return info.context.say(OFFICES.get(self.at, Text(self.at, self.at)))

    @computed("The bill that renews it, once there is one.", "فاتورة تجديده متى صدرت.")
    async def renewal_bill(self, info: Info) -> PostBill | None:
        """Return its open bill."""
        return await _bill(await loaders.renewal_bill(info, self.raw))

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> PostBox:
        """Return the GraphQL object of a row."""
        return cls(
            id=global_id("PostBox", row["id"]),
            number=row["number"],
            status=PostBoxStatus(row["status"]),
            expires_on=row["expires_on"],
            raw=row["id"],
            at=row["office"],
        )
