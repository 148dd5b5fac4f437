"""Documents and their versions, comments shared and private, the manifest."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from bawaba import db, files
from bawaba.files import FileStatus
from bawaba.host.files.models import FileRow
from bawaba.host.identity.models import Person

DOCUMENT = """query ($id: ID!) { node(id: $id) { ... on MeetingDocument {
  id title version sha256 comments(first: 50) { totalCount nodes {
    id body quote page visibility isStale version author { displayName } rectangle { x width } } }
} } }"""
PRIVATE = "private-zq1"


@pytest.fixture
async def document(chamber: Any) -> str:
    """Return a document of the demo's meeting."""
    return str((await chamber.screen())["agenda"][1]["documents"][0]["id"])


async def uploaded(chamber: Any, who: str, content: bytes) -> str:
    """Return the id of a file that somebody has uploaded; its bytes are stored already."""
    with chamber.host.unit():
        owner = await Person.get(subject=who)
        made = await files.store(
            "meeting.document", "nobody", "x.pdf", "application/pdf", b"%PDF-1.7 " + content
        )
        await FileRow.filter(id=made.id).update(
            owner_id=owner.id, status=FileStatus.STORED.value, subject=None
        )
    from bawaba.graphql import global_id  # noqa: PLC0415

    return str(global_id("Attachment", made.id))


async def comment(chamber: Any, who: str, document: str, body: str, **fields: Any) -> Any:
    asked = {"documentId": document, "body": body, "visibility": "SHARED", **fields}
    return await chamber.do(who, "Comment", **asked)


async def seen(chamber: Any, who: str | None, document: str) -> Any:
    return (await chamber.look(who, DOCUMENT, id=document))["node"]


async def test_a_new_version_makes_comments_stale(chamber: Any, document: str) -> None:
    fields = {"page": 2, "rectangle": {"x": 0.1, "y": 0.2, "width": 0.5, "height": 0.1}}
    made = await comment(chamber, "member-3", document, "Too much.", quote="120000", **fields)
    assert (made["isStale"], made["page"], made["quote"]) == (False, 2, "120000")
    item = (await chamber.screen())["agenda"][1]["id"]
    new = {"agendaItemId": item, "title": "Second reading", "documentId": document}
    attachment = await uploaded(chamber, "operator", b"two")
    before = await _manifest(chamber)
    after = await chamber.do("operator", "AddDocument", attachmentId=attachment, **new)
    assert (after["id"], after["version"]) == (document, 2)
    assert after["sha256"] == hashlib.sha256(b"%PDF-1.7 two").hexdigest()
    old = (await seen(chamber, "member-4", document))["comments"]["nodes"][0]
    assert (old["isStale"], old["version"], old["rectangle"]) == (True, 1, {"x": 0.1, "width": 0.5})
    assert await _manifest(chamber) != before
    # The same file is attached once; another's is not found.
    code = await chamber.refuses("operator", "AddDocument", attachmentId=attachment, **new)
    assert code == "FILE_NOT_READY"
    theirs = await uploaded(chamber, "member-2", b"three")
    code = await chamber.refuses("operator", "AddDocument", attachmentId=theirs, **new)
    assert code == "NOT_FOUND"
    code = await chamber.refuses("member-2", "AddDocument", attachmentId=theirs, **new)
    assert code == "MEETING_NOT_A_MEMBER"


async def _manifest(chamber: Any, who: str = "member-2") -> Any:
    query = """query ($id: ID!) { node(id: $id) { ... on Meeting { manifest {
      sha256 files(first: 10) { nodes { id version sha256 } } } } } }"""
    return (await chamber.look(who, query, id=chamber.meeting))["node"]["manifest"]


async def test_the_manifest_tells_every_file_by_hash(chamber: Any) -> None:
    found = await _manifest(chamber)
    files = found["files"]["nodes"]
    assert len(files) == 2
    told = "".join(f"{file['id']} {file['version']} {file['sha256']}\n" for file in files)
    assert found["sha256"] == hashlib.sha256(told.encode()).hexdigest()
    assert await _manifest(chamber, "gallery") is None


async def test_private_comments_are_for_their_author_alone(chamber: Any, document: str) -> None:
    mine = await comment(
        chamber, "member-3", document, PRIVATE, visibility="PRIVATE", quote=f"{PRIVATE}-quote"
    )
    await comment(chamber, "member-4", document, "shared")
    own = (await seen(chamber, "member-3", document))["comments"]
    assert [(c["body"], c["visibility"]) for c in own["nodes"]] == [
        (PRIVATE, "PRIVATE"),
        ("shared", "SHARED"),
    ]
    assert own["nodes"][0]["quote"] == f"{PRIVATE}-quote"
    node = "query ($id: ID!) { node(id: $id) { ... on MeetingComment { body quote } } }"
    for who in ("chair", "operator", "member-4", "admin", "gallery", "council-registrar", None):
        answer = await chamber.ask(who, DOCUMENT, {"id": document})
        assert PRIVATE not in str(answer), who
        if who in {"chair", "operator", "member-4"}:
            assert answer["data"]["node"]["comments"]["totalCount"] == 1
        else:
            assert answer["data"]["node"] is None
        assert (await chamber.look(who, node, id=mine["id"]))["node"] is None, who
    assert (await chamber.look("member-3", node, id=mine["id"]))["node"]["body"] == PRIVATE
    with chamber.host.unit():
        rows = await db.fetch("SELECT * FROM meeting_comment")
        told = str(rows) + str(await db.fetch("SELECT * FROM core_outbox"))
        told += str(await db.fetch("SELECT * FROM core_audit"))
    assert PRIVATE not in told
    assert "shared" in told


async def test_a_private_comment_cannot_be_passed_off_as_anothers(
    chamber: Any, document: str
) -> None:
    await comment(chamber, "member-3", document, PRIVATE, visibility="PRIVATE")
    with chamber.host.unit():
        other = await Person.get(subject="member-4")
        await db.execute("UPDATE meeting_comment SET author_id = $1", other.id)
    answer = await chamber.ask("member-4", DOCUMENT, {"id": document})
    assert PRIVATE not in str(answer)
    assert answer["data"]["node"]["comments"]["nodes"][0]["body"] == ""


@pytest.mark.parametrize(
    "fields",
    [
        {"page": 0},
        {"page": 10_001},
        {"rectangle": {"x": 0.1, "y": 0.1, "width": 0.1, "height": 0.1}},
        {"page": 1, "rectangle": {"x": 0.9, "y": 0.1, "width": 0.2, "height": 0.1}},
        {"page": 1, "rectangle": {"x": 0.1, "y": 0.1, "width": 0.0, "height": 0.1}},
        {"page": 1, "rectangle": {"x": -0.1, "y": 0.1, "width": 0.5, "height": 0.1}},
    ],
)
async def test_anchors_lie_within_the_page(
    chamber: Any, document: str, fields: dict[str, Any]
) -> None:
    asked = {"documentId": document, "body": "x", "visibility": "SHARED", **fields}
    assert await chamber.refuses("chair", "Comment", **asked) == "MEETING_BAD_ANCHOR"


async def test_strangers_neither_read_nor_comment(chamber: Any, document: str) -> None:
    asked = {"documentId": document, "body": "x", "visibility": "SHARED"}
    for who, code in {
        None: "UNAUTHENTICATED",
        "gallery": "FORBIDDEN",
        "minister": "FORBIDDEN",
    }.items():
        assert await chamber.refuses(who, "Comment", **asked) == code
        assert await seen(chamber, who, document) is None
