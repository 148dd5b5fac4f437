"""The post on a whole host, with letters that a test sees."""

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
from post_world import FakeMail, Post  # noqa: E402  beside this file


@pytest.fixture
def post(host: Host, ask: Ask, clock: FrozenClock) -> Post:
    """Return the post; the host's letters go through a fake port."""
    mail = FakeMail(clock)
    host.runtime.correspondence = mail
    return Post(host, ask, clock, mail)
