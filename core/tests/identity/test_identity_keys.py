"""Keys from an issuer that rotates, lies, hangs and goes away: a real one, over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from bawaba.errors import Unavailable
from bawaba.host.identity.keys import RETRY_SECONDS, HttpKeySource, IssuerFault, read_keys
from joserfc.jwk import ECKey, OctKey, RSAKey


class Issuer:
    """A local OpenID Connect issuer."""

    def __init__(self) -> None:
        self.keys: list[Any] = [self.made("first")]
        self.url = ""
        self.asked = 0
        self.down = False
        self.slow = 0.0
        self.discovery: dict[str, Any] = {}
        self.raw: bytes | None = None
        self.redirect = False

    @staticmethod
    def made(kid: str) -> ECKey:
        return ECKey.generate_key("P-256", {"kid": kid})

    async def configuration(self, _: web.Request) -> web.StreamResponse:
        if self.down:
            return web.Response(status=503)
        if self.redirect:
            raise web.HTTPFound(f"{self.url}/elsewhere")
        document = {"issuer": self.url, "jwks_uri": f"{self.url}/jwks", **self.discovery}
        return web.json_response(document)

    async def jwks(self, _: web.Request) -> web.StreamResponse:
        self.asked += 1
        await asyncio.sleep(self.slow)
        if self.raw is not None:
            return web.Response(body=self.raw)
        return web.json_response({"keys": [key.as_dict(private=False) for key in self.keys]})


@pytest.fixture
async def issuer() -> AsyncIterator[Issuer]:
    made = Issuer()
    app = web.Application()
    app.router.add_get("/.well-known/openid-configuration", made.configuration)
    app.router.add_get("/jwks", made.jwks)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield made
    await runner.cleanup()


class Timer:
    """Seconds that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def timer() -> Timer:
    return Timer()


@pytest.fixture
async def source(issuer: Issuer, timer: Timer) -> AsyncIterator[HttpKeySource]:
    made = HttpKeySource(issuer.url, ttl=300.0, timeout=0.5, monotonic=timer)
    yield made
    await made.close()


def kids(keys: Any) -> set[str]:
    return {key.kid for key in keys}


async def test_keys_are_fetched_once_and_then_cached(issuer: Issuer, source: HttpKeySource) -> None:
    found = await asyncio.gather(*(source.keys("first") for _ in range(20)))
    assert kids(found[0]) == {"first"}
    assert issuer.asked == 1
    assert await source.keys("first") is found[0]
    assert issuer.asked == 1


async def test_an_unknown_key_asks_again_but_not_within_ten_seconds(
    issuer: Issuer, source: HttpKeySource, timer: Timer
) -> None:
    await source.keys("first")
    issuer.keys.append(issuer.made("second"))
    timer.now += RETRY_SECONDS - 1
    for guess in range(50):
        assert "second" not in kids(await source.keys(f"guess-{guess}"))
    assert issuer.asked == 1
    timer.now += 1
    assert kids(await source.keys("second")) == {"first", "second"}
    await source.keys("guess")
    assert issuer.asked == 2


async def test_a_withdrawn_key_is_gone_after_the_ttl(
    issuer: Issuer, source: HttpKeySource, timer: Timer
) -> None:
    await source.keys("first")
    issuer.keys = [issuer.made("second")]
    timer.now += 299
    assert kids(await source.keys("first")) == {"first"}
    timer.now += 1
    assert kids(await source.keys("first")) == {"second"}


async def test_while_the_issuer_is_down_old_keys_stand(
    issuer: Issuer, source: HttpKeySource, timer: Timer
) -> None:
    await source.keys("first")
    issuer.down = True
    timer.now += 301
    assert kids(await source.keys("first")) == {"first"}
    timer.now += 86_400
    assert kids(await source.keys("first")) == {"first"}
    issuer.down, issuer.keys = False, [issuer.made("second")]
    timer.now += RETRY_SECONDS
    await source.keys("first")
    await asyncio.sleep(0.2)
    assert kids(await source.keys("second")) == {"second"}


async def test_nobody_waits_for_an_issuer_known_to_hang(
    issuer: Issuer, source: HttpKeySource, timer: Timer
) -> None:
    await source.keys("first")
    issuer.slow = 5.0
    timer.now += 301
    await source.keys("first")
    timer.now += RETRY_SECONDS
    async with asyncio.timeout(0.1):
        assert kids(await source.keys("first")) == {"first"}


async def test_without_any_key_ever_the_platform_is_unavailable(
    issuer: Issuer, source: HttpKeySource, timer: Timer
) -> None:
    issuer.down = True
    with pytest.raises(Unavailable):
        await source.keys("first")
    issuer.down = False
    with pytest.raises(Unavailable):
        await source.keys("first")
    timer.now += RETRY_SECONDS
    assert kids(await source.keys("first")) == {"first"}


@pytest.mark.parametrize(
    "lie",
    [
        {"discovery": {"issuer": "https://other.example"}},
        {"discovery": {"jwks_uri": "file:///etc/passwd"}},
        {"discovery": {"jwks_uri": 7}},
        {"raw": b'{"keys": []}' + b" " * 300_000},
        {"raw": b"[1, 2]"},
        {"raw": b"\xff\xfe"},
        {"raw": b'{"keys": "none"}'},
        {"redirect": True},
        {"slow": 2.0},
    ],
    ids=[
        "other issuer",
        "file address",
        "number address",
        "too large",
        "list",
        "not JSON",
        "no list",
        "redirect",
        "hangs",
    ],
)
async def test_a_lying_issuer_gives_no_keys(
    issuer: Issuer, source: HttpKeySource, lie: dict[str, Any]
) -> None:
    for name, value in lie.items():
        setattr(issuer, name, value)
    with pytest.raises(Unavailable):
        await source.keys("first")


async def test_cancelling_one_waiter_does_not_end_it_for_the_others(
    issuer: Issuer, source: HttpKeySource
) -> None:
    issuer.slow = 0.2
    first, second = (asyncio.create_task(source.keys("first")) for _ in range(2))
    await asyncio.sleep(0.05)
    first.cancel()
    assert kids(await second) == {"first"}
    assert issuer.asked == 1


def test_only_strong_public_signing_keys_are_read() -> None:
    good = ECKey.generate_key("P-256", {"kid": "good"}).as_dict(private=False)
    listed = [
        good,
        {**good, "kid": "encryption", "use": "enc"},
        OctKey.generate_key(256, {"kid": "secret"}).as_dict(private=True),
        {"kty": "EC", "crv": "P-1", "x": "AA", "y": "AA", "kid": "unknown curve"},
        {"kty": "RSA", "n": "!!", "e": "AQAB", "kid": "garbage"},
        {"kty": "EC", "kid": "empty"},
        "not a key",
        None,
    ]
    assert kids(read_keys({"keys": listed})) == {"good"}
    with pytest.raises(IssuerFault):
        read_keys({"keys": listed[1:]})


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
def test_a_short_rsa_key_is_passed_over() -> None:
    short = RSAKey.generate_key(1024, {"kid": "short"}).as_dict(private=False)
    long = RSAKey.generate_key(2048, {"kid": "long"}).as_dict(private=False)
    assert kids(read_keys({"keys": [short, long]})) == {"long"}
