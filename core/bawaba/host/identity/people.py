"""The port behind :mod:`bawaba.people`: reads persons and the roles granted to them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from tortoise.expressions import Q, Subquery
from tortoise.queryset import QuerySet

from bawaba.db import dialect
from bawaba.errors import NotFound, Unauthenticated
from bawaba.host.identity import services
from bawaba.host.identity.models import Device, RoleGrant
from bawaba.host.identity.models import Person as PersonRow
from bawaba.paging import Page, keyset_page
from bawaba.people import MAX_HOLDERS, Person
from bawaba.plugin import Role
from bawaba.text import Text
from bawaba.viewer import EVERYWHERE, Viewer

_DEVICE = ("id", "label", "created_at", "last_seen_at", "revoked_at")


class People:
    """Answers from the database; ``roles`` are those that loaded plugins declare."""

    def __init__(self, roles: Sequence[Role]) -> None:
        self._roles = roles

    async def named(self, ids: Collection[str]) -> Sequence[Person]:
        """Return the people of these ids; unknown ids are absent."""
        query = PersonRow.filter(id__in=list(ids))
        return [_person(row) for row in await query.values("id", "name", "name_ar")]

    async def holders(
        self, permission: str, scope: str, *, everywhere: bool, limit: int
    ) -> Sequence[Person]:
        """See :func:`bawaba.people.holders`."""
        if not 1 <= limit <= MAX_HOLDERS:
            raise ValueError(f"limit is 1 to {MAX_HOLDERS}")
        scopes = [scope, EVERYWHERE] if everywhere else [scope]
        granted = RoleGrant.filter(role__in=self._giving(permission), scope__in=scopes)
        ids = Subquery(granted.distinct().values("person_id"))
        query = PersonRow.filter(id__in=ids, suspended_at=None)
        rows = await query.order_by("id").limit(limit).values("id", "name", "name_ar")
        return [_person(row) for row in rows]

    async def may(self, person_ids: Collection[str], permission: str, scope: str) -> frozenset[str]:
        """See :func:`bawaba.people.may`."""
        granted = RoleGrant.filter(
            role__in=self._giving(permission),
            scope__in=[scope, EVERYWHERE],
            person_id__in=list(person_ids),
        )
        held = await granted.distinct().values_list("person_id", flat=True)
        query = PersonRow.filter(id__in=held, suspended_at=None)
        found: list[Any] = await query.values_list("id", flat=True)
        return frozenset(map(str, found))

    async def sees(self, viewer: Viewer, person_ids: Collection[str]) -> frozenset[str]:
        """See :func:`bawaba.people.sees`."""
        return await services.sees(viewer, person_ids)

    async def find(self, reference: str) -> Person | None:
        """See :func:`bawaba.people.find`."""
        meant = PersonRow.filter(Q(id=reference) | Q(subject=reference))
        rows = await meant.limit(2).values("id", "name", "name_ar")
        return _person(rows[0]) if len(rows) == 1 else None

    async def devices(self, person_id: str, first: int, after: str | None) -> Page:
        """See :func:`bawaba.people.devices`."""
        rows = Device.filter(person_id=person_id)
        return await keyset_page(rows, order=["-id"], first=first, after=after, columns=_DEVICE)

    async def grant(self, viewer: Viewer | None, person_id: str, role: str, scope: str) -> bool:
        """See :func:`bawaba.people.grant`."""
        if not await PersonRow.filter(id=person_id).exists():
            raise NotFound("personId")
        return await services.give(viewer, person_id, role, scope)

    async def withdraw(self, viewer: Viewer | None, person_id: str, role: str, scope: str) -> bool:
        """See :func:`bawaba.people.withdraw`."""
        return await services.take(viewer, person_id, role, scope)

    async def still_signed_in(self, viewer: Viewer) -> None:
        """See :func:`bawaba.people.still_signed_in`."""
        if viewer.person_id is None:
            raise Unauthenticated
        rows = PersonRow.filter(id=viewer.person_id, suspended_at=None)
        if await _shared(rows).only("id").first() is None:  # values() would drop the lock
            raise Unauthenticated
        if viewer.device_id is None:
            return
        mine = Device.filter(id=viewer.device_id, revoked_at=None)
        if await _shared(mine).only("id").first() is None:
            raise Unauthenticated

    def _giving(self, permission: str) -> list[str]:
        giving = [role for role in self._roles if permission in role.permissions]
        if any(role.everyone for role in giving):
            raise ValueError(f"each signed-in person has {permission!r}")
        return [role.name for role in giving]


def _person(row: Any) -> Person:
    return Person(row["id"], Text(row["name"], row["name_ar"] or row["name"]))


def _shared(rows: QuerySet[Any]) -> QuerySet[Any]:
    """The same rows, which nobody changes until the transaction ends; others may read them so."""
    return rows if dialect() == "sqlite" else rows.select_for_update(no_key=True)
