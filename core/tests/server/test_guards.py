"""The shape and the cost of operations: at the limit, one beyond, and what would cost for ever."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from bawaba.errors import LimitExceeded
from bawaba.host import boot
from bawaba.host.schema.cost import Costs
from bawaba.host.schema.engine import Engine, Rejected
from bawaba.host.schema.guards import Limits, check_shape
from bawaba.text import Language
from graphql import OperationDefinitionNode, build_schema, parse

LIMITS = Limits()


def refused(document: str) -> str | None:
    try:
        check_shape(parse(document), LIMITS)
    except LimitExceeded as error:
        return error.detail.en
    return None


def nested(levels: int) -> str:
    return "{" + " a {" * (levels - 1) + " a" + " }" * (levels - 1) + "}"


@pytest.mark.parametrize(
    ("document", "word"),
    [
        (nested(11), "levels"),
        ("{" + "".join(f" x{n}: a" for n in range(31)) + "}", "aliases"),
        ("{ a {" + "".join(f" x{n}: a" for n in range(31)) + "} }", "aliases"),
        ("{" + "".join(f" a{n}" for n in range(21)) + "}", "root fields"),
        ("{ a" + " @skip(if: false)" * 51 + "}", "directives"),
        ("query" + " @x" * 51 + "{ a }", "directives"),
        ("{ ...F } fragment F on Q { b { ...G } } fragment G on Q " + nested(10), "levels"),
        ("{ a ...F ...F } fragment F on Q {" + " x: a" * 16 + "}", "aliases"),
        ("{ ok } query B " + nested(11), "levels"),
    ],
)
def test_one_beyond_a_limit_is_refused(document: str, word: str) -> None:
    assert word in (refused(document) or "")


@pytest.mark.parametrize(
    "document",
    [
        nested(10),
        "{" + "".join(f" x{n % 20}: a" for n in range(20)) + "}",
        "{" + "".join(f" a{n}" for n in range(20)) + "}",
        "{ a" + " @skip(if: false)" * 50 + "}",
        "{ __schema { types { fields { type {" + " ofType {" * 9 + " name" + " }" * 13 + " }",
    ],
)
def test_the_limit_itself_is_allowed(document: str) -> None:
    assert refused(document) is None


def test_fragments_that_double_at_each_level_are_walked_once() -> None:
    doubling = "{ ...F0 }" + "".join(
        f" fragment F{n} on Q {{ a {{ ...F{n + 1} ...F{n + 1} }} }}" for n in range(60)
    )
    assert refused(doubling + " fragment F60 on Q { x: a }") is not None


@pytest.mark.parametrize(
    "document",
    [
        "{ a {" + " b" * 101 + "} }",
        "{ a { ... {" + " b" * 60 + "} ... {" + " b" * 60 + "} } }",
        "{ a { ...F ...G } } fragment F on Q {" + " b" * 60 + "} fragment G on Q { ...H }"
        " fragment H on Q {" + " b" * 60 + "}",
    ],
)
def test_what_validation_would_compare_pair_by_pair_is_refused(document: str) -> None:
    assert "same field" in (refused(document) or "")
    assert refused(document.replace(" b" * 60, " b" * 50).replace(" b" * 101, " b" * 100)) is None


def test_cycles_end() -> None:
    assert refused("{ ...A } fragment A on Q { a { ...B } } fragment B on Q { ...A }") is None
    assert refused("{ ...A } fragment A on Q { ...A ...Unknown }") is None


PAGED = build_schema(
    """
    type Query { plain: Item  many: [Item]  nodes(ids: [ID!]!): [Item]
                 page(first: Int!, after: String): ItemConnection }
    type Item { name: String  plain: Item  page(first: Int! = 7, after: String): ItemConnection }
    type ItemConnection { nodes: [Item] edges: [Edge] totalCount: Int pageInfo: Info }
    type Edge { node: Item cursor: String }
    type Info { hasNextPage: Boolean }
    """
)


def cost(document: str, **variables: Any) -> int:
    parsed = parse(document)
    operation = next(d for d in parsed.definitions if isinstance(d, OperationDefinitionNode))
    return Costs(PAGED).of(parsed, operation, variables)


@pytest.mark.parametrize(
    ("document", "variables", "expected"),
    [
        ("{ plain { name } }", {}, 1),
        ("{ plain { plain { name } } }", {}, 2),
        ("{ page(first: 10) { nodes { name } } }", {}, 12),
        ("{ page(first: 10) { totalCount pageInfo { hasNextPage } } }", {}, 2),
        ("{ page(first: 10) { edges { node { name } } } }", {}, 22),
        ("query($n: Int!) { page(first: $n) { nodes { name } } }", {"n": 50}, 52),
        ("query($n: Int! = 5) { page(first: $n) { nodes { name } } }", {}, 7),
        ("query($n: Int!) { page(first: $n) { nodes { name } } }", {}, 102),
        ("query($n: Int!) { page(first: $n) { nodes { name } } }", {"n": "x"}, 102),
        ("query($n: Int!) { page(first: $n) { nodes { name } } }", {"n": 10**12}, 102),
        ("query($n: Int!) { page(first: $n) { nodes { name } } }", {"n": -5}, 2),
        ("{ page(first: 9999999999999) { nodes { name } } }", {}, 102),
        ("{ page(first: 10) { nodes { page(first: 10) { nodes { name } } } } }", {}, 132),
        ("{ page(first: 10) { ...F } } fragment F on ItemConnection { nodes { name } }", {}, 12),
        ("{ many { name } }", {}, 101),
        ('{ nodes(ids: ["a", "b"]) { name } }', {}, 3),
        ("query($i: [ID!]!) { nodes(ids: $i) { name } }", {"i": ["a"] * 40}, 41),
        ("{ __schema { types { name } } __typename }", {}, 0),
    ],
)
def test_cost(document: str, variables: Mapping[str, Any], expected: int) -> None:
    assert cost(document, **variables) == expected


def test_cost_of_doubling_fragments_is_reckoned_once_a_fragment() -> None:
    doubling = "{ plain { ...F0 } }" + "".join(
        f" fragment F{n} on Item {{ plain {{ ...F{n + 1} ...F{n + 1} }} }}" for n in range(200)
    )
    assert cost(doubling + " fragment F200 on Item { name }") >= 10**9


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    settings = boot.Settings(data_dir=tmp_path_factory.mktemp("data"), demo=True)
    return boot.build(settings).engine


OPERATIONS = Path(__file__).parents[3] / "schema" / "operations"


def test_the_published_operations_that_stand_are_within_the_limits(engine: Engine) -> None:
    stood, codes = 0, set[str]()
    for file in sorted(OPERATIONS.rglob("*.graphql")):
        text = re.sub(r"#.*", "", file.read_text(encoding="utf-8"))
        chunks = re.split(r"(?m)^(?=(?:query|mutation|subscription|fragment) )", text)
        fragments = "".join(c for c in chunks if c.startswith("fragment"))
        for chunk in (c for c in chunks if c.strip() and not c.startswith("fragment")):
            try:
                prepared = engine.prepare(chunk + used(chunk, fragments), None, Language.EN)
                engine.check_cost(prepared, {"first": 100}, Language.EN)
            except Rejected as rejected:
                codes |= {e["extensions"]["code"] for e in rejected.answer["errors"]}
            else:
                stood += 1
    assert codes == set()
    assert stood >= 98


def used(chunk: str, fragments: str) -> str:
    known = {m[1]: m[0] for m in re.finditer(r"fragment (\w+) [^§]*?(?=fragment |\Z)", fragments)}
    found: dict[str, str] = {}
    pending = re.findall(r"\.\.\.(\w+)", chunk)
    while pending:
        name = pending.pop()
        if name in known and name not in found:
            found[name] = known[name]
            pending += re.findall(r"\.\.\.(\w+)", known[name])
    return "".join(found.values())


def test_too_dear_is_refused_with_the_figures_in_both_languages(engine: Engine) -> None:
    query = """query($n: Int!) { me { payments(first: $n) { nodes { refunds(first: $n)
               { nodes { id } } } } } }"""
    for language, letter in ((Language.EN, "T"), (Language.AR, "ك")):
        prepared = engine.prepare(query, None, language)
        engine.check_cost(prepared, {"n": 10}, language)
        with pytest.raises(Rejected) as refusal:
            engine.check_cost(prepared, {"n": 100}, language)
        (error,) = refusal.value.answer["errors"]
        assert error["extensions"]["code"] == "LIMIT_EXCEEDED"
        assert error["extensions"]["cost"] > error["extensions"]["limit"] == 5000
        assert error["message"].startswith(letter)


def test_names_of_ten_thousand_letters_are_not_sent_back(engine: Engine) -> None:
    with pytest.raises(Rejected) as refusal:
        engine.prepare("{ " + "x" * 10_000 + " }", None, Language.EN)
    assert len(str(refusal.value.answer)) < 1_000


def test_introspection_cannot_be_nested_for_ever(engine: Engine) -> None:
    deep = "{ __schema { types { " + "fields { type { " * 5 + "name" + " } }" * 5 + " } } }"
    with pytest.raises(Rejected):
        engine.prepare(deep, None, Language.EN)
