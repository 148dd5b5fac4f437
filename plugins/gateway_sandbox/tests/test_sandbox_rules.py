"""The checkout machine, refunds, languages and return addresses."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from bawaba.domain import IllegalTransition
from bawaba.text import Language
from bawaba_gateway_sandbox import rules
from bawaba_gateway_sandbox.domain import (
    CHECKOUT,
    OUTCOME_OF,
    REPORTED,
    CheckoutState,
    CheckoutTrigger,
    Outcome,
)
from hypothesis import given
from hypothesis import strategies as st

AT = dt.datetime(2026, 3, 1, 9, 0, tzinfo=dt.UTC)
S, T = CheckoutState, CheckoutTrigger
TABLE = {
    (S.OPEN, T.APPROVE): S.APPROVED,
    (S.OPEN, T.DECLINE): S.DECLINED,
    (S.OPEN, T.ABANDON): S.ABANDONED,
    (S.OPEN, T.CANCEL): S.CANCELLED,
    (S.OPEN, T.EXPIRE): S.EXPIRED,
    (S.ABANDONED, T.CAPTURE_LATE): S.APPROVED,
    (S.CANCELLED, T.CAPTURE_LATE): S.APPROVED,
    (S.EXPIRED, T.CAPTURE_LATE): S.APPROVED,
}


@pytest.mark.parametrize("state", S)
@pytest.mark.parametrize("trigger", T)
def test_each_edge_is_the_one_on_the_page_and_no_other(
    state: CheckoutState, trigger: CheckoutTrigger
) -> None:
    if (state, trigger) in TABLE:
        assert CHECKOUT.next(state, trigger) is TABLE[state, trigger]
    else:
        with pytest.raises(IllegalTransition):
            CHECKOUT.next(state, trigger)


def test_the_readme_shows_the_machine() -> None:
    readme = Path(__file__).parents[1] / "README.md"
    assert CHECKOUT.diagram() in readme.read_text(encoding="utf-8")


def test_each_choice_is_reported_and_silence_is_kept_otherwise() -> None:
    assert set(REPORTED) == set(OUTCOME_OF) == {S.APPROVED, S.DECLINED, S.ABANDONED}
    assert [outcome.value for outcome in Outcome] == ["approve", "decline", "abandon"]


@given(st.sampled_from(S), st.timedeltas(dt.timedelta(-9), dt.timedelta(9)))
def test_only_an_open_checkout_expires_and_only_when_its_time_has_come(
    state: CheckoutState, ago: dt.timedelta
) -> None:
    later = rules.after_expiry(state, AT, AT + ago)
    expires = state is S.OPEN and ago >= dt.timedelta()
    assert later is (S.EXPIRED if expires else state)


@given(
    st.none() | st.sampled_from(S),
    st.integers(0, 10**6),
    st.integers(1, 10**6),
    st.text(max_size=9),
)
def test_a_refund_needs_money_that_was_taken(
    state: CheckoutState | None, left: int, fils: int, reason: str
) -> None:
    verdict = rules.refund_verdict(state, left, fils, reason)
    if verdict.succeeds:
        assert state is S.APPROVED
        assert fils <= left
    else:
        assert state is not S.APPROVED or fils > left or "fail" in reason.lower()


@pytest.mark.parametrize(
    ("reason", "succeeds"),
    [("fail", False), ("please FAIL.", False), ("failure of a scanner", True), ("", True)],
)
def test_a_reason_that_says_fail_fails(reason: str, succeeds: bool) -> None:
    assert rules.refund_verdict(S.APPROVED, 100, 100, reason).succeeds is succeeds


@pytest.mark.parametrize(
    ("chosen", "accepted", "language"),
    [
        (None, "", Language.AR),
        (None, "en-GB,en;q=0.9,ar;q=0.8", Language.EN),
        (None, "ar-BH;q=0.5, en;q=0.4", Language.AR),
        (None, "fr, en;q=0.1", Language.EN),
        (None, "en;q=0, ar;q=0.001", Language.AR),
        (None, "en;q=nonsense", Language.AR),
        (None, ";;,,q=1;", Language.AR),
        ("en", "ar", Language.EN),
        ("ar", "en", Language.AR),
        ("klingon", "en", Language.EN),
    ],
)
def test_the_language(chosen: str | None, accepted: str, language: Language) -> None:
    assert rules.language_of(chosen, accepted) is language


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://portal.bh/done", "https://portal.bh/done?payment=UA&outcome=approve"),
        ("https://portal.bh?a=%20b#top", "https://portal.bh?a=%20b&payment=UA&outcome=approve#top"),
        ("http://[::1]:8080/", "http://[::1]:8080/?payment=UA&outcome=approve"),
        ("javascript:alert(1)", None),
        ("//evil.test/", None),
        ("/relative", None),
        ("https://a.test;script-src *", None),
        ("https://user:word@a.test/", None),
        ("https://[", None),
        ("", None),
        (None, None),
    ],
)
def test_the_return_address(url: str | None, expected: str | None) -> None:
    assert rules.return_address(url, "UA", "approve") == expected
