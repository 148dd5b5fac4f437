"""Letters over real HTTP: on loopback with the simulated agencies, and with a real one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from bawaba import correspondence, db, jobs
from bawaba.errors import AgencyUnavailable, BootError
from bawaba.host.cli.working import loopback
from bawaba.host.correspondence.domain import LETTER_TYPE, MAX_SEALED, PLATFORM
from bawaba.host.correspondence.sealing import key_of, new_key, seal
from bawaba.testing.clock import FrozenClock
from bawaba.testing.process import free_port
from letters_observatory import JOSE, SAY, connected, served
from letters_world import HOUSE, STARS, Book, World, built


async def test_letters_go_over_http_both_ways(world: World, monkeypatch: Any) -> None:
    async def never(*_: Any) -> Any:
        raise AssertionError("not by hand while a server listens")

    monkeypatch.setattr(world.port._by_hand, "post", never)
    async with served(world):
        reply = await correspondence.send(HOUSE, "light.told", SAY, "k1")
        assert reply == {"entry": "k1", "heard": "ahoy"}
        await correspondence.send_as_agency(HOUSE, "light.seen", SAY, "k2")
        assert [k for k, _ in await world.book.kept()] == ["light.seen:k2", "light.told:k1"]
        assert {row["correlation_id"] for row in await world.rows()} == {"request-7"}
        assert await world.broken() == ""
    with pytest.raises(AssertionError):
        await correspondence.send(HOUSE, "light.told", SAY, "k3")


async def test_a_job_in_the_background_delivers_over_http(world: World) -> None:
    async with served(world):
        async with db.transaction():
            await jobs.enqueue("light.tell", {"say": "ahoy"})
        await world.host.parts.worker.run_due()
        assert await world.book.kept() == [("light.told:ahoy", "request-7")]


async def test_what_the_endpoint_refuses(light: World) -> None:
    async with served(light) as address, aiohttp.ClientSession() as session:
        house = f"{address}/correspondence/agencies/{HOUSE}"

        async def answer(url: str, body: bytes, headers: Any = None) -> tuple[int, bytes]:
            async with session.post(url, data=body, headers=headers or JOSE) as response:
                return response.status, await response.read()

        good = light.sealed(light.claims()).encode()
        plain = {"Content-Type": "text/plain"}
        assert await answer(house, good, plain) == (415, b'{"code":"MEDIA_TYPE"}')
        long = b"x" * (MAX_SEALED + 1)
        assert await answer(house, long) == (413, b'{"code":"TOO_LARGE"}')
        assert await answer(house, b"junk") == (400, b'{"code":"UNREADABLE"}')
        assert (await answer(f"{address}/correspondence/agencies/nobody", good))[0] == 404
        assert await answer(f"{address}/correspondence", good) == (400, b'{"code":"UNOPENABLE"}')
        assert (await answer(house, good))[0] == 200
        assert await answer(house, good) == (409, b'{"code":"REPLAYED"}')

        async def pieces() -> AsyncIterator[bytes]:
            for _ in range(MAX_SEALED // 1024 + 1):
                yield b"x" * 1024

        async with session.post(house, data=pieces(), headers=JOSE) as response:
            assert response.status == 413, "a body that does not say its length"


async def test_public_keys_are_published_and_nothing_private(light: World) -> None:
    async with served(light) as address, aiohttp.ClientSession() as session:
        for path, party in (("keys", PLATFORM), (f"agencies/{HOUSE}/keys", HOUSE)):
            async with session.get(f"{address}/correspondence/{path}") as response:
                keys = (await response.json(content_type=None))["keys"]
            assert [key["use"] for key in keys] == ["sig", "sig", "enc"]
            assert keys[0]["kid"] == light.office.own(party).signer.kid
            assert all("d" not in key for key in keys)
        async with session.get(f"{address}/correspondence/agencies/nobody/keys") as response:
            assert response.status == 404


async def test_nobody_listening_is_an_agency_that_is_unavailable(light: World) -> None:
    async with light.host.serving(f"http://127.0.0.1:{free_port()}"):
        with pytest.raises(AgencyUnavailable, match="out of reach"):
            await correspondence.send(HOUSE, "light.told", SAY, "k1")
    assert await light.rows() == []


async def test_a_real_agency_is_reached_at_its_address(tmp_path: Path) -> None:
    async with connected(tmp_path) as (world, stars):
        assert await correspondence.send(STARS, "light.told", SAY, "k1") == {"seen": True}
        (letter,) = stars.heard
        assert (letter.body, letter.key, letter.correlation_id) == (SAY, "k1", "request-7")
        assert [row["keeper"] for row in await world.rows()] == [PLATFORM]
        assert await world.broken() == ""
        assert await world.book.kept() == [], "the simulated one is not asked"
        with pytest.raises(LookupError):
            await correspondence.send_as_agency(STARS, "light.told", SAY, "k2")
        async with served(world) as address, aiohttp.ClientSession() as session:
            url = f"{address}/correspondence/agencies/{STARS}"
            async with session.post(url, data=b"x", headers=JOSE) as response:
                assert response.status == 404, "no simulated desk for a real agency"


async def test_a_real_agency_writes_to_the_platform(tmp_path: Path) -> None:
    async with connected(tmp_path) as (world, stars):
        claims = world.claims(sender=STARS, receiver=PLATFORM, kind="light.unknown")
        own = key_of(stars.signing)
        sealed = seal(claims, LETTER_TYPE, own, stars.theirs("enc")).sealed
        assert await world.refusal(sealed, PLATFORM) == (422, "UNKNOWN_KIND")
        other = seal(claims, LETTER_TYPE, key_of(new_key()), stars.theirs("enc")).sealed
        assert await world.refusal(other, PLATFORM) == (401, "FOREIGN")


@pytest.mark.parametrize(
    "changes",
    [
        {"re": "message-x"},
        {"letter": "0" * 64},
        {"body_digest": "0" * 64},
        {"key": "other"},
        {"sender": HOUSE},
        {"receiver": STARS},
        {"issued_at": FrozenClock().now().replace(year=2020)},
    ],
)
async def test_a_receipt_that_does_not_fit_is_none(tmp_path: Path, changes: Any) -> None:
    async with connected(tmp_path) as (world, stars):
        stars.changes = changes
        with pytest.raises(AgencyUnavailable):
            await correspondence.send(STARS, "light.told", SAY, "k1")
        assert await world.rows() == []
        stars.changes = {}
        await correspondence.send(STARS, "light.told", SAY, "k1")
        assert len({letter.message_id for letter in stars.heard}) == 2, "each try has its own id"
        assert {letter.key for letter in stars.heard} == {"k1"}


@pytest.mark.parametrize(
    "answer",
    [
        lambda: web.Response(status=500),
        lambda: web.Response(status=302, headers={"Location": "http://127.0.0.1:1/"}),
        lambda: web.Response(text="thanks"),
        lambda: web.Response(body=b"x" * (MAX_SEALED + 1)),
        lambda: web.Response(status=204),
    ],
)
async def test_an_answer_without_a_receipt_is_no_delivery(tmp_path: Path, answer: Any) -> None:
    async with connected(tmp_path) as (world, stars):

        async def bad(_: web.Request) -> web.Response:
            return answer()

        stars.manner = bad
        with pytest.raises(AgencyUnavailable):
            await correspondence.send(STARS, "light.told", SAY, "k1")
        assert await world.rows() == []


async def test_a_real_agency_rotates_by_its_file(tmp_path: Path) -> None:
    async with connected(tmp_path) as (_, stars):
        await correspondence.send(STARS, "light.told", SAY, "k1")
        stars.signing, stars.sealing = new_key(), new_key()
        with pytest.raises(AgencyUnavailable):
            await correspondence.send(STARS, "light.told", SAY, "k2")
        (tmp_path / "partners" / f"{STARS}.json").write_bytes(stars.jwks())
        await correspondence.send(STARS, "light.told", SAY, "k2")
        (tmp_path / "partners" / f"{STARS}.json").unlink()
        with pytest.raises(AgencyUnavailable, match="BAWABA_CORRESPONDENCE_PARTNERS"):
            await correspondence.send(STARS, "light.told", SAY, "k3")


def test_an_address_of_nobody_is_a_boot_error(tmp_path: Path) -> None:
    for addresses in ({"nobody": "https://x.example"}, {STARS: "ftp://x.example"}):
        with pytest.raises(BootError, match="CORRESPONDENCE_ADDRESSES"):
            built("", tmp_path, Book(), FrozenClock(), correspondence_addresses=addresses)


@pytest.mark.parametrize(
    ("name", "url"),
    [
        (("0.0.0.0", 80), "http://127.0.0.1:80"),
        (("::", 80, 0, 0), "http://[::1]:80"),
        (("10.0.0.7", 8000), "http://10.0.0.7:8000"),
    ],
)
def test_the_loopback_address_of_a_listening_socket(name: Any, url: str) -> None:
    assert loopback(name) == url
