"""Sending a case to the agency it belongs to: offer, accept, decline, arbitrate."""

from __future__ import annotations

from bawaba import audit, catalogue, db, runtime
from bawaba.errors import NotFound
from bawaba.viewer import Viewer

from bawaba_tawasul.domain import ACCEPTANCE, TawasulAction, TawasulStatus, TawasulStep
from bawaba_tawasul.models import TawasulHistory
from bawaba_tawasul.rules import clockwork, transfers
from bawaba_tawasul.rules.texts import text_within_bounds
from bawaba_tawasul.services import categories, families, letters, notices, steps
from bawaba_tawasul.services.categories import Row

A, T = TawasulAction, TawasulStep


async def offer(
    viewer: Viewer, reference: str, agency: str, category: str | None, reason: str
) -> None:
    """Offer the case to another agency; where cases go to and fro it goes to the arbiter.

    The clock runs on meanwhile: waiting for another agency is no excuse.

    Raises:
        NotFound: no such case, agency, or category of it.
        SameAgency, TransferSettled, WrongStatus, NotTheAssignee, BadText: see there.
    """
    why = text_within_bounds(reason, "reason")
    if agency not in await catalogue.agencies() or not await categories.of_agency(agency):
        raise NotFound("agency")
    async with db.transaction():
        work = await steps.begin(viewer, reference, A.TRANSFER)
        case = work.case
        step = transfers.on_offer(
            from_agency=case.agency,
            to_agency=agency,
            transfers=case.transfers,
            settled=case.settled,
        )
        wanted = await categories.one(agency, category, "category") if category else None
        case.assignee_id, case.transfer_reason = None, why
        if step is T.TRANSFER_OFFERED:
            case.transfer_to = agency
            case.transfer_category_id = wanted["id"] if wanted else None
            case.transfer_expires_at = work.book.of(agency).add(work.at, ACCEPTANCE)
        line = await steps.finish(work, step, note=why)
        if step is T.TRANSFER_OFFERED:
            await notices.tell_coordinators(case, line, agency)


async def accept(viewer: Viewer, reference: str, category: str | None) -> None:
    """Take an offered case over. What was spent stays spent; the category's target counts.

    Raises:
        NotFound: no such case that is offered to an agency of the viewer, or no such category.
        Forbidden, WrongStatus: see ``steps.begin``.
    """
    async with db.transaction():
        work = await steps.begin(viewer, reference, A.ACCEPT_TRANSFER)
        case = work.case
        agency = case.transfer_to or ""
        chosen = await _category(agency, category, case.transfer_category_id, case.kind)
        case.transfers += 1
        line = await _hand_over(work, agency, chosen, T.TRANSFER_ACCEPTED, "")
        await notices.tell_citizen(case, line)


async def _category(agency: str, code: str | None, offered_id: str | None, kind: str) -> Row:
    """Return the category under which the case goes on: the receiver's choice comes first."""
    if code is not None:
        return await categories.one(agency, code, "category")
    if offered_id is not None and (found := (await categories.by_id([offered_id]))):
        return found[offered_id]
    known = await categories.of_agency(agency)
    if not known:
        raise NotFound("category")
    return next((row for row in known if row["kind"] == kind), known[0])


async def _hand_over(
    work: steps.Work, agency: str, category: Row, step: TawasulStep, note: str
) -> TawasulHistory:
    case, came_from = work.case, work.case.agency
    await families.release(work)
    work.agencies.add(came_from)
    targets, calendar = category["targets"], work.book.of(agency)
    day = runtime.local_day(work.at)
    case.segments = clockwork.handed_over(case.segments, work.at, agency)
    case.agency, case.category, case.category_id = agency, category["code"], category["id"]
    case.kind = category["kind"]
    case.target_minutes = clockwork.target_minutes(calendar, day, targets["resolution_days"])
    case.first_reply_minutes = targets["first_reply_hours"] * 60
    case.transfer_to = case.transfer_category_id = case.transfer_expires_at = None
    case.duplicate_of_id = case.assignee_id = None
    work.words_changed = True
    line = await steps.finish(work, step, note=note)
    await letters.tell_later(case, line, came_from)
    return line


async def decline(viewer: Viewer, reference: str, reason: str) -> None:
    """Decline an offered case: it goes back, or, the second time, to the arbiter.

    Raises as :func:`accept`, and BadText.
    """
    why = text_within_bounds(reason, "reason")
    async with db.transaction():
        work = await steps.begin(viewer, reference, A.DECLINE_TRANSFER)
        case = work.case
        step = transfers.on_decline(case.declines)
        case.declines += 1
        _end_offer(work)
        await steps.finish(work, step, note=why)


async def lapse(case_id: str) -> None:
    """Send an offer that nobody answered in time to the arbiter (from a job)."""
    async with db.transaction():
        work = await steps.begin_alone(case_id)
        if work is None or work.was is not TawasulStatus.TRANSFER_OFFERED:
            return
        expires = work.case.transfer_expires_at
        if expires is None or expires > work.at:
            return
        _end_offer(work)
        await steps.finish(work, T.SENT_TO_ARBITER)


def _end_offer(work: steps.Work) -> None:
    case = work.case
    work.agencies |= {case.transfer_to} if case.transfer_to else set()
    case.transfer_to = case.transfer_category_id = case.transfer_expires_at = None


async def arbitrate(viewer: Viewer, reference: str, agency: str, reason: str) -> None:
    """Decide which agency answers the case, for good.

    Raises:
        NotFound: no such case before the arbiter, or no such agency.
        BadText: see there.
    """
    why = text_within_bounds(reason, "reason")
    viewer.require("tawasul.arbitrate")
    if agency not in await catalogue.agencies() or not await categories.of_agency(agency):
        raise NotFound("agency")
    async with db.transaction():
        work = await steps.begin(viewer, reference, A.ARBITRATE)
        case = work.case
        case.settled = True
        if agency == case.agency:
            line = await steps.finish(work, T.ARBITRATED, note=why)
        else:
            chosen = await _category(agency, None, None, case.kind)
            line = await _hand_over(work, agency, chosen, T.ARBITRATED, why)
        await notices.tell_citizen(case, line)
        await audit.record(
            viewer, "tawasul.case.arbitrated", f"TawasulCase:{case.id}", {"agency": agency}
        )


__all__ = ["accept", "arbitrate", "decline", "lapse", "offer"]
