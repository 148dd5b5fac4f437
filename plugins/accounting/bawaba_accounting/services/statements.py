"""Reading the books: trial balance, account statements, journals."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from bawaba import db, runtime
from bawaba.ledger import AccountKind
from bawaba.paging import Page, keyset_page
from bawaba.text import Text

from bawaba_accounting import models
from bawaba_accounting.domain import HISTORY_STARTS, AccountLine, TrialBalance
from bawaba_accounting.rules import books, chain
from bawaba_accounting.services.sql import last_posting

__all__ = [
    "account",
    "entries",
    "entries_of",
    "journals_by_id",
    "journals_by_number",
    "kinds_of",
    "opening_balance",
    "postings_by_position",
    "trial_balance",
]

JOURNAL_FIELDS = (
    "id",
    "number",
    "reference",
    "kind",
    "description_en",
    "description_ar",
    "effective_on",
    "booked_at",
    "payment_id",
    "reverses_id",
    "hash",
)
ENTRY_FIELDS = (
    "position",
    "number",
    "account",
    "side",
    "fils",
    "debits_after",
    "credits_after",
)
_ACCOUNT_COLUMNS = "a.code, a.name_en, a.name_ar, a.kind"


async def trial_balance(at: dt.datetime | None) -> TrialBalance:
    """Return every account as it stood at ``at`` (booking time); None: now.

    One statement: the balances now, or each account's last posting until then, by its index.
    """
    if at is None:
        rows = await db.fetch(
            f"SELECT {_ACCOUNT_COLUMNS}, b.debits, b.credits FROM accounting_account a "  # noqa: S608
            "JOIN accounting_balance b ON b.account = a.code ORDER BY a.code"
        )
        return TrialBalance(runtime.now(), [_line(row) for row in rows])
    last = chain.last_position(await _number_at(booked_at__lte=at))
    rows = await db.fetch(
        f"SELECT {_ACCOUNT_COLUMNS}, COALESCE(p.debits_after, 0) AS debits, "  # noqa: S608
        "COALESCE(p.credits_after, 0) AS credits FROM accounting_account a "
        "LEFT JOIN accounting_posting p ON p.account = a.code "
        f"AND p.position = {last_posting('a.code', '$1')} ORDER BY a.code",
        last,
    )
    return TrialBalance(at, [_line(row) for row in rows])


async def account(code: str) -> AccountLine | None:
    """Return an account as it stands now, or None where there is none."""
    rows = await db.fetch(
        f"SELECT {_ACCOUNT_COLUMNS}, b.debits, b.credits FROM accounting_account a "  # noqa: S608
        "JOIN accounting_balance b ON b.account = a.code WHERE a.code = $1",
        code,
    )
    return _line(rows[0]) if rows else None


async def opening_balance(line: AccountLine, on: dt.date | None) -> int:
    """Return the balance in fils before anything was booked on the local day ``on``."""
    if on is None:
        return 0
    until = chain.last_position(await _number_at(booked_at__lt=_start_of(on)))
    last = await db.fetch(
        "SELECT debits_after, credits_after FROM accounting_posting "  # noqa: S608
        f"WHERE account = $1 AND position = {last_posting('$1', '$2')}",
        line.code,
        until,
    )
    return books.balance(line.kind, *last[0].values()) if last else 0


async def entries(
    code: str, since: dt.date | None, until: dt.date | None, *, first: int, after: str | None
) -> Page:
    """Return a page of the account's postings booked on the local days ``since`` to ``until``.

    In booking order, in which running balances mean something.
    """
    query = models.PostingRow.filter(account=code)
    if since is not None:
        before = await _number_at(booked_at__lt=_start_of(since))
        query = query.filter(position__gt=chain.last_position(before))
    if until is not None and until < dt.date.max:
        end = await _number_at(booked_at__lt=_start_of(until + dt.timedelta(days=1)))
        query = query.filter(position__lte=chain.last_position(end))
    return await keyset_page(
        query, order=["position"], first=first, after=after, columns=ENTRY_FIELDS
    )


async def entries_of(number: int, *, first: int, after: str | None) -> Page:
    """Return a page of the postings of journal ``number``."""
    query = models.PostingRow.filter(
        position__gte=chain.first_position(number), position__lte=chain.last_position(number)
    )
    return await keyset_page(
        query, order=["position"], first=first, after=after, columns=ENTRY_FIELDS
    )


async def journals_by_number(numbers: Sequence[int]) -> Mapping[int, Mapping[str, Any]]:
    """Return the journals with these numbers."""
    rows = await models.JournalRow.filter(number__in=set(numbers)).values(*JOURNAL_FIELDS)
    return {row["number"]: row for row in rows}


async def journals_by_id(ids: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
    """Return the journals with these raw ids."""
    rows = await models.JournalRow.filter(id__in=set(ids)).values(*JOURNAL_FIELDS)
    return {row["id"]: row for row in rows}


async def postings_by_position(
    positions: Sequence[int],
) -> Mapping[int, tuple[Mapping[str, Any], AccountKind]]:
    """Return the postings at these positions, each with the kind of its account."""
    rows = await models.PostingRow.filter(position__in=set(positions)).values(*ENTRY_FIELDS)
    kinds = await kinds_of([row["account"] for row in rows])
    return {row["position"]: (row, kinds[row["account"]]) for row in rows}


async def kinds_of(codes: Sequence[str]) -> Mapping[str, AccountKind]:
    """Return the kind of each of the accounts."""
    rows = await models.Account.filter(code__in=set(codes)).values_list("code", "kind")
    return {code: AccountKind(kind) for code, kind in rows}


async def _number_at(**condition: Any) -> int:
    """Return the number of the newest journal that was booked then; 0 where there was none."""
    rows = (
        await models.JournalRow.filter(**condition)
        .order_by("-booked_at", "-number")
        .limit(1)
        .values("number")
    )
    return int(rows[0]["number"]) if rows else 0


def _start_of(day: dt.date) -> dt.datetime:
    """Return the instant at which a local day starts; nothing was booked before 2007."""
    zone = ZoneInfo(runtime.current().timezone)
    start = dt.datetime.combine(max(day, HISTORY_STARTS), dt.time.min, zone)
    return start.astimezone(dt.UTC)


def _line(row: Mapping[str, Any]) -> AccountLine:
    name = Text(row["name_en"], row["name_ar"])
    return AccountLine(row["code"], name, AccountKind(row["kind"]), row["debits"], row["credits"])
