"""What duty costs, when a box is to be renewed and what that costs."""

from __future__ import annotations

import datetime as dt
import tomllib
from pathlib import Path
from typing import Any

import bawaba_bahrain_post
import pytest
from bawaba_bahrain_post.domain import BOX, BoxEvent, Declaration, PostBoxStatus, Tariffs
from bawaba_bahrain_post.rules import bills, boxes, duty, tariffs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
DATA = tomllib.loads(
    (Path(bawaba_bahrain_post.__file__).parent / "tariffs.toml").read_text(encoding="utf-8")
)
TARIFFS = tariffs.read(DATA)
MAY = dt.date(2026, 5, 10)
TERMS = TARIFFS.box_terms[0]
BS, BE = PostBoxStatus, BoxEvent


def assess(heading: str, value: int, on: dt.date = MAY) -> Any:
    return duty.assess(TARIFFS, Declaration(heading, value), on)


def test_duty_then_tax_on_value_and_duty_then_handling() -> None:
    found = assess("620462", 200_000)
    assert [line.fils for line in found.lines] == [10_000, 21_000, 1_500]
    assert (found.customs, found.handling, found.fils) == (31_000, 1_500, 32_500)
    assert "5 % of BHD 200.000" in found.lines[0].words.en
    assert "clothing" in found.lines[0].words.en
    assert "الملابس" in found.lines[0].words.ar


def test_the_longest_heading_counts() -> None:
    assert assess("8517", 200_000).customs == 20_000  # telephones: no duty, the tax alone
    assert assess("8518", 200_000).customs == 31_000  # the rest of the chapter
    assert assess("2402", 200_000).customs == 200_000 + 40_000


def test_the_tax_is_that_of_the_day() -> None:
    assert assess("62", 200_000, dt.date(2021, 12, 31)).customs == 10_000 + 10_500
    assert assess("62", 200_000, dt.date(2022, 1, 1)).customs == 10_000 + 21_000
    with pytest.raises(duty.NotAssessable):
        assess("62", 200_000, dt.date(2018, 12, 31))


def test_up_to_the_free_value_nothing_is_due() -> None:
    free = TARIFFS.duty_terms[0].free_value
    assert assess("62", free) is None
    assert assess("62", free + 1).customs > 0


@CALM
@given(st.integers(100_001, 10**12))
def test_rounding_favours_who_pays(value: int) -> None:
    found = assess("62", value)
    exact = value * 5 / 100 + (value + value * 5 / 100) * 10 / 100
    assert found.customs <= exact + 0.01
    assert sum(line.fils for line in found.lines) == found.fils


@pytest.mark.parametrize(
    ("days", "storage"), [(0, 0), (5, 0), (6, 300), (8, 900), (35, 9_000), (400, 9_000)]
)
def test_storage_after_the_free_days_up_to_its_cap(days: int, storage: int) -> None:
    found = assess("62", 200_000)
    price = duty.price(TARIFFS, found, MAY, MAY + dt.timedelta(days=days))
    assert price.fils == found.fils + storage
    assert price.due_on == MAY + dt.timedelta(days=5)
    assert len(price.lines) == (4 if storage else 3)


def test_a_bills_words_add_up_in_both_languages() -> None:
    words = bills.in_words(assess("62", 200_000).lines)
    assert words.en.endswith("Customs handling by the post: BHD 1.500.")
    assert words.en.count("BHD 31.000") == 0
    assert "21.000 د.ب." in words.ar


@CALM
@given(st.integers(0, 10**15))
def test_customs_share_is_read_back_from_the_id(customs: int) -> None:
    made = bills.bill_id("0" * 32, customs)
    assert bills.customs_share(made) == customs
    assert len(made) <= 64


def moved(status: PostBoxStatus, expires: dt.date, day: dt.date) -> tuple[list[BoxEvent], Any]:
    taken = boxes.steps(status, expires, TERMS, day)
    for event in taken:
        status = BOX.next(status, event)
    return taken, status


@pytest.mark.parametrize(
    ("days", "status"),
    [
        (-31, BS.ACTIVE),
        (-30, BS.DUE),
        (0, BS.DUE),
        (1, BS.GRACE),
        (30, BS.GRACE),
        (31, BS.GRACE),
        (32, BS.CLOSED),
        (900, BS.CLOSED),
    ],
)
def test_time_moves_a_box_on(days: int, status: PostBoxStatus) -> None:
    assert moved(BS.ACTIVE, MAY, MAY + dt.timedelta(days=days))[1] is status


@CALM
@given(st.lists(st.integers(-60, 60), min_size=1, max_size=8))
def test_however_often_one_looks_the_box_is_where_time_puts_it(days: list[int]) -> None:
    status, taken = BS.ACTIVE, []
    for day in sorted(days):
        events, status = moved(status, MAY, MAY + dt.timedelta(days=day))
        taken += events
    last = MAY + dt.timedelta(days=max(days))
    assert (taken, status) == moved(BS.ACTIVE, MAY, last)
    assert boxes.steps(status, MAY, TERMS, last) == []


def test_the_next_step_is_the_day_on_which_something_happens() -> None:
    for status in (BS.ACTIVE, BS.DUE, BS.GRACE):
        on = boxes.next_step_on(status, MAY, TERMS)
        assert on is not None
        assert boxes.steps(status, MAY, TERMS, on - dt.timedelta(days=1)) == []
        assert boxes.steps(status, MAY, TERMS, on) != []
    assert boxes.next_step_on(BS.CLOSED, MAY, TERMS) is None


def test_rent_alone_until_the_box_expires_then_a_surcharge_then_nothing() -> None:
    on_time = boxes.price(20_000, MAY, TERMS, MAY)
    late = boxes.price(20_000, MAY, TERMS, MAY + dt.timedelta(days=1))
    gone = boxes.price(20_000, MAY, TERMS, MAY + dt.timedelta(days=31))
    assert (on_time.fils, on_time.due_on, on_time.not_payable) == (20_000, MAY, None)
    assert (late.fils, late.due_on) == (25_000, MAY + dt.timedelta(days=30))
    assert late.not_payable is None
    assert gone.not_payable is not None
    assert "2026-05-11 through 2027-05-10" in late.lines[0].words.en


def test_a_leap_day_renews_to_the_end_of_february() -> None:
    assert boxes.year_later(dt.date(2028, 2, 29)) == dt.date(2029, 2, 28)
    assert boxes.year_later(dt.date(2027, 3, 1), -1) == dt.date(2026, 3, 1)


def spoilt(section: str, **changed: Any) -> Tariffs:
    first, *rest = DATA[section]
    return tariffs.read({**DATA, section: [first | changed, *rest]})


@pytest.mark.parametrize(
    ("section", "changed"),
    [
        ("duty", {"rate": -1}),
        ("duty", {"heading": "24"}),
        ("duty", {"heading": "x"}),
        ("vat", {"until": dt.date(2022, 1, 1)}),
        ("vat", {"rate": 10_001}),
        ("duty_terms", {"storage": -1}),
        ("duty_terms", {"free_value": -1}),
        ("rent", {"fils": 0}),
        ("rent", {"until": dt.date(2025, 1, 1)}),
        ("box_terms", {"grace_days": 0}),
        ("box_terms", {"surcharge": -1}),
    ],
)
def test_spoilt_tariffs_are_refused(section: str, changed: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        spoilt(section, **changed)


def test_every_entry_names_its_source() -> None:
    assert all(entry["source"] for section in DATA.values() for entry in section)
