"""aiohttp and uvloop with a static folder and nothing else. Arguments: port, folder."""

from __future__ import annotations

import sys
from pathlib import Path

import uvloop
from aiohttp import web


async def ready(_request: web.Request) -> web.Response:
    return web.Response()


def main() -> None:
    """Serve."""
    app = web.Application()
    app.router.add_get("/readyz", ready)
    app.router.add_static("/", Path(sys.argv[2]))
    loop = uvloop.new_event_loop()
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=None, loop=loop)


if __name__ == "__main__":
    main()
