"""What every gateway's settlement file must keep to, whoever read it."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from dataclasses import dataclass

from bawaba.money import MAX_FILS
from bawaba.settlement import MAX_LINES, LineKind, Settlement, SettlementLine, SettlementUnreadable

from bawaba_accounting.domain.settlement import Arrival

__all__ = ["FIRST_DAY", "MAX_OF_ONE", "Standing", "arrival", "check"]

MAX_OF_ONE = 1000
"""The most lines of one gateway reference in a file."""
FIRST_DAY = dt.date(2007, 1, 1)
"""The portal has taken payments since that year: no file, payout or line is of a day before."""
_AHEAD = dt.timedelta(days=366)
"""How far ahead a payout may be announced."""
_CLOCKS = dt.timedelta(days=1)
"""By how much the day of an instant may be ahead of the portal's own."""
_BANK_LENGTH = 64
_REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Standing:
    """The file of a name that counts; ``provisional``: it came before its day was over."""

    revision: int
    provisional: bool


def arrival(revision: int, standing: Standing | None, *, early: bool) -> Arrival:
    """Return what becomes of a file with other content than the one that stands.

    Args:
        early: its day is not over, so that it is expected to grow under the same revision.
    """
    if standing is None or (standing.provisional and not early):
        return Arrival.COUNTS
    if early and not standing.provisional:
        return Arrival.OUTDATED
    if revision == standing.revision:
        return Arrival.COUNTS if early else Arrival.DIFFERS
    return Arrival.COUNTS if revision > standing.revision else Arrival.OUTDATED


def check(said: Settlement, gateway: str, today: dt.date) -> None:
    """Pass where a file can be taken in.

    Args:
        today: no file is of a later day: what the books hold would be missing in it at once.

    Raises:
        SettlementUnreadable: says which line and why.
    """
    if said.gateway != gateway:
        raise SettlementUnreadable(f"a file of gateway {said.gateway[:40]}, not {gateway}")
    if len(said.lines) + len(said.payouts) > MAX_LINES:
        raise SettlementUnreadable(f"more than {MAX_LINES:,} lines")
    if not _REFERENCE.fullmatch(said.file_reference) or not 0 < said.revision < 1_000_000:  # noqa: PLR2004
        raise SettlementUnreadable("its reference or revision is not usable")
    if said.settled_on > today:
        raise SettlementUnreadable(f"of {said.settled_on}, a day that is still to come")
    if said.settled_on < FIRST_DAY:
        raise SettlementUnreadable("its day is before the portal's first")
    _check_payouts(said, today + _AHEAD)
    references = Counter(line.gateway_reference for line in said.lines)
    if references and max(references.values()) > MAX_OF_ONE:
        raise SettlementUnreadable(f"more than {MAX_OF_ONE:,} lines of one reference")
    numbers: set[int] = set()
    for line in said.lines:
        if line.number in numbers:
            raise SettlementUnreadable("its number stands twice", line.number)
        _check_line(line, today + _CLOCKS)
        numbers.add(line.number)
    moved = sum(abs(line.fils) + abs(line.fee_fils) for line in said.lines)
    if moved + sum(abs(payout.fils) for payout in said.payouts) > MAX_FILS:
        raise SettlementUnreadable("its amounts are out of range together")


def _check_payouts(said: Settlement, last: dt.date) -> None:
    payouts = [payout.reference for payout in said.payouts]
    if len(set(payouts)) != len(payouts):
        raise SettlementUnreadable("names a payout twice")
    if any(not _REFERENCE.fullmatch(reference) for reference in payouts):
        raise SettlementUnreadable("a payout's reference is not usable")
    if any(abs(payout.fils) > MAX_FILS for payout in said.payouts):
        raise SettlementUnreadable("a payout's amount is out of range")
    if not all(FIRST_DAY <= payout.paid_on <= last for payout in said.payouts):
        raise SettlementUnreadable("a payout's day is out of range")
    banks = [payout.bank_reference for payout in said.payouts]
    if any(len(bank) > _BANK_LENGTH or not bank.isprintable() for bank in banks):
        raise SettlementUnreadable("a bank reference is too long, or not to be printed")


def _check_line(line: SettlementLine, last: dt.date) -> None:
    named = (line.gateway_reference, line.payment_id, line.refund_id, line.payout)
    if any(name is not None and not _REFERENCE.fullmatch(name) for name in named):
        raise SettlementUnreadable("a reference is not usable", line.number)
    if (line.fils == 0) != (line.kind is LineKind.FEE):
        raise SettlementUnreadable("an amount of zero, or a fee that has one", line.number)
    if max(abs(line.fils), abs(line.fee_fils)) > MAX_FILS:
        raise SettlementUnreadable("an amount out of range", line.number)
    if not FIRST_DAY <= line.occurred_at.date() <= last:
        raise SettlementUnreadable("its instant is out of range", line.number)
