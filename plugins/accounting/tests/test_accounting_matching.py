"""The laws of matching, over any files and any books."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from bawaba.ledger import Side
from bawaba_accounting.domain.settlement import (
    FEES,
    WRITE_OFF,
    DifferenceKind,
    Entry,
    Found,
    Line,
    LineStatus,
)
from bawaba_accounting.rules import differences
from bawaba_accounting.rules.books import is_balanced
from bawaba_accounting.rules.differences import PayoutBooking, PayoutChange, Resolved
from bawaba_accounting.rules.matching import changed_days, pair
from hypothesis import given
from hypothesis import strategies as st

DAY = dt.date(2026, 3, 1)
AT = dt.datetime(2026, 3, 1, 9, tzinfo=dt.UTC)
WINDOW = (DAY, DAY + dt.timedelta(days=2))
kinds = st.sampled_from(["CAPTURE", "REFUND", "REFUND_REVERSED", "DISPUTE", "FEE"])
refunds = st.sampled_from([None, "r1", "r2"])
_BOOKED = ["SETTLEMENT", "SUSPENSE", "REFUND", "REFUND_REVERSED", "CHARGEBACK"]


@st.composite
def said(draw: Any) -> list[Line]:
    lines = []
    for number in range(draw(st.integers(0, 6))):
        kind = draw(kinds)
        fils = draw(st.integers(1, 3)) * (-1 if kind in ("REFUND", "DISPUTE") else 1)
        lines.append(
            Line(
                id=f"l{number}",
                order=(DAY + dt.timedelta(days=draw(st.integers(0, 1))), "f", number),
                kind=kind,
                gateway_reference="g",
                payment_id="p",
                refund_id=draw(refunds) if kind.startswith("REFUND") else None,
                fils=0 if kind == "FEE" else fils,
                fee=draw(st.integers(0, 1)),
                agreed_fee=draw(st.sampled_from([None, 0])),
                occurred_at=AT + dt.timedelta(hours=draw(st.integers(0, 1))),
            )
        )
    return lines


@st.composite
def booked(draw: Any) -> list[Entry]:
    entries = []
    for number in range(draw(st.integers(0, 5))):
        kind = draw(st.sampled_from(_BOOKED))
        fils = draw(st.integers(1, 3)) * (-1 if kind in ("REFUND", "CHARGEBACK") else 1)
        due = DAY + dt.timedelta(days=draw(st.integers(-1, 4)))
        refund = draw(refunds) if kind.startswith("REFUND") else None
        entries.append(Entry(f"e{number}", kind, "g", "p", refund, fils, due))
    return entries


def summary(result: Any) -> Any:
    return (result.names, result.parts, result.statuses, Counter(result.found))


@given(said(), booked(), st.randoms(use_true_random=False))
def test_any_order_of_arrival_leads_to_the_same_state(
    lines: list[Line], entries: list[Entry], chance: Any
) -> None:
    before = summary(pair("p", lines, entries, WINDOW))
    chance.shuffle(lines)
    chance.shuffle(entries)
    assert summary(pair("p", lines, entries, WINDOW)) == before


@given(said(), booked())
def test_matched_and_differences_are_the_file_and_the_books(
    lines: list[Line], entries: list[Entry]
) -> None:
    result = pair("p", lines, entries, WINDOW)
    assert set(result.statuses) == {line.id for line in lines}
    matched = sum(x.fils for x in lines if result.statuses[x.id] is LineStatus.MATCHED)
    of_lines = (
        DifferenceKind.AMOUNT_DIFFERS,
        DifferenceKind.DUPLICATE_LINE,
        DifferenceKind.MISSING_IN_BOOKS,
    )
    differs = sum(f.actual for f in result.found if f.kind in of_lines)
    assert matched + differs == sum(line.fils for line in lines)
    due = [e for e in entries if WINDOW[0] <= e.due_on <= WINDOW[1]]
    expected = sum(f.expected for f in result.found if f.kind is not DifferenceKind.FEE_DIFFERS)
    told = result.names.keys() | result.parts
    named = sum(e.fils for e in entries if e.id in told)
    unnamed = sum(e.fils for e in due if e.id not in told)
    agreed = sum(
        x.fils for x in lines if result.statuses[x.id] is LineStatus.MATCHED and x.kind != "FEE"
    )
    assert agreed + expected == named + unnamed


@given(said(), booked())
def test_a_line_names_one_entry_at_most_and_names_are_distinct(
    lines: list[Line], entries: list[Entry]
) -> None:
    result = pair("p", lines, entries, WINDOW)
    assert len(set(result.names.values())) == len(result.names)
    whats = [found.what for found in result.found]
    assert len(set(whats)) == len(whats)
    by_id = {line.id: line for line in lines}
    for entry in entries:
        if entry.id in result.names:
            line = by_id[result.names[entry.id]]
            assert (line.fils > 0) == (entry.fils > 0)
            assert None in (line.refund_id, entry.refund_id) or line.refund_id == entry.refund_id


@given(booked())
def test_a_file_that_says_what_the_books_say_has_no_difference(entries: list[Entry]) -> None:
    lines = [
        Line(
            f"l{n}", (DAY, "f", n), {"SETTLEMENT": "CAPTURE", "SUSPENSE": "CAPTURE"}.get(
                e.kind, e.kind
            ), "g", "p", e.refund_id, e.fils, 0, None, AT + dt.timedelta(hours=n),
        )
        for n, e in enumerate(entries)
    ]  # fmt: skip
    result = pair("p", lines, entries, WINDOW)
    assert result.found == []
    assert set(result.statuses.values()) <= {LineStatus.MATCHED}


REFUND = Line("", (DAY, "f", 0), "REFUND", "g", "p", "r1", -1000, 0, None, AT)
PARTS = [Entry(f"e{n}", "REFUND", "g", "p", "r1", fils, DAY) for n, fils in enumerate((-700, -300))]
CAME_BACK = Entry("e8", "REFUND_REVERSED", "g", "p", "r1", 1000, DAY + dt.timedelta(days=1))


def moves(*fils: int, refund: str | None = "r1") -> list[Line]:
    """Return a line for each movement, an hour after the other."""
    return [
        replace(
            REFUND,
            id=f"l{n}",
            order=(DAY, "f", n),
            kind="REFUND" if amount < 0 else "REFUND_REVERSED",
            refund_id=refund,
            fils=amount,
            occurred_at=AT + dt.timedelta(hours=n),
        )
        for n, amount in enumerate(fils)
    ]


def differing(lines: list[Line], entries: list[Entry]) -> list[tuple[str, int, int]]:
    found_ = pair("p", lines, entries, WINDOW).found
    return [(found.kind.value, found.expected, found.actual) for found in found_]


@pytest.mark.parametrize("refund", ["r1", None])
@pytest.mark.parametrize(
    ("stated", "journals"),
    [
        ((-1000,), PARTS),
        ((-700, -300), PARTS),
        ((-1000, 1000), [*PARTS, CAME_BACK]),
        ((-700, -300, 1000), [*PARTS, CAME_BACK]),
        ((), [*PARTS, CAME_BACK]),
    ],
)
def test_a_refund_of_several_journals_agrees_however_the_gateway_states_it(
    stated: tuple[int, ...], journals: list[Entry], refund: str | None
) -> None:
    assert differing(moves(*stated, refund=refund), journals) == []


def test_a_gateway_may_tell_more_steps_of_a_refund_than_the_books() -> None:
    once = replace(PARTS[0], fils=-1000)
    assert differing(moves(-1000, 1000, -1000), [once]) == []
    assert differing(moves(-600, -400), [once]) == []
    assert differing(moves(-1000, 1000), []) == []
    assert differing(moves(-1000), []) == [("MISSING_IN_BOOKS", 0, -1000)]
    other = replace(REFUND, id="l9", refund_id="r2", fils=1000, kind="REFUND_REVERSED")
    assert len(differing([*moves(-1000), other], [])) == 2


def test_a_refund_of_several_journals_differs_once_by_its_sum() -> None:
    assert differing(moves(-900), PARTS) == [("AMOUNT_DIFFERS", -1000, -900)]
    assert differing(moves(-1000, -50), PARTS) == [("MISSING_IN_BOOKS", 0, -50)]
    assert differing(moves(-1000), [*PARTS, CAME_BACK]) == [("MISSING_AT_GATEWAY", 1000, 0)]
    twice = [*moves(-1000), replace(REFUND, id="l9", order=(DAY, "g", 1))]
    assert differing(twice, PARTS) == [("DUPLICATE_LINE", 0, -1000)]


def test_what_came_back_is_not_set_off_before_it_is_due() -> None:
    late = replace(CAME_BACK, due_on=WINDOW[1] + dt.timedelta(days=1))
    assert differing([], [replace(PARTS[0], fils=-1000), late]) == [
        ("MISSING_AT_GATEWAY", -1000, 0)
    ]


@given(booked())
def test_a_doubled_file_has_one_duplicate_a_line(entries: list[Entry]) -> None:
    one = [
        Line(f"l{n}", (DAY, "f", n), "CAPTURE", "g", "p", None, e.fils, 0, None, AT)
        for n, e in enumerate(entries[:1])
        if e.kind in ("SETTLEMENT", "SUSPENSE")
    ]
    again = [replace(line, id=f"{line.id}x", order=(DAY, "f", 90)) for line in one]
    result = pair("p", one + again, entries[:1], WINDOW)
    assert [f.kind for f in result.found if f.actual] == [DifferenceKind.DUPLICATE_LINE] * len(one)


def found(what: str, expected: int, actual: int) -> Found:
    return Found(DifferenceKind.MISSING_AT_GATEWAY, what, DAY, "g", "p", expected, actual)


def test_what_is_resolved_stays_so_and_is_taken_back_when_the_cause_goes() -> None:
    missing = found("a", 5, 0)
    resolved = Resolved("1", missing)
    assert differences.outstanding([missing], []) == [missing]
    assert differences.outstanding([missing], [resolved]) == []
    [after] = differences.outstanding([], [resolved])
    assert (after.kind, after.expected, after.actual) == (DifferenceKind.SETTLED_AFTER_ALL, 0, 5)
    undone = Resolved("2", after)
    assert differences.outstanding([], [resolved, undone]) == []
    assert differences.outstanding([missing], [resolved, undone]) == [missing]
    other = found("a", 5, 4)
    assert differences.outstanding([other], [resolved]) == [other, after]


@given(st.integers(-5, 5), st.integers(-5, 5))
def test_a_resolution_moves_the_difference_and_taking_it_back_moves_it_back(
    expected: int, actual: int
) -> None:
    if expected == actual:
        return
    first = Resolved("1", found("a", expected, actual))
    journal = differences.resolution(first, "gateway.x.clearing", WRITE_OFF, DAY)
    assert is_balanced(journal.postings)
    clearing = journal.postings[0]
    moved = clearing.fils if clearing.side is Side.DEBIT else -clearing.fils
    assert moved == actual - expected
    [after] = differences.outstanding([], [first])
    back = differences.resolution(Resolved("2", after), "gateway.x.clearing", WRITE_OFF, DAY)
    assert back.postings[0].fils == clearing.fils
    assert back.postings[0].side is not clearing.side


def test_a_fee_beyond_the_agreed_one_leaves_the_account_of_fees() -> None:
    fee = Found(DifferenceKind.FEE_DIFFERS, "f", DAY, "g", "p", 10, 15)
    journal = differences.resolution(Resolved("1", fee), FEES, WRITE_OFF, DAY)
    assert [(p.account, p.side, p.fils) for p in journal.postings] == [
        (FEES, Side.CREDIT, 5),
        (WRITE_OFF, Side.DEBIT, 5),
    ]
    assert FEES not in differences.allowed_accounts(DifferenceKind.FEE_DIFFERS)


@given(st.integers(-9, 9), st.integers(-2, 9), st.integers(-9, 9), st.integers(-2, 9))
def test_payouts_balance_and_a_correction_is_the_change_alone(
    fils: int, fees: int, later: int, later_fees: int
) -> None:
    change, none = PayoutChange("payout:x:1", DAY, "1"), PayoutBooking(0, 0)
    first, second = PayoutBooking(fils, fees), PayoutBooking(later, later_fees)
    sums: Counter[str] = Counter()
    for before, now in ((none, first), (first, second)):
        journal = differences.payout_journal(change, "c", before, now)
        assert journal is None or is_balanced(journal.postings)
        for p in journal.postings if journal else ():
            sums[p.account] += p.fils if p.side is Side.DEBIT else -p.fils
    assert (sums["treasury.bank"], sums[FEES], sums["c"]) == (
        later,
        later_fees,
        -later - later_fees,
    )


def test_windows_grow_and_shrink_by_the_days_in_which_they_differ() -> None:
    day = dt.timedelta(days=1)
    assert changed_days(None, (DAY, DAY)) == [(DAY, DAY)]
    assert changed_days((DAY, DAY), (DAY, DAY + 2 * day)) == [(DAY + day, DAY + 2 * day)]
    assert changed_days((DAY, DAY), (DAY - day, DAY)) == [(DAY - day, DAY - day)]
    assert changed_days((DAY, DAY), (DAY, DAY)) == []
