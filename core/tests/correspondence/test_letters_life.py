"""A letter's life: delivered once with a receipt, retried under its key, keys that rotate."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from bawaba import correspondence, db, jobs
from bawaba.errors import AgencyUnavailable
from bawaba.host.correspondence.domain import PLATFORM, KeyState
from bawaba.host.correspondence.keyring import Keyring, KeysMissing
from bawaba.host.correspondence.rules import published
from bawaba.host.jobs.models import JobRow
from letters_world import HOUSE, STARS, Book, World, built, opened

SAY = {"say": "ahoy"}
GRACE = 86_400


async def test_a_letter_is_delivered_once_and_both_ends_keep_it(world: World) -> None:
    for _ in range(2):
        reply = await correspondence.send(HOUSE, "light.told", SAY, "k1")
        assert reply == {"entry": "k1", "heard": "ahoy"}
    sent, taken = await world.rows(keeper=PLATFORM), await world.rows(keeper=HOUSE)
    assert len(sent) == len(taken) == 1
    same = ("direction", "agency", "kind", "key", "message_id", "sealed", "receipt", "body_sha256")
    assert [sent[0][name] for name in same] == [taken[0][name] for name in same]
    assert {row["correlation_id"] for row in (*sent, *taken)} == {"request-7"}
    assert await world.book.kept() == [("light.told:k1", "request-7")]
    assert "ahoy" not in sent[0]["sealed"] + sent[0]["hash"], "the body is sealed"
    assert world.count("bawaba_letters_sent_total", agency=HOUSE) == 1


async def test_an_agency_writes_to_the_platform(world: World) -> None:
    reply = await correspondence.send_as_agency(HOUSE, "light.seen", SAY, "k1")
    assert reply["entry"] == "k1"
    assert [row["direction"] for row in await world.rows()] == ["FROM_AGENCY"] * 2
    with pytest.raises(AgencyUnavailable, match="422"):
        await correspondence.send_as_agency(HOUSE, "light.told", SAY, "k2")


async def test_a_letter_that_never_could_be_sent_is_said_so(light: World) -> None:
    with pytest.raises(LookupError):
        await correspondence.send("nobody", "light.told", SAY, "k")
    with pytest.raises(LookupError):
        await correspondence.send_as_agency("nobody", "light.seen", SAY, "k")
    for kind, body, key in (
        ("nodots", SAY, "k"), ("light.told", {"half": 0.5}, "k"), ("light.told", SAY, ""),
    ):  # fmt: skip
        with pytest.raises(ValueError, match="letter"):
            await correspondence.send(HOUSE, kind, body, key)
    await correspondence.send(HOUSE, "light.told", SAY, "k")
    with pytest.raises(ValueError, match="another"):
        await correspondence.send(HOUSE, "light.told", {"say": "else"}, "k")
    with pytest.raises(RuntimeError):
        await inside_a_transaction()


async def inside_a_transaction() -> None:
    async with db.transaction():
        await correspondence.send(HOUSE, "light.told", SAY, "k9")


async def test_a_repetition_is_answered_as_the_first_time_and_not_handled(world: World) -> None:
    first = world.claims(key="k1")
    assert (await world.taken(world.sealed(first))).status == 200
    again = world.claims(key="k1")
    assert (await world.taken(world.sealed(again))).status == 200
    assert [(row["message_id"], row["repeated"]) for row in await world.rows()] == [
        (first.message_id, False),
        (again.message_id, True),
    ]
    assert len(await world.book.kept()) == world.book.tries == 1
    for other in (
        world.claims(key="k1", body={"say": "else"}),
        world.claims(key="k1", kind="light.asked"),
    ):
        assert await world.refusal(world.sealed(other)) == (409, "KEY_REUSED")


async def test_keys_of_different_agencies_and_directions_are_different_keys(world: World) -> None:
    await correspondence.send(HOUSE, "light.told", SAY, "k1")
    await correspondence.send_as_agency(HOUSE, "light.seen", {"say": "b"}, "k1")
    with pytest.raises(AgencyUnavailable):
        # The book holds one row a kind and key: the handler fails, and so nothing is logged.
        await correspondence.send(STARS, "light.told", {"say": "c"}, "k1")
    await correspondence.send(STARS, "light.asked", {"say": "c"}, "k1")
    assert {row["keeper"] for row in await world.rows()} == {PLATFORM, HOUSE, STARS}


async def test_an_outage_leaves_nothing_behind_and_the_next_try_delivers(world: World) -> None:
    world.book.down = True
    with pytest.raises(AgencyUnavailable, match="503"):
        await correspondence.send(HOUSE, "light.told", SAY, "k1")
    assert await world.rows() == []
    assert world.count("bawaba_letters_undelivered_total", agency=HOUSE) == 1
    world.book.down = False
    await correspondence.send(HOUSE, "light.told", SAY, "k1")
    assert len(await world.book.kept()) == 1


async def test_a_lost_answer_is_asked_for_again_and_counts_once(world: World) -> None:
    world.book.lost = True
    with pytest.raises(AgencyUnavailable):
        await correspondence.send(HOUSE, "light.told", SAY, "k1")
    assert [row["keeper"] for row in await world.rows()] == [HOUSE]
    world.book.lost = False
    reply = await correspondence.send(HOUSE, "light.told", SAY, "k1")
    assert reply == {"entry": "k1", "heard": "ahoy"}
    assert world.book.tries == len(await world.book.kept()) == 1
    rows = [(row["keeper"], row["repeated"]) for row in await world.rows()]
    assert rows == [(HOUSE, False), (HOUSE, True), (PLATFORM, False)]


async def test_a_job_keeps_trying_and_carries_the_correlation_id(world: World) -> None:
    async with db.transaction():
        await jobs.enqueue("light.tell", {"say": "ahoy"})
    world.book.down = True
    await world.host.parts.worker.run_due()
    assert (await JobRow.get(name="light.tell")).attempts == 1
    world.book.down = False
    world.clock.advance(seconds=10)
    with world.host.unit("somebody-else"):
        await world.host.parts.worker.run_due()
    assert await world.book.kept() == [("light.told:ahoy", "request-7")]
    assert {row["correlation_id"] for row in await world.rows()} == {"request-7"}


async def test_ten_at_once_under_one_key_count_once(world: World) -> None:
    letters = [world.sealed(world.claims(key="k1")) for _ in range(10)]
    statuses = [r.status for r in await asyncio.gather(*(world.taken(each) for each in letters))]
    assert set(statuses) <= {200, 503}
    assert statuses.count(200) >= 1
    assert len(await world.book.kept()) == 1
    assert sum(not row["repeated"] for row in await world.rows()) == 1
    assert await world.broken() == ""


async def test_twenty_letters_at_once_make_one_gapless_chain(world: World) -> None:
    say = [correspondence.send(HOUSE, "light.told", {"say": f"{n}"}, f"k{n}") for n in range(20)]
    await asyncio.gather(*say)
    assert [row["number"] for row in await world.rows()] == list(range(1, 41))
    assert await world.broken() == ""


async def test_a_false_receipt_is_no_receipt(light: World, monkeypatch: Any) -> None:
    other = light.claims(key="other")
    receipt = await light.taken(light.sealed(other))

    async def post(*_: Any) -> Any:
        return receipt

    monkeypatch.setattr(light.port._by_hand, "post", post)
    with pytest.raises(AgencyUnavailable, match="another letter"):
        await correspondence.send(HOUSE, "light.told", SAY, "k1")
    assert await light.rows(keeper=PLATFORM) == []


async def test_what_was_sealed_before_a_rotation_is_taken_until_the_grace_ends(
    world: World,
) -> None:
    before = [world.sealed(world.claims()) for _ in range(2)]
    for party in (PLATFORM, HOUSE):
        world.office.keyring.rotate(party, world.clock.now())
    assert (await world.taken(before[0])).status == 200, "signed and sealed with retired keys"
    world.clock.advance(seconds=120)
    assert (await world.taken(before[1])).status == 200
    stale = [world.claims(issued_at=world.clock.now() + dt.timedelta(seconds=GRACE))] * 2
    sealed = world.sealed(stale[0])
    world.office.keyring.rotate(HOUSE, world.clock.now())
    world.clock.advance(seconds=GRACE)
    assert await world.refusal(sealed) == (400, "UNOPENABLE")
    await correspondence.send(HOUSE, "light.told", SAY, "k1")
    assert await world.broken() == "", "receipts of expired keys still verify"


async def test_a_signing_key_that_expired_is_refused(world: World) -> None:
    at = world.clock.now() + dt.timedelta(seconds=GRACE)
    old = world.office.own(PLATFORM).signer
    world.office.keyring.rotate(PLATFORM, world.clock.now())
    fresh = world.sealed(world.claims(issued_at=at))
    world.office.own(PLATFORM).signer = old
    stale = world.sealed(world.claims(issued_at=at))
    world.clock.advance(seconds=GRACE)
    assert await world.refusal(stale) == (401, "FOREIGN")
    assert (await world.taken(fresh)).status == 200


async def test_letters_flow_while_keys_rotate(world: World) -> None:
    async def rotate() -> None:
        for _ in range(4):
            for party in (HOUSE, PLATFORM):
                world.office.keyring.rotate(party, world.clock.now())
                await asyncio.sleep(0.01)

    say = (correspondence.send(HOUSE, "light.told", {"say": f"{n}"}, f"k{n}") for n in range(30))
    await asyncio.gather(rotate(), *say)
    assert len(await world.book.kept()) == 30
    assert await world.broken() == ""


async def test_another_process_notices_a_rotation(light: World, tmp_path: Path) -> None:
    folder = light.host.settings.data_dir / "correspondence"
    other = Keyring(folder, makes=True, grace=dt.timedelta(seconds=GRACE))
    now = light.clock.now()
    first = light.office.own(PLATFORM).signer.kid
    assert other.of(PLATFORM, now).signer.kid == first
    following = light.office.own(PLATFORM).pairs[1].signing["kid"]
    assert other.rotate(PLATFORM, now).signer.kid == following != first
    assert light.office.own(PLATFORM).signer.kid == following, "the key published as next"


async def test_folders_of_keys_are_made_for_their_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    ring = Keyring(folder, makes=True, grace=dt.timedelta(seconds=GRACE))
    ring.of(HOUSE, dt.datetime.now(dt.UTC))
    assert [stat.S_IMODE(p.stat().st_mode) for p in (folder, folder / "agencies")] == [0o700] * 2


async def test_private_keys_are_their_owners_alone_and_go_when_they_expire(light: World) -> None:
    ring, now = light.office.keyring, light.clock.now()
    ring.of(PLATFORM, now)
    path = light.host.settings.data_dir / "correspondence" / "platform.json"
    ring.rotate(PLATFORM, now)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [p.state for p in ring.of(PLATFORM, now).pairs] == [
        KeyState.RETIRED, KeyState.CURRENT, KeyState.NEXT,
    ]  # fmt: skip
    later = now + dt.timedelta(seconds=GRACE)
    pairs = ring.rotate(PLATFORM, later).pairs
    assert pairs[0].state is KeyState.EXPIRED
    assert "d" not in pairs[0].signing
    assert "d" not in pairs[0].sealing
    document = published(pairs, later, ring.grace)
    assert "d" not in {name for key in document["keys"] for name in key}
    assert [key["use"] for key in document["keys"]] == ["sig", "sig", "sig", "enc"]
    assert pairs[0].signing["kid"] not in [key["kid"] for key in document["keys"]]


async def test_many_starts_at_once_make_one_key(tmp_path: Path) -> None:
    rings = [Keyring(tmp_path, makes=True, grace=dt.timedelta()) for _ in range(8)]
    now = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
    threads = (asyncio.to_thread(ring.of, PLATFORM, now) for ring in rings)
    assert len({keys.signer.kid for keys in await asyncio.gather(*threads)}) == 1
    assert os.listdir(tmp_path) == ["platform.json"]  # noqa: PTH208


async def test_outside_the_demo_the_platforms_keys_are_made_by_hand(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/test.sqlite3"
    async with opened(
        url,
        tmp_path / "data",
        demo=False,
        oidc_issuer="https://issuer.example",
        correspondence_simulated=[HOUSE],
    ) as world:
        with pytest.raises(AgencyUnavailable, match="bawaba correspondence rotate"):
            await correspondence.send(HOUSE, "light.told", SAY, "k1")
        with pytest.raises(KeysMissing):
            world.office.check()
        world.office.keyring.rotate(PLATFORM, world.clock.now())
        world.office.check()
        await correspondence.send(HOUSE, "light.told", SAY, "k1")


async def test_a_damaged_key_file_is_said_and_not_replaced(light: World) -> None:
    light.office.own(PLATFORM)
    path = light.host.settings.data_dir / "correspondence" / "platform.json"
    path.write_text("{}")
    with pytest.raises(AgencyUnavailable, match="holds no keys"):
        await correspondence.send(HOUSE, "light.told", SAY, "k1")
    assert path.read_text() == "{}"


async def test_health_is_the_keys(light: World) -> None:
    assert (await light.host.runtime.health.statuses())["bawaba"] is True
    assert built("", light.host.settings.data_dir, Book(), light.clock).runtime is not None
