"""Each law of the schema, broken once: the checker, or the host itself, must say so."""

from __future__ import annotations

import enum
import json
import types
from pathlib import Path
from typing import Any

import pytest
import strawberry
from bawaba.domain import IllegalTransition, StateMachine
from bawaba.errors import BootError, Refusal
from bawaba.graphql import PUBLIC, UserError, field, leaf
from bawaba.host.core_plugin import CorePlugin
from bawaba.host.registry import load
from bawaba.host.schema import documents, export
from bawaba.host.schema.compose import compose
from bawaba.host.settings import Settings
from bawaba.plugin import Manifest, Permission, SchemaPart, hookimpl
from bawaba.testing import laws
from bawaba.text import Text, both
from graphql import build_schema


def test_what_is_not_described_in_both_languages_is_reported() -> None:
    words = '"""Words.\n\nكلمات."""'
    good = (
        f"{words} type Query {{ {words} a({words} b: Int): Int }} {words} enum E {{ {words} ONE }}"
    )
    assert laws.descriptions(build_schema(good)) == []
    for bad in (
        '"""Words."""',
        '"""كلمات."""',
        '"""Words.\nكلمات."""',
        '"""كلمات.\n\nWords."""',
        "",
    ):
        for place in range(good.count(words)):
            head, *rest = good.split(words)
            pieces = [words] * len(rest)
            pieces[place] = bad
            broken = head + "".join(p + r for p, r in zip(pieces, rest, strict=True))
            assert len(laws.descriptions(build_schema(broken))) == 1, broken


CONNECTION = """
type Query { things(first: Int!, after: String): ThingConnection! }
type ThingConnection { nodes: [Int!]! edges: [ThingEdge!]! totalCount: Int! pageInfo: PageInfo! }
type ThingEdge { node: Int! cursor: String! }
type PageInfo {
  hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String
}
"""


def test_a_list_without_a_bound_is_reported() -> None:
    assert laws.bounded_lists(build_schema(CONNECTION)) == []
    for whole, broken in (
        ("totalCount: Int!", ""),
        ("endCursor: String", ""),
        ("cursor: String! }", "}"),
        ("(first: Int!, after: String)", ""),
        ("totalCount: Int!", "totalCount: Int! more: [Int!]!"),
    ):
        assert laws.bounded_lists(build_schema(CONNECTION.replace(whole, broken, 1))) != [], broken
    assert len(laws.bounded_lists(build_schema("type Query { plain: [Int!]! }"))) == 1
    for bound, flaws in ((5, 0), (0, 1), (None, 1)):
        schema = strawberry.Schema(query=_listing(bound))
        assert len(laws.bounded_lists(schema._schema)) == flaws, bound


def _listing(bound: int | None) -> type:
    @strawberry.type
    class Query:
        plain: list[int] = leaf("Sample.", "مثال.", bound=bound)

    return Query


@strawberry.input(description=both("Sample.", "مثال."))
class SamplePayInput:
    amount: str = leaf("Sample.", "مثال.")


@strawberry.type(description=both("Sample.", "مثال."))
class SamplePayload:
    errors: list[UserError] = leaf("Sample.", "مثال.")


@strawberry.type
class NoPolicy:
    @strawberry.field
    def sample_open(self) -> int:
        return 1


@strawberry.type
class NoKey:
    @field(permission=PUBLIC, en="Sample.", ar="مثال.", effect="money")
    def sample_pay(self, input: SamplePayInput) -> SamplePayload:
        return SamplePayload(errors=[])


@strawberry.type
class UnknownPermission:
    @field(permission="sample.fly", en="Sample.", ar="مثال.")
    def sample_fly(self) -> int:
        return 1


@strawberry.type
class NoPrefix:
    @field(permission=PUBLIC, en="Sample.", ar="مثال.")
    def fly(self) -> int:
        return 1


class SampleRefused(Refusal):
    """A sample."""

    code = "SAMPLE_REFUSED"
    text = Text("No.", "لا.")


class Unprefixed(SampleRefused):
    """A sample."""

    code = "REFUSED"


def plugin(name: str = "sample", **hooks: Any) -> types.ModuleType:
    """Return a plugin module with these declarations."""
    module = types.ModuleType(f"bawaba_{name}.plugin")
    manifest = Manifest(name, name, Text("Sample", "مثال"), "1")
    for hook, value in {"declare_manifest": manifest, **hooks}.items():
        setattr(module, hook, hookimpl(lambda value=value: value))
    return module


def boot_error(*modules: Any) -> str:
    named = {f"plugin-{number}": module for number, module in enumerate(modules)}
    with pytest.raises(BootError) as raised:
        compose(load({"bawaba": CorePlugin(Settings()), **named}))
    assert raised.value.plugin
    assert raised.value.mend
    return str(raised.value)


@pytest.mark.parametrize(
    ("part", "words"),
    [
        (SchemaPart(query=NoPolicy), "names no permission"),
        (SchemaPart(mutation=NoKey), "idempotency"),
        (SchemaPart(query=UnknownPermission), "unknown permission"),
        (SchemaPart(query=NoPrefix), "prefix"),
    ],
)
def test_a_root_that_breaks_the_law_does_not_build(part: SchemaPart, words: str) -> None:
    assert words in boot_error(plugin(declare_schema=[part]))


def test_an_error_code_without_the_prefix_does_not_build() -> None:
    assert "SAMPLE_" in boot_error(plugin(declare_errors=[Unprefixed]))


def test_two_plugins_of_one_name_or_prefix_and_two_ledgers_do_not_start() -> None:
    assert "taken" in boot_error(plugin(), plugin())
    same_prefix = Manifest("another", "sample", Text("Sample", "مثال"), "1")
    assert "taken" in boot_error(plugin(), plugin(declare_manifest=same_prefix))
    both_ledgers = {
        "a": plugin("a", provide_ledger=object()),
        "b": plugin("b", provide_ledger=object()),
    }
    with pytest.raises(BootError, match="'a' and 'b' both provide it"):
        load(both_ledgers).provider("provide_ledger", needed_by=None)


def test_policies_sees_a_schema_built_past_the_host() -> None:
    open_query = strawberry.Schema(query=NoPolicy)
    assert laws.policies(open_query._schema) == ["NoPolicy.sampleOpen: names no permission"]
    unkeyed = strawberry.Schema(query=UnknownPermission, mutation=NoKey)
    assert ["idempotencyKey" in breach for breach in laws.policies(unkeyed._schema)] == [True]


def test_a_stale_or_changed_file_of_the_published_schema_is_reported(tmp_path: Path) -> None:
    files = {
        "schema/bawaba.graphql": "type Query\n",
        "schema/parts/a.graphql": "a\n",
        "docs/x.md": "x\n",
    }
    rooms = tmp_path / "schema", tmp_path / "docs"
    assert len(export.differences(files, *rooms)) == 3
    assert len(export.write(files, *rooms)) == 3
    assert export.differences(files, *rooms) == {}
    (rooms[0] / "parts" / "gone.graphql").write_text("old")
    (rooms[1] / "x.md").write_text("y\n")
    found = {path.name: text for path, text in export.differences(files, *rooms).items()}
    assert set(found) == {"gone.graphql", "x.md"}
    assert "-y" in found["x.md"]
    assert "+x" in found["x.md"]


class Light(enum.Enum):
    RED = 1
    GREEN = 2
    OFF = 3


class Push(enum.Enum):
    GO = 1
    STOP = 2


@pytest.mark.parametrize(
    "edges",
    [
        {(Light.RED, Push.GO): Light.GREEN},
        {(Light.RED, Push.GO): Light.GREEN, (Light.RED, Push.STOP): Light.OFF},
        {
            (Light.RED, Push.GO): Light.GREEN,
            (Light.GREEN, Push.STOP): Light.OFF,
            (Light.OFF, Push.GO): Light.RED,
        },
    ],
)
def test_an_incomplete_machine_cannot_be_made(edges: Any) -> None:
    with pytest.raises(ValueError, match="light"):
        StateMachine("light", Light.RED, edges, frozenset({Light.OFF}))


def test_an_edge_that_is_absent_is_refused() -> None:
    edges = {(Light.RED, Push.GO): Light.GREEN, (Light.GREEN, Push.STOP): Light.OFF}
    machine = StateMachine("light", Light.RED, edges, frozenset({Light.OFF}))
    with pytest.raises(IllegalTransition):
        machine.next(Light.RED, Push.STOP)
    assert "RED --> GREEN: GO" in machine.diagram()


def test_the_error_catalogue_is_json(house: Any) -> None:
    entries = json.loads(documents.errors_json(house.registry))
    assert all(entry["en"] and entry["ar"] and entry["cause"] for entry in entries)


def test_the_permission_class_is_what_policies_name() -> None:
    part = SchemaPart(query=UnknownPermission)
    known = [Permission("sample.fly", Text("Fly.", "طيران."))]
    module = plugin(declare_schema=[part], declare_permissions=known)
    schema = compose(load({"bawaba": CorePlugin(Settings()), "sample": module}))
    assert "sampleFly" in export.parts(export.sdl(schema), schema.registry)["sample"]
