"""From roles to rights. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bawaba.plugin import Grant, Role
from bawaba.viewer import EVERYWHERE


def with_everyones(grants: Iterable[Grant], roles: Sequence[Role]) -> list[Grant]:
    """Return ``grants`` of declared roles, and the roles that each signed-in person holds.

    A grant of a role that no loaded plugin declares gives nothing.
    """
    declared = {role.name for role in roles}
    everyones = [Grant(role.name) for role in roles if role.everyone]
    return [*everyones, *(grant for grant in grants if grant.role in declared)]


def role_names(grants: Iterable[Grant], roles: Sequence[Role]) -> frozenset[str]:
    """Return the names of the roles held, in whatever scope, everyone's included."""
    return frozenset(grant.role for grant in with_everyones(grants, roles))


def permissions(grants: Iterable[Grant], roles: Sequence[Role]) -> Mapping[str, frozenset[str]]:
    """Return permission to the scopes in which it is held."""
    allowed = {role.name: role.permissions for role in roles}
    held: dict[str, set[str]] = {}
    for grant in with_everyones(grants, roles):
        for permission in allowed[grant.role]:
            held.setdefault(permission, set()).add(grant.scope)
    return {
        name: frozenset({EVERYWHERE}) if EVERYWHERE in scopes else frozenset(scopes)
        for name, scopes in held.items()
    }
