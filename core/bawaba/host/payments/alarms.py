"""Alarms and counters: what an operator must see of payments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog
from prometheus_client import Counter

from bawaba import audit
from bawaba.db import after_commit

log = structlog.get_logger("bawaba.payments")

ALARMS = Counter("bawaba_payment_alarms", "Payment alarms raised.", ["kind"])
REJECTED = Counter("bawaba_gateway_callbacks_rejected", "Callbacks refused with 401.", ["gateway"])
RECEIVED = Counter("bawaba_gateway_messages", "Gateway messages stored.", ["gateway"])
SETTLED = Counter("bawaba_payments_settled", "Payments captured.", ["gateway"])
WAITING_BATCHES = Counter("bawaba_settlement_batches", "Settlement batches committed.")


async def alarm(kind: str, resource: str, detail: Mapping[str, Any]) -> None:
    """Raise an alarm in the current transaction: audited now, logged and counted after commit."""
    await audit.record(None, f"payments.alarm.{kind}", resource, detail)

    def tell() -> None:
        ALARMS.labels(kind).inc()
        log.error("payment alarm", alarm=kind, resource=resource, **detail)

    after_commit(tell)
