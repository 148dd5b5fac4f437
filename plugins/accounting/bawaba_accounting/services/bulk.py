"""Loading many journals into fresh books at once: all of them, or none.

The same rules and the same rows as in :mod:`bawaba_accounting.services.record`. What differs: all
is one transaction, there is nothing to look up, since nothing stands, and the sums are written
once, at the end. No trigger or constraint is put off: postings arrive before the journals that
seal them.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from itertools import islice

from bawaba import db, runtime
from bawaba.errors import BootError
from bawaba.ledger import Journal, Outcome
from bawaba.plugin import Progress

from bawaba_accounting import models
from bawaba_accounting.rules.batch import Batch
from bawaba_accounting.services.write import add_up, announce, locked_balances, locked_head, write

__all__ = ["BATCH", "load"]

BATCH = 5_000
"""Journals that are held in memory at a time."""
_TABLES = ("accounting_posting", "accounting_activity", "accounting_journal")


async def load(journals: Iterable[Journal], total: int, progress: Progress) -> None:
    """Book ``total`` journals, whose references are all different, in one transaction.

    The books are locked meanwhile; a crash or a refusal leaves them as they were.

    Raises:
        BootError: the books are not fresh.
        ValueError: a journal cannot stand.
    """
    coming = iter(journals)
    async with db.transaction():
        head = await locked_head()
        if head.number:
            raise _not_fresh(head.number)
        await _prefer_indexes()
        accounts = await models.Account.all().values_list("code", flat=True)
        batch = Batch(
            head=head,
            facts={},
            balances=await locked_balances([str(code) for code in accounts]),
            now=runtime.now(),
            day=runtime.today(),
            new_id=runtime.new_id,
            correlation=runtime.correlation_id(),
        )
        while chunk := list(islice(coming, BATCH)):
            batch = batch.following(max(runtime.now(), batch.now), runtime.today())
            for journal in chunk:
                if (taken := batch.take(journal)).outcome is not Outcome.RECORDED:
                    raise ValueError(f"{journal.reference}: {taken.outcome.value}")
            await write(batch)
            progress("accounting transactions", batch.head.number, total)
        if batch.head.number:
            await add_up(batch)
            await announce(batch)
    await _gather_figures()


def _not_fresh(number: int) -> BootError:
    return BootError(
        "accounting",
        "the books",
        f"hold {number:,} journals already; transactions are loaded into fresh books alone",
        "give another --data folder, or an empty database in BAWABA_DATABASE_URL",
    )


async def _prefer_indexes() -> None:
    """Keep PostgreSQL's plans of the seals, made while the tables are empty, good at any size."""
    if db.dialect() == "postgres":
        for road in ("seqscan", "hashjoin", "mergejoin"):
            await db.execute(f"SET LOCAL enable_{road} = off")


async def _gather_figures() -> None:
    """Let PostgreSQL know what the tables hold now; where that takes long, it does so by itself."""
    if db.dialect() == "postgres":
        for table in (*_TABLES, "accounting_rollup"):
            with suppress(db.StorageUnavailable):
                await db.execute(f"ANALYZE {table}")
