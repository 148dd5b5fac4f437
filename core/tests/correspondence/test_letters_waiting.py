"""Outside the demo nobody is simulated by accident: letters wait for an address, and keep order."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import structlog
from aiohttp import web
from bawaba import correspondence, db, jobs
from bawaba.errors import AgencyNotConnected, AgencyUnavailable, BootError
from bawaba.host.correspondence.desk import LettersWait
from bawaba.host.correspondence.domain import PLATFORM
from bawaba.host.correspondence.models import LetterWaiting
from bawaba.host.jobs.models import JobRow
from bawaba.testing.clock import FrozenClock
from letters_observatory import SAY, Observatory, connected
from letters_world import HOUSE, STARS, Book, World, built, opened

REAL: dict[str, Any] = {"demo": False, "oidc_issuer": "https://issuer.example"}


@asynccontextmanager
async def unconnected(url: str, folder: Path) -> AsyncIterator[World]:
    """A host outside the demo that knows no address, with keys for everybody."""
    async with opened(url, folder / "data", **REAL) as world:
        for party in (PLATFORM, HOUSE, STARS):
            world.office.keyring.rotate(party, world.clock.now())
        yield world


@asynccontextmanager
async def waited(url: str, folder: Path, *keys: str) -> AsyncIterator[tuple[World, Observatory]]:
    """A host that has an address for the observatory now, after letters had to wait."""
    async with unconnected(url, folder):
        for key in keys:
            with pytest.raises(AgencyNotConnected):
                await correspondence.send(STARS, "light.told", {"say": key}, key)
    async with connected(folder, url, **REAL) as both:
        yield both


def said(stars: Observatory) -> list[str]:
    return [letter.key for letter in stars.heard]


async def test_keys_alone_make_no_agency_simulated(database_url: str, tmp_path: Path) -> None:
    async with unconnected(database_url, tmp_path) as world:
        for key in ("k1", "k2", "k1"):
            with pytest.raises(AgencyNotConnected, match=f"{HOUSE} has no address"):
                await correspondence.send(HOUSE, "light.told", {"say": key}, key)
        with pytest.raises(LookupError):
            await correspondence.send_as_agency(HOUSE, "light.seen", SAY, "k3")
        assert await world.book.kept() == await world.rows() == []
        with pytest.raises(ValueError, match="another"):
            await correspondence.send(HOUSE, "light.told", {"say": "else"}, "k1")
        await world.port.catch_up()
        rows = await LetterWaiting.all().order_by("number").values_list("agency", "key")
        assert rows == [(HOUSE, "k1"), (HOUSE, "k2")]


async def test_waiting_letters_are_seen_by_health_readiness_and_metric(tmp_path: Path) -> None:
    async with unconnected(f"sqlite:///{tmp_path}/w.sqlite3", tmp_path) as world:
        await world.port.check()
        with pytest.raises(AgencyNotConnected):
            await correspondence.send(HOUSE, "light.told", SAY, "k1")
        with pytest.raises(LettersWait, match=f"1 to {HOUSE}"):
            await world.port.check()
        assert world.count("bawaba_letters_waiting", agency=HOUSE) == 1
        assert world.count("bawaba_letters_undelivered_total", agency=HOUSE) == 0
        _, report = await world.host.readiness()
        assert report["plugins"]["bawaba"] is False
        assert report["correspondence"] == {
            "without_address": [HOUSE, STARS],
            "waiting": {HOUSE: 1},
        }


async def test_they_go_out_in_order_once_there_is_an_address(
    database_url: str, tmp_path: Path
) -> None:
    keys = ("k3", "k1", "k2")
    async with waited(database_url, tmp_path, *keys) as (world, stars):
        with pytest.raises(AgencyNotConnected, match="before still wait"):
            await correspondence.send(STARS, "light.told", {"say": "k4"}, "k4")
        assert stars.heard == [], "a later letter overtakes none"
        await world.port.catch_up()
        assert said(stars) == [*keys, "k4"]
        assert [letter.body["say"] for letter in stars.heard] == [*keys, "k4"]
        await world.port.check()
        assert world.count("bawaba_letters_waiting", agency=STARS) == 0
        for key in (*keys, "k4"):
            assert await correspondence.send(STARS, "light.told", {"say": key}, key)
        assert len(stars.heard) == 4, "each was told once"
        assert await world.broken() == ""


async def test_an_agency_that_is_down_keeps_the_order(tmp_path: Path) -> None:
    async with waited(f"sqlite:///{tmp_path}/w.sqlite3", tmp_path, "k1", "k2") as (world, stars):
        answer, tries = stars.manner, []

        async def down(request: web.Request) -> web.StreamResponse:
            tries.append(request.path)
            return web.Response(status=503)

        stars.manner = down
        await world.port.catch_up()
        assert len(tries) == 1, "the next is not tried before it"
        stars.manner = answer
        await world.port.catch_up()
        assert said(stars) == ["k1", "k2"]


async def test_one_that_is_refused_for_good_holds_up_no_other(tmp_path: Path) -> None:
    async with waited(f"sqlite:///{tmp_path}/w.sqlite3", tmp_path, "k1", "k2") as (world, stars):
        answer, refusals = stars.manner, []

        async def strict(request: web.Request) -> web.StreamResponse:
            if not refusals:
                refusals.append(request.path)
                return web.Response(status=422, body=b'{"code":"UNKNOWN_KIND"}')
            return await answer(request)

        stars.manner = strict
        await world.port.catch_up()
        assert said(stars) == ["k2"]
        assert await LetterWaiting.all().count() == 0
        await correspondence.send(STARS, "light.told", {"say": "k1"}, "k1")  # its job tries again


async def test_a_job_is_put_off_for_months_and_runs_at_once_when_connected(
    database_url: str, tmp_path: Path
) -> None:
    async with unconnected(database_url, tmp_path) as world:
        async with db.transaction():
            await jobs.enqueue("light.tell", {"say": "ahoy"})
        for _ in range(30):
            await world.host.parts.worker.run_due()
            world.clock.advance(seconds=86_400)
        row = await JobRow.get(name="light.tell")
        assert (row.state.value, row.attempts) == ("READY", 0), "no attempt counts"
    chosen = REAL | {"correspondence_simulated": [HOUSE]}
    async with opened(database_url, tmp_path / "data", **chosen) as world:
        await world.host.parts.worker.run_due()
        assert await world.book.kept() == []
        await world.port.catch_up()
        await world.host.parts.worker.run_due()
        assert (await JobRow.get(name="light.tell")).state.value == "DONE"
        assert await world.book.kept() == [("light.told:ahoy", "request-7")]


async def test_an_agency_is_simulated_outside_the_demo_where_the_operator_says_so(
    tmp_path: Path,
) -> None:
    url = f"sqlite:///{tmp_path}/w.sqlite3"
    chosen = REAL | {"correspondence_simulated": [HOUSE]}
    async with opened(url, tmp_path / "data", **chosen) as world:
        world.office.keyring.rotate(PLATFORM, world.clock.now())
        assert await correspondence.send(HOUSE, "light.told", SAY, "k1")
        with pytest.raises(AgencyNotConnected):
            await correspondence.send(STARS, "light.told", SAY, "k1")


def test_who_is_to_be_simulated_is_somebody_without_an_address(tmp_path: Path) -> None:
    for wrong in (
        {"correspondence_simulated": ["nobody"]},
        {
            "correspondence_simulated": [STARS],
            "correspondence_addresses": {STARS: "https://x.example"},
        },
    ):
        with pytest.raises(BootError, match="CORRESPONDENCE_SIMULATED"):
            built("", tmp_path, Book(), FrozenClock(), **wrong)


@pytest.mark.parametrize(
    ("settings", "warned"),
    [
        ({}, []),
        (REAL, [[HOUSE, STARS]]),
        (REAL | {"correspondence_simulated": [HOUSE]}, [[STARS], [HOUSE]]),
    ],
)
async def test_a_server_that_starts_names_who_is_not_told(
    tmp_path: Path, settings: dict[str, Any], warned: list[list[str]]
) -> None:
    url = f"sqlite:///{tmp_path}/w.sqlite3"
    host = built(url, tmp_path / "data", Book(), FrozenClock(), **settings)
    with structlog.testing.capture_logs() as lines:
        async with host.running():
            pass
    assert [line["agencies"] for line in lines if "agencies" in line] == warned


async def test_what_waits_is_known_for_what_cannot_be_sent(tmp_path: Path) -> None:
    async with unconnected(f"sqlite:///{tmp_path}/w.sqlite3", tmp_path):
        with pytest.raises(ValueError, match="too long"):
            await correspondence.send(HOUSE, "light.told", {"say": "x" * 2**20}, "k1")
        with pytest.raises(RuntimeError):
            await inside_a_transaction()
        assert issubclass(AgencyNotConnected, AgencyUnavailable)
        assert await LetterWaiting.all().count() == 0


async def inside_a_transaction() -> None:
    async with db.transaction():
        await correspondence.send(HOUSE, "light.told", SAY, "k9")
