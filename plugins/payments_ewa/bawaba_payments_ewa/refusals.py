"""Why something is refused, each with a stable code."""

from __future__ import annotations

from collections.abc import Sequence

from bawaba.errors import Refusal
from bawaba.text import Text


class EwaAccountUnknown(Refusal):
    """No account has this number together with this personal number; both stand on the bill."""

    code = "EWA_ACCOUNT_UNKNOWN"
    text = Text(
        "No account has this number and this owner's personal number.",
        "لا يوجد حساب بهذا الرقم مع الرقم الشخصي لصاحبه.",
    )


class EwaTooManyAccounts(Refusal):
    """A person follows a bounded number of accounts; unlink one first."""

    code = "EWA_TOO_MANY_ACCOUNTS"
    text = Text(
        "You cannot follow more than {most} accounts.", "لا يمكنك متابعة أكثر من {most} حساباً."
    )


class EwaNotYourAccount(Refusal):
    """Only the person in whose name the account stands may change how it is billed."""

    code = "EWA_NOT_YOUR_ACCOUNT"
    text = Text("Only the owner of the account may do this.", "هذا الإجراء متاح لصاحب الحساب وحده.")


class EwaOwnAccount(Refusal):
    """An account in one's own name is always followed."""

    code = "EWA_OWN_ACCOUNT"
    text = Text(
        "An account in your own name cannot be unlinked.",
        "لا يمكن إلغاء ربط حساب مسجل باسمك.",
    )


class EwaAlreadyFixed(Refusal):
    """The account is on fixed billing already."""

    code = "EWA_ALREADY_FIXED"
    text = Text(
        "The account is on fixed billing already.", "الحساب مسجل في الفوترة الثابتة بالفعل."
    )


class EwaNotFixed(Refusal):
    """The account is not on fixed billing, or is leaving it already."""

    code = "EWA_NOT_FIXED"
    text = Text("The account is not on fixed billing.", "الحساب غير مسجل في الفوترة الثابتة.")


class EwaHistoryTooShort(Refusal):
    """An instalment is the average of past bills; come back when there are enough."""

    code = "EWA_HISTORY_TOO_SHORT"
    text = Text(
        "Fixed billing needs {least} bills to go by; there are {have}.",
        "تحتاج الفوترة الثابتة إلى {least} فواتير سابقة؛ والموجود {have}.",
    )


class EwaInArrears(Refusal):
    """What is past its last day must be paid before the account can go on fixed billing."""

    code = "EWA_IN_ARREARS"
    text = Text(
        "Pay what is overdue first: BHD {amount}.", "يرجى سداد المتأخرات أولاً: {amount} د.ب."
    )


REFUSALS: Sequence[type[Refusal]] = (
    EwaAccountUnknown,
    EwaTooManyAccounts,
    EwaNotYourAccount,
    EwaOwnAccount,
    EwaAlreadyFixed,
    EwaNotFixed,
    EwaHistoryTooShort,
    EwaInArrears,
)
