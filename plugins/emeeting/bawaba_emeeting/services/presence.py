"""Who comes, leaves, takes part from afar; and what that does to a vote under way."""

from __future__ import annotations

from bawaba import db
from bawaba.errors import Forbidden, NotFound
from bawaba.viewer import Viewer

from bawaba_emeeting.domain import (
    MOTION,
    PRESENCE_KINDS,
    LogKind,
    MeetingAttendanceStatus,
    MeetingBallotKind,
    MeetingMotionStatus,
    MeetingQuorumLossPolicy,
    MeetingRole,
    MotionTrigger,
    Proxy,
    Rules,
)
from bawaba_emeeting.models import MeetingMotion, MeetingProxy, MeetingRecusal, MeetingRound
from bawaba_emeeting.refusals import NoRemote, NotAVotingMember
from bawaba_emeeting.rules.texts import reason_within
from bawaba_emeeting.services import boxes, log, rounds
from bawaba_emeeting.services.councils import seat_of
from bawaba_emeeting.services.sittings import Sitting, Work, begin, require_not_over

_OWN = frozenset({MeetingAttendanceStatus.LEFT, MeetingAttendanceStatus.EXCUSED})
"""What a member may say of themselves, beside checking in."""
_RECORDERS = frozenset({MeetingRole.OPERATOR, MeetingRole.SECRETARY})


async def check_in(viewer: Viewer, meeting_id: str, *, remote: bool) -> None:
    """Have a member come to the meeting with the device that asks.

    Raises:
        NotFound, Forbidden, NotAMember: see ``sittings.begin``.
        NotAVotingMember: the seat serves; only those who vote are counted.
        NoRemote: the rules do not allow to take part from afar.
        WrongStatus: the meeting is over.
    """
    status = MeetingAttendanceStatus.REMOTE if remote else MeetingAttendanceStatus.PRESENT
    async with db.transaction():
        work = await begin(viewer, meeting_id)
        await _record(work, work.me["id"], status, "")


async def record(
    viewer: Viewer,
    meeting_id: str,
    member_id: str,
    status: MeetingAttendanceStatus,
    reason: str | None,
) -> None:
    """Write down how a member attends: the operator or secretary; a member that they leave.

    Raises as :func:`check_in`, and:
        NotFound: no such member.
        Forbidden: it is about somebody else.
    """
    why = reason_within(reason) if reason else ""
    async with db.transaction():
        work = await begin(viewer, meeting_id)
        serves = MeetingRole(work.me["role"]) in _RECORDERS
        if not serves and (member_id != work.me["id"] or status not in _OWN):
            raise Forbidden
        if work.chamber.member(member_id) is None:
            raise NotFound("memberId")
        await _record(work, member_id, status, why)


async def _record(work: Work, member_id: str, status: MeetingAttendanceStatus, reason: str) -> None:
    require_not_over(work)
    member = work.chamber.member(member_id)
    if member is None or not seat_of(member).votes:
        raise NotAVotingMember("memberId")
    if status is MeetingAttendanceStatus.REMOTE and not work.chamber.rules.remote_counts:
        raise NoRemote("remote")
    before = await work.sitting()
    change = before.presence.get(member_id)
    if change is not None and change.status is status:
        return
    kind = PRESENCE_KINDS[status]
    more = {"reason": reason} if reason else {}
    await log.append(work.row, kind, work.viewer, member=member_id, by_id=work.me["id"], data=more)
    touched = await interrupt(work, await work.sitting())
    await work.row.save()
    await log.announce_moved(work.row.id, kind.value, touched)


async def interrupt(work: Work, sitting: Sitting) -> dict[str, str]:
    """Suspend, resume or make void the vote under way, as the rules say; return what moved."""
    open_ones = MeetingMotion.filter(
        meeting_id=work.row.id,
        status__in=[MeetingMotionStatus.OPEN.value, MeetingMotionStatus.SUSPENDED.value],
    )
    moved: dict[str, str] = {}
    for motion in await db.locked(open_ones.order_by("id")):
        voted = await MeetingRound.get(id=motion.round_id)
        rules = rounds.rules_of(voted.rule)
        met = sitting.under(rules).quorum(await recused_from(motion.id)).is_met
        trigger = _trigger(MeetingMotionStatus(motion.status), rules, met=met)
        if trigger is None:
            continue
        motion.status = MOTION.next(MeetingMotionStatus(motion.status), trigger).value
        await motion.save(update_fields=["status"])
        if trigger is MotionTrigger.MAKE_VOID:
            await _shut(work, motion, voted)
        await log.append(work.row, _LINES[trigger], None, subject=motion.id)
        moved[motion.id] = _LINES[trigger].value
    return moved


async def _shut(work: Work, motion: MeetingMotion, voted: MeetingRound) -> None:
    if motion.ballot == MeetingBallotKind.SECRET.value:
        await boxes.put_away(voted)
    voted.closed_at = work.at
    await voted.save()


_LINES = {
    MotionTrigger.LOSE_QUORUM: LogKind.VOTING_SUSPENDED,
    MotionTrigger.REGAIN_QUORUM: LogKind.VOTING_RESUMED,
    MotionTrigger.MAKE_VOID: LogKind.VOTING_VOID,
}


def _trigger(status: MeetingMotionStatus, rules: Rules, *, met: bool) -> MotionTrigger | None:
    if status is MeetingMotionStatus.SUSPENDED:
        return MotionTrigger.REGAIN_QUORUM if met else None
    if met:
        return None
    return {
        MeetingQuorumLossPolicy.SUSPEND: MotionTrigger.LOSE_QUORUM,
        MeetingQuorumLossPolicy.VOID: MotionTrigger.MAKE_VOID,
        MeetingQuorumLossPolicy.CONTINUE: None,
    }[rules.on_quorum_loss]


async def recused_from(motion_id: str) -> frozenset[str]:
    """Return the members who stand aside from a motion, or from one that is put with it en bloc."""
    parts = await MeetingMotion.filter(bloc_id=motion_id).values_list("id", flat=True)
    rows = MeetingRecusal.filter(motion_id__in=[motion_id, *parts])
    return frozenset(await rows.values_list("member_id", flat=True))  # type: ignore[arg-type]


async def proxies_of(meeting_id: str) -> list[Proxy]:
    """Return the votes given for a meeting that stand, in the order in which they were given."""
    rows = MeetingProxy.filter(meeting_id=meeting_id, revoked_at=None).order_by("given_at", "id")
    found = await rows.values("giver_id", "holder_id", "weight")
    return [Proxy(row["giver_id"], row["holder_id"], row["weight"]) for row in found]
