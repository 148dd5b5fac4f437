"""Bills and their lines."""

from __future__ import annotations

import datetime as dt

import strawberry
from bawaba import payments
from bawaba.core_types import Bill, BillStatus, Service
from bawaba.graphql import Info, Money, computed, global_id, leaf
from bawaba.text import Text, both

from bawaba_payments_ewa.domain import MAX_LINES, EwaLineKind, Line
from bawaba_payments_ewa.services import frozen
from bawaba_payments_ewa.services.bills import BillView


@strawberry.type(description=both("The days that a bill covers.", "أيام الفاتورة."))
class EwaPeriod:
    """Both days are included."""

    starts_on: dt.date = leaf("The first day.", "اليوم الأول.")
    ends_on: dt.date = leaf("The last day.", "اليوم الأخير.")


def _line_in_words(root: EwaBillLine, info: Info) -> str:
    return info.context.say(root.words)


@strawberry.type(description=both("A line of a bill.", "بند في فاتورة."))
class EwaBillLine:
    """A line, frozen when the bill was taken."""

    kind: EwaLineKind = leaf("What it charges.", "موضوعه.")
    description: str = computed("What it charges, in words.", "موضوعه بالكلمات.")(_line_in_words)
    quantity: int | None = leaf("How many units, if metered.", "عدد الوحدات إن وُجدت.")
    unit: str | None = leaf("The unit: kWh or m³.", "الوحدة: kWh أو m³.")
    amount: Money = leaf("What it comes to; a credit is negative.", "قيمته؛ والدائن سالب.")
    words: strawberry.Private[Text]
    why: strawberry.Private[Text]

    @computed("How the amount came about.", "كيف حُسب المبلغ.")
    def explanation(self, info: Info) -> str:
        """Return the sentence in the request's language."""
        return info.context.say(self.why)

    @classmethod
    def of(cls, line: Line) -> EwaBillLine:
        """Return the GraphQL object of a line."""
        return cls(
            kind=line.kind,
            quantity=line.quantity,
            unit=line.unit,
            amount=Money.of(line.fils),
            words=line.description,
            why=line.explanation,
        )


def _in_words(root: EwaBill, info: Info) -> str:
    return info.context.say(root.bill.description)


@strawberry.type(description=both("A bill of electricity and water.", "فاتورة كهرباء وماء."))
class EwaBill(Bill):
    """A bill; the newest of an account stands for its balance."""

    description: str = computed("What it is for, in words.", "موضوعها بالكلمات.")(_in_words)
    account_number: str = leaf("The account's number.", "رقم الحساب.")
    period: EwaPeriod = leaf("The days it covers.", "الفترة.")
    issued_on: dt.date = leaf("The day of the bill.", "تاريخ الفاتورة.")
    lines: list[EwaBillLine] = leaf("Its lines.", "بنودها.", bound=MAX_LINES)
    metered_amount: Money = leaf(
        "What the meters alone come to; differs on fixed billing.",
        "قيمة الاستهلاك المقروء؛ وتختلف في الفوترة الثابتة.",
    )
    least_payment: Money | None = leaf(
        "The smallest part that can be paid; null when it cannot be paid.",
        "أقل مبلغ يمكن دفعه؛ وقيمة فارغة إن تعذر الدفع.",
    )
    most_payment: Money | None = leaf(
        "The most that can be paid, in advance included; null when it cannot be paid.",
        "أقصى مبلغ يمكن دفعه مع المقدم؛ وقيمة فارغة إن تعذر الدفع.",
    )
    superseded_by: str | None = leaf(
        "Reference of the bill that carries it over.", "مرجع الفاتورة التي رُحّلت إليها."
    )
    bill: strawberry.Private[payments.Bill]

    @computed("How the amount due came about.", "كيف حُدد المبلغ المستحق.")
    def price_explanation(self, info: Info) -> str:
        """Return the sentence in the request's language."""
        return info.context.say(self.bill.explanation)

    @computed(
        "Why it cannot be paid here; null when it can.",
        "سبب تعذر دفعها هنا؛ وقيمة فارغة إن أمكن.",
    )
    def not_payable_reason(self, info: Info) -> str | None:
        """Return the sentence in the request's language, if there is one."""
        return info.context.say(self.bill.not_payable) if self.bill.not_payable else None

    @classmethod
    def of(cls, view: BillView, service: Service) -> EwaBill:
        """Return the GraphQL object of a bill."""
        row, bill = view.row, view.as_bill()
        most = bill.due_fils if bill.most_fils is None else bill.most_fils
        payable = bill.not_payable is None and bill.least_fils is not None
        return cls(
            id=global_id("EwaBill", row["id"]),
            reference=row["reference"],
            status=BillStatus(row["status"]),
            service=service,
            amount=Money.of(bill.fils),
            amount_due=Money.of(bill.due_fils),
            due_on=row["due_on"],
            minimum_payment=Money.of(bill.least_fils or 0) if payable else None,
            maximum_payment=Money.of(most) if payable and bill.most_fils else None,
            account_number=view.account["number"],
            period=EwaPeriod(starts_on=row["starts_on"], ends_on=row["ends_on"]),
            issued_on=row["issued_on"],
            lines=[EwaBillLine.of(line) for line in frozen.read(row["lines"])],
            metered_amount=Money.of(row["metered_fils"]),
            least_payment=Money.of(bill.least_fils or 0) if payable else None,
            most_payment=Money.of(most) if payable else None,
            superseded_by=row["superseded_by"],
            bill=bill,
        )
