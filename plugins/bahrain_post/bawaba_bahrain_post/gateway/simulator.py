"""A simulated post: its system lives in tables of its own, shared by all processes.

How it behaves is a row that any process may change while others run: latency, and an outage in
which it refuses at once. What it is told comes as letters; what it tells, it sends as letters.

It speaks raw SQL, as a stranger's system would: nothing of the platform's own rows is in reach.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import orjson
from bawaba import correspondence, db, jobs, runtime
from bawaba.correspondence import Letter
from bawaba.errors import AgencyUnavailable
from bawaba.simulation import Simulation
from bawaba.text import Text

from bawaba_bahrain_post.domain import AGENCY, Consignment, PostScanKind, Scan
from bawaba_bahrain_post.gateway.settings import PostSettings
from bawaba_bahrain_post.rules.letters import write_consignment, write_scan

SIMULATION = Simulation("the simulated post", "post_sim_mode")
"""How it behaves."""
RELEASE = "post.sim_release"
"""Name of the job with which the simulated post carries out an order to release."""
_SHORTLY = dt.timedelta(seconds=3)
_CUSTOMS = Text("Air mail centre, Muharraq", "مركز البريد الجوي، المحرق")


async def register(consignments: Sequence[Consignment]) -> None:
    """Enter shipments into the system; those with a known number stay as they are."""
    await db.execute_many(
        "INSERT INTO post_sim_consignment (tracking_number, body) VALUES ($1, $2) "
        "ON CONFLICT (tracking_number) DO NOTHING",
        [
            (each.tracking_number, orjson.dumps(write_consignment(each)).decode())
            for each in consignments
        ],
    )


class SimulatedPost:
    """The system, simulated. See :class:`PostSystem` for what each method means."""

    async def find(self, tracking_numbers: Sequence[str]) -> Sequence[Any]:
        """Return the shipments with these numbers."""
        await self.check()
        bodies = [await _body(number) for number in tracking_numbers]
        return [body for body in bodies if body is not None]

    async def check(self) -> None:
        """Take the time that an answer takes; pass, unless it is out."""
        await SIMULATION.reached()


async def send_scan(tracking_number: str, kind: PostScanKind, place: Text, key: str) -> Any:
    """Scan a shipment now and tell the platform, in the post's name; return the reply.

    What the post knows of the shipment goes along, so that customs' duty can be assessed.

    Raises:
        AgencyUnavailable: the platform did not answer.
    """
    scan = Scan(tracking_number, kind, runtime.now(), place)
    known = await _body(tracking_number)
    body = {
        "scans": [write_scan(scan)],
        "consignments": [{**known, "scans": []}] if known else [],
    }
    return await correspondence.send_as_agency(AGENCY, "post.scans", body, key)


async def take_note(letter: Letter) -> Mapping[str, Any]:
    """Keep what the platform tells: payments, closed boxes."""
    async with db.transaction():
        await _fresh(letter)
    return {"taken": True}


async def take_release(letter: Letter) -> Mapping[str, Any]:
    """Take the order to release a shipment; it is carried out a little later."""
    number, item = letter.body["trackingNumber"], letter.body["itemId"]
    async with db.transaction():
        if await _fresh(letter) and not await _known(f"undone:{item}"):
            await db.execute(
                "UPDATE post_sim_consignment SET item_id = $1 "
                "WHERE tracking_number = $2 AND released_at IS NULL",
                item,
                number,
            )
            payload = {"trackingNumber": number, "itemId": item}
            await jobs.enqueue(RELEASE, payload, key=letter.key, delay=_SHORTLY)
    return {"taken": True}


async def take_reversal(letter: Letter) -> Mapping[str, Any]:
    """Take the news of money given back: what is not released yet stays where it is."""
    async with db.transaction():
        if await _fresh(letter) and letter.body["inFull"]:
            await _keep(f"undone:{letter.body['itemId']}", letter)
            await db.execute(
                "UPDATE post_sim_consignment SET item_id = NULL "
                "WHERE item_id = $1 AND released_at IS NULL",
                letter.body["itemId"],
            )
    return {"taken": True}


async def carry_out(payload: Mapping[str, Any]) -> None:
    """Release a shipment whose order still stands, and tell the platform (a job).

    Raises:
        AgencyUnavailable: the platform did not answer; the job is tried again.
    """
    number, item = payload["trackingNumber"], payload["itemId"]
    standing = await db.fetch(
        "UPDATE post_sim_consignment SET released_at = COALESCE(released_at, $1) "
        "WHERE tracking_number = $2 AND item_id = $3 RETURNING released_at",
        runtime.now().isoformat(),
        number,
        item,
    )
    if not standing:
        return
    at = dt.datetime.fromisoformat(standing[0]["released_at"])
    scan = write_scan(Scan(number, PostScanKind.RELEASED, at, _CUSTOMS))
    await correspondence.send_as_agency(
        AGENCY, "post.scans", {"scans": [scan]}, f"post.sim:{item}:{number}"
    )


SIMULATED = {
    "post.paid": take_note,
    "post.box_closed": take_note,
    "post.released": take_release,
    "post.reversed": take_reversal,
}
"""What the simulated post does with each kind of letter."""


@asynccontextmanager
async def line(letter: Letter) -> AsyncIterator[None]:
    """The way to the simulated post's desk: out or slow; and none beside a real system.

    Letters of a real post must not end at a simulator in silence.
    """
    if runtime.settings(PostSettings).system_url:
        raise AgencyUnavailable(
            f"{letter.kind}: the post is real: name its address for letters too"
        )
    await SimulatedPost().check()
    yield


async def _body(number: str) -> dict[str, Any] | None:
    rows = await db.fetch(
        "SELECT body FROM post_sim_consignment WHERE tracking_number = $1", number
    )
    body: dict[str, Any] | None = orjson.loads(rows[0]["body"]) if rows else None
    return body


async def _fresh(letter: Letter) -> bool:
    """Keep a letter; return whether it is new."""
    return await _keep(letter.key, letter)


async def _keep(key: str, letter: Letter) -> bool:
    return bool(
        await db.fetch(
            "INSERT INTO post_sim_letter (key, kind, body) VALUES ($1, $2, $3) "
            "ON CONFLICT (key) DO NOTHING RETURNING key",
            key,
            letter.kind,
            orjson.dumps(dict(letter.body)).decode(),
        )
    )


async def _known(key: str) -> bool:
    return bool(await db.fetch("SELECT key FROM post_sim_letter WHERE key = $1", key))
