"""How much one client may ask: buckets of tokens, operations side by side, open connections."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from math import ceil

from bawaba.errors import LimitExceeded
from bawaba.text import Text

_MAX_CLIENTS = 50_000
_COST_A_TOKEN = 100
"""Operations have a bucket of their own, of the same size: dear ones close no socket."""
CLIENT = "client"
"""Under which a request holds the address that it is counted for."""
BUDGET = "budget"
"""Under which a request holds its client's :class:`Budget`."""


class RateLimiter:
    """Allows ``rate`` requests a second with bursts of ``burst``, for each key of this process.

    Args:
        clock: seconds that only grow. It bounds load and guesses, it decides nothing recorded.
    """

    def __init__(
        self, rate: float, burst: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate, self._burst, self._clock = rate, burst, clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def allows(self, key: str, tokens: float = 1) -> bool:
        """Take ``tokens`` of ``key``; False, and none taken, when so many are not left."""
        moment = self._clock()
        left, since = self._buckets.pop(key, (float(self._burst), moment))
        left = min(float(self._burst), left + (moment - since) * self._rate)
        allowed = left >= tokens
        self._buckets[key] = (left - tokens if allowed else left, moment)
        if len(self._buckets) > _MAX_CLIENTS:
            self._buckets.popitem(last=False)
        return allowed

    def give_back(self, key: str, tokens: float = 1) -> None:
        """Undo that ``tokens`` of ``key`` were taken."""
        if key in self._buckets:
            left, since = self._buckets[key]
            self._buckets[key] = (min(float(self._burst), left + tokens), since)

    def wait(self, key: str, tokens: float = 1) -> float:
        """Return the seconds after which ``key`` has ``tokens`` again."""
        left, since = self._buckets.get(key, (float(self._burst), self._clock()))
        return max(0.0, (tokens - left) / self._rate - (self._clock() - since))


class Attempts:
    """Bounds guesses: each try at an object counts for the object and for who tries.

    It is asked by the resolver for each try, so that aliases and batches hide nothing.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._limiters: dict[tuple[int, float], RateLimiter] = {}

    def take(self, what: str, subject: str, client: str, times: int, per: float) -> None:
        """Count one try of ``client`` at ``subject``, e.g. a fine's reference.

        Args:
            times: tries allowed in ``per`` seconds, for the subject and for the client each.

        Raises:
            LimitExceeded: too many; ``retryAfter`` says when to come back, in seconds.
        """
        limiter = self._limiters.setdefault(
            (times, per), RateLimiter(times / per, times, self._clock)
        )
        for key in (f"{what}\x00object\x00{subject}", f"{what}\x00client\x00{client}"):
            if not limiter.allows(key):
                seconds = ceil(limiter.wait(key))
                detail = Text(
                    f"Too many tries. Come back in {seconds} seconds.",
                    f"محاولات كثيرة. حاول بعد {seconds} ثانية.",
                )
                raise LimitExceeded(detail, retryAfter=seconds)


class Turnstile:
    """Lets each client run ``at_once`` operations side by side; a few more wait their turn."""

    def __init__(self, at_once: int, waiting: int) -> None:
        self._at_once, self._waiting = at_once, waiting
        self._clients: dict[str, tuple[asyncio.Semaphore, list[None]]] = {}

    @asynccontextmanager
    async def passage(self, client: str, *, patient: bool = False) -> AsyncGenerator[None]:
        """Hold one of the client's places.

        Args:
            patient: wait however many wait already; for what is bounded elsewhere.

        Raises:
            LimitExceeded: too many wait already.
        """
        semaphore, inside = self._clients.setdefault(client, (asyncio.Semaphore(self._at_once), []))
        if not patient and len(inside) >= self._at_once + self._waiting:
            raise LimitExceeded
        inside.append(None)
        try:
            async with semaphore:
                yield
        finally:
            inside.pop()
            if not inside:
                self._clients.pop(client, None)


@dataclass(slots=True)
class _Load:
    """What one client has running, and who waits with how much, in order of arrival."""

    running: int = 0
    waiting: deque[tuple[int, asyncio.Future[None]]] = field(default_factory=deque)

    def admit(self, most: int) -> None:
        """Let in who is next for as long as it fits; who gave up is passed over."""
        while self.waiting:
            cost, place = self.waiting[0]
            if not place.cancelled():
                if self.running + cost > most:
                    return
                self.running += cost
                place.set_result(None)
            self.waiting.popleft()


class Workload:
    """Lets each client have operations that cost ``most`` together run side by side.

    Cheap ones run in numbers; dear ones take turns, so that other clients get theirs between.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._clients: dict[str, _Load] = {}

    @asynccontextmanager
    async def share(self, client: str, cost: int) -> AsyncGenerator[None]:
        """Wait until ``cost`` more fits, and hold it; one operation alone always fits."""
        load = self._clients.setdefault(client, _Load())
        cost = min(cost, self._most)
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        load.waiting.append((cost, place))
        load.admit(self._most)
        try:
            await place
            yield
        finally:
            if place.done() and not place.cancelled():
                load.running -= cost
            load.admit(self._most)
            if not load.running and not load.waiting:
                self._clients.pop(client, None)


class Connections:
    """Bounds the sockets and event streams that one client holds open at this process."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: Counter[str] = Counter()

    @contextmanager
    def hold(self, client: str) -> Generator[None]:
        """Count one more connection of ``client`` for as long as the block runs.

        Raises:
            LimitExceeded: it holds as many as it may.
        """
        if self._held[client] >= self._most:
            raise LimitExceeded
        self._held[client] += 1
        try:
            yield
        finally:
            self._held[client] -= 1
            if not self._held[client]:
                del self._held[client]


class Study:
    """Parsing and validating of documents that were not met before.

    It blocks the process for some milliseconds, so each client has one place: a flood of new
    documents from one leaves room for the others between them. A crowd that sends the same new
    document waits for the one that is being read.
    """

    def __init__(self, waiting: int) -> None:
        self._places = Turnstile(1, waiting)
        self._texts: dict[str, asyncio.Event] = {}

    async def others(self, text: str) -> None:
        """Wait while somebody else has this document read."""
        while (going_on := self._texts.get(text)) is not None:
            await going_on.wait()

    @asynccontextmanager
    async def begin(self, client: str, text: str) -> AsyncGenerator[None]:
        """Hold the client's place; call it when nobody else has ``text`` read.

        Raises:
            LimitExceeded: too many documents of the client wait already.
        """
        done = self._texts[text] = asyncio.Event()
        try:
            async with self._places.passage(client):
                yield
        finally:
            del self._texts[text]
            done.set()


@dataclass(frozen=True, slots=True)
class Budget:
    """What one client may still ask of this process."""

    client: str
    limiter: RateLimiter
    turnstile: Turnstile
    workload: Workload
    study: Study

    def charge(self, tokens: float) -> bool:
        """Take some of the client's tokens; False when so many are not left."""
        return self.limiter.allows(self.client, tokens)

    def turn(self) -> AbstractAsyncContextManager[None]:
        """Return the block in which one operation of the client runs; see :class:`Turnstile`."""
        return self.turnstile.passage(self.client)

    def turn_to_subscribe(self) -> AbstractAsyncContextManager[None]:
        """Return the block in which a subscription starts.

        None is refused, so that a crowd behind one address may come back at once: connections,
        and subscriptions of each, are bounded.
        """
        return self.turnstile.passage(self.client, patient=True)

    def work(self, cost: int) -> AbstractAsyncContextManager[None]:
        """Return the block in which an operation of this cost runs; see :class:`Workload`.

        Raises:
            LimitExceeded: its operations cost too much of late.
        """
        if not self.limiter.allows(f"{self.client}\x00work", cost / _COST_A_TOKEN):
            raise LimitExceeded
        return self.workload.share(self.client, cost)
