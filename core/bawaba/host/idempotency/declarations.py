"""What core declares for idempotency keys."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from bawaba.db import transaction
from bawaba.errors import Refusal
from bawaba.host.idempotency.models import IdempotencyKey
from bawaba.idempotency import IdempotencyInProgress, IdempotencyKeyReused
from bawaba.jobs import Job
from bawaba.runtime import now

ERRORS: list[type[Refusal]] = [IdempotencyKeyReused, IdempotencyInProgress]


def jobs(retention: dt.timedelta) -> list[Job]:
    """Return the job that forgets keys older than ``retention``."""

    async def forget(_: Mapping[str, Any]) -> None:
        async with transaction():
            await IdempotencyKey.filter(since__lt=now() - retention).delete()

    return [Job("core.idempotency.forget", forget, every=dt.timedelta(hours=1))]
