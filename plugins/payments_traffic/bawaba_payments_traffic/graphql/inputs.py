"""What front ends send."""

from __future__ import annotations

import strawberry
from bawaba.graphql import leaf
from bawaba.text import both


@strawberry.input(description=both("A plate and its owner.", "لوحة ومالكها."))
class TrafficPlateInput:
    """Plate look-ups need the owner's personal number too."""

    number: str = leaf("The plate's number.", "رقم اللوحة.")
    category: str = leaf("The plate's category, e.g. PRIVATE.", "فئة اللوحة، مثل PRIVATE.")
    owner_national_id: str = leaf("The owner's personal number.", "الرقم الشخصي للمالك.")


@strawberry.input(
    one_of=True,
    description=both("By what to look fines up: exactly one.", "طريقة البحث: واحدة فقط."),
)
class TrafficFineLookupInput:
    """Exactly one of three ways."""

    reference: str | None = leaf(
        "By the fine's reference.", "بمرجع المخالفة.", default=strawberry.UNSET
    )
    plate: TrafficPlateInput | None = leaf(
        "By plate and owner.", "باللوحة والمالك.", default=strawberry.UNSET
    )
    mine: bool | None = leaf(
        "True: the signed-in person's own.",
        "القيمة true: مخالفات الشخص نفسه.",
        default=strawberry.UNSET,
    )


@strawberry.input(description=both("An objection to one's own fine.", "اعتراض الشخص على مخالفته."))
class TrafficObjectInput:
    """Who objects says why."""

    fine_id: strawberry.ID = leaf("The fine.", "المخالفة.")
    grounds: str = leaf(
        "Why you object, 10 to 4,000 characters.", "أسباب الاعتراض، من 10 إلى 4000 حرف."
    )
    attachment_ids: list[strawberry.ID] | None = leaf(
        "Uploaded evidence, at most 10 files.", "مرفقات الإثبات، 10 ملفات كحد أقصى.", default=None
    )
    idempotency_key: str = leaf(
        "A fresh random key for each attempt that is meant anew.",
        "مفتاح عشوائي جديد لكل محاولة مستقلة.",
    )


@strawberry.input(description=both("A decision about an objection.", "قرار في اعتراض."))
class TrafficDecideObjectionInput:
    """The officer says why."""

    objection_id: strawberry.ID = leaf("The objection.", "الاعتراض.")
    uphold: bool = leaf(
        "True: uphold it, which cancels the fine and refunds what was paid. False: reject it.",
        "القيمة true: قبوله، فتُلغى المخالفة ويُرد المدفوع. القيمة false: رفضه.",
    )
    reason: str = leaf("Why, 10 to 4,000 characters.", "أسباب القرار، من 10 إلى 4000 حرف.")
    idempotency_key: str = leaf(
        "A fresh random key for each attempt that is meant anew.",
        "مفتاح عشوائي جديد لكل محاولة مستقلة.",
    )
