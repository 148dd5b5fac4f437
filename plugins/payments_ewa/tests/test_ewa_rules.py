"""Prices, apportionment, dunning days, parts and fixed billing: the laws alone."""

from __future__ import annotations

import dataclasses
import datetime as dt
import tomllib
from collections.abc import Callable
from importlib.resources import files
from itertools import pairwise
from typing import Any

import pytest
from bawaba.calendar import Calendar
from bawaba.domain import IllegalTransition
from bawaba.text import Language, Text
from bawaba_payments_ewa.domain import (
    BILL,
    BillState,
    DunningEvent,
    EwaDunningStatus,
    EwaLineKind,
    EwaPlanKind,
    EwaTariffClass,
    Fee,
    Line,
    Open,
    PartRule,
    PlanRule,
    Reading,
)
from bawaba_payments_ewa.refusals import REFUSALS
from bawaba_payments_ewa.rules import apportion, data, dunning, plans, pricing, terms
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

TEXT = files("bawaba_payments_ewa").joinpath("tariffs.toml").read_text("utf-8")
SHIPPED = data.read_rules(tomllib.loads(TEXT))
WHO = st.sampled_from(["SUBSIDISED", "DOMESTIC", "COMMERCIAL"])
DAYS = st.integers(0, 3_900).map(lambda days: dt.date(2019, 3, 1) + dt.timedelta(days=days))
UNITS = st.integers(0, 20_000)
DAY = dt.timedelta(days=1)


def reading(first: dt.date, days: int = 30, kwh: int = 0, m3: int = 0, **more: Any) -> Reading:
    last = first + dt.timedelta(days=days - 1)
    return Reading("B-1", last + DAY, last + 22 * DAY, first, last, kwh, m3, **more)


def total(lines: list[Line], *kinds: EwaLineKind) -> int:
    return sum(line.fils for line in lines if not kinds or line.kind in kinds)


@pytest.mark.parametrize(
    ("who", "day", "kwh", "fils"),
    [
        ("SUBSIDISED", dt.date(2024, 5, 1), 3000, 9_000),
        ("SUBSIDISED", dt.date(2024, 5, 1), 3001, 9_009),
        ("SUBSIDISED", dt.date(2024, 5, 1), 6000, 9_000 + 18_000 + 16_000),
        ("SUBSIDISED", dt.date(2026, 5, 1), 7001, 9_000 + 18_000 + 32_000 + 32),
        ("DOMESTIC", dt.date(2024, 5, 1), 100, 2_900),
        ("COMMERCIAL", dt.date(2026, 5, 1), 100, 3_200),
    ],
)
def test_electricity_is_priced_by_tiers(who: str, day: dt.date, kwh: int, fils: int) -> None:
    lines = pricing.price(SHIPPED, who, reading(day, kwh=kwh))
    assert total(lines, EwaLineKind.ELECTRICITY) == fils


@pytest.mark.parametrize(
    ("who", "m3", "fils"), [("SUBSIDISED", 120, 1_500 + 3_200 + 4_000), ("DOMESTIC", 10, 7_750)]
)
def test_water_is_priced_by_tiers(who: str, m3: int, fils: int) -> None:
    lines = pricing.price(SHIPPED, who, reading(dt.date(2026, 5, 1), m3=m3))
    assert total(lines, EwaLineKind.WATER) == fils


def test_a_whole_bill_adds_fees_tax_and_what_is_collected_for_the_municipality() -> None:
    fee = Fee(EwaLineKind.MUNICIPAL_FEE, Text("Municipal fee", "رسوم البلدية"), 25_000)
    lines = pricing.price(
        SHIPPED, "DOMESTIC", reading(dt.date(2026, 5, 1), kwh=1000, m3=20, fees=[fee])
    )
    assert [(line.kind.value, line.fils) for line in lines] == [
        ("ELECTRICITY", 32_000),
        ("WATER", 15_500),
        ("SERVICE_FEE", 2_000),
        ("SEWERAGE_FEE", 3_100),
        ("VAT", 5_260),
        ("MUNICIPAL_FEE", 25_000),
    ]
    assert (lines[0].quantity, lines[0].unit, lines[1].unit) == (1000, "kWh", "m³")


def test_the_state_bears_the_tax_of_a_subsidised_home() -> None:
    lines = pricing.price(SHIPPED, "SUBSIDISED", reading(dt.date(2026, 5, 1), kwh=5_000))
    assert total(lines, EwaLineKind.VAT) == 0


def test_a_period_over_a_change_of_tariff_is_split_by_days() -> None:
    """20 days of December at 29 fils, 10 of January at 32."""
    lines = pricing.price(SHIPPED, "DOMESTIC", reading(dt.date(2025, 12, 12), kwh=300, m3=30))
    power = [line for line in lines if line.kind is EwaLineKind.ELECTRICITY]
    assert [(line.quantity, line.fils) for line in power] == [(200, 5_800), (100, 3_200)]
    assert "20 of 30 days" in power[0].explanation.en
    assert "2026-01-01" in power[1].explanation.en
    assert total(lines, EwaLineKind.WATER) == 20 * 750 + 10 * 775
    assert total(lines, EwaLineKind.SEWERAGE_FEE) == 1_517, "10 of 30 days of the water, a fifth"
    assert total(lines, EwaLineKind.SERVICE_FEE) == 2_000


def test_the_limits_of_tiers_are_split_too() -> None:
    lines = pricing.price(SHIPPED, "SUBSIDISED", reading(dt.date(2025, 12, 17), kwh=9_000))
    power = [line for line in lines if line.kind is EwaLineKind.ELECTRICITY]
    assert [line.quantity for line in power] == [1500, 1000, 2000, 1500, 1000, 1000, 1000]


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(WHO, DAYS, st.integers(1, 70), UNITS, st.integers(0, 500))
def test_lines_hold_all_units_and_are_never_negative(
    who: str, first: dt.date, days: int, kwh: int, m3: int
) -> None:
    lines = pricing.price(SHIPPED, who, reading(first, days, kwh, m3))
    for kind, units in [(EwaLineKind.ELECTRICITY, kwh), (EwaLineKind.WATER, m3)]:
        assert sum(line.quantity or 0 for line in lines if line.kind is kind) == units
    assert all(line.fils > 0 for line in lines if line.kind is not EwaLineKind.VAT)
    taxed = total(lines) - total(lines, EwaLineKind.VAT)
    assert 0 <= total(lines, EwaLineKind.VAT) <= taxed // 10 + 2
    for line in lines:
        for language in Language:
            for words in (line.description, line.explanation):
                assert words.in_(language)
                assert "{" not in words.in_(language)


@given(WHO, UNITS, st.integers(1, 500))
def test_using_more_never_costs_less(who: str, kwh: int, more: int) -> None:
    first = dt.date(2026, 3, 1)
    less = total(pricing.price(SHIPPED, who, reading(first, kwh=kwh)))
    assert total(pricing.price(SHIPPED, who, reading(first, kwh=kwh + more))) >= less


@given(WHO, UNITS, st.integers(1, 29))
def test_a_change_costs_between_the_old_and_the_new_tariff(who: str, kwh: int, days: int) -> None:
    change = dt.date(2026, 1, 1)
    over, before, after = (
        total(pricing.price(SHIPPED, who, reading(first, kwh=kwh)), EwaLineKind.ELECTRICITY)
        for first in (change - days * DAY, change - 40 * DAY, change)
    )
    # A limit that is not whole is rounded down, twice at most: a few units change their tier.
    assert min(before, after) - 100 <= over <= max(before, after) + 100


def test_a_day_without_a_tariff_has_no_price() -> None:
    with pytest.raises(LookupError, match="tariff"):
        pricing.price(SHIPPED, "DOMESTIC", reading(dt.date(2019, 2, 20), kwh=1))


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("remind_day = 30", "remind_day = 46", "out of order"),
        ('stops = "OVERDUE"', 'stops = "SOME"', "OVERDUE or ALL"),
        ("gap_days = 7", "gap_days = 0", "a day"),
        ("{ upto = 5000, rate = 9 }", "{ upto = 2000, rate = 9 }", "out of order"),
        ("{ rate = 16 }", "{ upto = 9000, rate = 16 }", "no limit"),
        ("least_fils = 5000", "least_fils = 0", "negative"),
        ("months = 12", "months = 0", "below one"),
        ("since = 2022-01-01", "since = 2019-01-01", "two entries of VAT"),
    ],
)
def test_nonsensical_rules_are_refused(old: str, new: str, complaint: str) -> None:
    assert old in TEXT
    with pytest.raises(ValueError, match=complaint):
        data.read_rules(tomllib.loads(TEXT.replace(old, new)))


def test_every_figure_names_its_source() -> None:
    every = [*SHIPPED.scales, *SHIPPED.charges, *SHIPPED.vat, *SHIPPED.dunning, *SHIPPED.parts]
    assert all(entry.source for entry in [*every, *SHIPPED.plans])


def test_only_a_home_is_subsidised() -> None:
    assert data.who(EwaTariffClass.COMMERCIAL, subsidised=True) == "COMMERCIAL"
    assert data.who(EwaTariffClass.DOMESTIC, subsidised=True) == "SUBSIDISED"


# ── Apportionment ──

CHARGES = st.lists(st.integers(0, 50_000), max_size=8).map(
    lambda sizes: [
        Open(f"b{n}", fils, dt.date(2026, 1, 1) + n * DAY, dt.date(2026, 2, 1) + n * DAY)
        for n, fils in enumerate(sizes)
    ]
)


@given(st.integers(0, 500_000), CHARGES, st.randoms(use_true_random=False))
def test_money_goes_to_the_oldest_charges_exactly(fils: int, charges: Any, chance: Any) -> None:
    mixed = list(charges)
    chance.shuffle(mixed)
    shares = apportion.apportion(fils, mixed)
    assert sum(share.fils for share in shares) == fils
    assert all(share.fils > 0 for share in shares)
    got = {share.bill_id: share.fils for share in shares}
    assert len(got) == len(shares)
    for older, newer in pairwise(charges):
        assert not got.get(newer.bill_id) or got.get(older.bill_id, 0) == older.fils
    assert all(got.get(charge.bill_id, 0) <= charge.fils for charge in charges)
    if None in got:
        assert all(got.get(charge.bill_id, 0) == charge.fils for charge in charges)


@given(st.lists(st.integers(0, 50_000), max_size=8), st.data())
def test_giving_back_begins_with_the_newest_part(applied: list[int], draw: Any) -> None:
    fils = draw.draw(st.integers(0, sum(applied)))
    taken = apportion.take_back(fils, applied)
    assert sum(taken) == fils
    assert all(0 <= back <= part for back, part in zip(taken, applied, strict=True))
    for index in range(len(taken) - 1):
        assert not taken[index] or taken[index + 1 :] == applied[index + 1 :]


def test_more_than_was_applied_is_not_given_back() -> None:
    with pytest.raises(ValueError, match="more"):
        apportion.take_back(6, [2, 3])


@given(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9), st.integers(0, 9))
def test_every_change_of_money_is_an_edge(charge: int, total_: int, one: int, two: int) -> None:
    for states in (
        [apportion.state_of(charge, min(paid, charge)) for paid in (one, two)],
        [apportion.state_of_current(total_, total_ - paid) for paid in (one, two)],
        [apportion.state_of_current(total_, one), apportion.state_of(charge, min(two, charge))],
    ):
        before, after = states
        event = apportion.event_to(before, after)
        assert after is (before if event is None else BILL.next(before, event))


def test_a_withdrawn_bill_stays_withdrawn() -> None:
    for trigger in {trigger for _, trigger in BILL.edges}:
        with pytest.raises(IllegalTransition):
            BILL.next(BillState.CANCELLED, trigger)


# ── Dunning ──

RULE = SHIPPED.dunning[0]
SINCE = dt.date(2026, 1, 10)


def test_the_calendar_ends_on_day_53() -> None:
    state, stepped, days = EwaDunningStatus.BILLED, SINCE, []
    while found := dunning.next_step(state, SINCE, stepped, stepped, RULE, Calendar()):
        event, day = found
        days.append((event, (day - SINCE).days))
        state = {
            DunningEvent.REMIND: EwaDunningStatus.REMINDED,
            DunningEvent.WARN: EwaDunningStatus.FINAL_NOTICE,
            DunningEvent.FALL_DUE: EwaDunningStatus.DISCONNECTION_DUE,
        }[event]
        stepped = day
    assert days == [(DunningEvent.REMIND, 30), (DunningEvent.WARN, 45), (DunningEvent.FALL_DUE, 53)]


@given(late=st.integers(0, 400), since=st.integers(0, 60), off=st.sets(st.integers(0, 400)))
def test_the_order_keeps_the_gap_and_waits_for_a_working_day(
    late: int, since: int, off: set[int]
) -> None:
    warned = SINCE + late * DAY
    today, days = warned + since * DAY, Calendar({SINCE + n * DAY: True for n in off})
    final = EwaDunningStatus.FINAL_NOTICE
    found = dunning.next_step(final, SINCE, warned, today, RULE, days)
    assert found is not None
    earliest = max(SINCE + 53 * DAY, warned + RULE.gap_days * DAY, today)
    assert found[1] == days.first_working(earliest)


@pytest.mark.parametrize(
    ("now", "cut"),
    [
        ("2026-05-12 06:59", "2026-05-12 07:00"),  # a Tuesday
        ("2026-05-12 07:00", "2026-05-12 07:00"),
        ("2026-05-12 11:59", "2026-05-12 11:59"),
        ("2026-05-12 12:00", "2026-05-13 07:00"),
        ("2026-05-14 12:00", "2026-05-17 07:00"),  # Thursday noon: the weekend begins
        ("2026-05-15 09:00", "2026-05-17 07:00"),
        ("2026-12-15 13:00", "2026-12-20 07:00"),  # the National Day, its eve and a weekend
    ],
)
def test_no_supply_is_cut_on_a_day_off_or_too_late_to_connect_it_again(now: str, cut: str) -> None:
    found = dunning.cut_from(dt.datetime.fromisoformat(now), RULE, Calendar())
    assert found == dt.datetime.fromisoformat(cut)


def charge(age: int, fils: int, today: dt.date) -> Open:
    issued = today - age * DAY
    return Open(f"b{age}", fils, issued, issued + 21 * DAY)


@pytest.mark.parametrize(
    ("left", "stops", "stopped"),
    [
        ([], "OVERDUE", True),
        ([(10, 5)], "OVERDUE", True),  # what is not overdue does not hold it
        ([(10, 5)], "ALL", False),
        ([(50, 1)], "OVERDUE", False),  # a fils of the bill that began it
        ([(22, 1)], "OVERDUE", False),  # another bill is overdue
        ([(21, 1)], "OVERDUE", True),  # its last day is today
    ],
)
def test_what_stops_a_round(left: Any, stops: str, stopped: bool) -> None:
    today = dt.date(2026, 6, 1)
    rule = dataclasses.replace(RULE, stops=stops)
    charges = [charge(age, fils, today) for age, fils in left]
    assert dunning.is_stopped(charges, today - 50 * DAY, today, rule) is stopped


# ── Parts, advances, fixed billing ──

PART = PartRule(frozenset(), SINCE, 5_000, 3, 100_000, "test")


@given(st.integers(-300_000, 300_000), st.integers(0, 80_000), st.integers(0, 4))
def test_what_can_be_paid_is_in_order(balance: int, average: int, months: int) -> None:
    rule = dataclasses.replace(PART, advance_months=months)
    found = terms.terms(balance, average, rule)
    due, room = max(balance, 0), min(months * average, 100_000) - max(-balance, 0)
    if due == 0 and room <= 0:
        assert found == terms.Terms(None, None)
        return
    most = due if found.most is None else found.most
    assert found.least is not None
    assert 0 < found.least <= most
    assert found.least <= 5_000
    assert most == due + max(room, 0)
    assert found.least <= due or due == 0


def test_without_a_rule_only_the_whole_can_be_paid() -> None:
    assert terms.terms(700, 500, None) == terms.Terms(700, None)
    assert terms.terms(-700, 500, None) == terms.Terms(None, None)


PLAN = PlanRule(SINCE, 12, 6, 100, "test")
METERED = st.lists(st.integers(0, 90_000), min_size=12, max_size=12)


def month(fils: int) -> list[Line]:
    return [Line(EwaLineKind.ELECTRICITY, Text("x", "x"), fils, Text("x", "x"))]


def run(plan: plans.Plan, metered: list[int], bill: Callable[..., Any] = plans.bill) -> Any:
    charged = []
    for fils in metered:
        lines, plan = bill(plan, month(fils), PLAN)
        charged.append(lines)
    return charged, plan


@given(METERED, st.integers(1, 90_000))
def test_twelve_instalments_and_the_true_up_are_the_metered_charges(
    metered: list[int], instalment: int
) -> None:
    charged, after = run(plans.Plan(EwaPlanKind.FIXED, instalment), metered)
    instalments = [lines[0].fils for lines in charged]
    assert instalments == [instalment] * 12, "equal"
    assert [len(lines) for lines in charged] == [1] * 11 + [2]
    assert charged[-1][1].kind is EwaLineKind.TRUE_UP
    assert sum(line.fils for lines in charged for line in lines) == sum(metered)
    assert (after.kind, after.months, after.metered, after.charged) == (EwaPlanKind.FIXED, 0, 0, 0)
    assert 0 <= after.instalment * 12 - sum(metered) < 12 * 100, "the next year's, from this one's"


@given(METERED, st.integers(1, 90_000), st.integers(0, 11))
def test_leaving_settles_what_the_months_so_far_came_to(
    metered: list[int], instalment: int, months: int
) -> None:
    charged, plan = run(plans.Plan(EwaPlanKind.FIXED, instalment), metered[:months])
    leaving = dataclasses.replace(plan, kind=EwaPlanKind.LEAVING)
    last, ended = plans.bill(leaving, month(metered[11]), PLAN)
    billed = sum(line.fils for lines in [*charged, last] for line in lines)
    assert billed == sum(metered[:months]) + metered[11]
    assert ended == plans.Plan()


@given(st.lists(st.integers(0, 90_000), min_size=1, max_size=12))
def test_an_instalment_is_the_average_rounded_up(metered: list[int]) -> None:
    found = plans.instalment(metered, PLAN)
    assert found % 100 == 0
    assert 0 <= found * len(metered) - sum(metered) < len(metered) * 100


def test_every_refusal_is_ours_by_its_code() -> None:
    codes = [refusal.code for refusal in REFUSALS]
    assert len(set(codes)) == len(codes)
    assert all(code.startswith("EWA_") for code in codes)
