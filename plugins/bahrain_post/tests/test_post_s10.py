"""Tracking numbers: what S10 finds, and exactly what it cannot find."""

from __future__ import annotations

import itertools

import pytest
from bawaba_bahrain_post.rules import s10
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
serials = st.text("0123456789", min_size=8, max_size=8)
# The example that texts about the standard give, and two numbers of the demo.
KNOWN = ["RR473124829GB", "EE908172641AE", "RR473124829SG"]


def number(serial: str, digit: str) -> str:
    return f"RR{serial}{digit}BH"


@pytest.mark.parametrize("label", KNOWN)
def test_known_numbers_pass(label: str) -> None:
    assert s10.flaw(label) is None
    assert s10.made(label[:2], label[2:10], label[-2:]) == label


def test_the_digits_of_ten_and_eleven() -> None:
    written = {}
    for serial in ("00000000", "10000000", "00000001", "12345678", "00010000", "00100000"):
        written[s10.remainder(serial)] = s10.check_digit(serial)
    assert written[0] == "5"
    ones = {s10.remainder(f"{n:08d}"): s10.check_digit(f"{n:08d}") for n in range(2_000)}
    assert ones == {0: "5", 1: "0", **{r: str(11 - r) for r in range(2, 11)}}
    assert [r for r, digit in ones.items() if digit == "5"] == sorted(s10.TWINS)


@CALM
@given(serials, st.integers(1, 9))
def test_every_wrong_check_digit_is_found(serial: str, add: int) -> None:
    right = s10.check_digit(serial)
    wrong = str((int(right) + add) % 10)
    assert s10.flaw(number(serial, right)) is None
    assert s10.flaw(number(serial, wrong)) is s10.Flaw.CHECK_DIGIT


def unseen(one: str, other: str) -> bool:
    """Whether the standard cannot tell two serials apart: they leave the two twin remainders."""
    return {s10.remainder(one), s10.remainder(other)} == s10.TWINS


@CALM
@given(serials)
def test_one_wrong_digit_is_found_but_between_the_twins(serial: str) -> None:
    digit = s10.check_digit(serial)
    for place, other in itertools.product(range(8), "0123456789"):
        if serial[place] != other:
            typed = serial[:place] + other + serial[place + 1 :]
            passes = s10.flaw(number(typed, digit)) is None
            assert passes == unseen(serial, typed), (serial, typed)


@CALM
@given(serials)
def test_two_digits_changed_round_are_found_but_between_the_twins(serial: str) -> None:
    digit = s10.check_digit(serial)
    for a, b in itertools.combinations(range(8), 2):
        swapped = list(serial)
        swapped[a], swapped[b] = swapped[b], swapped[a]
        typed = "".join(swapped)
        if typed != serial:
            passes = s10.flaw(number(typed, digit)) is None
            assert passes == unseen(serial, typed), (serial, typed)


def test_the_twins_are_a_real_gap() -> None:
    """The law above would hold of nothing if there were no such pair."""
    assert s10.remainder("00000000") == 0
    blind = [f"{n:08d}" for n in range(10) if s10.remainder(f"{n:08d}") == 6]
    assert blind == ["00000004"]
    assert s10.flaw(number("00000004", s10.check_digit("00000000"))) is None


@CALM
@given(serials, st.sampled_from(["{}", " {} ", "{0}"]), st.booleans())
def test_spaces_hyphens_and_small_letters_do_not_matter(
    serial: str, frame: str, small: bool
) -> None:
    label = s10.made("CP", serial, "GB")
    typed = frame.format(f"{label[:2]} {label[2:6]}-{label[6:11]}\t{label[11:]}")
    assert s10.normalised(typed.lower() if small else typed) == label


@pytest.mark.parametrize(
    ("typed", "flaw"),
    [
        ("", s10.Flaw.FORM),
        ("RR47312482GB", s10.Flaw.FORM),
        ("RR4731248290GB", s10.Flaw.FORM),
        ("R1473124829GB", s10.Flaw.FORM),
        ("RR٤٧٣١٢٤٨٢٩GB", s10.Flaw.FORM),
        ("XX473124829GB", s10.Flaw.SERVICE),
        ("RR473124829ZZ", s10.Flaw.COUNTRY),
        ("RR473124829UK", s10.Flaw.COUNTRY),
        ("RR473124820GB", s10.Flaw.CHECK_DIGIT),
        ("RR473124829GB" * 1000, s10.Flaw.FORM),
    ],
)
def test_what_is_refused(typed: str, flaw: s10.Flaw) -> None:
    assert s10.flaw(s10.normalised(typed)) is flaw
    assert flaw.value.en
    assert flaw.value.ar


@CALM
@given(st.text(max_size=60))
def test_anything_typed_is_answered(typed: str) -> None:
    number_ = s10.normalised(typed)
    if s10.flaw(number_) is None:
        assert s10.made(number_[:2], number_[2:10], number_[11:]) == number_


def test_a_serial_is_eight_digits() -> None:
    with pytest.raises(ValueError, match="eight digits"):
        s10.check_digit("1234567")


def test_countries_are_those_of_the_standard() -> None:
    assert len(s10.COUNTRIES) == 249
    assert {"BH", "SA", "AE", "GB", "US"} <= s10.COUNTRIES
