"""Each list is a page of a connection, or stands in plain_lists.toml with its bound."""

from __future__ import annotations

from typing import Any

from bawaba.testing import laws


def test_no_list_is_unbounded(house: Any) -> None:
    assert laws.bounded_lists(house.graphql, house.table("plain_lists.toml")["bounds"]) == []
