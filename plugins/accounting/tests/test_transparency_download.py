"""The sheets over HTTP, on both databases: exact sums, refusals, no question that breaks them."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from bawaba.errors import LimitExceeded
from bawaba.money import fils_of
from bawaba_accounting.pages.sheets import AT_ONCE, WAITING, Sheets
from bawaba_accounting.services import transparency
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

CSV = "/transparency/statistics.csv"


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at the chain's head at every request."""
    monkeypatch.setattr(transparency, "FRESH", 0.0)


async def test_sheets_add_up_to_the_total_of_graphql_exactly(portal: Any) -> None:
    await portal.settle("one", 7)
    total = (
        '{ accountingStatistics(filter: {from: "2010-03-15", to: "2026-02-02", '
        "channels: [KIOSK, PORTAL]}) "
        "{ total { count amount { amount } refunded { amount } } } }"
    )
    found = (await portal.ask(total))["total"]
    asked = "from=2010-03-15&to=2026-02-02&channel=kiosk,portal"
    for by in ("", "service", "agency,year", "channel,gateway,year", "month"):
        answer = await portal.browser.get(f"{CSV}?{asked}&group={by}&total=1")
        assert answer.status == 200
        rows = list(csv.DictReader(io.StringIO(await answer.text(), newline=""), strict=True))
        own, sums = [r for r in rows if r["row"] == "group"], rows[-1]
        assert sum(int(row["count"]) for row in own) == int(sums["count"]) == found["count"], by
        for name in ("amount", "refunded"):
            whole = fils_of(found[name]["amount"])
            assert sum(fils_of(row[name]) for row in own) == fils_of(sums[name]) == whole, by
    answer = await portal.browser.get(f"{CSV}?group=service&bom=1&lang=ar")
    body = await answer.read()
    assert body.startswith(b"\xef\xbb\xbf")
    assert answer.content_type == "text/csv"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    assert answer.headers["ETag"]
    assert "المخالفات المرورية" in body.decode()


async def test_sheets_refuse_in_both_languages(portal: Any) -> None:
    for query, status, words in (
        ("group=day,service,channel", 422, ("More than 1,000 groups", "أكثر من 1000 مجموعة")),
        ("from=2024-02-01&to=2024-01-01", 400, ("is after", "تأتي بعد")),
        ("from=yesterday", 400, ("a day such as", "تاريخ مثل")),
        ("group=colour", 400, ("one of service", "إحدى القيم")),
        ("service=" + ",".join(f"s{n}" for n in range(101)), 400, ("100", "100")),
        ("service=%ff%fe", 200, ("", "")),
        ("colour=red", 400, ("Only these words", "الكلمات المعروفة")),
    ):
        answer = await portal.browser.get(f"{CSV}?{query}")
        text = await answer.text()
        assert answer.status == status or query.startswith("service=%ff"), (query, text)
        assert answer.status < 500
        if status >= 400:
            assert answer.content_type == "text/plain"
            assert all(each in text for each in words), text


async def test_no_question_breaks_the_pages(portal: Any, impatient: None) -> None:
    """Whatever is asked is answered or refused, and never a fault of ours."""
    questions: list[list[tuple[str, str]]] = []
    names = st.sampled_from(["from", "to", "service", "agency", "channel", "group", "lang", "bom"])
    values = st.one_of(
        st.text(max_size=30),
        st.sampled_from(["0001-01-01", "9999-12-31", "day", "month,service", "KIOSK", "ar", "1"]),
    )

    @settings(
        max_examples=120, database=None, deadline=None, suppress_health_check=list(HealthCheck)
    )
    @given(st.lists(st.tuples(st.one_of(names, st.text(max_size=8)), values), max_size=6))
    def collect(pairs: list[tuple[str, str]]) -> None:
        questions.append(pairs)

    collect()
    for pairs in questions:
        for path in (CSV, "/transparency/figures"):
            answer = await portal.browser.get(path, params=pairs)
            assert answer.status in {200, 400, 422}, (path, pairs, answer.status)
    for raw in (
        "lang=%00",
        "from=%ff",
        "group=%F0%9F",
        "x" * 5000 + "=1",
        "&&&==%",
        "lang=ar&lang=en",
    ):
        for path in (CSV, "/transparency", "/transparency/figures"):
            answer = await portal.browser.get(f"{path}?{raw}")
            assert answer.status < 500, (path, raw)


async def test_no_header_breaks_the_pages(portal: Any) -> None:
    for name, values in {
        "If-None-Match": ['"', "W/", "*", 'W/"a", "b', "x" * 3000, "\xff"],
        "Accept-Encoding": ["gzip;q=", ";;;,,,", "gzip;q=0.000", "gzip" * 500],
        "Accept-Language": ["ar;q=9", "*", ",;=", "en-" * 900, "ar;q=nan"],
    }.items():
        for value in values:
            for path in ("/transparency", "/transparency/figures", CSV):
                answer = await portal.browser.get(path, headers={name: value})
                assert answer.status in {200, 304}, (path, name, value)
                await answer.read()


async def test_sheets_are_made_a_few_at_a_time() -> None:
    sheets = Sheets()
    sheets._inside = AT_ONCE + WAITING
    with pytest.raises(LimitExceeded):
        await sheets.get(None)  # type: ignore[arg-type]
