"""What payments refuse, each with a stable code and both languages. Pure."""

from __future__ import annotations

from bawaba.errors import Refusal, TryAgain
from bawaba.text import Text


class PaymentTotalChanged(Refusal):
    """The bills cost something else by now, e.g. a discount ended. Show the new total and ask."""

    code = "PAYMENT_TOTAL_CHANGED"
    text = Text(
        "The total is now BHD {total}. Review it and confirm again.",
        "أصبح الإجمالي {total} د.ب. يرجى مراجعته والتأكيد من جديد.",
    )


class BillNotPayable(Refusal):
    """The bill cannot be paid through the platform; the message says why."""

    code = "BILL_NOT_PAYABLE"
    text = Text(
        "Bill {reference} cannot be paid here: {why_en}",
        "لا يمكن دفع الفاتورة {reference} هنا: {why_ar}",
    )


class BillAlreadyPaid(Refusal):
    """The bill is paid. Reload the list of bills."""

    code = "BILL_ALREADY_PAID"
    text = Text("Bill {reference} is already paid.", "الفاتورة {reference} مدفوعة مسبقاً.")


class PaymentAmountNotAllowed(Refusal):
    """Part payment is not possible for this bill. Leave the amount out, or send what is due."""

    code = "PAYMENT_AMOUNT_NOT_ALLOWED"
    text = Text(
        "Bill {reference} is paid in full only: BHD {due}.",
        "تُدفع الفاتورة {reference} كاملة فقط: {due} د.ب.",
    )


class PaymentAmountOutOfRange(Refusal):
    """The amount is below the least or above the most that can be paid of the bill now."""

    code = "PAYMENT_AMOUNT_OUT_OF_RANGE"
    text = Text(
        "Of bill {reference}, between BHD {least} and BHD {most} can be paid.",
        "يمكن أن يُدفع من الفاتورة {reference} ما بين {least} و{most} د.ب.",
    )


class PaymentBasketEmpty(Refusal):
    """The payment names no bill. Choose at least one."""

    code = "PAYMENT_BASKET_EMPTY"
    text = Text("Choose at least one bill.", "اختر فاتورة واحدة على الأقل.")


class PaymentBasketTooLarge(Refusal):
    """The payment names too many bills. Split it."""

    code = "PAYMENT_BASKET_TOO_LARGE"
    text = Text(
        "One payment takes {limit} bills at most.", "الحد الأقصى {limit} فاتورة في الدفعة الواحدة."
    )


class PaymentBillRepeated(Refusal):
    """The same bill stands twice in the payment. Name it once."""

    code = "PAYMENT_BILL_REPEATED"
    text = Text("The same bill stands twice in the basket.", "الفاتورة نفسها مكررة في السلة.")


class ReturnUrlInvalid(Refusal):
    """The return address is not an absolute http or https address of at most 2,000 characters."""

    code = "RETURN_URL_INVALID"
    text = Text(
        "The return address must be a full http or https address.",
        "يجب أن يكون عنوان العودة عنوان http أو https كاملاً.",
    )


class GatewayUnknown(Refusal):
    """No payment gateway has this name. Leave it out to use the default one."""

    code = "GATEWAY_UNKNOWN"
    text = Text("There is no such payment gateway.", "بوابة الدفع هذه غير موجودة.")


class GatewayNotAnswering(TryAgain):
    """The payment gateway did not answer. Send the same request, with the same key, again."""

    code = "GATEWAY_UNAVAILABLE"
    text = Text(
        "The payment gateway does not answer. Try again.", "بوابة الدفع لا تستجيب. حاول مرة أخرى."
    )


class AgencyNotAnswering(TryAgain):
    """The agency's own system did not answer. Send the same request again later."""

    code = "AGENCY_UNAVAILABLE"
    text = Text(
        "The agency's system does not answer. Try again later.",
        "نظام الجهة لا يستجيب. حاول لاحقاً.",
    )


class PaymentNotCancellable(Refusal):
    """The payment has ended, or its money is already taken. Ask for a refund in place of it."""

    code = "PAYMENT_NOT_CANCELLABLE"
    text = Text("The payment can no longer be cancelled.", "لم يعد بالإمكان إلغاء عملية الدفع.")


class PaymentNotRefundable(Refusal):
    """Nothing of the payment is left to give back, or no money was taken."""

    code = "PAYMENT_NOT_REFUNDABLE"
    text = Text(
        "Nothing of this payment is left to refund.", "لا يوجد مبلغ متبقٍّ لاسترداده من هذه العملية."
    )


class RefundExceedsLeft(Refusal):
    """The amount is not above zero, or above what is left of the item after earlier refunds."""

    code = "REFUND_EXCEEDS_LEFT"
    text = Text(
        "The refund must be between BHD 0.001 and BHD {left}.",
        "يجب أن يكون المبلغ المسترد بين 0.001 و{left} د.ب.",
    )


class PaymentDisputed(Refusal):
    """The payer disputes the payment with his or her bank. Wait until the dispute has ended."""

    code = "PAYMENT_DISPUTED"
    text = Text(
        "The payer disputes this payment with the bank; nothing can be refunded until that ends.",
        "اعترض الدافع على هذه العملية لدى مصرفه؛ ولا يمكن الاسترداد حتى يُبت في الاعتراض.",
    )


class RefundNotAwaiting(Refusal):
    """The refund awaits no decision: it was decided before, or never needed one."""

    code = "REFUND_NOT_AWAITING"
    text = Text("The refund awaits no decision.", "لا ينتظر هذا الاسترداد قراراً.")


class RefundNeedsSecondPerson(Refusal):
    """Whoever asked for a refund over the limit cannot approve it; a colleague has to."""

    code = "REFUND_NEEDS_SECOND_PERSON"
    text = Text(
        "A second person has to approve this refund.",
        "يجب أن يعتمد شخص ثانٍ هذا الاسترداد.",
    )


class GatewayMessageNotInAlarm(Refusal):
    """Only a message that was put aside with an alarm can be tried again."""

    code = "GATEWAY_MESSAGE_NOT_IN_ALARM"
    text = Text("The message is not in alarm.", "الرسالة ليست في حالة إنذار.")


class ReasonMissing(Refusal):
    """A reason is needed, of 1 to 500 characters."""

    code = "REASON_MISSING"
    text = Text("Give a reason of 1 to 500 characters.", "اذكر السبب في 1 إلى 500 حرف.")


class AmountInvalid(Refusal):
    """The amount has more than three decimals or is out of range."""

    code = "AMOUNT_INVALID"
    text = Text(
        "An amount has at most three decimals and is in range.",
        "يجب ألا تزيد منازل المبلغ العشرية على ثلاث وأن يكون ضمن الحدود.",
    )


REFUSALS: tuple[type[Refusal], ...] = (
    PaymentTotalChanged,
    BillNotPayable,
    BillAlreadyPaid,
    PaymentAmountNotAllowed,
    PaymentAmountOutOfRange,
    PaymentBasketEmpty,
    PaymentBasketTooLarge,
    PaymentBillRepeated,
    ReturnUrlInvalid,
    GatewayUnknown,
    GatewayNotAnswering,
    AgencyNotAnswering,
    PaymentNotCancellable,
    PaymentNotRefundable,
    RefundExceedsLeft,
    PaymentDisputed,
    RefundNotAwaiting,
    RefundNeedsSecondPerson,
    GatewayMessageNotInAlarm,
    ReasonMissing,
    AmountInvalid,
)
"""Every refusal of payments, for the catalogue of errors."""
