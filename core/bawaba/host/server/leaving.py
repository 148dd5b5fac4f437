"""A process that leaves tells its connections to come back, not all at once."""

from __future__ import annotations

import asyncio
import random

from aiohttp import WSCloseCode

from bawaba.host.server.sessions import Seat, Sessions


async def going_away(sessions: Sessions, period: float) -> None:
    """Close every connection of this process with 1012, each at a random moment of ``period``.

    Args:
        period: seconds over which the closes, and so the clients' returns, are spread.
    """
    dice = random.SystemRandom()
    await asyncio.gather(*(_leave(seat, dice.uniform(0, period)) for seat in list(sessions.seats)))


async def _leave(seat: Seat, pause: float) -> None:
    await asyncio.sleep(pause)
    seat.end(WSCloseCode.SERVICE_RESTART, "Server restarting: come back and resume")
