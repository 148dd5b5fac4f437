"""Motions: propose, stand aside; and a motion as it is being changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bawaba import db, runtime
from bawaba.errors import NotFound
from bawaba.viewer import Viewer

from bawaba_emeeting.domain import (
    MAX_BLOC,
    MAX_CANDIDATES,
    MAX_MOTIONS,
    MAX_OWN_MOTIONS,
    MOTION,
    LogKind,
    MeetingBallotKind,
    MeetingMajority,
    MeetingMajorityBase,
    MeetingMotionStatus,
    MeetingRole,
    MotionTrigger,
)
from bawaba_emeeting.models import (
    MeetingAgendaItem,
    MeetingCandidate,
    MeetingMotion,
    MeetingRecusal,
    MeetingRound,
)
from bawaba_emeeting.refusals import (
    AgendaFull,
    BadBloc,
    BadCandidates,
    BadMajority,
    NotAVotingMember,
    Recused,
    WrongMotionStatus,
)
from bawaba_emeeting.rules.texts import reason_within, text_within, title_within
from bawaba_emeeting.rules.words import MOTION_WORDS
from bawaba_emeeting.services import log
from bawaba_emeeting.services.councils import seat_of
from bawaba_emeeting.services.sittings import Work, begin, require_not_over


@dataclass(frozen=True, slots=True)
class NewMotion:
    """A motion as it is proposed.

    Args:
        candidates: (name, member's id or None) of an election.
        bloc: ids of motions that are decided together by this one.
    """

    item: str
    text: str
    ballot: MeetingBallotKind
    majority: MeetingMajority
    base: MeetingMajorityBase
    candidates: Sequence[tuple[str, str | None]] = ()
    bloc: Sequence[str] = ()


async def propose(viewer: Viewer, asked: NewMotion) -> str:
    """Put a motion on an item of the agenda; return its id.

    Raises:
        NotFound, Forbidden, NotAMember, WrongStatus: see ``sittings``; no such item.
        BadText, BadMajority, AgendaFull, BadCandidates, BadBloc: see there.
    """
    text = text_within(asked.text, "text")
    async with db.transaction():
        item = await MeetingAgendaItem.filter(id=asked.item).first()
        if item is None:
            raise NotFound("agendaItemId")
        work = await begin(viewer, item.meeting_id, path="agendaItemId")
        require_not_over(work)
        _check_majority(work, asked)
        there = await _room(work, item)
        motion = MeetingMotion(
            id=runtime.new_id(),
            meeting_id=work.row.id,
            item_id=item.id,
            position=there + 1,
            text=text,
            ballot=asked.ballot.value,
            majority=asked.majority.value,
            base=asked.base.value,
            status=MOTION.initial.value,
            proposed_by=work.me["id"],
            proposed_at=work.at,
        )
        await motion.save(force_create=True)
        await _candidates(work, motion, asked.candidates)
        await _bloc(motion, asked)
        await _write(work, LogKind.MOTION_PROPOSED, motion)
    return motion.id


def _check_majority(work: Work, asked: NewMotion) -> None:
    rules = work.chamber.rules
    if asked.majority not in rules.majorities:
        raise BadMajority("majority")
    if asked.base not in rules.bases:
        raise BadMajority("base")


async def _room(work: Work, item: MeetingAgendaItem) -> int:
    """Return how many motions the item has: fewer than may be, the proposer's own included."""
    motions = MeetingMotion.filter(item_id=item.id)
    there = await motions.count()
    if there >= MAX_MOTIONS:
        raise AgendaFull("agendaItemId", most=MAX_MOTIONS)
    own = await motions.filter(proposed_by=work.me["id"]).count()
    if MeetingRole(work.me["role"]) is MeetingRole.MEMBER and own >= MAX_OWN_MOTIONS:
        raise AgendaFull("agendaItemId", most=MAX_OWN_MOTIONS)
    return there


async def _candidates(
    work: Work, motion: MeetingMotion, given: Sequence[tuple[str, str | None]]
) -> None:
    names = [title_within(name, "candidates") for name, _ in given]
    members = [member for _, member in given if member is not None]
    known = all(work.chamber.member(member) is not None for member in members)
    distinct = len(set(names)) == len(names) and len(set(members)) == len(members)
    if len(given) > MAX_CANDIDATES or not known or not distinct:
        raise BadCandidates("candidates", most=MAX_CANDIDATES)
    await MeetingCandidate.bulk_create(
        [
            MeetingCandidate(
                id=runtime.new_id(),
                motion_id=motion.id,
                position=position,
                name=name,
                member_id=member,
            )
            for position, (name, (_, member)) in enumerate(zip(names, given, strict=True), 1)
        ]
    )


async def _bloc(motion: MeetingMotion, asked: NewMotion) -> None:
    if not asked.bloc:
        return
    wanted = set(asked.bloc)
    mine = MeetingMotion.filter(
        id__in=list(wanted),
        meeting_id=motion.meeting_id,
        status=MeetingMotionStatus.PROPOSED.value,
        ballot=motion.ballot,
        majority=motion.majority,
        base=motion.base,
        bloc_id=None,
    )
    found = await mine.values_list("id", flat=True)
    elections = await MeetingCandidate.filter(motion_id__in=list(wanted)).exists()
    if len(found) != len(wanted) or len(wanted) > MAX_BLOC or elections or asked.candidates:
        raise BadBloc("enBloc")
    await MeetingMotion.filter(id__in=list(wanted)).update(bloc_id=motion.id)


async def _write(work: Work, kind: LogKind, motion: MeetingMotion) -> None:
    await log.append(
        work.row,
        kind,
        work.viewer,
        subject=motion.id,
        member=work.me["id"] if kind is LogKind.RECUSED else None,
        by_id=work.me["id"],
    )
    await work.row.save()
    await log.announce(work.row.id, kind.value, motion.id)


async def recuse(viewer: Viewer, motion_id: str, reason: str) -> None:
    """Stand aside from a motion, before its voting opens.

    Raises:
        NotFound, Forbidden, NotAMember: see ``sittings.begin``; no such motion.
        NotAVotingMember: the seat does not vote.
        Recused: already, or the voting has begun.
    """
    why = reason_within(reason)
    async with db.transaction():
        work, motion = await locked(viewer, motion_id)
        require_not_over(work)
        if not seat_of(work.me).votes:
            raise NotAVotingMember("motionId")
        both = [motion]
        if motion.bloc_id is not None:  # whose parts are decided by its vote
            both.append(await db.locked(MeetingMotion.filter(id=motion.bloc_id)).get())
        begun = not all(_may_open(each) for each in both)
        mine = MeetingRecusal.filter(motion_id=motion_id, member_id=work.me["id"])
        if begun or await mine.exists():
            raise Recused("motionId")
        await MeetingRecusal.create(
            id=runtime.new_id(), motion_id=motion_id, member_id=work.me["id"], reason=why
        )
        await _write(work, LogKind.RECUSED, motion)


def _may_open(motion: MeetingMotion) -> bool:
    return MOTION.allows(MeetingMotionStatus(motion.status), MotionTrigger.OPEN_VOTING)


async def locked(viewer: Viewer, motion_id: str) -> tuple[Work, MeetingMotion]:
    """Lock the meeting of a motion, then the motion.

    Raises as ``sittings.begin``; NotFound: no such motion.
    """
    found = await MeetingMotion.filter(id=motion_id).values_list("meeting_id", flat=True)
    if not found:
        raise NotFound("motionId")
    work = await begin(viewer, str(found[0]), path="motionId")
    return work, await db.locked(MeetingMotion.filter(id=motion_id)).get()


async def round_of(motion: MeetingMotion) -> MeetingRound:
    """Return the round of voting under way, or the last one.

    Raises:
        WrongMotionStatus: there was none.
    """
    if motion.round_id is None:
        raise wrong(motion)
    return await MeetingRound.get(id=motion.round_id)


def wrong(motion: MeetingMotion) -> WrongMotionStatus:
    """Return the refusal that says where the motion stands."""
    words = MOTION_WORDS[MeetingMotionStatus(motion.status)]
    return WrongMotionStatus("motionId", status=words.en, status_ar=words.ar)


def move(motion: MeetingMotion, trigger: MotionTrigger) -> None:
    """Move the motion on by its table.

    Raises:
        WrongMotionStatus: the table has no such edge.
    """
    status = MeetingMotionStatus(motion.status)
    if not MOTION.allows(status, trigger):
        raise wrong(motion)
    motion.status = MOTION.next(status, trigger).value
