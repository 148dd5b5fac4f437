"""Which of the captured items pay their bill: the one place where a bill becomes paid."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from bawaba.db import execute, fetch, locked
from bawaba.host.payments.domain import ItemState
from bawaba.host.payments.models import BillBalance, BillClaim, PaymentItem
from bawaba.host.payments.rules import BillKey
from bawaba.host.payments.services.batch import Batch
from bawaba.runtime import new_id

_ROWS_A_STATEMENT = 500

Wanting = tuple[str, str, int, PaymentItem]
"""(service, bill id, place in the order of capture, item)."""


def balance_key(service: str, bill_id: str) -> str:
    """Return the key of a bill's balance."""
    return f"{service}:{bill_id}"


async def claim(
    batch: Batch, items: Sequence[PaymentItem], going_back: Sequence[PaymentItem] = ()
) -> set[str]:
    """Claim the bills of ``items``, captured in this order; return the items that won theirs.

    Rows are inserted and locked in one global order: settlers that race for the same bills cannot
    deadlock. For that, the balances of items whose money may go back are locked with the others.
    """
    wanting = [(i.service, i.bill_id, place, i) for place, i in enumerate(items)]
    wanting.sort(key=lambda entry: entry[:3])
    whole = [entry for entry in wanting if entry[3].limit_fils is None]
    parts = [entry for entry in wanting if entry[3].limit_fils is not None]
    won = await _claim_whole(whole)
    back = [(i.service, i.bill_id) for i in going_back if i.limit_fils is not None]
    await lock_balances(batch, [*(entry[:2] for entry in parts), *back])
    return won | _claim_parts(batch, parts)


async def _claim_whole(wanting: Sequence[Wanting]) -> set[str]:
    won: set[str] = set()
    for start in range(0, len(wanting), _ROWS_A_STATEMENT):
        values: list[str] = []
        places: list[str] = []
        for service, bill_id, _, item in wanting[start : start + _ROWS_A_STATEMENT]:
            first = len(values) + 1
            values += [new_id(), service, bill_id, item.payment_id, item.id]
            places.append("(" + ", ".join(f"${first + n}" for n in range(5)) + ")")
        rows = await fetch(
            "INSERT INTO core_bill_claim (id, service, bill_id, payment_id, item_id) VALUES "  # noqa: S608
            + ", ".join(places)
            + " ON CONFLICT (service, bill_id) DO NOTHING RETURNING item_id",
            *values,
        )
        won |= {str(row["item_id"]) for row in rows}
    return won


def _claim_parts(batch: Batch, wanting: Sequence[Wanting]) -> set[str]:
    won: set[str] = set()
    for service, bill_id, _, item in wanting:
        balance = batch.balances[balance_key(service, bill_id)]
        limit = item.limit_fils or 0
        if balance.claimed_fils + item.fils <= limit:
            balance.claimed_fils += item.fils
            balance.limit_fils = limit
            won.add(item.id)
    return won


async def lock_balances(batch: Batch, bills: Sequence[BillKey]) -> None:
    """Lock the balances of ``bills``, in order of key; the zero rows of new ones are made first."""
    keys = sorted({balance_key(*bill) for bill in bills} - batch.balances.keys())
    for start in range(0, len(keys), _ROWS_A_STATEMENT):
        some = keys[start : start + _ROWS_A_STATEMENT]
        places = ", ".join(f"(${n}, 0, 0)" for n in range(1, len(some) + 1))
        await execute(
            "INSERT INTO core_bill_balance (key, claimed_fils, limit_fils) "  # noqa: S608
            f"VALUES {places} ON CONFLICT (key) DO NOTHING",
            *some,
        )
        for row in await locked(BillBalance.filter(key__in=some).order_by("key")):
            batch.balances[row.key] = row


async def release(batch: Batch) -> None:
    """Make the bills payable again by what this batch gave back of them."""
    whole = [item.id for item, _, in_full in batch.released if in_full and item.limit_fils is None]
    if whole:
        await BillClaim.filter(item_id__in=whole).delete()
    parts = [(item, fils) for item, fils, _ in batch.released if item.limit_fils is not None]
    await lock_balances(batch, [(item.service, item.bill_id) for item, _ in parts])
    for item, fils in parts:
        batch.balances[balance_key(item.service, item.bill_id)].claimed_fils -= fils
    if batch.balances:
        rows = [batch.balances[key] for key in sorted(batch.balances)]
        await BillBalance.bulk_update(rows, fields=("claimed_fils", "limit_fils"))


async def held_of(bills: Collection[BillKey]) -> set[BillKey]:
    """Return those of ``bills`` of which the agency does not know yet what stands paid here."""
    if not bills:
        return set()
    services, ids = {service for service, _ in bills}, {bill_id for _, bill_id in bills}
    held = PaymentItem.filter(
        service__in=list(services), bill_id__in=list(ids), state=ItemState.HELD.value
    )
    found = {(str(s), str(b)) for s, b in await held.values_list("service", "bill_id")}
    return found & set(bills)


async def claimed_of(bills: Sequence[BillKey]) -> dict[BillKey, int]:
    """Return what stands paid of each of ``bills`` in the platform's own books, in fils.

    Of a bill that is paid once and whole a claim counts as 1: any is too much.
    """
    if not bills:
        return {}
    rows = await BillClaim.filter(bill_id__in=[bill_id for _, bill_id in bills]).values_list(
        "service", "bill_id"
    )
    found = {(str(service), str(bill_id)): 1 for service, bill_id in rows}
    keys = {balance_key(*bill): bill for bill in bills}
    balances = await BillBalance.filter(key__in=list(keys)).values_list("key", "claimed_fils")
    found |= {keys[str(key)]: int(fils) for key, fils in balances}
    return {bill: found[bill] for bill in bills if bill in found}
