"""What the tests of e-Meeting share: verbs as a front end would call them."""

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

from meeting_chamber import Chamber  # noqa: E402  it stands beside this file


@pytest.fixture
async def chamber(host: Host, ask: Ask, clock: FrozenClock) -> Chamber:
    """Return the demo's council before its meeting; nothing runs in the background."""
    made = Chamber(host, ask, clock)
    await made.enter()
    return made
