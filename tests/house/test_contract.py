"""The front ends' documents, as kept in schema/operations, stand against the composed schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    DocumentNode,
    GraphQLSchema,
    InputObjectTypeDefinitionNode,
    OperationDefinitionNode,
    is_input_object_type,
    is_required_input_field,
    parse,
    print_ast,
    validate,
)
from graphql.utilities import separate_operations

OPERATIONS = Path(__file__).resolve().parents[2] / "schema" / "operations"


def _documents() -> Iterator[tuple[str, DocumentNode]]:
    for path in sorted(OPERATIONS.rglob("*.graphql")):
        whole = parse(path.read_text(encoding="utf-8"))
        for name, document in separate_operations(whole).items():
            yield f"{path.stem}.{name}", document


def _promised() -> dict[str, InputObjectTypeDefinitionNode]:
    document = parse((OPERATIONS / "inputs.graphqls").read_text(encoding="utf-8"))
    return {
        d.name.value: d
        for d in document.definitions
        if isinstance(d, InputObjectTypeDefinitionNode)
    }


def input_flaws(
    schema: GraphQLSchema,
    promised: Mapping[str, InputObjectTypeDefinitionNode],
    name: str,
    seen: frozenset[str] = frozenset(),
) -> Iterator[str]:
    """Yield what a front end sends in the input ``name`` that the schema would not take."""
    want, have = promised.get(name), schema.type_map.get(name)
    if want is None or name in seen:
        return
    if not is_input_object_type(have):
        yield f"there is no input {name}"
        return
    for field in want.fields or ():
        got, text = have.fields.get(field.name.value), print_ast(field.type)
        if got is None:
            yield f"{name}.{field.name.value} is missing"
        elif str(got.type) not in {text, text.removesuffix("!")}:
            yield f"{name}.{field.name.value} is {got.type}, promised {text}"
        else:
            yield from input_flaws(schema, promised, text.strip("[]!"), seen | {name})
    sent = {field.name.value for field in want.fields or ()}
    for key, field in sorted(have.fields.items()):
        if is_required_input_field(field) and key not in sent:
            yield f"{name}.{key} is required, and front ends do not send it"


def flaws(
    schema: GraphQLSchema,
    document: DocumentNode,
    promised: Mapping[str, InputObjectTypeDefinitionNode],
) -> list[str]:
    """Return why ``document`` and the inputs it sends do not stand."""
    found = [error.message for error in validate(schema, document)]
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    for variable in operation.variable_definitions or ():
        found += input_flaws(schema, promised, print_ast(variable.type).strip("[]!"))
    return found


@pytest.mark.parametrize(
    ("name", "document"), list(_documents()), ids=lambda v: v if isinstance(v, str) else ""
)
def test_every_operation_stands(house: Any, name: str, document: DocumentNode) -> None:
    found = flaws(house.graphql, document, _promised())
    assert found == []
