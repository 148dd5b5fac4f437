"""From rows to objects, for ``node(id)`` and for the basket."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bawaba.graphql import Info
from bawaba.plugin import NodeType

from bawaba_payments_ewa.graphql.accounts import EwaAccount, EwaAccountPayment, service
from bawaba_payments_ewa.graphql.bills import EwaBill
from bawaba_payments_ewa.services import accounts, bills, history
from bawaba_payments_ewa.services.bills import BillView


async def show_bills(views: Mapping[str, BillView]) -> dict[str, EwaBill]:
    """Return the objects of bills."""
    of = await service()
    return {id_: EwaBill.of(view, of) for id_, view in views.items()}


async def _bills(info: Info, ids: Sequence[str]) -> Mapping[str, Any]:
    return await show_bills(await bills.visible(info.context.viewer, ids))


async def _accounts(info: Info, ids: Sequence[str]) -> Mapping[str, Any]:
    rows = await accounts.visible(info.context.viewer, ids)
    return {id_: EwaAccount.of(row, is_open=True) for id_, row in rows.items()}


async def _payments(info: Info, ids: Sequence[str]) -> Mapping[str, Any]:
    rows = await history.visible(info.context.viewer, ids)
    shares = await history.shares_of(rows)
    return {id_: EwaAccountPayment.of(row, shares.get(id_, ())) for id_, row in rows.items()}


NODES = (
    NodeType("EwaBill", _bills),
    NodeType("EwaAccount", _accounts),
    NodeType("EwaAccountPayment", _payments),
)
"""How ``node(id)`` finds bills, accounts and what was paid on them."""
