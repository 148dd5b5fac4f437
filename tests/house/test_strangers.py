"""Law 3: no plugin imports another, and core imports none."""

from __future__ import annotations

from typing import Any

from bawaba.testing import laws


def test_no_plugin_imports_another(house: Any) -> None:
    packages = [plugin.package for plugin in house.plugins]
    found = [
        breach
        for plugin in house.plugins
        for breach in laws.strangers(plugin.source, [p for p in packages if p != plugin.package])
    ]
    assert found == []


def test_core_imports_no_plugin(house: Any) -> None:
    assert laws.strangers(house.core, [plugin.package for plugin in house.plugins]) == []
