"""``bawaba serve --demo``. Arguments: port, data folder, and `warm` or `cold`.

Cold: each request reads the sums and writes the page again, as the first one after a booking does.
"""

from __future__ import annotations

import sys
from typing import Any

from bawaba.host.cli.main import main
from bawaba_accounting.services import transparency

read = transparency.read


async def read_again(_seen: Any) -> Any:
    return await read(None)


if __name__ == "__main__":
    port, folder, state = sys.argv[1:]
    if state == "cold":
        transparency.FRESH = 0.0
        transparency.read = read_again
    sys.argv = ["bawaba", "serve", "--demo", "--port", port, "--data", folder]
    main()
