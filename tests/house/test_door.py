"""The door: what each public module offers exists and is documented."""

from __future__ import annotations

import ast
import importlib
import inspect
from itertools import pairwise
from typing import Any

import pytest
from bawaba.testing.laws.source import parsed

_NOT_THE_DOOR = {"__init__"}


def _door(house: Any) -> list[str]:
    return [p.stem for p in sorted(house.core.glob("*.py")) if p.stem not in _NOT_THE_DOOR]


def test_each_module_says_what_it_offers(house: Any) -> None:
    silent = [
        name
        for name in _door(house)
        if not hasattr(importlib.import_module(f"bawaba.{name}"), "__all__")
    ]
    assert silent == []


def test_what_is_offered_exists_once(house: Any) -> None:
    for name in _door(house):
        module = importlib.import_module(f"bawaba.{name}")
        offered = list(module.__all__)
        assert len(set(offered)) == len(offered), name
        assert [n for n in offered if not hasattr(module, n)] == [], name


def test_every_public_name_is_documented(house: Any) -> None:
    bare = []
    for name in _door(house):
        module = importlib.import_module(f"bawaba.{name}")
        explained = _explained(house.core / f"{name}.py")
        bare += [
            f"bawaba.{name}.{n}" for n in module.__all__ if not _documented(module, n, explained)
        ]
    assert bare == []


def test_every_public_method_is_documented(house: Any) -> None:
    bare = []
    for name in _door(house):
        module = importlib.import_module(f"bawaba.{name}")
        for offered in module.__all__:
            kind = getattr(module, offered)
            if not inspect.isclass(kind) or kind.__module__ != module.__name__:
                continue
            bare += [
                f"{kind.__module__}.{kind.__qualname__}.{method}"
                for method, function in vars(kind).items()
                if inspect.isfunction(function)
                and not method.startswith("_")
                and not inspect.getdoc(getattr(kind, method))
            ]
    assert bare == []


def test_the_public_names_of_a_module_are_all_offered(house: Any) -> None:
    missing = []
    for name in _door(house):
        module = importlib.import_module(f"bawaba.{name}")
        own = {
            node.name
            for node in parsed(house.core / f"{name}.py").body
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        }
        missing += [
            f"bawaba.{name}.{n}" for n in own if not n.startswith("_") and n not in module.__all__
        ]
    assert missing == []


@pytest.mark.parametrize("name", ["testing", "testing.laws"])
def test_the_rooms_for_tests_are_part_of_the_door(name: str) -> None:
    assert importlib.import_module(f"bawaba.{name}").__doc__


def _documented(module: Any, name: str, explained: set[str]) -> bool:
    value = getattr(module, name)
    if inspect.isclass(value) or inspect.isroutine(value):
        return bool(vars(value).get("__doc__") if inspect.isclass(value) else value.__doc__)
    return name in explained


def _explained(path: Any) -> set[str]:
    """Return the names whose assignment is followed by a string that explains them."""
    body = parsed(path).body
    found = set()
    for node, after in pairwise(body):
        is_text = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
        if isinstance(node, ast.Assign | ast.AnnAssign) and is_text:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {t.id for t in targets if isinstance(t, ast.Name)}
    return found
