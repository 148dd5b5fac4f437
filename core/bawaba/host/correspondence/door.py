"""What strangers can make this process do before it knows who they are: bounds, and quiet logs.

The sender's name stands inside the seal, so it takes a private-key operation to learn it. What
leads there is cheap, and how often it comes to that is bounded here, for each address.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncGenerator, Generator, Hashable
from contextlib import ExitStack, asynccontextmanager, contextmanager

from bawaba.errors import LimitExceeded
from bawaba.host.correspondence.domain import Reason, Refused
from bawaba.host.server.limits import Connections, RateLimiter

_EVERYBODY = 256
"""Letters of all addresses that one process takes at once: 64 MB of bodies at most."""
_BURST = dt.timedelta(seconds=60)


class Door:
    """Lets letters in, a bounded number at once, and decrypts one at a time.

    Args:
        tries: letters of one address a minute that may turn out not to be of a known sender.
        at_once: letters of one address that are being taken side by side.
    """

    def __init__(self, tries: int, at_once: int) -> None:
        self._tries = RateLimiter(tries / 60, tries)
        self._places, self._all = Connections(at_once), Connections(_EVERYBODY)
        self._opening = asyncio.Lock()
        self._bursts: dict[Hashable, tuple[dt.datetime, int]] = {}

    @contextmanager
    def passage(self, client: str) -> Generator[None]:
        """Hold a place for one letter of an address, at the price of one try.

        Raises:
            Refused: it has used up its tries, or holds as many places as it may.
        """
        with ExitStack() as stack:
            try:
                stack.enter_context(self._all.hold(""))
                stack.enter_context(self._places.hold(client))
            except LimitExceeded:
                raise Refused(Reason.TOO_MANY, "at once") from None
            if not self._tries.allows(client):
                raise Refused(Reason.TOO_MANY, "tries")
            yield

    def known(self, client: str) -> None:
        """Give the try back: the letter was of a known sender, and new."""
        self._tries.give_back(client)

    @asynccontextmanager
    async def opening(self) -> AsyncGenerator[None]:
        """Hold the one place for private-key operations; others who are ready go first."""
        async with self._opening:
            await asyncio.sleep(0)
            yield

    def worth_logging(self, what: Hashable, now: dt.datetime) -> int | None:
        """Return how many like ``what`` went unlogged since the last line; None: so does this.

        One line a minute for each; ``what`` is of few possible values.
        """
        since, held = self._bursts.get(what, (now - _BURST, 0))
        if abs(now - since) < _BURST:
            self._bursts[what] = (since, held + 1)
            return None
        self._bursts[what] = (now, 0)
        return held
