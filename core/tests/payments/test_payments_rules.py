"""The pure laws: the machines, verdicts, references, return addresses, undoing."""

from __future__ import annotations

import datetime as dt

import pytest
from bawaba.domain import IllegalTransition
from bawaba.host.payments import rules
from bawaba.host.payments.domain import (
    OPEN,
    PAYMENT,
    TRIGGERS,
    ItemState,
    PaymentStatus,
    PaymentTrigger,
    PostingsWrongError,
)
from bawaba.host.payments.refusals import ReturnUrlInvalid
from bawaba.host.payments.rules import Effect
from bawaba.ledger import Posting, Side
from bawaba.payments import GatewayEventKind
from hypothesis import given
from hypothesis import strategies as st

AT = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
KINDS = list(TRIGGERS)


@given(st.lists(st.sampled_from(PaymentTrigger)))
def test_only_listed_edges_and_terminal_states_stay(triggers: list[PaymentTrigger]) -> None:
    status = PAYMENT.initial
    for trigger in triggers:
        try:
            after = PAYMENT.next(status, trigger)
        except IllegalTransition:
            continue
        assert status in OPEN
        assert PAYMENT.edges[status, trigger] is after
        status = after


@given(
    st.lists(
        st.tuples(st.sampled_from(KINDS), st.sampled_from([1_000, 900]), st.integers(0, 5)),
        max_size=12,
    ),
    st.integers(0, 12),
)
def test_any_story_of_a_gateway_takes_money_at_most_once(
    story: list[tuple[GatewayEventKind, int, int]], expires_after: int
) -> None:
    """Whatever comes in whatever order: one capture is booked, every other one alarms."""
    status, captured, last = PaymentStatus.PENDING, 0, None
    booked, alarms, captures = [], 0, 0
    for step, (kind, fils, second) in enumerate(story):
        if step == expires_after and status in OPEN:
            status = PAYMENT.next(status, PaymentTrigger.EXPIRE)
        before, at = status, AT + dt.timedelta(seconds=second)
        found = rules.verdict(
            status=status,
            fils=1_000,
            captured_fils=captured,
            last_event_at=last,
            kind=kind,
            event_fils=fils,
            occurred_at=at,
        )
        captures += kind is GatewayEventKind.CAPTURED
        alarms += (
            bool(found.alarm) and kind is GatewayEventKind.CAPTURED and found.effect is Effect.ALARM
        )
        if found.effect in (Effect.ADVANCE, Effect.LATE):
            last = max(last or at, at)
            if kind is GatewayEventKind.CAPTURED:
                booked.append(fils)
                captured = fils
        if found.trigger is not None:
            status = PAYMENT.next(status, found.trigger)
        assert before in OPEN or status is before
    assert len(booked) <= 1
    assert captures == len(booked) + alarms
    if status is PaymentStatus.CAPTURED:
        assert booked == [1_000]


@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=6), st.data())
def test_undoing_in_any_steps_ends_exact_and_never_exceeds(
    posted: list[int], data: st.DataObject
) -> None:
    gone, left = [0] * len(posted), sum(posted)
    while left:
        fils = data.draw(st.integers(max(1, left // 3), left))
        parts = rules.undone(posted, gone, fils)
        assert sum(parts) == fils
        gone = [before + part for before, part in zip(gone, parts, strict=True)]
        assert all(0 <= undone <= whole for undone, whole in zip(gone, posted, strict=True))
        left -= fils
    assert gone == posted


@given(st.text(min_size=1))
def test_a_reference_reveals_a_wrong_character(unique: str) -> None:
    reference = rules.reference_of("PAY", 2026, unique)
    assert rules.is_reference(reference)
    assert len(reference) == 20
    alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    for place in [9, 10, 11, 12, 13, 15, 16, 17, 18, 19]:
        for other in alphabet.replace(reference[place], ""):
            assert not rules.is_reference(reference[:place] + other + reference[place + 1 :])


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "//x.example",
        "/local",
        "https://",
        "ftp://x.example",
        "https://a b.example",
        "https://x.example/\n",
        "https://user@x.example",
        "https://[",
        "https://x.example/" + "a" * 2_000,
    ],
)
def test_return_addresses_that_are_refused(url: str) -> None:
    with pytest.raises(ReturnUrlInvalid):
        rules.check_return_url(url)


def test_return_addresses_that_are_taken() -> None:
    for url in (None, "https://portal.example/back?x=1", "http://127.0.0.1:3000/"):
        rules.check_return_url(url)


@pytest.mark.parametrize(
    "postings",
    [
        [],
        [Posting("x", Side.CREDIT, 999)],
        [Posting("x", Side.DEBIT, 1_000)],
        [Posting("x", Side.CREDIT, 1_001), Posting("x", Side.CREDIT, -1)],
        [Posting("x", Side.CREDIT, 1_000, "USD")],
    ],
)
def test_postings_that_do_not_add_up_are_refused(postings: list[Posting]) -> None:
    with pytest.raises(PostingsWrongError):
        rules.checked(postings, 1_000)


def test_nothing_is_left_of_what_was_never_taken() -> None:
    assert rules.Paid("i", ("s", "b"), ItemState.WAITING, 10, 0).left_fils == 0
    assert rules.Paid("i", ("s", "b"), ItemState.SUSPENDED, 10, 4).left_fils == 6
