"""The background loop that settles what gateways report."""

from __future__ import annotations

from prometheus_client import CollectorRegistry

from bawaba.host.live.pulse import Pulse
from bawaba.host.live.unit import UnitOfWork
from bawaba.host.payments.desk import Desk
from bawaba.host.payments.metrics import PaymentMetrics
from bawaba.host.payments.services.settling import settle_waiting

POLL = 1.0
"""Seconds between looks without a wake-up, e.g. for messages that another process received."""


class Settler:
    """Settles while something waits. Each process runs one; they share the work.

    Args:
        desk: its ``wake`` and ``metrics`` become this settler's.
        unit: binds runtime and database around each batch.
    """

    def __init__(self, desk: Desk, unit: UnitOfWork, registry: CollectorRegistry) -> None:
        self._unit = unit
        self.pulse = Pulse("settler", self._step, POLL)
        desk.wake = self.pulse.wake
        desk.metrics = PaymentMetrics(registry)

    async def start(self) -> None:
        """Begin to settle in the background."""
        self.pulse.start()

    async def stop(self) -> None:
        """Stop; a batch under way is committed or rolled back as a whole."""
        await self.pulse.stop()

    async def check(self) -> None:
        """Return if the loop runs.

        Raises:
            RuntimeError: it does not.
        """
        if not self.pulse.healthy:
            raise RuntimeError("payments: the settler does not work")

    async def run_due(self) -> int:
        """Settle everything that is due now; return how many messages were taken. For tests."""
        taken = 0
        while handled := await self._batch():
            taken += handled
        return taken

    async def _step(self) -> None:
        await self.run_due()

    async def _batch(self) -> int:
        with self._unit():
            return await settle_waiting()
