"""The port behind :mod:`bawaba.people`: reads persons and the roles granted to them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from tortoise.expressions import Subquery

from bawaba.host.identity.models import Person as PersonRow
from bawaba.host.identity.models import RoleGrant
from bawaba.people import MAX_HOLDERS, Person
from bawaba.plugin import Role
from bawaba.text import Text
from bawaba.viewer import EVERYWHERE


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

    def _giving(self, permission: str) -> list[str]:
        giving = [role for role in self._roles if permission in role.permissions]
        if any(role.everyone for role in giving):
            raise ValueError(f"each signed-in person has {permission!r}")
        return [role.name for role in giving]


def _person(row: Any) -> Person:
    return Person(row["id"], Text(row["name"], row["name_ar"] or row["name"]))
