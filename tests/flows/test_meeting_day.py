"""A council's meeting from its missing quorum to its sealed minutes, over real sockets.

Members, the operator and the public gallery watch all the time, on both databases.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import pytest_asyncio
from bawaba.testing.client import FrontEnd, GraphQLFailed
from bawaba.testing.clock import FrozenClock
from bawaba.testing.databases import postgres_database, redis_url
from bawaba.testing.inside import Inside, serving_inside
from flow_steps import operation
from meeting_steps import Day, eventually, nonce, refused, screen, the_meeting

PRIVATE = "private-zq7"


@pytest_asyncio.fixture(params=["sqlite", "postgres"])
async def portal(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[Inside]:
    clock = FrozenClock()
    if request.param == "sqlite":
        async with serving_inside(tmp_path, clock) as here:
            yield here
        return
    with postgres_database() as url:
        more = {
            "database_url": url,
            "redis_url": redis_url(),
            "redis_prefix": f"test-{uuid.uuid4().hex[:12]}",
        }
        async with serving_inside(tmp_path, clock, more) as here:
            yield here


async def test_a_meeting_from_no_quorum_to_sealed_minutes(portal: Inside) -> None:
    async with AsyncExitStack() as stack:
        day = Day(portal, stack)
        day.meeting, day.members = await the_meeting(day.who("operator"))
        for name, handle in (("member", "member-8"), ("operator", "operator"), ("gallery", None)):
            await day.watch(name, handle, "MeetingUpdated", id=day.meeting)
        await waits_for_a_quorum_and_convenes(day)
        await comments_are_shared_or_private(day)
        await ties_openly_and_the_chair_decides(day)
        await votes_secretly_while_the_quorum_comes_and_goes(day)
        await approves_the_minutes(day)
        await everybody_saw_what_is_theirs(day)


async def waits_for_a_quorum_and_convenes(day: Day) -> None:
    await day.arrive("chair", "member-2", "member-3", "member-4")
    waiting = await day.here("chair", "Convene")
    assert (waiting["status"], waiting["quorum"]["isMet"]) == ("WAITING_FOR_QUORUM", False)
    shown = await day.sees("gallery", "QUORUM_LACKING")
    assert shown["quorum"] == waiting["quorum"]
    day.portal.clock.advance(minutes=30)
    await day.arrive("member-5")
    assert (await day.here("operator", "Recount"))["quorum"]["present"] == 5
    assert (await day.here("chair", "Convene"))["status"] == "IN_SESSION"
    assert (await day.sees("gallery", "CONVENED"))["status"] == "IN_SESSION"
    item = (await screen(day.who("chair"), day.meeting))["agenda"][1]["id"]
    await day.act("chair", "MoveToAgendaItem", agendaItemId=item)
    assert (await day.sees("member", "ITEM_STARTED"))["currentItem"]["id"] == item


async def comments_are_shared_or_private(day: Day) -> None:
    document = (await screen(day.who("chair"), day.meeting))["agenda"][1]["documents"][0]
    assert (await screen(day.who("gallery"), day.meeting))["agenda"][1]["documents"] == []
    await day.watch("comments", "member-2", "CommentAdded", documentId=document["id"])
    said = {"documentId": document["id"], "page": 1}
    await day.act("member-3", "Comment", body=PRIVATE, visibility="PRIVATE", **said)
    await day.act("member-4", "Comment", body="Too dear.", visibility="SHARED", **said)
    comment = await day.sees("comments", "COMMENT_ADDED")
    assert (comment["body"], comment["page"]) == ("Too dear.", 1)
    read = operation("emeeting", "DocumentComments")
    for handle, count in (("member-3", 2), ("member-4", 1), ("operator", 1), ("admin", None)):
        node = (await day.who(handle).execute(read, {"id": document["id"], "first": 9}))["node"]
        assert (node and node["comments"]["totalCount"]) == count
        assert (PRIVATE in str(node)) is (handle == "member-3")
    with pytest.raises(GraphQLFailed):
        await day.watch("outside", "gallery", "CommentAdded", documentId=document["id"])
    url = operation("emeeting", "Manifest")
    manifest = (await day.who("member-2").execute(url, {"id": day.meeting}))["node"]["manifest"]
    for file in manifest["files"]["nodes"]:
        status, content = await download(day.who("member-2"), file["url"])
        assert (status, hashlib.sha256(content).hexdigest()) == (200, file["sha256"])
        assert (await download(day.who("gallery"), file["url"]))[0] == 404


async def download(person: FrontEnd, url: str) -> tuple[int, bytes]:
    headers = {"Authorization": f"Bearer {person.token}"}
    async with person.session.get(url, headers=headers) as answer:
        return answer.status, await answer.read()


async def ties_openly_and_the_chair_decides(day: Day) -> None:
    motion = await day.propose()
    await day.watch("votes", None, "MotionUpdated", id=motion)
    await day.act("chair", "OpenVoting", motionId=motion)
    for handle, choice in (
        ("chair", "YES"), ("member-2", "NO"), ("member-3", "YES"), ("member-4", "NO"),
        ("member-5", "ABSTAIN"),
    ):  # fmt: skip
        await day.act(handle, "CastVote", motionId=motion, choice=choice)
        seen = await day.sees("votes", "VOTE_CAST")
    assert seen["tally"] == {"yes": 2, "no": 2, "abstain": 1, "notVoted": 0, "entitled": 5}
    assert [vote["choice"] for vote in seen["votes"]].count("YES") == 2
    tied = (await day.act("operator", "CloseVoting", motionId=motion))["motion"]
    assert (tied["status"], tied["outcome"]) == ("TIED", "TIED")
    assert await refused(day.who("operator"), "CastingVote", motionId=motion, choice="NO") == (
        "MEETING_NOT_PRESIDING"
    )
    done = (await day.act("chair", "CastingVote", motionId=motion, choice="YES"))["motion"]
    assert (done["status"], done["outcome"]) == ("CLOSED", "CARRIED")
    assert (await day.sees("votes", "CASTING_VOTE")) == done


async def votes_secretly_while_the_quorum_comes_and_goes(day: Day) -> None:
    motion = await day.propose(ballot="SECRET", text="إعفاء أمين الصندوق")
    await day.watch("box", "member-8", "MotionUpdated", id=motion)
    await day.act("chair", "OpenVoting", motionId=motion)
    await day.secretly(day.who("chair"), motion, "YES")
    await day.secretly(day.who("member-5"), motion, "NO")
    left = {"memberId": day.members["member-5"], "status": "LEFT"}
    await day.here("operator", "RecordAttendance", **left)
    assert (await day.sees("box", "VOTING_SUSPENDED"))["status"] == "SUSPENDED"
    late = {"motionId": motion, "choice": "NO", "ballotNonce": nonce()}
    code = await refused(day.who("member-2"), "CastVote", **late)
    assert code == "MEETING_WRONG_MOTION_STATUS"
    await day.arrive("member-6")
    assert (await day.sees("box", "VOTING_RESUMED"))["status"] == "OPEN"
    await a_tablet_is_stolen_and_another_taken(day, motion)
    await day.secretly(day.who("member-2"), motion, "NO")
    await day.secretly(day.who("member-3"), motion, "NO")
    seen = await day.sees("box", "VOTE_CAST")
    assert (seen["tally"]["yes"], seen["votes"]) == (None, None)
    done = (await day.act("chair", "CloseVoting", motionId=motion))["motion"]
    # Who left after voting has voted; who came after the opening has not.
    assert done["tally"] == {"yes": 2, "no": 3, "abstain": 0, "notVoted": 0, "entitled": 5}
    assert done["outcome"] == "REJECTED"
    published = await day.who("gallery").execute(
        operation("emeeting", "PublishedBox"), {"motionId": motion, "first": 50}
    )
    ballots = published["meetingPublishedBox"]["ballots"]["nodes"]
    assert {each["commitment"]: each["choice"] for each in ballots} == day.receipts


async def a_tablet_is_stolen_and_another_taken(day: Day, motion: str) -> None:
    stolen = day.who("member-4")
    query = operation("emeeting", "Council")
    watched = await day.stack.enter_async_context(stolen.live())
    asked = {"code": "muharraq-municipal", "first": 1}
    members = (await day.who("operator").execute(query, asked))["meetingCouncil"]["members"]
    theirs = next(m for m in members["nodes"] if m["id"] == day.members["member-4"])
    revoke = {"input": {"deviceId": theirs["devices"]["nodes"][0]["id"], "reason": "stolen"}}
    done = await day.who("operator").execute(operation("core", "RevokeDevice"), revoke)
    assert done["revokeDevice"]["errors"] == []
    assert await watched.closed(within=5) == 4403
    unsent = {"motionId": motion, "choice": "NO", "ballotNonce": "A" * 43}
    assert await refused(stolen, "CastVote", **unsent) == "UNAUTHENTICATED"
    day.people["member-4"] = day.portal.person("member-4")
    paper = await day.who("member-4").execute(
        operation("emeeting", "MyBallot"), {"motionId": motion}
    )
    assert paper["meetingMyBallot"]["canVote"]
    await day.secretly(day.who("member-4"), motion, "YES")


async def approves_the_minutes(day: Day) -> None:
    assert (await day.here("chair", "Adjourn", reason="انتهى جدول الأعمال"))["status"] == "ENDED"
    chair, document = day.who("chair"), operation("emeeting", "Minutes")

    async def look(person: FrontEnd = chair) -> Any:
        return (await person.execute(document, {"id": day.meeting}))["node"]["minutes"]

    drafted = await eventually(look, lambda found: found is not None)
    assert (drafted["status"], drafted["version"]) == ("DRAFT", 1)
    assert await look(day.who("gallery")) is None
    amended = await day.here(
        "member-2",
        "AmendMinutes",
        version=1,
        section="closing",
        text="رُفعت الجلسة.",
        language="AR",
    )
    assert amended["minutes"]["version"] == 2
    # Six attended: four signatures are more than half of them.
    for handle in ("chair", "member-2", "member-3", "member-6"):
        signed = await day.here(handle, "ApproveMinutes", version=2)
    assert signed["minutes"]["status"] == "APPROVED"
    done = await eventually(look, lambda found: len(found["editions"]) == 2)
    assert all(approval["member"]["displayName"] for approval in done["approvals"])
    for edition in done["editions"]:
        status, content = await download(day.who("gallery"), edition["pdfUrl"])
        assert (status, content[:5]) == (200, b"%PDF-")
        assert hashlib.sha256(content).hexdigest() == edition["sha256"]
        assert_looks_written(content, from_the_right=edition["language"] == "AR")


def assert_looks_written(content: bytes, *, from_the_right: bool) -> None:
    """Look at the minutes as a picture: no page is blank, and the title is on its side."""
    pages = [page.render(scale=1).to_pil().convert("L") for page in pypdfium2.PdfDocument(content)]
    assert pages
    for page in pages:
        dark = sum(page.histogram()[:128]) / (page.width * page.height)
        assert 0.002 < dark < 0.3, "a page is blank, or black"
    title = pages[0].crop((0, 45, pages[0].width, 95)).point(lambda grey: 255 * (grey < 128))
    left, _, right, _ = title.getbbox()
    assert (left + right > title.width) is from_the_right


async def everybody_saw_what_is_theirs(day: Day) -> None:
    """What each holds at the end is what a fresh look shows them."""
    for name, handle in (("member", "member-8"), ("operator", "operator"), ("gallery", "gallery")):
        shown = await day.sees(name, "MINUTES_APPROVED")
        fresh = await screen(day.who(handle), day.meeting)
        assert shown == fresh, name
    kinds = [[k for k in day.watchers[n].kinds if k != "SNAPSHOT"] for n in ("member", "gallery")]
    assert kinds[0][-1] == kinds[1][-1] == "MINUTES_APPROVED"
    assert kinds[1].count("VOTE_CAST") == 10
    assert await act_after_the_end(day) == "MEETING_WRONG_STATUS"


async def act_after_the_end(day: Day) -> str:
    return await refused(day.who("chair"), "CheckIn", meetingId=day.meeting)
