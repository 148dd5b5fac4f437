"""Fixtures of the abuse suite: one server for most attacks, one that shows less."""

from __future__ import annotations

import asyncio
from collections.abc import Generator

import pytest
from abuse_client import settled
from bawaba.testing.process import Portal, serving


def _run(**settings: str) -> Generator[Portal]:
    with serving(settings) as running:
        asyncio.run(settled(running))
        yield running


@pytest.fixture(scope="session")
def portal() -> Generator[Portal]:
    """Yield a running portal, shared by all attacks."""
    yield from _run()


@pytest.fixture(scope="session")
def closed_portal() -> Generator[Portal]:
    """Yield a portal that shows strangers as little as in production."""
    yield from _run(
        BAWABA_INTROSPECTION="false",
        BAWABA_SUGGESTIONS="false",
        BAWABA_EXPLORER="false",
        BAWABA_RATE_PER_SECOND="20",
        BAWABA_RATE_BURST="40",
    )


@pytest.fixture(scope="session")
def generous_portal() -> Generator[Portal]:
    """Yield a portal that lets a client ask as much as it likes."""
    yield from _run(BAWABA_RATE_PER_SECOND="1000000", BAWABA_RATE_BURST="1000000")
