"""Letters to the directorate, and the desk of the simulated one that takes them.

One letter for each notice, under a key of the notice's own: the directorate counts it once. The
desk speaks raw SQL on tables of its own, as a stranger's system would.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import orjson
from bawaba import correspondence, db, runtime
from bawaba.correspondence import Correspondent, Letter
from bawaba.errors import AgencyUnavailable

from bawaba_payments_traffic.domain import AGENCY, CancelledNotice, PaidNotice, ReversedNotice
from bawaba_payments_traffic.gateway import simulator, wire
from bawaba_payments_traffic.gateway.settings import TrafficSettings

PAID, REVERSED, CANCELLED = "traffic.paid", "traffic.reversed", "traffic.cancelled"


async def tell_paid(notices: Sequence[PaidNotice]) -> None:
    """Deliver receipts.

    Raises:
        AgencyUnavailable: one was not taken; those before it were. Send all of them again.
    """
    for notice in notices:
        await correspondence.send(AGENCY, PAID, wire.write_paid(notice), f"paid:{notice.item_id}")


async def tell_reversed(notices: Sequence[ReversedNotice]) -> None:
    """Tell of money given back. Raises as :func:`tell_paid`."""
    for notice in notices:
        key = f"reversed:{notice.refund_id}:{notice.item_id}"
        await correspondence.send(AGENCY, REVERSED, wire.write_reversed(notice), key)


async def tell_cancelled(notice: CancelledNotice) -> None:
    """Tell of a fine cancelled because an objection was upheld. Raises as :func:`tell_paid`."""
    key = f"cancelled:{notice.objection_id}"
    await correspondence.send(AGENCY, CANCELLED, wire.write_cancelled(notice), key)


async def _paid(letter: Letter) -> Mapping[str, Any]:
    """Note a payment, unless it was given back in full before this letter came."""
    item, reference = letter.body["itemId"], letter.body["reference"]
    await _noted(letter)
    undone = "SELECT 1 AS found FROM traffic_sim_notice WHERE key = $1"
    if not await db.fetch(undone, f"undone:{item}"):
        await db.execute(
            "UPDATE traffic_sim_fine SET status = 'PAID', receipt = $1, item_id = $2 "
            "WHERE reference = $3 AND status <> 'CANCELLED'",
            letter.body["receipt"],
            item,
            reference,
        )
    return {"reference": reference, "noted": True}


async def _reversed(letter: Letter) -> Mapping[str, Any]:
    """Note money given back; in full makes the fine unpaid again."""
    item = letter.body["itemId"]
    await _noted(letter)
    if letter.body["inFull"]:
        await _noted(letter, f"undone:{item}")
        await db.execute(
            "UPDATE traffic_sim_fine SET status = 'UNPAID', receipt = NULL, item_id = NULL "
            "WHERE item_id = $1 AND status = 'PAID'",
            item,
        )
    return {"reference": letter.body["reference"], "noted": True}


async def _cancelled(letter: Letter) -> Mapping[str, Any]:
    """Cancel a fine for ever."""
    reference = letter.body["reference"]
    await _noted(letter)
    await db.execute(
        "UPDATE traffic_sim_fine SET status = 'CANCELLED' WHERE reference = $1", reference
    )
    return {"reference": reference, "noted": True}


async def _noted(letter: Letter, key: str = "") -> None:
    """Keep a notice in the directorate's own book."""
    await db.execute(
        "INSERT INTO traffic_sim_notice (key, reference, body) VALUES ($1, $2, $3) "
        "ON CONFLICT (key) DO NOTHING",
        key or letter.key,
        letter.body["reference"],
        orjson.dumps(dict(letter.body)).decode(),
    )


@asynccontextmanager
async def _line(letter: Letter) -> AsyncIterator[None]:
    """Be slow, out, or lose the answer, as the simulated directorate's mood is.

    Beside a real register it takes nothing: receipts must not end at a simulator in silence.
    """
    if runtime.settings(TrafficSettings).directorate_url:
        raise AgencyUnavailable("the register is real: name its address for letters, too")
    late = await simulator.SIMULATION.reached()
    yield
    if late:
        raise AgencyUnavailable(f"the answer to {letter.kind} is lost")


CORRESPONDENTS = (
    Correspondent(
        AGENCY, simulated={PAID: _paid, REVERSED: _reversed, CANCELLED: _cancelled}, line=_line
    ),
)
