"""Work for later.

``domain`` states and delays · ``models`` the row · ``queue`` enqueueing and the dead-letter list ·
``claims`` taking and ending a run · ``worker`` running in the background.
"""

from __future__ import annotations

from bawaba.host.jobs.domain import JobState
from bawaba.host.jobs.queue import (
    JobQueue,
    JobView,
    counts,
    dead_letters,
    hurry,
    listed,
    requeue,
    requeue_all,
)
from bawaba.host.jobs.worker import Worker

__all__ = [
    "JobQueue",
    "JobState",
    "JobView",
    "Worker",
    "counts",
    "dead_letters",
    "hurry",
    "listed",
    "requeue",
    "requeue_all",
]
