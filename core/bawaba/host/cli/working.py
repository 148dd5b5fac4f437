"""One serving process: its socket, its start and its leave."""

from __future__ import annotations

import asyncio
import gc
import signal
import socket
from typing import Any

from aiohttp import web

from bawaba.errors import BootError
from bawaba.host import boot
from bawaba.host.server.doorkeeper import drop_the_silent
from bawaba.host.settings import Settings

_BACKLOG = 1024
_KEPT_ALIVE = 75.0
"""Seconds that a connection may wait between two requests."""


async def serve_until_stopped(
    settings: Settings, listener: socket.socket | None = None, ready: Any = None
) -> None:
    """Serve in this process until SIGINT or SIGTERM; then finish what runs and close.

    Args:
        listener: a bound socket, shared with the process that takes over; None: one is made.
        ready: an event of :mod:`multiprocessing`, set once requests are taken.
    """
    host = boot.build(settings)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with host.running():
        runner = web.AppRunner(
            host.app(),
            access_log=None,
            shutdown_timeout=10,
            handle_signals=False,
            lingering_time=1,
            keepalive_timeout=_KEPT_ALIVE,
        )
        await runner.setup()
        site = web.SockSite(runner, listener or listening(settings), backlog=_BACKLOG)
        await site.start()
        dropping = asyncio.create_task(drop_the_silent(_server(runner), settings.header_timeout))
        async with host.serving(loopback(runner.addresses[0])):
            # What boot made stays until the end: the collector need not walk it again and again.
            gc.collect()
            gc.freeze()
            if ready is not None:
                ready.set()
            await stop.wait()
        dropping.cancel()
        await site.stop()
        await host.say_goodbye()
        await runner.cleanup()


def loopback(name: tuple[Any, ...]) -> str:
    """Return the URL by which this machine itself reaches a socket of this name."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(name[0], name[0])  # noqa: S104
    return f"http://[{host}]:{name[1]}" if ":" in host else f"http://{host}:{name[1]}"


def _server(runner: web.AppRunner) -> web.Server:
    if runner.server is None:
        raise RuntimeError("the runner was not set up")
    return runner.server


def listening(settings: Settings) -> socket.socket:
    """Return a socket bound to the address of the settings.

    Raises:
        BootError: the address cannot be had.
    """
    try:
        family, kind, _, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        made = socket.socket(family, kind)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if settings.workers > 1:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        made.bind(address)
    except OSError as error:
        raise BootError(
            "bawaba",
            f"address {settings.host}:{settings.port}",
            str(error.strerror or error),
            "choose another with --host and --port",
        ) from error
    made.setblocking(False)
    return made
