"""Casting a vote, once; and what one's own ballot paper says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bawaba import db, idempotency, runtime
from bawaba.errors import NotFound
from bawaba.graphql import global_id
from bawaba.text import Text
from bawaba.viewer import Viewer

from bawaba_emeeting.domain import MeetingBallotKind, MeetingChoice, MeetingMotionStatus
from bawaba_emeeting.models import MeetingBallot, MeetingElector, MeetingMotion, MeetingRound
from bawaba_emeeting.refusals import (
    AlreadyVoted,
    BadChoice,
    NotEntitled,
    NotThere,
    OtherRound,
)
from bawaba_emeeting.rules import box
from bawaba_emeeting.services import boxes, councils, log, rounds, sittings
from bawaba_emeeting.services.councils import Row
from bawaba_emeeting.services.motions import round_of, wrong
from bawaba_emeeting.services.sittings import Work, begin


@dataclass(frozen=True, slots=True)
class Cast:
    """A vote as it is sent: a choice, or a candidate's id; for oneself or for ``member``."""

    motion: str
    choice: MeetingChoice | None
    candidates: Sequence[str] = ()
    member: str | None = None
    nonce: str | None = None


async def cast(viewer: Viewer, asked: Cast, key: str) -> list[str]:
    """Count a vote once per key; return the receipts of a secret ballot, one for each unit.

    The idempotency record of a secret ballot holds the motion, for whom it was cast and in which
    round: neither what, nor a hash of it. A repeated request recomputes the receipts from the
    number it sends.

    Raises:
        NotFound, Forbidden, NotAMember: see ``sittings.begin``; no such motion.
        WrongMotionStatus: the voting is not open.
        NotEntitled, NotThere, AlreadyVoted, BadChoice, BadNonce, UsedNonce, OtherRound: see there.
    """
    secret = await _ballot(asked.motion) is MeetingBallotKind.SECRET

    async def work() -> str:
        async with db.transaction():
            round_id = await _count(viewer, asked)
            await idempotency.done(round_id)
        return round_id

    said: list[Any] = [asked.motion, asked.member]
    if not secret:
        said += [asked.choice.value if asked.choice else None, list(asked.candidates)]
    round_id = await idempotency.once(viewer, "meeting.cast", key, said, work)
    if await MeetingMotion.filter(id=asked.motion).exclude(round_id=round_id).exists():
        raise OtherRound("idempotencyKey")
    return await _receipts(viewer, asked, round_id) if secret else []


async def _ballot(motion_id: str) -> MeetingBallotKind:
    found = await MeetingMotion.filter(id=motion_id).values_list("ballot", flat=True)
    if not found:
        raise NotFound("motionId")
    return MeetingBallotKind(found[0])


async def _count(viewer: Viewer, asked: Cast) -> str:
    """Store the vote in the current transaction; return the id of the round.

    The voter is locked before the motion, as everywhere: a vote and a check-in of the same member
    at once do not wait for each other.
    """
    found = await MeetingMotion.filter(id=asked.motion).values_list("meeting_id", flat=True)
    if not found:
        raise NotFound("motionId")
    work = await begin(viewer, str(found[0]), path="motionId", share=True)
    motion = await db.locked(MeetingMotion.filter(id=asked.motion)).get()
    if motion.status != MeetingMotionStatus.OPEN.value:
        raise wrong(motion)
    voted = await round_of(motion)
    choice = _choice(voted, asked)
    elector = await _elector(work, voted, asked.member)
    if motion.ballot == MeetingBallotKind.SECRET.value:
        await _secretly(voted, elector, asked, choice)
    else:
        await _openly(work, voted, elector, choice)
    await log.announce(motion.meeting_id, log.VOTE_CAST, motion.id)
    return voted.id


def _choice(voted: MeetingRound, asked: Cast) -> str:
    """Return what is said: YES, NO, ABSTAIN, or the id of a candidate who stands."""
    standing = voted.rule["candidates"]
    if standing and len(asked.candidates) == 1 and asked.choice is None:
        if asked.candidates[0] in standing:
            return asked.candidates[0]
        raise BadChoice("candidateIds")
    plain = asked.choice is not None and not asked.candidates
    if not plain or (standing and asked.choice is not MeetingChoice.ABSTAIN):
        raise BadChoice("choice")
    return asked.choice.value if asked.choice else ""


async def _elector(work: Work, voted: MeetingRound, member: str | None) -> MeetingElector:
    mine = MeetingElector.filter(
        round_id=voted.id, member_id=member or work.me["id"], caster_id=work.me["id"]
    )
    elector = await db.locked(mine).first()
    if elector is None:
        raise NotEntitled("onBehalfOf" if member else "motionId")
    if work.me["id"] not in (await work.sitting()).under(rounds.rules_of(voted.rule)).here:
        raise NotThere("motionId")
    return elector


async def _secretly(voted: MeetingRound, elector: MeetingElector, asked: Cast, choice: str) -> None:
    if elector.has_voted:
        raise AlreadyVoted("motionId")
    box.nonce_bytes(asked.nonce)
    elector.has_voted = True
    await elector.save(update_fields=["has_voted"])
    units = range(elector.weight)
    await boxes.drop(voted, choice, [_commitment(asked, unit) for unit in units])


async def _openly(work: Work, voted: MeetingRound, elector: MeetingElector, choice: str) -> None:
    if not elector.has_voted:
        elector.has_voted = True
        await elector.save(update_fields=["has_voted"])
        await MeetingBallot.create(
            id=runtime.new_id(),
            round_id=voted.id,
            member_id=elector.member_id,
            caster_id=elector.caster_id,
            choice=choice,
            weight=elector.weight,
            cast_at=work.at,
        )
        return
    if not rounds.rules_of(voted.rule).change_allowed:
        raise AlreadyVoted("motionId")
    mine = MeetingBallot.filter(
        round_id=voted.id, member_id=elector.member_id, caster_id=elector.caster_id
    )
    await mine.update(choice=choice, cast_at=work.at)


def _commitment(asked: Cast, unit: int) -> str:
    """Return the receipt of a unit, over what the front end knows: global ids."""
    said = boxes.shown(asked.choice.value if asked.choice else asked.candidates[0])
    return box.commitment(global_id("MeetingMotion", asked.motion), said, str(asked.nonce), unit)


async def _receipts(viewer: Viewer, asked: Cast, round_id: str) -> list[str]:
    """Return the receipts, of which the box must hold every one.

    Raises:
        BadNonce: the number is none.
        AlreadyVoted: the key was used for another ballot: what is asked for does not lie there.
    """
    box.nonce_bytes(asked.nonce)
    voted = await MeetingRound.get(id=round_id)
    paper = await my_ballot(viewer, asked.motion)
    me = paper.me["id"] if paper is not None and paper.me is not None else ""
    mine = MeetingElector.filter(round_id=round_id, member_id=asked.member or me, caster_id=me)
    receipts = [
        _commitment(asked, unit)
        for weight in await mine.values_list("weight", flat=True)
        for unit in range(int(weight))  # type: ignore[call-overload]
    ]
    if not receipts or not await boxes.holds(voted, receipts):
        raise AlreadyVoted("motionId")
    return receipts


@dataclass(frozen=True, slots=True)
class Paper:
    """One's own ballot paper.

    Args:
        weight: of one's own vote and those given to one; others: for whom else one casts.
        why: in a sentence, why one cannot vote now.
    """

    me: Row | None
    is_entitled: bool
    has_voted: bool
    can_vote: bool
    why: Text | None
    weight: int
    others: Sequence[Row]
    meeting_id: str = ""


_WHY = {
    "none": Text("You hold no vote in this council.", "ليس لك صوت في هذا المجلس."),
    "closed": Text("The voting is not open.", "التصويت غير مفتوح."),
    "entitled": Text(
        "You were not there when voting opened, or stand aside.",
        "لم تكن حاضراً عند فتح التصويت أو أنك متنحٍ.",
    ),
    "away": Text("Check in to the meeting first.", "سجّل حضورك في الاجتماع أولاً."),
    "voted": Text("You have voted.", "أدليت بصوتك."),
}


async def my_ballot(viewer: Viewer, motion_id: str) -> Paper | None:
    """Return the viewer's ballot paper of a motion; None: there is no such motion to see."""
    motion = await MeetingMotion.filter(id=motion_id).first()
    if motion is None:
        return None
    pairs = await sittings.seen(viewer, [motion.meeting_id])
    if not pairs:
        return None
    meeting, council = pairs[0]
    sitting = await sittings.sitting_of(meeting, council)
    me = sitting.chamber.of_person(viewer.person())
    if me is None or not councils.seat_of(me).votes:
        return Paper(
            None,
            is_entitled=False,
            has_voted=False,
            can_vote=False,
            why=_WHY["none"],
            weight=0,
            others=(),
        )
    rows = []
    if motion.round_id is not None:
        mine = MeetingElector.filter(round_id=motion.round_id, caster_id=me["id"])
        rows = await mine.order_by("member_id").values("member_id", "weight", "has_voted")
    change, here = False, me["id"] in sitting.here
    if motion.round_id is not None:
        rules = rounds.rules_of((await MeetingRound.get(id=motion.round_id)).rule)
        change = rules.change_allowed and motion.ballot == MeetingBallotKind.OPEN.value
        here = me["id"] in sitting.under(rules).here
    left = [row for row in rows if change or not row["has_voted"]]
    why = _why(motion, rows=bool(rows), here=here, left=bool(left))
    others = [sitting.chamber.member(row["member_id"]) for row in rows]
    return Paper(
        me,
        is_entitled=bool(rows),
        has_voted=bool(rows) and all(row["has_voted"] for row in rows),
        can_vote=why is None,
        why=why,
        weight=sum(row["weight"] for row in rows),
        others=[other for other in others if other is not None and other["id"] != me["id"]],
        meeting_id=motion.meeting_id,
    )


def _why(motion: MeetingMotion, *, rows: bool, here: bool, left: bool) -> Text | None:
    if motion.status != MeetingMotionStatus.OPEN.value:
        return _WHY["closed"]
    if not rows:
        return _WHY["entitled"]
    if not here:
        return _WHY["away"]
    return None if left else _WHY["voted"]
