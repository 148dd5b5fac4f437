"""The post's own system: what the platform asks of it, and how long it waits."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Protocol

from bawaba import db, runtime
from bawaba.errors import AgencyUnavailable

from bawaba_bahrain_post.domain import Consignment
from bawaba_bahrain_post.gateway.client import HttpPost
from bawaba_bahrain_post.gateway.settings import PostSettings
from bawaba_bahrain_post.gateway.simulator import SimulatedPost
from bawaba_bahrain_post.rules.letters import Unreadable, read_consignment

__all__ = ["HttpPost", "PostSettings", "PostSystem", "SimulatedPost", "look_up", "reachable"]


class PostSystem(Protocol):
    """The post's tracking system. What the post tells by itself comes as letters."""

    async def find(self, tracking_numbers: Sequence[str]) -> Sequence[Any]:
        """Return the shipments with these numbers as JSON; unknown ones are absent.

        Raises:
            AgencyUnavailable: no answer, or nonsense.
        """
        ...

    async def check(self) -> None:
        """Pass, if the system answers."""
        ...


def _system(settings: PostSettings) -> PostSystem:
    if settings.system_url:
        return HttpPost(settings.system_url, settings.system_token)
    return SimulatedPost()


async def look_up(tracking_number: str) -> Consignment | None:
    """Ask the post for one shipment, within the time limit; None: it knows none.

    Raises:
        AgencyUnavailable: no answer, none in time (``BAWABA_POST_SYSTEM_TIMEOUT``), or nonsense.
        RuntimeError: asked inside a transaction, which an agency must never hold open.
    """
    if db.in_transaction():
        raise RuntimeError("the post must not be asked inside a transaction")
    settings = runtime.settings(PostSettings)
    try:
        async with asyncio.timeout(settings.system_timeout):
            found = await _system(settings).find([tracking_number])
    except TimeoutError as error:
        raise AgencyUnavailable("the post did not answer in time") from error
    if not found:
        return None
    try:
        consignment = read_consignment(found[0], runtime.now())
    except Unreadable as error:
        raise AgencyUnavailable("the post described a shipment badly") from error
    if consignment.tracking_number != tracking_number:
        raise AgencyUnavailable("the post answered about another shipment")
    return consignment


async def reachable() -> None:
    """Pass, if the post's system answers (a health check).

    Raises:
        AgencyUnavailable: it does not.
    """
    settings = runtime.settings(PostSettings)
    try:
        async with asyncio.timeout(settings.system_timeout):
            await _system(settings).check()
    except TimeoutError as error:
        raise AgencyUnavailable("the post did not answer in time") from error
