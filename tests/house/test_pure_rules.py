"""Law 4: domain and rules are pure, in plugins and in core's own rooms."""

from __future__ import annotations

from typing import Any

from bawaba.testing import laws


def test_domain_and_rules_are_functions_of_their_arguments(house: Any) -> None:
    packages = [house.core, *(plugin.source for plugin in house.plugins)]
    assert [breach for package in packages for breach in laws.pure(package)] == []
