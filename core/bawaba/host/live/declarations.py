"""What live delivery declares to the host."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from bawaba.host.live.service import Live
from bawaba.jobs import Job
from bawaba.plugin import HealthCheck
from bawaba.runtime import current


def _live() -> Live:
    live = current().live
    if not isinstance(live, Live):
        raise TypeError(f"the runtime's live port is {type(live).__name__}, not the host's")
    return live


async def _forget(_payload: Mapping[str, Any]) -> None:
    await _live().forget()


async def _check() -> None:
    if (live := _live()).started:
        await live.check()


JOBS: Sequence[Job] = (Job("core.outbox_retention", _forget, every=dt.timedelta(hours=1)),)
HEALTH_CHECKS: Sequence[HealthCheck] = (HealthCheck("live", _check),)
