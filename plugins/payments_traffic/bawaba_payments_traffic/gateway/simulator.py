"""A simulated directorate: its register lives in tables of its own, shared by all processes.

How it behaves is a row that any process may change while others run: latency, an outage (it
refuses at once) and lateness. While it is late, what it is told takes effect but its answer is
lost on the way (see ``letters.py``), and what it tells is what it knew at first: the two ways in
which a real register is behind.

It speaks raw SQL, as a stranger's system would: nothing of the platform's own rows is in reach.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
from bawaba import db
from bawaba.simulation import Simulation

from bawaba_payments_traffic.domain import MAX_FINES, FineRecord
from bawaba_payments_traffic.gateway import wire

SIMULATION = Simulation("the simulated traffic directorate", "traffic_sim_mode", can_be_late=True)
"""How it behaves."""


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
        await SIMULATION.reached()

    async def _fines(self, where: str, *values: str) -> Sequence[FineRecord]:
        late = await SIMULATION.reached()
        rows = await db.fetch(
            f"SELECT body, status, receipt FROM traffic_sim_fine WHERE {where}",  # noqa: S608
            *values,
        )
        fines = [wire.read_fine(_told(row, late=late)) for row in rows]
        return sorted(fines, key=lambda fine: fine.occurred_at, reverse=True)[:MAX_FINES]


def _told(row: dict[str, Any], *, late: bool) -> dict[str, Any]:
    body: dict[str, Any] = orjson.loads(row["body"])
    return body if late else {**body, "status": row["status"], "receipt": row["receipt"]}
