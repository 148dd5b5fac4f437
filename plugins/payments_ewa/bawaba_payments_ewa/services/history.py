"""What was paid on an account, and which bills it went to."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from bawaba.paging import Page, keyset_page
from bawaba.viewer import Viewer

from bawaba_payments_ewa.domain import MAX_SHARES
from bawaba_payments_ewa.models import EwaReceipt, EwaShare
from bawaba_payments_ewa.services import accounts

COLUMNS = ("id", "account_id", "kind", "fils", "reversed_fils", "number", "paid_at")


async def page_of_account(account_id: str, first: int, after: str | None) -> Page:
    """Return a page of an account's receipts, newest first."""
    return await keyset_page(
        EwaReceipt.filter(account_id=account_id),
        order=("-paid_at", "-id"),
        first=first,
        after=after,
        columns=COLUMNS,
    )


async def visible(viewer: Viewer, ids: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """Return those of the receipts whose accounts the viewer may see."""
    rows = await EwaReceipt.filter(id__in=list(ids)).values(*COLUMNS)
    seen = await accounts.visible(viewer, [row["account_id"] for row in rows])
    return {row["id"]: row for row in rows if row["account_id"] in seen}


async def shares_of(receipt_ids: Collection[str]) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """Return what is left applied of each receipt, oldest first: fils and the bill's reference."""
    query = EwaShare.filter(receipt_id__in=list(receipt_ids), fils__gt=0).order_by("position")
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in await query.values("receipt_id", "fils", "bill__reference"):
        found.setdefault(row["receipt_id"], []).append(row)
    return {id_: rows[:MAX_SHARES] for id_, rows in found.items()}
