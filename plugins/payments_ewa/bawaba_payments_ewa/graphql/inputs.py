"""What mutations take and return."""

from __future__ import annotations

import strawberry
from bawaba.graphql import UserError, leaf
from bawaba.text import both

from bawaba_payments_ewa.graphql.accounts import EwaAccount

_ERRORS = ("Why nothing changed.", "سبب عدم التنفيذ.")
_ACCOUNT = ("The account as it is now; null when refused.", "الحساب الآن؛ وقيمة فارغة عند الرفض.")
_WHICH = ("The account.", "الحساب.")


@strawberry.input(description=both("Which account to follow.", "الحساب المطلوب متابعته."))
class EwaLinkAccountInput:
    """Both numbers stand on every bill."""

    number: str = leaf("The account's number.", "رقم الحساب.")
    national_id: str = leaf("The personal number of its owner.", "الرقم الشخصي لصاحب الحساب.")


@strawberry.input(
    description=both("Which account to follow no more.", "الحساب المطلوب إلغاء متابعته.")
)
class EwaUnlinkAccountInput:
    """Input of ewaUnlinkAccount."""

    account_id: strawberry.ID = leaf(*_WHICH)


@strawberry.input(
    description=both("Which account to put on fixed billing.", "الحساب المطلوب تثبيت فوترته.")
)
class EwaEnrolFixedInput:
    """Input of ewaEnrolFixed."""

    account_id: strawberry.ID = leaf(*_WHICH)


@strawberry.input(
    description=both("Which account leaves fixed billing.", "الحساب المطلوب إنهاء فوترته الثابتة.")
)
class EwaLeaveFixedInput:
    """Input of ewaLeaveFixed."""

    account_id: strawberry.ID = leaf(*_WHICH)


@strawberry.type(description=both("The account followed.", "الحساب الذي رُبط."))
class EwaLinkAccountPayload:
    """What ewaLinkAccount returns."""

    errors: list[UserError] = leaf(*_ERRORS)
    account: EwaAccount | None = leaf(*_ACCOUNT, default=None)


@strawberry.type(description=both("The account followed no more.", "الحساب الذي أُلغي ربطه."))
class EwaUnlinkAccountPayload:
    """What ewaUnlinkAccount returns."""

    errors: list[UserError] = leaf(*_ERRORS)
    account: EwaAccount | None = leaf(*_ACCOUNT, default=None)


@strawberry.type(description=both("The account on fixed billing.", "الحساب بعد تثبيت فوترته."))
class EwaEnrolFixedPayload:
    """What ewaEnrolFixed returns."""

    errors: list[UserError] = leaf(*_ERRORS)
    account: EwaAccount | None = leaf(*_ACCOUNT, default=None)


@strawberry.type(
    description=both("The account that leaves fixed billing.", "الحساب بعد إنهاء الفوترة الثابتة.")
)
class EwaLeaveFixedPayload:
    """What ewaLeaveFixed returns."""

    errors: list[UserError] = leaf(*_ERRORS)
    account: EwaAccount | None = leaf(*_ACCOUNT, default=None)
