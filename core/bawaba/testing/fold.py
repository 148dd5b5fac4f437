"""The fold test: what a watcher holds after a snapshot and every event equals a fresh look.

One helper for every live field, whatever the plugin: watch the field from before a change, watch
it again from the middle by cursor, and compare both ends with the snapshot of a newcomer.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from bawaba.live import SNAPSHOT
from bawaba.testing.client import FrontEnd, Subscription

__all__ = ["Fold", "fold_holds", "watching"]

_PLACE = ("cursor", "kind")


@dataclass
class Fold:
    """What one watcher holds: the state last shown, and each step that led there."""

    state: Mapping[str, Any] | None = None
    cursors: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)

    def take(self, value: Mapping[str, Any]) -> None:
        """Take one value of the field; its cursor and kind are the place, the rest the state."""
        self.cursors.append(value["cursor"])
        self.kinds.append(value["kind"])
        self.state = {name: part for name, part in value.items() if name not in _PLACE}


@asynccontextmanager
async def watching(
    person: FrontEnd, document: str, variables: Mapping[str, Any], after: str | None = None
) -> AsyncGenerator[Callable[[Fold], Awaitable[None]]]:
    """Watch a live field on a socket of its own; yield what takes its next value into a fold."""
    given = {**variables, "after": after}
    async with person.live() as socket, socket.subscribe(document, given) as answers:

        async def take(fold: Fold) -> None:
            fold.take(await _value(answers))

        yield take


async def _value(answers: Subscription) -> Mapping[str, Any]:
    data: Mapping[str, Any] = await answers.next()
    (value,) = data.values()
    found: Mapping[str, Any] = value
    return found


async def fold_holds(
    person: FrontEnd,
    document: str,
    variables: Mapping[str, Any],
    change: Callable[[], Awaitable[int]],
) -> Fold:
    """Check the field of ``document``, which takes ``$after``, over ``change``; return the fold.

    Args:
        change: makes something happen and returns how many events of the topic it made, one at
            least.

    Raises:
        AssertionError: the old snapshot and the events differ from a fresh snapshot; or a watcher
            that resumes from the old snapshot's cursor, or from the middle, gets other events.
    """
    fold = Fold()
    async with watching(person, document, variables) as take:
        await take(fold)
        assert fold.kinds == [SNAPSHOT], f"the first value is {fold.kinds}, not a snapshot"  # noqa: S101
        events = await change()
        for _ in range(events):
            await take(fold)
    fresh = Fold()
    async with watching(person, document, variables) as take:
        await take(fresh)
    same = fold.state == fresh.state
    assert same, f"the fold\n{fold.state}\ndiffers from a fresh look\n{fresh.state}"  # noqa: S101
    for start in {0, events // 2}:
        late = Fold()
        async with watching(person, document, variables, fold.cursors[start]) as take:
            for _ in range(events - start):
                await take(late)
        missed = (fold.cursors[start + 1 :], fold.kinds[start + 1 :], fold.state)
        resumed = (late.cursors, late.kinds, late.state)
        assert resumed == missed, f"resuming gave {resumed}, not {missed}"  # noqa: S101
    return fold
