"""Resolving a difference by hand: one journal against an account that the rules allow."""

from __future__ import annotations

from bawaba import audit, db, idempotency, runtime
from bawaba.errors import NotFound
from bawaba.viewer import Viewer

from bawaba_accounting import models
from bawaba_accounting.domain.settlement import (
    DIFFERENCE,
    FEES,
    DifferenceKind,
    DifferenceStatus,
    DifferenceTrigger,
    Found,
)
from bawaba_accounting.refusals import AccountNotAllowed, DifferenceSettled
from bawaba_accounting.rules import differences
from bawaba_accounting.rules.differences import Resolved
from bawaba_accounting.rules.periods import reason_of
from bawaba_accounting.services import payouts, reconciling

__all__ = ["resolve"]


async def resolve(viewer: Viewer, difference_id: str, account: str, reason: str, key: str) -> str:
    """Resolve an open difference against ``account``, once; return its id.

    Raises:
        Refusal: it is settled, or the account or the reason is not usable.
        NotFound: there is no such difference.
    """
    viewer.require("accounting.reconcile")

    async def work() -> str:
        words = reason_of(reason)
        async with db.transaction():
            await _resolve(viewer, difference_id, account, words)
            await idempotency.done(difference_id)
        return difference_id

    fingerprint = [difference_id, account, reason]
    return await idempotency.once(viewer, "accounting.resolve", key, fingerprint, work)


async def _resolve(viewer: Viewer, difference_id: str, account: str, reason: str) -> None:
    found = await models.Difference.get_or_none(id=difference_id)
    if found is None:
        raise NotFound("differenceId")
    await reconciling.locked_book(found.gateway)
    row = await db.locked(models.Difference.filter(id=difference_id)).get()
    status = DifferenceStatus(row.status)
    if not DIFFERENCE.allows(status, DifferenceTrigger.RESOLVE):
        raise DifferenceSettled("differenceId")
    what = reconciling.found_of(row)
    base = await _base(what)
    allowed = differences.allowed_accounts(base)
    if account not in allowed:
        raise AccountNotAllowed("account", accounts=", ".join(allowed))
    if what.kind is DifferenceKind.PAYOUT_DIFFERS:
        await payouts.book_payout(row.gateway, row.gateway_reference)
    is_fee = base is DifferenceKind.FEE_DIFFERS
    other = FEES if is_fee else reconciling.clearing_account(row.gateway)
    journal = differences.resolution(Resolved(row.id, what), other, account, runtime.today())
    await models.Difference.filter(id=row.id).update(
        status=DIFFERENCE.next(status, DifferenceTrigger.RESOLVE).value,
        ended_at=runtime.now(),
        resolved_by=viewer.person(),
        account=account,
        reason=reason,
        journal_id=await payouts.record_one(journal),
    )
    resource = f"AccountingDifference:{row.id}"
    detail = {"account": account, "kind": row.kind, "reason": reason}
    await audit.record(viewer, "accounting.difference.resolved", resource, detail)


async def _base(found: Found) -> DifferenceKind:
    """Return the kind whose rules count: of a resolution to be taken back, that of the first."""
    if found.kind is not DifferenceKind.SETTLED_AFTER_ALL:
        return found.kind
    first = await models.Difference.get(id=differences.resolved_id(found))
    return DifferenceKind(first.kind)
