"""Each law, broken once in a small sample: its checker must say so, and pass what is in order."""

from __future__ import annotations

import enum
import importlib
import json
import sys
import types
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import strawberry
from bawaba.domain import IllegalTransition, StateMachine
from bawaba.errors import BootError, Refusal
from bawaba.graphql import PUBLIC, UserError, field, leaf
from bawaba.host.core_plugin import CorePlugin
from bawaba.host.registry import load
from bawaba.host.schema import export
from bawaba.host.schema.compose import compose
from bawaba.host.settings import Settings
from bawaba.plugin import Manifest, Permission, SchemaPart, hookimpl
from bawaba.testing import laws
from bawaba.text import Text, both
from graphql import build_schema


def sample(tmp_path: Path, **files: str) -> Path:
    """Write a package ``bawaba_sample`` with these modules and return its folder."""
    package = tmp_path / "bawaba_sample"
    package.mkdir(exist_ok=True)
    for name, text in {"__init__": "", **files}.items():
        path = package / f"{name.replace('__', '/') if name != '__init__' else name}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return package


@pytest.mark.parametrize(
    "text",
    [
        "# for the post office",
        "x = 'bawaba_post_office'",
        "'bawaba-post-office'",
        "POST_OFFICE = 1",
    ],
)
def test_core_that_names_a_plugin_is_reported(tmp_path: Path, text: str) -> None:
    core = sample(tmp_path, thing=text)
    names = ["post_office", "bawaba_post_office", "bawaba-post-office"]
    assert len(laws.knows_no_agency(core, names)) == 1
    assert laws.knows_no_agency(core, ["library"]) == []


@pytest.mark.parametrize(
    "text",
    [
        "from bawaba.host import boot",
        "import bawaba.host.storage.database",
        "from bawaba import host",
        "def late():\n    from bawaba.host.settings import Settings",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from bawaba.host import ports",
    ],
)
def test_a_second_door_is_reported(tmp_path: Path, text: str) -> None:
    assert len(laws.one_door(sample(tmp_path, services=text))) == 1
    assert (
        laws.one_door(sample(tmp_path, services="from bawaba import db\nimport bawaba.hosting"))
        == []
    )


def test_plugins_that_know_each_other_are_reported(tmp_path: Path) -> None:
    package = sample(
        tmp_path, services="from bawaba_other.domain import Fine\nimport bawaba_others"
    )
    assert len(laws.strangers(package, ["bawaba_other"])) == 1
    assert laws.strangers(package, ["bawaba_third"]) == []


@pytest.mark.parametrize(
    "text",
    [
        "import datetime as dt\ndef f():\n    return dt.datetime.now(dt.UTC)",
        "from datetime import datetime\nx = datetime.utcnow",
        "import datetime\nx = datetime.date.today()",
        "from bawaba.runtime import now",
        "import time",
        "from time import monotonic",
        "import random",
        "from uuid import uuid4",
        "import secrets",
        "import os\nhome = os.environ['HOME']",
        "text = open('x')",
        "from pathlib import Path\ntext = Path('x').read_text()",
        "async def f(): ...",
        "from bawaba.db import fetch",
        "from bawaba import live",
        "from tortoise.models import Model",
        "from bawaba.host.storage import database",
    ],
)
@pytest.mark.parametrize("room", ["rules", "domain", "rules__prices"])
def test_impure_rules_are_reported(tmp_path: Path, room: str, text: str) -> None:
    assert laws.pure(sample(tmp_path, **{room: text})) != []


def test_pure_rules_and_impure_services_pass(tmp_path: Path) -> None:
    pure = "import datetime as dt\ndef due(at: dt.datetime) -> dt.date:\n    return at.date()"
    assert laws.pure(sample(tmp_path, rules=pure, services="import random, time\nopen('x')")) == []


@pytest.mark.parametrize(
    "awaited",
    [
        "self.gateway.refund(order)",
        "gateways[name].open_checkout(order)",
        "gateway_of(payment).refund(order)",
        "http_client.get(url)",
        "payable.deliver(items)",
        "self._payables[code].find(ids, at)",
        "asyncio.sleep(1)",
        "helper()",
        "ask_agency(number)",
    ],
)
def test_waiting_inside_a_transaction_is_reported(tmp_path: Path, awaited: str) -> None:
    text = f"""
from bawaba_sample.gateway import ask_agency
async def helper():
    await session_client.post(url)
async def verb(self):
    async with transaction():
        await Row.save()
        await {awaited}
"""
    assert len(laws.nothing_slow(sample(tmp_path, services=text))) == 1


def test_waiting_outside_a_transaction_and_later_passes(tmp_path: Path) -> None:
    text = """
async def verb(self, payable):
    bills = await payable.find(ids, at)
    async with transaction():
        await payable.mark_paid(items)
        async def later():
            await self.gateway.refund(order)
        after_commit(later)
    await self.gateway.refund(order)
"""
    assert laws.nothing_slow(sample(tmp_path, services=text)) == []


def _lines(count: int) -> str:
    return "\n".join(f"    x{i} = {i}" for i in range(count))


@pytest.mark.parametrize(
    ("name", "text", "what"),
    [
        ("services", "\n" * 401, "a file"),
        ("services", f"def f():\n{_lines(60)}\n", "a function"),
        ("plugin", "declare_manifest = None\n" * 81, "a plugin.py"),
        (
            "graphql",
            f"class Q:\n  @field(permission='x')\n  def f(self):\n{_lines(9)}\n",
            "a resolver",
        ),
    ],
)
def test_what_is_too_long_is_reported(tmp_path: Path, name: str, text: str, what: str) -> None:
    found = laws.sizes(sample(tmp_path, **{name: text}))
    assert len(found) == 1
    assert what in found[0]


def test_the_exceptions_may_only_shrink(tmp_path: Path) -> None:
    package = sample(tmp_path, long="\n" * 450)
    assert laws.sizes(package, {"long.py": 450}) == []
    assert laws.sizes(package, {"long.py": 440}) != []
    assert laws.sizes(package, {"long.py": 460}) != []
    assert laws.sizes(package, {"long.py": 450, "gone.py": 500}) != []
    assert laws.sizes(sample(tmp_path, long="\n"), {"long.py": 450}) != []


def test_a_function_without_a_return_type_is_reported(tmp_path: Path) -> None:
    assert len(laws.returns(sample(tmp_path, services="def f(): ...\ndef g() -> None: ..."))) == 1


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
type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
"""


def test_a_list_without_a_bound_is_reported() -> None:
    assert laws.bounded_lists(build_schema(CONNECTION), {}) == []
    for whole, broken in (
        ("totalCount: Int!", ""),
        ("endCursor: String", ""),
        ("cursor: String! }", "}"),
        ("(first: Int!, after: String)", ""),
        ("totalCount: Int!", "totalCount: Int! more: [Int!]!"),
    ):
        assert laws.bounded_lists(build_schema(CONNECTION.replace(whole, broken, 1)), {}) != [], (
            broken
        )
    plain = build_schema("type Query { plain: [Int!]! }")
    assert len(laws.bounded_lists(plain, {})) == 1
    assert laws.bounded_lists(plain, {"Query.plain": 5}) == []
    assert laws.bounded_lists(plain, {"Query.plain": 5, "Query.gone": 5}) != []
    assert laws.bounded_lists(plain, {"Query.plain": 0}) != []


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
    def sample_pay(self, input: SamplePayInput) -> SamplePayload:  # noqa: A002
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
    with pytest.raises(BootError) as raised:
        named = {f"plugin-{number}": module for number, module in enumerate(modules)}
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


@dataclass
class Docs:
    """The checkers of test_docs.py, on pages of our own."""

    root: Path
    checks: Any

    def page(self, text: str) -> Path:
        path = self.root / "README.md"
        path.write_text(text, encoding="utf-8")
        return path


@pytest.fixture
def docs(tmp_path: Path) -> Docs:
    spec = importlib.util.spec_from_file_location(
        "house_docs", Path(__file__).parent / "test_docs.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["house_docs"] = module
    spec.loader.exec_module(module)
    (tmp_path / "Makefile").write_text("demo: ## run\n")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "there.md").write_text("# A heading here\n")
    return Docs(tmp_path, module)


def test_a_dead_link_path_or_verb_is_reported(docs: Docs) -> None:
    good = docs.page("[a](docs/there.md#a-heading-here) `docs/there.md` `make demo`")
    assert list(docs.checks.broken_links(good)) == []
    assert list(docs.checks.missing_paths(good, docs.root)) == []
    assert list(docs.checks.missing_verbs(good, docs.root)) == []
    bad = docs.page(
        "[a](docs/gone.md) [b](docs/there.md#gone) `docs/gone.md`\n```sh\nmake fly\n```\n"
    )
    assert len(list(docs.checks.broken_links(bad))) == 2
    assert len(list(docs.checks.missing_paths(bad, docs.root))) == 1
    assert len(list(docs.checks.missing_verbs(bad, docs.root))) == 1


def test_a_command_that_does_not_exist_is_reported(docs: Docs) -> None:
    import typer

    app = typer.Typer()
    app.callback()(lambda: None)
    app.command("serve")(_serve)
    command = typer.main.get_command(app)
    good = docs.page("`bawaba serve --port 1`")
    assert list(docs.checks.missing_commands(good, command)) == []
    bad = docs.page("`bawaba fly` and `bawaba serve --wings`")
    assert len(list(docs.checks.missing_commands(bad, command))) == 2


def _serve(port: int = 1) -> None:
    """Serve."""


def test_the_error_catalogue_is_json(house: Any) -> None:
    from bawaba.host.schema import documents

    entries = json.loads(documents.errors_json(house.registry))
    assert all(entry["en"] and entry["ar"] and entry["cause"] for entry in entries)


def test_the_permission_class_is_what_policies_name() -> None:
    part = SchemaPart(query=UnknownPermission)
    known = [Permission("sample.fly", Text("Fly.", "طيران."))]
    module = plugin(declare_schema=[part], declare_permissions=known)
    schema = compose(load({"bawaba": CorePlugin(Settings()), "sample": module}))
    assert "sampleFly" in export.parts(export.sdl(schema), schema.registry)["sample"]
