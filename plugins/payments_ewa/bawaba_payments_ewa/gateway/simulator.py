"""A simulated authority: its accounts live in tables of its own, shared by all processes.

How it behaves is a row that any process may change while others run: latency, an outage (it
refuses at once) and lateness. While it is late, letters take effect but are answered after
everybody has stopped waiting, and look-ups tell what it knew at first.

It speaks raw SQL, as a stranger's system would: nothing of the platform's own rows is in reach.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import orjson
from bawaba import db, runtime
from bawaba.correspondence import Letter
from bawaba.errors import AgencyUnavailable
from bawaba.simulation import Simulation

from bawaba_payments_ewa.domain import MAX_ACCOUNTS, MAX_BILLS, AccountRecord, Counter, Reading
from bawaba_payments_ewa.gateway import wire
from bawaba_payments_ewa.settings import EwaSettings

SIMULATION = Simulation(
    "the simulated electricity and water authority", "ewa_sim_mode", can_be_late=True
)
"""How it behaves."""
_LATER = 60.0
"""Seconds after which a late answer comes: longer than anybody may wait."""


async def enter(accounts: Sequence[AccountRecord]) -> None:
    """Enter accounts; those with a known number stay as they are."""
    rows = [(record, orjson.dumps(wire.write_account(record)).decode()) for record in accounts]
    await db.execute_many(
        "INSERT INTO ewa_sim_account (number, owner_national_id, told_first, body) "
        "VALUES ($1, $2, $3, $4) ON CONFLICT (number) DO NOTHING",
        [(record.number, record.owner_national_id, body, body) for record, body in rows],
    )


async def add(
    number: str,
    *,
    readings: Sequence[Reading] = (),
    payments: Sequence[Counter] = (),
    withdrawn: Sequence[str] = (),
) -> AccountRecord:
    """Add a month's meters, or money taken at the authority's counter; return the account.

    Raises:
        LookupError: there is no such account.
    """
    async with db.transaction():
        rows = await db.fetch("SELECT body FROM ewa_sim_account WHERE number = $1", number)
        if not rows:
            raise LookupError(f"the simulated authority has no account {number}")
        known = wire.read_account(orjson.loads(rows[0]["body"]))
        after = dataclasses.replace(
            known,
            readings=[*known.readings, *readings][-MAX_BILLS:],
            payments=[*known.payments, *payments][-MAX_BILLS:],
            withdrawn=[*known.withdrawn, *withdrawn][-MAX_BILLS:],
        )
        body = orjson.dumps(wire.write_account(after)).decode()
        await db.execute("UPDATE ewa_sim_account SET body = $1 WHERE number = $2", body, number)
    return after


async def is_connected(number: str) -> bool:
    """Return whether the account's supply is connected."""
    rows = await db.fetch("SELECT connected FROM ewa_sim_account WHERE number = $1", number)
    return bool(rows and rows[0]["connected"])


class SimulatedRegister:
    """The authority's accounts, simulated. See :class:`Register` for what each method means."""

    async def account(self, number: str, national_id: str) -> AccountRecord | None:
        """Return the account, if the owner is right."""
        found = await self._accounts("number = $1 AND owner_national_id = $2", number, national_id)
        return found[0] if found else None

    async def of_person(self, national_id: str) -> Sequence[AccountRecord]:
        """Return the accounts in a person's name."""
        return await self._accounts("owner_national_id = $1", national_id)

    async def find(self, numbers: Sequence[str]) -> Sequence[AccountRecord]:
        """Return the accounts of these numbers."""
        if not numbers:
            return []
        places = ", ".join(f"${n}" for n in range(1, len(numbers) + 1))
        return await self._accounts(f"number IN ({places})", *numbers)

    async def check(self) -> None:
        """Pass, unless it is out."""
        await SIMULATION.reached()

    async def _accounts(self, where: str, *values: str) -> Sequence[AccountRecord]:
        late = await SIMULATION.reached()
        rows = await db.fetch(
            f"SELECT told_first, body FROM ewa_sim_account WHERE {where} "  # noqa: S608
            f"ORDER BY number LIMIT {MAX_ACCOUNTS}",
            *values,
        )
        told = "told_first" if late else "body"
        return [wire.read_account(orjson.loads(row[told])) for row in rows]


Effect = Callable[[Mapping[str, Any]], Awaitable[None]]


@asynccontextmanager
async def line(letter: Letter) -> AsyncGenerator[None]:
    """The way to the simulated authority's desk: out, slow, or late with its answer.

    Beside a real register there is none: letters must not end at a simulator in silence.
    """
    if runtime.settings(EwaSettings).register_url:
        raise AgencyUnavailable(f"{letter.kind}: a real authority needs an address for letters")
    late = await SIMULATION.reached()
    yield
    if late:
        await asyncio.sleep(_LATER)


def _answering(effect: Effect) -> Callable[[Letter], Awaitable[Mapping[str, Any]]]:
    async def answer(letter: Letter) -> Mapping[str, Any]:
        async with db.transaction():
            fresh = await db.fetch(
                "INSERT INTO ewa_sim_letter (key, number, kind, body) VALUES ($1, $2, $3, $4) "
                "ON CONFLICT (key) DO NOTHING RETURNING key",
                letter.key,
                str(letter.body["number"]),
                letter.kind,
                orjson.dumps(dict(letter.body)).decode(),
            )
            if fresh:
                await effect(letter.body)
        return {"taken": True}

    return answer


async def _noted(body: Mapping[str, Any]) -> None:
    del body


async def _cut(body: Mapping[str, Any]) -> None:
    """Cut the supply, unless it was told since to connect it again."""
    await db.execute(
        "UPDATE ewa_sim_account SET connected = $1 WHERE number = $2 AND reconnected_round < $3",
        False,
        body["number"],
        body["round"],
    )


async def _connect(body: Mapping[str, Any]) -> None:
    await db.execute(
        "UPDATE ewa_sim_account SET connected = $1, reconnected_round = $2 WHERE number = $3",
        True,
        body["round"],
        body["number"],
    )


ANSWERS = {
    "ewa.paid": _answering(_noted),
    "ewa.reversed": _answering(_noted),
    "ewa.plan": _answering(_noted),
    "ewa.notice": _answering(_noted),
    "ewa.disconnect": _answering(_cut),
    "ewa.reconnect": _answering(_connect),
}
"""What the simulated authority does with letters, by kind."""
