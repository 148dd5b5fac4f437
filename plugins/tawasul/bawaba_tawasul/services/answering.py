"""The desk's verbs: assign, reply, ask, note, resolve."""

from __future__ import annotations

from typing import Any

from bawaba import db, people
from bawaba.errors import Forbidden, NotFound
from bawaba.viewer import Viewer

from bawaba_tawasul.domain import (
    MAX_FAMILY,
    WINDOW,
    FactKind,
    TawasulAction,
    TawasulPartyKind,
    TawasulResolution,
    TawasulStep,
)
from bawaba_tawasul.models import TawasulCase, TawasulTemplate
from bawaba_tawasul.refusals import (
    HandlerExcluded,
    NobodyToAssign,
    NotAHandler,
    NotTheAssignee,
    OwnCase,
)
from bawaba_tawasul.rules import clockwork
from bawaba_tawasul.rules.access import HANDLE, SUPERVISE
from bawaba_tawasul.rules.texts import text_within_bounds
from bawaba_tawasul.services import facts, messages, notices, steps

A, T = TawasulAction, TawasulStep


async def assign(viewer: Viewer, reference: str, assignee_id: str | None) -> None:
    """Give the case to a handler of its agency; None: to the one with the fewest open cases.

    Handlers take free cases, or have one given by load; giving them to others, and taking them
    from others, is for supervisors.

    Raises:
        NotFound, Forbidden, WrongStatus, IsDuplicate: see ``steps.begin``.
        NotAHandler, HandlerExcluded, NobodyToAssign, OwnCase: see there.
    """
    async with db.transaction():
        work = await steps.begin(viewer, reference, A.ASSIGN)
        case = work.case
        if not viewer.can(SUPERVISE, case.agency):
            _check_handler(viewer, case.assignee_id, assignee_id)
        case.assignee_id = await _assignee(case, assignee_id)
        line = await steps.finish(work, T.ASSIGNED)
        await notices.tell_handler(case, line)


def _check_handler(viewer: Viewer, holder: str | None, wanted: str | None) -> None:
    if holder not in {None, viewer.person_id}:
        raise NotTheAssignee("reference")
    if wanted not in {None, viewer.person_id}:
        raise Forbidden


async def _assignee(case: TawasulCase, wanted: str | None) -> str:
    if wanted is None:
        return await least_loaded(case)
    if wanted in case.excluded:
        raise HandlerExcluded("assigneeId")
    if wanted == case.submitter_id:
        raise OwnCase("assigneeId")
    able = await people.may([wanted], HANDLE, case.agency)
    if wanted not in able and wanted not in await people.may([wanted], SUPERVISE, case.agency):
        raise NotAHandler("assigneeId")
    return wanted


async def least_loaded(case: TawasulCase) -> str:
    """Return the handler of the case's agency who has the fewest open cases; ties by id.

    Raises:
        NobodyToAssign: there is none who may take it.
    """
    found = await people.holders(HANDLE, case.agency, everywhere=False)
    barred = {*case.excluded, case.submitter_id}
    able = [person.id for person in found if person.id not in barred]
    if not able:
        raise NobodyToAssign("reference")
    rows = await db.fetch(
        "SELECT assignee_id AS person, COUNT(*) AS cases FROM tawasul_case "
        "WHERE agency = $1 AND stopped_at IS NULL AND assignee_id IS NOT NULL "
        "GROUP BY assignee_id",
        case.agency,
    )
    load = {row["person"]: row["cases"] for row in rows}
    return min(able, key=lambda person: (load.get(person, 0), person))


async def reply(
    viewer: Viewer,
    reference: str,
    body: str,
    attachment_ids: list[str],
    template_id: str | None,
) -> None:
    """Write to the citizen, or as the citizen to the agency. The first one stops its target.

    Raises:
        NotFound, NotTheAssignee, WrongStatus: see ``steps.begin``.
        BadText: see there.
    """
    text = text_within_bounds(body, "body")
    async with db.transaction():
        work = await steps.begin(viewer, reference, A.REPLY)
        await _use_template(work, template_id)
        await messages.write(work, T.REPLIED, text, attachment_ids, template_id)
        from_desk = work.side is TawasulPartyKind.AGENCY
        if from_desk:
            work.case.first_replied_at = work.case.first_replied_at or work.at
        line = await steps.finish(work, T.REPLIED, moves=False)
        tell = notices.tell_citizen if from_desk else notices.tell_handler
        await tell(work.case, line)


async def _use_template(work: steps.Work, template_id: str | None) -> None:
    if template_id is None:
        return
    template = await TawasulTemplate.filter(id=template_id, agency=work.case.agency).first()
    if template is None or work.side is not TawasulPartyKind.AGENCY:
        raise NotFound("templateId")
    await db.execute("UPDATE tawasul_template SET used = used + 1 WHERE id = $1", template_id)


async def request_information(viewer: Viewer, reference: str, body: str) -> None:
    """Ask the citizen; the clock waits for the answer, up to its cap.

    Raises as :func:`reply`.
    """
    text = text_within_bounds(body, "body")
    async with db.transaction():
        work = await steps.begin(viewer, reference, A.REQUEST_INFORMATION)
        await messages.write(work, T.INFORMATION_REQUESTED, text)
        case = work.case
        case.first_replied_at = case.first_replied_at or work.at
        case.pauses = clockwork.paused(case.pauses, work.at, capped=True)
        line = await steps.finish(work, T.INFORMATION_REQUESTED)
        await notices.tell_citizen(case, line)


async def add_note(viewer: Viewer, reference: str, body: str) -> None:
    """Write something for the agency's own team; no citizen ever sees it, or that it was written.

    Raises:
        NotFound, Forbidden: see ``steps.begin``.
        BadText: see there.
    """
    text = text_within_bounds(body, "body")
    async with db.transaction():
        work = await steps.begin(viewer, reference, A.ADD_NOTE)
        await messages.add_note(work, text)
        await steps.finish(work, T.NOTE_ADDED, moves=False)


async def resolve(viewer: Viewer, reference: str, reason: TawasulResolution, body: str) -> None:
    """Resolve the case, and with it every open duplicate of it.

    Raises as :func:`reply`.
    """
    text = text_within_bounds(body, "body")
    async with db.transaction():
        work = await steps.begin(viewer, reference, A.RESOLVE)
        family = TawasulCase.filter(duplicate_of_id=work.case.id, stopped_at=None).order_by("id")
        members = await db.locked(family.limit(MAX_FAMILY))
        for case in members:
            await _resolve(await steps.begin_member(work, case), reason, text)
        await _resolve(work, reason, text)


async def _resolve(work: steps.Work, reason: TawasulResolution, text: str) -> None:
    case = work.case
    await messages.write(work, T.RESOLVED, text)
    case.pauses = clockwork.resumed(case.pauses, work.at)
    spent = clockwork.spent(work.run, work.at)
    case.late_once = case.late_once or spent > case.target_minutes
    case.on_time, case.resolved_minutes = not case.late_once, case.spent_before + spent
    case.resolution, case.resolved_at, case.stopped_at = reason.value, work.at, work.at
    case.first_replied_at = case.first_replied_at or work.at
    case.closes_at = work.at + WINDOW
    case.transfer_to = case.transfer_category_id = case.transfer_expires_at = None
    case.rating_score = case.rating_comment = case.rated_at = None
    if case.first_resolved_at is None:
        case.first_resolved_at = work.at
        await _count(case, FactKind.FIRST_RESOLVED)
    await _count(case, FactKind.RESOLVED)
    line = await steps.finish(work, T.RESOLVED, note=reason.value)
    await notices.tell_citizen(case, line)


async def _count(case: TawasulCase, kind: FactKind) -> None:
    await facts.append(case, kind, on_time=bool(case.on_time), minutes=case.resolved_minutes or 0)


def uncount_arguments(case: TawasulCase) -> dict[str, Any]:
    """Return what a reopening takes back: the figures of the resolution as it was counted."""
    return {"on_time": bool(case.on_time), "minutes": case.resolved_minutes or 0}


__all__ = [
    "add_note",
    "assign",
    "least_loaded",
    "reply",
    "request_information",
    "resolve",
    "uncount_arguments",
]
