"""What a plugin declares: the words of the hooks.

A plugin is a distribution with an entry point in group ``bawaba`` that names a module (by
convention ``plugin.py``) holding functions marked with :data:`hookimpl`. ``docs/hooks.md`` lists
the hooks; every ``declare_*`` is synchronous, pure, called once at boot, and returns the frozen
dataclasses below.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pluggy
from aiohttp import web

from bawaba.domain import StateMachine
from bawaba.text import Text
from bawaba.viewer import EVERYWHERE

__all__ = [
    "HOST_API",
    "Command",
    "CoreFields",
    "DemoPerson",
    "Grant",
    "HealthCheck",
    "Machine",
    "Manifest",
    "Membership",
    "Models",
    "NodeType",
    "Permission",
    "Progress",
    "Role",
    "Route",
    "SchemaPart",
    "hookimpl",
]

HOST_API = 1
"""The version of the hooks and of the door. A plugin names the one it was written for."""

hookimpl = pluggy.HookimplMarker("bawaba")
"""Marks a function as implementing the hook of its name."""

Progress = Callable[[str, int, int], None]
"""Reports (what, done, total) of long work; draws a bar on a terminal."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """Who the plugin is.

    Args:
        name: lower case with hyphens; unique.
        prefix: a word in camel case; root fields start with it (``permitFees``), types with its
            capitalised form (``PermitFee``), permissions, jobs and topics with ``prefix.``,
            error codes with :attr:`error_prefix`, tables with :attr:`table_prefix`.
        requires: names of plugins that must be loaded too.
    """

    name: str
    prefix: str
    title: Text
    version: str
    host_api: int = HOST_API
    requires: Sequence[str] = ()

    @property
    def type_prefix(self) -> str:
        """How the names of the plugin's GraphQL types start: ``parkPermit``, ``ParkPermit``."""
        return self.prefix[:1].upper() + self.prefix[1:]

    @property
    def table_prefix(self) -> str:
        """How its tables start: ``parkPermit`` gives ``park_permit_``."""
        return re.sub(r"(?=[A-Z])", "_", self.prefix).lower() + "_"

    @property
    def error_prefix(self) -> str:
        """How its error codes start: ``parkPermit`` gives ``PARK_PERMIT_``."""
        return self.table_prefix.upper()


@dataclass(frozen=True, slots=True)
class Models:
    """Dotted names of the plugin's ``models`` module and ``migrations`` package."""

    module: str
    migrations: str


@dataclass(frozen=True, slots=True)
class Permission:
    """Something that a role may allow. ``name`` starts with the prefix: ``permit.decide``."""

    name: str
    description: Text


@dataclass(frozen=True, slots=True)
class Role:
    """A set of permissions (of any plugin). ``everyone``: held by each signed-in person."""

    name: str
    title: Text
    permissions: Sequence[str]
    everyone: bool = False


@dataclass(frozen=True, slots=True)
class Grant:
    """A role held in a scope: an agency's or body's code, or everywhere."""

    role: str
    scope: str = EVERYWHERE


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """A person of the demo, for ``bawaba token HANDLE``."""

    handle: str
    name: Text
    national_id: str
    grants: Sequence[Grant] = ()


@dataclass(frozen=True, slots=True)
class Membership:
    """To which agencies or bodies people belong, by the plugin's own rows.

    ``scopes`` gets ids of people and returns the scopes (codes) of each; who belongs to none may
    be absent. Who holds ``accounts.manage`` in such a scope may see and sign out the devices of
    these people, and suspend their accounts.
    """

    scopes: Callable[[Collection[str]], Awaitable[Mapping[str, frozenset[str]]]]


@dataclass(frozen=True, slots=True)
class SchemaPart:
    """Strawberry classes whose fields join Query, Mutation and Subscription.

    ``types`` lists implementers of interfaces that no field names. Further root classes of one
    plugin go into further parts.
    """

    query: type | None = None
    mutation: type | None = None
    subscription: type | None = None
    types: Sequence[type] = ()


@dataclass(frozen=True, slots=True)
class CoreFields:
    """Fields that the plugin adds to a core type, e.g. ``CoreFields("Person", PersonFields)``.

    Their names start with the prefix; each has a permission. ``self`` is the core object.
    """

    type_name: str
    fields: type


@dataclass(frozen=True, slots=True)
class NodeType:
    """How ``node(id)`` finds objects of a type.

    ``load`` gets the operation's ``Info`` and raw ids, and returns those that exist *and* that
    the viewer may see.
    """

    type_name: str
    load: Callable[[Any, Sequence[str]], Awaitable[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Route:
    """A page or endpoint outside GraphQL, e.g. ``Route("GET", "/permits/{number}", page)``.

    The handler runs with the runtime and database bound; it gets no signed-in viewer.
    """

    method: str
    path: str
    handler: Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """Asked by ``/readyz`` and ``platform``; raising or taking over 2 s is unhealthy.

    An unhealthy plugin does not stop the others.
    """

    name: str
    check: Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Command:
    """A command-line verb ``bawaba GROUP NAME``.

    ``run`` is an async function whose parameters (typed as typer wants them) are the options; it
    runs with runtime and database bound, and the schema migrated.
    """

    group: str
    name: str
    run: Callable[..., Awaitable[int | None]]
    help: str


@dataclass(frozen=True, slots=True)
class Machine:
    """A state machine to be drawn into ``schema/machines``."""

    machine: StateMachine[Any, Any]
    description: Text = field(default=Text("", ""))
