"""Where a benchmark puts its table, and on what it was measured."""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import os
import platform
import re
from collections.abc import Iterable
from pathlib import Path

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"


def table(rows: Iterable[Iterable[str]]) -> str:
    """Return Markdown: the first row holds the heads, the first column the names."""
    heads, *rest = (list(row) for row in rows)
    lines = [heads, ["---", *["---:"] * (len(heads) - 1)], *rest]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def circumstances(libraries: Iterable[str], others: Iterable[str] = ()) -> str:
    """Return day, machine and versions."""
    facts = [
        f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}",
        f"Python {platform.python_version()}",
        *(f"{name} {importlib.metadata.version(name)}" for name in libraries),
        *others,
    ]
    return f"{dt.datetime.now(tz=dt.UTC):%d %B %Y}: {', '.join(facts)}."


def write(mark: str, text: str) -> None:
    """Put ``text`` between the markers of the page that bear ``mark``."""
    begin, end = f"<!-- {mark}: begin -->", f"<!-- {mark}: end -->"
    page = PAGE.read_text(encoding="utf-8")
    marked = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    if not marked.search(page):
        raise ValueError(f"{PAGE} has no place for {mark}")
    block = f"{begin}\n{text}\n{end}"
    PAGE.write_text(marked.sub(lambda _: block, page), encoding="utf-8")
