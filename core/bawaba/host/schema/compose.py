"""Composition: the parts of core and of every plugin become one checked Strawberry schema."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from typing import Any

import strawberry
from graphql import GraphQLInputObjectType
from strawberry.exceptions import DuplicatedTypeName
from strawberry.schema.config import StrawberryConfig
from strawberry.types.base import StrawberryObjectDefinition, get_object_definition
from strawberry.types.field import StrawberryField
from strawberry.types.private import is_private
from strawberry.utils.str_converters import to_camel_case

from bawaba.errors import BootError
from bawaba.graphql import PUBLIC, BusinessError, ErrorCode, Policy
from bawaba.host.registry import CORE, Loaded, Registry
from bawaba.host.schema import policy
from bawaba.host.schema.codes import error_classes
from bawaba.policies import POLICY
from bawaba.scalars import SCALARS
from bawaba.text import both

_ROOTS = {
    "Query": ("What can be asked.", "ما يمكن الاستعلام عنه."),
    "Mutation": ("What can be changed.", "ما يمكن تغييره."),
    "Subscription": ("What can be watched live.", "ما يمكن متابعته مباشرة."),
}


class ComposedSchema(strawberry.Schema):
    """The one schema. ``get_fields`` hands each root and core type what plugins add to it."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self._error_code = _error_code_enum(registry)
        self._added = _added_fields(registry)
        roots = {name: _root(name) for name in _ROOTS if name in self._added}
        types = [kind for part in registry.all("declare_schema") for kind in part.types]
        super().__init__(
            query=roots["Query"],
            mutation=roots.get("Mutation"),
            subscription=roots.get("Subscription"),
            types=[BusinessError, *types],
            config=StrawberryConfig(scalar_map=SCALARS),
        )
        self._mark_one_of()
        policy.enforce(self)

    def _mark_one_of(self) -> None:
        """Tell the executor and the printer of inputs that take exactly one field.

        Strawberry checks that in a rule of its own, which executing directly would leave out.
        """
        for kind in self._schema.type_map.values():
            definition = kind.extensions.get("strawberry-definition")
            if isinstance(kind, GraphQLInputObjectType) and definition is not None:
                kind.is_one_of = definition.is_one_of

    def get_fields(self, type_definition: StrawberryObjectDefinition) -> list[StrawberryField]:
        """Return the fields of a type, its own and those that plugins add."""
        name = type_definition.name
        fields = [self._completed(field) for field in type_definition.fields]
        if name in _ROOTS:
            fields = []
        return [*fields, *(field for _, field in self._added.get(name, []))]

    def _completed(self, field: StrawberryField) -> StrawberryField:
        """Give ``UserError.code`` the enum of the codes declared here."""
        annotation = field.type_annotation
        if annotation is None or annotation.raw_annotation not in {"ErrorCode", ErrorCode}:
            return field
        completed = field.__copy__()
        completed.type = self._error_code
        return completed


def compose(registry: Registry) -> ComposedSchema:
    """Return the schema of all loaded plugins.

    Raises:
        BootError: a wrong prefix, a collision, a field without a policy, a money or vote mutation
            without an idempotency key, or a type that cannot be built; names the plugin.
    """
    _check_policies(registry)
    try:
        schema = ComposedSchema(registry)
    except DuplicatedTypeName as error:
        sentence = error.message.replace("\n", " ")
        raise BootError(
            _owner(registry, error.second_cls or error.first_cls), "types", sentence, "rename one"
        ) from error
    _check_type_names(registry, schema)
    return schema


def _root(name: str) -> type:
    """Return an empty root type; ``get_fields`` fills it."""
    placeholder = type(name, (), {"__annotations__": {"placeholder": str}, "__doc__": name})
    return strawberry.type(placeholder, name=name, description=both(*_ROOTS[name]))


def _error_code_enum(registry: Registry) -> Any:
    classes = error_classes(registry)
    described = {
        code: strawberry.enum_value(code, description=both(kind.text.en, kind.text.ar))
        for code, kind in sorted(classes.items())
    }
    kind = enum.Enum("ErrorCode", described)  # type: ignore[misc]
    return strawberry.enum(kind, description=both("Why something was refused.", "سبب الرفض."))


def _added_fields(registry: Registry) -> dict[str, list[tuple[Loaded, StrawberryField]]]:
    """Return type name to (plugin, field), checked for prefixes and collisions."""
    added: dict[str, list[tuple[Loaded, StrawberryField]]] = {}
    for plugin, type_name, field in _declared_fields(registry):
        graphql_name = _name(field)
        element = f"{type_name}.{graphql_name}"
        if plugin.name != CORE and not _starts(graphql_name, plugin.manifest.prefix):
            raise BootError(
                plugin.name,
                element,
                "lacks the plugin's prefix",
                f"rename it so that it starts with {plugin.manifest.prefix!r}",
            )
        for other, known in added.get(type_name, []):
            if _name(known) == graphql_name:
                raise BootError(
                    plugin.name, element, f"is declared by {other.name!r} too", "rename one"
                )
        added.setdefault(type_name, []).append((plugin, field))
    return added


def _declared_fields(registry: Registry) -> Iterator[tuple[Loaded, str, StrawberryField]]:
    for plugin, part in registry.each("declare_schema"):
        for type_name, cls in (
            ("Query", part.query),
            ("Mutation", part.mutation),
            ("Subscription", part.subscription),
        ):
            for field in _fields(plugin, cls):
                yield plugin, type_name, field
    for plugin, extension in registry.each("declare_core_fields"):
        for field in _fields(plugin, extension.fields):
            yield plugin, extension.type_name, field


def _fields(plugin: Loaded, cls: type | None) -> list[StrawberryField]:
    if cls is None:
        return []
    definition = get_object_definition(cls)
    if definition is None:
        raise BootError(
            plugin.name,
            cls.__name__,
            "is not a Strawberry type",
            "decorate it with strawberry.type",
        )
    return [field for field in definition.fields if not is_private(field.type)]


def _check_policies(registry: Registry) -> None:
    """Every root field, and every field added to a core type, names a known permission."""
    known = {permission.name for permission in registry.all("declare_permissions")} | {PUBLIC}
    for plugin, type_name, field in _declared_fields(registry):
        element = f"{type_name}.{_name(field)}"
        found = field.metadata.get(POLICY)
        if not isinstance(found, Policy):
            raise BootError(
                plugin.name,
                element,
                "names no permission",
                "declare it with bawaba.graphql.field(permission=…)",
            )
        if found.permission not in known:
            raise BootError(
                plugin.name,
                element,
                f"names the unknown permission {found.permission!r}",
                "list it in declare_permissions",
            )
        if type_name == "Mutation":
            _check_mutation(plugin, element, field, found)


def _check_mutation(plugin: Loaded, element: str, field: StrawberryField, found: Policy) -> None:
    payload = get_object_definition(field.type)
    if payload is None or "errors" not in {f.python_name for f in payload.fields}:
        raise BootError(
            plugin.name, element, "returns no payload", "return a type with errors: list[UserError]"
        )
    if found.effect is None:
        return
    inputs = [get_object_definition(argument.type) for argument in field.arguments]
    keyed = any(
        f.python_name == "idempotency_key" and f.type is str
        for definition in inputs
        if definition is not None
        for f in definition.fields
    )
    if not keyed:
        raise BootError(
            plugin.name,
            element,
            f"moves {found.effect} without an idempotency key",
            "add idempotency_key: str to its input",
        )


def _check_type_names(registry: Registry, schema: ComposedSchema) -> None:
    """Every type, enum and input of a plugin carries the plugin's prefix."""
    for name, concrete in schema.schema_converter.type_map.items():
        definition: Any = concrete.definition
        origin = getattr(definition, "origin", None) or getattr(definition, "wrapped_cls", None)
        plugin = _owner_or_core(registry, origin)
        if plugin is None or name in _ROOTS:
            continue
        if not name.startswith(plugin.manifest.type_prefix):
            raise BootError(
                plugin.name,
                f"type {name}",
                "lacks the plugin's prefix",
                f"rename it so that it starts with {plugin.manifest.type_prefix!r}",
            )


def _owner_or_core(registry: Registry, cls: Any) -> Loaded | None:
    package = getattr(cls, "__module__", "").partition(".")[0]
    for plugin in registry.plugins:
        if plugin.name != CORE and package == plugin.package:
            return plugin
    return None


def _owner(registry: Registry, cls: Any) -> str:
    plugin = _owner_or_core(registry, cls)
    return plugin.name if plugin else CORE


def _name(field: StrawberryField) -> str:
    return field.graphql_name or to_camel_case(field.python_name)


def _starts(name: str, prefix: str) -> bool:
    rest = name[len(prefix) :]
    return name.startswith(prefix) and (not rest or rest[0].isupper())


def field_policies(schema: ComposedSchema) -> Mapping[str, Policy]:
    """Return ``Type.field`` to policy of every field that has one."""
    return {
        f"{type_name}.{_name(field)}": field.metadata[POLICY]
        for _, type_name, field in _declared_fields(schema.registry)
    }
