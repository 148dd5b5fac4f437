"""What one operation loads once, in a statement a level."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

from bawaba import people
from bawaba.graphql import Info
from strawberry.dataloader import DataLoader

from bawaba_emeeting.services import agendas, ballots, councils, minutes
from bawaba_emeeting.services.agendas import Item, Seen
from bawaba_emeeting.services.councils import Row

T = TypeVar("T")
Load = Callable[[Sequence[str]], Awaitable[Mapping[str, T]]]


def _loader(info: Info, name: str, load: Load[T]) -> DataLoader[str, T | None]:
    async def batch(keys: list[str]) -> list[T | None]:
        found = await load(keys)
        return [found.get(key) for key in keys]

    key = f"meeting.{_step(info)}.{name}"
    loader: DataLoader[str, T | None] = info.context.cache.setdefault(key, DataLoader(batch))
    return loader


def _step(info: Info) -> str:
    """Return which of a mutation's steps this is: each reads afresh what an earlier one changed.

    A query is one step: its roots share what they load.
    """
    if info.operation.operation.value != "mutation":
        return ""
    path = info.path
    while path.prev is not None:
        path = path.prev
    return str(path.key)


async def seen(info: Info, meeting_id: str) -> Seen:
    """Return a meeting as it stands."""
    language = info.context.language

    async def load(keys: Sequence[str]) -> Mapping[str, Seen]:
        return await agendas.seen(keys, language)

    found: Any = await _loader(info, f"seen.{language.value}", load).load(meeting_id)
    return found  # type: ignore[no-any-return]


async def agenda(info: Info, meeting_id: str) -> Sequence[Item]:
    """Return a meeting's agenda."""
    return await _loader(info, "agenda", agendas.items).load(meeting_id) or ()


async def open_ballots(info: Info, round_id: str) -> Sequence[Row]:
    """Return the open ballots of a round."""
    return await _loader(info, "ballots", ballots.open_ballots).load(round_id) or ()


async def minutes_of(info: Info, meeting_id: str) -> Row | None:
    """Return a meeting's minutes."""
    return await _loader(info, "minutes", minutes.of_meetings).load(meeting_id)


async def council(info: Info, council_id: str) -> Row | None:
    """Return a council."""
    return await _loader(info, "council", councils.by_ids).load(council_id)


async def sees(info: Info, person_id: str) -> bool:
    """Return whether a person's devices and account are the viewer's to see."""

    async def load(keys: Sequence[str]) -> Mapping[str, bool]:
        return dict.fromkeys(await people.sees(info.context.viewer, keys), True)

    return bool(await _loader(info, "sees", load).load(person_id))
