"""Reading Python source for the laws."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

__all__ = ["dotted", "imported_modules", "modules", "names_of", "parsed"]

_SKIPPED = {"__pycache__", ".venv", ".git", "node_modules", "build", "dist"}


def modules(root: Path) -> Iterator[Path]:
    """Yield every Python file under ``root``, sorted, virtual environments and caches left out."""
    for path in sorted(root.rglob("*.py")):
        if not _SKIPPED & set(path.relative_to(root).parts):
            yield path


def parsed(path: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def dotted(node: ast.AST) -> str:
    """Return ``a.b.c`` of an attribute chain; what is not a name in it shows as nothing."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def names_of(node: ast.AST) -> list[str]:
    """Return the names of a call's target: ``self.gateways[x].refund`` gives three."""
    if isinstance(node, ast.Attribute):
        return [*names_of(node.value), node.attr]
    if isinstance(node, ast.Name):
        return [node.id]
    if isinstance(node, ast.Subscript):
        return names_of(node.value)
    if isinstance(node, ast.Call):
        return names_of(node.func)
    return []


def imported_modules(tree: ast.Module, package: str) -> Iterator[tuple[int, str]]:
    """Yield (line, dotted name) of every import; relative ones are seen as of ``package``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            base = f"{package}.{module}".rstrip(".") if node.level else module
            for alias in node.names:
                yield node.lineno, f"{base}.{alias.name}"
