"""How long an honest client waits under each attack of tests/abuse, beside the limit of a second.

Run with ``make bench``, with nothing else on the machine. The tests assert that nobody is starved;
the limit itself is asserted here, where the machine is its own.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parent.parent
LIMIT = 1.0


def main() -> int:
    """Run the attacks; print the waits; return 1 where the limit was passed."""
    with tempfile.TemporaryDirectory() as folder:
        waits = Path(folder, "waits")
        more = {"BAWABA_TEST_SLACK": "1", "BAWABA_TEST_WAITS": str(waits)}
        command = [sys.executable, "-m", "pytest", "-q", "tests/abuse", *sys.argv[1:]]
        ran = subprocess.run(command, cwd=ROOT, env=os.environ | more, check=False)
        lines = waits.read_text(encoding="utf-8").splitlines() if waits.exists() else []
    table = Table("attack", "longest wait, ms", "of the limit")
    for line in sorted(lines, key=lambda line: -float(line.rpartition("\t")[2])):
        name, _, seconds = line.partition("\t")
        table.add_row(name, f"{float(seconds) * 1000:.0f}", f"{float(seconds) / LIMIT:.2f}")
    Console().print(table)
    return ran.returncode


if __name__ == "__main__":
    raise SystemExit(main())
