"""How much one client may ask: a token bucket each."""

from __future__ import annotations

import time
from collections import OrderedDict

_MAX_CLIENTS = 50_000


class RateLimiter:
    """Allows ``rate`` requests a second with bursts of ``burst``, for each client of this process.

    Elapsed time is read from the monotonic clock: this bounds the machine's load, it decides
    nothing that is recorded.
    """

    def __init__(self, rate: float, burst: int) -> None:
        self._rate, self._burst = rate, burst
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def allows(self, client: str) -> bool:
        """Take one token of ``client``; False when none is left."""
        moment = time.monotonic()
        tokens, since = self._buckets.pop(client, (float(self._burst), moment))
        tokens = min(float(self._burst), tokens + (moment - since) * self._rate)
        allowed = tokens >= 1
        self._buckets[client] = (tokens - 1 if allowed else tokens, moment)
        if len(self._buckets) > _MAX_CLIENTS:
            self._buckets.popitem(last=False)
        return allowed
