"""Law 1: core knows no agency."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

__all__ = ["knows_no_agency"]

_TEXT = {".py", ".toml", ".md", ".html", ".css", ".js", ".jsx", ".json", ".txt", ".sql", ".graphql"}


def knows_no_agency(core: Path, names: Sequence[str], *, without: Sequence[Path] = ()) -> list[str]:
    """Return where a file of ``core`` names a plugin.

    Args:
        core: the folder to look through.
        names: folders, packages and distributions of plugins; ``_``, ``-`` and a space are one.
        without: folders of other people's files.
    """
    spellings = "|".join(re.sub(r"[-_ ]", "[-_ ]", name) for name in sorted(names))
    pattern = re.compile(rf"(?<![a-z])({spellings})(?![a-z])", re.IGNORECASE)
    return [
        f"{path}:{number}: names the plugin {found[1]!r}"
        for path in _texts(core, without)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if (found := pattern.search(line))
    ]


def _texts(core: Path, without: Sequence[Path]) -> Iterator[Path]:
    for path in sorted(core.rglob("*")):
        hidden = "__pycache__" in path.parts or "node_modules" in path.parts
        if path.suffix in _TEXT and not hidden and not any(path.is_relative_to(w) for w in without):
            yield path
