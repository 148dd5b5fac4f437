"""Each list is a page of a connection, or is declared with the most items it may have."""

from __future__ import annotations

from typing import Any

from bawaba.testing import laws


def test_no_list_is_unbounded(house: Any) -> None:
    assert laws.bounded_lists(house.graphql) == []
