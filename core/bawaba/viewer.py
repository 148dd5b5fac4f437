"""Who asks: the person behind a request, what they may do, from which device."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bawaba.errors import Forbidden, Unauthenticated
from bawaba.text import Language

__all__ = ["ANONYMOUS", "EVERYWHERE", "Viewer"]

EVERYWHERE = "*"
"""The scope of a grant that is not limited to one agency or body."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """A signed-in person on one device, or an anonymous visitor (``person_id`` is None).

    ``grants`` maps each permission to the scopes (agency or body codes, or ``EVERYWHERE``) in
    which the viewer's roles give it.
    """

    person_id: str | None = None
    national_id: str | None = None
    display_name: str = ""
    device_id: str | None = None
    roles: frozenset[str] = frozenset()
    grants: Mapping[str, frozenset[str]] = field(default_factory=dict)
    language: Language = Language.EN

    @property
    def is_anonymous(self) -> bool:
        """Whether nobody is signed in. The audience of a role is nobody, yet may do something."""
        return self.person_id is None and not self.grants

    def can(self, permission: str, scope: str = EVERYWHERE) -> bool:
        """Return whether a role gives ``permission`` in ``scope`` (an agency's or body's code)."""
        scopes = self.grants.get(permission, frozenset())
        return EVERYWHERE in scopes or scope in scopes

    def can_anywhere(self, permission: str) -> bool:
        """Return whether a role gives ``permission`` in at least one scope."""
        return bool(self.grants.get(permission))

    def require(self, permission: str, scope: str = EVERYWHERE) -> None:
        """Pass, or end the operation.

        Raises:
            Unauthenticated: nobody is signed in.
            Forbidden: no role gives the permission in that scope.
        """
        if self.is_anonymous:
            raise Unauthenticated
        if not self.can(permission, scope):
            raise Forbidden

    def person(self) -> str:
        """Return the id of the signed-in person.

        Raises:
            Unauthenticated: nobody is signed in.
        """
        if self.person_id is None:
            raise Unauthenticated
        return self.person_id


ANONYMOUS = Viewer()
"""A visitor who has not signed in."""
