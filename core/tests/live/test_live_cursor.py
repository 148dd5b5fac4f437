"""The cursor: opaque, exact, refused when it is not this topic's."""

from __future__ import annotations

import base64
import contextlib

import pytest
from bawaba.errors import BadInput
from bawaba.host.live.cursor import Cursor, parse
from hypothesis import given
from hypothesis import strategies as st

TOPICS = st.text(min_size=1, max_size=40).filter(
    lambda t: t.encode("utf-8", "ignore").decode() == t
)
EPOCHS = st.text(alphabet="0123456789abcdef", max_size=32)


@given(TOPICS, EPOCHS, st.integers(0, 10**17))
def test_round_trip(topic: str, epoch: str, sequence: int) -> None:
    cursor = Cursor(topic, epoch, sequence)
    assert parse(str(cursor), topic) == cursor


@given(TOPICS, TOPICS)
def test_another_topic_is_refused(topic: str, other: str) -> None:
    if topic != other:
        with pytest.raises(BadInput):
            parse(str(Cursor(topic, "e", 1)), other)


def _raw(text: bytes) -> str:
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


GARBAGE = [
    *("", "x", "é", "====", "a" * 5000, "SNAPSHOT", "\0", str(Cursor("t", "e", 1)) + "="),
    *(_raw(raw) for raw in (b"e:1", b"e:-1:t", b"e: 1:t", b"e:01:t", b"\xff:1:t")),
    *(_raw(raw) for raw in ("e:١:t".encode(), b"e:" + b"9" * 40 + b":t")),
]


@pytest.mark.parametrize("garbage", GARBAGE)
def test_garbage_is_refused(garbage: str) -> None:
    with pytest.raises(BadInput):
        parse(garbage, "t")


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(BadInput):
        assert str(parse(text, "t")) == text
