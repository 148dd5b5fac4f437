"""What people write: nothing turns what is read, and something is there to see."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from bawaba_emeeting.refusals import BadText
from bawaba_emeeting.rules.texts import text_within, title_within
from hypothesis import given
from hypothesis import strategies as st

TURNING = [chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))]
LRM, RLM, ZWNJ, ZWJ = "\u200e", "\u200f", "\u200c", "\u200d"
ANY = st.text(st.sampled_from([*"aبé1. \n\x00", *TURNING, LRM, RLM, ZWNJ, ZWJ, "\u0301", "\u200b"]))


@pytest.mark.parametrize("turning", TURNING, ids=lambda c: f"U+{ord(c):04X}")
def test_overrides_and_isolates_are_dropped(turning: str) -> None:
    assert text_within(f"{turning}a{turning}ب{turning}", "body") == "aب"
    with pytest.raises(BadText):
        text_within(turning * 3, "body")


@pytest.mark.parametrize("kept", [LRM, RLM, ZWNJ, ZWJ, "\u061c", "\u0651"], ids=ascii)
def test_what_arabic_is_written_with_stays(kept: str) -> None:
    text = f"می{kept}شود"
    assert text_within(text, "body") == title_within(text) == text


@pytest.mark.parametrize(
    "unseen",
    [
        *("", " \n\t", "\u200b", "\u200b\u200c\u200d\u2060\ufeff", "\u00ad", "\u00a0\u3000"),
        *(LRM + RLM, "\u0301\u0651", "\ufe0f", "\u3164", "\u2800", "\u115f\u1160", "\x00"),
    ],
    ids=ascii,
)
def test_what_cannot_be_seen_says_nothing(unseen: str) -> None:
    for refused in (unseen, f"\u2067{unseen}\u2069"):
        with pytest.raises(BadText):
            title_within(refused)
    assert text_within(f"{unseen}نعم", "body").endswith("نعم")


def test_where_nothing_need_be_said_the_unseen_is_no_error() -> None:
    assert text_within("", "quote", least=0) == ""
    assert text_within("\u202e", "quote", least=0) == ""
    assert text_within("\u200d", "quote", least=0) == "\u200d"


@given(ANY)
def test_whatever_is_taken_stays_as_it_is(text: str) -> None:
    found = text_within(text, "body", least=0)
    assert found == text_within(found, "body", least=0) == unicodedata.normalize("NFC", found)
    assert not set(TURNING) & set(found)


async def test_a_title_that_cannot_be_seen_is_refused(chamber: Any) -> None:
    motion = {"agendaItemId": (await chamber.screen())["agenda"][1]["id"]}
    rule = {"ballot": "OPEN", "majority": "SIMPLE", "base": "CAST"}
    for text in ("\u200b\u200b\u200b", "\u202e\u202c"):
        code = await chamber.refuses("chair", "ProposeMotion", text=text, **motion, **rule)
        assert code == "MEETING_BAD_TEXT"
