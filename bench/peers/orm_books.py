"""The least that an ORM needs for double entry: balances and postings, one transaction each."""

from __future__ import annotations

from bawaba import db
from tortoise import fields
from tortoise.models import Model

TABLES = """
CREATE TABLE peer_balance (code TEXT PRIMARY KEY, debits BIGINT NOT NULL, credits BIGINT NOT NULL);
CREATE TABLE peer_posting (id BIGSERIAL PRIMARY KEY, reference TEXT NOT NULL,
  account TEXT NOT NULL REFERENCES peer_balance, side TEXT NOT NULL, fils BIGINT NOT NULL);
CREATE INDEX peer_posting_account ON peer_posting (account, id)
"""


class PeerBalance(Model):
    code = fields.TextField(primary_key=True)
    debits = fields.BigIntField()
    credits = fields.BigIntField()

    class Meta:
        table = "peer_balance"


class PeerPosting(Model):
    id = fields.BigIntField(primary_key=True)
    reference = fields.TextField()
    account = fields.TextField()
    side = fields.TextField()
    fils = fields.BigIntField()

    class Meta:
        table = "peer_posting"


async def prepare(accounts: list[str]) -> None:
    for statement in TABLES.split(";"):
        await db.execute(statement)
    await PeerBalance.bulk_create([PeerBalance(code=c, debits=0, credits=0) for c in accounts])


async def pay(reference: str, debit: str, credit: str, fils: int) -> None:
    """Lock both accounts, insert both postings, update both balances; commit."""
    async with db.transaction():
        codes = sorted((debit, credit))
        held = PeerBalance.filter(code__in=codes).order_by("code").select_for_update()
        rows = {row.code: row for row in await held}
        await PeerPosting.create(reference=reference, account=debit, side="DEBIT", fils=fils)
        await PeerPosting.create(reference=reference, account=credit, side="CREDIT", fils=fils)
        rows[debit].debits += fils
        rows[credit].credits += fils
        for code in codes:
            await rows[code].save(update_fields=["debits", "credits"])
