"""The small pieces of the door: money, cursors, ids, state machines."""

from __future__ import annotations

import enum
from decimal import Decimal

import pytest
from bawaba.domain import IllegalTransition, StateMachine
from bawaba.errors import BadInput
from bawaba.graphql import global_id, split_id
from bawaba.money import MAX_FILS, allocate, fils_of, format_fils
from bawaba.paging import cursor_of, page_of, read_cursor
from hypothesis import given
from hypothesis import strategies as st

FILS = st.integers(min_value=-MAX_FILS, max_value=MAX_FILS)


@given(FILS)
def test_money_survives_the_wire(fils: int) -> None:
    assert fils_of(format_fils(fils)) == fils
    assert Decimal(format_fils(fils)).as_tuple().exponent == -3


@pytest.mark.parametrize("text", ["", "NaN", "Infinity", "1.2345", "1e30", "١٢٫٥", "0x10", "1,000"])
def test_what_is_not_money_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        fils_of(text)


@given(st.integers(0, 10**12), st.lists(st.integers(0, 10**6), min_size=1).filter(any))
def test_parts_add_up(total: int, weights: list[int]) -> None:
    parts = allocate(total, weights)
    assert sum(parts) == total
    whole = sum(weights)
    assert all(abs(part - total * w / whole) <= 1 for part, w in zip(parts, weights, strict=True))


@given(st.text())
def test_no_text_breaks_an_id_or_a_cursor(text: str) -> None:
    parts = split_id(text)
    assert parts is None or global_id(*parts) == text
    with pytest.raises(BadInput):
        read_cursor(text + "!", 1)


@given(st.lists(st.integers(), unique=True, max_size=30), st.integers(1, 10))
def test_pages_cover_a_list_once(items: list[int], first: int) -> None:
    seen, after = [], None
    while True:
        shown, page = page_of(items, first=first, after=after, key=str)
        seen += shown
        if not page.has_next:
            break
        after = page.cursors[-1]
    assert seen == items


def test_a_cursor_of_another_list_is_refused() -> None:
    with pytest.raises(BadInput):
        page_of([1, 2, 3], first=2, after=cursor_of(["nowhere"]), key=str)
    for first in (0, -1, 101):
        with pytest.raises(BadInput):
            page_of([1], first=first, after=None, key=str)


class Light(enum.Enum):
    RED = "RED"
    GREEN = "GREEN"
    BROKEN = "BROKEN"


class Event(enum.Enum):
    SWITCH = "SWITCH"
    FAIL = "FAIL"


EDGES = {
    (Light.RED, Event.SWITCH): Light.GREEN,
    (Light.GREEN, Event.SWITCH): Light.RED,
    (Light.RED, Event.FAIL): Light.BROKEN,
}


def test_a_machine_allows_only_its_edges() -> None:
    machine = StateMachine("light", Light.RED, EDGES, frozenset({Light.BROKEN}))
    for state in Light:
        for event in Event:
            if (state, event) in EDGES:
                assert machine.next(state, event) is EDGES[state, event]
            else:
                with pytest.raises(IllegalTransition):
                    machine.next(state, event)


@pytest.mark.parametrize(
    ("edges", "terminal"),
    [
        (EDGES, frozenset()),
        (EDGES, frozenset({Light.GREEN, Light.BROKEN})),
        ({(Light.RED, Event.SWITCH): Light.GREEN}, frozenset({Light.GREEN})),
    ],
)
def test_a_machine_with_a_hole_cannot_be_made(edges: dict, terminal: frozenset) -> None:
    with pytest.raises(ValueError, match="light"):
        StateMachine("light", Light.RED, edges, terminal)
