"""What leaves e-Meeting: calendar entries, notices to members, Popolo and OParl."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import icalendar
import pytest
from bawaba import db
from bawaba.graphql import raw_id
from bawaba_emeeting.models import MeetingMember

EXPORT = """query ($id: ID!, $f: MeetingExportFormat!) {
  meetingExport(meetingId: $id, format: $f) }"""
INVITATION = "query ($id: ID!) { node(id: $id) { ... on Meeting { invitation } } }"
SCHEMA = "https://schema.oparl.org/1.1/"
SECRET = "Dismissal zq7"


@pytest.fixture
async def ended(chamber: Any) -> Any:
    """Return the chamber after a meeting with votes alone, en bloc, by proxy, and one annulled;
    a member who voted has left the council meanwhile. Its minutes are drafted.
    """
    meeting = {"meetingId": chamber.meeting, "holderId": chamber.members["chair"]}
    await chamber.do("member-8", "GiveProxy", **meeting)
    await chamber.convened("chair", "member-2", "member-3", "member-4", "member-5", "member-7")
    parts = [await chamber.proposed(text="First part"), await chamber.proposed(text="Second part")]
    bloc = await chamber.opened(text="All of it", enBloc=parts)
    await chamber.vote(bloc, chair="YES", member_2="YES", member_7="ABSTAIN")
    fields = {"choice": "NO", "onBehalfOf": chamber.members["member-8"]}
    await chamber.do("chair", "CastVote", motionId=bloc, **fields)
    await chamber.closed(bloc)
    await chamber.do("chair", "AnnulVoting", motionId=bloc, reason="a miscount")
    await chamber.do("chair", "OpenVoting", motionId=parts[0])
    await chamber.vote(parts[0], member_7="NO")
    await chamber.closed(parts[0])
    await chamber.do("chair", "OpenVoting", motionId=bloc)
    await chamber.vote(bloc, chair="YES", member_2="NO", member_7="YES")
    await chamber.do("chair", "CastVote", motionId=bloc, **fields | {"choice": "YES"})
    await chamber.closed(bloc)
    with chamber.host.unit():
        mine = raw_id(chamber.members["member-7"], "MeetingMember")
        await MeetingMember.filter(id=mine).update(left_at=chamber.clock.now())
    await chamber.do("chair", "Adjourn", reason="All is done.")
    await chamber.run("meeting.draft", {"meeting": raw_id(chamber.meeting, "Meeting")})
    return chamber


async def export(chamber: Any, who: str | None, form: str) -> Any:
    found = (await chamber.look(who, EXPORT, id=chamber.meeting, f=form))["meetingExport"]
    return None if found is None else json.loads(found)


async def test_popolo_refers_to_nothing_that_it_does_not_tell(ended: Any) -> None:
    told = await export(ended, "chair", "POPOLO")
    ids = {
        kind: [each["id"] for each in told[kind]]
        for kind in ("organizations", "persons", "motions", "vote_events")
    }
    for kind, found in ids.items():
        assert len(set(found)) == len(found) > 0, kind
        assert all(each.startswith("http") for each in found)
    assert len(ids["persons"]) == 8  # she who left the council is one of them
    for each in told["memberships"]:
        assert each["person_id"] in ids["persons"]
        assert each["organization_id"] in ids["organizations"]
    for motion in told["motions"]:
        assert motion["organization_id"] in ids["organizations"]
        assert motion["text"]
    for event in told["vote_events"]:
        assert event["motion_id"] in ids["motions"]
        assert event["organization_id"] in ids["organizations"]
        assert event["start_date"] <= event["end_date"]
        counts = {count["option"]: count["value"] for count in event["counts"]}
        assert set(counts) == {"yes", "no", "abstain"}
        for option, value in counts.items():
            cast = [vote["weight"] for vote in event["votes"] if vote["option"] == option]
            assert sum(cast) == value
        assert {vote["voter_id"] for vote in event["votes"]} <= set(ids["persons"])


async def test_popolo_tells_of_each_valid_vote_on_a_motion(ended: Any) -> None:
    told = await export(ended, "chair", "POPOLO")
    texts = {motion["id"]: motion["text"] for motion in told["motions"]}
    results = {texts[event["motion_id"]]: event["result"] for event in told["vote_events"]}
    assert results == {"First part": "fail", "Second part": "pass", "All of it": "pass"}
    assert len(told["vote_events"]) == 3  # the annulled one is none
    assert {m["text"]: m["result"] for m in told["motions"] if m["text"] in results} == results


async def test_oparl_has_what_each_object_requires(ended: Any) -> None:
    """As https://github.com/OParl/spec has it: ``required`` of each schema."""
    told = await export(ended, "operator", "OPARL")
    base = told["id"].removesuffix(f"/meetings/{raw_id(ended.meeting, 'Meeting')}")
    assert base.startswith("http")
    assert told["type"] == f"{SCHEMA}Meeting"
    assert told["name"].startswith("Extraordinary meeting no. 4")
    assert told["start"] <= told["end"]
    assert len(told["participant"]) == 6
    assert len(told["agendaItem"]) == 4
    for place, item in enumerate(told["agendaItem"], 1):
        assert item["id"].startswith(told["id"])
        assert (item["type"], item["order"]) == (f"{SCHEMA}AgendaItem", place)
        assert item["public"] is True
    files = [file for item in told["agendaItem"] for file in item["auxiliaryFile"]]
    urls = '{ meetingCouncil(code: "muharraq-municipal") { meetings(first: 1) { nodes { agenda {'
    agenda = await ended.look("chair", f"{urls} documents {{ url sha256 }} }} }} }} }} }}")
    items = agenda["meetingCouncil"]["meetings"]["nodes"][0]["agenda"]
    known = [document for item in items for document in item["documents"]]
    assert len(files) == len(known) == 2
    for file, document in zip(files, known, strict=True):
        assert file["type"] == f"{SCHEMA}File"
        assert file["id"].startswith(base)
        assert file["accessUrl"] == document["url"]
        assert file["mimeType"] == "application/pdf"
        assert file["fileName"].endswith(".pdf")
        assert file["size"] > 0
        assert file["bawaba:sha256"] == document["sha256"]
    assert all(value is not None for each in (told, *told["agendaItem"], *files)
               for value in each.values())  # fmt: skip
    decided = told["agendaItem"][1]
    assert "First part: REJECTED" in decided["result"]
    assert "Not carried: 0 yes, 1 no" in decided["resolutionText"]


async def test_drafts_are_exported_to_the_council_alone(ended: Any) -> None:
    for form in ("POPOLO", "OPARL"):
        assert await export(ended, "gallery", form) is None
        assert await export(ended, None, form) is None
        assert await export(ended, "member-3", form) is not None
    for who in ("chair", "member-2", "member-3"):  # more than half of the five who can still sign
        await ended.do(who, "ApproveMinutes", version=1)
    assert (await export(ended, None, "OPARL"))["name"].startswith("Extraordinary meeting no. 4")


async def entry(chamber: Any, who: str = "member-2") -> tuple[Any, Any]:
    """Return a meeting's calendar and the event in it."""
    text = (await chamber.look(who, INVITATION, id=chamber.meeting))["node"]["invitation"]
    calendar = icalendar.Calendar.from_ical(text)
    (event,) = calendar.walk("VEVENT")
    return calendar, event


async def test_an_invitation_is_one_by_the_book(chamber: Any) -> None:
    calendar, event = await entry(chamber)
    assert (calendar["METHOD"], calendar["VERSION"]) == ("REQUEST", "2.0")
    assert (event["ORGANIZER"], event["ORGANIZER"].params["CN"]) == (
        "invalid:nomail", "Muharraq Municipal Council",
    )  # fmt: skip
    assert {person.params["CN"] for person in event["ATTENDEE"]} >= {"Abdulaziz Hamad Naar"}
    assert event["STATUS"] == "CONFIRMED"
    name, link = event["DESCRIPTION"].split("\n")
    assert name == "Extraordinary meeting no. 4 of the Muharraq Municipal Council"
    assert link == event["URL"]
    assert event.decoded("DTSTAMP") == chamber.clock.now().replace(microsecond=0)
    assert event.decoded("DTSTART").isoformat() == await scheduled(chamber)
    assert len(event.walk("VALARM")) == 1
    later = (chamber.clock.now() + dt.timedelta(days=2)).replace(microsecond=0)
    await chamber.do("operator", "Adjourn", resumesAt=later.isoformat())
    _, moved = await entry(chamber)
    assert moved["UID"] == event["UID"]
    assert moved["SEQUENCE"] > event["SEQUENCE"]
    assert moved.decoded("DTSTART") == later


async def scheduled(chamber: Any) -> str:
    query = "query ($id: ID!) { node(id: $id) { ... on Meeting { scheduledAt } } }"
    found = await chamber.look("chair", query, id=chamber.meeting)
    return dt.datetime.fromisoformat(found["node"]["scheduledAt"]).isoformat()


async def test_a_cancelled_meeting_is_taken_off_calendars(chamber: Any) -> None:
    _, before = await entry(chamber)
    chamber.clock.advance(hours=1)
    await chamber.do("operator", "Adjourn", reason="storm")
    calendar, event = await entry(chamber)
    assert (calendar["METHOD"], event["STATUS"]) == ("CANCEL", "CANCELLED")
    assert event["ORGANIZER"] == "invalid:nomail"
    assert event["UID"] == before["UID"]
    assert event["SEQUENCE"] > before["SEQUENCE"]
    assert event.decoded("DTSTAMP") > before.decoded("DTSTAMP")
    assert event.walk("VALARM") == []  # RFC 5546, 3.2.5


async def notices(chamber: Any) -> dict[str, list[Any]]:
    """Return the notices about the meeting by the first part of their key."""
    with chamber.host.unit():
        rows = await db.fetch(
            "SELECT key, person_id, subject_en, subject_ar, body_en, body_ar FROM core_notice"
        )
    found: dict[str, list[Any]] = {}
    for row in rows:
        if raw_id(chamber.meeting, "Meeting") in row["key"]:
            found.setdefault(row["key"].partition(":")[0], []).append(row)
    return found


async def planned(chamber: Any, title: str, *, closed: bool) -> dt.datetime:
    """Have a meeting scheduled that the chamber is about from now on; return for when."""
    at = chamber.clock.now().replace(hour=7, minute=0, second=0, microsecond=0)
    at += dt.timedelta(days=3)
    made = await chamber.do(
        "chair",
        "Schedule",
        council="muharraq-municipal",
        kind="ORDINARY",
        title=title,
        scheduledAt=at.isoformat(),
        isClosed=closed,
        agenda=[{"title": "One"}],
    )
    chamber.meeting = made["id"]
    return at


def day(instant: dt.datetime) -> str:
    return f"{instant.day} {instant:%B %Y}"  # the same at 7:00 UTC and where the council sits


async def test_members_are_told_when_a_meeting_is_moved_and_cancelled(chamber: Any) -> None:
    at = await planned(chamber, "Roads", closed=False)
    later = [at + dt.timedelta(days=7, minutes=90), at + dt.timedelta(days=14)]
    for each in later:
        await chamber.do("chair", "Adjourn", resumesAt=each.isoformat())
    await chamber.do("chair", "Adjourn", reason="storm")
    found = await notices(chamber)
    assert {key: len(rows) for key, rows in found.items()} == {
        "meeting.invited": 9, "meeting.moved": 18, "meeting.cancelled": 9,
    }  # fmt: skip
    for rows in found.values():
        assert len({row["person_id"] for row in rows}) == 9
    name = "Ordinary meeting no. 1 of the Muharraq Municipal Council"
    invited, cancelled = found["meeting.invited"][0], found["meeting.cancelled"][0]
    assert (invited["subject_en"], invited["subject_ar"]) == ("Invitation: Roads", "دعوة: Roads")
    assert invited["body_en"].startswith(f"{name} takes place on {day(at)} at 10:00.")
    assert invited["body_ar"].startswith("ينعقد الاجتماع الاعتيادي رقم 1 لمجلس المحرق البلدي يوم")
    assert f"{at.year} الساعة 10:00. جدول" in invited["body_ar"]
    assert {row["body_en"].partition(". The agenda")[0] for row in found["meeting.moved"]} == {
        f"{name} was adjourned and meets on {day(later[0])} at 11:30",
        f"{name} was adjourned and meets on {day(later[1])} at 10:00",
    }
    assert {row["subject_ar"] for row in found["meeting.moved"]} == {"موعد جديد: Roads"}
    assert (cancelled["subject_en"], cancelled["body_en"]) == (
        "Cancelled: Roads", f"{name} is cancelled.",
    )  # fmt: skip


async def test_the_title_of_a_closed_meeting_stays_inside(chamber: Any) -> None:
    at = await planned(chamber, SECRET, closed=True)
    await chamber.do("chair", "Adjourn", resumesAt=(at + dt.timedelta(days=7)).isoformat())
    await chamber.do("chair", "Adjourn", reason="storm")
    found = await notices(chamber)
    assert {(row["subject_en"], row["subject_ar"]) for rows in found.values() for row in rows} == {
        ("Invitation to a closed meeting", "دعوة إلى اجتماع مغلق"),
        ("New date of a closed meeting", "موعد جديد لاجتماع مغلق"),
        ("A closed meeting is cancelled", "إلغاء اجتماع مغلق"),
    }
    assert sum(map(len, found.values())) == 27
    with chamber.host.unit():
        told = str(await db.fetch("SELECT * FROM core_notice"))
        told += str(await db.fetch("SELECT * FROM core_outbox"))
    assert SECRET not in told


async def test_the_end_of_a_meeting_is_no_notice(chamber: Any) -> None:
    await chamber.convened()
    await chamber.do("chair", "Adjourn")
    assert await notices(chamber) == {}
