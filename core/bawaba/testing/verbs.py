"""Verbs of the command line, each in a process of its own that need not load the portal anew.

A start of ``bawaba`` takes seconds of processor, nearly all of it to import every plugin. Here one
process imports them, once, and is forked for each verb.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from multiprocessing.context import ForkServerContext
from pathlib import Path

__all__ = ["run_verb"]


def run_verb(
    arguments: Sequence[str], environment: Mapping[str, str], *, within: float
) -> subprocess.CompletedProcess[str]:
    """Run ``bawaba`` with ``arguments``; return exit code and both outputs.

    Args:
        environment: all of the process's environment variables.
        within: seconds, after which it is killed.

    Raises:
        subprocess.TimeoutExpired: it took longer.
    """
    with tempfile.TemporaryDirectory(prefix="bawaba-verb-") as folder:
        outputs = Path(folder) / "out", Path(folder) / "err"
        process = _loaded().Process(
            target=_become, args=(list(arguments), dict(environment), *map(str, outputs))
        )
        process.start()
        process.join(within)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise subprocess.TimeoutExpired(list(arguments), within)
        said, complained = (
            output.read_text(encoding="utf-8") if output.exists() else "" for output in outputs
        )
        return subprocess.CompletedProcess(list(arguments), process.exitcode, said, complained)


@cache
def _loaded() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["bawaba.testing.loaded"])
    return context


def _become(arguments: list[str], environment: dict[str, str], out: str, err: str) -> None:
    """Be the program: its arguments, environment and outputs are this process's own."""
    from bawaba.host.cli.main import main  # noqa: PLC0415  where the portal is loaded already

    os.environ.clear()
    os.environ.update(environment)
    for path, descriptor in ((out, 1), (err, 2)):
        file = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
        os.dup2(file, descriptor)
        os.close(file)
    sys.argv = ["bawaba", *arguments]
    sys.stdout, sys.stderr = (os.fdopen(n, "w", encoding="utf-8", closefd=False) for n in (1, 2))
    try:
        main()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
