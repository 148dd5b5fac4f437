"""What an operation costs, from what each field's plugin declared and the page sizes asked for.

cost(field) = declared cost + times × cost(selection). ``times`` is the page size of a connection,
the declared bound of a plain list, the number of ids sent. An object costs at least 1. A fragment
is reckoned once for each type of place it stands in, so this is linear too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLList,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_composite_type,
)

from bawaba.paging import MAX_PAGE
from bawaba.policies import BOUND, POLICY

_PAGED = frozenset({"nodes", "edges"})
_MANY = 10**9
_VALUES = frozenset({"Money", "PageInfo"})
"""Objects that are a part of their row: nothing is looked up for them."""
_ERRORS = "[UserError!]!"
"""A mutation refuses for one reason: its errors are one at most."""


class Costs:
    """Reckons operations on one schema."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema

    def of(
        self,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        variables: Mapping[str, Any],
    ) -> int:
        """Return the cost of a validated operation with these variables, as they were sent."""
        root: Any = self._schema.get_root_type(operation.operation)
        return _Reckoning(self._schema, document, operation, variables).selections(
            operation.selection_set, root, 1
        )


class _Reckoning:
    """One operation, with its variables and what is known of its fragments."""

    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        variables: Mapping[str, Any],
    ) -> None:
        self._schema = schema
        self._fragments = {
            node.name.value: node
            for node in document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }
        self._variables = {
            node.variable.name.value: variables.get(node.variable.name.value, node.default_value)
            for node in operation.variable_definitions or ()
        }
        self._known: dict[tuple[str, int], int] = {}

    def selections(self, node: SelectionSetNode, parent: GraphQLNamedType, times: int) -> int:
        """Return the cost of a selection on ``parent``; ``times``: its page size, if it has one."""
        total = 0
        for each in node.selections:
            if isinstance(each, FieldNode):
                total += self._field(each, parent, times)
            elif isinstance(each, InlineFragmentNode):
                total += self.selections(each.selection_set, self._on(each, parent), times)
            elif isinstance(each, FragmentSpreadNode):
                total += self._fragment(each.name.value, parent, times)
        return min(total, _MANY)

    def _fragment(self, name: str, parent: GraphQLNamedType, times: int) -> int:
        key = (name, times)
        if key not in self._known:
            fragment = self._fragments[name]
            on = self._on(fragment, parent)
            self._known[key] = self.selections(fragment.selection_set, on, times)
        return self._known[key]

    def _on(
        self, node: InlineFragmentNode | FragmentDefinitionNode, parent: GraphQLNamedType
    ) -> GraphQLNamedType:
        if node.type_condition is None:
            return parent
        return self._schema.type_map[node.type_condition.name.value]

    def _field(self, node: FieldNode, parent: GraphQLNamedType, times: int) -> int:
        fields = getattr(parent, "fields", {})
        field: GraphQLField | None = fields.get(node.name.value)
        if field is None:  # __typename and the introspection fields
            return 0
        kind = get_named_type(field.type)
        policy = _metadata(field).get(POLICY)
        own = policy.cost if policy is not None else int(_is_object(kind))
        if node.selection_set is None:
            return int(own)
        paged = "first" in field.args and "after" in field.args
        page = self._number(node, "first") if paged else 1
        inner = self.selections(node.selection_set, kind, page)
        if not isinstance(get_nullable_type(field.type), GraphQLList):
            return min(own + inner, _MANY)
        paging = node.name.value in _PAGED and parent.name.endswith("Connection")
        many = times if paging else self._length(node, field)
        return min(own + many * (1 + inner), _MANY)

    def _length(self, node: FieldNode, field: GraphQLField) -> int:
        """Return how many items a plain list may have."""
        for argument in node.arguments or ():
            if argument.name.value == "ids":
                value = self._value(argument.value)
                if isinstance(value, list | tuple):
                    return len(value)
                return len(value.values) if isinstance(value, ListValueNode) else MAX_PAGE
        return bound_of(field) or MAX_PAGE

    def _number(self, node: FieldNode, name: str) -> int:
        """Return an integer argument; whatever is not one counts as a full page."""
        for argument in node.arguments or ():
            if argument.name.value == name:
                value = self._value(argument.value)
                if isinstance(value, IntValueNode):
                    value = int(value.value) if len(value.value) < 10 else MAX_PAGE  # noqa: PLR2004
                good = isinstance(value, int) and not isinstance(value, bool)
                return min(max(value, 0), MAX_PAGE) if good else MAX_PAGE
        return MAX_PAGE

    def _value(self, node: ValueNode) -> Any:
        if isinstance(node, VariableNode):
            return self._variables.get(node.name.value)
        return node


def _is_object(kind: GraphQLNamedType) -> bool:
    return is_composite_type(kind) and kind.name not in _VALUES


def bound_of(field: GraphQLField) -> int | None:
    """Return the most items that a plain list may have, where its plugin declared it."""
    bound: int | None = _metadata(field).get(BOUND)
    errors = str(field.type) == _ERRORS
    return 1 if bound is None and errors else bound


def _metadata(field: GraphQLField) -> Mapping[str, Any]:
    definition = field.extensions.get("strawberry-definition")
    found: Mapping[str, Any] = definition.metadata if definition is not None else {}
    return found
