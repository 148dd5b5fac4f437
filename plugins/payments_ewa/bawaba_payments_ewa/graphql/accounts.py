"""Accounts: balance, dunning, plan, and what was paid."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import strawberry
from bawaba import catalogue
from bawaba.core_types import Service
from bawaba.graphql import After, Connection, First, Info, Money, Node, computed, global_id, leaf
from bawaba.text import Text, both
from strawberry.dataloader import DataLoader

from bawaba_payments_ewa.domain import (
    AGENCY,
    MAX_SHARES,
    SERVICE,
    EwaDunningStatus,
    EwaPlanKind,
    EwaReceiptKind,
    EwaTariffClass,
)
from bawaba_payments_ewa.graphql.bills import EwaBill
from bawaba_payments_ewa.services import bills, history


async def service() -> Service:
    """Return the service to which all bills belong."""
    entry = (await catalogue.services())[SERVICE]
    return Service.of(entry, (await catalogue.agencies())[AGENCY])


@strawberry.type(
    description=both("Where an account stands in dunning.", "موضع الحساب في إجراءات التحصيل.")
)
class EwaDunning:
    """A round of dunning: from which bill it counts, and when the next step comes."""

    status: EwaDunningStatus = leaf("How far it has come.", "المرحلة.")
    since: dt.date | None = leaf(
        "The day of the oldest open bill, from which days count.",
        "تاريخ أقدم فاتورة غير مسددة، ومنه تُحسب الأيام.",
    )
    next_step_on: dt.date | None = leaf(
        "The day of the next step, unless it is paid.", "يوم الخطوة التالية ما لم يُسدد."
    )


@strawberry.type(description=both("How an account is billed.", "طريقة فوترة الحساب."))
class EwaPlan:
    """Metered, or fixed instalments."""

    kind: EwaPlanKind = leaf("The way of billing.", "الطريقة.")
    since: dt.date | None = leaf("Since when it is fixed.", "تاريخ بدء الفوترة الثابتة.")
    instalment: Money | None = leaf("The instalment, if fixed.", "القسط إن كانت ثابتة.")
    months_billed: int = leaf("Instalments since the last true-up.", "الأقساط منذ آخر تسوية.")
    difference: Money = leaf(
        "Metered less instalments since the last true-up.",
        "الاستهلاك ناقصاً الأقساط منذ آخر تسوية.",
    )


@strawberry.type(description=both("A bill that a payment went to.", "فاتورة سُددت من دفعة."))
class EwaPaymentShare:
    """A part of a payment; without a bill it is an advance."""

    bill_reference: str | None = leaf(
        "The bill; null: an advance.", "الفاتورة؛ وقيمة فارغة لما دُفع مقدماً."
    )
    amount: Money = leaf("How much.", "المبلغ.")


@strawberry.type(description=both("Money of an account.", "مبلغ دُفع على الحساب."))
class EwaAccountPayment(Node):
    """A receipt and where it went."""

    kind: EwaReceiptKind = leaf("Where it came from.", "مصدره.")
    receipt_number: str | None = leaf("The receipt, if paid here.", "الإيصال إن دُفع هنا.")
    paid_at: dt.datetime = leaf("When.", "وقته.")
    amount: Money = leaf("How much.", "المبلغ.")
    reversed_amount: Money = leaf("What of it was given back.", "ما رُد منه.")
    shares: list[EwaPaymentShare] = leaf("Where it went.", "أين ذهب.", bound=MAX_SHARES)

    @classmethod
    def of(cls, row: Mapping[str, Any], shares: Sequence[Mapping[str, Any]]) -> EwaAccountPayment:
        """Return the GraphQL object of a receipt and its parts."""
        return cls(
            id=global_id("EwaAccountPayment", row["id"]),
            kind=EwaReceiptKind(row["kind"]),
            receipt_number=row["number"],
            paid_at=row["paid_at"],
            amount=Money.of(row["fils"]),
            reversed_amount=Money.of(row["reversed_fils"]),
            shares=[
                EwaPaymentShare(
                    bill_reference=each["bill__reference"], amount=Money.of(each["fils"])
                )
                for each in shares
            ],
        )


def _averages(info: Info) -> DataLoader[str, int]:
    async def load(ids: list[str]) -> list[int]:
        found = await bills.averages(ids)
        return [found[id_] for id_ in ids]

    loader: DataLoader[str, int] = info.context.cache.setdefault(
        "ewa.averages", DataLoader(load, cache=False)
    )
    return loader


def _address(root: EwaAccount, info: Info) -> str:
    return info.context.say(root.place)


@strawberry.type(description=both("An electricity and water account.", "حساب كهرباء وماء."))
class EwaAccount(Node):
    """An account; what is nullable is shown to those alone who own or follow it, and officers."""

    number: str = leaf("Its number.", "رقمه.")
    address: str = computed("Where the supply is.", "عنوان الخدمة.")(_address)
    tariff_class: EwaTariffClass = leaf("What it supplies.", "نوعه.")
    is_subsidised: bool = leaf(
        "Whether the subsidised tariff applies.", "هل تشمله التعرفة المدعومة."
    )
    balance: Money = leaf("What is owed; a credit is negative.", "المستحق؛ والدائن سالب.")
    dunning: EwaDunning | None = leaf(
        "Where it stands in dunning; null unless you follow it.",
        "موضعه في إجراءات التحصيل؛ وقيمة فارغة ما لم تكن متابعاً له.",
    )
    plan: EwaPlan | None = leaf(
        "How it is billed; null unless you follow it.",
        "طريقة فوترته؛ وقيمة فارغة ما لم تكن متابعاً له.",
    )
    place: strawberry.Private[Text]
    account_id: strawberry.Private[str]
    row: strawberry.Private[Mapping[str, Any]]
    is_open: strawberry.Private[bool]

    @computed("Its bills, newest first.", "فواتيره، الأحدث أولاً.")
    async def bills(self, info: Info, first: First, after: After = None) -> Connection[EwaBill]:
        """Return a page of bills."""
        page = await bills.page_of_account(self.account_id, first, after)
        of, average = await service(), await _averages(info).load(self.account_id)
        made = [EwaBill.of(bills.view(row, self.row, average), of) for row in page.rows]
        connection: Connection[EwaBill] = Connection.over(made, page.cursors, page)
        return connection

    @computed(
        "What was paid, newest first; null unless you follow it.",
        "ما دُفع، الأحدث أولاً؛ وقيمة فارغة ما لم تكن متابعاً له.",
    )
    async def payments(
        self, first: First, after: After = None
    ) -> Connection[EwaAccountPayment] | None:
        """Return a page of receipts."""
        if not self.is_open:
            return None
        page = await history.page_of_account(self.account_id, first, after)
        shares = await history.shares_of([row["id"] for row in page.rows])
        connection: Connection[EwaAccountPayment] = Connection.of(
            page, lambda row: EwaAccountPayment.of(row, shares.get(row["id"], ()))
        )
        return connection

    @classmethod
    def of(cls, row: Mapping[str, Any], *, is_open: bool) -> EwaAccount:
        """Return the GraphQL object of a row. ``is_open``: the viewer sees all of it."""
        return cls(
            id=global_id("EwaAccount", row["id"]),
            number=row["number"],
            tariff_class=EwaTariffClass(row["tariff_class"]),
            is_subsidised=bool(row["subsidised"]),
            balance=Money.of(row["balance_fils"]),
            dunning=_dunning(row) if is_open else None,
            plan=_plan(row) if is_open else None,
            place=Text(row["address_en"], row["address_ar"]),
            account_id=row["id"],
            row=row,
            is_open=is_open,
        )


def _dunning(row: Mapping[str, Any]) -> EwaDunning:
    return EwaDunning(
        status=EwaDunningStatus(row["dunning"]),
        since=row["dunning_since"],
        next_step_on=row["dunning_next_on"],
    )


def _plan(row: Mapping[str, Any]) -> EwaPlan:
    kind = EwaPlanKind(row["plan"])
    return EwaPlan(
        kind=kind,
        since=row["plan_since"],
        instalment=None if kind is EwaPlanKind.METERED else Money.of(row["plan_instalment"]),
        months_billed=row["plan_months"],
        difference=Money.of(row["plan_metered"] - row["plan_charged"]),
    )
