"""People, as plugins may know them: names, and who holds a permission where."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bawaba.db import require_transaction
from bawaba.paging import Page
from bawaba.runtime import current
from bawaba.text import Language, Text
from bawaba.viewer import EVERYWHERE, Viewer

__all__ = [
    "MAX_HOLDERS",
    "PeoplePort",
    "Person",
    "devices",
    "find",
    "grant",
    "holders",
    "may",
    "names",
    "sees",
    "still_signed_in",
    "withdraw",
]

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

    async def sees(self, viewer: Viewer, person_ids: Collection[str]) -> frozenset[str]:
        """See :func:`sees`."""
        ...

    async def find(self, reference: str) -> Person | None:
        """See :func:`find`."""
        ...

    async def devices(self, person_id: str, first: int, after: str | None) -> Page:
        """See :func:`devices`."""
        ...

    async def grant(self, viewer: Viewer | None, person_id: str, role: str, scope: str) -> bool:
        """See :func:`grant`."""
        ...

    async def withdraw(self, viewer: Viewer | None, person_id: str, role: str, scope: str) -> bool:
        """See :func:`withdraw`."""
        ...

    async def still_signed_in(self, viewer: Viewer) -> None:
        """See :func:`still_signed_in`."""
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


async def sees(viewer: Viewer, person_ids: Collection[str]) -> frozenset[str]:
    """Return whose devices and account, of these people's, the viewer may see.

    Oneself, and whose accounts one manages: everybody's, or in a scope those of the people who
    belong to it now (:class:`bawaba.plugin.Membership`) and do not manage accounts everywhere.
    """
    return await current().people.sees(viewer, person_ids)


async def find(reference: str) -> Person | None:
    """Return the one person with this id or subject at the issuer, or None; for commands.

    People are known once they have signed in.
    """
    return await current().people.find(reference)


async def devices(person_id: str, first: int, after: str | None) -> Page:
    """Return a page of a person's devices, newest first, for ``bawaba.core_types.Device.of``.

    The caller has asked :func:`sees`.

    Raises:
        BadInput: ``first`` out of 1..100, or ``after`` of another list.
    """
    return await current().people.devices(person_id, first, after)


async def grant(viewer: Viewer | None, person_id: str, role: str, scope: str) -> bool:
    """Give a person a role in a scope, in the current transaction; return whether it was new.

    For plugins whose own rows say who holds an office. It is audited, and the person's sockets
    have the right at once.

    Args:
        viewer: who decided so; None: the platform.
        scope: an agency's or body's code; a plugin grants nothing everywhere.

    Raises:
        NotFound: there is no such person.
        LookupError: no loaded plugin declares the role.
        ValueError: the scope is everywhere.
        RuntimeError: called outside a transaction.
    """
    _check_scope(scope)
    return await current().people.grant(viewer, person_id, role, scope)


async def withdraw(viewer: Viewer | None, person_id: str, role: str, scope: str) -> bool:
    """Take a role in a scope from a person; return whether it was held. See :func:`grant`."""
    _check_scope(scope)
    return await current().people.withdraw(viewer, person_id, role, scope)


def _check_scope(scope: str) -> None:
    require_transaction()
    if scope == EVERYWHERE:
        raise ValueError("a plugin grants roles in a scope, not everywhere")


async def still_signed_in(viewer: Viewer) -> None:
    """Pass, or end the operation if the viewer was signed out since it began.

    Called in the transaction of what must not be done from a lost device: a revocation or
    suspension that was first is seen, a later one waits until the transaction ends.

    Raises:
        Unauthenticated: nobody is signed in, the device is revoked, or the account suspended.
        RuntimeError: called outside a transaction.
    """
    require_transaction()
    await current().people.still_signed_in(viewer)
