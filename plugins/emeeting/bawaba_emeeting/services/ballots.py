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
from bawaba_emeeting.services import boxes, sittings
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
    """A motion with its last round of voting. ``electors``: rights to cast."""

    row: Row
    voted: Row | None
    candidates: Sequence[Row]
    count: Count | None
    electors: int

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
        return self.voted["closed_at"] is not None or not self.voted["rule"]["hide_until_close"]

    @property
    def is_small(self) -> bool:
        """Whether so few vote that a unanimous secret result tells of each."""
        return self.is_secret and 0 < self.electors <= SMALL_ELECTORATE


async def views(rows: Sequence[Row]) -> list[MotionView]:
    """Return motions as anybody who sees their meeting may see them; a few statements."""
    round_ids = [row["round_id"] for row in rows if row["round_id"] is not None]
    rounds = {r["id"]: r for r in await MeetingRound.filter(id__in=round_ids).values()}
    candidates = await _candidates([row["id"] for row in rows])
    open_ids = [r["id"] for r in rounds.values() if r["closed_at"] is None]
    rolls, choices = await _rolls(round_ids), await _choices(open_ids)
    found = []
    for row in rows:
        voted = rounds.get(row["round_id"] or "")
        electors, cast = rolls.get(row["round_id"] or "", (0, 0))
        count = _count(row, voted, cast, choices) if voted else None
        found.append(MotionView(row, voted, candidates.get(row["id"], ()), count, electors))
    return found


async def _candidates(motion_ids: Sequence[str]) -> dict[str, list[Row]]:
    rows = MeetingCandidate.filter(motion_id__in=list(motion_ids)).order_by("position")
    found: dict[str, list[Row]] = {}
    for row in await rows.values("id", "motion_id", "name", "member_id"):
        found.setdefault(row["motion_id"], []).append(row)
    return found


async def _rolls(round_ids: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Return (rights to cast, weight cast) of each round."""
    found: dict[str, tuple[int, int]] = {}
    rows = MeetingElector.filter(round_id__in=list(round_ids))
    for row in await rows.values("round_id", "weight", "has_voted"):
        rights, cast = found.get(row["round_id"], (0, 0))
        found[row["round_id"]] = (rights + 1, cast + row["weight"] * bool(row["has_voted"]))
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
    if row["ballot"] == _SECRET or voted["rule"]["hide_until_close"]:
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


async def published_box(viewer: Viewer, motion_id: str) -> tuple[str, list[Any]]:
    """Return the Merkle root and (commitment, choice, proof) of a decided secret vote.

    Raises:
        NotFound: no such motion that the viewer sees, or it has no published box (yet).
    """
    view = (await of_ids(viewer, [motion_id])).get(motion_id)
    if view is None or view.voted is None or not view.is_secret or view.result is None:
        raise NotFound("motionId")
    if view.voted["closed_at"] is None:
        raise NotFound("motionId")
    return view.voted["merkle_root"], await boxes.published(view.voted["id"])


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
