"""Writing what a batch decided: the rows of the books, their sums and the chain's end.

Everything happens in the current transaction, under the lock of the chain's head.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterator
from typing import Any

from bawaba import db, live

from bawaba_accounting import models
from bawaba_accounting.domain import GENESIS, STATISTICS_TOPIC, Head
from bawaba_accounting.rules.batch import Batch
from bawaba_accounting.rules.chain import ACTIVITY_COLUMNS, JOURNAL_COLUMNS, POSTING_COLUMNS
from bawaba_accounting.services import heads
from bawaba_accounting.services.sql import (
    Insertion,
    among,
    for_update,
    insert,
    instant,
    listed,
)

__all__ = ["add_up", "announce", "locked_balances", "locked_head", "write"]

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
_A_STATEMENT = 5_000
"""Rows of sums that one statement takes."""
_FIGURES = ("count", "fils", "refunded")
_ADDED = ", ".join(
    f'"{name}" = accounting_rollup."{name}" + excluded."{name}"' for name in _FIGURES
)


async def locked_head() -> Head:
    """Lock the chain, and return its end."""
    for _ in range(2):
        for row in await db.fetch(
            f"SELECT number, hash, booked_at FROM accounting_chain WHERE id = 1 {for_update()}"  # noqa: S608
        ):
            return Head(row["number"], row["hash"], instant(row["booked_at"]))
        first = {"id": "smallint", "number": "bigint", "hash": "text"}
        await insert(
            Insertion("accounting_chain", first, [(1, 0, GENESIS)], "ON CONFLICT DO NOTHING")
        )
    raise RuntimeError("the ledger has no head")


async def locked_balances(accounts: Collection[str]) -> dict[str, tuple[int, int]]:
    """Lock the accounts, in one order; return debits and credits of those that exist."""
    held = await db.fetch(
        "SELECT account, debits, credits FROM accounting_balance "  # noqa: S608
        f"WHERE {among('account', '$1')} ORDER BY account {for_update()}",
        listed(sorted(accounts)),
    )
    return {row["account"]: (row["debits"], row["credits"]) for row in held}


async def write(batch: Batch) -> None:
    """Write the batch's rows; :func:`add_up` is to follow.

    Journals go in after their postings, since they seal them.
    """
    await db.copy_rows("accounting_posting", POSTING_COLUMNS, batch.postings)
    await db.copy_rows("accounting_activity", ACTIVITY_COLUMNS, batch.activities)
    await db.copy_rows("accounting_journal", (*JOURNAL_COLUMNS, "hash"), batch.journals)


async def add_up(batch: Batch) -> None:
    """Add the batch to the sums, and move the chain's head to its end.

    One statement on PostgreSQL, for the sake of its round trips, unless there is very much.
    """
    sums = []
    for first, *more in (rows.parts(_A_STATEMENT) for rows in _sums(batch) if rows.rows):
        sums.append(first)
        for rows in more:
            await insert(rows)
    if db.dialect() == "sqlite":
        for rows in sums:
            await insert(rows)
        await models.ChainHead.filter(id=1).update(
            number=batch.head.number, hash=batch.head.hash, booked_at=batch.head.booked_at
        )
        return
    parts: list[str] = []
    values: list[Any] = [batch.head.number, batch.head.hash, batch.head.booked_at]
    for rows in sums:
        statement, arrays = rows.as_arrays(len(values) + 1)
        parts.append(f"{rows.table}_sums AS ({statement})")
        values += arrays
    await db.execute(
        f"WITH {', '.join(parts)} UPDATE accounting_chain "  # noqa: S608  own words only
        "SET number = $1, hash = $2, booked_at = $3 WHERE id = 1",
        *values,
    )


async def announce(batch: Batch) -> None:
    """Tell of the new figures, and after the commit write the chain's end outside the database."""
    if batch.added:
        await live.emit(STATISTICS_TOPIC, "RECORDED", {"number": batch.head.number})
    db.after_commit(functools.partial(heads.append, heads.path(), batch.head, batch.now))


def _sums(batch: Batch) -> Iterator[Insertion]:
    yield Insertion(
        "accounting_balance",
        _typed("account", "debits", "credits"),
        [(account, *batch.balances[account]) for account in sorted(batch.moved)],
        "ON CONFLICT (account) DO UPDATE SET debits = excluded.debits, credits = excluded.credits",
    )
    yield Insertion(
        "accounting_reversal",
        _typed("journal_id", "account", "posted", "reversed"),
        [(*key, *amounts) for key, amounts in sorted(batch.reversals.items())],
        "ON CONFLICT (journal_id, account) DO UPDATE SET reversed = excluded.reversed",
    )
    yield Insertion(
        "accounting_rollup",
        _typed(*_CELL_COLUMNS, *_FIGURES),
        [(*cell, f.count, f.fils, f.refunded) for cell, f in sorted(batch.cells.items())],
        f"ON CONFLICT ({', '.join(_CELL_COLUMNS)}) DO UPDATE SET {_ADDED}",
    )


def _typed(*columns: str) -> dict[str, str]:
    return {name: _TYPES.get(name, "text") for name in columns}
