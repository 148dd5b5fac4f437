"""Laws of the schema: described in two languages, bounded lists, a policy on every root."""

from __future__ import annotations

import re
from collections.abc import Iterator

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_introspection_type,
    is_specified_scalar_type,
)

from bawaba.graphql import Policy
from bawaba.host.schema.cost import bound_of
from bawaba.policies import POLICY

__all__ = ["bounded_lists", "descriptions", "policies"]

_ARABIC = re.compile(r"[\u0621-\u064a]{2}")
_LATIN = re.compile(r"[A-Za-z]{2}")
_PAGE_INFO = {"hasNextPage", "hasPreviousPage", "startCursor", "endCursor"}


def descriptions(schema: GraphQLSchema) -> list[str]:
    """Return every element that is not described in English, a blank line, Arabic."""
    found = []
    for element, description in sorted(_elements(schema)):
        english, blank, arabic = (description or "").partition("\n\n")
        if not (blank and _LATIN.search(english) and _ARABIC.search(arabic)):
            found.append(f"{element}: needs a description in English, a blank line, Arabic")
        elif _ARABIC.search(english):
            found.append(f"{element}: Arabic stands before the blank line")
    return found


def _elements(schema: GraphQLSchema) -> Iterator[tuple[str, str | None]]:
    for name, kind in schema.type_map.items():
        if is_introspection_type(kind) or is_specified_scalar_type(kind):
            continue
        yield name, kind.description
        if isinstance(kind, GraphQLEnumType):
            for value_name, value in kind.values.items():
                yield f"{name}.{value_name}", value.description
        elif isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            for field_name, field in kind.fields.items():
                yield f"{name}.{field_name}", field.description
                for argument_name, argument in getattr(field, "args", {}).items():
                    yield f"{name}.{field_name}({argument_name})", argument.description


def bounded_lists(schema: GraphQLSchema) -> list[str]:
    """Return every list that is neither of a connection nor declared with a ``bound``."""
    found = []
    for name, kind in sorted(schema.type_map.items()):
        if not isinstance(kind, GraphQLObjectType | GraphQLInterfaceType) or is_introspection_type(
            kind
        ):
            continue
        connection = {"nodes", "edges"} <= set(kind.fields)
        found += _connection_flaws(name, kind) if connection else []
        for field_name, field in sorted(kind.fields.items()):
            if "Connection" in str(field.type) and not {"first", "after"} <= set(field.args):
                found.append(f"{name}.{field_name}: a connection takes first and after")
            in_connection = connection and field_name in {"nodes", "edges"}
            if _is_list(field.type) and not in_connection and (bound_of(field) or 0) < 1:
                found.append(
                    f"{name}.{field_name}: a list without a bound: make it a connection, or "
                    "declare bound="
                )
    return found


def _is_list(kind: object) -> bool:
    return isinstance(kind.of_type if isinstance(kind, GraphQLNonNull) else kind, GraphQLList)


def _connection_flaws(name: str, kind: GraphQLObjectType | GraphQLInterfaceType) -> list[str]:
    flaws = [
        f"{name}: lacks {field}" for field in ("pageInfo", "totalCount") if field not in kind.fields
    ]
    edge = get_named_type(kind.fields["edges"].type)
    if not {"node", "cursor"} <= set(getattr(edge, "fields", {})):
        flaws.append(f"{name}.edges: an edge has node and cursor")
    if "pageInfo" in kind.fields:
        page_info = get_named_type(kind.fields["pageInfo"].type)
        if not set(getattr(page_info, "fields", {})) >= _PAGE_INFO:
            flaws.append(f"{name}.pageInfo: lacks one of its four fields")
    return flaws


def policies(schema: GraphQLSchema) -> list[str]:
    """Return every root field without a policy, and every mutation of money without a key.

    A mutation moves money where its policy says so; one whose input holds an amount must say so.
    """
    found = []
    for root in filter(None, (schema.query_type, schema.mutation_type, schema.subscription_type)):
        for name, field in sorted(root.fields.items()):
            definition = field.extensions.get("strawberry-definition")
            policy = definition.metadata.get(POLICY) if definition is not None else None
            if not isinstance(policy, Policy):
                found.append(f"{root.name}.{name}: names no permission")
                continue
            inputs = [get_named_type(argument.type) for argument in field.args.values()]
            if (
                root is schema.mutation_type
                and policy.effect is None
                and any(map(_holds_money, inputs))
            ):
                found.append(f"{root.name}.{name}: takes an amount, so its effect is money")
            if policy.effect is not None and not any(map(_is_keyed, inputs)):
                found.append(
                    f"{root.name}.{name}: has an effect on {policy.effect} and no idempotencyKey"
                )
    return found


def _is_keyed(kind: object) -> bool:
    key = kind.fields.get("idempotencyKey") if isinstance(kind, GraphQLInputObjectType) else None
    return key is not None and str(key.type) == "String!"


def _holds_money(kind: object, seen: frozenset[str] = frozenset()) -> bool:
    if not isinstance(kind, GraphQLInputObjectType) or kind.name in seen:
        return getattr(kind, "name", "") == "Decimal"
    deeper = seen | {kind.name}
    return any(_holds_money(get_named_type(field.type), deeper) for field in kind.fields.values())
