"""From the outbox to the bus."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog

from bawaba.host.live import outbox
from bawaba.host.live.broker import Broker, BrokerUnavailable
from bawaba.host.live.metrics import LiveMetrics
from bawaba.host.live.outbox import Emitted
from bawaba.host.live.pulse import Pulse
from bawaba.host.live.unit import UnitOfWork

log = structlog.get_logger(__name__)

SWEEP = 1.0
"""Seconds between looks for events that nobody announced."""
_PENDING = 10_000


def message(event: Emitted) -> bytes:
    """Return the bus message of an event: where it stands, never what it says."""
    return f"{event.sequence} {event.topic}".encode()


def read_message(raw: bytes) -> tuple[str, int] | None:
    """Return (topic, sequence) of a bus message; None if it is not one."""
    number, _, topic = raw.partition(b" ")
    try:
        return topic.decode(), int(number)
    except ValueError:
        return None


class Relay:
    """Announces this process's events after their commit, and sweeps up what others left behind.

    Publishing happens outside any transaction: a slow bus must hold no row and no connection. So
    two relays may announce one event twice, which its hearers drop.
    """

    def __init__(self, broker: Broker, unit: UnitOfWork, metrics: LiveMetrics) -> None:
        self._broker = broker
        self._unit = unit
        self._metrics = metrics
        self._pending: list[Emitted] = []
        self._sweep_at = 0.0
        self._broken = False
        self.pulse = Pulse("relay", self._step, SWEEP)

    def committed(self, event: Emitted) -> None:
        """Take an event of this process that was just committed."""
        # Beyond the bound the sweep finds them: memory must not grow while the bus is away.
        if len(self._pending) < _PENDING:
            self._pending.append(event)
        self.pulse.wake()

    async def _step(self) -> None:
        pending, self._pending = self._pending, []
        for start in range(0, len(pending), outbox.READ):
            if not await self._announce(pending[start : start + outbox.READ]):
                break
        clock = asyncio.get_running_loop().time
        if clock() >= self._sweep_at:
            # First: a failing sweep must also wait its turn.
            self._sweep_at = clock() + SWEEP
            await self.sweep()

    async def sweep(self) -> None:
        """Announce whatever is unpublished, oldest first, as far as the bus takes it."""
        with self._unit():
            while batch := await outbox.unpublished():
                if not await self._announce(batch) or len(batch) < outbox.READ:
                    break
            waiting, age = await outbox.backlog() if batch else (0, 0.0)
        self._metrics.unpublished.set(waiting)
        self._metrics.lag.set(age)

    async def _announce(self, events: Sequence[Emitted]) -> bool:
        try:
            await self._broker.publish([message(event) for event in events])
        except BrokerUnavailable as error:
            self._metrics.failures.inc()
            if not self._broken:
                log.warning("the bus is out of reach; delivery is slower", error=str(error))
            self._broken = True
            return False
        if self._broken:
            self._broken = False
            log.info("the bus is back")
        self._metrics.published.inc(len(events))
        with self._unit():
            await outbox.mark_published([event.id for event in events])
        return True
