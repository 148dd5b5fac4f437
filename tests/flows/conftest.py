"""Fixtures of the journeys."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Generator

import aiohttp
import pytest
import pytest_asyncio
from bawaba.testing.client import FrontEnd
from bawaba.testing.process import Portal
from flow_backends import BACKENDS, portal_on


@pytest.fixture(scope="module", params=BACKENDS)
def portal(request: pytest.FixtureRequest) -> Generator[Portal]:
    """Yield a running portal, shared by the tests of a module."""
    with portal_on(request.param) as running:
        yield running


@pytest.fixture(scope="module")
def token(portal: Portal) -> Callable[[str], str]:
    """Return a function from demo person to bearer token; each person signs in once."""
    known: dict[str, str] = {}

    def sign_in(person: str) -> str:
        if person not in known:
            known[person] = portal.token(person)
        return known[person]

    return sign_in


@pytest_asyncio.fixture
async def visitor(portal: Portal) -> AsyncGenerator[FrontEnd]:
    """Yield an anonymous visitor at the portal, once it is ready."""
    await portal.ready()
    async with aiohttp.ClientSession() as session:
        yield FrontEnd(session, portal.url)


@pytest.fixture
def person(visitor: FrontEnd, token: Callable[[str], str]) -> Callable[[str], FrontEnd]:
    """Return a function from demo person to a front end signed in as that person."""
    return lambda name: visitor.signed_in(token(name))
