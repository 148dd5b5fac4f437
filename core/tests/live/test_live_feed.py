"""The shared log of a topic: it only grows by the next number, and is bounded."""

from __future__ import annotations

from bawaba.host.live.cursor import Cursor
from bawaba.host.live.feed import KEPT, Feed, event_of
from bawaba.host.live.outbox import Row
from hypothesis import given
from hypothesis import strategies as st


def _rows(first: int, last: int, epoch: str = "e") -> list[Row]:
    return [Row("t", epoch, n, "K", {}) for n in range(first, last + 1)]


def _feed(sequence: int, epoch: str = "e") -> Feed:
    feed = Feed("t")
    feed.head(epoch, sequence, known=feed.place)
    return feed


@given(st.lists(st.tuples(st.integers(1, 60), st.integers(0, 30))))
def test_whatever_is_read_the_log_is_contiguous(reads: list[tuple[int, int]]) -> None:
    feed = _feed(0)
    for first, many in reads:
        before = feed.sequence
        resets = feed.resets
        feed.grow(_rows(first, first + many))
        assert feed.sequence >= before
        # A hole is never passed over in silence.
        assert (feed.resets > resets) == (first > before + 1)
        kept = feed.after(feed.sequence - len(feed._log))
        assert [e.sequence for e in kept] == sorted(feed._log)[:100]


def test_memory_is_bounded_forwards_and_backwards() -> None:
    feed = _feed(3000)
    feed.extend_back([event_of(row) for row in _rows(1, 3000)])
    assert len(feed._log) == KEPT
    feed.grow(_rows(3001, 4500))
    assert len(feed._log) == KEPT
    assert feed.after(3500)[0].sequence == 3501
    assert feed.after(3499) == []


def test_history_that_does_not_join_is_not_kept() -> None:
    feed = _feed(10)
    feed.extend_back([event_of(row) for row in _rows(1, 5)])
    assert feed.after(0) == []


def test_a_stale_look_does_not_turn_the_feed_back() -> None:
    feed = _feed(0, epoch="")
    known = feed.place
    feed.grow(_rows(1, 3))
    feed.head("", 0, known=known)
    assert (feed.place, feed.resets) == (("e", 3), 0)
    feed.head("", 0, known=feed.place)
    assert (feed.place, feed.resets) == (("", 0), 1)


def test_cursors_that_a_feed_covers() -> None:
    feed = _feed(5)
    assert feed.covers(Cursor("t", "e", 5))
    assert feed.covers(Cursor("t", "", 0))
    assert not feed.covers(Cursor("t", "e", 6))
    assert not feed.covers(Cursor("t", "f", 5))
    assert not feed.covers(Cursor("t", "", 1))
