"""Core's own root fields: node, nodes, platform."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import strawberry

from bawaba import __version__, catalogue, core_types
from bawaba.errors import BadInput
from bawaba.graphql import (
    PUBLIC,
    Info,
    Node,
    argument,
    computed,
    enum_value,
    field,
    leaf,
    split_id,
)
from bawaba.host.registry import Registry
from bawaba.paging import MAX_PAGE
from bawaba.plugin import SchemaPart
from bawaba.runtime import current
from bawaba.text import Text, both

Id = Annotated[strawberry.ID, argument("A global id.", "معرّف عام.")]
Ids = Annotated[
    list[strawberry.ID], argument("Global ids, at most 100.", "معرّفات عامة، 100 كحد أقصى.")
]


@strawberry.enum(description=both("How a plugin is doing.", "حالة الإضافة."))
class PluginStatus(enum.Enum):
    """Health of one plugin."""

    HEALTHY = enum_value("HEALTHY", "All its checks pass.", "كل الفحوص ناجحة.")
    UNHEALTHY = enum_value(
        "UNHEALTHY", "A check of it fails; the others go on.", "أحد فحوصها فاشل؛ ويستمر غيرها."
    )


@strawberry.type(description=both("A loaded plugin.", "إضافة محمّلة."))
class Plugin:
    """One plugin and the services it offers."""

    name: str = leaf("Its name.", "اسمها.")
    version: str = leaf("Its version.", "إصدارها.")
    status: PluginStatus = leaf("How it is doing.", "حالتها.")
    services: list[core_types.Service] = leaf("What it offers.", "ما تقدمه من خدمات.", bound=20)


@strawberry.type(description=both("The platform itself.", "المنصة نفسها."))
class Platform:
    """Version and plugins."""

    version: str = leaf("Version of the platform.", "إصدار المنصة.")

    @computed("What is loaded.", "الإضافات المحمّلة.", bound=50)
    async def plugins(self) -> list[Plugin]:
        """Return every plugin with its health, which is asked of it, or remembered for a moment."""
        host = current()
        return await describe_plugins(host.registry, await host.health.statuses())


@strawberry.type
class CoreQuery:
    """Roots that belong to no plugin."""

    @field(
        permission=PUBLIC,
        en="Any object by its global id; null when missing or not yours.",
        ar="أي كائن بمعرّفه العام؛ وقيمة فارغة إن لم يوجد أو لم يكن لك.",
    )
    async def node(self, info: Info, id: Id) -> Node | None:
        """Load one object, if the viewer may see it."""
        found: list[Node | None] = await _load(info, [id])
        return found[0]

    @field(
        permission=PUBLIC,
        cost=10,
        bound=MAX_PAGE,
        en="Several objects by their global ids, in that order.",
        ar="عدة كائنات بمعرّفاتها العامة، بالترتيب نفسه.",
    )
    async def nodes(self, info: Info, ids: Ids) -> list[Node | None]:
        """Load up to 100 objects, null for what is missing or not the viewer's to see."""
        if len(ids) > MAX_PAGE:
            raise BadInput(Text("At most 100 ids.", "100 معرّف كحد أقصى."), argument="ids")
        return await _load(info, ids)

    @field(permission=PUBLIC, cost=5, en="The platform and its plugins.", ar="المنصة وإضافاتها.")
    async def platform(self) -> Platform:
        """Return the platform; its plugins are asked for their health where the query wants it."""
        return Platform(version=__version__)


async def _load(info: Info, ids: Sequence[str]) -> list[Any]:
    """Ask each type's loader once for all its ids."""
    loaders = {node.type_name: node.load for node in current().registry.all("declare_nodes")}
    places = [split_id(value) or ("", "") for value in ids]
    wanted: dict[str, list[str]] = {}
    for kind, raw in places:
        if kind in loaders:
            wanted.setdefault(kind, []).append(raw)
    found = {kind: await loaders[kind](info, raws) for kind, raws in wanted.items()}
    return [found.get(kind, {}).get(raw) for kind, raw in places]


async def describe_plugins(registry: Registry, healthy: Mapping[str, bool]) -> list[Plugin]:
    """Return each plugin with its services and its health."""
    services, agencies = await catalogue.services(), await catalogue.agencies()
    plugins = []
    for plugin in registry.plugins:
        codes = [service.code for service in plugin.declared.get("declare_services") or ()]
        status = PluginStatus.HEALTHY if healthy.get(plugin.name, True) else PluginStatus.UNHEALTHY
        offered = [services[code] for code in codes]
        plugins.append(
            Plugin(
                name=plugin.name,
                version=plugin.manifest.version,
                status=status,
                services=[core_types.Service.of(s, agencies[s.agency]) for s in offered],
            )
        )
    return plugins


SCHEMA_PARTS = [SchemaPart(query=CoreQuery)]
