"""A real server inside the test's own process, whose clock the test moves by hand."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from bawaba.host import boot
from bawaba.host.host import Host
from bawaba.host.identity import DemoIssuer
from bawaba.host.schema.compose import ComposedSchema, compose
from bawaba.host.settings import Settings
from bawaba.testing.client import FrontEnd
from bawaba.testing.clock import FrozenClock
from bawaba.testing.process import free_port

__all__ = ["Inside", "composed", "serving_inside"]


@dataclass(frozen=True)
class Inside:
    """A running host with everything that runs in the background, and its front door."""

    host: Host
    clock: FrozenClock
    url: str
    session: aiohttp.ClientSession

    def person(self, handle: str, *, lifetime: dt.timedelta = dt.timedelta(days=400)) -> FrontEnd:
        """Return a demo person at a front end, on a device of their own."""
        people = {p.handle: p for p in self.host.runtime.registry.demo_people()}
        settings = self.host.settings
        issuer = DemoIssuer(
            settings.data_dir, demo=True, audience=settings.oidc_audience, clock=self.clock
        )
        token = issuer.issue(people[handle], device_label="test", lifetime=lifetime)
        return FrontEnd(self.session, self.url, token)


@functools.cache
def composed() -> ComposedSchema:
    """Return the schema of every installed plugin, composed once a process."""
    return compose(boot.load_registry(boot.discover()))


@asynccontextmanager
async def serving_inside(
    data: Path, clock: FrozenClock, settings: Mapping[str, Any] | None = None
) -> AsyncGenerator[Inside]:
    """Serve the demo with every installed plugin until the block ends.

    Args:
        data: an empty folder.
        settings: more of :class:`bawaba.host.settings.Settings`, e.g. ``database_url``.
    """
    port = free_port()
    chosen = {"data_dir": data, "demo": True, "port": port, **(settings or {})}
    host = boot.build(Settings(**chosen), clock=clock, schema=composed())
    async with host.running():
        await host.load_demo(lambda _what, _done, _total: None)
        runner = web.AppRunner(host.app(), access_log=None, handle_signals=False)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        try:
            url = f"http://127.0.0.1:{port}"
            async with host.serving(url), aiohttp.ClientSession() as session:
                yield Inside(host, clock, url, session)
        finally:
            await runner.cleanup()
