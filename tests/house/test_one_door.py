"""Law 2: a plugin imports bawaba.* and itself, never bawaba.host."""

from __future__ import annotations

from typing import Any

from bawaba.testing import laws


def test_no_plugin_reaches_past_the_door(house: Any) -> None:
    assert [breach for p in house.plugins for breach in laws.one_door(p.source)] == []
