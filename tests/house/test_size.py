"""Hard caps on sizes; the exceptions stand in one list that may only shrink."""

from __future__ import annotations

from typing import Any

from bawaba.testing import laws


def test_nothing_is_too_long(house: Any) -> None:
    exceptions = house.table("exceptions.toml")["sizes"]
    assert laws.sizes(house.root, exceptions) == []


def test_every_function_says_what_it_returns(house: Any) -> None:
    folders = [house.core, *(plugin.source for plugin in house.plugins)]
    assert [breach for folder in folders for breach in laws.returns(folder)] == []
