"""Minutes: drafted from the log, amended, signed, sealed, printed, exported."""

from __future__ import annotations

import hashlib
import io
import json
from typing import Any

import pytest
from bawaba import files
from bawaba.graphql import raw_id
from bawaba_emeeting.domain import MAX_MINUTES_VERSIONS
from bawaba_emeeting.models import MeetingEdition, MeetingMinutes, MeetingSignature
from bawaba_emeeting.rules import minutes as law
from bawaba_emeeting.services.minutes import sections_of
from pypdf import PdfReader

SIGNERS = ("chair", "member-2", "member-3", "member-4", "member-5")
MINUTES = """query ($id: ID!) { node(id: $id) { ... on Meeting { minutes {
  status version approvedAt seal sections { key title text }
  editions { language pdfUrl sha256 } approvals { member { displayName } at } } } } }"""


@pytest.fixture
async def ended(chamber: Any) -> Any:
    """Return the chamber after a meeting of eight with a vote; its minutes are drafted."""
    await chamber.convened()
    motion = await chamber.opened(text="Adopt the budget")
    await chamber.vote(motion, chair="YES", member_2="YES", member_3="NO")
    await chamber.closed(motion)
    await chamber.attend("member-8", "LEFT")
    await chamber.do("chair", "Adjourn", reason="All is done.")
    await chamber.run("meeting.draft", {"meeting": raw(chamber)})
    return chamber


def raw(chamber: Any) -> str:
    return raw_id(chamber.meeting, "Meeting")


async def minutes(chamber: Any, who: str | None = "chair") -> Any:
    return (await chamber.look(who, MINUTES, id=chamber.meeting))["node"]["minutes"]


async def test_minutes_write_themselves(ended: Any) -> None:
    found = await minutes(ended)
    assert (found["status"], found["version"], found["approvals"]) == ("DRAFT", 1, [])
    texts = {section["key"]: section["text"] for section in found["sections"]}
    assert list(texts) == ["opening", "attendance", *(f"item-{n}" for n in range(1, 5)), "closing"]
    assert "8 of 8 members present and 5 needed, the quorum was met" in texts["opening"]
    assert "Jassim Ali Marzooqi left at" in texts["attendance"]
    assert "Motion: Adopt the budget" in texts["item-2"]
    assert "Carried: 2 yes, 1 no, 0 abstaining, 5 not voting" in texts["item-2"]
    assert texts["closing"].endswith("All is done.")
    assert await minutes(ended, "gallery") is None
    # A job that runs again drafts nothing anew.
    await ended.run("meeting.draft", {"meeting": raw(ended)})
    assert await minutes(ended) == found


async def test_amended_signed_by_more_than_half_and_sealed(ended: Any) -> None:
    change = {"version": 1, "section": "closing", "text": "The end.", "language": "EN"}
    for who, changed, code in (
        ("operator", {"version": 7}, "MEETING_STALE_MINUTES"),
        ("operator", {"section": "none"}, "MEETING_NO_SUCH_SECTION"),
        ("operator", {"text": " "}, "MEETING_BAD_TEXT"),
        ("gallery", {}, "FORBIDDEN"),
    ):
        assert await ended.refuses(who, "AmendMinutes", **(change | changed)) == code
    assert (await ended.do("chair", "ApproveMinutes", version=1))["minutes"]["status"] == "DRAFT"
    after = (await ended.do("member-2", "AmendMinutes", **change))["minutes"]
    assert after["version"] == 2
    assert after["sections"][-1]["text"] == "The end."
    assert await ended.refuses("chair", "ApproveMinutes", version=1) == "MEETING_STALE_MINUTES"
    assert await ended.refuses("operator", "ApproveMinutes", version=2) == "MEETING_NOT_ATTENDING"
    for who in SIGNERS[:4]:
        signed = (await ended.do(who, "ApproveMinutes", version=2))["minutes"]
        assert signed["status"] == "DRAFT"
    assert await ended.refuses("chair", "ApproveMinutes", version=2) == "MEETING_ALREADY_SIGNED"
    done = (await ended.do(SIGNERS[4], "ApproveMinutes", version=2))["minutes"]
    assert done["status"] == "APPROVED"
    assert len(done["seal"]) == 64
    again = change | {"version": 2}
    assert await ended.refuses("operator", "AmendMinutes", **again) == "MEETING_MINUTES_APPROVED"
    code = await ended.refuses("member-6", "ApproveMinutes", version=2)
    assert code == "MEETING_MINUTES_APPROVED"
    public = await minutes(ended, None)
    assert (public["status"], len(public["approvals"])) == ("APPROVED", 5)


async def test_printed_in_both_languages_once(ended: Any) -> None:
    for who in SIGNERS:
        await ended.do(who, "ApproveMinutes", version=1)
    job = {"meeting": raw(ended), "version": 1, "status": "APPROVED"}
    for _ in range(2):
        await ended.run("meeting.print", job)
    editions = (await minutes(ended, "gallery"))["editions"]
    assert [edition["language"] for edition in editions] == ["AR", "EN"]
    with ended.host.unit():
        assert await MeetingEdition.all().count() == 2
        held = await files.of_subjects("meeting.minutes", [f"{raw(ended)}-APPROVED"])
        stored = {file.sha256: file for file in held[f"{raw(ended)}-APPROVED"]}
        desk = ended.host.runtime.files
        content = {}
        for edition in editions:
            file = stored[edition["sha256"]]
            from bawaba.host.files.models import FileRow  # noqa: PLC0415

            key = (await FileRow.get(id=file.id)).object_key
            parts = [part async for part in desk.store.read(key, 0, file.size)]
            content[edition["language"]] = b"".join(parts)
    english = "\n".join(p.extract_text() for p in PdfReader(io.BytesIO(content["EN"])).pages)
    assert "Extraordinary meeting no. 4 of the Muharraq Municipal Council" in english
    assert "Adopt the budget" in english
    seal = (await minutes(ended))["seal"]
    assert seal in english.replace("\n", "")
    arabic = PdfReader(io.BytesIO(content["AR"]))
    assert arabic.trailer["/Root"]["/Lang"] == "ar"


async def test_minutes_of_a_secret_vote_tell_nobodys_choice(chamber: Any) -> None:
    from meeting_chamber import nonce  # noqa: PLC0415

    await chamber.convened()
    motion = await chamber.opened(ballot="SECRET", text="Dismiss the clerk")
    for who, choice in (("chair", "YES"), ("member-2", "NO")):
        fields = {"motionId": motion, "choice": choice, "ballotNonce": nonce()}
        await chamber.do(who, "CastVote", **fields)
    await chamber.closed(motion)
    await chamber.do("chair", "CastingVote", motionId=motion, choice="NO")
    await chamber.do("chair", "Adjourn")
    await chamber.run("meeting.draft", {"meeting": raw(chamber)})
    query = "query ($id: ID!) { meetingExport(meetingId: $id, format: POPOLO) }"
    told = json.loads((await chamber.look("chair", query, id=chamber.meeting))["meetingExport"])
    assert [event["votes"] for event in told["vote_events"]] == [[]]
    text = {s["key"]: s["text"] for s in (await minutes(chamber))["sections"]}["item-2"]
    assert "decided by the casting vote" in text


async def test_minutes_are_amended_only_so_often(ended: Any) -> None:
    change = {"section": "closing", "text": "The end.", "language": "EN"}
    with ended.host.unit():
        mine = MeetingMinutes.filter(meeting_id=raw(ended))
        await mine.update(version=MAX_MINUTES_VERSIONS - 1)
    last = await ended.do("chair", "AmendMinutes", version=MAX_MINUTES_VERSIONS - 1, **change)
    assert last["minutes"]["version"] == MAX_MINUTES_VERSIONS
    code = await ended.refuses("chair", "AmendMinutes", version=MAX_MINUTES_VERSIONS, **change)
    assert code == "MEETING_TOO_MANY_AMENDMENTS"
    signed = await ended.do("chair", "ApproveMinutes", version=MAX_MINUTES_VERSIONS)
    assert signed["minutes"]["status"] == "DRAFT"


def sha256(told: Any) -> str:
    text = json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


async def test_the_seal_is_recomputed_from_the_rows(ended: Any) -> None:
    change = {"version": 1, "section": "closing", "text": "The end.", "language": "EN"}
    await ended.do("chair", "AmendMinutes", **change)
    for who in SIGNERS:
        await ended.do(who, "ApproveMinutes", version=2)
    with ended.host.unit():
        row = await MeetingMinutes.get(meeting_id=raw(ended))
        found = await sections_of(row.meeting_id, row.record, row.version)
        signed = await MeetingSignature.filter(meeting_id=row.meeting_id, version=2)
    told = [[each.key, each.body.en, each.body.ar] for each in found]
    assert told[-1][1] == "The end."
    content = sha256({"record": row.record, "sections": told})
    assert {each.content_sha256 for each in signed} == {content}
    names = sorted([each.member_id, each.signed_at.isoformat()] for each in signed)
    assert len(names) == len(SIGNERS)
    assert sha256({"content": content, "signatures": names}) == row.seal
    pairs = [(member, at) for member, at in names]
    assert law.seal(law.content_hash(row.record, found), pairs) == row.seal
    assert law.seal(law.content_hash(row.record, found), pairs[1:]) != row.seal
    forged = json.loads(json.dumps(row.record))
    forged["agenda"][1]["motions"][-1]["outcome"] = "REJECTED"
    assert law.seal(law.content_hash(forged, found), pairs) != row.seal


async def test_minutes_say_what_was_signed_whatever_becomes_of_the_words(
    ended: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await minutes(ended)
    monkeypatch.setattr(law, "sections", lambda *_: [])
    assert await minutes(ended) == before


async def test_who_checked_in_days_before_and_left_neither_attended_nor_signs(chamber: Any) -> None:
    await chamber.arrive("member-8")
    await chamber.attend("member-8", "LEFT")
    await chamber.convened("chair", "member-2", "member-3", "member-4", "member-5")
    await chamber.do("chair", "Adjourn")
    await chamber.run("meeting.draft", {"meeting": raw(chamber)})
    with chamber.host.unit():
        record = (await MeetingMinutes.get(meeting_id=raw(chamber))).record
    told = [member["name_en"] for member in record["members"] if member["attended"]]
    assert len(told) == 5
    assert "Jassim Ali Marzooqi" not in told
    assert await chamber.refuses("member-8", "ApproveMinutes", version=1) == "MEETING_NOT_ATTENDING"
    for who in SIGNERS[:3]:  # more than half of five
        await chamber.do(who, "ApproveMinutes", version=1)
    assert (await minutes(chamber))["status"] == "APPROVED"
