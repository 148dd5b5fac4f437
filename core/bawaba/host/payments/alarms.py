"""Alarms: what an operator must look at. Nothing that a gateway says is dropped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog

from bawaba import audit
from bawaba.db import after_commit
from bawaba.host.payments.desk import desk

log = structlog.get_logger(__name__)


async def alarm(kind: str, resource: str, detail: Mapping[str, Any]) -> None:
    """Raise an alarm in the current transaction: audited now, logged and counted after commit."""
    await audit.record(None, f"payments.alarm.{kind}", resource, detail)
    counter = desk().metrics.alarms

    def tell() -> None:
        counter.labels(kind).inc()
        log.error("payment alarm", alarm=kind, resource=resource, **detail)

    after_commit(tell)
