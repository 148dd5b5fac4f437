"""A simulated directorate: its register lives in tables of its own, shared by all processes.

How it behaves is a row that any process may change while others run: latency, an outage (it
refuses at once) and lateness. While it is late, what it is told takes effect but its answer is
lost on the way (see ``letters.py``), and what it tells is what it knew at first: the two ways in
which a real register is behind.

It speaks raw SQL, as a stranger's system would: nothing of the platform's own rows is in reach.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from bawaba import db
from bawaba.errors import AgencyUnavailable

from bawaba_payments_traffic.domain import MAX_FINES, FineRecord
from bawaba_payments_traffic.gateway import wire


@dataclass(frozen=True, slots=True)
class Mode:
    """How the simulator behaves. ``latency_ms``: how long each answer takes."""

    latency_ms: int = 0
    outage: bool = False
    late: bool = False


async def mode() -> Mode:
    """Return how the simulator behaves just now."""
    rows = await db.fetch("SELECT latency_ms, outage, late FROM traffic_sim_mode WHERE id = 'mode'")
    if not rows:
        return Mode()
    row = rows[0]
    return Mode(int(row["latency_ms"]), bool(row["outage"]), bool(row["late"]))


async def set_mode(wanted: Mode) -> None:
    """Make every simulator on this database behave as ``wanted``, from its next answer on."""
    await db.execute(
        "INSERT INTO traffic_sim_mode (id, latency_ms, outage, late) VALUES ('mode', $1, $2, $3) "
        "ON CONFLICT (id) DO UPDATE SET latency_ms = excluded.latency_ms, "
        "outage = excluded.outage, late = excluded.late",
        wanted.latency_ms,
        wanted.outage,
        wanted.late,
    )


async def issue(fines: Sequence[FineRecord]) -> None:
    """Enter fines into the register; those with a known reference stay as they are."""
    await db.execute_many(
        "INSERT INTO traffic_sim_fine (reference, plate_number, plate_category, "
        "owner_national_id, debtor_national_id, body, status) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (reference) DO NOTHING",
        [
            (
                fine.reference,
                fine.plate_number,
                fine.plate_category,
                fine.owner_national_id,
                fine.debtor_national_id,
                orjson.dumps(wire.write_fine(fine)).decode(),
                fine.status.value,
            )
            for fine in fines
        ],
    )


async def reached() -> bool:
    """Take the time that an answer takes; return whether the register is late.

    Raises:
        AgencyUnavailable: it is out.
    """
    now = await mode()
    if now.outage:
        raise AgencyUnavailable("the simulated traffic directorate is out")
    if now.latency_ms:
        await asyncio.sleep(now.latency_ms / 1000)
    return now.late


class SimulatedDirectorate:
    """The register, simulated. See :class:`Directorate` for what each method means."""

    async def find(self, references: Sequence[str]) -> Sequence[FineRecord]:
        """Return the fines with these references."""
        if not references:
            return []
        places = ", ".join(f"${n}" for n in range(1, len(references) + 1))
        return await self._fines(f"reference IN ({places})", *references)

    async def of_plate(
        self, number: str, category: str, owner_national_id: str
    ) -> Sequence[FineRecord]:
        """Return the fines of a plate, if the owner is right."""
        where = "plate_number = $1 AND plate_category = $2 AND owner_national_id = $3"
        return await self._fines(where, number, category, owner_national_id)

    async def of_person(self, national_id: str) -> Sequence[FineRecord]:
        """Return the fines issued to a person."""
        return await self._fines("debtor_national_id = $1", national_id)

    async def check(self) -> None:
        """Pass, unless it is out."""
        await reached()

    async def _fines(self, where: str, *values: str) -> Sequence[FineRecord]:
        late = await reached()
        rows = await db.fetch(
            f"SELECT body, status, receipt FROM traffic_sim_fine WHERE {where}",  # noqa: S608
            *values,
        )
        fines = [wire.read_fine(_told(row, late=late)) for row in rows]
        return sorted(fines, key=lambda fine: fine.occurred_at, reverse=True)[:MAX_FINES]


def _told(row: dict[str, Any], *, late: bool) -> dict[str, Any]:
    body: dict[str, Any] = orjson.loads(row["body"])
    return body if late else {**body, "status": row["status"], "receipt": row["receipt"]}
