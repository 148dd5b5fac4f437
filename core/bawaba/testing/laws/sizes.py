"""Sizes, so that the code stays readable."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

from bawaba.testing.laws.source import dotted, modules, parsed

__all__ = ["FILE", "FUNCTION", "PLUGIN", "RESOLVER", "returns", "sizes"]

FILE, FUNCTION, PLUGIN, RESOLVER = 400, 60, 80, 8
"""Lines of a file, a function, a ``plugin.py``, a resolver's body (docstring not counted)."""

_RESOLVERS = {"computed", "field", "subscription", "strawberry.field", "strawberry.mutation"}


def sizes(root: Path, exceptions: Mapping[str, int] | None = None) -> list[str]:
    """Return what under ``root`` is too long, migrations aside; of tests, files alone are measured.

    Args:
        root: the folder from which the exceptions' paths count.
        exceptions: ``path`` or ``path:function`` to the lines it has today. One that is no longer
            needed, or has become smaller, is a breach too: the list may only shrink.
    """
    allowed = dict(exceptions or {})
    found = []
    for path in modules(root):
        name = path.relative_to(root).as_posix()
        for key, lines, limit, what in _measured(path, name):
            granted = allowed.pop(key, None)
            if granted is not None and lines <= limit:
                found.append(f"{key}: needs no exception any more ({lines} lines)")
            elif granted is not None and lines < granted:
                found.append(f"{key}: its exception may shrink to {lines} lines")
            elif lines > (granted or limit):
                found.append(f"{key}: {what} of {lines} lines; at most {granted or limit}")
    return found + [f"{key}: an exception for what does not exist" for key in sorted(allowed)]


def _measured(path: Path, name: str) -> Iterator[tuple[str, int, int, str]]:
    if "migrations" in path.parts:
        return
    text = path.read_text(encoding="utf-8")
    lines = len(text.splitlines())
    plugin = path.name == "plugin.py" and "declare_manifest" in text
    yield name, lines, PLUGIN if plugin else FILE, "a plugin.py" if plugin else "a file"
    if "tests" in path.parts:
        return
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            key = f"{name}:{node.name}"
            if any(_decorator(d) in _RESOLVERS for d in node.decorator_list):
                yield key, _body(node), RESOLVER, "a resolver"
            else:
                yield key, (node.end_lineno or 0) - node.lineno + 1, FUNCTION, "a function"


def _decorator(node: ast.expr) -> str:
    return dotted(node.func if isinstance(node, ast.Call) else node)


def _body(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def returns(root: Path) -> list[str]:
    """Return every function under ``root``, migrations aside, that does not say what it returns."""
    return [
        f"{path}:{node.lineno}: {node.name} does not say what it returns"
        for path in modules(root)
        if "migrations" not in path.parts
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.returns is None
        and node.name != "__init__"
    ]
