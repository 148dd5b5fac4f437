"""Where only the documents of schema/operations may run, what none of them asks is out of reach.

The files beside inputs.graphqls are agreed with front ends and stay as they are; those in services/
are the host's own, a file a service, and keep a few habits besides that caches live by.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    OperationDefinitionNode,
    SelectionSetNode,
    TokenKind,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    build_schema,
    get_named_type,
    is_abstract_type,
    is_object_type,
    parse,
    print_ast,
    visit,
)

OPERATIONS = Path(__file__).resolve().parents[2] / "schema" / "operations"
AGREED = {"accounting", "agencies", "core", "emeeting", "payments", "tawasul"}

Fragments = Mapping[str, FragmentDefinitionNode]


def _parsed(pattern: str) -> dict[str, DocumentNode]:
    paths = sorted(OPERATIONS.glob(pattern))
    return {str(p.relative_to(OPERATIONS)): parse(p.read_text(encoding="utf-8")) for p in paths}


def unreached(schema: GraphQLSchema, documents: Iterable[DocumentNode]) -> list[str]:
    """Return the root fields that no document asks, and the types of which none shows anything."""
    roots = (schema.query_type, schema.mutation_type, schema.subscription_type)
    asked, types = set[str](), TypeInfo(schema)

    class Collect(Visitor):
        def enter_field(self, node: FieldNode, *_: Any) -> None:
            parent = types.get_parent_type()
            if parent is not None and not node.name.value.startswith("__"):
                asked.update((parent.name, f"{parent.name}.{node.name.value}"))

    for document in documents:
        visit(document, TypeInfoVisitor(types, Collect()))
    fields = (f"{root.name}.{name}" for root in roots if root for name in root.fields)
    shown = {name for name, kind in schema.type_map.items() if _is_shown(kind, asked)}
    kinds = (
        name
        for name, kind in schema.type_map.items()
        if is_object_type(kind) and kind not in roots and not name.startswith("__")
    )
    flaws = [f"no document asks {name}" for name in fields if name not in asked]
    return sorted(flaws + [f"no document shows a {name}" for name in kinds if name not in shown])


def _is_shown(kind: Any, asked: set[str]) -> bool:
    """Whether a type is shown: itself, by an interface that is all of it, or, an edge, by nodes."""
    if kind.name in asked or kind.name.endswith("Edge"):
        return True
    return is_object_type(kind) and any(
        each.name in asked and set(each.fields) == set(kind.fields) for each in kind.interfaces
    )


def unkept(schema: GraphQLSchema, document: DocumentNode) -> list[str]:
    """Return selections without what caches need: ``id``, and an abstract type's ``__typename``."""
    flaws, types, fragments = list[str](), TypeInfo(schema), _fragments(document)

    class Check(Visitor):
        def enter_field(self, node: FieldNode, *_: Any) -> None:
            kind: Any = get_named_type(types.get_type())
            wanted = ["id"] if "id" in getattr(kind, "fields", {}) else []
            wanted += ["__typename"] if is_abstract_type(kind) else []
            for name in wanted:
                if not _selects(node.selection_set, kind.name, name, fragments):
                    flaws.append(f"{node.name.value}: a {kind.name} without {name}")

    visit(document, TypeInfoVisitor(types, Check()))
    return flaws


def _selects(node: SelectionSetNode | None, kind: str, name: str, fragments: Fragments) -> bool:
    for each in node.selections if node else ():
        if isinstance(each, FieldNode):
            if each.name.value == name and each.alias is None:
                return True
        elif isinstance(each, FragmentSpreadNode):
            found = fragments[each.name.value]
            same = found.type_condition.name.value == kind
            if same and _selects(found.selection_set, kind, name, fragments):
                return True
    return False


def _fragments(document: DocumentNode) -> Fragments:
    found = (d for d in document.definitions if isinstance(d, FragmentDefinitionNode))
    return {fragment.name.value: fragment for fragment in found}


def _operations(document: DocumentNode) -> list[OperationDefinitionNode]:
    return [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]


def repeated(documents: Iterable[DocumentNode]) -> list[str]:
    """Return names that two operations have, or two fragments that are not the same."""
    seen, flaws = dict[str, str](), list[str]()
    for document in documents:
        for operation in _operations(document):
            name = operation.name.value if operation.name else ""
            if name in seen:
                flaws.append(f"two operations are called {name!r}")
            seen[name] = ""
        for name, fragment in _fragments(document).items():
            if seen.setdefault(f"...{name}", print_ast(fragment)) != print_ast(fragment):
                flaws.append(f"two fragments are called {name!r}")
    return flaws


def unexplained(document: DocumentNode) -> list[str]:
    """Return the operations above which no comment says who asks them, and what for."""
    starts = {o.name.value: o.loc.start_token for o in _operations(document) if o.name and o.loc}
    return [n for n, t in starts.items() if not t.prev or t.prev.kind is not TokenKind.COMMENT]


def test_everything_is_within_reach_of_a_document(house: Any) -> None:
    assert unreached(house.graphql, _parsed("**/*.graphql").values()) == []


def test_every_name_is_given_once() -> None:
    assert repeated(_parsed("**/*.graphql").values()) == []


def test_the_agreed_files_are_no_more_than_were_agreed() -> None:
    assert {Path(name).stem for name in _parsed("*.graphql")} == AGREED, "yours go to services/"


@pytest.mark.parametrize("name", _parsed("services/*.graphql"))
def test_a_services_own_documents_suit_caches_and_say_what_they_are_for(
    house: Any, name: str
) -> None:
    document = parse((OPERATIONS / name).read_text(encoding="utf-8"))
    assert unkept(house.graphql, document) == []
    assert unexplained(document) == []


SCHEMA = build_schema("""
  type Query { me: Person who: Named }
  type Mutation { act: Boolean }
  interface Named { id: ID! name: String }
  type Person implements Named { id: ID! name: String visits(first: Int): VisitConnection }
  type Robot implements Named { id: ID! name: String }
  type VisitConnection { nodes: [Visit!]! edges: [VisitEdge!]! }
  type VisitEdge { node: Visit! }
  type Visit { at: String }
""")
GOOD = """
# Everybody.
query Me { me { ...Parts visits(first: 1) { nodes { at } } } }
# Anybody.
query Who { who { __typename id name } }
# Everybody.
mutation Act { act }
fragment Parts on Person { id name }
"""


def test_the_laws_of_documents_bite() -> None:
    good = parse(GOOD)
    assert (unreached(SCHEMA, [good]), unkept(SCHEMA, good)) == ([], [])
    assert (repeated([good]), unexplained(good)) == ([], [])
    for old, new, flaw in (
        ("mutation Act { act }", "mutation Act { __typename }", "no document asks Mutation.act"),
        ("visits(first: 1) { nodes { at } }", "", "no document shows a Visit"),
        ("who {", "me {", "no document shows a Robot"),
    ):
        assert flaw in unreached(SCHEMA, [parse(GOOD.replace(old, new))]), flaw
    for old, new, flaw in (
        ("{ id name }", "{ name }", "me: a Person without id"),
        ("{ id name }", "{ id: name }", "me: a Person without id"),
        ("__typename id name", "id name", "who: a Named without __typename"),
        ("__typename id name", "__typename ...Parts", "who: a Named without id"),
    ):
        assert unkept(SCHEMA, parse(GOOD.replace(old, new))) == [flaw]
    assert repeated([good, parse("query Me { me { id } }")]) == ["two operations are called 'Me'"]
    other = parse("fragment Parts on Person { name }")
    assert repeated([good, other]) == ["two fragments are called 'Parts'"]
    assert unexplained(parse(GOOD.replace("# Anybody.\n", ""))) == ["Who"]
