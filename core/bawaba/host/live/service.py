"""Live delivery of one host: the port behind :mod:`bawaba.live`, to be started and stopped."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from typing import Any

from prometheus_client import CollectorRegistry

from bawaba.host.live.broker import Broker, MemoryBroker
from bawaba.host.live.hub import Hub
from bawaba.host.live.metrics import LiveMetrics
from bawaba.host.live.outbox import Emitted, Outbox, forget
from bawaba.host.live.redis_broker import RedisBroker
from bawaba.host.live.relay import Relay
from bawaba.host.live.unit import UnitOfWork
from bawaba.live import LiveEvent, NewEvent
from bawaba.runtime import now


def broker_for(redis_url: str, prefix: str) -> Broker:
    """Return the bus that the settings ask for: Redis, or memory if ``redis_url`` is empty."""
    return RedisBroker(redis_url, prefix) if redis_url else MemoryBroker()


class Live:
    """Implements :class:`bawaba.live.LivePort`.

    Args:
        broker: closed by :meth:`stop`.
        unit: binds runtime and database around each piece of background work.
        registry: where its metrics go.
        retention: how long events are kept, i.e. how long a cursor can be resumed from.
    """

    def __init__(
        self,
        broker: Broker,
        unit: UnitOfWork,
        registry: CollectorRegistry,
        *,
        retention: dt.timedelta = dt.timedelta(days=1),
    ) -> None:
        self.retention = retention
        self.metrics = LiveMetrics(registry)
        self._broker = broker
        self.hub = Hub(unit, self.metrics)
        self._relay = Relay(broker, unit, self.metrics)
        self._outbox = Outbox(self._committed)
        self._silence: Callable[[], None] | None = None

    async def start(self) -> None:
        """Start listening and relaying. Does not wait for the bus."""
        self._silence = self._broker.subscribe(self.hub.receive, self.hub.missed)
        await self._broker.start()
        self.hub.pulse.start()
        self._relay.pulse.start()

    async def stop(self) -> None:
        """Stop; what is unpublished is announced by another process, or after the next start."""
        if self._silence is not None:
            self._silence()
            self._silence = None
        await self._relay.pulse.stop()
        await self.hub.pulse.stop()
        await self._broker.close()

    async def emit(self, topic: str, kind: str, data: Mapping[str, Any]) -> int:
        """See :func:`bawaba.live.emit`."""
        return await self._outbox.emit(topic, kind, data)

    async def emit_all(self, events: Sequence[NewEvent]) -> None:
        """See :func:`bawaba.live.emit_all`."""
        await self._outbox.emit_all(events)

    def follow(self, topic: str, after: str | None) -> AsyncGenerator[LiveEvent, None]:
        """See :meth:`bawaba.live.LivePort.follow`. Close the iterator to stop following."""
        return self.hub.follow(topic, after)

    async def forget(self) -> None:
        """Remove published events older than the retention; for the periodic job."""
        await forget(now() - self.retention)

    @property
    def started(self) -> bool:
        """Whether this process delivers; one that runs a command does not."""
        return self._silence is not None

    async def check(self) -> None:
        """Return if every part runs. A bus out of reach only slows delivery, so it is not asked.

        Raises:
            RuntimeError: names the loops that do not work.
        """
        loops = (self.hub.pulse, self._relay.pulse)
        if sick := [loop.name for loop in loops if not loop.healthy]:
            raise RuntimeError(f"live delivery: not working: {', '.join(sick)}")

    async def check_bus(self) -> None:
        """Return if the bus answers.

        Raises:
            BrokerUnavailable: it does not; delivery goes on, up to two seconds later.
        """
        await self._broker.check()

    def _committed(self, event: Emitted) -> None:
        # Followers in this process need no bus.
        self.hub.notice(event.topic, event.sequence)
        self._relay.committed(event)
