"""Prices at their boundaries, and what a late register may not undo."""

from __future__ import annotations

import datetime as dt
import tomllib
from importlib.resources import files
from zoneinfo import ZoneInfo

import pytest
from bawaba.domain import IllegalTransition
from bawaba.money import format_fils
from bawaba.text import Language, Text
from bawaba_payments_traffic import rules
from bawaba_payments_traffic.domain import (
    FINE,
    REFUSALS,
    BadLength,
    FineCancelled,
    FineEvent,
    FineRecord,
    FineStatus,
    NotYourFine,
    ObjectionDecided,
    OwnFine,
    Phase,
    Price,
    TrafficObjectionStatus,
)
from hypothesis import given
from hypothesis import strategies as st

BAHRAIN = ZoneInfo("Asia/Bahrain")
SANTIAGO = ZoneInfo("America/Santiago")
SHIPPED = rules.read_tariffs(
    tomllib.loads(files("bawaba_payments_traffic").joinpath("tariffs.toml").read_text("utf-8"))
)
MOMENT = dt.timedelta(microseconds=1)
OFFERS = st.integers(0, 23 * 366 * 24 * 60).map(
    lambda minutes: dt.datetime(2016, 1, 1, tzinfo=dt.UTC) + dt.timedelta(minutes=minutes)
)
ZONES = st.sampled_from([BAHRAIN, SANTIAGO, ZoneInfo("UTC"), ZoneInfo("Pacific/Auckland")])


def priced(
    at: dt.datetime,
    offered: dt.datetime,
    violation: str = "SPEEDING",
    zone: ZoneInfo = BAHRAIN,
    referred_on: dt.date | None = None,
    data: rules.Tariffs = SHIPPED,
) -> Price:
    return rules.price(
        data,
        violation,
        occurred_at=offered,
        offered_at=offered,
        referred_on=referred_on,
        at=at,
        zone=zone,
    )


def after(offered: dt.datetime, days: int, zone: ZoneInfo) -> dt.datetime:
    """The local midnight with which the day ``days`` after the offer ends."""
    return rules.local_midnight(offered.astimezone(zone).date() + dt.timedelta(days=days + 1), zone)


@given(OFFERS, ZONES)
def test_each_price_ends_at_a_local_midnight_and_not_a_moment_sooner(
    offered: dt.datetime, zone: ZoneInfo
) -> None:
    steps = [
        (7, Phase.DISCOUNTED, 25_000, Phase.FULL, 50_000),
        (30, Phase.FULL, 50_000, Phase.LATE, 75_000),
        (90, Phase.LATE, 75_000, Phase.REFERRED, 0),
    ]
    for days, before, fils_before, then, fils_then in steps:
        end = after(offered, days, zone)
        last, first = priced(end - MOMENT, offered, zone=zone), priced(end, offered, zone=zone)
        assert (last.phase, last.due_fils) == (before, fils_before)
        assert (first.phase, first.due_fils) == (then, fils_then)
    assert priced(offered, offered, zone=zone).discount_ends_at == after(offered, 7, zone)


@given(OFFERS, st.lists(st.integers(0, 200 * 24), min_size=2, max_size=8), ZONES)
def test_waiting_never_makes_a_fine_cheaper_while_it_can_be_settled(
    offered: dt.datetime, hours: list[int], zone: ZoneInfo
) -> None:
    prices = [priced(offered + dt.timedelta(hours=h), offered, zone=zone) for h in sorted(hours)]
    payable = [price.due_fils for price in prices if price.not_payable is None]
    assert payable == sorted(payable)
    reasons = [price.not_payable is not None for price in prices]
    assert reasons == sorted(reasons), "once it cannot be settled it never can again"


@given(
    OFFERS,
    st.integers(0, 120 * 24),
    st.sampled_from(sorted({t.violation for t in SHIPPED.tariffs})),
)
def test_every_price_explains_itself_in_both_languages(
    offered: dt.datetime, hours: int, violation: str
) -> None:
    price = priced(offered + dt.timedelta(hours=hours), offered, violation)
    for language in Language:
        sentence = price.explanation.in_(language)
        assert sentence
        assert "{" not in sentence
        if price.phase in {Phase.FULL, Phase.LATE}:
            assert format_fils(price.due_fils) in sentence
    assert (price.due_fils == 0) is (price.not_payable is not None)


@given(st.integers(1, 10**9), st.integers(1, 5), st.integers(0, 5))
def test_a_discounted_share_is_rounded_down_to_whole_fils(
    minimum: int, numerator: int, more: int
) -> None:
    denominator = numerator + more
    data = tariffs(
        minimum=minimum, late=minimum, maximum=minimum, numerator=numerator, denominator=denominator
    )
    offered = dt.datetime(2026, 5, 1, 9, tzinfo=dt.UTC)
    due = priced(offered, offered, data=data).due_fils
    assert 0 <= minimum * numerator - due * denominator < denominator


def tariffs(**changed: object) -> rules.Tariffs:
    terms = {
        "since": dt.date(2015, 1, 1),
        "discount_days": 7,
        "numerator": 1,
        "denominator": 2,
        "full_days": 30,
        "prosecution_days": 90,
        "source": "test",
    }
    tariff = {
        "violation": "SPEEDING",
        "en": "x",
        "ar": "x",
        "since": dt.date(2015, 1, 1),
        "minimum": 50_000,
        "late": 75_000,
        "maximum": 500_000,
        "source": "test",
    }
    terms |= {k: v for k, v in changed.items() if k in terms}
    tariff |= {k: v for k, v in changed.items() if k in tariff and k not in terms}
    return rules.read_tariffs({"terms": [terms], "tariff": [tariff]})


def test_amounts_follow_the_day_of_the_offence_and_periods_the_day_of_the_offer() -> None:
    old = {
        "since": dt.date(2015, 1, 1),
        "until": dt.date(2025, 12, 31),
        "discount_days": 7,
        "numerator": 1,
        "denominator": 2,
        "full_days": 30,
        "prosecution_days": 90,
        "source": "old",
    }
    new = old | {"since": dt.date(2026, 1, 1), "until": None, "discount_days": 14, "source": "new"}
    data = rules.Tariffs(
        SHIPPED.tariffs, rules.read_tariffs({"terms": [old, new], "tariff": []}).terms
    )
    committed = dt.datetime(2020, 12, 31, 20, 59, tzinfo=dt.UTC)  # 23:59 in Bahrain
    for offered, discounted_days in [
        (dt.datetime(2025, 12, 31, 20, 59, tzinfo=dt.UTC), 7),
        (dt.datetime(2025, 12, 31, 21, 0, tzinfo=dt.UTC), 14),
    ]:
        price = rules.price(
            data,
            "SEAT_BELT",
            occurred_at=committed,
            offered_at=offered,
            referred_on=None,
            at=offered,
            zone=BAHRAIN,
        )
        assert price.fils == 15_000
        assert price.discount_ends_at == after(offered, discounted_days, BAHRAIN)
    later = rules.price(
        data,
        "SEAT_BELT",
        occurred_at=committed + dt.timedelta(minutes=1),
        offered_at=offered,
        referred_on=None,
        at=offered,
        zone=BAHRAIN,
    )
    assert later.fils == 20_000


def test_an_early_referral_ends_settling_before_its_day() -> None:
    offered = dt.datetime(2026, 5, 1, 9, tzinfo=dt.UTC)
    referred = dt.date(2026, 5, 4)
    end = rules.local_midnight(referred, BAHRAIN)
    assert priced(end - MOMENT, offered, referred_on=referred).phase is Phase.DISCOUNTED
    assert priced(end, offered, referred_on=referred).phase is Phase.REFERRED


@pytest.mark.parametrize("violation", ["DRUNK_DRIVING", "UNKNOWN_TO_THE_TARIFF"])
def test_what_cannot_be_settled_costs_nothing_here_and_says_why(violation: str) -> None:
    offered = dt.datetime(2026, 5, 1, 9, tzinfo=dt.UTC)
    price = priced(offered, offered, violation)
    assert (price.phase, price.due_fils) == (Phase.NOT_SETTLEABLE, 0)
    assert price.not_payable is not None


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"late": 49_999}, "out of order"),
        ({"maximum": 60_000}, "out of order"),
        ({"full_days": 6}, "out of order"),
        ({"prosecution_days": 29}, "out of order"),
        ({"numerator": 3}, "share"),
    ],
)
def test_a_nonsensical_tariffs_file_is_refused(changed: dict[str, object], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        tariffs(**changed)


def test_two_tariffs_of_one_day_are_refused() -> None:
    text = files("bawaba_payments_traffic").joinpath("tariffs.toml").read_text("utf-8")
    with pytest.raises(ValueError, match="in force on 2021-01-01"):
        rules.read_tariffs(tomllib.loads(text.replace("until = 2020-12-31", "until = 2021-01-01")))


def record(status: FineStatus, receipt: str | None = None) -> FineRecord:
    at = dt.datetime(2026, 5, 1, tzinfo=dt.UTC)
    return FineRecord(
        reference="TF-1",
        violation="PHONE",
        plate_number="1",
        plate_category="PRIVATE",
        location=Text("x", "x"),
        occurred_at=at,
        offered_at=at,
        debtor_national_id="1",
        owner_national_id="1",
        status=status,
        receipt=receipt,
    )


@given(
    st.sampled_from(FineStatus), st.sampled_from(FineStatus), st.sampled_from([None, "R-1", "R-2"])
)
def test_the_register_changes_nothing_that_was_settled_here_or_cancelled(
    ours: FineStatus, told: FineStatus, receipt: str | None
) -> None:
    here = rules.status_after_telling(
        ours, record(told, receipt), settled_here=True, reversed_receipt=None
    )
    assert here is ours
    cancelled = rules.status_after_telling(
        FineStatus.CANCELLED, record(told, receipt), settled_here=False, reversed_receipt=None
    )
    assert cancelled is FineStatus.CANCELLED


@pytest.mark.parametrize(
    ("ours", "told", "receipt", "reversed_receipt", "becomes"),
    [
        ("UNPAID", "PAID", "COUNTER-9", None, "PAID"),
        ("UNPAID", "PAID", None, None, "PAID"),
        ("UNPAID", "PAID", "R-1", "R-1", "UNPAID"),  # it has not heard of the reversal
        ("UNPAID", "PAID", "R-2", "R-1", "PAID"),
        ("UNPAID", "CANCELLED", None, None, "CANCELLED"),
        ("UNPAID", "UNPAID", None, None, "UNPAID"),
        ("PAID", "UNPAID", None, None, "UNPAID"),  # paid elsewhere, and given back there
        ("PAID", "CANCELLED", None, None, "CANCELLED"),
    ],
)
def test_what_the_register_may_change(
    ours: str, told: str, receipt: str | None, reversed_receipt: str | None, becomes: str
) -> None:
    after_telling = rules.status_after_telling(
        FineStatus(ours),
        record(FineStatus(told), receipt),
        settled_here=False,
        reversed_receipt=reversed_receipt,
    )
    assert after_telling.value == becomes


def test_a_cancelled_fine_can_never_be_settled() -> None:
    for event in FineEvent:
        with pytest.raises(IllegalTransition):
            FINE.next(FineStatus.CANCELLED, event)


@pytest.mark.parametrize("national_id", [None, "", "880514238"])
def test_only_the_debtor_may_object(national_id: str | None) -> None:
    with pytest.raises(NotYourFine):
        rules.check_objection(status=FineStatus.UNPAID, debtor="880514237", national_id=national_id)


def test_paid_fines_may_be_objected_to_but_cancelled_ones_not() -> None:
    rules.check_objection(status=FineStatus.PAID, debtor="1", national_id="1")
    with pytest.raises(FineCancelled):
        rules.check_objection(status=FineStatus.CANCELLED, debtor="1", national_id="1")


@given(st.sampled_from(TrafficObjectionStatus))
def test_nobody_decides_about_oneself_nor_twice(status: TrafficObjectionStatus) -> None:
    facts = {"debtor": "1", "objector": "p1"}
    for person, national_id in [("p1", "2"), ("p2", "1")]:
        with pytest.raises(OwnFine):
            rules.check_decision(status=status, person=person, national_id=national_id, **facts)
    if status is TrafficObjectionStatus.SUBMITTED:
        rules.check_decision(status=status, person="p2", national_id=None, **facts)
    else:
        with pytest.raises(ObjectionDecided):
            rules.check_decision(status=status, person="p2", national_id=None, **facts)


@pytest.mark.parametrize(("length", "fine"), [(9, False), (10, True), (4000, True), (4001, False)])
def test_texts_have_bounds(length: int, fine: bool) -> None:
    text = "x" * length
    if fine:
        assert rules.text_within_bounds(f"  {text}\n", "grounds") == text
    else:
        with pytest.raises(BadLength) as caught:
            rules.text_within_bounds(text, "grounds")
        assert "4000" in caught.value.message(Language.AR)
        assert caught.value.path == ("grounds",)


def test_every_refusal_is_ours_by_its_code() -> None:
    codes = [refusal.code for refusal in REFUSALS]
    assert len(set(codes)) == len(codes)
    assert all(code.startswith("TRAFFIC_") for code in codes)
