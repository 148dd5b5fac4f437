"""Writing what a batch decided: the rows of the books, their sums and the chain's end.

Everything happens in the current transaction, under the lock of the chain's head.
"""

from __future__ import annotations

import functools
from collections.abc import Collection

from bawaba import db, live

from bawaba_accounting import models
from bawaba_accounting.domain import GENESIS, STATISTICS_TOPIC, Head
from bawaba_accounting.rules.batch import Batch
from bawaba_accounting.rules.chain import ACTIVITY_COLUMNS, JOURNAL_COLUMNS, POSTING_COLUMNS
from bawaba_accounting.services import heads
from bawaba_accounting.services.sql import insert

__all__ = ["close", "locked_balances", "locked_head", "write"]

_TYPES = {
    "debits": "bigint",
    "credits": "bigint",
    "count": "bigint",
    "fils": "bigint",
    "refunded": "bigint",
    "posted": "bigint",
    "reversed": "bigint",
    "starts_on": "date",
}
_CELL_COLUMNS = ("grain", "starts_on", "service", "agency", "channel", "gateway")


async def locked_head() -> Head:
    """Lock the chain. Rows are taken whole here: Tortoise drops the lock from ``.values()``."""
    for _ in range(2):
        for row in await db.locked(models.ChainHead.filter(id=1)):
            return Head(row.number, row.hash, row.booked_at)
        first = {"id": "smallint", "number": "bigint", "hash": "text"}
        await insert("accounting_chain", first, [(1, 0, GENESIS)], "ON CONFLICT DO NOTHING")
    raise RuntimeError("the ledger has no head")


async def locked_balances(accounts: Collection[str]) -> dict[str, tuple[int, int]]:
    """Lock the accounts, in one order; return debits and credits of those that exist."""
    held = await db.locked(models.Balance.filter(account__in=sorted(accounts)).order_by("account"))
    return {row.account: (row.debits, row.credits) for row in held}


async def write(batch: Batch) -> None:
    """Write the batch's rows and add them to the sums; :func:`close` is to follow.

    Journals go in after their postings, since they seal them.
    """
    await db.copy_rows("accounting_posting", POSTING_COLUMNS, batch.postings)
    await db.copy_rows("accounting_activity", ACTIVITY_COLUMNS, batch.activities)
    await db.copy_rows("accounting_journal", (*JOURNAL_COLUMNS, "hash"), batch.journals)
    await insert(
        "accounting_balance",
        _BALANCE,
        [(account, *batch.balances[account]) for account in sorted(batch.moved)],
        "ON CONFLICT (account) DO UPDATE SET debits = excluded.debits, credits = excluded.credits",
    )
    await insert(
        "accounting_reversal",
        _REVERSAL,
        [(*key, *amounts) for key, amounts in sorted(batch.reversals.items())],
        "ON CONFLICT (journal_id, account) DO UPDATE SET reversed = excluded.reversed",
    )
    await insert(
        "accounting_rollup",
        _ROLLUP,
        [(*cell, f.count, f.fils, f.refunded) for cell, f in sorted(batch.cells.items())],
        _ADD_TO_ROLLUP,
    )


async def close(batch: Batch) -> None:
    """Move the chain's head to the batch's end, and tell of it."""
    head = batch.head
    if batch.added:
        await live.emit(STATISTICS_TOPIC, "RECORDED", {"number": head.number})
    await models.ChainHead.filter(id=1).update(
        number=head.number, hash=head.hash, booked_at=head.booked_at
    )
    db.after_commit(functools.partial(heads.append, heads.path(), head, batch.now))


def _typed(*columns: str) -> dict[str, str]:
    return {name: _TYPES.get(name, "text") for name in columns}


_SUMS = ("count", "fils", "refunded")
_BALANCE = _typed("account", "debits", "credits")
_REVERSAL = _typed("journal_id", "account", "posted", "reversed")
_ROLLUP = _typed(*_CELL_COLUMNS, *_SUMS)
_ADD_TO_ROLLUP = f"ON CONFLICT ({', '.join(_CELL_COLUMNS)}) DO UPDATE SET " + ", ".join(
    f'"{name}" = accounting_rollup."{name}" + excluded."{name}"' for name in _SUMS
)
