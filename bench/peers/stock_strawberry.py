"""Strawberry's own aiohttp view, fed from a broadcast in this process. Port: the argument."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator

import strawberry
from aiohttp import web
from strawberry.aiohttp.views import GraphQLView
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from ticking import FIRST, serve, text_of


@strawberry.type
class BenchTick:
    """The payload."""

    number: int
    text: str


class Channel:
    """The broadcast: a queue for each subscriber."""

    def __init__(self) -> None:
        self.queues: set[asyncio.Queue[BenchTick]] = set()
        self.last = FIRST

    def publish(self, number: int) -> None:
        self.last = number
        value = BenchTick(number=number, text=text_of(number))
        for queue in self.queues:
            queue.put_nowait(value)

    async def follow(self) -> AsyncGenerator[BenchTick, None]:
        queue: asyncio.Queue[BenchTick] = asyncio.Queue()
        self.queues.add(queue)
        try:
            yield BenchTick(number=self.last, text=text_of(self.last))
            while True:
                yield await queue.get()
        finally:
            self.queues.discard(queue)


CHANNEL = Channel()


@strawberry.type
class Query:
    """GraphQL wants one."""

    hello: str = "hello"


@strawberry.type
class Subscription:
    """The live field."""

    @strawberry.subscription
    async def bench_tick(self) -> AsyncGenerator[BenchTick, None]:
        async for value in CHANNEL.follow():
            yield value


def main() -> None:
    """Serve."""
    app = web.Application()
    view = GraphQLView(
        schema=strawberry.Schema(query=Query, subscription=Subscription),
        subscription_protocols=[GRAPHQL_TRANSPORT_WS_PROTOCOL],
    )
    app.router.add_route("*", "/graphql", view)
    serve(app, int(sys.argv[1]), CHANNEL.publish)


if __name__ == "__main__":
    main()
