"""The citizen's verbs: answer, withdraw, rate, reopen, appeal, follow."""

from __future__ import annotations

from bawaba import db, runtime
from bawaba.errors import NotFound
from bawaba.viewer import Viewer

from bawaba_tawasul.domain import (
    APPEAL_WINDOW,
    MAX_FOLLOWERS,
    MAX_SCORE,
    OPEN,
    POOR,
    FactKind,
    TawasulAction,
    TawasulPartyKind,
    TawasulStatus,
    TawasulStep,
)
from bawaba_tawasul.models import TawasulCase, TawasulFollower
from bawaba_tawasul.refusals import BadScore, OwnCase
from bawaba_tawasul.rules import clockwork
from bawaba_tawasul.rules.reasons import wrong
from bawaba_tawasul.rules.texts import text_within_bounds
from bawaba_tawasul.services import facts, families, messages, notices, steps
from bawaba_tawasul.services.book import book

A, T = TawasulAction, TawasulStep


async def answer_request(
    viewer: Viewer, reference: str, body: str, attachment_ids: list[str]
) -> None:
    """Answer what the agency asked; its clock runs on.

    Raises:
        NotFound, Forbidden, WrongStatus: see ``steps.begin``.
        BadText: see there.
    """
    text = text_within_bounds(body, "body")
    async with db.transaction():
        work = await steps.begin(viewer, reference, A.ANSWER_REQUEST)
        await messages.write(work, T.INFORMATION_GIVEN, text, attachment_ids)
        work.case.pauses = clockwork.resumed(work.case.pauses, work.at)
        line = await steps.finish(work, T.INFORMATION_GIVEN)
        await notices.tell_handler(work.case, line)


async def withdraw(viewer: Viewer, reference: str, reason: str | None) -> None:
    """Take the case back; it ends. Raises as :func:`answer_request`."""
    why = text_within_bounds(reason, "reason") if reason and reason.strip() else ""
    async with db.transaction():
        work = await steps.begin(viewer, reference, A.WITHDRAW)
        case = work.case
        case.pauses, case.stopped_at = clockwork.resumed(case.pauses, work.at), work.at
        await families.release(work)
        work.agencies |= {case.transfer_to} if case.transfer_to else set()
        case.transfer_to = case.transfer_category_id = case.transfer_expires_at = None
        await steps.finish(work, T.WITHDRAWN, note=why)


async def rate(viewer: Viewer, reference: str, score: int, comment: str | None) -> None:
    """Rate the resolution, once, within 14 days. 1 or 2 unlocks an appeal.

    Raises:
        BadScore: not 1 to 5.
        AlreadyRated, WindowClosed, WrongStatus, NotFound: see there and ``steps.begin``.
    """
    if not 1 <= score <= MAX_SCORE:
        raise BadScore("score")
    words = text_within_bounds(comment, "comment") if comment and comment.strip() else None
    async with db.transaction():
        work = await steps.begin(viewer, reference, A.RATE)
        case = work.case
        case.rating_score, case.rating_comment, case.rated_at = score, words, work.at
        if score <= POOR and case.closes_at is not None:
            case.closes_at = max(case.closes_at, work.at + APPEAL_WINDOW)
        await facts.append(case, FactKind.RATED, score=score)
        await steps.finish(work, T.RATED, moves=False)


async def reopen(viewer: Viewer, reference: str, reason: str) -> None:
    """Open the resolved case again: its clock goes on where it stopped, nothing is given back.

    Raises:
        WindowClosed, ReopenedTooOften, WrongStatus, NotFound, BadText: see there.
    """
    why = text_within_bounds(reason, "reason")
    async with db.transaction():
        work = await steps.begin(viewer, reference, A.REOPEN)
        case = work.case
        await _take_back(case)
        stopped = case.stopped_at or work.at
        pause = clockwork.paused(case.pauses, stopped, capped=False)
        case.pauses = clockwork.resumed(pause, work.at)
        case.reopenings += 1
        await messages.write(work, T.REOPENED, why)
        await steps.finish(work, T.REOPENED, note=why)


async def appeal(viewer: Viewer, reference: str, reason: str) -> None:
    """Appeal against a resolution that was rated poorly: others decide, in a round of their own.

    Raises:
        AppealLocked, WindowClosed, WrongStatus, NotFound, BadText: see there.
    """
    why = text_within_bounds(reason, "reason")
    async with db.transaction():
        work = await steps.begin(viewer, reference, A.APPEAL)
        case = work.case
        await _take_back(case)
        if case.assignee_id is not None:
            case.excluded = [*case.excluded, case.assignee_id]
        case.spent_before = case.resolved_minutes or 0
        case.started_at, case.segments = work.at, [[work.at.isoformat(), case.agency]]
        case.pauses, case.escalation_level, case.appealed_at = [], 0, work.at
        await messages.write(work, T.APPEALED, why)
        await steps.finish(work, T.APPEALED, note=why)


async def _take_back(case: TawasulCase) -> None:
    await facts.append(
        case,
        FactKind.UNRESOLVED,
        on_time=bool(case.on_time),
        minutes=case.resolved_minutes or 0,
    )
    case.closes_at = case.resolved_at = case.resolution = case.on_time = None


async def follow(viewer: Viewer, reference: str) -> None:
    """Follow somebody else's open case, which concerns the viewer too. Again changes nothing.

    Raises:
        NotFound: no such case that anybody may find.
        OwnCase, WrongStatus: see there.
    """
    person, code = viewer.person(), reference.strip().upper()
    async with db.transaction():
        case = await db.locked(TawasulCase.filter(reference=code)).first()
        if case is None or case.hide_identity:
            raise NotFound("reference")
        if case.submitter_id == person:
            raise OwnCase("reference")
        status = TawasulStatus(case.status)
        if await TawasulFollower.filter(case_id=case.id, person_id=person).exists():
            return
        if status not in OPEN or case.followers >= MAX_FOLLOWERS:
            raise wrong(status)
        await TawasulFollower.create(
            id=runtime.new_id(), case_id=case.id, person_id=person, followed_at=runtime.now()
        )
        case.followers += 1
        at = runtime.now()
        work = steps.Work(case, viewer, TawasulPartyKind.CITIZEN, at, await book(), status)
        await steps.finish(work, T.FOLLOWED, moves=False)


__all__ = ["answer_request", "appeal", "follow", "rate", "reopen", "withdraw"]
