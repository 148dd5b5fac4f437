"""Events and their delivery: outbox, relay, bus and hub.

``models`` rows · ``cursor`` the opaque cursor · ``outbox`` numbering and reading · ``broker`` and
``redis_broker`` the bus · ``relay`` from outbox to bus · ``feed`` one topic's shared log · ``hub``
everything that this process follows · ``service`` the port · ``pulse`` background loops.
"""

from __future__ import annotations

from bawaba.host.live.broker import Broker, BrokerUnavailable, MemoryBroker
from bawaba.host.live.outbox import renew_epochs
from bawaba.host.live.redis_broker import RedisBroker
from bawaba.host.live.service import Live, broker_for
from bawaba.host.live.unit import UnitOfWork

__all__ = [
    "Broker",
    "BrokerUnavailable",
    "Live",
    "MemoryBroker",
    "RedisBroker",
    "UnitOfWork",
    "broker_for",
    "renew_epochs",
]
