"""From the invitation to the end: quorum, wait, ladder, presence, who presides."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any


async def test_the_demo_is_ready_to_convene(chamber: Any) -> None:
    screen = await chamber.screen("gallery")
    assert (screen["number"], screen["kind"], screen["status"]) == (4, "EXTRAORDINARY", "SCHEDULED")
    assert screen["isTrial"]
    assert [item["documents"] for item in screen["agenda"]] == [[]] * 4
    inside = await chamber.screen("member-3")
    assert [len(item["documents"]) for item in inside["agenda"]] == [0, 1, 1, 0]
    assert {line["status"] for line in inside["attendance"]} == {"ABSENT"}
    assert len(inside["attendance"]) == 8
    query = '{ meetingCouncil(code: "cabinet") { adoption { steps { reference } } } }'
    for step in (await chamber.look(None, query))["meetingCouncil"]["adoption"]["steps"]:
        arabic, _, english = step["reference"].partition(" · ")
        assert english.isascii()
        assert not re.search("[A-Za-z]", arabic)
    query = "query ($c: String!) { meetingCouncil(code: $c) { adoption { status isTrial } } }"
    found = {
        code: (await chamber.look(None, query, c=code))["meetingCouncil"]["adoption"]
        for code in ("muharraq-municipal", "capital-secretariat", "cabinet")
    }
    assert found == {
        "muharraq-municipal": {"status": "PROPOSED", "isTrial": True},
        "capital-secretariat": {"status": "SENT_TO_MINISTER", "isTrial": True},
        "cabinet": {"status": "ACTIVE", "isTrial": False},
    }


async def test_no_quorum_waits_and_the_recount_after_it_adjourns(chamber: Any) -> None:
    await chamber.arrive("chair", "member-2", "member-3", "member-4")
    screen = await chamber.do("chair", "Convene")
    assert screen["status"] == "WAITING_FOR_QUORUM"
    assert screen["quorum"] == {
        "required": 5,
        "present": 4,
        "entitled": 8,
        "isMet": False,
        "explanation": "4 of 8 members are present; 5 are needed at convening 1. 1 more is needed.",
    }
    assert (await chamber.do("chair", "Recount"))["status"] == "WAITING_FOR_QUORUM"
    chamber.clock.advance(minutes=30)
    after = await chamber.do("chair", "Recount")
    assert (after["status"], after["convening"], after["waitUntil"]) == ("ADJOURNED", 2, None)
    assert {line["status"] for line in after["attendance"]} == {"LEFT", "ABSENT"}
    # The second convening needs a third of them; its time is told before, to everybody.
    await chamber.arrive("chair", "member-5")
    assert await chamber.refuses("chair", "Convene") == "MEETING_NO_DATE"
    later = chamber.clock.now() + dt.timedelta(days=1)
    assert await chamber.refuses("member-5", "Adjourn", resumesAt=later.isoformat()) == (
        "MEETING_NOT_PRESIDING"
    )
    await chamber.do("operator", "Adjourn", resumesAt=later.isoformat())
    assert await chamber.refuses("operator", "Convene") == "MEETING_TOO_EARLY"
    chamber.clock.advance(days=1)
    await chamber.arrive("chair", "member-5")
    assert (await chamber.do("chair", "Convene"))["quorum"]["required"] == 3
    await chamber.arrive("member-6")
    assert (await chamber.do("chair", "Convene"))["status"] == "IN_SESSION"


async def test_who_comes_during_the_wait_completes_the_quorum(chamber: Any) -> None:
    await chamber.arrive("chair", "member-2")
    await chamber.do("operator", "Convene")
    await chamber.arrive("member-3", "member-4", "member-5")
    chamber.clock.advance(minutes=30)
    assert (await chamber.do("operator", "Recount"))["status"] == "WAITING_FOR_QUORUM"
    assert (await chamber.do("operator", "Convene"))["status"] == "IN_SESSION"


async def test_who_is_there_presides_by_rank(chamber: Any) -> None:
    assert (await chamber.screen())["presiding"] is None
    await chamber.arrive("member-5", "member-4", "member-3")
    screen = await chamber.screen()
    assert screen["presiding"]["id"] == chamber.members["member-3"]
    assert await chamber.refuses("member-4", "Convene") == "MEETING_NOT_PRESIDING"
    await chamber.arrive("member-2", "chair")
    assert (await chamber.screen())["presiding"]["id"] == chamber.members["chair"]
    await chamber.attend("chair", "LEFT")
    assert (await chamber.screen())["presiding"]["id"] == chamber.members["member-2"]
    await chamber.arrive("member-6")
    assert (await chamber.do("member-2", "Convene"))["status"] == "IN_SESSION"


async def test_presence_by_device_and_by_the_operator(chamber: Any) -> None:
    await chamber.arrive("member-3")
    await chamber.do("member-4", "CheckIn", remote=True)
    await chamber.attend("member-5", "EXCUSED", reason="travels")
    await chamber.attend("member-3", "LEFT", by="member-3")
    told = {line["member"]["id"]: line["status"] for line in (await chamber.screen())["attendance"]}
    wanted = {"member-3": "LEFT", "member-4": "REMOTE", "member-5": "EXCUSED"}
    assert {who: told[chamber.members[who]] for who in wanted} == wanted
    member = chamber.members["member-6"]
    fields = {"memberId": member, "status": "PRESENT"}
    assert await chamber.refuses("member-3", "RecordAttendance", **fields) == "FORBIDDEN"
    assert await chamber.refuses("operator", "CheckIn") == "MEETING_NOT_A_VOTING_MEMBER"
    await chamber.amend(remoteCounts=False)
    assert await chamber.refuses("member-7", "CheckIn", remote=True) == "MEETING_NO_REMOTE"


async def test_the_agenda_goes_on_item_by_item(chamber: Any) -> None:
    agenda = (await chamber.screen())["agenda"]
    first, second = agenda[0]["id"], agenda[1]["id"]
    code = await chamber.refuses("operator", "MoveToAgendaItem", agendaItemId=first)
    assert code == "MEETING_WRONG_STATUS"
    await chamber.convened()
    screen = await chamber.do("chair", "MoveToAgendaItem", agendaItemId=first)
    assert screen["currentItem"]["id"] == first
    screen = await chamber.do("operator", "MoveToAgendaItem", agendaItemId=second)
    assert [item["status"] for item in screen["agenda"]][:3] == ["DONE", "CURRENT", "PENDING"]


async def test_adjourning_to_later_and_ending(chamber: Any) -> None:
    await chamber.convened()
    later = (chamber.clock.now() + dt.timedelta(days=7)).isoformat()
    screen = await chamber.do("chair", "Adjourn", resumesAt=later, reason="prayer")
    assert (screen["status"], screen["quorum"]["present"]) == ("ADJOURNED", 0)
    past = (chamber.clock.now() - dt.timedelta(days=7)).isoformat()
    assert await chamber.refuses("operator", "Adjourn", resumesAt=past) == "MEETING_IN_THE_PAST"
    chamber.clock.advance(days=7)
    await chamber.convened()
    assert (await chamber.do("chair", "Adjourn"))["status"] == "ENDED"
    assert await chamber.refuses("operator", "Adjourn") == "MEETING_WRONG_STATUS"
    assert await chamber.refuses("chair", "CheckIn") == "MEETING_WRONG_STATUS"


async def test_nobody_opens_moves_or_cancels_a_meeting_behind_the_others(chamber: Any) -> None:
    """Who is there alone presides, but not over whether and when the meeting is held."""
    later = (chamber.clock.now() + dt.timedelta(hours=1)).isoformat()
    moved = await chamber.do("chair", "Adjourn", resumesAt=later)
    assert moved["status"] == "ADJOURNED"
    await chamber.arrive("member-6", "member-7", "member-8")
    assert await chamber.refuses("member-6", "Convene") == "MEETING_TOO_EARLY"
    assert await chamber.refuses("operator", "Convene") == "MEETING_TOO_EARLY"
    for fields in ({}, {"resumesAt": later}):
        code = await chamber.refuses("member-6", "Adjourn", reason="alone", **fields)
        assert code == "MEETING_NOT_PRESIDING"
    far = (chamber.clock.now() + dt.timedelta(days=3000)).isoformat()
    assert await chamber.refuses("chair", "Adjourn", resumesAt=far) == "MEETING_NO_TERM"
    chamber.clock.advance(hours=1)
    assert (await chamber.do("member-6", "Convene"))["status"] == "WAITING_FOR_QUORUM"


async def test_a_meeting_that_never_sat_is_cancelled(chamber: Any) -> None:
    assert (await chamber.do("operator", "Adjourn", reason="storm"))["status"] == "CANCELLED"


async def test_scheduling_numbers_invites_and_refuses(chamber: Any) -> None:
    at = (chamber.clock.now() + dt.timedelta(days=3)).isoformat()
    fields = {
        "council": "muharraq-municipal",
        "kind": "EXTRAORDINARY",
        "title": "Roads",
        "scheduledAt": at,
        "agenda": [{"title": "Roads"}, {"title": "Any other business", "body": "All else."}],
    }
    made = await chamber.do("chair", "Schedule", **fields)
    assert (made["number"], [item["position"] for item in made["agenda"]]) == (5, [1, 2])
    ordinary = await chamber.do("operator", "Schedule", **(fields | {"kind": "ORDINARY"}))
    assert ordinary["number"] == 1
    query = "query ($id: ID!) { node(id: $id) { ... on Meeting { invitation } } }"
    entry = (await chamber.look("member-2", query, id=made["id"]))["node"]["invitation"]
    assert entry.startswith("BEGIN:VCALENDAR")
    assert "SUMMARY:Muharraq Municipal Council: Roads" in entry
    assert entry.count("ATTENDEE") == 9
    refusals = {
        "member-3": ({}, "MEETING_NOT_A_MEMBER"),
        "citizen": ({}, "FORBIDDEN"),
        "chair": ({"agenda": []}, "MEETING_BAD_AGENDA"),
        "operator": ({"scheduledAt": "2020-01-01T00:00:00Z"}, "MEETING_IN_THE_PAST"),
    }
    for who, (changed, code) in refusals.items():
        assert await chamber.refuses(who, "Schedule", **(fields | changed)) == code, who
    far = (chamber.clock.now() + dt.timedelta(days=3000)).isoformat()
    changed = fields | {"scheduledAt": far}
    assert await chamber.refuses("chair", "Schedule", **changed) == "MEETING_NO_TERM"
    assert await chamber.refuses("chair", "Schedule", **(fields | {"title": " "})) == (
        "MEETING_BAD_TEXT"
    )


async def test_closed_meetings_do_not_exist_for_others(chamber: Any) -> None:
    at = (chamber.clock.now() + dt.timedelta(days=3)).isoformat()
    made = await chamber.do(
        "chair",
        "Schedule",
        council="muharraq-municipal",
        kind="ORDINARY",
        title="Personnel",
        scheduledAt=at,
        isClosed=True,
        agenda=[{"title": "One"}],
    )
    chamber.meeting = made["id"]
    assert (await chamber.screen("member-2"))["title"] == "Personnel"
    for stranger in (None, "gallery", "citizen", "minister", "admin", "council-registrar"):
        assert await chamber.screen(stranger) is None, stranger
    listed = '{ meetingCouncil(code: "muharraq-municipal") { meetings(first: 9) { totalCount } } }'
    for who, count in (("gallery", 1), ("member-8", 2)):
        found = (await chamber.look(who, listed))["meetingCouncil"]["meetings"]
        assert found["totalCount"] == count
    assert await chamber.refuses("minister", "CheckIn") == "NOT_FOUND"
