"""The published contract: everything generated into ``schema/`` and ``docs/``, as text by path.

Deterministic: no clock, no machine, no order of installation shows in it, so that a difference is
always a change of the contract.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path

from graphql import (
    DefinitionNode,
    DocumentNode,
    FieldDefinitionNode,
    GraphQLSchema,
    InterfaceTypeDefinitionNode,
    InterfaceTypeExtensionNode,
    ObjectTypeDefinitionNode,
    ObjectTypeExtensionNode,
    lexicographic_sort_schema,
    parse,
    print_ast,
    print_schema,
)

from bawaba.host.registry import CORE, Loaded, Registry
from bawaba.host.schema import documents
from bawaba.host.schema.compose import ComposedSchema

SCHEMA_DIR, DOCS_DIR = "schema", "docs"
_GENERATED = ("schema/parts", "schema/machines")
_EXCERPT = 20


def render(schema: ComposedSchema) -> dict[str, str]:
    """Return path (from the project's root) to text of every generated file."""
    registry = schema.registry
    printed = sdl(schema)
    files = {
        f"{SCHEMA_DIR}/bawaba.graphql": printed,
        f"{SCHEMA_DIR}/permissions.md": documents.permissions(schema),
        f"{SCHEMA_DIR}/errors.json": documents.errors_json(registry),
        f"{SCHEMA_DIR}/events.md": documents.events(core_schema(schema)),
        f"{DOCS_DIR}/errors.md": documents.errors(registry),
        f"{DOCS_DIR}/hooks.md": documents.hooks(registry),
    }
    for plugin, text in parts(printed, registry).items():
        files[f"{SCHEMA_DIR}/parts/{plugin}.graphql"] = text
    for machine in registry.all("declare_machines"):
        files[f"{SCHEMA_DIR}/machines/{machine.machine.name}.md"] = documents.machine(machine)
    return files


def core_schema(schema: ComposedSchema) -> GraphQLSchema:
    """Return the plain GraphQL schema behind the composed one."""
    return schema._schema  # noqa: SLF001  Strawberry offers no public name for it


def sdl(schema: ComposedSchema) -> str:
    """Return the whole schema, sorted, in the schema definition language."""
    return print_schema(lexicographic_sort_schema(core_schema(schema))) + "\n"


def write(files: Mapping[str, str], schema_dir: Path, docs_dir: Path) -> list[Path]:
    """Write ``files`` and remove generated ones that are no longer; return what changed."""
    changed = []
    for path, text in files.items():
        target = placed(path, schema_dir, docs_dir)
        if _read(target) != text:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
            changed.append(target)
    for stale in _stale(files, schema_dir, docs_dir):
        stale.unlink()
        changed.append(stale)
    return changed


def differences(files: Mapping[str, str], schema_dir: Path, docs_dir: Path) -> dict[Path, str]:
    """Return path to an excerpt of the unified diff of each file that is not as generated."""
    found = {}
    for path, text in files.items():
        target = placed(path, schema_dir, docs_dir)
        if (committed := _read(target)) != text:
            found[target] = _excerpt(committed or "", text)
    for stale in _stale(files, schema_dir, docs_dir):
        found[stale] = "nothing generates this file any more\n"
    return found


def placed(path: str, schema_dir: Path, docs_dir: Path) -> Path:
    """Return where the generated file ``path`` stands, for folders of other names."""
    room, _, rest = path.partition("/")
    return (schema_dir if room == SCHEMA_DIR else docs_dir) / rest


def _stale(files: Mapping[str, str], schema_dir: Path, docs_dir: Path) -> Iterator[Path]:
    kept = {placed(path, schema_dir, docs_dir) for path in files}
    for folder in _GENERATED:
        for path in sorted(placed(folder, schema_dir, docs_dir).glob("*.*")):
            if path not in kept:
                yield path


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


def _excerpt(committed: str, generated: str) -> str:
    lines = list(
        difflib.unified_diff(
            committed.splitlines(),
            generated.splitlines(),
            "committed",
            "generated",
            lineterm="",
            n=1,
        )
    )
    more = [f"… {len(lines) - _EXCERPT} more lines"] if len(lines) > _EXCERPT else []
    return "\n".join([*lines[:_EXCERPT], *more]) + "\n"


def parts(printed: str, registry: Registry) -> dict[str, str]:
    """Return plugin name to the part of the schema that it owns.

    Fields that a plugin adds to a root or to a core type stand there as an ``extend type``.
    """
    found: dict[str, list[DefinitionNode]] = {plugin.name: [] for plugin in registry.plugins}
    for node in parse(printed, no_location=True).definitions:
        name = _name_of(node)
        owner = _owner(name, registry)
        if owner != CORE or not isinstance(
            node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode
        ):
            found.setdefault(owner, []).append(node)
            continue
        for plugin, piece in _shares(node, registry).items():
            found.setdefault(plugin, []).append(piece)
    return {plugin: _printed(nodes) for plugin, nodes in found.items() if nodes}


def _printed(nodes: list[DefinitionNode]) -> str:
    """Return definitions as text; the printer indents the blank lines of descriptions."""
    lines = print_ast(DocumentNode(definitions=tuple(nodes))).splitlines()
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _shares(
    node: ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode, registry: Registry
) -> dict[str, DefinitionNode]:
    """Split a core type into core's definition and each plugin's extension of it."""
    fields: dict[str, list[FieldDefinitionNode]] = {
        name: [] for name in (CORE, *(plugin.name for plugin in registry.plugins))
    }
    for field in node.fields or ():
        fields[_owner(field.name.value, registry, field=True)].append(field)
    extension = (
        ObjectTypeExtensionNode
        if isinstance(node, ObjectTypeDefinitionNode)
        else InterfaceTypeExtensionNode
    )
    shares: dict[str, DefinitionNode] = {}
    for plugin, owned in fields.items():
        if owned and plugin != CORE:
            shares[plugin] = extension(name=node.name, fields=tuple(owned))
    if fields[CORE]:
        shares[CORE] = type(node)(
            name=node.name,
            description=node.description,
            interfaces=node.interfaces,
            directives=node.directives,
            fields=tuple(fields[CORE]),
        )
    return shares


def _name_of(node: DefinitionNode) -> str:
    name = getattr(node, "name", None)
    return name.value if name is not None else ""


def _owner(name: str, registry: Registry, *, field: bool = False) -> str:
    """Return the plugin whose prefix ``name`` carries, the longest first; otherwise core."""

    def prefix(plugin: Loaded) -> str:
        return plugin.manifest.prefix if field else plugin.manifest.type_prefix

    others = [plugin for plugin in registry.plugins if plugin.name != CORE]
    for plugin in sorted(others, key=lambda p: -len(p.manifest.prefix)):
        rest = name[len(prefix(plugin)) :]
        if name.startswith(prefix(plugin)) and (not rest or rest[0].isupper()):
            return plugin.name
    return CORE
