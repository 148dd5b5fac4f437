"""Recording journals: the one writer of the books."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bawaba import db, runtime
from bawaba.ledger import Account, Journal, Recorded

from bawaba_accounting import models
from bawaba_accounting.domain import MAX_ACCOUNTS
from bawaba_accounting.rules.batch import Batch, Fact
from bawaba_accounting.services.closed import closed_through
from bawaba_accounting.services.sql import Insertion, among, insert, listed
from bawaba_accounting.services.write import add_up, announce, locked_balances, locked_head, write

__all__ = ["BooksLedger"]


class BooksLedger:
    """The ledger of :mod:`bawaba.ledger`, kept in the database.

    A handful of set-based statements a call, however many journals it brings. The chain's head is
    the ledger's one lock and is taken first: numbers are gapless, instants never go back, and no
    two callers can wait for each other in a circle.
    """

    async def record(self, journals: Sequence[Journal]) -> Sequence[Recorded]:
        """Record ``journals`` in the current transaction; see :class:`bawaba.ledger.Ledger`."""
        db.require_transaction()
        if not journals:
            return []
        batch = await _prepared(journals)
        outcomes = [batch.take(journal) for journal in journals]
        if batch.journals:
            await write(batch)
            await add_up(batch)
            await announce(batch)
        return outcomes

    async def ensure_accounts(self, accounts: Sequence[Account]) -> None:
        """Open those of ``accounts`` that do not exist, each with its zero balance.

        Raises:
            ValueError: the books would have more than ``MAX_ACCOUNTS`` accounts.
        """
        rows = sorted((a.code, a.name.en, a.name.ar, a.kind.value) for a in accounts)
        columns = dict.fromkeys(("code", "name_en", "name_ar", "kind"), "text")
        nothing = "ON CONFLICT DO NOTHING"
        async with db.transaction():
            await insert(Insertion("accounting_account", columns, rows, nothing))
            codes = [row[:1] for row in rows]
            await insert(Insertion("accounting_balance", {"account": "text"}, codes, nothing))
            if await models.Account.all().count() > MAX_ACCOUNTS:
                raise ValueError(f"the ledger holds at most {MAX_ACCOUNTS} accounts")


async def _prepared(journals: Sequence[Journal]) -> Batch:
    head = await locked_head()
    accounts = {posting.account for journal in journals for posting in journal.postings}
    now = max(runtime.now(), head.booked_at) if head.booked_at else runtime.now()
    return Batch(
        head=head,
        closed_through=await closed_through(),
        facts=await _facts(journals),
        balances=await locked_balances(accounts),
        now=now,
        day=runtime.local_day(now),
        today=runtime.today(),
        new_id=runtime.new_id,
        correlation=runtime.correlation_id(),
    )


async def _facts(journals: Sequence[Journal]) -> dict[str, Fact]:
    """Return what is known of the references that ``journals`` name, by reference."""
    undone = {journal.reverses for journal in journals if journal.reverses is not None}
    references = {journal.reference for journal in journals} | undone
    found = await _journals("reference", list(references))
    facts = {row["reference"]: Fact(row["id"], row["number"]) for row in found}
    reversed_ = [row for row in found if row["reference"] in undone]
    if reversed_:
        await _load_lineage({fact.id: fact for fact in facts.values()}, reversed_)
    return facts


async def _journals(column: str, values: Sequence[str]) -> list[dict[str, Any]]:
    return await db.fetch(
        "SELECT id, number, reference, reverses_id FROM accounting_journal "  # noqa: S608
        f"WHERE {among(column, '$1')}",
        listed(values),
    )


async def _load_lineage(known: dict[str, Fact], rows: Sequence[dict[str, Any]]) -> None:
    """Give the journals of ``rows`` their parents, and all of these what was posted and undone."""
    needed: dict[str, Fact] = {}
    while rows:
        parents = {row["reverses_id"] for row in rows if row["reverses_id"]}
        further = await _journals("id", list(parents)) if parents else []
        for row in further:
            known.setdefault(row["id"], Fact(row["id"], row["number"]))
        for row in rows:
            fact = needed[row["id"]] = known[row["id"]]
            fact.parent = known.get(row["reverses_id"])
        rows = [row for row in further if row["id"] not in needed]
    by_number = {fact.number: fact for fact in needed.values()}
    net = await db.fetch(
        "SELECT p.number, p.account, SUM(CASE p.side WHEN 'DEBIT' THEN p.fils ELSE -p.fils END) "  # noqa: S608
        "AS net FROM accounting_journal j JOIN accounting_posting p "
        "ON p.position BETWEEN j.number * 1048576 AND j.number * 1048576 + 1048575 "
        f"WHERE {among('j.number', '$1', 'bigint')} GROUP BY p.number, p.account",
        listed(list(by_number)),
    )
    for row in net:
        if row["net"]:
            fact = by_number[row["number"]]
            fact.moved = {**fact.net, row["account"]: int(row["net"])}
    taken = await db.fetch(
        "SELECT journal_id, account, reversed FROM accounting_reversal "  # noqa: S608
        f"WHERE {among('journal_id', '$1')}",
        listed(list(needed)),
    )
    for row in taken:
        needed[row["journal_id"]].undone[row["account"]] = row["reversed"]
