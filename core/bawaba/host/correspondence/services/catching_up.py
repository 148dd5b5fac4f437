"""Sending what waited, once the agency can be reached: one letter after the other, in order."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from bawaba.errors import AgencyUnavailable
from bawaba.host.correspondence.domain import PLATFORM
from bawaba.host.correspondence.office import Office
from bawaba.host.correspondence.services import waiting
from bawaba.host.correspondence.services.sending import Declined, deliver, kept, written
from bawaba.host.correspondence.transport import Transport
from bawaba.host.jobs import hurry
from bawaba.runtime import correlated

log = structlog.get_logger(__name__)
_A_TURN = 1000
"""Letters to one agency in one turn; the next turn goes on."""


async def catch_up(office: Office, way: Callable[[str], Transport]) -> None:
    """Send letters that wait to agencies that can be reached now; have their jobs run again."""
    done = 0
    for agency in await waiting.counted(office):
        if office.is_connected(agency):
            done += await _in_order(office, way(agency), agency)
    if done:
        await hurry()
        await waiting.counted(office)


async def _in_order(office: Office, transport: Transport, agency: str) -> int:
    """Send until one is not taken: it stays the next. Return how many wait no longer.

    One that the agency refuses for good does not hold up the others: it is left to the job that
    wrote it, which ends among the dead letters.
    """
    done = 0
    while done < _A_TURN and (row := await waiting.next_to(agency)) is not None:
        with correlated(row["correlation_id"]):
            letter = written(PLATFORM, agency, row["kind"], row["body"], row["key"])
            try:
                if await kept(letter) is None:
                    await deliver(office, transport, letter)
            except (Declined, ValueError):
                log.exception(
                    "a waiting letter is refused", agency=agency, kind=letter.kind, key=letter.key
                )
            except AgencyUnavailable:
                break
        await waiting.remove(row["number"])
        done += 1
    return done
