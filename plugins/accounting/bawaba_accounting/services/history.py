"""The demo's books: the portal's own history, brought forward once, as sums or singly."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Any

from bawaba import catalogue, db, jobs, ledger
from bawaba.errors import BootError
from bawaba.plugin import Progress
from bawaba.text import Text

from bawaba_accounting import models
from bawaba_accounting.rules import history
from bawaba_accounting.rules import transactions as singly
from bawaba_accounting.services import bulk

__all__ = ["CHECK", "load"]

CHECK = "accounting.check"
"""The job that checks the books once, so that the demo need not wait for the first turn."""

_BATCH = 100


async def load(progress: Progress, transactions: int | None = None) -> None:
    """Bring the reported history forward; journals that stand already stay as they are.

    Args:
        progress: told (what, done, total).
        transactions: load so many single transactions, into fresh books; None: sums by service
            and month, unless single transactions stand.

    Raises:
        BootError: the books are not fresh, or the number is too small.
    """
    told = tomllib.loads(files("bawaba_accounting").joinpath("history.toml").read_text("utf-8"))
    if transactions is not None:
        await _load_singly(told, transactions, progress)
    elif not await models.JournalRow.filter(reference=singly.FIRST_REFERENCE).exists():
        await _load_sums(told, progress)


async def _load_singly(told: dict[str, Any], number: int, progress: Progress) -> None:
    try:
        wanted = singly.scaled(told, number)
    except ValueError as error:
        raise BootError(
            "accounting", "demo load --transactions", str(error), "ask for more, or leave it out"
        ) from None
    await _register(told)
    await bulk.load(singly.journals(wanted), number, progress)


async def _load_sums(told: dict[str, Any], progress: Progress) -> None:
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
