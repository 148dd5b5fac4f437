"""Motions, counts and ballots."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import strawberry
from bawaba.graphql import Info, Node, computed, global_id, leaf
from bawaba.text import Text, both

from bawaba_emeeting.domain import (
    MAX_CANDIDATES,
    MAX_MEMBERS,
    MeetingBallotKind,
    MeetingChoice,
    MeetingMajority,
    MeetingMajorityBase,
    MeetingMotionStatus,
    MeetingOutcome,
)
from bawaba_emeeting.graphql import loaders
from bawaba_emeeting.graphql.councils import MeetingMember
from bawaba_emeeting.services.ballots import MotionView
from bawaba_emeeting.services.councils import Row

_SMALL = Text(
    "So few vote that a unanimous result tells how each voted.",
    "عدد المصوتين قليل، والإجماع يكشف صوت كل منهم.",
)
_CHOICES = frozenset(choice.value for choice in MeetingChoice)


@strawberry.type(description=both("Votes counted, by weight.", "عدد الأصوات حسب الوزن."))
class MeetingTally:
    """Null: hidden until the close, or not asked (an election has candidates, no yes and no)."""

    yes: int | None = leaf(
        "Yes; null: hidden until the close, or an election.",
        "موافق؛ وفارغ حتى الإغلاق وفي الانتخاب.",
    )
    no: int | None = leaf(
        "No; null: hidden until the close, or an election.",
        "غير موافق؛ وفارغ حتى الإغلاق وفي الانتخاب.",
    )
    abstain: int | None = leaf(
        "Abstaining; null: hidden until the close.", "ممتنع؛ وفارغ حتى الإغلاق."
    )
    not_voted: int = leaf("Not cast (yet).", "لم يُدلَ بها.")
    entitled: int = leaf("All that may be cast.", "جميع الأصوات المستحقة.")


@strawberry.type(description=both("A candidate of an election.", "مرشح في انتخاب."))
class MeetingCandidate(Node):
    """In the order of the ballot paper."""

    name: str = leaf("The name.", "الاسم.")
    votes: int | None = leaf("Votes; null: hidden until the close.", "الأصوات؛ وفارغة حتى الإغلاق.")
    is_elected: bool = leaf("Whether elected.", "هل انتُخب.")


@strawberry.type(description=both("An open ballot.", "صوت علني."))
class MeetingVote:
    """Who said what."""

    member: MeetingMember = leaf("Whose vote it is.", "صاحب الصوت.")
    choice: MeetingChoice | None = leaf("What was said; null of an election.", "الصوت.")
    candidate: MeetingCandidate | None = leaf("Whom an election's vote is for.", "المرشح.")
    weight: int = leaf("Its weight.", "وزنه.")
    cast_by: MeetingMember | None = leaf(
        "Who cast it for the member, where somebody did.", "من أدلى به نيابة عنه."
    )


@strawberry.type(description=both("Something to be decided.", "مقترح للتصويت."))
class MeetingMotion(Node):
    """A motion or an election."""

    text: str = leaf("What is proposed.", "نص المقترح.")
    ballot: MeetingBallotKind = leaf("Open or secret.", "علني أو سري.")
    majority: MeetingMajority = leaf("How much must say Yes.", "الأغلبية المطلوبة.")
    base: MeetingMajorityBase = leaf("Of what.", "أساسها.")
    status: MeetingMotionStatus = leaf("Where it stands.", "حالته.")
    outcome: MeetingOutcome | None = leaf("What the vote led to.", "النتيجة.")
    round: int | None = leaf(
        "The number of the last round of voting, from 1; null before any.",
        "رقم آخر جولة تصويت، من 1؛ وفارغ قبلها.",
    )
    opened_at: dt.datetime | None = leaf("When voting opened.", "وقت فتح التصويت.")
    closed_at: dt.datetime | None = leaf("When voting closed.", "وقت إغلاق التصويت.")
    tally: MeetingTally | None = leaf(
        "Votes counted; null before voting, and of what is void or annulled.",
        "عدد الأصوات؛ وقيمة فارغة قبل التصويت وعند البطلان أو الإلغاء.",
    )
    candidates: list[MeetingCandidate] = leaf(
        "Who stands; empty of a motion.", "المرشحون؛ وفارغة لغير الانتخاب.", bound=MAX_CANDIDATES
    )
    view: strawberry.Private[MotionView]

    @computed("Why it came out so, in a sentence.", "شرح النتيجة.")
    def explanation(self, info: Info) -> str | None:
        """Return the sentence in the request's language."""
        result = self.view.result
        return None if result is None else info.context.say(Text(result["en"], result["ar"]))

    @computed("What to beware of, in a sentence.", "تنبيه.")
    def warning(self, info: Info) -> str | None:
        """Return a warning where a secret ballot would tell of each."""
        return info.context.say(_SMALL) if self.view.is_small else None

    @computed(
        "Who said what; null of a secret ballot, and before the close where the rules hide it.",
        "الأصوات؛ وفارغة للاقتراع السري وقبل الإغلاق حيث تخفيها القواعد.",
        bound=MAX_MEMBERS,
    )
    async def votes(self, info: Info) -> list[MeetingVote] | None:
        """Return the open ballots."""
        voted = self.view.voted
        if voted is None or not self.view.shows_votes:
            return None
        rows = await loaders.open_ballots(info, voted["id"])
        seen = await loaders.seen(info, self.view.row["meeting_id"])
        members = {m["id"]: MeetingMember.of(m, seen.names) for m in seen.sitting.chamber.members}
        standing = {c.id: c for c in self.candidates}
        return [_vote(row, members, standing) for row in rows if row["member_id"] in members]

    @classmethod
    def of(cls, view: MotionView) -> MeetingMotion:
        """Return the GraphQL object of a motion."""
        row, voted, count = view.row, view.voted, view.count
        election = bool(view.candidates)
        return cls(
            id=global_id("MeetingMotion", row["id"]),
            text=row["text"],
            ballot=MeetingBallotKind(row["ballot"]),
            majority=MeetingMajority(row["majority"]),
            base=MeetingMajorityBase(row["base"]),
            status=MeetingMotionStatus(row["status"]),
            outcome=MeetingOutcome(row["outcome"]) if row["outcome"] else None,
            round=voted["number"] if voted else None,
            opened_at=voted["opened_at"] if voted else None,
            closed_at=voted["closed_at"] if voted else None,
            tally=None
            if count is None
            else MeetingTally(
                yes=None if election else count.yes,
                no=None if election else count.no,
                abstain=count.abstain,
                not_voted=count.not_voted,
                entitled=count.entitled,
            ),
            candidates=[_candidate(each, view) for each in view.candidates],
            view=view,
        )


def _candidate(row: Row, view: MotionView) -> MeetingCandidate:
    votes = view.count.votes if view.count else None
    return MeetingCandidate(
        id=global_id("MeetingCandidate", row["id"]),
        name=row["name"],
        votes=None if votes is None else votes.get(row["id"]),
        is_elected=view.result is not None and view.result["winner"] == row["id"],
    )


def _vote(
    row: Row,
    members: Mapping[str, MeetingMember],
    standing: Mapping[strawberry.ID, MeetingCandidate],
) -> MeetingVote:
    plain = row["choice"] in _CHOICES
    by_other = row["caster_id"] != row["member_id"]
    return MeetingVote(
        member=members[row["member_id"]],
        choice=MeetingChoice(row["choice"]) if plain else None,
        candidate=None if plain else standing.get(global_id("MeetingCandidate", row["choice"])),
        weight=row["weight"],
        cast_by=members.get(row["caster_id"]) if by_other else None,
    )
