"""The verbs of the command line: ``bawaba tawasul categories``."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from typing import Annotated

import typer

from bawaba_tawasul.services import categories, offer


async def load_categories(
    file: Annotated[
        Path | None, typer.Argument(help="TOML as agencies.toml; by default that file itself.")
    ] = None,
) -> int:
    """Enter agencies' categories and first targets; what is there stays as it is."""
    content = offer.STARTING if file is None else tomllib.loads(file.read_text(encoding="utf-8"))
    new = await categories.load(content["agencies"])
    sys.stdout.write(f"{new} new categories\n")
    return 0
