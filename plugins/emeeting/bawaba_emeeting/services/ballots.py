"""Reading motions: candidates, counts, open ballots; what must stay hidden stays so."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bawaba.errors import NotFound
from bawaba.viewer import Viewer

from bawaba_emeeting.domain import SMALL_ELECTORATE, MeetingBallotKind
from bawaba_emeeting.models import (
    MeetingBallot,
    MeetingCandidate,
    MeetingElector,
    MeetingMotion,
    MeetingRound,
)
from bawaba_emeeting.services import boxes, rounds, sittings
from bawaba_emeeting.services.councils import Row

MOTION = (
    "id", "meeting_id", "item_id", "position", "text", "ballot", "majority", "base", "status",
    "outcome", "round_id", "bloc_id", "proposed_by",
)  # fmt: skip
_SECRET = MeetingBallotKind.SECRET.value


@dataclass(frozen=True, slots=True)
class Count:
    """Weights counted; None: hidden until the close. ``votes``: by candidate."""

    entitled: int
    not_voted: int
    yes: int | None = None
    no: int | None = None
    abstain: int | None = None
    votes: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class MotionView:
    """A motion with its last round of voting.

    Args:
        voters: rights to cast while voting is open, and after the close those that were used.
    """

    row: Row
    voted: Row | None
    candidates: Sequence[Row]
    count: Count | None
    voters: int

    @property
    def result(self) -> Mapping[str, Any] | None:
        """What the last round led to, if it stands."""
        stands = self.voted is not None and self.row["outcome"] is not None
        return self.voted["result"] if stands and self.voted else None

    @property
    def is_secret(self) -> bool:
        """Whether nobody learns who voted how."""
        return bool(self.row["ballot"] == _SECRET)

    @property
    def shows_votes(self) -> bool:
        """Whether it may be told who said what."""
        if self.is_secret or self.voted is None:
            return False
        hidden = rounds.rules_of(self.voted["rule"]).hide_until_close
        return self.voted["result"] is not None or not hidden

    @property
    def is_small(self) -> bool:
        """Whether so few vote that a unanimous secret result tells of each."""
        return self.is_secret and 0 < self.voters <= SMALL_ELECTORATE


async def views(rows: Sequence[Row]) -> list[MotionView]:
    """Return motions as anybody who sees their meeting may see them; a few statements."""
    round_ids = [row["round_id"] for row in rows if row["round_id"] is not None]
    last = {r["id"]: r for r in await MeetingRound.filter(id__in=round_ids).values()}
    candidates = await _candidates([row["id"] for row in rows])
    open_ids = [r["id"] for r in last.values() if r["closed_at"] is None]
    rolls, choices = await _rolls(round_ids), await _choices(open_ids)
    found = []
    for row in rows:
        voted = last.get(row["round_id"] or "")
        roll = rolls.get(row["round_id"] or "", _Roll())
        count = _count(row, voted, roll.weight, choices) if voted else None
        voters = roll.used if voted and voted["closed_at"] is not None else roll.rights
        found.append(MotionView(row, voted, candidates.get(row["id"], ()), count, voters))
    return found


async def _candidates(motion_ids: Sequence[str]) -> dict[str, list[Row]]:
    rows = MeetingCandidate.filter(motion_id__in=list(motion_ids)).order_by("position")
    found: dict[str, list[Row]] = {}
    for row in await rows.values("id", "motion_id", "name", "member_id"):
        found.setdefault(row["motion_id"], []).append(row)
    return found


@dataclass(slots=True)
class _Roll:
    """Rights to cast, how many of them were used, and of what weight."""

    rights: int = 0
    used: int = 0
    weight: int = 0


async def _rolls(round_ids: Sequence[str]) -> dict[str, _Roll]:
    found: dict[str, _Roll] = {}
    rows = MeetingElector.filter(round_id__in=list(round_ids))
    for row in await rows.values("round_id", "weight", "has_voted"):
        roll = found.setdefault(row["round_id"], _Roll())
        roll.rights += 1
        if row["has_voted"]:
            roll.used += 1
            roll.weight += row["weight"]
    return found


async def _choices(round_ids: Sequence[str]) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    rows = MeetingBallot.filter(round_id__in=list(round_ids))
    for row in await rows.values("round_id", "choice", "weight"):
        key = (row["round_id"], row["choice"])
        found[key] = found.get(key, 0) + row["weight"]
    return found


def _count(row: Row, voted: Row, cast: int, choices: Mapping[tuple[str, str], int]) -> Count | None:
    entitled = voted["rule"]["entitled"]
    if voted["closed_at"] is not None:
        if row["outcome"] is None or voted["result"] is None:
            return None  # void or annulled: it counts for nothing
        result = voted["result"]
        told = result["yes"] + result["no"] + result["abstain"] + sum(result["votes"].values())
        return Count(
            entitled, entitled - told, result["yes"], result["no"], result["abstain"],
            result["votes"],
        )  # fmt: skip
    if row["ballot"] == _SECRET or rounds.rules_of(voted["rule"]).hide_until_close:
        return Count(entitled, entitled - cast)
    said = {choice: choices.get((voted["id"], choice), 0) for choice in ("YES", "NO", "ABSTAIN")}
    votes = {c: choices.get((voted["id"], c), 0) for c in voted["rule"]["candidates"]}
    return Count(entitled, entitled - cast, said["YES"], said["NO"], said["ABSTAIN"], votes)


async def of_meetings(meeting_ids: Collection[str]) -> dict[str, list[MotionView]]:
    """Return the motions of meetings, in order; the caller has asked who may see these."""
    rows = MeetingMotion.filter(meeting_id__in=list(meeting_ids)).order_by("item_id", "position")
    found: dict[str, list[MotionView]] = {meeting_id: [] for meeting_id in meeting_ids}
    for view in await views(await rows.values(*MOTION)):
        found[view.row["meeting_id"]].append(view)
    return found


async def of_ids(viewer: Viewer, ids: Collection[str]) -> dict[str, MotionView]:
    """Return those of the motions whose meeting the viewer may see."""
    rows = await MeetingMotion.filter(id__in=list(ids)).values(*MOTION)
    pairs = await sittings.seen(viewer, {row["meeting_id"] for row in rows})
    seen = {meeting["id"] for meeting, _ in pairs}
    mine = [row for row in rows if row["meeting_id"] in seen]
    return {view.row["id"]: view for view in await views(mine)}


async def open_ballots(round_ids: Collection[str]) -> dict[str, list[Row]]:
    """Return the open ballots of rounds, by member."""
    rows = MeetingBallot.filter(round_id__in=list(round_ids)).order_by("member_id", "caster_id")
    found: dict[str, list[Row]] = {}
    for row in await rows.values("round_id", "member_id", "caster_id", "choice", "weight"):
        found.setdefault(row["round_id"], []).append(row)
    return found


async def published_box(
    viewer: Viewer, motion_id: str, number: int | None = None
) -> tuple[str, list[Any]]:
    """Return the Merkle root and (commitment, choice, proof) of a secret vote with a result.

    Args:
        number: of the round of voting on the motion; the last one by default.

    Raises:
        NotFound: no such motion that the viewer sees, or it has no published box (yet): none is
            of a round that is open, void or annulled.
    """
    view = (await of_ids(viewer, [motion_id])).get(motion_id)
    if view is None or view.voted is None or not view.is_secret:
        raise NotFound("motionId")
    voted = view.voted
    if number is not None and number != voted["number"]:
        rows = await MeetingRound.filter(motion_id=voted["motion_id"], number=number).values()
        voted = rows[0] if rows else {"result": None}
    if voted["result"] is None or voted["annulled_at"] is not None:
        raise NotFound("motionId")
    return voted["merkle_root"], await boxes.published(voted["id"])


__all__ = [
    "MOTION",
    "Count",
    "MotionView",
    "of_ids",
    "of_meetings",
    "open_ballots",
    "published_box",
    "views",
]
