"""Bills and their lines."""

from __future__ import annotations

import datetime as dt

import strawberry
from bawaba.core_types import Bill, Service
from bawaba.graphql import Info, Money, computed, leaf
from bawaba.text import Text, both

from bawaba_payments_ewa.domain import MAX_LINES, UNITS, EwaLineKind, Line
from bawaba_payments_ewa.services import frozen
from bawaba_payments_ewa.services.bills import BillView


@strawberry.type(description=both("The days that a bill covers.", "أيام الفاتورة."))
class EwaPeriod:
    """Both days are included."""

    starts_on: dt.date = leaf("The first day.", "اليوم الأول.")
    ends_on: dt.date = leaf("The last day.", "اليوم الأخير.")


def _line_in_words(root: EwaBillLine, info: Info) -> str:
    return info.context.say(root.words)


def _unit_in_words(root: EwaBillLine, info: Info) -> str | None:
    return None if root.measure is None else info.context.say(UNITS[root.measure])


@strawberry.type(description=both("A line of a bill.", "بند في فاتورة."))
class EwaBillLine:
    """A line, frozen when the bill was taken."""

    kind: EwaLineKind = leaf("What it charges.", "موضوعه.")
    description: str = computed("What it charges, in words.", "موضوعه بالكلمات.")(_line_in_words)
    quantity: int | None = leaf("How many units, if metered.", "عدد الوحدات إن وُجدت.")
    unit: str | None = computed(
        "The unit, in the request's language: kWh or m³.", "الوحدة بلغة الطلب: ك.و.س أو م³."
    )(_unit_in_words)
    amount: Money = leaf("What it comes to; a credit is negative.", "قيمته؛ والدائن سالب.")
    measure: strawberry.Private[str | None]
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
            measure=line.unit,
            amount=Money.of(line.fils),
            words=line.description,
            why=line.explanation,
        )


@strawberry.type(description=both("A bill of electricity and water.", "فاتورة كهرباء وماء."))
class EwaBill(Bill):
    """A bill; the newest of an account stands for its balance."""

    account_number: str = leaf("The account's number.", "رقم الحساب.")
    period: EwaPeriod = leaf("The days it covers.", "الفترة.")
    issued_on: dt.date = leaf("The day of the bill.", "تاريخ الفاتورة.")
    lines: list[EwaBillLine] = leaf("Its lines.", "بنودها.", bound=MAX_LINES)
    metered_amount: Money = leaf(
        "What the meters alone come to; differs on fixed billing.",
        "قيمة الاستهلاك المقروء؛ وتختلف في الفوترة الثابتة.",
    )
    superseded_by: str | None = leaf(
        "Reference of the bill that carries it over.", "مرجع الفاتورة التي رُحّلت إليها."
    )

    @classmethod
    def of(cls, view: BillView, service: Service) -> EwaBill:
        """Return the GraphQL object of a bill."""
        row = view.row
        return cls(
            **cls.face(view.as_bill(), service),
            account_number=view.account["number"],
            period=EwaPeriod(starts_on=row["starts_on"], ends_on=row["ends_on"]),
            issued_on=row["issued_on"],
            lines=[EwaBillLine.of(line) for line in frozen.read(row["lines"])],
            metered_amount=Money.of(row["metered_fils"]),
            superseded_by=row["superseded_by"],
        )
