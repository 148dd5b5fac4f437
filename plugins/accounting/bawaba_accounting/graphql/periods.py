"""Months of the books in GraphQL: closing, reopening, what stood."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import strawberry
from bawaba.graphql import (
    After,
    Connection,
    First,
    Info,
    Money,
    Node,
    UserError,
    argument,
    computed,
    field,
    global_id,
    leaf,
)
from bawaba.plugin import NodeType
from bawaba.text import both

from bawaba_accounting import models
from bawaba_accounting.graphql.books import READ
from bawaba_accounting.graphql.settlement import AccountingPersonLink
from bawaba_accounting.graphql.treasury_words import PeriodStatus
from bawaba_accounting.services import periods

__all__ = ["NODES", "PeriodMutations", "PeriodQueries"]

CLOSE = "accounting.close"
_ASKED = argument("What to do.", "المطلوب.")


@strawberry.type(description=both("An account at a closing.", "حساب عند الإقفال."))
class AccountingClosingTotal:
    """Both sides through the month's last effective day."""

    account: str = leaf("Code of the account.", "رمز الحساب.")
    debits: Money = leaf("Everything debited.", "مجموع المدين.")
    credits: Money = leaf("Everything credited.", "مجموع الدائن.")

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> AccountingClosingTotal:
        """Return the GraphQL object of a row."""
        return cls(
            account=row["account"],
            debits=Money.of(row["debits"]),
            credits=Money.of(row["credits"]),
        )


@strawberry.type(description=both("What stood when a month was closed.", "أرصدة الشهر عند إقفاله."))
class AccountingClosing:
    """Frozen for ever; a month that is reopened and closed again gets another one."""

    number: int = leaf("Which closing of the month, from 1.", "رقم الإقفال ابتداءً من 1.")
    closed_at: dt.datetime = leaf("When.", "وقت الإقفال.")
    head_number: int = leaf("Number of the newest journal.", "رقم أحدث قيد.")
    head_hash: str = leaf("Its hash.", "بصمته.")
    debits: Money = leaf("Everything debited by then.", "مجموع المدين.")
    credits: Money = leaf("Everything credited by then.", "مجموع الدائن.")
    count: int = leaf("Payment items settled in the month.", "عدد بنود الدفع في الشهر.")
    amount: Money = leaf("Their gross amount.", "مبلغها الإجمالي.")
    refunded: Money = leaf("Given back in the month.", "المسترد في الشهر.")
    closing_id: strawberry.Private[str]

    @computed("The accounts as they stood, by code.", "الحسابات كما كانت، مرتبة بالرمز.")
    async def accounts(
        self, first: First, after: After = None
    ) -> Connection[AccountingClosingTotal]:
        """Return a page of frozen totals."""
        page = await periods.totals(self.closing_id, first, after)
        shown: Connection[AccountingClosingTotal] = Connection.of(page, AccountingClosingTotal.of)
        return shown

    @classmethod
    def of(cls, row: models.Closing) -> AccountingClosing:
        """Return the GraphQL object of a row."""
        return cls(
            number=row.number,
            closed_at=row.closed_at,
            head_number=row.head_number,
            head_hash=row.head_hash,
            debits=Money.of(row.debits),
            credits=Money.of(row.credits),
            count=row.count,
            amount=Money.of(row.fils),
            refunded=Money.of(row.refunded),
            closing_id=row.id,
        )


@strawberry.type(description=both("A month of the books.", "شهر من أشهر الدفاتر."))
class AccountingBooksPeriod(Node):
    """A month that was closed at least once; later ones are open."""

    starts_on: dt.date = leaf("Its first local day.", "أول أيامه.")
    ends_on: dt.date = leaf("Its last local day.", "آخر أيامه.")
    status: PeriodStatus = leaf("Whether it takes journals.", "حالته.")
    closed_by: AccountingPersonLink | None = leaf("Who closed it last.", "آخر من أقفله.")
    reopen_asked_by: AccountingPersonLink | None = leaf(
        "Who asks to reopen it.", "من طلب إعادة فتحه."
    )
    reopen_reason: str | None = leaf("Why it is to be reopened.", "سبب طلب إعادة فتحه.")
    raw: strawberry.Private[str]

    @computed("What stood when it was closed last.", "ما كان عند آخر إقفال.")
    async def closing(self) -> AccountingClosing | None:
        """Read what was frozen."""
        row = await periods.closing(self.raw)
        return AccountingClosing.of(row) if row else None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> AccountingBooksPeriod:
        """Return the GraphQL object of a row."""
        now = periods.shown(row)
        return cls(
            id=global_id("AccountingBooksPeriod", now["id"]),
            starts_on=now["starts_on"],
            ends_on=now["ends_on"],
            status=PeriodStatus(now["status"]),
            closed_by=AccountingPersonLink.of(now["closed_by"]),
            reopen_asked_by=AccountingPersonLink.of(now["requested_by"]),
            reopen_reason=now["reason"],
            raw=now["id"],
        )


@strawberry.type
class PeriodQueries:
    """Months as fields of Query."""

    @field(
        permission=READ,
        cost=2,
        en="Months that were closed at least once, latest first.",
        ar="الأشهر التي أُقفلت مرة على الأقل، الأحدث أولاً.",
    )
    async def accounting_periods(
        self, first: First, after: After = None
    ) -> Connection[AccountingBooksPeriod]:
        """Return a page of months."""
        page = await periods.page(first, after)
        shown: Connection[AccountingBooksPeriod] = Connection.of(page, AccountingBooksPeriod.of)
        return shown


@strawberry.input(description=both("Which month to close.", "الشهر المطلوب إقفاله."))
class AccountingClosePeriodInput:
    """A month by its last day."""

    ends_on: dt.date = leaf("The month's last local day.", "آخر يوم في الشهر.")


@strawberry.input(description=both("Which month to reopen.", "الشهر المطلوب إعادة فتحه."))
class AccountingReopenPeriodInput:
    """The first person asks, a second one with the same input confirms."""

    ends_on: dt.date = leaf("The month's last local day.", "آخر يوم في الشهر.")
    reason: str = leaf("Why, 1 to 500 characters.", "السبب، من 1 إلى 500 حرف.")


@strawberry.type(description=both("What became of the month.", "نتيجة العملية على الشهر."))
class AccountingPeriodPayload:
    """The month, or why nothing was done."""

    period: AccountingBooksPeriod | None = leaf(
        "The month; null when refused.", "الشهر؛ وقيمة فارغة عند الرفض.", default=None
    )
    errors: list[UserError] = leaf("Why it was refused.", "أسباب الرفض.")


@strawberry.type
class PeriodMutations:
    """Months as fields of Mutation."""

    @field(
        permission=CLOSE,
        cost=50,
        en="Close the oldest open month: nothing is booked into it any more.",
        ar="إقفال أقدم شهر مفتوح فلا يُقيّد فيه شيء بعد ذلك.",
    )
    async def accounting_close_period(
        self, info: Info, input: Annotated[AccountingClosePeriodInput, _ASKED]
    ) -> AccountingPeriodPayload:
        """Close it."""
        row = await periods.close(info.context.viewer, input.ends_on)
        return AccountingPeriodPayload(period=AccountingBooksPeriod.of(row), errors=[])

    @field(
        permission=CLOSE,
        cost=10,
        en="Ask to reopen the latest closed month; a second person confirms within 24 hours.",
        ar="طلب إعادة فتح آخر شهر مقفل؛ ويؤكده شخص ثان خلال 24 ساعة.",
    )
    async def accounting_reopen_period(
        self, info: Info, input: Annotated[AccountingReopenPeriodInput, _ASKED]
    ) -> AccountingPeriodPayload:
        """Ask, or confirm."""
        row = await periods.reopen(info.context.viewer, input.ends_on, input.reason)
        return AccountingPeriodPayload(period=AccountingBooksPeriod.of(row), errors=[])


async def _periods(info: Info, ids: Sequence[str]) -> Mapping[str, Any]:
    if not info.context.viewer.can_anywhere(READ):
        return {}
    return {row["id"]: AccountingBooksPeriod.of(row) for row in await periods.by_ids(ids)}


NODES = (NodeType("AccountingBooksPeriod", _periods),)
"""How ``node(id)`` finds months."""
