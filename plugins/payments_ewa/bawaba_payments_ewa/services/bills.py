"""Bills as they stand now: what is due, why, and how much of it can be paid."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bawaba import runtime
from bawaba.money import format_fils
from bawaba.paging import Page, keyset_page
from bawaba.payments import Bill, BillStatus
from bawaba.text import Text
from bawaba.viewer import Viewer

from bawaba_payments_ewa.domain import SERVICE, BillState
from bawaba_payments_ewa.models import EwaAccount, EwaBill
from bawaba_payments_ewa.rules import terms
from bawaba_payments_ewa.rules.terms import Terms
from bawaba_payments_ewa.services import accounts, figures

Row = Mapping[str, Any]
COLUMNS = (
    "id", "account_id", "reference", "issued_on", "due_on", "starts_on", "ends_on", "lines",
    "amount_fils", "metered_fils", "charge_fils", "applied_fils", "is_fixed", "status",
    "superseded_by",
)  # fmt: skip
_YEAR = 12
_TITLE = Text(
    "Electricity and water, account {number}, {first} to {last}",
    "الكهرباء والماء، الحساب {number}، من {first} إلى {last}",
)
_BALANCE = Text(
    "The balance of the account: {balance}; this bill came to {amount}.",
    "رصيد الحساب: {balance}؛ وقيمة هذه الفاتورة: {amount}.",
)
_DINARS = Text("BHD {fils}", "{fils} د.ب")
_CREDIT = Text("a credit of BHD {fils}", "دائن بمبلغ {fils} د.ب")
_CARRIED = Text("Carried over to bill {reference}.", "رُحّلت إلى الفاتورة {reference}.")
_WITHDRAWN = Text("Withdrawn by the authority.", "ألغتها الهيئة.")
_NOTHING = Text(
    "Nothing is due, and nothing more can be paid in advance.",
    "لا يوجد مستحق، ولا يمكن دفع المزيد مقدماً.",
)


@dataclass(frozen=True, slots=True)
class BillView:
    """A bill's row, its account's, and what can be paid now."""

    row: Row
    account: Row
    terms: Terms

    @property
    def is_current(self) -> bool:
        """Whether it is the account's newest bill, which alone can be paid."""
        cancelled = self.row["status"] == BillState.CANCELLED.value
        return self.row["superseded_by"] is None and not cancelled

    @property
    def due_fils(self) -> int:
        """What paying it costs now: the whole account's balance, or nothing."""
        return max(self.account["balance_fils"], 0) if self.is_current else 0

    def as_bill(self) -> Bill:
        """Return it as core's payments see it."""
        row = self.row
        not_payable = self._not_payable()
        return Bill(
            id=row["id"],
            service=SERVICE,
            reference=row["reference"],
            description=_TITLE.fill(
                number=self.account["number"],
                first=row["starts_on"].isoformat(),
                last=row["ends_on"].isoformat(),
            ),
            status=BillStatus(row["status"]),
            fils=row["amount_fils"],
            due_fils=self.due_fils,
            explanation=self._balance() if self.is_current else not_payable or _WITHDRAWN,
            due_on=row["due_on"],
            debtor_national_id=self.account["owner_national_id"],
            not_payable=not_payable,
            least_fils=self.terms.least if self.is_current else None,
            most_fils=self.terms.most if self.is_current else None,
        )

    def _balance(self) -> Text:
        balance, amount = self.account["balance_fils"], self.row["amount_fils"]
        return _BALANCE.fill(balance=_words(balance), amount=_words(amount))

    def _not_payable(self) -> Text | None:
        if self.row["status"] == BillState.CANCELLED.value:
            return _WITHDRAWN
        if self.row["superseded_by"] is not None:
            return _CARRIED.fill(reference=self.row["superseded_by"])
        return None if self.due_fils or self.terms.most else _NOTHING


def _words(fils: int) -> Text:
    return (_CREDIT if fils < 0 else _DINARS).fill(fils=format_fils(abs(fils)))


async def of_ids(ids: Iterable[str]) -> dict[str, BillView]:
    """Return bills by id; unknown ids are absent. Asks nobody."""
    rows = await EwaBill.filter(id__in=list(ids)).values(*COLUMNS)
    return {view.row["id"]: view for view in await views(rows)}


async def views(rows: Sequence[Row]) -> list[BillView]:
    """Return bills with their accounts, in the order of the rows."""
    found = await accounts.rows_of({row["account_id"] for row in rows})
    means = await averages(found)
    return [view(row, found[row["account_id"]], means[row["account_id"]]) for row in rows]


def view(row: Row, account: Row, average: int) -> BillView:
    """Return a bill with its account; ``average``: of a month's bill, in fils."""
    return BillView(row, account, _terms(account, average, runtime.today()))


def _terms(account: Row, average: int, today: dt.date) -> Terms:
    who = figures.who(account["tariff_class"], subsidised=account["subsidised"])
    return terms.terms(account["balance_fils"], average, figures.part_rule(who, today))


async def averages(account_ids: Collection[str]) -> dict[str, int]:
    """Return the average own charge of each account's last twelve bills, in fils."""
    query = EwaBill.filter(account_id__in=list(account_ids), status__not="CANCELLED")
    charges: dict[str, list[int]] = {id_: [] for id_ in account_ids}
    for account_id, fils in await query.order_by("-issued_on", "-id").values_list(
        "account_id", "charge_fils"
    ):
        charges[str(account_id)].append(int(fils))
    return {id_: terms.average(known[:_YEAR]) for id_, known in charges.items()}


async def current_of(account_ids: Sequence[str]) -> list[BillView]:
    """Return the newest bill of each account that has one, newest first. Asks nobody."""
    query = EwaBill.filter(
        account_id__in=list(account_ids), superseded_by=None, status__not="CANCELLED"
    )
    return await views(await query.order_by("-issued_on", "-id").values(*COLUMNS))


async def page_of_account(account_id: str, first: int, after: str | None) -> Page:
    """Return a page of an account's bills, newest first."""
    return await keyset_page(
        EwaBill.filter(account_id=account_id),
        order=("-issued_on", "-id"),
        first=first,
        after=after,
        columns=COLUMNS,
    )


async def accounts_behind(ids: Iterable[str]) -> list[str]:
    """Return the numbers of the accounts that these bills belong to."""
    query = EwaAccount.filter(bills__id__in=list(ids))
    return sorted({str(number) for number in await query.values_list("number", flat=True)})


async def visible(viewer: Viewer, ids: Sequence[str]) -> dict[str, BillView]:
    """Return those of the bills whose accounts the viewer may see."""
    found = await of_ids(ids)
    behind = [view.account["id"] for view in found.values()]
    seen = await accounts.visible(viewer, behind)
    return {id_: view for id_, view in found.items() if view.account["id"] in seen}
