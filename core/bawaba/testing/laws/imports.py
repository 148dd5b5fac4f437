"""Laws 2 and 3: one door, and plugins are strangers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from bawaba.testing.laws.source import imported_modules, modules, parsed

__all__ = ["one_door", "strangers"]


def one_door(package: Path) -> list[str]:
    """Return where a plugin's package reaches past the door, into ``bawaba.host``."""
    return [
        f"{path}:{line}: imports {name}; a plugin imports bawaba.*, never bawaba.host"
        for path, line, name in _imports(package)
        if _within(name, "bawaba.host")
    ]


def strangers(package: Path, others: Sequence[str]) -> list[str]:
    """Return where a package imports one of the packages ``others``."""
    return [
        f"{path}:{line}: imports {name}; plugins meet through core's ports and events"
        for path, line, name in _imports(package)
        for other in others
        if _within(name, other)
    ]


def _imports(package: Path) -> Iterator[tuple[Path, int, str]]:
    for path in modules(package):
        for line, name in imported_modules(parsed(path), package.name):
            yield path, line, name


def _within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")
