"""What the verbs share: settings with the command line's data folder, and a host to work in."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated

import typer

from bawaba.host import boot
from bawaba.host.host import Host
from bawaba.host.identity.demo import KEY_FILE
from bawaba.host.settings import Settings

Data = Annotated[
    Path | None, typer.Option("--data", help="Folder of local files (BAWABA_DATA_DIR).")
]


def settings_for(data: Path | None, *, demo: bool = False) -> Settings:
    """Return the settings with the command line's data folder.

    A folder in which a demo was made stays a demo: its verbs need its issuer.
    """
    if data is not None:
        os.environ["BAWABA_DATA_DIR"] = str(data)
    if demo or (Settings().data_dir / KEY_FILE).exists():
        os.environ["BAWABA_DEMO"] = "1"
    return Settings()


def run_in_host(data: Path | None, work: Callable[[Host], Awaitable[int | None]]) -> int | None:
    """Run ``work`` with a host that is open (migrated, bound) but serves nothing."""

    async def run() -> int | None:
        host = boot.build(settings_for(data))
        async with host.opened():
            with host.unit():
                return await work(host)

    return asyncio.run(run())
