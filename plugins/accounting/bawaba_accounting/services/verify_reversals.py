"""Checking what stands as reversed against the journals that reverse."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bawaba import db
from bawaba.text import Text

from bawaba_accounting.domain import Fault
from bawaba_accounting.rules import audit
from bawaba_accounting.rules.reversals import Reversing, undone
from bawaba_accounting.services.sql import among, listed
from bawaba_accounting.services.write import locked_head

__all__ = ["check"]

DIFFERS = Text(
    "What stands as reversed of journal {number} is not what its reversals took.",
    "ما سُجّل معكوساً من القيد رقم {number} لا يساوي ما أخذته القيود العاكسة.",
)


async def check() -> Fault | None:
    """Compare each reversed journal with its reversals, a few hundred at a time.

    Where something differs it is looked at again while nobody can book, since journals may have
    come in between.
    """
    last = ""
    while roots := await _roots(last):
        last = roots[-1]
        if await _differing(roots) is not None:
            async with db.transaction():
                await locked_head()
                wrong = await _differing(roots)
            if wrong is not None:
                return await _fault(wrong)
    return None


async def _roots(after: str) -> list[str]:
    """Return ids of journals that are reversed, by either account of it."""
    one = "SELECT DISTINCT {column} AS id FROM {table} WHERE {column} > $1 ORDER BY 1 LIMIT 200"
    stored = one.format(column="journal_id", table="accounting_reversal")
    named = one.format(column="reverses_id", table="accounting_journal")
    rows = await db.fetch(
        f"SELECT id FROM (SELECT id FROM ({stored}) a UNION SELECT id FROM ({named}) b) x "  # noqa: S608
        "ORDER BY id LIMIT 200",
        after,
    )
    return [row["id"] for row in rows]


async def _differing(roots: Sequence[str]) -> str | None:
    journals = await _family(roots)
    rows = await db.fetch(
        "SELECT journal_id, account, posted, reversed FROM accounting_reversal "  # noqa: S608
        f"WHERE {among('journal_id', '$1')}",
        listed(roots),
    )
    stored: dict[str, dict[str, tuple[int, int]]] = {}
    for row in rows:
        stored.setdefault(row["journal_id"], {})[row["account"]] = (row["posted"], row["reversed"])
    for root in roots:
        if root not in journals or stored.get(root, {}) != undone(root, journals):
            return root
    return None


async def _family(roots: Sequence[str]) -> dict[str, Reversing]:
    """Return the journals and everything that reverses them, generation by generation."""
    rows = await _rows("j.id", roots)
    found = {row["id"]: row for row in rows}
    while rows:
        further = await _rows("j.reverses_id", [row["id"] for row in rows])
        rows = [row for row in further if row["id"] not in found]
        found |= {row["id"]: row for row in rows}
    nets: dict[int, dict[str, int]] = {}
    for row in await _nets([row["number"] for row in found.values()]):
        if row["net"]:
            nets.setdefault(row["number"], {})[row["account"]] = int(row["net"])
    return {
        id_: Reversing(id_, row["reverses_id"], nets.get(row["number"], {}))
        for id_, row in found.items()
    }


async def _rows(column: str, ids: Sequence[str]) -> list[dict[str, Any]]:
    return await db.fetch(
        "SELECT j.id, j.number, j.reverses_id FROM accounting_journal j "  # noqa: S608
        f"WHERE {among(column, '$1')}",
        listed(ids),
    )


async def _nets(numbers: Sequence[int]) -> list[dict[str, Any]]:
    return await db.fetch(
        "SELECT p.number, p.account, SUM(CASE p.side WHEN 'DEBIT' THEN p.fils ELSE -p.fils END) "  # noqa: S608
        "AS net FROM accounting_journal j JOIN accounting_posting p "
        "ON p.position BETWEEN j.number * 1048576 AND j.number * 1048576 + 1048575 "
        f"WHERE {among('j.number', '$1', 'bigint')} GROUP BY p.number, p.account",
        listed(numbers),
    )


async def _fault(root: str) -> Fault:
    rows = await db.fetch("SELECT number FROM accounting_journal WHERE id = $1", root)
    if not rows:
        return Fault(DIFFERS.fill(number="?"))
    return audit.broken(rows[0]["number"], DIFFERS, root)
