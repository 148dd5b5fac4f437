"""Law 4: rules are pure. What import contracts cannot see: calls."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from bawaba.testing.laws.source import dotted, imported_modules, modules, parsed

__all__ = ["pure"]

_ROOMS = {"domain", "refusals", "rules"}
_MODULES = {
    "aiohttp",
    "aiosqlite",
    "asyncio",
    "asyncpg",
    "http",
    "os",
    "random",
    "redis",
    "secrets",
    "shutil",
    "socket",
    "sqlite3",
    "strawberry",
    "structlog",
    "subprocess",
    "tempfile",
    "threading",
    "time",
    "tortoise",
    "urllib.request",
    "uuid",
    "bawaba.audit",
    "bawaba.db",
    "bawaba.graphql",
    "bawaba.jobs",
    "bawaba.live",
}
_CLOCKS = re.compile(r"(^|\.)(datetime|date|dt)\.(now|utcnow|today)$")
_RUNTIME = re.compile(
    r"^bawaba\.runtime\.(now|today|local_day|new_id|current|settings|correlation_id)$"
)
_FILES = re.compile(r"(^(open|input|print)|\.(read_text|read_bytes|write_text|write_bytes))$")


def pure(package: Path) -> list[str]:
    """Return what in ``domain``, ``refusals`` and ``rules`` is not a function of its arguments.

    Time and ids are arguments. A module of types may be imported for its types: ``pathlib`` is
    no breach, reading a file is.
    """
    return [
        f"{path}:{line}: {what}"
        for path in modules(package)
        if _is_rules(path, package)
        for line, what in sorted(set(_impurities(parsed(path), package)))
    ]


def _is_rules(path: Path, package: Path) -> bool:
    parts = path.relative_to(package).with_suffix("").parts
    inside = {part for part in parts if part in _ROOMS}
    return bool(inside) and "migrations" not in parts and "tests" not in parts


def _impurities(tree: ast.Module, package: Path) -> Iterator[tuple[int, str]]:
    for line, name in imported_modules(tree, package.name):
        machinery = name.startswith("bawaba.host.") and not _ROOMS & set(name.split("."))
        if machinery or any(name == b or name.startswith(f"{b}.") for b in _MODULES):
            yield line, f"imports {name}"
        if _RUNTIME.search(name):
            yield line, f"imports {name}: time and ids are arguments"
    for node in ast.walk(tree):
        if isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.AsyncWith | ast.AsyncFor):
            yield node.lineno, "is asynchronous: rules wait for nothing"
        elif isinstance(node, ast.Attribute | ast.Name):
            name = dotted(node)
            if _CLOCKS.search(name):
                yield node.lineno, f"reads the clock with {name}"
        if isinstance(node, ast.Call) and _FILES.search(dotted(node.func)):
            yield node.lineno, f"touches the world outside with {dotted(node.func).lstrip('.')}()"
