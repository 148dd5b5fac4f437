"""The operator's keys: rotated, and lost."""

from __future__ import annotations

from typing import Any

import pytest
from bawaba import db
from bawaba_emeeting.services import vault
from meeting_chamber import nonce
from test_meeting_papers import DOCUMENT, comment
from test_meeting_papers import document as document  # noqa: PLC0414  the fixture

OLD, NEW = {"old": b"1" * 32}, {"new": b"2" * 32}


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """Return the operator's keys, newest first, for a test to change."""
    held = dict(OLD)
    monkeypatch.setattr(vault, "_keys", lambda: held)
    return held


def rotate(keys: dict[str, bytes], *sets: dict[str, bytes]) -> None:
    keys.clear()
    for each in sets:
        keys.update(each)


async def test_private_comments_outlive_a_new_key_and_not_a_lost_one(
    chamber: Any, document: str, keys: dict[str, bytes]
) -> None:
    async def bodies() -> list[str]:
        found = (await chamber.look("member-3", DOCUMENT, id=document))["node"]["comments"]
        return [each["body"] for each in found["nodes"]]

    await comment(chamber, "member-3", document, "first", visibility="PRIVATE")
    rotate(keys, NEW, OLD)
    await comment(chamber, "member-3", document, "second", visibility="PRIVATE")
    assert await bodies() == ["first", "second"]
    with chamber.host.unit():
        rows = await db.fetch("SELECT sealed FROM meeting_comment ORDER BY written_at, id")
    assert [row["sealed"].partition(":")[0] for row in rows] == ["old", "new"]
    rotate(keys, NEW)
    assert await bodies() == ["", "second"]


async def test_a_secret_vote_is_closed_with_the_key_it_was_opened_with(
    chamber: Any, keys: dict[str, bytes]
) -> None:
    await chamber.convened()
    motion = await chamber.opened(ballot="SECRET")
    fields = {"motionId": motion, "ballotNonce": nonce()}
    await chamber.do("chair", "CastVote", choice="YES", **fields)
    rotate(keys, NEW, OLD)
    await chamber.do("member-2", "CastVote", choice="NO", **fields)
    done = await chamber.closed(motion)
    assert (done["tally"]["yes"], done["tally"]["no"]) == (1, 1)


async def test_without_its_key_a_secret_vote_is_annulled_and_stays_sealed(
    chamber: Any, keys: dict[str, bytes]
) -> None:
    await chamber.convened()
    motion = await chamber.opened(ballot="SECRET")
    fields = {"motionId": motion, "choice": "YES"}
    await chamber.do("chair", "CastVote", ballotNonce=nonce(), **fields)
    rotate(keys, NEW)
    code = await chamber.refuses("member-2", "CastVote", ballotNonce=nonce(), **fields)
    assert code == "SERVICE_UNAVAILABLE"
    assert await chamber.refuses("chair", "CloseVoting", motionId=motion) == "SERVICE_UNAVAILABLE"
    assert (await chamber.motion(motion))["status"] == "OPEN"
    await chamber.do("chair", "AnnulVoting", motionId=motion, reason="the key is lost")
    with chamber.host.unit():
        rows = await db.fetch("SELECT choice, sealed FROM meeting_box")
    assert [(row["choice"], row["sealed"] is None) for row in rows] == [(None, False)]
    await chamber.do("chair", "OpenVoting", motionId=motion)
    await chamber.do("chair", "CastVote", ballotNonce=nonce(), **fields)
    assert (await chamber.closed(motion))["tally"]["yes"] == 1


async def test_without_any_key_nothing_is_whispered(
    chamber: Any, document: str, keys: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    from bawaba.errors import Unavailable  # noqa: PLC0415

    def none() -> dict[str, bytes]:
        raise Unavailable

    await chamber.convened()
    motion = await chamber.proposed(ballot="SECRET")
    monkeypatch.setattr(vault, "_keys", none)
    assert await chamber.refuses("chair", "OpenVoting", motionId=motion) == "SERVICE_UNAVAILABLE"
    said = {"documentId": document, "body": "x"}
    code = await chamber.refuses("chair", "Comment", visibility="PRIVATE", **said)
    assert code == "SERVICE_UNAVAILABLE"
    await chamber.do("chair", "Comment", visibility="SHARED", **said)
    with chamber.host.unit(), pytest.raises(Unavailable):
        await vault.check()
