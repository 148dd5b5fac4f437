"""A shipment's state is a fold of its scans by the time they were made."""

from __future__ import annotations

import datetime as dt
from itertools import product
from pathlib import Path

import pytest
from bawaba.text import Text
from bawaba_bahrain_post.domain import (
    BILL,
    BOX,
    MAX_SCANS,
    ROUTINE_SCANS,
    SHIPMENT,
    PostBillStatus,
    PostBoxStatus,
    PostScanKind,
    PostShipmentStatus,
    Scan,
    ShipmentEvent,
)
from bawaba_bahrain_post.rules import journey
from bawaba_bahrain_post.services import demo
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
K, S, E = PostScanKind, PostShipmentStatus, ShipmentEvent
START = dt.datetime(2026, 5, 10, 9, tzinfo=dt.UTC)
PLACES = (Text("Manama", "المنامة"), Text("Muharraq", "المحرق"))


def scan(kind: PostScanKind, minute: int, place: int = 0) -> Scan:
    return Scan("RR473124829GB", kind, START + dt.timedelta(minutes=minute), PLACES[place])


scans = st.lists(
    st.builds(scan, st.sampled_from(PostScanKind), st.integers(0, 6), st.integers(0, 1)),
    max_size=12,
)
WAY = [scan(K.ACCEPTED, 0), scan(K.DEPARTED, 1), scan(K.ARRIVED, 2), scan(K.SORTED, 5)]


@CALM
@given(scans, st.data())
def test_order_and_repetition_change_nothing(given_: list[Scan], data: st.DataObject) -> None:
    again = data.draw(st.lists(st.sampled_from(given_), max_size=8)) if given_ else []
    shuffled = data.draw(st.permutations([*given_, *again]))
    assert journey.folded(shuffled) is journey.folded(given_)
    assert journey.in_order(shuffled) == journey.in_order(given_)


@CALM
@given(scans, scans)
def test_what_is_delivered_stays_delivered(given_: list[Scan], late: list[Scan]) -> None:
    if journey.folded(given_) is S.DELIVERED:
        assert journey.folded([*given_, *late]) is S.DELIVERED
    delivered = [*given_, scan(K.DELIVERED, 3)]
    assert journey.folded(delivered) is S.DELIVERED
    assert journey.folded([*late, *delivered]) is S.DELIVERED


@CALM
@given(scans, st.data())
def test_in_whatever_portions_scans_come_the_same_are_kept(
    given_: list[Scan], data: st.DataObject
) -> None:
    known: list[Scan] = []
    rest = data.draw(st.permutations(given_))
    while rest:
        size = data.draw(st.integers(1, len(rest)))
        kept, beyond = journey.admitted(known, rest[:size])
        assert beyond == []
        known += kept
        rest = rest[size:]
    assert journey.in_order(known) == journey.in_order(given_)
    assert len(known) == len(journey.in_order(given_))


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ([], S.IN_TRANSIT),
        ([scan(K.HELD_FOR_DUTY, 3)], S.HELD_FOR_DUTY),
        ([scan(K.HELD_FOR_DUTY, 3), scan(K.RELEASED, 4)], S.IN_TRANSIT),
        ([scan(K.HELD_FOR_DUTY, 3), scan(K.RELEASED, 6)], S.RELEASED),
        ([scan(K.OUT_FOR_DELIVERY, 6)], S.OUT_FOR_DELIVERY),
        ([scan(K.OUT_FOR_DELIVERY, 6), scan(K.DELIVERY_FAILED, 7)], S.AWAITING_COLLECTION),
        ([scan(K.HELD_FOR_DUTY, 6), scan(K.OUT_FOR_DELIVERY, 7)], S.HELD_FOR_DUTY),
        ([scan(K.RETURNED, 6), scan(K.SORTED, 7)], S.RETURNED),
        ([scan(K.HELD_FOR_DUTY, 6), scan(K.RETURNED, 7)], S.RETURNED),
        ([scan(K.RETURNED, 6), scan(K.DELIVERED, 7)], S.DELIVERED),
        ([scan(K.DELIVERED, 6), scan(K.RETURNED, 7)], S.DELIVERED),
    ],
)
def test_journeys(more: list[Scan], status: PostShipmentStatus) -> None:
    assert journey.folded([*WAY, *more]) is status


def test_the_same_instant_has_an_order_of_its_own() -> None:
    both = [scan(K.OUT_FOR_DELIVERY, 6), scan(K.DELIVERED, 6)]
    assert journey.folded(both) is journey.folded(both[::-1]) is S.DELIVERED


def test_no_scan_is_a_journey_not_begun() -> None:
    assert journey.folded([]) is S.EXPECTED


def test_paid_duty_shows_until_customs_lets_go() -> None:
    paid, unpaid = PostBillStatus.PAID, PostBillStatus.UNPAID
    assert journey.with_duty(S.HELD_FOR_DUTY, paid) is S.DUTY_PAID
    for status, bill in product(S, (None, unpaid, PostBillStatus.CANCELLED)):
        assert journey.with_duty(status, bill) is status
    for status in set(S) - {S.HELD_FOR_DUTY}:
        assert journey.with_duty(status, paid) is status


def test_the_bound_leaves_room_for_what_ends_a_journey() -> None:
    routine = [scan(K.SORTED, minute) for minute in range(MAX_SCANS + 5)]
    kept, beyond = journey.admitted([], routine)
    assert (len(kept), len(beyond)) == (ROUTINE_SCANS, MAX_SCANS + 5 - ROUTINE_SCANS)
    ending = [scan(K.DELIVERED, 900 + n) for n in range(20)]
    more, too_many = journey.admitted(kept, [*routine, *ending])
    assert {each.kind for each in more} == {K.DELIVERED}
    assert len(kept) + len(more) == MAX_SCANS
    assert scan(K.DELIVERED, 919) in too_many
    assert journey.folded([*kept, *more]) is S.DELIVERED


# What moves nothing, state by state; every other pair is an edge.
MOVES_NOTHING = {
    S.EXPECTED: {E.DUTY_SETTLED, E.DUTY_REVERSED},
    S.IN_TRANSIT: {E.DUTY_SETTLED, E.DUTY_REVERSED},
    S.RELEASED: {E.HELD_FOR_DUTY, E.RELEASED, E.DUTY_SETTLED, E.DUTY_REVERSED},
    S.OUT_FOR_DELIVERY: {E.HELD_FOR_DUTY, E.RELEASED, E.DUTY_SETTLED, E.DUTY_REVERSED},
    S.AWAITING_COLLECTION: {E.HELD_FOR_DUTY, E.RELEASED, E.DUTY_SETTLED, E.DUTY_REVERSED},
    S.HELD_FOR_DUTY: set(E) - {E.RELEASED, E.RETURNED, E.DELIVERED, E.DUTY_SETTLED},
    S.DUTY_PAID: set(E) - {E.RELEASED, E.RETURNED, E.DELIVERED, E.DUTY_REVERSED},
    S.RETURNED: set(E) - {E.DELIVERED},
    S.DELIVERED: set(E),
}


def test_the_shipments_machine_is_complete() -> None:
    for status, event in product(S, E):
        assert SHIPMENT.allows(status, event) is (event not in MOVES_NOTHING[status])
    assert SHIPMENT.terminal == {S.DELIVERED}
    assert {e.value for e in E} - {k.value for k in K} == {"DUTY_SETTLED", "DUTY_REVERSED"}


def test_what_ends_bills_and_boxes_is_terminal() -> None:
    assert BILL.terminal == {PostBillStatus.CANCELLED}
    assert BOX.terminal == {PostBoxStatus.CLOSED}
    assert len(BILL.edges) == 3
    assert len(BOX.edges) == 8


def test_the_readme_names_the_demos_numbers() -> None:
    text = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    numbers = (demo.IN_TRANSIT, demo.HELD, demo.HELD_TOO, demo.DELIVERED, demo.ASKED_FOR)
    assert all(f"| `{number}` |" in text for number in numbers)
    assert BILL.diagram() in text
    assert BOX.diagram() in text
