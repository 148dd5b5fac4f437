"""Addresses, origins and headers, decided without a server."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import Mock

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from bawaba.host.server.doorkeeper import Doorkeeper
from bawaba.host.settings import Settings

PAGE = "https://app.example"


def keeper(tmp_path: Path) -> Doorkeeper:
    return Doorkeeper(
        Settings(
            data_dir=tmp_path,
            public_url="https://portal.example",
            allowed_origins=[PAGE],
            trusted_proxies=["10.0.0.0/8", "fd00::/8"],
        )
    )


def request(method: str = "POST", peer: str = "10.0.0.1", **headers: str) -> web.Request:
    transport = Mock()
    transport.get_extra_info = lambda name, default=None: (
        (peer, 4711) if name == "peername" else default
    )
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    named.setdefault("Host", "portal.example")
    return make_mocked_request(method, "/graphql", headers=named, transport=transport)


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("203.0.113.9", None, "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "1.2.3.4, 198.51.100.1, 10.9.9.9", "198.51.100.1"),
        ("10.0.0.1", "10.3.3.3", "10.3.3.3"),
        ("10.0.0.1", None, "10.0.0.1"),
        ("fd00::1", "2001:db8::7", "2001:db8::7"),
        ("10.0.0.1", "not an address", "not an address"),
    ],
)
def test_a_client_is_the_nearest_address_that_is_no_proxy(
    tmp_path: Path, peer: str, forwarded: str | None, client: str
) -> None:
    headers = {} if forwarded is None else {"X_Forwarded_For": forwarded}
    assert keeper(tmp_path).client(request(peer=peer, **headers)) == client


@pytest.mark.parametrize(
    ("origin", "foreign"),
    [
        (None, False),
        (PAGE, False),
        ("https://portal.example", False),
        ("https://portal.example:444", True),
        ("https://evil.example", True),
        ("https://app.example.evil.example", True),
        ("null", True),
        ("", True),
    ],
)
def test_a_foreign_page_is_known_by_its_origin(
    tmp_path: Path, origin: str | None, foreign: bool
) -> None:
    headers = {} if origin is None else {"Origin": origin}
    assert keeper(tmp_path).is_foreign(request(**headers)) is foreign


def test_a_preflight_is_answered_and_nothing_else(tmp_path: Path) -> None:
    asked = {"Origin": PAGE, "Access_Control_Request_Method": "POST"}
    answer = keeper(tmp_path).preflight(request("OPTIONS", **asked))
    assert answer is not None
    assert answer.status == 204
    assert "authorization" in answer.headers["Access-Control-Allow-Headers"]
    assert keeper(tmp_path).preflight(request("POST", **asked)) is None
    assert keeper(tmp_path).preflight(request("OPTIONS", Origin=PAGE)) is None


async def test_answers_are_dressed_and_a_page_keeps_its_own_policy(tmp_path: Path) -> None:
    plain, page = web.Response(), web.Response(headers={"Content-Security-Policy": "own"})
    await keeper(tmp_path).dress(request(), plain)
    await keeper(tmp_path).dress(request(Origin=PAGE), page)
    assert plain.headers["X-Content-Type-Options"] == "nosniff"
    assert plain.headers["Strict-Transport-Security"].startswith("max-age=")
    assert plain.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "Access-Control-Allow-Origin" not in plain.headers
    assert page.headers["Content-Security-Policy"] == "own"
    assert page.headers["Access-Control-Allow-Origin"] == PAGE
    assert page.headers["Vary"] == "Origin"
