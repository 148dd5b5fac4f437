"""The demo's books: the portal's own history, brought forward once."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Any

from bawaba import catalogue, db, jobs, ledger
from bawaba.plugin import Progress
from bawaba.text import Text

from bawaba_accounting.rules import history

__all__ = ["CHECK", "load"]

CHECK = "accounting.check"
"""The job that checks the books once, so that the demo need not wait for the first turn."""

_BATCH = 100


async def load(progress: Progress) -> None:
    """Bring the reported history forward; journals that stand already stay as they are."""
    told = tomllib.loads(files("bawaba_accounting").joinpath("history.toml").read_text("utf-8"))
    await _register(told)
    journals = history.journals(told)
    for start in range(0, len(journals), _BATCH):
        async with db.transaction():
            await ledger.record(journals[start : start + _BATCH])
        progress("accounting history", min(start + _BATCH, len(journals)), len(journals))
    async with db.transaction():
        await jobs.enqueue(CHECK, {}, key="demo")


async def _register(told: dict[str, Any]) -> None:
    """Name the services, for as long as no plugin offers them."""
    services = told["services"]
    await catalogue.register_historic(
        [catalogue.Agency(s["agency"], Text(**s["agency_name"])) for s in services],
        [
            catalogue.Service(s["code"], s["agency"], Text(**s["service_name"]), Text("", ""))
            for s in services
        ],
    )
