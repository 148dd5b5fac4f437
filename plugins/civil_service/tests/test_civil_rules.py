"""The laws of the civil service, as properties."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from typing import Any

import pytest
from bawaba.calendar import WEEKEND, Calendar
from bawaba.domain import StateMachine
from bawaba.text import Language, Text
from bawaba_civil_service import refusals
from bawaba_civil_service.clock import working_days
from bawaba_civil_service.domain import (
    LEAVE,
    REQUEST,
    Accrual,
    AccrualMethod,
    CivilServiceCertificateKind,
    CivilServiceLeaveKind,
    CivilServiceLeaveStatus,
    CivilServiceLineKind,
    CivilServiceRequestStatus,
    Draw,
    Line,
    Opening,
    Payslip,
    RequestEvent,
)
from bawaba_civil_service.rules import dated, leave, papers, pay, statements, wire
from bawaba_civil_service.services.data import accruals, fees
from hypothesis import HealthCheck, settings
from hypothesis import given as hypothesis_given
from hypothesis import strategies as st

K, L = CivilServiceLineKind, CivilServiceLeaveKind
DAY = dt.timedelta(days=1)
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def given(**strategies: Any) -> Any:
    """As hypothesis's own, on a machine that may be busy."""
    return lambda test: PATIENT(hypothesis_given(**strategies)(test))


days_of_years = st.dates(dt.date(2024, 1, 1), dt.date(2028, 12, 31))
HIRED = dt.date(2023, 5, 10)


# --- the calendar ---------------------------------------------------------------------------


def test_weekends_and_holidays_are_not_drawn() -> None:
    # 16 and 17 December 2026, Wednesday and Thursday, are the National Day and its eve.
    assert working_days(Calendar(), dt.date(2026, 12, 13), dt.date(2026, 12, 19)) == 3


@given(first=days_of_years, span=st.integers(0, 60), announced=st.sets(days_of_years, max_size=5))
def test_one_more_holiday_never_counts_more_days(
    first: dt.date, span: int, announced: set[dt.date]
) -> None:
    last = first + span * DAY
    before = working_days(Calendar(), first, last)
    after = working_days(Calendar(dict.fromkeys(announced, True)), first, last)
    inside = {d for d in announced if first <= d <= last and Calendar().is_working(d)}
    assert after <= before - len(inside), "and fewer where a weekend is compensated"
    assert before <= sum((first + n * DAY).weekday() not in WEEKEND for n in range(span + 1))


# --- leave ----------------------------------------------------------------------------------


def test_a_month_accrues_once_it_is_over() -> None:
    opening = Opening(dt.date(2026, 1, 1), 0)

    def days(on: dt.date) -> int:
        return leave.standing(accruals(), L.ANNUAL, opening, [], on)

    assert days(dt.date(2026, 1, 31)) == 0
    assert days(dt.date(2026, 2, 1)) == 30, "twelfths of a day"
    assert days(dt.date(2027, 1, 1)) == 360
    assert days(dt.date(2026, 2, 15)) == 30


def test_a_month_that_was_begun_in_the_middle_accrues_nothing() -> None:
    opening = Opening(dt.date(2026, 1, 10), 0)
    assert leave.standing(accruals(), L.ANNUAL, opening, [], dt.date(2026, 2, 28)) == 0
    assert leave.standing(accruals(), L.ANNUAL, opening, [], dt.date(2026, 3, 1)) == 30


def test_yearly_leave_is_there_on_new_year_and_does_not_carry() -> None:
    opening = Opening(dt.date(2026, 6, 1), 10)
    draws = [Draw(dt.date(2026, 7, 1), 3)]
    assert leave.remaining(accruals(), L.SICK, opening, draws, dt.date(2026, 8, 1)) == 7
    assert leave.remaining(accruals(), L.SICK, opening, draws, dt.date(2027, 1, 1)) == 24


def test_a_rule_that_changed_counts_from_its_day_on() -> None:
    opening = Opening(dt.date(2018, 1, 1), 3)
    assert leave.remaining(accruals(), L.CASUAL, opening, [], dt.date(2019, 5, 1)) == 3
    assert leave.remaining(accruals(), L.CASUAL, opening, [], dt.date(2020, 5, 1)) == 5


def test_annual_leave_carries_over_to_its_cap() -> None:
    opening = Opening(dt.date(2026, 1, 1), 55)
    assert leave.remaining(accruals(), L.ANNUAL, opening, [], dt.date(2026, 12, 31)) == 82
    assert leave.remaining(accruals(), L.ANNUAL, opening, [], dt.date(2027, 1, 1)) == 60


def test_the_first_year_has_its_share() -> None:
    opening = leave.opening_of(accruals(), L.SICK, dt.date(2026, 7, 15), {})
    assert opening == Opening(dt.date(2026, 7, 15), 12)
    assert leave.opening_of(accruals(), L.ANNUAL, HIRED, {}) == Opening(HIRED, 0)
    told = Opening(dt.date(2025, 1, 1), 4)
    assert leave.opening_of(accruals(), L.ANNUAL, HIRED, {L.ANNUAL: told}) == told


wishes = st.lists(st.tuples(days_of_years, st.integers(1, 40)), max_size=12)


@given(wishes=wishes, kind=st.sampled_from(L), dropped=st.sets(st.integers(0, 11)))
def test_whatever_is_granted_and_given_up_the_balance_is_nowhere_negative(
    wishes: list[tuple[dt.date, int]], kind: CivilServiceLeaveKind, dropped: set[int]
) -> None:
    opening = leave.opening_of(accruals(), kind, HIRED, {})
    draws: list[Draw] = []
    for first, days in wishes:
        wish = Draw(first, days)
        if leave.holds(accruals(), kind, opening, [*draws, wish]):
            draws.append(wish)
    kept = [draw for n, draw in enumerate(draws) if n not in dropped]
    for state in (draws, kept):
        for n in range(0, 365 * 5, 9):
            day = dt.date(2024, 1, 1) + n * DAY
            assert leave.standing(accruals(), kind, opening, state, day) >= 0


@given(wishes=wishes, day=days_of_years, kind=st.sampled_from(L))
def test_what_remains_is_exactly_what_could_still_be_granted(
    wishes: list[tuple[dt.date, int]], day: dt.date, kind: CivilServiceLeaveKind
) -> None:
    opening = leave.opening_of(accruals(), kind, HIRED, {})
    draws: list[Draw] = []
    for first, days in wishes:
        if leave.holds(accruals(), kind, opening, [*draws, Draw(first, days)]):
            draws.append(Draw(first, days))
    left = leave.remaining(accruals(), kind, opening, draws, day)
    assert leave.holds(accruals(), kind, opening, [*draws, Draw(day, left)])
    assert not leave.holds(accruals(), kind, opening, [*draws, Draw(day, left + 1)])


@given(before=st.integers(0, 40), fresh=st.integers(0, 40))
def test_a_recount_only_gives_back(before: int, fresh: int) -> None:
    assert leave.recounted(before, fresh) == min(before, fresh)


@pytest.mark.parametrize(
    ("first", "last", "days", "refusal", "why"),
    [
        (dt.date(2026, 5, 10), dt.date(2026, 5, 9), 0, refusals.BadPeriod, "before the first"),
        (dt.date(2026, 5, 10), dt.date(2027, 5, 20), 200, refusals.BadPeriod, "366"),
        (dt.date(2026, 1, 10), dt.date(2026, 1, 11), 2, refusals.BadPeriod, "from 2026-03-02 to"),
        (dt.date(2027, 8, 1), dt.date(2027, 8, 2), 2, refusals.BadPeriod, "to 2027-05-02."),
        (dt.date(2026, 5, 8), dt.date(2026, 5, 9), 0, refusals.NoWorkingDays, "no working day"),
        (dt.date(2026, 5, 10), dt.date(2026, 5, 11), 2, None, ""),
    ],
)
def test_periods(first: dt.date, last: dt.date, days: int, refusal: Any, why: str) -> None:
    facts = {"today": dt.date(2026, 5, 1), "opening": Opening(HIRED, 0), "working_days": days}
    if refusal is None:
        leave.check_period(first, last, **facts)  # type: ignore[arg-type]
        return
    with pytest.raises(refusal) as refused:
        leave.check_period(first, last, **facts)  # type: ignore[arg-type]
    assert why in refused.value.message(Language.EN)
    assert not re.search(r"[A-Za-z]", refused.value.message(Language.AR))


def test_nobody_decides_about_oneself_or_twice() -> None:
    requested = CivilServiceLeaveStatus.REQUESTED
    leave.check_decision(status=requested, employee="1", national_id="2")
    for mine in ("1", None):
        with pytest.raises(refusals.OwnLeave):
            leave.check_decision(status=requested, employee="1", national_id=mine)
    for status in set(CivilServiceLeaveStatus) - {requested}:
        with pytest.raises(refusals.LeaveDecided):
            leave.check_decision(status=status, employee="1", national_id="2")
    for status, en, ar in (
        (CivilServiceLeaveStatus.CANCELLED, "cancelled", "ملغاة"),
        (CivilServiceLeaveStatus.REJECTED, "rejected", "مرفوضة"),
    ):
        with pytest.raises(refusals.LeaveDecided) as refused:
            leave.check_cancelling(status=status, first=HIRED, today=HIRED)
        assert refused.value.message(Language.EN) == f"This leave is {en} already."
        assert refused.value.message(Language.AR) == f"هذه الإجازة {ar} بالفعل."


# --- pay ------------------------------------------------------------------------------------

END = dt.date(2026, 12, 31)
MONTHS = [f"2026-{n:02d}" for n in range(1, 13)]


def slip(month: str, fils: int, more: list[Line]) -> Payslip:
    basic = Line(K.BASIC, Text("Basic", "أساسي"), fils)
    return Payslip("CS-1", month, END, (basic, *more))


@given(
    due=st.lists(st.integers(0, 2_000_000), min_size=1, max_size=12),
    revised=st.lists(
        st.dictionaries(st.integers(0, 11), st.integers(0, 2_000_000), max_size=4), max_size=12
    ),
)
def test_the_sum_of_nets_is_what_should_have_been_paid(
    due: list[int], revised: list[dict[int, int]]
) -> None:
    """Month after month what is due for earlier months is found to be otherwise."""
    paid: list[Payslip] = []
    truth: dict[str, int] = {}
    for n, fils in enumerate(due):
        for earlier, changed in (revised[n] if n < len(revised) else {}).items():
            if earlier < n:
                truth[MONTHS[earlier]] = changed
        payslip = slip(MONTHS[n], fils, pay.corrections(paid, truth))
        pay.check_payslip(payslip, payslip.net, [each.month for each in paid], END)
        truth[MONTHS[n]] = fils
        paid.append(payslip)
    assert sum(each.net for each in paid) == sum(truth.values())
    assert pay.paid_for(paid) == truth
    assert pay.corrections(paid, truth) == []


LABEL = Text("x", "س")


@pytest.mark.parametrize(
    ("payslip", "net", "why"),
    [
        (slip("2026-13", 1, []), 1, "no month"),
        (slip("2027-01", 1, []), 1, "not yet"),
        (slip("2026-02", 1, []), 1, "not after"),
        (slip("2026-01", 1, []), 1, "not after"),
        (slip("2026-03", 1, []), 2, "add up to 1"),
        (slip("2026-03", 1, [Line(K.CORRECTION, LABEL, 5, "2026-04")]), 6, "was not issued"),
        (slip("2026-03", 1, [Line(K.CORRECTION, LABEL, 5)]), 6, "was not issued"),
        (slip("2026-03", 1, [Line(K.ALLOWANCE, LABEL, 5, "2026-01")]), 6, "corrects nothing"),
        (slip("2026-03", 1, [Line(K.DEDUCTION, LABEL, 5)]), 6, "wrong sign"),
        (slip("2026-03", 1, [Line(K.SOCIAL_INSURANCE, LABEL, 5)]), 6, "wrong sign"),
        (slip("2026-03", -1, []), -1, "wrong sign"),
        (slip("2026-03", 1, [Line(K.ALLOWANCE, LABEL, 0)] * 60), 1, "61 lines"),
    ],
)
def test_payslips_that_are_not_taken(payslip: Payslip, net: int, why: str) -> None:
    with pytest.raises(pay.BadPayslip, match=why):
        pay.check_payslip(payslip, net, ["2026-01", "2026-02"], END)


def test_a_payslip_dated_far_ahead_is_not_taken() -> None:
    with pytest.raises(pay.BadPayslip, match="not yet"):
        pay.check_payslip(slip("2026-11", 1, []), 1, [], dt.date(2026, 10, 1))
    pay.check_payslip(slip("2026-12", 1, []), 1, [], dt.date(2026, 12, 1))


def test_letters_say_what_they_were_told() -> None:
    told = slip("2026-03", 9, [Line(K.CORRECTION, LABEL, -4, "2026-01")])
    assert wire.read_payslip(wire.write_payslip(told)) == (told, 5)
    with pytest.raises(wire.MALFORMED):
        wire.read_payslip({**wire.write_payslip(told), "net": True})


# --- certificates ---------------------------------------------------------------------------


def test_fees_are_those_of_the_day() -> None:
    salary = CivilServiceCertificateKind.SALARY
    assert papers.fee_of(fees(), salary, dt.date(2023, 12, 31)).fils == 500
    assert papers.fee_of(fees(), salary, dt.date(2024, 1, 1)).fils == 1000
    with pytest.raises(refusals.NoFee):
        papers.fee_of(fees(), salary, dt.date(2006, 1, 1))


def test_figures_without_a_source_are_marked() -> None:
    for entry in itertools.chain(fees(), accruals()):
        assert entry.source


@pytest.mark.parametrize(
    ("change", "why"),
    [({"fils": -1}, "negative"), ({"pay_within": 0}, "no time"), ({}, "two entries")],
)
def test_bad_fees_do_not_start(change: dict[str, Any], why: str) -> None:
    entry = {"kind": "SALARY", "since": dt.date(2020, 1, 1), "fils": 1, "pay_within": 1}
    entry |= {"source": "x", **change}
    with pytest.raises(ValueError, match=why):
        dated.read_fees({"fee": [entry, entry]})


def test_overlapping_accruals_do_not_start() -> None:
    rule = {"kind": "SICK", "since": dt.date(2020, 1, 1), "days": 1, "method": "YEARLY"}
    with pytest.raises(ValueError, match="two entries"):
        dated.read_accruals({"accrual": [rule | {"carry": 0, "source": "x"}] * 2})
    with pytest.raises(ValueError, match="not negative"):
        dated.read_accruals({"accrual": [rule | {"carry": -1, "source": "x"}]})
    assert Accrual(L.SICK, HIRED, None, 1, AccrualMethod.YEARLY, 0, "x").until is None


def test_who_left_may_ask_for_experience_alone() -> None:
    left, today = dt.date(2026, 1, 1), dt.date(2026, 2, 1)
    kinds = CivilServiceCertificateKind
    papers.check_request(kinds.EXPERIENCE, left_on=left, today=today, waiting=0)
    with pytest.raises(refusals.NotEmployed):
        papers.check_request(kinds.SALARY, left_on=left, today=today, waiting=0)
    with pytest.raises(refusals.TooManyRequests):
        papers.check_request(kinds.EXPERIENCE, left_on=None, today=today, waiting=10)


@given(secret=st.text(max_size=50))
def test_a_code_is_found_however_it_is_typed(secret: str) -> None:
    code = papers.code_of(secret)
    assert len(code) == 19
    assert papers.typed_code(code) == code
    sloppy = code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert papers.typed_code(f"  {sloppy} ") == code


@given(typed=st.text(max_size=80))
def test_what_is_no_code_is_told_apart(typed: str) -> None:
    found = papers.typed_code(typed)
    assert found is None or papers.typed_code(found) == found


@given(number=st.text("0123456789", max_size=20))
def test_strangers_see_the_last_digits_of_a_personal_number(number: str) -> None:
    told = [
        statements.Fact(
            Text("Personal number", "الرقم الشخصي"), Text(number, number), personal=True
        ),
        statements.Fact(Text("Total", "الإجمالي"), Text("936.000 BHD", "936.000 BHD")),
    ]
    hidden, total = statements.covered(told)
    assert hidden.value.en == hidden.value.ar
    assert len(hidden.value.en) == len(number)
    assert hidden.value.en.strip("•") == number[-3:]
    assert total == told[1]


# --- the machines ---------------------------------------------------------------------------


@pytest.mark.parametrize("machine", [REQUEST, LEAVE])
def test_only_listed_edges_and_terminal_states_stay(machine: StateMachine[Any, Any]) -> None:
    triggers = {type(trigger) for _, trigger in machine.edges}
    assert len(triggers) == 1
    used = {trigger for _, trigger in machine.edges}
    assert used == set(triggers.pop())
    assert machine.terminal == {
        state for state in type(machine.initial) if state not in {s for s, _ in machine.edges}
    }


def test_a_refund_in_full_ends_a_request_whatever_was_done() -> None:
    states, reverse = CivilServiceRequestStatus, RequestEvent.REVERSE
    assert REQUEST.next(states.PAID, reverse) is states.CANCELLED
    assert REQUEST.next(states.ISSUED, reverse) is states.REVOKED
    assert not REQUEST.allows(states.EXPIRED, RequestEvent.SETTLE)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("For \u202ethe\u202c bank", "For the bank"),
        (" \u200f للبنك\u2066 ", "للبنك"),
        ("a\x07b\x00c\nd", "abc d"),
        ("می\u200cروم", "می\u200cروم"),
    ],
)
def test_what_is_printed_holds_nothing_that_is_not_seen(typed: str, kept: str) -> None:
    assert papers.bounded_text(typed, range(3, 100)) == kept
