"""Every element of the schema is described in English, a blank line, Arabic."""

from __future__ import annotations

from typing import Any

from bawaba.testing import laws


def test_every_element_speaks_both_languages(house: Any) -> None:
    assert laws.descriptions(house.graphql) == []
