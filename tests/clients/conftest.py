"""A server for the clients, and demo people on it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Generator
from urllib.parse import urlsplit

import aiohttp
import pytest
import pytest_asyncio
from bawaba.testing.client import FrontEnd
from bawaba.testing.process import Portal, serving
from client_tools import Proxy


@pytest.fixture(scope="module")
def portal() -> Generator[Portal]:
    """Yield a running demo."""
    with serving() as running:
        asyncio.run(running.ready())
        yield running


@pytest.fixture(scope="module")
def token(portal: Portal) -> str:
    """Return a bearer token of the demo's citizen."""
    return portal.token("citizen")


@pytest_asyncio.fixture
async def citizen(portal: Portal, token: str) -> AsyncGenerator[FrontEnd]:
    """Yield the demo's citizen at a front end that is not under test."""
    await portal.ready()
    async with aiohttp.ClientSession() as session:
        yield FrontEnd(session, portal.url, token)


@pytest_asyncio.fixture
async def proxy(portal: Portal) -> AsyncGenerator[Proxy]:
    """Yield a proxy before the server."""
    port = urlsplit(portal.url).port
    assert port is not None
    async with Proxy(port).open() as opened:
        yield opened
