"""Remittances in GraphQL: what is paid on to agencies."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

import strawberry
from bawaba import catalogue
from bawaba.core_types import Agency
from bawaba.graphql import (
    After,
    Connection,
    First,
    Info,
    Money,
    Node,
    UserError,
    argument,
    field,
    global_id,
    leaf,
    raw_id,
)
from bawaba.money import fils_of
from bawaba.plugin import NodeType
from bawaba.scalars import Decimal3
from bawaba.text import Text, both

from bawaba_accounting.domain.remitting import RemittanceTrigger
from bawaba_accounting.graphql.books import READ
from bawaba_accounting.graphql.settlement import AccountingPersonLink
from bawaba_accounting.graphql.treasury_words import RemittanceStatus
from bawaba_accounting.refusals import AmountUnusable
from bawaba_accounting.services import remitting

__all__ = ["NODES", "RemittanceMutations", "RemittanceQueries"]

REMIT = "accounting.remit"
_ASKED = argument("What to do.", "المطلوب.")
_KEY = ("A fresh random key for each attempt that is meant anew.", "مفتاح عشوائي جديد لكل محاولة.")
_ORDER = ("The remittance.", "أمر التحويل.")


@strawberry.type(description=both("Money paid on to an agency.", "تحويل مبلغ إلى جهة."))
class AccountingRemittance(Node):
    """An order: proposed by one person, approved by another, sent, confirmed."""

    agency: Agency = leaf("Who gets it.", "الجهة المستفيدة.")
    amount: Money = leaf("How much.", "المبلغ.")
    ordered_on: dt.date = leaf("The local day of the order.", "يوم إصدار الأمر.")
    status: RemittanceStatus = leaf("How far it has come.", "حالته.")
    proposed_by: AccountingPersonLink | None = leaf("Who proposed it.", "من اقترحه.")
    approved_by: AccountingPersonLink | None = leaf("Who approved it.", "من وافق عليه.")
    sent_at: dt.datetime | None = leaf("When it was sent and booked.", "وقت إرساله وقيده.")
    ended_at: dt.datetime | None = leaf("When it ended.", "وقت انتهائه.")
    bank_reference: str | None = leaf("The bank's reference.", "مرجع البنك.")
    reason: str | None = leaf("Why it failed or was cancelled.", "سبب الفشل أو الإلغاء.")

    @classmethod
    def of(
        cls, row: Mapping[str, Any], agencies: Mapping[str, catalogue.Agency]
    ) -> AccountingRemittance:
        """Return the GraphQL object of a row."""
        code = row["agency"]
        entry = agencies.get(code) or catalogue.Agency(code, Text(code, code))
        names = ("ordered_on", "sent_at", "ended_at", "bank_reference", "reason")
        return cls(
            id=global_id("AccountingRemittance", row["id"]),
            agency=Agency.of(entry),
            amount=Money.of(row["fils"]),
            status=RemittanceStatus(row["status"]),
            proposed_by=AccountingPersonLink.of(row["proposed_by"]),
            approved_by=AccountingPersonLink.of(row["approved_by"]),
            **{name: row[name] for name in names},
        )


@strawberry.type
class RemittanceQueries:
    """Remittances as fields of Query."""

    @field(
        permission=READ,
        cost=2,
        en="Remittances to agencies, newest first.",
        ar="التحويلات إلى الجهات، الأحدث أولاً.",
    )
    async def accounting_remittances(
        self,
        first: First,
        after: After = None,
        status: Annotated[
            RemittanceStatus | None, argument("Only in this state.", "في هذه الحالة فقط.")
        ] = None,
    ) -> Connection[AccountingRemittance]:
        """Return a page of orders."""
        page = await remitting.page(status, first, after)
        known = await catalogue.agencies()
        shown: Connection[AccountingRemittance] = Connection.of(
            page, lambda row: AccountingRemittance.of(row, known)
        )
        return shown


@strawberry.input(description=both("What to pay on to an agency.", "المطلوب تحويله إلى جهة."))
class AccountingRemitInput:
    """Who gets how much."""

    agency: str = leaf("Code of the agency.", "رمز الجهة.")
    amount: Decimal3 | None = leaf(
        "How much; by default all that its account holds.",
        "المبلغ؛ والافتراضي كامل رصيد حسابها.",
        default=None,
    )
    idempotency_key: str = leaf(*_KEY)


@strawberry.input(description=both("A remittance to approve or confirm.", "أمر تحويل للموافقة."))
class AccountingRemittanceInput:
    """The order alone."""

    remittance_id: strawberry.ID = leaf(*_ORDER)
    idempotency_key: str = leaf(*_KEY)

    def words(self) -> str:
        """Return nothing: nothing is said of it."""
        return ""


@strawberry.input(description=both("A remittance that the bank has.", "أمر تحويل لدى البنك."))
class AccountingSendRemittanceInput:
    """The order and the bank's reference."""

    remittance_id: strawberry.ID = leaf(*_ORDER)
    bank_reference: str = leaf("The bank's reference, 1 to 64 characters.", "مرجع البنك.")
    idempotency_key: str = leaf(*_KEY)

    def words(self) -> str:
        """Return what the bank calls it."""
        return self.bank_reference


@strawberry.input(description=both("A remittance that comes to nothing.", "أمر تحويل لم يتم."))
class AccountingEndRemittanceInput:
    """The order and why."""

    remittance_id: strawberry.ID = leaf(*_ORDER)
    reason: str = leaf("Why, 1 to 500 characters.", "السبب، من 1 إلى 500 حرف.")
    idempotency_key: str = leaf(*_KEY)

    def words(self) -> str:
        """Return why."""
        return self.reason


@strawberry.type(description=both("What became of the remittance.", "نتيجة العملية على التحويل."))
class AccountingRemittancePayload:
    """The order, or why nothing was done."""

    remittance: AccountingRemittance | None = leaf(
        "The order; null when refused.", "الأمر؛ وقيمة فارغة عند الرفض.", default=None
    )
    errors: list[UserError] = leaf("Why it was refused.", "أسباب الرفض.")


Step = AccountingRemittanceInput | AccountingSendRemittanceInput | AccountingEndRemittanceInput


def _moving(en: str, ar: str) -> Callable[[Callable[..., Any]], Any]:
    """Return what makes a resolver a mutation of remittances."""
    return field(permission=REMIT, effect="money", cost=10, en=en, ar=ar)


@strawberry.type
class RemittanceMutations:
    """Remittances as fields of Mutation: proposed, then taken on step by step."""

    @_moving(
        "Propose to pay an agency what its account holds; a second person approves.",
        "اقتراح تحويل رصيد جهة إليها؛ ويوافق عليه شخص ثان.",
    )
    async def accounting_remit(
        self, info: Info, input: Annotated[AccountingRemitInput, _ASKED]
    ) -> AccountingRemittancePayload:
        """Propose it, once a day and agency."""
        viewer, fils = info.context.viewer, _fils(input.amount)
        raw = await remitting.propose(viewer, input.agency, fils, input.idempotency_key)
        return await _payload(raw)

    @_moving(
        "Approve a remittance that another person proposed.",
        "الموافقة على تحويل اقترحه شخص آخر.",
    )
    async def accounting_approve_remittance(
        self, info: Info, input: Annotated[AccountingRemittanceInput, _ASKED]
    ) -> AccountingRemittancePayload:
        """Approve it."""
        return await _advanced(info, input, RemittanceTrigger.APPROVE)

    @_moving(
        "Note that an approved remittance was given to the bank; it is booked.",
        "تسجيل إرسال تحويل موافق عليه إلى البنك وقيده.",
    )
    async def accounting_send_remittance(
        self, info: Info, input: Annotated[AccountingSendRemittanceInput, _ASKED]
    ) -> AccountingRemittancePayload:
        """Book it out."""
        return await _advanced(info, input, RemittanceTrigger.SEND)

    @_moving("Note that a remittance arrived.", "تسجيل وصول تحويل.")
    async def accounting_confirm_remittance(
        self, info: Info, input: Annotated[AccountingRemittanceInput, _ASKED]
    ) -> AccountingRemittancePayload:
        """Confirm it."""
        return await _advanced(info, input, RemittanceTrigger.CONFIRM)

    @_moving(
        "Note that the bank returned a remittance; it is booked back.",
        "تسجيل إعادة البنك لتحويل وعكس قيده.",
    )
    async def accounting_fail_remittance(
        self, info: Info, input: Annotated[AccountingEndRemittanceInput, _ASKED]
    ) -> AccountingRemittancePayload:
        """Book it back."""
        return await _advanced(info, input, RemittanceTrigger.FAIL)

    @_moving("Give up a remittance that was not sent.", "إلغاء تحويل لم يُرسل.")
    async def accounting_cancel_remittance(
        self, info: Info, input: Annotated[AccountingEndRemittanceInput, _ASKED]
    ) -> AccountingRemittancePayload:
        """Cancel it."""
        return await _advanced(info, input, RemittanceTrigger.CANCEL)


def _fils(amount: Decimal3 | None) -> int | None:
    if amount is None:
        return None
    try:
        return fils_of(str(amount))
    except ValueError:
        raise AmountUnusable("amount") from None


async def _advanced(
    info: Info, asked: Step, trigger: RemittanceTrigger
) -> AccountingRemittancePayload:
    """Take the order one step on and show it."""
    viewer, key = info.context.viewer, asked.idempotency_key
    raw = raw_id(asked.remittance_id, "AccountingRemittance", "remittanceId")
    return await _payload(await remitting.advance(viewer, raw, trigger, key, asked.words()))


async def _payload(raw: str) -> AccountingRemittancePayload:
    row = (await remitting.by_ids([raw]))[0]
    shown = AccountingRemittance.of(row, await catalogue.agencies())
    return AccountingRemittancePayload(remittance=shown, errors=[])


async def _remittances(info: Info, ids: Sequence[str]) -> Mapping[str, Any]:
    if not info.context.viewer.can_anywhere(READ):
        return {}
    known = await catalogue.agencies()
    rows = await remitting.by_ids(ids)
    return {row["id"]: AccountingRemittance.of(row, known) for row in rows}


NODES = (NodeType("AccountingRemittance", _remittances),)
"""How ``node(id)`` finds remittances."""
