"""Payment, its items, receipt and refunds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import strawberry
from strawberry.dataloader import DataLoader

from bawaba.core_types import Bill, Channel
from bawaba.graphql import (
    After,
    Connection,
    First,
    Info,
    Money,
    Node,
    computed,
    global_id,
    leaf,
)
from bawaba.host.payments.desk import both_or_none
from bawaba.host.payments.domain import OPEN
from bawaba.host.payments.graphql.words import (
    DisputeStatus,
    ItemState,
    PaymentStatus,
    RefundKind,
    RefundStatus,
)
from bawaba.host.payments.receipts import verification_url
from bawaba.host.payments.services import reading
from bawaba.text import both

Row = Mapping[str, Any]


def _items(info: Info) -> DataLoader[str, list[Row]]:
    async def load(ids: list[str]) -> Sequence[list[Row]]:
        found = await reading.items_by_payment(ids)
        return [found[payment_id] for payment_id in ids]

    # Not kept over the batch: under a live field one operation sees many states.
    loader: DataLoader[str, list[Row]] = info.context.cache.setdefault(
        "payments.items", DataLoader(load, cache=False)
    )
    return loader


def _bills(info: Info) -> DataLoader[tuple[str, str], Any]:
    async def load(keys: list[tuple[str, str]]) -> Sequence[Any]:
        found = await reading.presented(keys)
        return [found.get(key) for key in keys]

    loader: DataLoader[tuple[str, str], Any] = info.context.cache.setdefault(
        "payments.bills", DataLoader(load, cache=False)
    )
    return loader


@strawberry.type(description=both("Proof of a payment.", "إثبات الدفع."))
class Receipt:
    """The receipt of a captured payment."""

    number: str = leaf("Unique, to be read out.", "رقم فريد.")
    issued_at: dt.datetime = leaf("When it was issued.", "وقت الإصدار.")
    verification_url: str = leaf(
        "A public page that shows whether it is genuine.", "صفحة عامة للتحقق من صحته."
    )


@strawberry.type(
    description=both(
        "One bill of a payment, at its frozen price.", "فاتورة ضمن عملية دفع بسعرها المثبت."
    )
)
class PaymentItem:
    """An item of a payment."""

    reference: str = leaf("The bill's reference.", "مرجع الفاتورة.")
    amount: Money = leaf("What is paid for it.", "المبلغ المدفوع عنها.")
    refunded_amount: Money = leaf("What of it was given back.", "ما أُعيد منه.")
    state: ItemState = leaf("Where its money is.", "أين مبلغها.")
    row: strawberry.Private[Row]

    @computed(
        "The bill; null where its agency's service is gone.",
        "الفاتورة؛ أو null إن لم تعد خدمة الجهة متاحة.",
    )
    async def bill(self, info: Info) -> Bill | None:
        """Load the bill with those of the other items."""
        bill: Bill | None = await _bills(info).load((self.row["service"], self.row["bill_id"]))
        return bill

    @computed("What the bill is for.", "موضوع الفاتورة.")
    def description(self, info: Info) -> str:
        """Return the words as they were when the payment began."""
        return str(self.row["description_" + info.context.language.value.lower()])

    @computed("How the price came about.", "كيفية حساب السعر.")
    def explanation(self, info: Info) -> str:
        """Return the explanation of the frozen price."""
        return str(self.row["explanation_" + info.context.language.value.lower()])

    @classmethod
    def of(cls, row: Row) -> PaymentItem:
        """Return the object of a row."""
        return cls(
            reference=row["bill_reference"],
            amount=Money.of(row["fils"]),
            refunded_amount=Money.of(row["refunded_fils"]),
            state=ItemState(row["state"]),
            row=row,
        )


@strawberry.type(description=both("Money given back, or to be given back.", "مبلغ أُعيد أو سيُعاد."))
class Refund(Node):
    """A refund of a payment."""

    kind: RefundKind = leaf("Who wanted the money back.", "الجهة التي طلبت إعادة المبلغ.")
    status: RefundStatus = leaf("How far it has come.", "الحالة.")
    amount: Money = leaf("How much.", "المبلغ.")
    created_at: dt.datetime = leaf("When it was asked for or proposed.", "وقت الطلب أو الاقتراح.")
    sent_at: dt.datetime | None = leaf(
        "When the gateway was asked for it.", "وقت طلبه من بوابة الدفع."
    )
    ended_at: dt.datetime | None = leaf("When its outcome was known.", "وقت معرفة النتيجة.")
    failure_reason: str | None = leaf(
        "Why it failed, was turned down or came back.", "سبب تعذره أو رفضه أو عودته."
    )
    row: strawberry.Private[Row]

    @computed("Why.", "السبب.")
    def reason(self, info: Info) -> str:
        """Return the reason given."""
        return str(self.row["reason_" + info.context.language.value.lower()])

    @computed("The payment it belongs to.", "عملية الدفع التي يتبعها.")
    async def payment(self, info: Info) -> Payment | None:
        """Load the payment, where the viewer may see it."""
        found = await reading.seen_payments(info.context.viewer, [self.row["payment_id"]])
        return Payment.of(found[self.row["payment_id"]]) if found else None

    @classmethod
    def of(cls, row: Row) -> Refund:
        """Return the object of a row."""
        return cls(
            id=global_id("Refund", row["id"]),
            kind=RefundKind(row["kind"]),
            failure_reason=row["failure"],
            status=RefundStatus(row["status"]),
            amount=Money.of(row["fils"]),
            created_at=row["created_at"],
            sent_at=row["sent_at"],
            ended_at=row["ended_at"],
            row=row,
        )


@strawberry.type(
    description=both("An objection to a payment at the payer's bank.", "اعتراض على عملية دفع.")
)
class PaymentDispute(Node):
    """A dispute over a payment."""

    reference: str = leaf("The gateway's own reference.", "مرجعه لدى بوابة الدفع.")
    status: DisputeStatus = leaf("How it stands.", "الحالة.")
    amount: Money = leaf("What is disputed.", "المبلغ المعترض عليه.")
    refunded_amount: Money = leaf(
        "What refunds had given back of the payment before it was decided: evidence for the bank.",
        "ما أُعيد من عملية الدفع قبل حسمه: دليل يُقدَّم إلى المصرف.",
    )
    reason: str | None = leaf("What the bank says of it.", "ما ذكره المصرف.")
    opened_at: dt.datetime = leaf("When it was opened.", "وقت فتحه.")
    ended_at: dt.datetime | None = leaf("When it was decided.", "وقت حسمه.")
    row: strawberry.Private[Row]

    @computed("The payment.", "عملية الدفع.")
    async def payment(self, info: Info) -> Payment | None:
        """Load the payment, where the viewer may see it."""
        found = await reading.seen_payments(info.context.viewer, [self.row["payment_id"]])
        return Payment.of(found[self.row["payment_id"]]) if found else None

    @classmethod
    def of(cls, row: Row) -> PaymentDispute:
        """Return the object of a row."""
        return cls(
            id=global_id("PaymentDispute", row["id"]),
            reference=row["reference"],
            status=DisputeStatus(row["status"]),
            amount=Money.of(row["fils"]),
            refunded_amount=Money.of(row["refunded_fils"]),
            reason=row["reason"],
            opened_at=row["opened_at"],
            ended_at=row["ended_at"],
            row=row,
        )


@strawberry.type(
    description=both("A basket of bills that somebody pays.", "سلة فواتير يدفعها شخص.")
)
class Payment(Node):
    """A payment."""

    reference: str = leaf("Unique, to be read out.", "مرجع فريد.")
    status: PaymentStatus = leaf("How far it has come.", "الحالة.")
    channel: Channel = leaf("Through which door it came.", "القناة.")
    gateway: str = leaf("Through which gateway it is paid.", "بوابة الدفع.")
    amount: Money = leaf("The total.", "الإجمالي.")
    refunded_amount: Money = leaf("What was given back.", "ما أُعيد منه.")
    authorised_amount: Money = leaf(
        "What the gateway held before it took the money.", "ما حجزته بوابة الدفع قبل التحصيل."
    )
    disputed_amount: Money = leaf(
        "What the payer's bank withholds while it examines an objection.",
        "ما يحجزه مصرف الدافع أثناء النظر في اعتراض.",
    )
    checkout_url: str | None = leaf(
        "Where the payer pays; null once it is over.", "صفحة الدفع؛ أو null بعد انتهاء العملية."
    )
    created_at: dt.datetime = leaf("When it was started.", "وقت البدء.")
    expires_at: dt.datetime = leaf("Until when it can be paid.", "آخر موعد للدفع.")
    paid_at: dt.datetime | None = leaf("When the money was taken.", "وقت تحصيل المبلغ.")
    receipt: Receipt | None = leaf("Its receipt, once it is paid.", "الإيصال بعد الدفع.")
    row: strawberry.Private[Row]

    @computed(
        "Why it failed, or why not all of it counts.", "سبب الفشل، أو سبب عدم احتساب جزء منها."
    )
    def failure_reason(self, info: Info) -> str | None:
        """Return the reason in the request's language."""
        text = both_or_none(self.row["failure_en"], self.row["failure_ar"])
        return info.context.say(text) if text else None

    @computed("The bills, at most 50.", "الفواتير، 50 على الأكثر.", bound=50)
    async def items(self, info: Info) -> list[PaymentItem]:
        """Load the items with those of the page's other payments."""
        return [PaymentItem.of(row) for row in await _items(info).load(self.row["id"])]

    @computed("Its refunds, newest first.", "عمليات الاسترداد، الأحدث أولاً.")
    async def refunds(self, first: First, after: After = None) -> Connection[Refund]:
        """Return a page of refunds."""
        page = await reading.refunds_of(self.row["id"], first, after)
        connection: Connection[Refund] = Connection[Refund].of(page, Refund.of)
        return connection

    @computed("Objections to it at the payer's bank.", "اعتراضات عليها لدى مصرف الدافع.")
    async def disputes(self, first: First, after: After = None) -> Connection[PaymentDispute]:
        """Return a page of disputes."""
        page = await reading.disputes_of(self.row["id"], first, after)
        connection: Connection[PaymentDispute] = Connection[PaymentDispute].of(
            page, PaymentDispute.of
        )
        return connection

    @classmethod
    def of(cls, row: Row) -> Payment:
        """Return the object of a row."""
        status = PaymentStatus(row["status"])
        return cls(
            id=global_id("Payment", row["id"]),
            reference=row["reference"],
            status=status,
            channel=Channel(row["channel"]),
            gateway=row["gateway"],
            amount=Money.of(row["fils"]),
            refunded_amount=Money.of(row["refunded_fils"]),
            authorised_amount=Money.of(row["authorised_fils"]),
            disputed_amount=Money.of(row["disputed_fils"]),
            checkout_url=row["checkout_url"] if status in OPEN else None,
            created_at=row["created_at"],
            expires_at=row["expires_at"],
            paid_at=row["paid_at"],
            receipt=_receipt(row),
            row=row,
        )


def _receipt(row: Row) -> Receipt | None:
    number = row["receipt_number"]
    if number is None:
        return None
    url = verification_url(number, row["receipt_code"])
    return Receipt(number=number, issued_at=row["receipt_at"], verification_url=url)
