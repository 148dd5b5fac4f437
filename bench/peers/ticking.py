"""What the Python peers share: the payload, and how they are served."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import uvloop
from aiohttp import web

FIRST = 100_000
FILL = "x" * 160


def text_of(number: int) -> str:
    """Return the text of an event; all servers send the same."""
    return f"tick-{number}-{FILL}"


def serve(app: web.Application, port: int, publish: Callable[[int], None]) -> None:
    """Serve ``app`` with POST /tick, as Bawaba is served: aiohttp's runner on uvloop."""

    async def tick(request: web.Request) -> web.Response:
        publish(int(request.query["number"]))
        return web.Response(text="ok")

    async def ready(_request: web.Request) -> web.Response:
        return web.Response(text="ok")

    async def main() -> None:
        app.router.add_post("/tick", tick)
        app.router.add_get("/readyz", ready)
        runner = web.AppRunner(app, access_log=None, handle_signals=False)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port, backlog=1024).start()
        await asyncio.Event().wait()

    uvloop.run(main())
