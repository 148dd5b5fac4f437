"""People, as plugins may know them: names, and who holds a permission where."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bawaba.runtime import current
from bawaba.text import Language, Text

__all__ = ["MAX_HOLDERS", "PeoplePort", "Person", "holders", "may", "names"]

MAX_HOLDERS = 200
"""The most people that :func:`holders` returns."""


@dataclass(frozen=True, slots=True)
class Person:
    """A person and their name."""

    id: str
    name: Text


class PeoplePort(Protocol):
    """What the host implements."""

    async def named(self, ids: Collection[str]) -> Sequence[Person]:
        """Return the people of these ids; unknown ids are absent."""
        ...

    async def holders(
        self, permission: str, scope: str, *, everywhere: bool, limit: int
    ) -> Sequence[Person]:
        """See :func:`holders`."""
        ...

    async def may(self, person_ids: Collection[str], permission: str, scope: str) -> frozenset[str]:
        """See :func:`may`."""
        ...


async def names(ids: Collection[str], language: Language) -> Mapping[str, str]:
    """Return display names by person id, in one statement; unknown ids are absent."""
    found = await current().people.named(ids)
    return {person.id: person.name.in_(language) for person in found}


async def holders(
    permission: str, scope: str, *, everywhere: bool = True, limit: int = MAX_HOLDERS
) -> Sequence[Person]:
    """Return who holds ``permission`` in ``scope`` by a role granted to them, by id.

    Args:
        scope: an agency's or body's code.
        everywhere: whether those count too who hold it in every scope.
        limit: 1 to 200.

    Suspended accounts are left out.

    Raises:
        ValueError: each signed-in person has that permission, or the limit is out of range.
    """
    return await current().people.holders(permission, scope, everywhere=everywhere, limit=limit)


async def may(person_ids: Collection[str], permission: str, scope: str) -> frozenset[str]:
    """Return which of the people hold ``permission`` in ``scope`` or everywhere.

    Suspended accounts are left out.

    Raises:
        ValueError: each signed-in person has that permission.
    """
    return await current().people.may(person_ids, permission, scope)
