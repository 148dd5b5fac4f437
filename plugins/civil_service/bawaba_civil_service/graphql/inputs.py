"""What front ends send."""

from __future__ import annotations

import datetime as dt

import strawberry
from bawaba.graphql import leaf
from bawaba.text import Language, both

from bawaba_civil_service.graphql.words import CivilServiceCertificateKind, CivilServiceLeaveKind

_KEY = ("A fresh random key for each wish that is meant anew.", "مفتاح عشوائي جديد لكل طلب مستقل.")


@strawberry.input(description=both("Which certificate is wanted.", "الشهادة المطلوبة."))
class CivilServiceRequestCertificateInput:
    """For oneself."""

    kind: CivilServiceCertificateKind = leaf("What it states.", "موضوعها.")
    language: Language = leaf("Its language.", "لغتها.")
    purpose: str = leaf(
        "What it is for, 3 to 200 characters; printed on it.",
        "الغرض منها، من 3 إلى 200 حرف؛ يُطبع عليها.",
    )
    idempotency_key: str = leaf(*_KEY)


@strawberry.input(description=both("Which request to give up.", "الطلب المراد إلغاؤه."))
class CivilServiceCancelRequestInput:
    """While it waits for payment."""

    request_id: strawberry.ID = leaf("The request.", "الطلب.")


@strawberry.input(description=both("The leave that is wanted.", "الإجازة المطلوبة."))
class CivilServiceRequestLeaveInput:
    """For oneself."""

    kind: CivilServiceLeaveKind = leaf("Its kind.", "نوعها.")
    first_on: dt.date = leaf("Its first day.", "أول أيامها.")
    last_on: dt.date = leaf("Its last day.", "آخر أيامها.")
    reason: str = leaf("Why, 3 to 1,000 characters.", "السبب، من 3 إلى 1000 حرف.")
    idempotency_key: str = leaf(*_KEY)


@strawberry.input(description=both("A decision about a leave.", "قرار في إجازة."))
class CivilServiceDecideLeaveInput:
    """A manager's."""

    leave_id: strawberry.ID = leaf("The leave.", "الإجازة.")
    approve: bool = leaf("True: approve; false: reject.", "القيمة true للموافقة وfalse للرفض.")
    reason: str = leaf("Why, 3 to 1,000 characters.", "السبب، من 3 إلى 1000 حرف.")


@strawberry.input(description=both("Which leave to give up.", "الإجازة المراد إلغاؤها."))
class CivilServiceCancelLeaveInput:
    """One's own."""

    leave_id: strawberry.ID = leaf("The leave.", "الإجازة.")


@strawberry.input(description=both("A holiday as announced.", "عطلة كما أُعلنت."))
class CivilServiceAnnounceHolidayInput:
    """Eid, for example, once the moon was seen."""

    on: dt.date = leaf("The day.", "اليوم.")
    name_en: str = leaf("Its name in English.", "الاسم بالإنجليزية.")
    name_ar: str = leaf("Its name in Arabic.", "الاسم بالعربية.")
    is_off: bool = leaf(
        "False: expected as a holiday, it is a working day after all.",
        "القيمة false: كان متوقعاً عطلة ثم تبين أنه يوم عمل.",
        default=True,
    )
