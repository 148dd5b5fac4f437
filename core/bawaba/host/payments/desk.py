"""What the payment services work with: the loaded payables and gateways, and the settings."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from prometheus_client import CollectorRegistry

from bawaba.db import Grouped, after_commit
from bawaba.host.payments.metrics import PaymentMetrics
from bawaba.host.payments.models import GatewayMessage
from bawaba.host.payments.rules import Circuit
from bawaba.payments import Gateway, Payable
from bawaba.runtime import current
from bawaba.text import Text

T = TypeVar("T")


@dataclass(frozen=True)
class Deadlines:
    """How long others get to answer, in seconds.

    Args:
        agency: one agency, while somebody starts a payment.
        bills: one agency, while somebody lists bills.
        gateway: a gateway, while somebody waits.
        settling: one service, to mark bills while a transaction waits.
    """

    agency: float = 4.0
    bills: float = 2.0
    gateway: float = 4.0
    settling: float = 4.0


@dataclass
class Desk:
    """The host's payments; the :class:`PaymentPort` of the runtime is one (see ``port.py``).

    Args:
        default_gateway: used where the payer names none; empty: the only one loaded.
        expiry: how long a payment waits for its payer.
        approval_above_fils: a payment's refunds of more, in all, need a second person.
        deadlines: of agencies, gateways and services.
        circuits: of each service that was asked, in this process.
        settling: likewise, of each service that was to mark bills.
        wake: tells the settler of this process that a message waits.
        metrics: the host's, once a settler is made.
    """

    payables: Sequence[Payable]
    gateways: Sequence[Gateway]
    default_gateway: str = ""
    expiry: dt.timedelta = dt.timedelta(minutes=30)
    approval_above_fils: int = 500_000
    deadlines: Deadlines = Deadlines()
    wake: Callable[[], None] = field(default=lambda: None)
    circuits: dict[str, Circuit] = field(default_factory=dict)
    settling: dict[str, Circuit] = field(default_factory=dict)
    metrics: PaymentMetrics = field(default_factory=lambda: PaymentMetrics(CollectorRegistry()))
    incoming: Grouped[Sequence[GatewayMessage], None] = field(init=False)

    def __post_init__(self) -> None:
        """Index what is loaded by what it is looked up by; open the way in for callbacks."""
        self.incoming = Grouped(self._keep)
        self.by_service = {payable.service: payable for payable in self.payables}
        self.by_node_type = {payable.node_type: payable for payable in self.payables}
        self.by_gateway = {gateway.name: gateway for gateway in self.gateways}

    async def _keep(self, callbacks: Sequence[Sequence[GatewayMessage]]) -> Sequence[None]:
        """Store the messages of several callbacks, each message once, in one order for all."""
        messages = sorted(
            (message for callback in callbacks for message in callback),
            key=lambda message: (message.gateway, message.event_id),
        )
        await GatewayMessage.bulk_create(messages, batch_size=500, ignore_conflicts=True)
        after_commit(self.wake)
        return [None] * len(callbacks)

    def gateway(self, name: str | None) -> Gateway | None:
        """Return the gateway of this name, or the default one; None where there is none."""
        wanted = name or self.default_gateway
        if not wanted and len(self.gateways) == 1:
            return self.gateways[0]
        return self.by_gateway.get(wanted)


def desk() -> Desk:
    """Return the current host's desk."""
    return cast("Desk", current().payments)


def callback_url(gateway: str) -> str:
    """Return where a gateway reports."""
    return f"{current().public_url}/gateways/{gateway}/callback"


def topic(payment_id: str) -> str:
    """Return the live topic of a payment."""
    return f"payment:{payment_id}"


async def within(seconds: float, call: Awaitable[T]) -> T:
    """Await ``call``, in a task of its own, for so long at most.

    A call that takes longer is cancelled and left behind: whoever asked goes on at the deadline,
    whatever a plugin does with the cancellation.

    Raises:
        TimeoutError: it took longer.
    """
    task = asyncio.ensure_future(call)
    task.add_done_callback(_heard)
    try:
        done, _ = await asyncio.wait({task}, timeout=seconds)
    except asyncio.CancelledError:
        task.cancel()
        raise
    if not done:
        task.cancel()
        raise TimeoutError
    return task.result()


def _heard(task: asyncio.Future[Any]) -> None:
    """Take the exception of a task that nobody waits for any more."""
    if not task.cancelled():
        task.exception()


def both_or_none(en: str | None, ar: str | None) -> Text | None:
    """Return two columns as one text."""
    return None if en is None or ar is None else Text(en, ar)
