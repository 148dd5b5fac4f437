"""Sheets of the statistics: what is asked for, and comma-separated values that are safe to open."""

from __future__ import annotations

import csv
import datetime as dt
import io
from contextlib import suppress

import pytest
from bawaba.errors import BadInput
from bawaba.money import fils_of
from bawaba.text import Language, Text
from bawaba_accounting.domain import Dimension, Figures, Group, Statistics
from bawaba_accounting.rules import figures
from bawaba_accounting.rules.asking import Asked, asked, language_of
from bawaba_accounting.rules.sheet import MARK, Names, sheet
from hypothesis import given, settings
from hypothesis import strategies as st

PATIENT = settings(deadline=None)
NOBODY = Names({}, {})


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def statistics(*groups: Group) -> Statistics:
    total = sum((group.figures for group in groups), Figures())
    return Statistics(None, total, figures.ranked(groups))


def test_a_query_string_is_understood() -> None:
    found = asked(
        [
            ("from", "2024-01-01"),
            ("to", "2024-12-31"),
            ("service", "post,ewa-bills"),
            ("service", "traffic-fines"),
            ("agency", ""),
            ("channel", "mobile-app,KIOSK"),
            ("group", "service,month"),
            ("group", "Month"),
            ("lang", "ar"),
            ("bom", "1"),
            ("total", "0"),
        ]
    )
    assert found == Asked(found.query, Language.AR, mark=True, total=False)
    assert (found.query.since, found.query.until) == (dt.date(2024, 1, 1), dt.date(2024, 12, 31))
    assert found.query.services == ["post", "ewa-bills", "traffic-fines"]
    assert found.query.agencies == []
    assert found.query.channels == ["MOBILE_APP", "KIOSK"]
    assert found.query.dimensions == [Dimension.SERVICE, Dimension.MONTH]
    assert asked([]) == Asked(asked([]).query)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("from", "2024-02-30"),
        ("from", "20240101"),
        ("to", "2024-W01-1"),
        ("to", "٢٠٢٤-٠١-٠١"),
        ("channel", "FAX"),
        ("group", "national-id"),
        ("lang", "fr"),
        ("bom", "yes"),
        ("total", "2"),
        ("service", "x" * 101),
        ("service", "a\x00b"),
        ("agency", "\ud800"),
        ("gateway", "sandbox"),
        ("grp", "service"),
    ],
)
def test_what_is_not_understood_is_said_in_both_languages(name: str, value: str) -> None:
    with pytest.raises(BadInput) as caught:
        asked([(name, value)])
    assert name in caught.value.detail.en or name not in {"from", "to"}
    assert caught.value.detail.ar != caught.value.detail.en


def test_a_day_is_given_once() -> None:
    with pytest.raises(BadInput):
        asked([("from", "2024-01-01"), ("from", "2024-01-02")])


@PATIENT
@given(st.lists(st.tuples(st.text(max_size=12), st.text(max_size=40)), max_size=8))
def test_any_query_is_understood_or_refused(pairs: list[tuple[str, str]]) -> None:
    known = [(["from", "to", "group", "channel", "lang"][len(n) % 5], v) for n, v in pairs]
    for query in (pairs, known):
        with suppress(BadInput):
            assert isinstance(asked(query), Asked)


@PATIENT
@given(st.text(max_size=60), st.text(max_size=120))
def test_any_language_header_gives_a_language(chosen: str, accepted: str) -> None:
    assert language_of(chosen, accepted) in Language


@pytest.mark.parametrize(
    ("chosen", "accepted", "found"),
    [
        ("ar", "en", Language.AR),
        ("EN", "ar", Language.EN),
        ("fr", "ar-BH,en;q=0.5", Language.AR),
        (None, "en;q=0.4, ar;q=0.9", Language.AR),
        (None, "fr, ar;q=0", Language.EN),
        (None, "", Language.EN),
    ],
)
def test_the_language_is_the_one_chosen_or_preferred(
    chosen: str | None, accepted: str, found: Language
) -> None:
    assert language_of(chosen, accepted) is found


def test_the_header_is_stable_for_machines_and_spoken_for_people() -> None:
    found = statistics(Group(Figures(2, 1500, 500), service="post", starts_on=dt.date(2024, 1, 1)))
    query = asked([("group", "service,year")]).query
    names = Names({"post": Text("Post", "البريد")}, {})
    machine = sheet(found, Asked(query), names)
    assert machine == (
        "service,starts_on,ends_on,count,amount,refunded,currency,share,rank_by_count,"
        "rank_by_amount\r\npost,2024-01-01,,2,1.500,0.500,BHD,1.000000,1,1\r\n"
    )
    arabic = sheet(found, Asked(query, Language.AR, mark=True), names)
    assert arabic.startswith(f"{MARK}رمز الخدمة,الخدمة,من,إلى,عدد البنود المدفوعة,")
    assert arabic.splitlines()[1].startswith("post,البريد,2024-01-01,")
    english = sheet(found, Asked(query, Language.EN), names)
    assert english.splitlines()[0].startswith("Service code,Service,From,To,Paid items,")


def test_without_groups_there_is_one_row_and_a_total_only_where_asked() -> None:
    found = Statistics(None, Figures(3, 4500, 0), [])
    assert [row["count"] for row in read(sheet(found, Asked(asked([]).query), NOBODY))] == ["3"]
    query = asked([("group", "service")]).query
    assert read(sheet(Statistics(None, Figures(), []), Asked(query), NOBODY)) == []
    rows = read(
        sheet(
            statistics(Group(Figures(3, 4500, 0), service="total")),
            Asked(query, total=True),
            NOBODY,
        )
    )
    assert [(row["row"], row["service"]) for row in rows] == [("group", "total"), ("total", "")]
    assert rows[1]["amount"] == "4.500"


@pytest.mark.parametrize(
    "start",
    ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "  =", "\u00a0=", "\u200f@", "\ufeff+"],
)
def test_no_name_runs_as_a_formula(start: str) -> None:
    name = f'{start}HYPERLINK("http://x";"y"),"z'
    found = statistics(Group(Figures(1, 1, 0), service="s", gateway=f"{start}gateway"))
    query = asked([("group", "service,gateway")]).query
    text = sheet(found, Asked(query, Language.EN), Names({"s": Text(name, name)}, {}))
    (row,) = read(text)
    assert row["Service"] == f"'{name}"
    assert row["Payment gateway"] == f"'{start}gateway"


GROUPS = st.lists(
    st.builds(
        Group,
        st.builds(Figures, st.integers(0, 10**9), st.integers(0, 10**15), st.integers(0, 10**15)),
        service=st.text(min_size=1, max_size=20),
        channel=st.sampled_from(["KIOSK", "PORTAL", "UNKNOWN"]),
    ),
    max_size=20,
)


@PATIENT
@given(GROUPS, st.sampled_from([None, Language.AR, Language.EN]), st.booleans(), st.booleans())
def test_whatever_is_written_is_read_again_exactly(
    groups: list[Group], language: Language | None, mark: bool, total: bool
) -> None:
    found = statistics(*groups)
    wanted = Asked(asked([("group", "service,channel")]).query, language, mark, total)
    text = sheet(found, wanted, NOBODY)
    assert text.startswith(MARK) is mark
    lines = list(csv.reader(io.StringIO(text.removeprefix(MARK), newline=""), strict=True))
    header, *rows = lines
    assert {len(line) for line in lines} == {len(header)}
    amount = header.index(
        {None: "amount", Language.EN: "Gross amount"}.get(language, "المبلغ الإجمالي")
    )
    own = rows[: len(groups)]
    assert len(rows) == len(groups) + total
    assert sum(fils_of(row[amount]) for row in own) == found.total.fils
    assert sum(int(row[amount - 1]) for row in own) == found.total.count
    code = int(total)
    assert [row[code].removeprefix("'") for row in own] == [
        (group.service or "").removeprefix("'") for group in found.groups
    ]
