"""Progress bars: on a terminal a bar, elsewhere a line at each tenth."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bawaba.plugin import Progress as Report


@contextmanager
def reporting() -> Iterator[Report]:
    """Yield a function that shows (what, done, total)."""
    if not sys.stderr.isatty():
        yield _Lines()
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bars:
        known: dict[str, int] = {}

        def report(what: str, done: int, total: int) -> None:
            if what not in known:
                known[what] = int(bars.add_task(what, total=total))
            bars.update(bars.task_ids[known[what]], completed=done, total=total)

        yield report


class _Lines:
    """Prints each tenth of each kind of work, for logs."""

    def __init__(self) -> None:
        self._shown: dict[str, int] = {}

    def __call__(self, what: str, done: int, total: int) -> None:
        tenth = 10 if total <= 0 else done * 10 // total
        if tenth != self._shown.get(what):
            self._shown[what] = tenth
            print(f"{what}: {done:,} of {total:,}", file=sys.stderr, flush=True)
