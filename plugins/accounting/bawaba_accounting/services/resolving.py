"""Resolving a difference by hand: one journal against an account that the rules allow."""

from __future__ import annotations

from bawaba import audit, db, idempotency, runtime
from bawaba.errors import NotFound
from bawaba.viewer import Viewer

from bawaba_accounting import models
from bawaba_accounting.domain.settlement import (
    DIFFERENCE,
    FEES,
    RESOLUTION,
    DifferenceKind,
    DifferenceStatus,
    DifferenceTrigger,
    Found,
    ResolutionStatus,
    ResolutionTrigger,
)
from bawaba_accounting.refusals import AccountNotAllowed, DifferenceSettled, ResolutionAwaiting
from bawaba_accounting.rules import differences
from bawaba_accounting.rules.differences import Resolved
from bawaba_accounting.rules.periods import reason_of
from bawaba_accounting.services import payouts, reconciling
from bawaba_accounting.services.write import locked_head
from bawaba_accounting.settings import AccountingSettings

__all__ = ["book", "locked_difference", "resolve"]

_WAITS, _BOOKED = ResolutionStatus.AWAITING_APPROVAL, ResolutionStatus.BOOKED


async def resolve(viewer: Viewer, difference_id: str, account: str, reason: str, key: str) -> str:
    """Ask for an open difference to be resolved against ``account``, once; return its id.

    Over the limit, alone or with what the viewer resolved that day, it waits for a second person;
    else it is booked.

    Raises:
        Refusal: it is settled or waits, or the account or the reason is not usable.
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


async def locked_difference(difference_id: str) -> models.Difference:
    """Lock the settlement of a difference's gateway, then the difference.

    Raises:
        NotFound: there is none.
    """
    found = await models.Difference.get_or_none(id=difference_id)
    if found is None:
        raise NotFound("differenceId")
    await reconciling.locked_book(found.gateway)
    return await db.locked(models.Difference.filter(id=difference_id)).get()


async def _resolve(viewer: Viewer, difference_id: str, account: str, reason: str) -> None:
    row = await locked_difference(difference_id)
    if not DIFFERENCE.allows(DifferenceStatus(row.status), DifferenceTrigger.RESOLVE):
        raise DifferenceSettled("differenceId")
    if await models.Resolution.filter(difference_id=row.id, status=_WAITS.value).exists():
        raise ResolutionAwaiting("differenceId")
    allowed = differences.allowed_accounts(await _base(reconciling.found_of(row)))
    if account not in allowed:
        raise AccountNotAllowed("account", accounts=", ".join(allowed))
    fils = abs(row.actual - row.expected)
    limit = runtime.settings(AccountingSettings).write_off_approval_above
    held = fils + await _resolved_today(viewer) > limit
    status = RESOLUTION.initial if held else RESOLUTION.next(_WAITS, ResolutionTrigger.APPROVE)
    resolution = await models.Resolution.create(
        id=runtime.new_id(),
        difference_id=row.id,
        status=status.value,
        account=account,
        reason=reason,
        fils=fils,
        requested_by=viewer.person(),
        requested_on=runtime.today(),
        requested_at=runtime.now(),
    )
    resource = f"AccountingDifference:{row.id}"
    detail = {"account": account, "fils": fils, "reason": reason, "needsApproval": held}
    await audit.record(viewer, "accounting.resolution.requested", resource, detail)
    if not held:
        await book(viewer, row, resolution)


async def _resolved_today(viewer: Viewer) -> int:
    """Return what the viewer resolved today, or wants to, in fils: many small ones are a large one.

    Under the ledger's lock, so that what one person does side by side is added up.
    """
    await locked_head()
    mine = models.Resolution.filter(requested_by=viewer.person(), requested_on=runtime.today())
    rows = await mine.filter(status__in=[_WAITS.value, _BOOKED.value]).values("fils")
    return sum(row["fils"] for row in rows)


async def book(viewer: Viewer, row: models.Difference, resolution: models.Resolution) -> None:
    """Book what settles a difference, which the caller has locked."""
    what = reconciling.found_of(row)
    if what.kind is DifferenceKind.PAYOUT_DIFFERS:
        await payouts.book_payout(row.gateway, row.gateway_reference)
    is_fee = await _base(what) is DifferenceKind.FEE_DIFFERS
    other = FEES if is_fee else reconciling.clearing_account(row.gateway)
    resolved, account = Resolved(row.id, what), resolution.account
    journal = differences.resolution(resolved, other, account, runtime.today())
    status = DIFFERENCE.next(DifferenceStatus(row.status), DifferenceTrigger.RESOLVE)
    await models.Difference.filter(id=row.id).update(
        status=status.value,
        ended_at=runtime.now(),
        resolved_by=resolution.requested_by,
        account=account,
        reason=resolution.reason,
        journal_id=await payouts.record_one(journal),
    )
    resource = f"AccountingDifference:{row.id}"
    detail = {"account": account, "kind": row.kind, "reason": resolution.reason}
    await audit.record(viewer, "accounting.difference.resolved", resource, detail)


async def _base(found: Found) -> DifferenceKind:
    """Return the kind whose rules count: of a resolution to be taken back, that of the first."""
    if found.kind is not DifferenceKind.SETTLED_AFTER_ALL:
        return found.kind
    first = await models.Difference.get(id=differences.resolved_id(found))
    return DifferenceKind(first.kind)
