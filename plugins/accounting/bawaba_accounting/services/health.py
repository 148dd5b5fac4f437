"""Whether the ledger can be reached."""

from __future__ import annotations

from bawaba_accounting import models

__all__ = ["ledger_answers"]


async def ledger_answers() -> None:
    """Read the chain's head; raise where the database does not answer."""
    await models.ChainHead.filter(id=1).values_list("number", flat=True)
