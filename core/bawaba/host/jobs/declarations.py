"""What jobs declare to the host."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from bawaba.host.jobs.domain import JOB_MACHINE, KEPT
from bawaba.host.jobs.queue import forget
from bawaba.jobs import Job
from bawaba.plugin import Machine
from bawaba.runtime import now
from bawaba.text import Text


async def _forget(_payload: Mapping[str, Any]) -> None:
    await forget(now() - KEPT)


JOBS: Sequence[Job] = (Job("core.jobs_retention", _forget, every=dt.timedelta(hours=1)),)
MACHINES: Sequence[Machine] = (
    Machine(
        JOB_MACHINE,
        Text(
            "A job: work for later. A run that another process takes over had lost its lease.",
            "مهمة مؤجلة التنفيذ. التنفيذ الذي تتولاه عملية أخرى يكون قد انتهت مهلة حجزه.",
        ),
    ),
)
