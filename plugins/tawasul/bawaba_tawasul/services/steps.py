"""One step of a case: lock, check, change, and everything that goes with it in the transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, field

from bawaba import db, live, runtime
from bawaba.errors import Forbidden, NotFound
from bawaba.viewer import Viewer

from bawaba_tawasul.clock.timeline import Run
from bawaba_tawasul.domain import (
    CASE,
    OPEN,
    PUBLIC_STEPS,
    SILENT_NOTES,
    CaseTrigger,
    Sight,
    TawasulAction,
    TawasulPartyKind,
    TawasulStatus,
    TawasulStep,
)
from bawaba_tawasul.models import TawasulCase, TawasulCategory, TawasulHistory, TawasulWords
from bawaba_tawasul.refusals import IsDuplicate
from bawaba_tawasul.rules import access, clockwork
from bawaba_tawasul.rules.reasons import why_not
from bawaba_tawasul.rules.texts import indexed
from bawaba_tawasul.services.book import Book, book
from bawaba_tawasul.services.cases import AGENCY_TOPIC, DESK_TOPIC, TOPIC, facts_of, followed

__all__ = [
    "Work",
    "announce",
    "begin",
    "begin_alone",
    "begin_desk",
    "begin_member",
    "finish",
    "index",
    "set_deadlines",
]


@dataclass
class Work:
    """A case being changed: its locked row, by whom, when, and what it was."""

    case: TawasulCase
    viewer: Viewer | None
    side: TawasulPartyKind
    at: dt.datetime
    book: Book
    was: TawasulStatus
    agencies: set[str] = field(default_factory=set)
    words_changed: bool = False

    @property
    def actor(self) -> str:
        """The id of the person who acts."""
        return self.viewer.person() if self.viewer else ""

    @property
    def run(self) -> Run:
        """The clock of the case as it is stored now."""
        case = self.case
        return clockwork.run_of(case.started_at, case.segments, case.pauses, self.book.of)


async def begin(viewer: Viewer, reference: str, action: TawasulAction) -> Work:
    """Lock the case and check that the viewer may do ``action`` with it now.

    Raises:
        NotFound: there is no such case of which the viewer sees anything.
        Forbidden: the viewer sees it, but this is not theirs to do.
        Refusal: it cannot be done now; the class says why.
    """
    viewer.person()
    query = TawasulCase.filter(reference=reference.strip().upper())
    case = await db.locked(query).first()
    if case is None:
        raise NotFound("reference")
    facts, at = facts_of(case), runtime.now()
    follows = bool(await followed(viewer, [case.id]))
    seen = access.sight(facts, viewer, follows=follows)
    if seen is Sight.NONE:
        raise NotFound("reference")
    if action not in access.allowed(facts, viewer, seen, at):
        await _refuse(case, facts, viewer, seen, action)
    return await _work(case, viewer, _SIDES[seen], at)


_SIDES = {
    Sight.SUMMARY: TawasulPartyKind.CITIZEN,
    Sight.OWN: TawasulPartyKind.CITIZEN,
    Sight.DESK: TawasulPartyKind.AGENCY,
    Sight.ARBITER: TawasulPartyKind.ARBITER,
}


async def _refuse(
    case: TawasulCase,
    facts: access.CaseFacts,
    viewer: Viewer,
    seen: Sight,
    action: TawasulAction,
) -> None:
    reason = why_not(facts, viewer, seen, action)
    if reason is None:
        raise Forbidden
    if reason is IsDuplicate:
        head = await TawasulCase.get(id=case.duplicate_of_id)
        raise IsDuplicate("reference", reference=head.reference)
    raise reason


async def begin_alone(case_id: str) -> Work | None:
    """Lock a case on which the platform itself acts; None: there is none."""
    case = await db.locked(TawasulCase.filter(id=case_id)).first()
    if case is None:
        return None
    return await _work(case, None, TawasulPartyKind.PLATFORM, runtime.now())


async def begin_member(work: Work, case: TawasulCase) -> Work:
    """Return the work on another, locked case of the family that ``work`` is about."""
    return Work(case, work.viewer, work.side, work.at, work.book, TawasulStatus(case.status))


async def begin_desk(case: TawasulCase, viewer: Viewer) -> Work:
    """Return the work of somebody at the desk on a case that is locked and checked already."""
    return await _work(case, viewer, TawasulPartyKind.AGENCY, runtime.now())


async def _work(
    case: TawasulCase, viewer: Viewer | None, side: TawasulPartyKind, at: dt.datetime
) -> Work:
    return Work(case, viewer, side, at, await book(), TawasulStatus(case.status))


async def finish(
    work: Work, step: TawasulStep, *, note: str = "", moves: bool = True
) -> TawasulHistory:
    """Store the step: next status, deadlines, history line, words, live events.

    Args:
        moves: whether the step is a trigger of the machine; otherwise the status stays.

    Raises:
        IllegalTransition: the machine has no such edge; ``begin`` should have refused.
    """
    case = work.case
    before = TawasulStatus(case.status)
    after = CASE.next(before, CaseTrigger[step.name]) if moves else before
    case.status, case.steps = after.value, case.steps + 1
    set_deadlines(work)
    await case.save()
    if work.words_changed or (before in OPEN) != (after in OPEN):
        await index(case)
    entry = line(work, step, before=before, note=note)
    await entry.save(force_create=True)
    also = {case.transfer_to} if case.transfer_to else set()
    await announce(case, step, {case.agency, *work.agencies, *also})
    return entry


def line(
    work: Work, step: TawasulStep, *, before: TawasulStatus | None = None, note: str = ""
) -> TawasulHistory:
    """Return the line of a step for the case's history, to be stored; ``before``: if it moved."""
    case = work.case
    return TawasulHistory(
        id=runtime.new_id(),
        case_id=case.id,
        number=case.steps,
        at=work.at,
        kind=step.value,
        status_from=(before or TawasulStatus(case.status)).value,
        status_to=case.status,
        note=note,
        public=step in PUBLIC_STEPS and step not in SILENT_NOTES,
        agency=case.agency,
        actor_kind=work.side.value,
        actor_id=work.viewer.person_id if work.viewer else None,
    )


def set_deadlines(work: Work) -> None:
    """Read the deadlines off the case's clock and put them into its columns."""
    case = work.case
    if TawasulStatus(case.status) not in OPEN:
        case.stopped_at = case.stopped_at or work.at
        case.escalates_at = case.paused_at = case.pause_ends_at = None
        return
    ladder = work.book.ladder(case.agency, runtime.local_day(case.started_at))
    found = clockwork.deadline(
        work.run, case.target_minutes, case.first_reply_minutes, case.escalation_level, ladder
    )
    case.stopped_at = None
    case.due_at, case.first_reply_due_at = found.due_at, found.first_reply_due_at
    case.escalates_at = found.escalates_at
    case.paused_at, case.pause_ends_at = found.paused_at, found.pause_ends_at
    case.calendar = work.book.number(case.agency)


async def index(case: TawasulCase) -> None:
    """Store by which words the case is found."""
    category = await TawasulCategory.get(id=case.category_id)
    texts = (
        case.reference, case.subject, case.body, case.address, category.name_en, category.name_ar
    )  # fmt: skip
    words, is_open = indexed(texts, agency=case.agency), case.stopped_at is None
    if not await TawasulWords.filter(case_id=case.id).update(words=words, is_open=is_open):
        await TawasulWords.create(case_id=case.id, words=words, is_open=is_open)


async def announce(case: TawasulCase, step: TawasulStep, agencies: Collection[str]) -> None:
    """Emit the step to whoever watches the case, and to the agencies' desks."""
    await live.emit_all(events_of(case, step, agencies))


def events_of(
    case: TawasulCase, step: TawasulStep, agencies: Collection[str] = ()
) -> list[live.NewEvent]:
    """Return what tells of a step: to who watches the case, and to the agencies' desks."""
    topics = {f"{AGENCY_TOPIC}{agency}" for agency in agencies}
    topics.add(DESK_TOPIC + case.id)
    if step in PUBLIC_STEPS:
        topics.add(TOPIC + case.id)
    return [live.NewEvent(topic, step.value, {"case": case.id}) for topic in sorted(topics)]
