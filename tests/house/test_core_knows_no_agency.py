"""Law 1: core knows no agency; in-tree plugins arrive by entry point."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import Any

from bawaba.testing import laws


def test_no_file_of_core_names_a_plugin(house: Any) -> None:
    names = {name for p in house.plugins for name in (p.folder.name, p.package, p.distribution)}
    static = house.core / "host" / "explorer"
    vendored = [static / "static", static / "source"]
    assert laws.knows_no_agency(house.root / "core", sorted(names), without=vendored) == []


def test_every_plugin_arrives_by_its_entry_point(house: Any) -> None:
    offered = {entry.value for entry in entry_points(group="bawaba")}
    assert {plugin.entry for plugin in house.plugins} <= offered
