"""The page moves: a journal is recorded, the stream tells of it, and the figures follow."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import json
import re
from collections.abc import AsyncIterator
from importlib import resources
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from bawaba import db
from bawaba.ledger import Activity, Journal, Posting, Side, record
from bawaba.testing.clock import FrozenClock
from bawaba.testing.databases import postgres_database
from bawaba.testing.inside import Inside, serving_inside
from bawaba.text import Text

SCRIPT = (resources.files("bawaba_accounting") / "templates" / "transparency.js").read_text()


@pytest.fixture(params=["sqlite", "postgres"])
async def served(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Inside]:
    """The demo, served with all that runs in the background."""
    if request.param == "sqlite":
        async with serving_inside(tmp_path, FrozenClock()) as here:
            yield here
        return
    with postgres_database() as url:
        async with serving_inside(tmp_path, FrozenClock(), {"database_url": url}) as here:
            yield here


def document() -> str:
    """Return the operation that the page's own script sends."""
    field = re.search(r'const field = "([^"]+)";', SCRIPT)
    query = re.search(r'const query = "([^"]+)" \+ field \+ "([^"]+)";', SCRIPT)
    assert field is not None
    assert query is not None
    return query[1] + field[1] + query[2]


async def events(
    response: aiohttp.ClientResponse,
) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    """Yield (id, live value) of each `next`, as an EventSource would."""
    cursor, kind = "", ""
    async for raw in response.content:
        line = raw.decode().rstrip("\n")
        name, _, value = line.partition(": ")
        if name == "id":
            cursor = value
        elif name == "event":
            kind = value
        elif name == "data" and kind == "next":
            yield cursor, json.loads(value)["data"]["accountingStatisticsUpdated"]


@contextlib.asynccontextmanager
async def stream(
    here: Inside, after: str | None = None, last_event: str | None = None
) -> AsyncIterator[Any]:
    parameters = {"query": document(), "variables": json.dumps({"after": after})}
    headers = {"Accept": "text/event-stream"}
    headers |= {"Last-Event-ID": last_event} if last_event else {}
    address = f"{here.url}/graphql"
    async with here.session.get(address, params=parameters, headers=headers) as response:
        assert response.status == 200
        assert response.content_type == "text/event-stream"
        yield events(response)


async def settle(here: Inside, reference: str, fils: int) -> None:
    here.clock.advance(seconds=1)
    on = dt.date(2026, 1, 5)
    moved = (
        Posting("history.collected", Side.DEBIT, fils),
        Posting("history.remitted", Side.CREDIT, fils),
    )
    activity = Activity("post", "post", "KIOSK", "sandbox", 1, fils, on=on)
    with here.host.unit():
        async with db.transaction():
            words = Text("Paid", "دفع")
            await record([Journal(reference, "SETTLEMENT", words, on, moved, (activity,))])


async def figures(here: Inside, language: str = "en") -> tuple[dt.datetime, int, str]:
    """Return as of when the fragment is, its count, and all of it."""
    async with here.session.get(f"{here.url}/transparency/figures?lang={language}") as response:
        assert response.status == 200
        text = await response.text()
    stated = re.search(r'data-as-of="([^"]+)" data-count="(\d+)"', text)
    assert stated is not None
    return dt.datetime.fromisoformat(stated[1]), int(stated[2]), text


async def caught_up(here: Inside, told: dict[str, Any]) -> tuple[int, str]:
    """Ask for the figures as the script does, until they are not older than what was told."""
    wanted = dt.datetime.fromisoformat(told["statistics"]["asOf"])
    async with asyncio.timeout(5):
        while True:
            at, count, text = await figures(here)
            if at >= wanted and count >= told["statistics"]["total"]["count"]:
                return count, text
            await asyncio.sleep(0.05)


async def test_the_figures_move_when_something_is_booked(served: Inside) -> None:
    before = await figures(served)
    async with asyncio.timeout(20), stream(served) as told:
        cursor, first = await anext(told)
        assert first["kind"] == "SNAPSHOT"
        assert cursor == first["cursor"]
        assert first["statistics"]["total"]["count"] == before[1]
        await settle(served, "live-1", 1_234_567_890)
        _, moved = await anext(told)
        assert moved["kind"] == "RECORDED"
        count, text = await caught_up(served, moved)
    assert count == before[1] + 1
    assert "1,234,567.890" not in before[2]
    assert f"{before[1] + 1:,}" in text


async def test_after_a_cut_nothing_is_missed(served: Inside) -> None:
    async with asyncio.timeout(20):
        async with stream(served) as told:
            cursor, first = await anext(told)
        await settle(served, "missed-1", 1000)
        await settle(served, "missed-2", 2000)
        for how in ({"last_event": cursor}, {"after": cursor}):
            async with stream(served, **how) as told:
                _, latest = await anext(told)
                while (
                    latest["statistics"]["total"]["count"]
                    < first["statistics"]["total"]["count"] + 2
                ):
                    _, latest = await anext(told)
            count, _ = await caught_up(served, latest)
            assert count == first["statistics"]["total"]["count"] + 2


async def test_the_script_names_nothing_but_the_host_it_came_from() -> None:
    assert re.findall(r"https?://|//[a-z]+\.", SCRIPT) == []
    assert re.findall(r"\beval\b|\bFunction\(|import\(|innerHTML|document\.write", SCRIPT) == []
    assert re.findall(r'(?:fetch|EventSource)\("([^"]+)"', SCRIPT) == [
        "transparency/figures?lang=",
        "graphql?",
    ]
    assert "</script" not in SCRIPT.lower()
    assert "<!--" not in SCRIPT
