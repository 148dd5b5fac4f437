"""A plugin of the benchmark alone: one public live field, and a route that emits on its topic."""

from __future__ import annotations

from collections.abc import AsyncIterable

import strawberry
from aiohttp import web
from bawaba import live
from bawaba.db import transaction
from bawaba.graphql import PUBLIC, After, leaf, subscription
from bawaba.plugin import Manifest, Route, SchemaPart, hookimpl
from bawaba.text import Text, both
from bawaba.viewer import Viewer
from ticking import FIRST, text_of

TOPIC = "bench.tick"
MANIFEST = Manifest("bench", "bench", Text("Benchmark", "قياس الأداء"), "0.1.0")


@strawberry.type(description=both("A tick.", "نبضة."))
class BenchTick:
    """The payload."""

    number: int = leaf("Its number.", "رقمها.")
    text: str = leaf("Its text.", "نصها.")


class State:
    """The newest number: what a snapshot shows."""

    number = FIRST


async def _show(_event: live.LiveEvent, _viewer: Viewer) -> BenchTick:
    return BenchTick(number=State.number, text=text_of(State.number))


@strawberry.type
class Subscriptions:
    """The live field."""

    @subscription(permission=PUBLIC, audiences=["public"], en="The newest tick.", ar="أحدث نبضة.")
    async def bench_tick(self, after: After = None) -> AsyncIterable[BenchTick]:
        return live.Watch(TOPIC, live.EVERYONE, _show, after)


async def tick(request: web.Request) -> web.Response:
    """Emit one event, in a transaction as every event is."""
    State.number = int(request.query["number"])
    async with transaction():
        await live.emit(TOPIC, "TICK", {"number": State.number})
    return web.Response(text="ok")


declare_manifest = hookimpl(lambda: MANIFEST)
declare_schema = hookimpl(lambda: (SchemaPart(subscription=Subscriptions),))
declare_routes = hookimpl(lambda: (Route("POST", "/tick", tick),))
