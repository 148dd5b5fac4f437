"""Buckets, tries and turns, under a clock that the test moves."""

from __future__ import annotations

import asyncio

import pytest
from bawaba.errors import LimitExceeded
from bawaba.host.server.limits import Attempts, Connections, RateLimiter, Study, Turnstile, Workload


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_fills_with_time() -> None:
    clock = Clock()
    limiter = RateLimiter(2, 4, clock)
    assert [limiter.allows("a") for _ in range(5)] == [True] * 4 + [False]
    assert limiter.allows("b")
    assert limiter.wait("a") == pytest.approx(0.5)
    clock.now = 0.5
    assert limiter.allows("a")
    assert not limiter.allows("a")
    assert not limiter.allows("b", 5)


def test_tries_count_for_the_object_and_for_who_tries() -> None:
    clock = Clock()
    attempts = Attempts(clock)
    for number in range(3):
        attempts.take("fine", "TF-1", f"client {number}", 3, 60)
    with pytest.raises(LimitExceeded) as refused:
        attempts.take("fine", "TF-1", "another", 3, 60)
    assert refused.value.extensions == {"retryAfter": 20}
    for number in range(3):
        attempts.take("fine", f"TF-{number + 10}", "guesser", 3, 60)
    with pytest.raises(LimitExceeded):
        attempts.take("fine", "TF-99", "guesser", 3, 60)
    clock.now = 20
    attempts.take("fine", "TF-98", "guesser", 3, 60)


async def test_a_client_has_so_many_places_and_so_many_waiting() -> None:
    turnstile, inside, most = Turnstile(2, 1), 0, 0

    async def pass_through(client: str) -> None:
        nonlocal inside, most
        async with turnstile.passage(client):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0.01)
            inside -= 1

    results = await asyncio.gather(*(pass_through("one") for _ in range(5)), return_exceptions=True)
    assert [type(r) for r in results].count(LimitExceeded) == 2
    assert most == 2
    await pass_through("one")


async def test_a_crowd_waits_for_one_reading_of_a_new_document() -> None:
    study, read = Study(1), list[str]()

    async def ask(client: str, text: str) -> None:
        await study.others(text)
        if text in read:
            return
        async with study.begin(client, text):
            await asyncio.sleep(0.01)
            read.append(text)

    await asyncio.gather(*(ask("one", "{ a }") for _ in range(50)))
    assert read == ["{ a }"]


def test_connections_are_counted_for_each_client_and_given_back() -> None:
    connections = Connections(1)
    with connections.hold("a"):
        with connections.hold("b"):
            pass
        with pytest.raises(LimitExceeded), connections.hold("a"):
            pass
    with pytest.raises(ZeroDivisionError), connections.hold("a"):
        raise ZeroDivisionError
    with connections.hold("a"):
        pass


async def test_dear_operations_take_turns_and_cheap_ones_do_not() -> None:
    workload, running, most, order = Workload(10), 0, 0, []

    async def run(name: str, cost: int, client: str = "one") -> None:
        nonlocal running, most
        async with workload.share(client, cost):
            running += 1
            most = max(most, running)
            await asyncio.sleep(0.01)
            running -= 1
            order.append(name)

    await asyncio.gather(*(run(str(n), 1) for n in range(10)))
    assert most == 10
    order.clear()
    async with asyncio.timeout(5):
        await asyncio.gather(run("a", 6), run("b", 99), run("c", 1), run("other", 6, "two"))
    assert order.index("a") < order.index("b") < order.index("c")
    assert order.index("other") < order.index("b")


async def test_who_gives_up_waiting_leaves_no_place_taken() -> None:
    workload = Workload(10)

    async def run(cost: int) -> None:
        async with workload.share("one", cost):
            await asyncio.sleep(0.05)

    async with asyncio.timeout(5):
        for _ in range(3):
            tasks = [asyncio.create_task(run(8)) for _ in range(5)]
            await asyncio.sleep(0.01)
            for task in tasks[1:4]:
                task.cancel()
            done = await asyncio.gather(*tasks, return_exceptions=True)
            assert [type(result) for result in done].count(asyncio.CancelledError) == 3
    assert workload._clients == {}
