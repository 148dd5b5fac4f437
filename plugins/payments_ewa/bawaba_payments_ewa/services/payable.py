"""Accounts in the one basket: the newest bill of each stands for its balance."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bawaba import db
from bawaba.ledger import Posting, Side
from bawaba.payments import Bill, ReversedItem, SettledItem
from bawaba.viewer import Viewer

from bawaba_payments_ewa import gateway
from bawaba_payments_ewa.domain import PAYABLE_ACCOUNT, SERVICE, EwaReceiptKind, EwaUpdateKind
from bawaba_payments_ewa.models import EwaAccount, EwaBill, EwaReceipt
from bawaba_payments_ewa.services import accounts, bills, letters
from bawaba_payments_ewa.services.bills import BillView
from bawaba_payments_ewa.services.book import Book


@dataclass(frozen=True, slots=True)
class EwaPayable:
    """Implements :class:`bawaba.payments.Payable`; ``show`` makes GraphQL objects of bills."""

    show: Callable[[Mapping[str, BillView]], Awaitable[Mapping[str, Any]]]
    service: str = SERVICE
    node_type: str = "EwaBill"

    async def find(self, bill_ids: Sequence[str], at: dt.datetime) -> Mapping[str, Bill]:
        """Return bills after asking the authority what it knows of their accounts now.

        Raises:
            AgencyUnavailable: the authority did not answer.
        """
        del at  # a bill's amount does not hang on the instant
        numbers = await bills.accounts_behind(bill_ids)
        if not numbers:
            return {}
        await accounts.refresh(await gateway.ask(lambda register: register.find(numbers)))
        return {id_: view.as_bill() for id_, view in (await bills.of_ids(bill_ids)).items()}

    async def owed_by(self, viewer: Viewer, at: dt.datetime) -> Sequence[Bill]:
        """Return the newest bill of each account that the viewer owns or follows.

        Raises:
            AgencyUnavailable: the authority did not answer.
        """
        del at
        if viewer.person_id is None:
            return []
        ids = await accounts.refresh_of(viewer)
        return [view.as_bill() for view in await bills.current_of(ids)]

    def postings(self, item: SettledItem) -> Sequence[Posting]:
        """Describe that the whole amount is owed to the authority, which owes the tax of it."""
        return (Posting(PAYABLE_ACCOUNT, Side.CREDIT, item.fils),)

    async def mark_paid(self, items: Sequence[SettledItem]) -> None:
        """Put money into the accounts behind the bills, though newer bills came meanwhile."""
        behind = await _behind(item.bill_id for item in items)
        for account in await _locked(behind.values()):
            book = await Book.of(account)
            for item in items:
                if behind[item.bill_id] == account.id:
                    await book.receive(
                        EwaReceiptKind.HERE,
                        _key(item.item_id),
                        item.fils,
                        item.paid_at,
                        item.receipt_number,
                    )
            if book.changed:
                await book.close(EwaUpdateKind.PAID)

    async def mark_reversed(self, items: Sequence[ReversedItem]) -> None:
        """Take money back out of the accounts, the newest part first."""
        behind = await _behind(item.bill_id for item in items)
        for account in await _locked(behind.values()):
            book = await Book.of(account)
            for item in items:
                receipt = await EwaReceipt.get_or_none(
                    key=_key(item.item_id), account_id=account.id
                )
                if receipt is not None:
                    key = f"{item.refund_id}:{item.item_id}"
                    await book.give_back(receipt, key, item.fils, item.refunded_at)
            if book.changed:
                await book.close(EwaUpdateKind.REVERSED)

    async def deliver(self, items: Sequence[SettledItem]) -> None:
        """Tell the authority of payments, a letter each.

        Raises:
            AgencyUnavailable: try again later.
        """
        numbers = await _numbers(item.bill_id for item in items)
        for item in items:
            body = {
                "number": numbers[item.bill_id],
                "itemId": item.item_id,
                "bill": item.bill_reference,
                "receipt": item.receipt_number,
                "fils": item.fils,
                "paidAt": item.paid_at.astimezone(dt.UTC).isoformat(),
                "channel": item.channel.value,
            }
            await letters.send("ewa.paid", body, f"paid:{item.item_id}")

    async def deliver_reversal(self, items: Sequence[ReversedItem]) -> None:
        """Tell the authority of money given back, a letter each.

        Raises:
            AgencyUnavailable: try again later.
        """
        numbers = await _numbers(item.bill_id for item in items)
        for item in items:
            body = {
                "number": numbers[item.bill_id],
                "itemId": item.item_id,
                "refundId": item.refund_id,
                "fils": item.fils,
                "inFull": item.in_full,
                "refundedAt": item.refunded_at.astimezone(dt.UTC).isoformat(),
            }
            await letters.send("ewa.reversed", body, f"reversed:{item.refund_id}:{item.item_id}")

    async def present(self, bill_ids: Sequence[str]) -> Mapping[str, Any]:
        """Return GraphQL objects from the mirror alone."""
        return await self.show(await bills.of_ids(bill_ids))


def _key(item_id: str) -> str:
    return f"paid:{item_id}"


async def _behind(bill_ids: Iterable[str]) -> dict[str, str]:
    rows = await EwaBill.filter(id__in=list(set(bill_ids))).values("id", "account_id")
    return {row["id"]: row["account_id"] for row in rows}


async def _numbers(bill_ids: Iterable[str]) -> dict[str, str]:
    rows = await EwaBill.filter(id__in=list(set(bill_ids))).values("id", "account__number")
    return {row["id"]: row["account__number"] for row in rows}


async def _locked(account_ids: Iterable[str]) -> list[EwaAccount]:
    """Lock accounts in the order of their numbers, as letters from the authority do."""
    query = EwaAccount.filter(id__in=sorted(set(account_ids))).order_by("number")
    return list(await db.locked(query))
