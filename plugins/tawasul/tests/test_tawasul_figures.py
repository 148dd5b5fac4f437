"""Queues, search, performance, snapshots, exports."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import Any

import pytest
from bawaba.text import Language
from bawaba_tawasul.domain import Fact, FactKind
from bawaba_tawasul.models import TawasulCase
from bawaba_tawasul.rules import texts
from bawaba_tawasul.rules.figures import Figures, month_end, spans
from bawaba_tawasul.services import performance
from bawaba_tawasul.services import queue as queue_service
from bawaba_tawasul.services.export import performance_sheet
from hypothesis import given
from hypothesis import strategies as st

SUNDAY = dt.datetime(2026, 11, 29, 5, 0, tzinfo=dt.UTC)
QUEUE = """query (
  $agency: String!, $filter: TawasulCaseFilter, $order: TawasulCaseOrder, $after: String
) {
  tawasulCases(agency: $agency, filter: $filter, orderBy: $order, first: 50, after: $after) {
    totalCount pageInfo { hasNextPage endCursor } nodes { reference status dueAt } } }"""
PERFORMANCE = """query (
  $agency: String, $from: Date!, $to: Date!, $by: TawasulPerformanceDimension!
) {
  tawasulPerformance(agency: $agency, from: $from, to: $to, groupBy: $by) { rows {
    agency { code } category { code } period { startsOn endsOn } received resolved resolvedOnTime
    onTimeRate firstResolved firstResolvedOnTime medianResolutionWorkingHours reopened openNow
    overdueNow averageRating frozenAt } } }"""


async def queue(desk: Any, who: str, agency: str = "works", **asked: Any) -> Any:
    data = await desk.look(who, QUEUE, agency=agency, **asked)
    return data if isinstance(data, list) else data["tawasulCases"]


async def found(desk: Any, text: str, **more: Any) -> list[str]:
    page = await queue(desk, "case-handler", filter={"text": text, **more})
    return [node["reference"] for node in page["nodes"]]


async def test_search_finds_arabic_and_english_however_it_is_written(desk: Any) -> None:
    arabic = await desk.submit(subject="حُفْرةٌ كبيرة", body="في شارع الزُّبارة أمام المدرسة")
    english = await desk.submit(subject="Zubarah crossing", body="Café lights are out")
    assert await found(desk, "حفره") == [arabic]
    assert await found(desk, "مدرسه الزبارة") == [arabic]
    assert await found(desk, "ZUBAR cafe") == [english]
    assert await found(desk, "zubarah مدرسة") == []
    assert await found(desk, arabic) == [arabic]
    assert await found(desk, "' OR 1=1 -- \" * :* & | ! ( )") == []
    assert await found(desk, "%") == []
    await desk.resolved(english)
    assert await found(desk, "zubarah") == []
    assert await found(desk, "zubarah", statuses=["RESOLVED"]) == [english]


async def test_history_is_searched_from_its_newest_end(
    desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue_service, "WINDOW", 1)
    told = [await desk.submit(subject="zzancient") for _ in range(3)]
    for _ in range(3):
        await desk.submit(subject="something else")
    with desk.host.unit():
        ids = await queue_service.search("works", "zzancient", only_open=False)
        cases = {c.id: c.reference for c in await TawasulCase.filter(reference__in=told)}
        assert [cases[found] for found in ids] == told[::-1]
        monkeypatch.setattr(queue_service, "MAX_FOUND", 2)
        assert await queue_service.search("works", "zzancient", only_open=False) == ids[:2]
        assert await queue_service.search("works", "zznever", only_open=False) == []


async def test_filters_and_order(desk: Any) -> None:
    desk.clock.instant = SUNDAY
    mine = await desk.assigned(await desk.submit(category="sewerage"))
    waiting = await desk.assigned(await desk.submit(category="sewerage"))
    await desk.do("case-handler", "RequestInformation", reference=waiting, body="Where?")
    free = await desk.submit(category="sewerage")
    only = {"categories": ["sewerage"], "text": "pothole"}

    async def shown(**more: Any) -> set[str]:
        page = await queue(desk, "case-handler", filter=only | more)
        assert page["totalCount"] == len(page["nodes"])
        return {node["reference"] for node in page["nodes"]}

    assert await shown() == {mine, waiting, free}
    assert await shown(assignedToMe=True) == {mine, waiting}
    assert await shown(unassigned=True) == {free}
    assert await shown(clockStates=["PAUSED"]) == {waiting}
    assert await shown(clockStates=["RUNNING"]) == {mine, free}
    assert await shown(clockStates=[]) == set()
    desk.clock.advance(days=30)
    assert await shown(clockStates=["OVERDUE"]) == {mine, waiting, free}
    assert await queue(desk, "case-handler-2") == ["FORBIDDEN"]
    order = {"field": "SUBMITTED_AT", "direction": "DESC"}
    page = await queue(desk, "case-handler", order=order)
    assert page["nodes"][0]["reference"] in {mine, waiting, free}
    after = page["pageInfo"]["endCursor"]
    further = await queue(desk, "case-handler", order=order, after=after)
    assert not {n["reference"] for n in page["nodes"]} & {n["reference"] for n in further["nodes"]}


async def rows(desk: Any, who: str, agency: str | None, by: str, **span: str) -> Any:
    given = {"from": "2026-11-29", "to": "2027-12-31", "by": by, "agency": agency} | span
    data = await desk.look(who, PERFORMANCE, **given)
    return data if isinstance(data, list) else data["tawasulPerformance"]["rows"]


async def test_closing_and_reopening_flatters_nobody(desk: Any) -> None:
    desk.clock.instant = SUNDAY
    late, good = await desk.submit(), await desk.submit()
    await desk.resolved(good)
    await desk.do("citizen", "RateCase", reference=good, score=4)
    await desk.resolved(late)
    await desk.do("citizen", "ReopenCase", reference=late, reason="No.")
    (row,) = await rows(desk, "case-supervisor", "works", "AGENCY")
    assert (row["received"], row["resolved"], row["reopened"]) == (2, 1, 1)
    desk.clock.advance(days=40)
    await desk.resolved(late)
    (row,) = await rows(desk, "case-supervisor", "works", "AGENCY")
    figures = {name: row[name] for name in ("resolved", "resolvedOnTime", "firstResolved")}
    assert figures == {"resolved": 2, "resolvedOnTime": 1, "firstResolved": 2}
    assert (row["firstResolvedOnTime"], row["onTimeRate"], row["averageRating"]) == (2, 0.5, 4.0)
    fresh = row
    await desk.run(performance.fold)
    await desk.run(performance.fold)
    (folded,) = await rows(desk, "case-supervisor", "works", "AGENCY")
    assert folded == fresh
    months = await rows(desk, "performance-officer", "works", "MONTH")
    assert [(m["period"]["startsOn"], m["resolved"]) for m in months] == [
        ("2026-11-01", 1),
        ("2027-01-01", 1),
    ]
    categories = await rows(desk, "performance-officer", None, "CATEGORY")
    assert ("works", "roads", 2) in [
        (c["agency"]["code"], c["category"]["code"], c["resolved"]) for c in categories
    ]
    for who, agency in (("case-supervisor", None), ("case-supervisor", "health")):
        assert await rows(desk, who, agency, "AGENCY") == ["FORBIDDEN"]
    assert await rows(desk, "case-handler", "works", "AGENCY") == ["FORBIDDEN"]


async def test_a_frozen_month_stays_as_it_was(desk: Any) -> None:
    desk.clock.instant = SUNDAY
    reference = await desk.resolved(await desk.submit())
    desk.clock.instant = dt.datetime(2026, 12, 9, 6, tzinfo=dt.UTC)
    await desk.run(performance.freeze)
    query = """{ tawasulPerformanceSnapshots(first: 50, agency: "works") { nodes {
      categoryCode resolved frozenAt period { startsOn } } } }"""
    before = (await desk.look("performance-officer", query))["tawasulPerformanceSnapshots"]
    mine = [n for n in before["nodes"] if n["categoryCode"] == "roads"]
    assert [n["period"]["startsOn"] for n in mine] == ["2026-11-01"]
    await desk.do("citizen", "ReopenCase", reference=reference, reason="No.")
    await desk.run(performance.freeze)
    assert (await desk.look("performance-officer", query))["tawasulPerformanceSnapshots"] == before
    (month, *_) = await rows(desk, "performance-officer", "works", "MONTH")
    assert month["frozenAt"] == mine[0]["frozenAt"]


async def test_exports_hold_no_formulas(desk: Any) -> None:
    evil = ["=1+1", "@SUM(A1)", "+1", "-1", "\t=1", " =cmd|' /C calc'!A0", '"=1"', "＝1"]
    for subject in evil:
        await desk.submit(subject=f"{subject} zzexport")
    query = """{ tawasulCasesExport(agency: "works", filter: { text: "zzexport" }) {
      name mediaType content } }"""
    sheet = (await desk.look("case-handler", query))["tawasulCasesExport"]
    assert sheet["content"].startswith("\ufeff")
    table = list(csv.reader(io.StringIO(sheet["content"].removeprefix("\ufeff"))))
    assert len(table) == len(evil) + 1
    assert dt.datetime.fromisoformat(table[1][5]).microsecond == 0
    for line in table[1:]:
        for value in line:
            assert not value.lstrip().startswith(("=", "+", "-", "@", "＝")), value
    figures = """{ tawasulPerformanceExport(from: "2026-01-01", to: "2026-12-31", groupBy: AGENCY)
      { content } }"""
    assert await desk.look("case-handler", figures) == ["FORBIDDEN"]
    content = (await desk.look("performance-officer", figures))["tawasulPerformanceExport"]
    assert "Ministry of Works" in content["content"]


async def test_exports_speak_the_readers_language(desk: Any) -> None:
    await desk.submit(subject="zzarabic")
    cases = """{ tawasulCasesExport(agency: "works", filter: { text: "zzarabic" }) { content } }"""
    figures = """{ tawasulPerformanceExport(from: "2026-01-01", to: "2026-12-31",
      groupBy: CATEGORY) { content } }"""
    for who, query in (("case-handler", cases), ("performance-officer", figures)):
        answer = await desk.ask(who, query, {}, language=Language.AR)
        (export,) = answer["data"].values()
        _, *lines = csv.reader(io.StringIO(export["content"]))
        cells = [value for line in lines for value in line]
        assert "الطرق والحفر" in cells
        assert not {"COMPLAINT", "SUBMITTED", "RUNNING", "roads", "works"} & set(cells)


def test_a_sheet_has_ratings_of_two_decimals() -> None:
    rated = performance.Group(figures=Figures(rated=3, score=10))
    sheet = performance_sheet([rated, performance.Group()], Language.EN, {}, {})
    _, *rows = csv.reader(io.StringIO(sheet))
    assert [row[-1] for row in rows] == ["3.33", ""]


@given(st.text())
def test_no_cell_is_a_formula(text: str) -> None:
    assert not texts.cell(text).lstrip(" \u00a0\ufeff").startswith(("=", "+", "-", "@", "\t", "\r"))


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    for word in texts.folded(text):
        assert word.isalnum()
        assert word == word.casefold()


DAY = st.dates(dt.date(2024, 1, 1), dt.date(2026, 12, 31))


@given(DAY, DAY)
def test_spans_cover_each_day_once(one: dt.date, other: dt.date) -> None:
    since, until = min(one, other), max(one, other)
    days: list[dt.date] = []
    for span in spans(since, until):
        last = span.last if span.grain == "D" else month_end(span.last)
        days += [span.first + dt.timedelta(days=n) for n in range((last - span.first).days + 1)]
    assert sorted(days) == [since + dt.timedelta(days=n) for n in range((until - since).days + 1)]


FACT = st.builds(
    Fact,
    kind=st.sampled_from(FactKind),
    day=DAY,
    agency=st.just("works"),
    category=st.just("roads"),
    on_time=st.booleans(),
    minutes=st.integers(0, 5_000),
    score=st.integers(1, 5),
)


@given(st.lists(FACT), st.integers(0, 20))
def test_figures_add_up_in_any_parts(facts: list[Fact], cut: int) -> None:
    whole, first, second = Figures(), Figures(), Figures()
    for place, fact in enumerate(facts):
        whole.take(fact)
        (first if place < cut else second).take(fact)
    first.add(second)
    assert first == whole


@pytest.mark.parametrize(
    ("hours", "median"), [({}, None), ({5: 1}, 5), ({1: 1, 9: 1}, 5), ({1: 2, 4: 1, 7: 0}, 1)]
)
def test_the_median(hours: dict[int, int], median: float | None) -> None:
    assert Figures(hours=hours).median_hours == median
