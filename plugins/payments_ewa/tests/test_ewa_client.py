"""The real authority's answers: read, or called nonsense."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from bawaba.errors import AgencyUnavailable
from bawaba.text import Text
from bawaba_payments_ewa.domain import AccountRecord, EwaTariffClass
from bawaba_payments_ewa.gateway import HttpRegister, wire

RECORD = AccountRecord("1", "9", Text("House", "منزل"), EwaTariffClass.DOMESTIC, True, [], [], [])


class Authority:
    """Answers what a test tells it to; remembers what it was asked."""

    def __init__(self) -> None:
        self.status, self.body, self.asked = 200, "", []  # type: ignore[var-annotated]
        self.tell(RECORD)

    def tell(self, *records: AccountRecord) -> None:
        told = [wire.write_account(record) for record in records]
        self.body = orjson.dumps({"accounts": told}).decode()

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append((request.path, list(request.query.items()), dict(request.headers)))
        return web.Response(status=self.status, text=self.body)


@pytest.fixture
async def authority() -> AsyncIterator[tuple[Authority, HttpRegister]]:
    here = Authority()
    app = web.Application()
    app.router.add_get("/{tail:.*}", here.answer)
    async with TestServer(app) as server:
        yield here, HttpRegister(str(server.make_url("")), "secret")


async def test_it_asks_with_the_token_and_reads_the_answer(authority: Any) -> None:
    here, register = authority
    assert await register.account("1", "9") == RECORD
    assert await register.of_person("9") == [RECORD]
    assert await register.find(["1", "2"]) == [RECORD]
    paths = [(path, query) for path, query, _ in here.asked]
    assert paths == [
        ("/accounts", [("number", "1"), ("ownerNationalId", "9")]),
        ("/accounts", [("ownerNationalId", "9")]),
        ("/accounts", [("number", "1"), ("number", "2")]),
    ]
    assert {headers["Authorization"] for _, _, headers in here.asked} == {"Bearer secret"}


async def test_it_shows_nothing_that_was_not_asked_for(authority: Any) -> None:
    here, register = authority
    assert await register.account("1", "8") is None
    assert await register.of_person("8") == []
    assert await register.find(["2"]) == []
    here.tell()
    assert await register.account("1", "9") is None


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, "{}"),
        (302, "{}"),
        (200, ""),
        (200, "no JSON"),
        (200, "[]"),
        (200, '{"accounts": 1}'),
        (200, '{"accounts": [{}]}'),
        (200, "x" * 4_000_001),
    ],
)
async def test_nonsense_is_no_answer(authority: Any, status: int, body: str) -> None:
    here, register = authority
    here.status, here.body = status, body
    with pytest.raises(AgencyUnavailable):
        await register.find(["1"])


async def test_health_is_any_good_answer(authority: Any) -> None:
    here, register = authority
    await register.check()
    here.status = 503
    with pytest.raises(AgencyUnavailable):
        await register.check()


async def test_out_of_reach_is_no_answer() -> None:
    with pytest.raises(AgencyUnavailable):
        await HttpRegister("http://127.0.0.1:9", "").check()
