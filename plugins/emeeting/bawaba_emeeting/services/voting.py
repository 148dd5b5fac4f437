"""The voting on a motion: open, close, decide a tie, annul."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable

from bawaba import audit, db, idempotency, runtime
from bawaba.viewer import Viewer
from tortoise.expressions import Q

from bawaba_emeeting.domain import (
    LogKind,
    MeetingBallotKind,
    MeetingChoice,
    MeetingMotionStatus,
    MeetingOutcome,
    MeetingStatus,
    MotionTrigger,
    Result,
    Vote,
)
from bawaba_emeeting.models import (
    MeetingBallot,
    MeetingCandidate,
    MeetingElector,
    MeetingMotion,
    MeetingRound,
)
from bawaba_emeeting.refusals import MustDecide, NoQuorum, NotATie, NotPresiding, VotingOpen
from bawaba_emeeting.rules import electorate as law
from bawaba_emeeting.rules import results
from bawaba_emeeting.rules.texts import reason_within
from bawaba_emeeting.services import boxes, log, rounds, vault
from bawaba_emeeting.services.motions import locked, move, round_of, wrong
from bawaba_emeeting.services.presence import proxies_of, recused_from
from bawaba_emeeting.services.sittings import Sitting, Work, require_presiding, require_status

_UNDER_WAY = [MeetingMotionStatus.OPEN.value, MeetingMotionStatus.SUSPENDED.value]
Change = Callable[[Work, MeetingMotion], Awaitable[None]]


async def _once(  # noqa: PLR0913, PLR0917  all that an idempotent change is known by
    viewer: Viewer, verb: str, motion_id: str, key: str, said: str, do: Change
) -> None:
    """Change a motion once per key: lock meeting and motion, do it, in one transaction."""

    async def work() -> str:
        async with db.transaction():
            found, motion = await locked(viewer, motion_id)
            await do(found, motion)
            await idempotency.done(motion_id)
        return motion_id

    await idempotency.once(viewer, f"meeting.{verb}", key, [motion_id, said], work)


async def open_voting(viewer: Viewer, motion_id: str, key: str) -> None:
    """Open the voting; electorate, weights, proxies and rules are frozen now.

    Raises:
        NotFound, Forbidden, NotAMember, NotPresiding, WrongStatus, WrongMotionStatus: see there.
        NoQuorum: too few are there, those who stand aside left out where the rules say so.
        Unavailable: the ballot is secret, and the operator of the portal set no key.
        VotingOpen: another vote is under way.
    """
    await _once(viewer, "open", motion_id, key, "", _open)


async def _open(work: Work, motion: MeetingMotion) -> None:
    sitting = await require_presiding(work)
    require_status(work, MeetingStatus.IN_SESSION)
    recused = await recused_from(motion.id)
    found = sitting.quorum(recused)
    standing = await _standing(motion)
    move(motion, MotionTrigger.OPEN_VOTING)
    if not found.is_met:
        raise NoQuorum("motionId", present=found.present, required=found.required)
    if await MeetingMotion.filter(meeting_id=work.row.id, status__in=_UNDER_WAY).exists():
        raise VotingOpen("motionId")
    voted = await _round(work, sitting, motion, recused, standing)
    motion.round_id, motion.outcome = voted.id, None
    await motion.save()
    await _write(work, motion, LogKind.VOTING_OPENED, round=voted.number)


async def _round(
    work: Work,
    sitting: Sitting,
    motion: MeetingMotion,
    recused: frozenset[str],
    standing: rounds.Standing,
) -> MeetingRound:
    seats, rules = sitting.chamber.seats, sitting.chamber.rules
    proxies = law.allowed(await proxies_of(work.row.id), rules)
    electors = law.freeze(seats, sitting.here, proxies, recused)
    if not electors:
        raise NoQuorum("motionId", present=0, required=1)
    weights = law.weighed(seats, sitting.here, electors, recused, rules)
    key = vault.newest() if motion.ballot == MeetingBallotKind.SECRET.value else None
    voted = MeetingRound(
        id=runtime.new_id(),
        motion_id=motion.id,
        number=await MeetingRound.filter(motion_id=motion.id).count() + 1,
        rule=rounds.frozen(motion, standing, rules, weights, key),
        opened_at=work.at,
    )
    await voted.save(force_create=True)
    await MeetingElector.bulk_create(
        [
            MeetingElector(
                id=runtime.new_id(),
                round_id=voted.id,
                member_id=each.member_id,
                caster_id=each.caster_id,
                weight=each.weight,
                has_voted=False,
            )
            for each in electors
        ]
    )
    return voted


async def _standing(motion: MeetingMotion) -> rounds.Standing:
    """Return who stands: in a second round, void or annulled ones repeated, those left over."""
    last = None if motion.round_id is None else await round_of(motion)
    if last is not None and motion.status == MeetingMotionStatus.RUN_OFF.value:
        return rounds.Standing(tuple(rounds.result_of(last.result).left), run_off=True)
    if last is not None and last.motion_id == motion.id and last.rule["run_off"]:
        return rounds.Standing(tuple(last.rule["candidates"]), run_off=True)
    rows = MeetingCandidate.filter(motion_id=motion.id).order_by("position")
    found = await rows.values_list("id", flat=True)
    return rounds.Standing(tuple(map(str, found)), run_off=False)


async def close_voting(viewer: Viewer, motion_id: str, key: str) -> None:
    """Close the voting and compute the result. Closing again changes nothing.

    Raises:
        NotFound, Forbidden, NotAMember, NotPresiding, WrongMotionStatus: see there.
    """
    await _once(viewer, "close", motion_id, key, "", _close)


async def _close(work: Work, motion: MeetingMotion) -> None:
    await require_presiding(work)
    if motion.status != MeetingMotionStatus.OPEN.value:
        voted = await round_of(motion)
        if voted.closed_at is None or voted.annulled_at is not None or voted.result is None:
            raise wrong(motion)
        return  # closed before: the result stands
    voted = await round_of(motion)
    result = results.decide(
        rounds.ballot_of(voted.rule), rounds.electorate_of(voted.rule), await _cast(motion, voted)
    )
    await _decide(motion, voted, result, _TRIGGERS.get(result.outcome, MotionTrigger.DECIDE))
    if motion.ballot == MeetingBallotKind.SECRET.value:
        await boxes.shut(voted)
    voted.closed_at = work.at
    await voted.save()
    await _write(work, motion, LogKind.VOTING_CLOSED, **rounds.written(result))


_TRIGGERS = {
    MeetingOutcome.TIED: MotionTrigger.TIE,
    MeetingOutcome.RUN_OFF: MotionTrigger.CALL_RUN_OFF,
}


async def _cast(motion: MeetingMotion, voted: MeetingRound) -> list[Vote]:
    if motion.ballot == MeetingBallotKind.SECRET.value:
        return await boxes.votes(voted)
    rows = await MeetingBallot.filter(round_id=voted.id).values_list("choice", "weight")
    return [Vote(choice, weight) for choice, weight in rows]


async def _decide(
    motion: MeetingMotion,
    voted: MeetingRound,
    result: Result,
    trigger: MotionTrigger,
) -> None:
    """Store a result; once it is final, also on the motions that are decided en bloc with it."""
    move(motion, trigger)
    voted.result, motion.outcome = rounds.written(result), result.outcome.value
    await motion.save()
    if motion.status != MeetingMotionStatus.CLOSED.value:
        return
    for member in await _undecided_parts(motion):
        move(member, MotionTrigger.DECIDE)
        member.round_id, member.outcome = voted.id, result.outcome.value
        await member.save()


async def _undecided_parts(motion: MeetingMotion) -> list[MeetingMotion]:
    """Lock the motions that this one decides: never voted on, or annulled together with it."""
    before = await MeetingRound.filter(motion_id=motion.id).values_list("id", flat=True)
    open_ones = Q(status=MeetingMotionStatus.PROPOSED.value) | Q(
        status=MeetingMotionStatus.ANNULLED.value, round_id__in=list(before)
    )
    parts = MeetingMotion.filter(open_ones, bloc_id=motion.id)
    return list(await db.locked(parts.order_by("id")))


async def cast_deciding(viewer: Viewer, motion_id: str, choice: MeetingChoice, key: str) -> None:
    """Decide a tie of Yes and No by the casting vote of whoever presides.

    Raises:
        NotFound, Forbidden, NotAMember, WrongMotionStatus: see there.
        NotPresiding: the operator does not decide; only who presides over this motion: of those
            who do not stand aside from it.
        NotATie: candidates are tied, or nothing is. MustDecide: it is an abstention.
    """
    if choice is MeetingChoice.ABSTAIN:
        raise MustDecide("choice")

    async def do(work: Work, motion: MeetingMotion) -> None:
        sitting = await work.sitting()
        if sitting.chair_of(await recused_from(motion.id)) != work.me["id"]:
            raise NotPresiding("motionId")
        voted, tied = await _tie(motion, candidates=False)
        voted.casting_by, voted.casting_choice = work.me["id"], choice.value
        result = results.after_casting_vote(tied, choice)
        await _settle(work, motion, voted, result, LogKind.CASTING_VOTE)

    await _once(viewer, "deciding", motion_id, key, choice.value, do)


async def draw_lot(viewer: Viewer, motion_id: str, key: str) -> None:
    """Decide a tied second round of an election by lot: 256 random bits, which are published.

    The candidate drawn is that at ``bits mod number`` in the order of ids.

    Raises as :func:`open_voting`; NotATie: no candidates are tied.
    """

    async def do(work: Work, motion: MeetingMotion) -> None:
        await require_presiding(work)
        voted, tied = await _tie(motion, candidates=True)
        voted.lot = secrets.token_hex(32)
        drawn = sorted(tied.left)[int(voted.lot, 16) % len(tied.left)]
        await _settle(work, motion, voted, results.after_lot(tied, drawn), LogKind.LOT_DRAWN)

    await _once(viewer, "lot", motion_id, key, "", do)


async def _tie(motion: MeetingMotion, *, candidates: bool) -> tuple[MeetingRound, Result]:
    if motion.status != MeetingMotionStatus.TIED.value:
        raise NotATie("motionId")
    voted = await round_of(motion)
    tied = rounds.result_of(voted.result)
    if bool(tied.left) is not candidates:
        raise NotATie("motionId")
    return voted, tied


async def _settle(
    work: Work, motion: MeetingMotion, voted: MeetingRound, result: Result, kind: LogKind
) -> None:
    await _decide(motion, voted, result, MotionTrigger.CAST_DECIDING)
    await voted.save()
    more = {"lot": voted.lot} if voted.lot else {"choice": voted.casting_choice}
    await _write(work, motion, kind, **more, **rounds.written(result))


async def annul(viewer: Viewer, motion_id: str, reason: str, key: str) -> None:
    """Annul the voting, open or closed. Its ballots are kept; it may be opened again.

    Raises as :func:`open_voting`.
    """
    why = reason_within(reason)

    async def do(work: Work, motion: MeetingMotion) -> None:
        await require_presiding(work)
        require_status(work, MeetingStatus.IN_SESSION)
        voted = await round_of(motion)
        if voted.motion_id != motion.id:
            raise wrong(motion)  # decided en bloc: annul the motion that stood for it
        await _annul(work, motion, voted, why)

    await _once(viewer, "annul", motion_id, key, why, do)


async def _annul(work: Work, motion: MeetingMotion, voted: MeetingRound, why: str) -> None:
    move(motion, MotionTrigger.ANNUL)
    motion.outcome = None
    await motion.save()
    if motion.ballot == MeetingBallotKind.SECRET.value and voted.closed_at is None:
        await boxes.put_away(voted)
    voted.closed_at = voted.closed_at or work.at
    voted.annulled_at, voted.annulled_reason = work.at, why
    await voted.save()
    decided = MeetingMotion.filter(
        bloc_id=motion.id, status=MeetingMotionStatus.CLOSED.value, round_id=voted.id
    )
    for member in await db.locked(decided.order_by("id")):
        move(member, MotionTrigger.ANNUL)
        member.outcome = None
        await member.save()
    await audit.record(
        work.viewer, "meeting.voting.annulled", f"MeetingMotion:{motion.id}", {"reason": why}
    )
    await _write(work, motion, LogKind.VOTING_ANNULLED, reason=why, round=voted.number)


async def _write(work: Work, motion: MeetingMotion, kind: LogKind, **data: object) -> None:
    await log.append(work.row, kind, work.viewer, subject=motion.id, by_id=work.me["id"], data=data)
    await work.row.save()
    bloc = await MeetingMotion.filter(bloc_id=motion.id).order_by("id").values_list("id", flat=True)
    await log.announce(work.row.id, kind.value, motion.id, *map(str, bloc))


__all__ = ["annul", "cast_deciding", "close_voting", "draw_lot", "open_voting"]
