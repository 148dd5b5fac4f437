"""Read by somebody who wants to forge, replay, confuse or break the chain of letters."""

from __future__ import annotations

import asyncio
import datetime as dt
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from bawaba import correspondence, db
from bawaba.errors import AgencyUnavailable
from bawaba.host.correspondence import rules
from bawaba.host.correspondence.domain import MAX_PAYLOAD, MAX_SEALED, PLATFORM, RECEIPT_TYPE
from bawaba.host.correspondence.log import HEADS_FILE, digest
from bawaba.host.correspondence.models import LetterEntry, LetterHead
from bawaba.host.correspondence.sealing import seal
from bawaba.host.correspondence.services import taking
from letters_observatory import SAY, connected
from letters_world import HOUSE, STARS, Book, World, built

ARABIC = {"say": "تم سداد المخالفة رقم ١٢٣ «نقداً»", "مفتاح": ["بوابة", "😀"]}


async def test_keys_that_rotate_while_a_receipt_is_made_leave_a_log_that_verifies(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed = taking.seal

    def and_rotate(*given: Any) -> Any:
        done = sealed(*given)
        world.office.keyring.rotate(HOUSE, world.clock.now())
        return done

    monkeypatch.setattr(taking, "seal", and_rotate)
    assert (await world.taken(world.sealed(world.claims()))).status == 200
    assert await world.broken() == ""


async def test_the_receiver_rotates_while_a_letter_is_on_its_way(world: World) -> None:
    """Sealed to one key, receipted with the next, opened by a sender who rotated meanwhile."""
    post = world.port._by_hand.post

    async def through_rotations(*given: Any) -> Any:
        world.office.keyring.rotate(HOUSE, world.clock.now())
        response = await post(*given)
        world.office.keyring.rotate(PLATFORM, world.clock.now())
        return response

    world.port._by_hand.post = through_rotations  # type: ignore[method-assign]
    for number in range(3):
        await correspondence.send(HOUSE, "light.told", {"say": f"{number}"}, f"k{number}")
    assert await world.broken() == ""


@pytest.mark.parametrize(
    ("seconds", "status"), [(-301, 403), (-300, 200), (0, 200), (60, 200), (61, 403)]
)
async def test_clocks_may_differ_so_much_and_no_more(
    light: World, seconds: int, status: int
) -> None:
    at = light.clock.now() + dt.timedelta(seconds=seconds)
    assert (await light.taken(light.sealed(light.claims(issued_at=at)))).status == status


@pytest.mark.parametrize(
    ("seconds", "taken"), [(-301, False), (-300, True), (60, True), (61, False)]
)
async def test_a_receivers_clock_may_differ_so_much_and_no_more(
    tmp_path: Path, seconds: int, *, taken: bool
) -> None:
    async with connected(tmp_path) as (world, stars):
        stars.changes = {"issued_at": world.clock.now() + dt.timedelta(seconds=seconds)}
        expired = pytest.raises(AgencyUnavailable, match="EXPIRED")
        with nullcontext() if taken else expired:
            await correspondence.send(STARS, "light.told", SAY, "k1")
        assert bool(await world.rows()) is taken


async def test_no_third_agency_can_give_the_receipt(tmp_path: Path) -> None:
    """The lighthouse is an agency in good standing; the letter is not to it."""
    async with connected(tmp_path) as (world, stars):
        third = next(p for p in world.office.own(HOUSE).pairs if p.state.value == "CURRENT")
        stars.signing = dict(third.signing)
        for said in ({}, {"sender": HOUSE}):
            stars.changes = said
            with pytest.raises(AgencyUnavailable, match="FOREIGN"):
                await correspondence.send(STARS, "light.told", SAY, "k1")
        assert await world.rows() == []


async def test_no_third_agencys_receipt_can_be_put_into_the_log(world: World) -> None:
    """Somebody who can rewrite the database, helped by an agency, still cannot sign for another."""
    await correspondence.send(STARS, "light.asked", SAY, "k1")  # so that its key is known
    letter = world.claims()
    sealed = world.sealed(letter)
    assert (await world.taken(sealed)).status == 200
    assert await world.broken() == ""
    number = (await world.rows(agency=HOUSE))[0]["number"]
    receipt = replace(
        letter,
        sender=HOUSE,
        receiver=PLATFORM,
        message_id="receipt-1",
        kind="receipt",
        re=letter.message_id,
        letter=rules.sha256(sealed),
        body_digest=rules.body_digest(letter.body),
    )
    signer = world.office.own(STARS).signer
    forged = seal(receipt, RECEIPT_TYPE, signer, world.office.own(PLATFORM).sealer()).signed
    await unguarded(world)
    changes = {
        "receipt": forged,
        "receipt_sha256": rules.sha256(forged),
        "receipt_signer": signer.thumbprint(),
    }
    row = (await world.rows(number=number))[0] | changes
    await LetterEntry.filter(number=number).update(**changes, hash=digest(row))
    await LetterHead.filter(id=1).update(hash=digest(row))
    (world.host.settings.data_dir / HEADS_FILE).unlink()
    assert await world.broken() == f"entry {number} has a receipt for another letter"


async def unguarded(world: World) -> None:
    """Do as a database's owner can: drop the triggers that guard the log."""
    if world.host.database.dialect == "sqlite":
        for name in ("update", "delete"):
            await db.execute(f"DROP TRIGGER core_letter_append_only_{name}")
    else:
        await db.execute("ALTER TABLE core_letter DISABLE TRIGGER USER")


async def test_an_empty_log_is_intact_and_an_emptied_one_is_not(world: World) -> None:
    assert await world.broken() == ""
    for number in range(3):
        await correspondence.send(HOUSE, "light.told", {"say": f"{number}"}, f"k{number}")
    await unguarded(world)
    await db.execute("DELETE FROM core_letter WHERE number <= 2")
    assert await world.broken() == "entry 1 is missing"
    await db.execute("DELETE FROM core_letter")
    assert (await world.broken()).startswith("entry 1 is missing, as is everything up to 6")
    await db.execute("DELETE FROM core_letter_head")
    assert (await world.broken()).startswith("entry 1 is missing, as is everything up to 6")


async def test_what_the_log_forgot_is_too_old_to_be_replayed(world: World) -> None:
    sealed = world.sealed(world.claims())
    assert (await world.taken(sealed)).status == 200
    await unguarded(world)
    await db.execute("DELETE FROM core_letter")
    world.clock.advance(seconds=301)
    assert await world.refusal(sealed) == (403, "EXPIRED")
    assert len(await world.book.kept()) == 1


async def test_two_processes_append_to_one_chain(world: World, database_url: str) -> None:
    """Each with its own connections and its own keyring, on one database and one folder."""
    other = built(database_url, world.host.settings.data_dir, Book(), world.clock)
    async with other.opened():

        async def say(number: int, process: str) -> None:
            with (world.host if process == "a" else other).unit("request-7"):
                key = f"{process}{number}" if number else "both"
                await correspondence.send(HOUSE, "light.told", {"say": key}, key)

        works = [say(number, process) for number in range(8) for process in "ab"]
        results = await asyncio.gather(*works, return_exceptions=True)
        assert {type(r) for r in results} <= {type(None), AgencyUnavailable}
        for number, process in ((n, p) for n in range(8) for p in "ab"):
            await say(number, process)
    rows = await world.rows()
    assert [row["number"] for row in rows] == list(range(1, len(rows) + 1))
    firsts = [row["key"] for row in rows if row["keeper"] == PLATFORM]
    assert sorted(firsts) == sorted(["both", *(f"{p}{n}" for n in range(1, 8) for p in "ab")])
    assert len(await world.book.kept()) == 15
    assert await world.broken() == ""


async def test_arabic_goes_through_whole_and_once(world: World) -> None:
    for _ in range(2):
        reply = await correspondence.send(HOUSE, "light.told", ARABIC, "مفتاح-١")
        assert reply == {"entry": "مفتاح-١", "heard": ARABIC["say"]}
    (row,) = await world.rows(keeper=PLATFORM)
    assert row["body_sha256"] == rules.body_digest(dict(reversed(ARABIC.items())))
    assert await world.broken() == ""


@pytest.mark.parametrize(
    "body",
    [
        {"say": "x" * 2**20},
        {"say": "ب" * 2**19},
        {"say": "\ud800"},
        {"\udfff": "x"},
        {"say": 2**64},
        {"say": -(2**63) - 1},
        {"say": MappingProxyType({"a": 1})},
        {1: "x"},
    ],
)
async def test_what_no_letter_can_carry_is_said_before_anything_is_tried(
    light: World, body: Any
) -> None:
    with pytest.raises(ValueError, match="letter"):
        await correspondence.send(HOUSE, "light.told", body, "k1")
    assert light.book.tries == 0
    assert light.count("bawaba_letters_undelivered_total", agency=HOUSE) == 0


async def test_the_longest_letter_goes_through(light: World) -> None:
    frame = len(rules.write_claims(light.claims(message_id="m" * 32, key="k1", body={"say": ""})))
    body = {"say": "x" * (MAX_PAYLOAD - frame)}
    assert await correspondence.send(HOUSE, "light.told", body, "k1")
    longest = light.claims(message_id="m" * 32, key="k1", body=body)
    assert len(rules.write_claims(longest)) == MAX_PAYLOAD
    assert MAX_SEALED - 1800 < len(light.sealed(longest)) <= MAX_SEALED
    with pytest.raises(ValueError, match="too long"):
        await correspondence.send(HOUSE, "light.told", {"say": body["say"] + "x"}, "k2")
