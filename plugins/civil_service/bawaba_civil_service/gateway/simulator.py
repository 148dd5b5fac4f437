"""A simulated bureau: its register lives in tables of its own, shared by all processes.

How it behaves is a row that any process may change while others run: latency, and an outage in
which it refuses at once. It speaks raw SQL, as a stranger's system would: nothing of the
platform's own rows is in reach.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import orjson
from bawaba import db, runtime
from bawaba.correspondence import Letter
from bawaba.errors import AgencyUnavailable
from bawaba.simulation import Simulation

from bawaba_civil_service.domain import Facts
from bawaba_civil_service.rules import wire
from bawaba_civil_service.settings import CivilServiceSettings

SIMULATION = Simulation("the simulated Civil Service Bureau", "civil_service_sim_mode")
"""How it behaves."""


async def enter(employees: Sequence[Facts]) -> None:
    """Enter employees into the register, in place of what it had of them."""
    await db.execute_many(
        "INSERT INTO civil_service_sim_record (employee_number, body) VALUES ($1, $2) "
        "ON CONFLICT (employee_number) DO UPDATE SET body = excluded.body",
        [
            (facts.record.employee_number, orjson.dumps(wire.write_facts(facts)).decode())
            for facts in employees
        ],
    )


async def everybody() -> list[Facts]:
    """Return all employees of the register, by number."""
    rows = await db.fetch("SELECT body FROM civil_service_sim_record ORDER BY employee_number")
    return [wire.read_facts(orjson.loads(row["body"])) for row in rows]


async def dismiss(employee_number: str) -> None:
    """Strike an employee out of the register."""
    await db.execute(
        "DELETE FROM civil_service_sim_record WHERE employee_number = $1", employee_number
    )


async def taken(kind: str) -> list[dict[str, Any]]:
    """Return the bodies of the letters of a kind that the bureau has taken, by key."""
    rows = await db.fetch(
        "SELECT body FROM civil_service_sim_notice WHERE kind = $1 ORDER BY key", kind
    )
    return [orjson.loads(row["body"]) for row in rows]


async def take(letter: Letter) -> Mapping[str, Any]:
    """Note a letter, once for each key; the reply says whether it was new."""
    rows = await db.fetch(
        "INSERT INTO civil_service_sim_notice (key, kind, body) VALUES ($1, $2, $3) "
        "ON CONFLICT (key) DO NOTHING RETURNING key",
        letter.key,
        letter.kind,
        orjson.dumps(dict(letter.body)).decode(),
    )
    return {"isNew": bool(rows)}


@asynccontextmanager
async def line(letter: Letter) -> AsyncIterator[None]:
    """The way to the simulated bureau's desk: out or slow; and none beside a real register.

    Letters of a real bureau must not end at a simulator in silence.
    """
    if runtime.settings(CivilServiceSettings).register_url:
        raise AgencyUnavailable(f"{letter.kind}: the bureau is real: name its address for letters")
    await SIMULATION.reached()
    yield


class SimulatedRegister:
    """The register, simulated. See :class:`Register` for what each method means."""

    async def facts(self, employee_number: str) -> Facts | None:
        """Return what the register has of an employee."""
        await SIMULATION.reached()
        rows = await db.fetch(
            "SELECT body FROM civil_service_sim_record WHERE employee_number = $1", employee_number
        )
        return wire.read_facts(orjson.loads(rows[0]["body"])) if rows else None

    async def check(self) -> None:
        """Pass, unless it is out."""
        await SIMULATION.reached()
