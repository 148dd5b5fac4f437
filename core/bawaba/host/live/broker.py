"""The bus between processes. It only wakes: the truth is the outbox, so a bus may lose anything."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

Receive = Callable[[bytes], None]
"""Called with each message. Must be quick and must not raise."""

Missed = Callable[[], None]
"""Called when messages may have been lost, e.g. after a reconnection."""


class BrokerUnavailable(Exception):
    """The bus did not take the messages within its limit. They may or may not have arrived."""


class Broker(Protocol):
    """One channel of small messages to every process, this one included."""

    async def start(self) -> None:
        """Begin to listen. Does not wait for the server, nor fail if it is away."""
        ...

    async def close(self) -> None:
        """Stop listening and let go of every connection. Idempotent."""
        ...

    def subscribe(self, receive: Receive, missed: Missed) -> Callable[[], None]:
        """Call ``receive`` with every message from now on; return what ends it."""
        ...

    async def publish(self, messages: Sequence[bytes]) -> None:
        """Send ``messages`` to every process.

        Raises:
            BrokerUnavailable: within about a second.
        """
        ...

    async def check(self) -> None:
        """Return if the bus works.

        Raises:
            BrokerUnavailable: it does not.
        """
        ...


class Listeners:
    """Who listens to a broker in this process."""

    def __init__(self) -> None:
        self._all: dict[int, tuple[Receive, Missed]] = {}
        self._next = 0

    def add(self, receive: Receive, missed: Missed) -> Callable[[], None]:
        """Add a listener; return what removes it."""
        number, self._next = self._next, self._next + 1
        self._all[number] = (receive, missed)
        return lambda: self._all.pop(number, None) and None

    def receive(self, message: bytes) -> None:
        """Hand ``message`` to everyone."""
        for receive, _ in tuple(self._all.values()):
            receive(message)

    def missed(self) -> None:
        """Tell everyone that messages may have been lost."""
        for _, missed in tuple(self._all.values()):
            missed()


class MemoryBroker:
    """The bus of a single process (or of several hosts in one process, if they share it)."""

    def __init__(self) -> None:
        self._listeners = Listeners()

    async def start(self) -> None:
        """Nothing to do."""

    async def close(self) -> None:
        """Nothing to do."""

    def subscribe(self, receive: Receive, missed: Missed) -> Callable[[], None]:
        """See :class:`Broker`."""
        return self._listeners.add(receive, missed)

    async def publish(self, messages: Sequence[bytes]) -> None:
        """See :class:`Broker`."""
        for message in messages:
            self._listeners.receive(message)

    async def check(self) -> None:
        """Return: memory is always there."""
