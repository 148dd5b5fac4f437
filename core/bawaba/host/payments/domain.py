"""The words of payments: states, triggers, refusals with stable codes. Pure."""

from __future__ import annotations

import enum

from bawaba.domain import StateMachine
from bawaba.errors import Refusal, TryAgain
from bawaba.payments import GatewayEventKind
from bawaba.text import Text


class PaymentStatus(enum.Enum):
    """How far a payment has come."""

    PENDING = "PENDING"
    AUTHORISED = "AUTHORISED"
    CAPTURED = "CAPTURED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"


class PaymentTrigger(enum.Enum):
    """What moves a payment on. MISPAY: the gateway took an amount that was not asked for."""

    AUTHORISE = "AUTHORISE"
    CAPTURE = "CAPTURE"
    DECLINE = "DECLINE"
    MISPAY = "MISPAY"
    ABANDON = "ABANDON"
    CANCEL = "CANCEL"
    EXPIRE = "EXPIRE"


OPEN = (PaymentStatus.PENDING, PaymentStatus.AUTHORISED)
"""The states in which money may still come in as expected."""

_ENDINGS = {
    PaymentTrigger.CAPTURE: PaymentStatus.CAPTURED,
    PaymentTrigger.DECLINE: PaymentStatus.FAILED,
    PaymentTrigger.MISPAY: PaymentStatus.FAILED,
    PaymentTrigger.ABANDON: PaymentStatus.CANCELLED,
    PaymentTrigger.CANCEL: PaymentStatus.CANCELLED,
    PaymentTrigger.EXPIRE: PaymentStatus.EXPIRED,
}

PAYMENT = StateMachine(
    name="payment",
    initial=PaymentStatus.PENDING,
    edges={
        (PaymentStatus.PENDING, PaymentTrigger.AUTHORISE): PaymentStatus.AUTHORISED,
        **{(state, trigger): end for state in OPEN for trigger, end in _ENDINGS.items()},
    },
    terminal=frozenset(_ENDINGS.values()),
)
"""What comes in after a terminal state changes no state: late money goes to suspense."""

TRIGGERS = {
    GatewayEventKind.AUTHORISED: PaymentTrigger.AUTHORISE,
    GatewayEventKind.CAPTURED: PaymentTrigger.CAPTURE,
    GatewayEventKind.DECLINED: PaymentTrigger.DECLINE,
    GatewayEventKind.ABANDONED: PaymentTrigger.ABANDON,
}


class RefundStatus(enum.Enum):
    """How far a refund has come. PROPOSED: the platform holds money that awaits a decision."""

    PROPOSED = "PROPOSED"
    REQUESTED = "REQUESTED"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"


class RefundTrigger(enum.Enum):
    """What moves a refund on."""

    REQUEST = "REQUEST"
    SUCCEED = "SUCCEED"
    FAIL = "FAIL"


REFUND = StateMachine(
    name="refund",
    initial=RefundStatus.PROPOSED,
    edges={
        (RefundStatus.PROPOSED, RefundTrigger.REQUEST): RefundStatus.REQUESTED,
        (RefundStatus.REQUESTED, RefundTrigger.SUCCEED): RefundStatus.SUCCEEDED,
        (RefundStatus.REQUESTED, RefundTrigger.FAIL): RefundStatus.FAILED,
    },
    terminal=frozenset({RefundStatus.SUCCEEDED, RefundStatus.FAILED}),
)
"""A failed refund releases what it reserved; whoever refunds asks for a new one."""


class ItemState(enum.Enum):
    """Where the money of one item is. SUSPENDED: taken, but its bill could not be settled."""

    WAITING = "WAITING"
    SETTLED = "SETTLED"
    SUSPENDED = "SUSPENDED"


class MessageStatus(enum.Enum):
    """What became of a gateway's message. Messages are kept, whatever became of them."""

    WAITING = "WAITING"
    APPLIED = "APPLIED"
    NO_EFFECT = "NO_EFFECT"
    ALARM = "ALARM"


class MessageTrigger(enum.Enum):
    """What moves a message on. RETRY: an operator mended the cause of the alarm."""

    APPLY = "APPLY"
    DISMISS = "DISMISS"
    ALARM = "ALARM"
    RETRY = "RETRY"


MESSAGE = StateMachine(
    name="gateway_message",
    initial=MessageStatus.WAITING,
    edges={
        (MessageStatus.WAITING, MessageTrigger.APPLY): MessageStatus.APPLIED,
        (MessageStatus.WAITING, MessageTrigger.DISMISS): MessageStatus.NO_EFFECT,
        (MessageStatus.WAITING, MessageTrigger.ALARM): MessageStatus.ALARM,
        (MessageStatus.ALARM, MessageTrigger.RETRY): MessageStatus.WAITING,
    },
    terminal=frozenset({MessageStatus.APPLIED, MessageStatus.NO_EFFECT}),
)


class UpdateKind(enum.Enum):
    """What happened to a payment, as its followers are told."""

    SNAPSHOT = "SNAPSHOT"
    STARTED = "STARTED"
    CHECKOUT_OPENED = "CHECKOUT_OPENED"
    AUTHORISED = "AUTHORISED"
    CAPTURED = "CAPTURED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"
    REFUND_PROPOSED = "REFUND_PROPOSED"
    REFUND_REQUESTED = "REFUND_REQUESTED"
    REFUND_SUCCEEDED = "REFUND_SUCCEEDED"
    REFUND_FAILED = "REFUND_FAILED"


class PostingsWrongError(Exception):
    """A payable described postings that do not add up to the item: a fault of its plugin."""


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
    GatewayMessageNotInAlarm,
    ReasonMissing,
    AmountInvalid,
)
"""Every refusal of payments, for the catalogue of errors."""
