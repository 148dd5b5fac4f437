"""A simulated directorate: its register lives in tables of its own, shared by all processes.

How it behaves is a row that any process may change while others run: latency, an outage (it
refuses at once) and lateness. While it is late, what it is told takes effect but its answer comes
after everybody has stopped waiting, and what it tells is what it knew at first: the two ways in
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

from bawaba_payments_traffic.domain import (
    MAX_FINES,
    CancelledNotice,
    FineRecord,
    PaidNotice,
    ReversedNotice,
)
from bawaba_payments_traffic.gateway import wire

_LATER = 60.0
"""Seconds after which a late answer comes: longer than anybody may wait."""


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

    async def notify_paid(self, notices: Sequence[PaidNotice]) -> None:
        """Note payments, unless they were given back in full before this notice came."""
        late = await self._begin()
        async with db.transaction():
            for notice in notices:
                key, body = f"paid:{notice.item_id}", wire.write_paid(notice)
                if await _fresh(key, notice.reference, body) and not await _undone(notice.item_id):
                    await _changed(
                        "UPDATE traffic_sim_fine SET status = 'PAID', receipt = $1, item_id = $2 "
                        "WHERE reference = $3 AND status <> 'CANCELLED'",
                        notice.receipt,
                        notice.item_id,
                        notice.reference,
                    )
        await self._end(late)

    async def notify_reversed(self, notices: Sequence[ReversedNotice]) -> None:
        """Note money given back; in full makes the fine unpaid again."""
        late = await self._begin()
        async with db.transaction():
            for notice in notices:
                body = wire.write_reversed(notice)
                await _fresh(f"part:{notice.refund_id}:{notice.item_id}", notice.reference, body)
                if not notice.in_full:
                    continue
                if await _fresh(f"undone:{notice.item_id}", notice.reference, body):
                    await _changed(
                        "UPDATE traffic_sim_fine SET status = 'UNPAID', receipt = NULL, "
                        "item_id = NULL WHERE item_id = $1 AND status = 'PAID'",
                        notice.item_id,
                    )
        await self._end(late)

    async def notify_cancelled(self, notices: Sequence[CancelledNotice]) -> None:
        """Cancel fines for ever."""
        late = await self._begin()
        async with db.transaction():
            for notice in notices:
                body = wire.write_cancelled(notice)
                if await _fresh(f"cancelled:{notice.objection_id}", notice.reference, body):
                    await _changed(
                        "UPDATE traffic_sim_fine SET status = 'CANCELLED' WHERE reference = $1",
                        notice.reference,
                    )
        await self._end(late)

    async def check(self) -> None:
        """Pass, unless it is out."""
        await self._begin()

    async def _begin(self) -> bool:
        """Take the time that an answer takes; return whether it will be late."""
        now = await mode()
        if now.outage:
            raise AgencyUnavailable("the simulated traffic directorate is out")
        if now.latency_ms:
            await asyncio.sleep(now.latency_ms / 1000)
        return now.late

    async def _end(self, late: bool) -> None:  # noqa: FBT001  the answer of _begin
        if late:
            await asyncio.sleep(_LATER)

    async def _fines(self, where: str, *values: str) -> Sequence[FineRecord]:
        late = await self._begin()
        rows = await db.fetch(
            f"SELECT body, status, receipt FROM traffic_sim_fine WHERE {where}",  # noqa: S608
            *values,
        )
        fines = [wire.read_fine(_told(row, late=late)) for row in rows]
        return sorted(fines, key=lambda fine: fine.occurred_at, reverse=True)[:MAX_FINES]


def _told(row: dict[str, Any], *, late: bool) -> dict[str, Any]:
    body: dict[str, Any] = orjson.loads(row["body"])
    return body if late else {**body, "status": row["status"], "receipt": row["receipt"]}


async def _fresh(key: str, reference: str, body: dict[str, Any]) -> bool:
    """Keep a notice; return whether it is new."""
    return await _changed(
        "INSERT INTO traffic_sim_notice (key, reference, body) VALUES ($1, $2, $3) "
        "ON CONFLICT (key) DO NOTHING",
        key,
        reference,
        orjson.dumps(body).decode(),
    )


async def _changed(sql: str, *values: str) -> bool:
    """Run a statement on a table that has references; return whether it touched a row."""
    return bool(await db.fetch(f"{sql} RETURNING reference", *values))


async def _undone(item_id: str) -> bool:
    rows = await db.fetch(
        "SELECT 1 AS found FROM traffic_sim_notice WHERE key = $1", f"undone:{item_id}"
    )
    return bool(rows)
