"""Somebody hostile at the anonymous address for letters: refused cheaply, quietly, and alone."""

from __future__ import annotations

import asyncio
import base64
import gzip
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest
import structlog
from aiohttp import web
from bawaba.host.correspondence import endpoint, sealing
from bawaba.host.correspondence.domain import MAX_SEALED, PLATFORM
from bawaba.host.correspondence.services import taking
from letters_observatory import JOSE, served
from letters_world import HOUSE, STARS, World, opened
from yarl import URL

Opened = Callable[[], int]


@pytest.fixture
async def guarded(tmp_path: Path) -> AsyncIterator[World]:
    """A host with bounds that are soon reached, behind a proxy that tells addresses apart."""
    bounds: dict[str, Any] = {
        "correspondence_tries": 5,
        "correspondence_at_once": 2,
        "body_timeout": 0.5,
        "trusted_proxies": ["127.0.0.0/8"],
    }
    url = f"sqlite:///{tmp_path}/h.sqlite3"
    async with opened(url, tmp_path / "data", **bounds) as world:
        yield world


@pytest.fixture
def decryptions(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every private-key operation from here on."""
    seen: list[str] = []
    decrypt = sealing.jwe.decrypt_compact

    def counted(text: str, *rest: Any, **named: Any) -> Any:
        seen.append(text)
        return decrypt(text, *rest, **named)

    monkeypatch.setattr(sealing.jwe, "decrypt_compact", counted)
    return seen


def part(value: Any) -> str:
    raw = value if isinstance(value, bytes) else orjson.dumps(value)
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class Sender:
    """Posts to the host from an address of choice."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self.session, self.url = session, url

    async def post(
        self, body: Any, address: str = "10.0.0.1", **headers: str
    ) -> tuple[int, str, int]:
        """Return status, word and the size of the answer."""
        sent = {**JOSE, "X-Forwarded-For": address, **headers}
        async with self.session.post(self.url, data=body, headers=sent) as response:
            said = await response.read()
            word = "" if response.status == 200 else orjson.loads(said)["code"]
            return response.status, word, len(said)


@pytest.fixture
async def sender(guarded: World) -> AsyncIterator[Sender]:
    """Somebody who posts to the simulated lighthouse of the guarded host."""
    async with served(guarded) as address, aiohttp.ClientSession() as session:
        yield Sender(session, f"{address}/correspondence/agencies/{HOUSE}")


def crafted(world: World, **header: Any) -> str:
    """A sealed letter of the platform's under another protected header."""
    _, *rest = world.sealed(world.claims()).split(".")
    kid = world.office.own(HOUSE).sealer().kid
    protected = {"alg": "ECDH-ES+A256KW", "enc": "A256GCM", "kid": kid, "cty": "JWT"} | header
    return ".".join([part({k: v for k, v in protected.items() if v is not None}), *rest])


POINT = {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}


@pytest.mark.parametrize(
    ("header", "word"),
    [
        ({"alg": "none", "epk": POINT}, "UNREADABLE"),
        ({"alg": "dir", "epk": POINT}, "UNREADABLE"),
        ({"alg": "RSA1_5"}, "UNREADABLE"),
        ({"alg": "PBES2-HS512+A256KW", "p2c": 2**31, "p2s": "AAAA"}, "UNREADABLE"),
        ({"epk": POINT, "p2c": 2**31}, "UNREADABLE"),
        ({"epk": POINT, "zip": "DEF"}, "UNREADABLE"),
        ({"epk": POINT, "crit": ["exp"]}, "UNREADABLE"),
        ({"epk": POINT | {"crv": "P-521"}}, "UNREADABLE"),
        ({"epk": POINT | {"d": "AA"}}, "UNREADABLE"),
        ({"epk": POINT, "kid": "unknown"}, "UNOPENABLE"),
        ({"epk": POINT, "kid": "k" * 200}, "UNREADABLE"),
        ({"epk": POINT, "kid": ["k"]}, "UNREADABLE"),
        ({"epk": POINT | {"x": "A" * 2000}}, "UNREADABLE"),
        ({"epk": POINT, "kid": None}, "UNREADABLE"),
    ],
)
async def test_a_header_is_judged_before_any_key_is_tried(
    light: World, decryptions: list[str], header: dict[str, Any], word: str
) -> None:
    assert await light.refusal(crafted(light, **header)) == (400, word)
    assert decryptions == []


@pytest.mark.parametrize("cut", [0, 1, 2, 3, 4])
async def test_a_truncated_letter_costs_no_decryption(
    light: World, decryptions: list[str], cut: int
) -> None:
    parts = light.sealed(light.claims()).split(".")
    parts[cut] = "" if cut == 3 else parts[cut][: len(parts[cut]) // 8 * 4]
    assert await light.refusal(".".join(parts)) == (400, "UNREADABLE")
    assert await light.refusal(".".join(parts[:cut])) == (400, "UNREADABLE")
    assert decryptions == []


async def test_a_letter_to_another_costs_no_decryption(
    light: World, decryptions: list[str]
) -> None:
    for receiver in (STARS, PLATFORM):
        sealed = light.sealed(light.claims())
        assert await light.refusal(sealed, receiver) == (400, "UNOPENABLE")
    assert decryptions == []


async def test_no_body_is_read_of_what_says_the_wrong_things(
    sender: Sender, decryptions: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    bomb = gzip.compress(b"\0" * 20_000_000)
    for encoding in ("gzip", "deflate", "identity"):  # the second is a lie: it cannot be unpacked
        encoded = {"Content-Encoding": encoding}
        assert (await sender.post(bomb, **encoded))[:2] == (415, "MEDIA_TYPE")
    assert "Traceback" not in caplog.text
    assert (await sender.post(b"x", **{"Content-Type": "text/plain"}))[0] == 415
    status, word, size = await sender.post(b"x" * (MAX_SEALED + 1))
    assert (status, word) == (413, "TOO_LARGE")
    assert size < 100
    assert decryptions == []


@pytest.mark.parametrize(
    ("rest", "status", "word"),
    [
        ("Content-Length: 10000000000\r\n\r\n", 413, "TOO_LARGE"),
        ("Content-Length: 9\r\n\r\nhello", 408, "LATE_BODY"),
    ],
)
async def test_a_body_that_is_not_as_it_promises_ends_the_connection(
    sender: Sender, rest: str, status: int, word: str, caplog: pytest.LogCaptureFixture
) -> None:
    url = URL(sender.url)
    reader, writer = await asyncio.open_connection(url.host, url.port)
    head = f"POST {url.path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/jose\r\n"
    writer.write(f"{head}{rest}".encode())
    answer = await reader.read()  # to the end: the connection is closed
    writer.close()
    assert answer.startswith(f"HTTP/1.1 {status} ".encode())
    assert answer.endswith(orjson.dumps({"code": word}))
    assert "Traceback" not in caplog.text


async def test_who_sends_rubbish_is_not_listened_to_and_others_are(
    guarded: World, sender: Sender, decryptions: list[str]
) -> None:
    junk = guarded.wrapped("no letter", HOUSE)
    words = [(await sender.post(junk))[1] for _ in range(8)]
    assert words == ["UNREADABLE"] * 5 + ["TOO_MANY"] * 3
    assert len(decryptions) == 5
    good = guarded.sealed(guarded.claims())
    assert (await sender.post(good, "10.0.0.1"))[0] == 429
    assert (await sender.post(good, "10.0.0.2"))[0] == 200
    assert guarded.count("bawaba_letters_refused_total", reason="TOO_MANY") == 4


async def test_a_known_sender_may_send_as_many_as_it_likes_but_no_replays(
    guarded: World, sender: Sender
) -> None:
    letters = [guarded.sealed(guarded.claims()) for _ in range(12)]
    assert [(await sender.post(letter))[0] for letter in letters] == [200] * 12
    guarded.book.down = True
    unhandled = [guarded.sealed(guarded.claims()) for _ in range(8)]
    assert {(await sender.post(letter))[0] for letter in unhandled} == {503}
    replays = [(await sender.post(letters[0]))[1] for _ in range(8)]
    assert replays == ["REPLAYED"] * 5 + ["TOO_MANY"] * 3


async def test_slow_bodies_hold_no_more_places_than_one_address_has(
    guarded: World, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside, done = asyncio.Semaphore(0), asyncio.Event()
    body = endpoint._body

    async def read(request: web.Request) -> bytes:
        inside.release()
        return await body(request)

    async def slow() -> AsyncIterator[bytes]:
        yield b"x"
        await done.wait()

    monkeypatch.setattr(endpoint, "_body", read)
    held = [asyncio.create_task(sender.post(slow())) for _ in range(2)]
    for _ in held:
        await inside.acquire()
    assert (await sender.post(b"x"))[:2] == (429, "TOO_MANY")
    assert (await sender.post(guarded.sealed(guarded.claims()), "10.0.0.2"))[0] == 200
    assert {(await task)[:2] for task in held} == {(408, "LATE_BODY")}
    done.set()
    assert (await sender.post(b"x"))[1] == "UNREADABLE", "the places are free again"


async def test_between_two_decryptions_others_have_their_turn(
    light: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    unseal = taking.unseal

    def noted(*given: Any) -> Any:
        order.append("opened")
        return unseal(*given)

    async def honest() -> None:
        while order.count("opened") < 3:
            order.append("honest")
            await asyncio.sleep(0)

    monkeypatch.setattr(taking, "unseal", noted)
    junk = [light.wrapped(f"no letter {n}", HOUSE) for n in range(3)]
    await asyncio.gather(*(light.taken(each) for each in junk), honest())
    assert "opened,opened" not in ",".join(order)


async def test_a_burst_is_one_line_in_the_log(light: World) -> None:
    def refusals(lines: list[Any]) -> list[tuple[str, int]]:
        return [
            (line["reason"], line["unlogged_before"])
            for line in lines
            if line["event"] == "a letter is refused"
        ]

    with structlog.testing.capture_logs() as lines:
        for _ in range(50):
            await light.taken(b"junk")
            await light.taken(crafted(light, kid="unknown", epk=POINT))
    assert refusals(lines) == [("UNREADABLE", 0), ("UNOPENABLE", 0)]
    light.clock.advance(seconds=61)
    with structlog.testing.capture_logs() as lines:
        await light.taken(b"junk")
    assert refusals(lines) == [("UNREADABLE", 49)]
    assert light.count("bawaba_letters_refused_total", reason="UNREADABLE") == 51
    assert max(len(str(line)) for line in lines) < 4096
