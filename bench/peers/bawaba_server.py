"""``bawaba serve`` itself, with the benchmark's plugin beside the installed ones.

Arguments: port, data folder.
"""

from __future__ import annotations

import sys
from typing import Any

import bawaba_bench
from bawaba.host import boot
from bawaba.host.cli.main import main

installed = boot.discover


def with_bench() -> dict[str, Any]:
    """Return the installed plugins and the benchmark's."""
    return {**installed(), "bench": bawaba_bench}


if __name__ == "__main__":
    boot.discover = with_bench
    port, folder = sys.argv[1:]
    sys.argv = ["bawaba", "serve", "--port", port, "--data", folder]
    main()
