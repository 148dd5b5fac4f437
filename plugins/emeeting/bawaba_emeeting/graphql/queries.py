"""Reading: councils, one's own ballot paper, the published box, exports."""

from __future__ import annotations

import enum
from typing import Annotated

import orjson
import strawberry
from bawaba.errors import NotFound
from bawaba.graphql import (
    PUBLIC,
    After,
    Connection,
    First,
    Info,
    argument,
    computed,
    described,
    field,
    leaf,
)
from bawaba.paging import page_of
from bawaba.text import both

from bawaba_emeeting.domain import MAX_MEMBERS
from bawaba_emeeting.graphql import loaders
from bawaba_emeeting.graphql.councils import MeetingCouncil, MeetingMember
from bawaba_emeeting.graphql.payloads import meeting_id as meeting_of
from bawaba_emeeting.graphql.payloads import motion_id as motion_of
from bawaba_emeeting.services import ballots, casting, councils, exporting

MotionId = Annotated[strawberry.ID, argument("The motion.", "المقترح.")]
Round = Annotated[
    int | None,
    argument(
        "The number of the round of voting, from 1; the last one by default.",
        "رقم جولة التصويت، من 1؛ والافتراضي آخرها.",
    ),
]
_DEPTH = 16


class MeetingExportFormat(enum.Enum):
    """In which vocabulary a meeting is exported."""

    POPOLO = "POPOLO"
    OPARL = "OPARL"


described(
    MeetingExportFormat,
    {
        "POPOLO": ("Popolo: people, motions, vote events.", "صيغة Popolo."),
        "OPARL": ("OParl 1.1: a meeting with its agenda.", "صيغة OParl 1.1."),
    },
    "A vocabulary for other programs.",
    "صيغة التصدير.",
)


@strawberry.type(description=both("One's own ballot paper.", "ورقة اقتراع المستخدم."))
class MeetingBallotPaper:
    """Whether one may vote now, and for whom."""

    is_entitled: bool = leaf("Whether one stands on the roll.", "هل أنت في كشف المصوتين.")
    has_voted: bool = leaf("Whether all one's votes are cast.", "هل أدليت بجميع أصواتك.")
    can_vote: bool = leaf("Whether one may vote now.", "هل يمكنك التصويت الآن.")
    reason: str | None = leaf("Why one cannot vote now.", "سبب عدم إمكان التصويت.")
    weight: int = leaf("Of all one may cast.", "مجموع الأوزان.")
    on_behalf_of: list[MeetingMember] = leaf(
        "For whom else one casts.", "من تصوت نيابة عنهم.", bound=MAX_MEMBERS
    )


@strawberry.type(description=both("A ballot in the published box.", "ورقة في الصندوق المنشور."))
class MeetingPublishedBallot:
    """Nobody's."""

    commitment: str = leaf("The receipt of whoever cast it.", "الإيصال.")
    choice: str = leaf("YES, NO, ABSTAIN, or a candidate's id.", "الصوت أو معرّف المرشح.")
    proof: list[str] = leaf(
        "Neighbours up to the root: `L:` stands left, `R:` right; leaves are SHA-256 of byte 0 and"
        " `commitment|choice`, nodes of byte 1 and both halves (RFC 6962).",
        "مسار الإثبات حتى الجذر.",
        bound=_DEPTH,
    )


@strawberry.type(description=both("The box of a secret ballot.", "صندوق اقتراع سري."))
class MeetingPublishedBox:
    """Published with the result."""

    merkle_root: str = leaf("The root of all ballots, hexadecimal.", "جذر جميع الأوراق.")
    held: strawberry.Private[list[tuple[str, str, list[str]]]]

    @computed("The ballots, by receipt.", "الأوراق حسب الإيصال.")
    async def ballots(
        self, first: First, after: After = None
    ) -> Connection[MeetingPublishedBallot]:
        """Return a page of ballots."""
        rows, page = page_of(self.held, first=first, after=after, key=lambda row: row[0])
        nodes = [
            MeetingPublishedBallot(commitment=c, choice=choice, proof=proof)
            for c, choice, proof in rows
        ]
        return Connection[MeetingPublishedBallot].over(nodes, page.cursors, page)  # type: ignore[no-any-return]


@strawberry.type
class MeetingQuery:
    """Roots under Query."""

    @field(permission=PUBLIC, en="A council or committee.", ar="مجلس أو لجنة.")
    async def meeting_council(
        self, code: Annotated[str, argument("Its code.", "رمزه.")]
    ) -> MeetingCouncil | None:
        """Return a council."""
        row = await councils.by_code(code)
        return None if row is None else MeetingCouncil.of(row)

    @field(permission=PUBLIC, en="All councils, by code.", ar="المجالس حسب رمزها.")
    async def meeting_councils(
        self, first: First, after: After = None
    ) -> Connection[MeetingCouncil]:
        """Return a page of councils."""
        page = await councils.page(first, after)
        return Connection[MeetingCouncil].of(page, MeetingCouncil.of)  # type: ignore[no-any-return]

    @field(
        permission="meeting.attend",
        cost=5,
        en="Your ballot paper of a motion.",
        ar="ورقة اقتراعك في مقترح.",
    )
    async def meeting_my_ballot(self, info: Info, motion_id: MotionId) -> MeetingBallotPaper | None:
        """Return whether one may vote, and for whom."""
        paper = await casting.my_ballot(info.context.viewer, motion_of(motion_id))
        return None if paper is None else await _paper(info, paper)

    @field(
        permission=PUBLIC,
        cost=20,
        en="The box of a secret ballot, once it is decided.",
        ar="صندوق الاقتراع السري بعد حسمه.",
    )
    async def meeting_published_box(
        self,
        info: Info,
        motion_id: MotionId,
        round: Round = None,  # noqa: A002  what it is
    ) -> MeetingPublishedBox | None:
        """Return the box; null before the close."""
        viewer, wanted = info.context.viewer, motion_of(motion_id)
        try:
            root, held = await ballots.published_box(viewer, wanted, round)
        except NotFound:
            return None
        return MeetingPublishedBox(merkle_root=root, held=held)

    @field(
        permission=PUBLIC,
        cost=50,
        en="A meeting as JSON for other programs: for its council once it has ended and its minutes"
        " are written, for everybody once the minutes of an open meeting are approved; null before"
        " and for all others.",
        ar="اجتماع بصيغة JSON للبرامج الأخرى: لمجلسه بعد انتهائه وكتابة محضره، وللجميع بعد اعتماد"
        " محضر الاجتماع العلني؛ وفارغ قبل ذلك ولغيرهم.",
    )
    async def meeting_export(
        self,
        info: Info,
        meeting_id: Annotated[strawberry.ID, argument("The meeting.", "الاجتماع.")],
        format: Annotated[  # noqa: A002  what it is
            MeetingExportFormat, argument("The vocabulary.", "الصيغة.")
        ],
    ) -> str | None:
        """Return the meeting's record in another vocabulary."""
        viewer, wanted = info.context.viewer, meeting_of(meeting_id)
        found = await exporting.export(viewer, wanted, format.value)
        return None if found is None else orjson.dumps(found).decode()


async def _paper(info: Info, paper: casting.Paper) -> MeetingBallotPaper:
    members: list[MeetingMember] = []
    if paper.meeting_id and paper.others:
        seen = await loaders.seen(info, paper.meeting_id)
        members = [MeetingMember.of(other, seen.names) for other in paper.others]
    return MeetingBallotPaper(
        is_entitled=paper.is_entitled,
        has_voted=paper.has_voted,
        can_vote=paper.can_vote,
        reason=None if paper.why is None else info.context.say(paper.why),
        weight=paper.weight,
        on_behalf_of=members,
    )
