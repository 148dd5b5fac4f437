"""The real register over HTTP: what is nonsense, what is missing, what is too long."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer
from bawaba.errors import AgencyUnavailable
from bawaba.text import Text
from bawaba_civil_service.domain import CivilServiceLeaveKind, Facts, Opening, Record
from bawaba_civil_service.gateway import HttpRegister
from bawaba_civil_service.rules import wire

FACTS = Facts(
    Record(
        "CS-1", "1", Text("A", "أ"), "moh", Text("H", "ص"), Text("N", "م"), "G1",
        dt.date(2020, 1, 1), 1, dt.date(2026, 1, 1),
        {CivilServiceLeaveKind.ANNUAL: Opening(dt.date(2025, 1, 1), 3)},
    ),
    1000,
    200,
    dt.date(2026, 1, 1),
)  # fmt: skip


@dataclass
class Register:
    """A register that answers what a test wants."""

    status: int = 200
    body: bytes = b"{}"
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    client: Any = None

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append((request.path_qs, request.headers.get("Authorization")))
        return web.Response(status=self.status, body=self.body)


@pytest_asyncio.fixture
async def register() -> AsyncGenerator[Register]:
    made, app = Register(), web.Application()
    app.router.add_get("/{tail:.*}", made.answer)
    async with TestServer(app) as server:
        made.client = HttpRegister(str(server.make_url("/")), "secret")
        yield made


async def test_it_reads_what_the_register_writes(register: Register) -> None:
    register.body = orjson.dumps(wire.write_facts(FACTS))
    assert await register.client.facts("CS-1") == FACTS
    assert register.asked == [("/facts?employeeNumber=CS-1", "Bearer secret")]


async def test_an_unknown_employee_is_none(register: Register) -> None:
    register.status = 404
    assert await register.client.facts("CS-1") is None
    await register.client.check()


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b""),
        (302, b""),
        (200, b"not json"),
        (200, b"[]"),
        (200, b"{}"),
        (200, b" " * 300_000),
        (200, orjson.dumps({**wire.write_facts(FACTS), "basicFils": "many"})),
    ],
)
async def test_nonsense_is_an_outage(register: Register, status: int, body: bytes) -> None:
    register.status, register.body = status, body
    with pytest.raises(AgencyUnavailable):
        await register.client.facts("CS-1")


async def test_an_answer_about_somebody_else_is_not_believed(register: Register) -> None:
    register.body = orjson.dumps(wire.write_facts(FACTS))
    with pytest.raises(AgencyUnavailable, match="somebody else"):
        await register.client.facts("CS-2")


async def test_nobody_there_is_an_outage() -> None:
    with pytest.raises(AgencyUnavailable):
        await HttpRegister("http://127.0.0.1:1", "").check()
