"""What the tests of the civil service share."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from bawaba.host.host import Host
from bawaba.testing.clock import FrozenClock
from bawaba.testing.plugin import Ask

HERE = str(Path(__file__).parent)
if HERE not in sys.path:
    sys.path.insert(0, HERE)

from civil_world import Bureau  # noqa: E402  it stands beside this file


@pytest.fixture
async def bureau(host: Host, ask: Ask, clock: FrozenClock) -> Bureau:
    """Return the demo's civil service; in the background nothing runs."""
    return Bureau(host, ask, clock)
