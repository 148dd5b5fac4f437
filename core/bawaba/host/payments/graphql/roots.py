"""Fields of Query, Mutation and Subscription."""

from __future__ import annotations

from collections.abc import AsyncIterable
from functools import partial
from typing import Annotated

import strawberry

from bawaba import live
from bawaba.core_types import Channel
from bawaba.graphql import (
    After,
    Connection,
    First,
    Info,
    UserError,
    argument,
    field,
    leaf,
    raw_id,
    subscription,
)
from bawaba.host.payments.desk import topic
from bawaba.host.payments.graphql.types import Payment, Refund
from bawaba.host.payments.graphql.words import ERRORS, KEY, RefundStatus, UpdateKind
from bawaba.host.payments.refusals import AmountInvalid
from bawaba.host.payments.services import ending, reading, refunding, starting
from bawaba.money import fils_of
from bawaba.scalars import Decimal3
from bawaba.text import both
from bawaba.viewer import Viewer


def _fils(amount: Decimal3 | None, *path: str) -> int | None:
    try:
        return None if amount is None else fils_of(amount)
    except ValueError:
        raise AmountInvalid(*path) from None


@strawberry.input(description=both("A bill to be paid.", "فاتورة للدفع."))
class PaymentItemInput:
    """A line of the basket."""

    bill_id: strawberry.ID = leaf("The bill's id.", "معرّف الفاتورة.")
    amount: Decimal3 | None = leaf(
        "What to pay of it; left out: what is due.",
        "المبلغ المراد دفعه؛ وعند تركه: المستحق.",
        default=None,
    )


@strawberry.input(description=both("A basket to be paid.", "سلة للدفع."))
class StartPaymentInput:
    """Input of startPayment."""

    items: list[PaymentItemInput] = leaf("The bills, 1 to 50.", "الفواتير، من 1 إلى 50.")
    expected_total: Decimal3 = leaf("The total that the payer saw.", "الإجمالي الذي رآه الدافع.")
    channel: Channel = leaf("Through which door the payer came.", "القناة.")
    idempotency_key: str = leaf(*KEY)
    return_url: str | None = leaf(
        "Where to return after the checkout.", "عنوان العودة بعد الدفع.", default=None
    )
    gateway: str | None = leaf(
        "Name of the gateway; left out: the default.",
        "اسم بوابة الدفع؛ وعند تركه: الافتراضية.",
        default=None,
    )


@strawberry.input(description=both("A payment to be cancelled.", "عملية دفع للإلغاء."))
class CancelPaymentInput:
    """Input of cancelPayment."""

    payment_id: strawberry.ID = leaf("The payment's id.", "معرّف عملية الدفع.")
    idempotency_key: str = leaf(*KEY)


@strawberry.input(description=both("A part to be given back.", "جزء للاسترداد."))
class RefundItemInput:
    """A line of a refund."""

    bill_id: strawberry.ID = leaf("The bill's id.", "معرّف الفاتورة.")
    amount: Decimal3 = leaf("How much of it.", "المبلغ المسترد منها.")


@strawberry.input(description=both("Money to be given back.", "مبلغ للاسترداد."))
class RefundPaymentInput:
    """Input of refundPayment."""

    payment_id: strawberry.ID = leaf("The payment's id.", "معرّف عملية الدفع.")
    reason: str = leaf("Why, in 1 to 500 characters.", "السبب، من 1 إلى 500 حرف.")
    idempotency_key: str = leaf(*KEY)
    items: list[RefundItemInput] | None = leaf(
        "The parts; left out: all that is left.", "الأجزاء؛ وعند تركها: كل ما تبقى.", default=None
    )


@strawberry.type(description=both("Result of startPayment.", "نتيجة startPayment."))
class StartPaymentPayload:
    """The payment, or why there is none."""

    payment: Payment | None = leaf("The payment.", "عملية الدفع.", default=None)
    errors: list[UserError] = leaf(*ERRORS)


@strawberry.type(description=both("Result of cancelPayment.", "نتيجة cancelPayment."))
class CancelPaymentPayload:
    """The payment, or why it stands."""

    payment: Payment | None = leaf("The payment.", "عملية الدفع.", default=None)
    errors: list[UserError] = leaf(*ERRORS)


@strawberry.type(description=both("Result of refundPayment.", "نتيجة refundPayment."))
class RefundPaymentPayload:
    """The refund and its payment, or why there is none."""

    refund: Refund | None = leaf("The refund.", "الاسترداد.", default=None)
    payment: Payment | None = leaf(
        "The payment it belongs to.", "عملية الدفع التي يتبعها.", default=None
    )
    errors: list[UserError] = leaf(*ERRORS)


@strawberry.type(description=both("A step of a payment.", "خطوة في عملية الدفع."))
class PaymentUpdate:
    """What followers of a payment get."""

    cursor: str = leaf("Pass it as `after` to go on from here.", "يمرر في `after` للمتابعة من هنا.")
    kind: UpdateKind = leaf("What happened.", "ما حدث.")
    payment: Payment = leaf("The payment as it is now.", "عملية الدفع كما هي الآن.")


def _order(wish: StartPaymentInput) -> starting.StartOrder:
    return starting.StartOrder(
        items=[
            (item.bill_id, _fils(item.amount, "items", str(index), "amount"))
            for index, item in enumerate(wish.items)
        ],
        expected_fils=_fils(wish.expected_total, "expectedTotal") or 0,
        channel=wish.channel,
        return_url=wish.return_url,
        gateway=wish.gateway,
        key=wish.idempotency_key,
    )


async def _payment(viewer: Viewer, payment_id: str) -> Payment | None:
    row = (await reading.seen_payments(viewer, [payment_id])).get(payment_id)
    return Payment.of(row) if row else None


async def _refund(viewer: Viewer, wish: RefundPaymentInput) -> RefundPaymentPayload:
    payment_id = raw_id(wish.payment_id, "Payment", "paymentId")
    items = (
        None
        if wish.items is None
        else [
            (item.bill_id, _fils(item.amount, "items", str(index), "amount") or 0)
            for index, item in enumerate(wish.items)
        ]
    )
    refund_id = await refunding.refund_payment(
        viewer, payment_id, items, wish.reason, wish.idempotency_key
    )
    row = (await reading.seen_refunds(viewer, [refund_id]))[refund_id]
    return RefundPaymentPayload(
        refund=Refund.of(row), payment=await _payment(viewer, payment_id), errors=[]
    )


@strawberry.type
class PaymentQuery:
    """Root queries of payments."""

    @field(
        permission="payments.read",
        en="Refunds of all payments, newest first.",
        ar="عمليات الاسترداد كافة، الأحدث أولاً.",
    )
    async def refunds(
        self,
        first: First,
        after: After = None,
        statuses: Annotated[
            list[RefundStatus] | None,
            argument("Only refunds in these states.", "عمليات الاسترداد بهذه الحالات فقط."),
        ] = None,
    ) -> Connection[Refund]:
        """List refunds, e.g. those that are proposed."""
        wanted = None if statuses is None else [status.value for status in statuses]
        page = await reading.refunds_with(wanted, first, after)
        connection: Connection[Refund] = Connection[Refund].of(page, Refund.of)
        return connection


StartPaymentArgument = Annotated[
    StartPaymentInput, argument("What to pay, and how.", "ما يُدفع وكيف.")
]
CancelPaymentArgument = Annotated[CancelPaymentInput, argument("The payment.", "عملية الدفع.")]
RefundPaymentArgument = Annotated[RefundPaymentInput, argument("What to give back.", "ما يُعاد.")]


@strawberry.type
class PaymentMutation:
    """Root mutations of payments."""

    @field(
        permission="payments.pay",
        en="Start to pay bills: prices are asked afresh, compared with `expectedTotal` and frozen.",
        ar="بدء دفع الفواتير: تُطلب الأسعار من جديد وتُقارن بقيمة `expectedTotal` ثم تُثبَّت.",
        effect="money",
        cost=20,
    )
    async def start_payment(self, info: Info, input: StartPaymentArgument) -> StartPaymentPayload:
        """Start a payment."""
        viewer = info.context.viewer
        payment_id = await starting.start_payment(viewer, _order(input))
        return StartPaymentPayload(payment=await _payment(viewer, payment_id), errors=[])

    @field(
        permission="payments.pay",
        en="Cancel your payment while no money was taken.",
        ar="إلغاء عملية الدفع الخاصة بك ما لم يُحصَّل المبلغ.",
        effect="money",
        cost=10,
    )
    async def cancel_payment(
        self, info: Info, input: CancelPaymentArgument
    ) -> CancelPaymentPayload:
        """Cancel a payment."""
        viewer, payment_id = info.context.viewer, raw_id(input.payment_id, "Payment", "paymentId")
        await ending.cancel_payment(viewer, payment_id, input.idempotency_key)
        return CancelPaymentPayload(payment=await _payment(viewer, payment_id), errors=[])

    @field(
        permission="payments.refund",
        en="Give money back to the payer, through the gateway that took it.",
        ar="إعادة المبلغ إلى الدافع عبر بوابة الدفع التي حصّلته.",
        effect="money",
        cost=10,
    )
    async def refund_payment(
        self, info: Info, input: RefundPaymentArgument
    ) -> RefundPaymentPayload:
        """Refund a payment, in part or all that is left."""
        return await _refund(info.context.viewer, input)


@strawberry.type
class PaymentSubscription:
    """Root subscriptions of payments."""

    @subscription(
        permission="payments.pay",
        audiences=["viewer"],
        en="Follow a payment: first its state, then each step.",
        ar="متابعة عملية دفع: حالتها أولاً ثم كل خطوة.",
    )
    async def payment_updated(
        self,
        info: Info,
        id: Annotated[strawberry.ID, argument("The payment's id.", "معرّف عملية الدفع.")],
        after: After = None,
    ) -> AsyncIterable[PaymentUpdate]:
        """Follow a payment; whether the viewer may see it is asked at each step."""
        viewer = info.context.viewer
        payment_id = await reading.followed_payment(viewer, id)
        show = partial(_payment_update, payment_id)
        return live.Watch(topic(payment_id), live.one_viewer(viewer), show, after)


async def _payment_update(
    payment_id: str, event: live.LiveEvent, viewer: Viewer
) -> PaymentUpdate | None:
    payment = await _payment(viewer, payment_id)
    if payment is None:
        return None
    return PaymentUpdate(cursor=event.cursor, kind=UpdateKind(event.kind), payment=payment)
