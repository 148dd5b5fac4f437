"""The plots: geometry in proportion, mirrored for Arabic, well-formed whatever the words are."""

from __future__ import annotations

import datetime as dt
import itertools
import xml.etree.ElementTree as ET

import pytest
from bawaba.text import Language
from bawaba_accounting.domain import Figures, Group, Head
from bawaba_accounting.rules import overview, plots, words
from bawaba_accounting.rules.plots import FRAME, WIDTH, Mark, Plot
from hypothesis import given, settings
from hypothesis import strategies as st

PATIENT = settings(deadline=None)
EVIL = "</title></svg><script>alert(\"1\")</script>&<img src=x onerror='x'>"
VALUES = st.lists(st.integers(0, 10**15), min_size=1, max_size=40)


def plot(values: list[int], label: str = "A", *, rtl: bool = False, **more: str) -> Plot:
    marks = [Mark(f"{label}{n}", value, str(value), **more) for n, value in enumerate(values)]
    return Plot("p", f"Title {label}", f"About {label}", marks, rtl)


def svg(text: str) -> ET.Element:
    return ET.fromstring(text)


@PATIENT
@given(VALUES, st.booleans())
def test_columns_are_as_high_as_their_values(values: list[int], rtl: bool) -> None:
    top = plots.ticks(max(values))[-1]
    rects = plots.column_rects(values, top, FRAME, rtl=rtl)
    for value, rect in zip(values, rects, strict=True):
        assert rect.height == pytest.approx(FRAME.height * value / top)
        assert rect.y + rect.height == pytest.approx(FRAME.y + FRAME.height)
        assert FRAME.x <= rect.x
        assert rect.x + rect.width <= FRAME.x + FRAME.width + 1e-9
    places = [rect.x for rect in rects]
    assert places == sorted(places, reverse=rtl)


@PATIENT
@given(VALUES)
def test_arabic_columns_are_the_mirror_of_english_ones(values: list[int]) -> None:
    top = plots.ticks(max(values))[-1]
    english = plots.column_rects(values, top, FRAME, rtl=False)
    arabic = plots.column_rects(values, top, FRAME, rtl=True)
    for there, here in zip(english, arabic, strict=True):
        from_left = there.x - FRAME.x
        from_right = FRAME.x + FRAME.width - here.x - here.width
        assert from_left == pytest.approx(from_right)


@PATIENT
@given(VALUES, st.booleans())
def test_bars_are_as_long_as_their_values(values: list[int], rtl: bool) -> None:
    rects = plots.bar_rects(values, rtl=rtl)
    largest = max(1, *values)
    for value, rect in zip(values, rects, strict=True):
        assert rect.width == pytest.approx(WIDTH * value / largest)
        assert (rect.x + rect.width if rtl else WIDTH - rect.x) == pytest.approx(WIDTH)


@PATIENT
@given(VALUES, st.booleans())
def test_shares_fill_the_whole_without_overlap(values: list[int], rtl: bool) -> None:
    rects = plots.share_rects(values, rtl=rtl)
    if sum(values):
        assert sum(rect.width for rect in rects) == pytest.approx(WIDTH)
    at = 0.0
    for value, rect in zip(values, rects, strict=True):
        assert rect.width == pytest.approx(WIDTH * value / max(1, sum(values)))
        start = WIDTH - rect.x - rect.width if rtl else rect.x
        assert start == pytest.approx(at, abs=1e-6)
        at += rect.width


@PATIENT
@given(st.integers(0, 10**15))
def test_a_scale_is_short_even_and_reaches_the_largest(largest: int) -> None:
    ticks = plots.ticks(largest)
    assert ticks[0] == 0
    assert ticks[-1] >= largest
    assert 2 <= len(ticks) <= 6
    steps = {after - before for before, after in itertools.pairwise(ticks)}
    assert len(steps) == 1
    assert str(steps.pop()).rstrip("0") in {"1", "2", "5"}
    assert largest == 0 or ticks[-2] < largest


@pytest.mark.parametrize("draw", [plots.columns, plots.bars, plots.shares])
@PATIENT
@given(st.lists(st.integers(0, 10**15), max_size=30), st.booleans())
def test_what_is_drawn_is_well_formed_named_and_as_large_as_its_rects(
    draw: object, values: list[int], rtl: bool
) -> None:
    text = draw(plot(values, EVIL, rtl=rtl))  # type: ignore[operator]
    root = svg(text)
    assert root.get("role") == "img"
    assert root.get("direction") == ("rtl" if rtl else "ltr")
    named = (root.get("aria-labelledby") or "").split()
    assert [each.get("id") for each in root if each.tag in {"title", "desc"}] == named
    assert root.find("title").text == f"Title {EVIL}"  # type: ignore[union-attr]
    assert "<script" not in text
    assert "style=" not in text
    kinds = [rect for rect in root.iter("rect") if rect.find("title") is not None]
    assert len(kinds) == len(values)


def test_the_drawn_heights_are_in_proportion() -> None:
    root = svg(plots.columns(plot([500, 1000, 250])))
    heights = [float(rect.get("height") or 0) for rect in root.iter("rect")]
    assert heights[1] == pytest.approx(FRAME.height, abs=0.01)
    assert heights[0] == pytest.approx(heights[1] / 2, abs=0.01)
    assert heights[2] == pytest.approx(heights[1] / 4, abs=0.01)


def test_words_stand_on_the_side_from_which_one_reads() -> None:
    for rtl, near, far in ((False, "0", str(WIDTH)), (True, str(WIDTH), "0")):
        root = svg(plots.bars(plot([1], "Name", rtl=rtl)))
        found = {each.get("class"): each for each in root.iter("text")}
        # `start` and `end` follow the direction, so both languages read from the start.
        assert (found["name"].get("x"), found["name"].get("text-anchor")) == (near, "start")
        assert (found["figure"].get("x"), found["figure"].get("text-anchor")) == (far, "end")


def test_names_below_columns_never_touch() -> None:
    for count in range(1, 61):
        root = svg(plots.columns(plot([1] * count, "20")))
        below = [t for t in root.iter("text") if t.get("text-anchor") == "middle"]
        places = sorted(float(t.get("x") or 0) for t in below)
        assert below[-1].text == f"20{count - 1}"
        assert all(after - before >= 33.9 for before, after in itertools.pairwise(places))


def test_a_long_name_is_cut_in_the_plot_and_whole_in_its_title() -> None:
    name = "Very long " * 20
    root = svg(plots.bars(plot([1], name)))
    assert any((t.text or "").endswith("…") for t in root.iter("text"))
    assert any(name in (t.text or "") for t in root.iter("title"))


def test_a_gap_in_time_is_drawn_and_its_months_are_named() -> None:
    months = [dt.date(2024, n, 1) for n in range(1, 13)] + [dt.date(2026, 11, 1)]
    assert [overview.gap_before(months, n) for n in (0, 1, 12)] == [False, False, True]
    named = overview.labelled(months)
    assert [months[place].month for place in named] == [1, 4, 7, 10, 11]
    assert overview.labelled([*months[:11], months[12]]) == [0, 3, 6, 11]  # no room for October
    marks = [Mark("m", 1, "1", gap=overview.gap_before(months, n)) for n in range(13)]
    root = svg(plots.columns(Plot("p", "t", "d", marks, rtl=False)))
    assert len([each for each in root.iter("path") if each.get("class") == "gap"]) == 1


@PATIENT
@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**12)), max_size=80))
def test_whatever_is_beyond_the_largest_is_one_line_and_nothing_is_lost(
    sums: list[tuple[int, int]],
) -> None:
    parts = [
        overview.Sum("service", f"s{n}", Figures(count, fils, fils // 3))
        for n, (count, fils) in enumerate(sums)
    ]
    found = overview.folded(Head(1, "h", None), parts, is_balanced=True)
    assert found.total == sum((part.figures for part in parts), Figures())
    shown = overview.largest(found.services, 10)
    assert len(shown) == min(10, len(sums))
    assert sum((group.figures for group in shown), Figures()) == found.total
    amounts = [group.figures.fils for group in found.services]
    assert amounts == sorted(amounts, reverse=True)
    assert (len(sums) > 10) == any(group.service == overview.OTHERS for group in shown)


def test_years_run_without_gaps_and_months_are_the_newest() -> None:
    parts = [
        overview.Sum("year", "2007", Figures(1, 5, 0)),
        overview.Sum("year", "2010", Figures(2, 7, 0)),
        *(
            overview.Sum("month", f"{y}-{m:02d}", Figures(y, m, 0))
            for y in (2007, 2010, 2011)
            for m in range(1, 13)
        ),
    ]
    found = overview.folded(Head(1, "h", None), parts, is_balanced=True)
    assert [(on.year, of.count) for on, of in found.years] == [
        (2007, 1),
        (2008, 0),
        (2009, 0),
        (2010, 2),
    ]
    assert len(found.months) == overview.MONTHS
    assert [found.months[0][0], found.months[-1][0]] == [dt.date(2010, 1, 1), dt.date(2011, 12, 1)]


@PATIENT
@given(st.lists(st.integers(0, 10**12), max_size=20))
def test_percents_add_up_to_a_hundred(values: list[int]) -> None:
    shown = words.percents(values)
    total = sum(round(float(each.rstrip("%")) * 10) for each in shown)
    assert total == (1000 if sum(values) else 0)


def test_figures_and_days_in_words() -> None:
    assert words.money(157_609_522_000) == "157,609,522.000"
    assert words.money(-5) == "-0.005"
    assert words.brief(1_500_000, Language.AR) == "1.5 مليون"
    assert words.brief_dinars(2_000_000_000, Language.EN) == "2 m"
    assert words.brief_dinars(200, Language.EN) == "0.200"
    at = dt.datetime(2026, 3, 1, 12, 0, 5, tzinfo=dt.timezone(dt.timedelta(hours=3)))
    assert words.instant(at, Language.EN) == "1 March 2026, 12:00:05 (UTC+03:00)"
    assert words.instant(at, Language.AR) == "1 مارس 2026، 12:00:05 (UTC+03:00)"


def test_ranks_by_count_and_by_amount_are_apart() -> None:
    parts = [
        overview.Sum("service", "many", Figures(10, 5, 0)),
        overview.Sum("service", "dear", Figures(1, 500, 0)),
    ]
    found = overview.folded(Head(1, "h", None), parts, is_balanced=False)
    ranks: dict[str | None, Group] = {group.service: group for group in found.services}
    assert (ranks["many"].rank_by_count, ranks["many"].rank_by_amount) == (1, 2)
    assert (ranks["dear"].rank_by_count, ranks["dear"].rank_by_amount) == (2, 1)
    assert not found.is_balanced
