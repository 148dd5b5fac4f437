"""The nouns: fines, violations, plates, objections."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import strawberry
from bawaba import runtime
from bawaba.core_types import Attachment, Bill, Service, described
from bawaba.files import MAX_ATTACHED, File
from bawaba.graphql import Info, Node, UserError, computed, global_id, leaf
from bawaba.text import Text, both

from bawaba_payments_traffic.domain import TrafficObjectionStatus
from bawaba_payments_traffic.services.pricing import bill_of, price_of

described(
    TrafficObjectionStatus,
    {
        "SUBMITTED": ("Waiting for a decision.", "قيد النظر."),
        "UPHELD": ("Upheld: the fine is cancelled.", "قُبل: أُلغيت المخالفة."),
        "REJECTED": ("Rejected: the fine stands.", "رُفض: المخالفة قائمة."),
    },
    "Where an objection stands.",
    "حالة الاعتراض.",
)


@strawberry.type(description=both("What was done against the traffic law.", "المخالفة المرتكبة."))
class TrafficViolation:
    """A violation of the tariff."""

    code: str = leaf("Stable code of the tariff.", "رمز المخالفة في التعرفة.")
    name: strawberry.Private[Text]

    @computed("What it is called.", "تسميتها.")
    def description(self, info: Info) -> str:
        """Return the name in the request's language."""
        return info.context.say(self.name)


@strawberry.type(description=both("A vehicle's number plate.", "لوحة مركبة."))
class TrafficPlate:
    """A plate is unique by number and category together."""

    number: str = leaf("Its number.", "رقمها.")
    category: str = leaf("Its category, e.g. PRIVATE.", "فئتها، مثل PRIVATE.")


@strawberry.type(description=both("A traffic fine.", "مخالفة مرورية."))
class TrafficFine(Bill):
    """A fine of the mirror, priced when it was read."""

    violation: TrafficViolation = leaf("What it is for.", "نوع المخالفة.")
    plate: TrafficPlate = leaf("The vehicle's plate.", "لوحة المركبة.")
    occurred_at: dt.datetime = leaf("When it happened.", "وقت وقوعها.")
    discount_ends_at: dt.datetime | None = leaf(
        "The first instant without the early-settlement discount.",
        "أول لحظة ينتهي عندها خصم التصالح المبكر.",
    )
    place: strawberry.Private[Text]

    @computed("Where it happened.", "مكان وقوعها.")
    def location(self, info: Info) -> str:
        """Return the place in the request's language."""
        return info.context.say(self.place)

    @classmethod
    def of(cls, row: Mapping[str, Any], service: Service) -> TrafficFine:
        """Return the GraphQL object of a mirror row, priced now."""
        at = runtime.now()
        bill = bill_of(row, at)
        return cls(
            **cls.face(bill, service),
            violation=TrafficViolation(code=row["violation"], name=bill.description),
            plate=TrafficPlate(number=row["plate_number"], category=row["plate_category"]),
            occurred_at=row["occurred_at"],
            discount_ends_at=price_of(row, at).discount_ends_at,
            place=Text(row["location_en"], row["location_ar"]),
        )


@strawberry.type(description=both("An objection to a traffic fine.", "اعتراض على مخالفة مرورية."))
class TrafficObjection(Node):
    """An objection and the fine it is about."""

    status: TrafficObjectionStatus = leaf("Where it stands.", "حالته.")
    fine: TrafficFine = leaf("The fine it is about.", "المخالفة المعترض عليها.")
    grounds: str = leaf("Why the debtor objects.", "أسباب الاعتراض.")
    submitted_at: dt.datetime = leaf("When it was submitted.", "وقت تقديمه.")
    decided_at: dt.datetime | None = leaf("When it was decided.", "وقت البت فيه.")
    reason: str | None = leaf("Why it was decided so.", "أسباب القرار.")
    attachments: list[Attachment] = leaf("The evidence.", "مرفقات الإثبات.", bound=MAX_ATTACHED)

    @classmethod
    def of(
        cls, row: Mapping[str, Any], fine: TrafficFine, evidence: Sequence[File]
    ) -> TrafficObjection:
        """Return the GraphQL object of a row, its fine and its files."""
        return cls(
            id=global_id("TrafficObjection", row["id"]),
            status=TrafficObjectionStatus(row["status"]),
            fine=fine,
            grounds=row["grounds"],
            submitted_at=row["submitted_at"],
            decided_at=row["decided_at"],
            reason=row["reason"],
            attachments=[Attachment.of(file) for file in evidence],
        )


@strawberry.type(description=both("The outcome of objecting.", "نتيجة تقديم الاعتراض."))
class TrafficObjectPayload:
    """The new objection, or why there is none."""

    objection: TrafficObjection | None = leaf(
        "The new objection; null when refused.",
        "الاعتراض الجديد؛ وقيمة فارغة عند الرفض.",
        default=None,
    )
    errors: list[UserError] = leaf("Why it was refused.", "أسباب الرفض.")


@strawberry.type(description=both("The outcome of a decision.", "نتيجة البت في الاعتراض."))
class TrafficDecideObjectionPayload:
    """The decided objection, or why it was not decided."""

    objection: TrafficObjection | None = leaf(
        "The decided objection; null when refused.",
        "الاعتراض بعد البت فيه؛ وقيمة فارغة عند الرفض.",
        default=None,
    )
    errors: list[UserError] = leaf("Why it was refused.", "أسباب الرفض.")
