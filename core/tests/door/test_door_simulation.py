"""A simulated agency's moods, on a table of the plugin's own."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator
from typing import Any

import pytest
from bawaba import db
from bawaba.errors import AgencyUnavailable
from bawaba.host.storage.database import Database, ModelApp
from bawaba.simulation import Mode, Simulation

CORE = ModelApp("core", "bawaba.host.models", "bawaba.host.migrations")
PUNCTUAL = Simulation("the simulated museum", "museum_sim_mode")
LATE = Simulation("the simulated library", "library_sim_mode", can_be_late=True)


@pytest.fixture
async def tables(database_url: str) -> AsyncIterator[None]:
    """A database with the two tables; the museum's has no column for lateness."""
    database = Database(database_url, [CORE], pool_size=2)
    await database.open()
    try:
        with database.bound():
            begun = "(id VARCHAR(8) PRIMARY KEY, latency_ms INT NOT NULL, outage BOOLEAN NOT NULL"
            await db.execute(f"CREATE TABLE museum_sim_mode {begun})")
            await db.execute(f"CREATE TABLE library_sim_mode {begun}, late BOOLEAN NOT NULL)")
            yield
    finally:
        await database.close()


@pytest.mark.usefixtures("tables")
async def test_a_mood_is_kept_until_another_is_set(capsys: pytest.CaptureFixture[str]) -> None:
    assert await LATE.mode() == await PUNCTUAL.mode() == Mode()
    assert await LATE.simulate(latency_ms=7) == 0
    assert await LATE.simulate(late=True) == 0
    assert await LATE.mode() == Mode(latency_ms=7, late=True), "what is not given stays"
    assert "latency 7 ms, outage False, late True" in capsys.readouterr().out
    assert await PUNCTUAL.mode() == Mode(), "each has a mood of its own"
    assert await LATE.simulate(latency_ms=-1, outage=True) == 2
    assert await LATE.mode() == Mode(latency_ms=7, late=True)


@pytest.mark.usefixtures("tables")
async def test_an_agency_that_is_out_refuses_and_a_late_one_says_so() -> None:
    assert await LATE.reached() is False
    await LATE.set_mode(Mode(late=True))
    assert await LATE.reached() is True
    await PUNCTUAL.set_mode(Mode(outage=True))
    with pytest.raises(AgencyUnavailable, match="the simulated museum is out"):
        await PUNCTUAL.reached()
    with pytest.raises(ValueError, match="cannot behave so"):
        await PUNCTUAL.set_mode(Mode(late=True))


@pytest.mark.usefixtures("tables")
@pytest.mark.parametrize(
    ("simulation", "options"),
    [(PUNCTUAL, {"latency_ms", "outage"}), (LATE, {"latency_ms", "outage", "late"})],
)
async def test_the_command_has_the_options_that_the_agency_follows(
    simulation: Simulation, options: set[str]
) -> None:
    command = simulation.command("museum")
    assert (command.group, command.name) == ("museum", "simulate")
    assert set(inspect.signature(command.run).parameters) == options
    given: dict[str, Any] = {"outage": True}
    assert await command.run(**given) == 0
    assert await simulation.mode() == Mode(outage=True)
