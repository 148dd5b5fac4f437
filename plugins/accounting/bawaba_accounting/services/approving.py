"""A second pair of eyes: approve or decline resolutions that are over the limit."""

from __future__ import annotations

from bawaba import audit, db, idempotency, runtime
from bawaba.errors import NotFound
from bawaba.viewer import Viewer

from bawaba_accounting import models
from bawaba_accounting.domain.settlement import RESOLUTION, ResolutionStatus, ResolutionTrigger
from bawaba_accounting.refusals import ResolutionNotAwaiting, SecondPersonNeeded
from bawaba_accounting.rules.periods import reason_of
from bawaba_accounting.services import resolving

__all__ = ["approve_resolution", "decline_resolution"]


async def approve_resolution(viewer: Viewer, resolution_id: str, key: str) -> str:
    """Book a resolution that another person asked for; return its id.

    Raises:
        NotFound: there is none.
        ResolutionNotAwaiting: it was decided before, or its difference vanished.
        SecondPersonNeeded: the viewer asked for it.
    """
    viewer.require("accounting.approve")

    async def work() -> str:
        async with db.transaction():
            difference, resolution = await _locked(resolution_id)
            if resolution.requested_by == viewer.person():
                raise SecondPersonNeeded("resolutionId")
            await _decide(viewer, resolution, ResolutionTrigger.APPROVE, None)
            await resolving.book(viewer, difference, resolution)
            await idempotency.done(resolution_id)
        return resolution_id

    return await idempotency.once(viewer, "accounting.approve", key, resolution_id, work)


async def decline_resolution(viewer: Viewer, resolution_id: str, reason: str, key: str) -> str:
    """Turn a resolution down; its difference waits for another one. Return its id.

    Raises:
        NotFound: there is none.
        ResolutionNotAwaiting: it was decided before, or its difference vanished.
        ReasonUnusable: no reason, or one of more than 500 characters.
    """
    viewer.require("accounting.approve")

    async def work() -> str:
        words = reason_of(reason)
        async with db.transaction():
            _, resolution = await _locked(resolution_id)
            await _decide(viewer, resolution, ResolutionTrigger.REJECT, words)
            detail = {"resolution": resolution.id, "fils": resolution.fils, "reason": words}
            resource = f"AccountingDifference:{resolution.difference_id}"
            await audit.record(viewer, "accounting.resolution.rejected", resource, detail)
            await idempotency.done(resolution_id)
        return resolution_id

    fingerprint = [resolution_id, reason]
    return await idempotency.once(viewer, "accounting.decline", key, fingerprint, work)


async def _locked(resolution_id: str) -> tuple[models.Difference, models.Resolution]:
    """Lock the difference, which is what guards its resolutions, then read the resolution."""
    known = await models.Resolution.get_or_none(id=resolution_id)
    if known is None:
        raise NotFound("resolutionId")
    difference = await resolving.locked_difference(known.difference_id)
    resolution = await models.Resolution.get(id=resolution_id)
    if not RESOLUTION.allows(ResolutionStatus(resolution.status), ResolutionTrigger.APPROVE):
        raise ResolutionNotAwaiting("resolutionId")
    return difference, resolution


async def _decide(
    viewer: Viewer, resolution: models.Resolution, trigger: ResolutionTrigger, failure: str | None
) -> None:
    status = RESOLUTION.next(ResolutionStatus(resolution.status), trigger)
    await models.Resolution.filter(id=resolution.id).update(
        status=status.value,
        decided_by=viewer.person(),
        decided_at=runtime.now(),
        failure=failure,
    )
