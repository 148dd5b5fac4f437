"""What is to be done about differences: which are still open, and what settles one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bawaba.ledger import Journal, Posting, Side
from bawaba.text import Text

from bawaba_accounting.domain.settlement import (
    BANK,
    FEES,
    SUSPENSE,
    WRITE_OFF,
    DifferenceKind,
    Found,
)

__all__ = [
    "PayoutBooking",
    "PayoutChange",
    "Resolved",
    "allowed_accounts",
    "dated_late",
    "outstanding",
    "payout_found",
    "payout_journal",
    "resolution",
    "resolved_id",
]

_AFTER = "AFTER:"


@dataclass(frozen=True, slots=True)
class Resolved:
    """A difference that a person resolved with a journal; ``found`` as it was then."""

    id: str
    found: Found


@dataclass(frozen=True, slots=True)
class PayoutBooking:
    """A payout as booked or to be booked: what reached the bank, and what the gateway kept."""

    fils: int
    fees: int


@dataclass(frozen=True, slots=True)
class PayoutChange:
    """Under which reference, on which day and by which name a payout is booked."""

    reference: str
    on: dt.date
    name: str


def outstanding(found: Sequence[Found], resolved: Sequence[Resolved]) -> list[Found]:
    """Return the differences that somebody still has to settle.

    What was resolved stays resolved for as long as it is found with the same amounts. Where it is
    not found any more, because what was missing came, the resolution itself has to be taken back.
    """
    undone = {resolved_id(r.found) for r in resolved if _is_after(r.found)}
    active = [r for r in resolved if not _is_after(r.found) and r.id not in undone]
    handled = {r.found.facts for r in active}
    still = {f.facts for f in found}
    left = [f for f in found if f.facts not in handled]
    return left + [_after(r) for r in active if r.found.facts not in still]


def resolved_id(found: Found) -> str:
    """Return the id of the resolution that a SETTLED_AFTER_ALL would take back."""
    return found.what.removeprefix(_AFTER)


def _is_after(found: Found) -> bool:
    return found.kind is DifferenceKind.SETTLED_AFTER_ALL


def _after(resolved: Resolved) -> Found:
    was = resolved.found
    return Found(
        DifferenceKind.SETTLED_AFTER_ALL,
        f"{_AFTER}{resolved.id}",
        was.settled_on,
        was.gateway_reference,
        was.payment_id,
        expected=was.actual,
        actual=was.expected,
    )


def payout_found(
    reference: str, told: PayoutBooking, gross: int, settled_on: dt.date
) -> Found | None:
    """Return the difference of a payout that is not its lines less their fees, if it is one."""
    expected = gross - told.fees
    if told.fils == expected:
        return None
    kind = DifferenceKind.PAYOUT_DIFFERS
    what = f"{kind.value}:{reference}"
    return Found(kind, what, settled_on, reference, None, expected, told.fils)


def payout_journal(
    payout: PayoutChange, clearing: str, before: PayoutBooking, now: PayoutBooking
) -> Journal | None:
    """Return what books a payout, or the change of one that is booked; None: nothing changes."""
    bank, fees = now.fils - before.fils, now.fees - before.fees
    moved = [(BANK, bank), (FEES, fees), (clearing, -bank - fees)]
    postings = [_posting(account, fils) for account, fils in moved if fils]
    if not postings:
        return None
    words = Text("Payout {name}", "دفعة بوابة الدفع {name}").fill(name=payout.name)
    return Journal(payout.reference, "PAYOUT", words, payout.on, postings)


def dated_late(journal: Journal, on: dt.date) -> Journal:
    """Return a journal for a day that is open, which says on which day the money moved."""
    words = Text("{name}, of {day}", "{name}، بتاريخ {day}")
    said = Text(
        words.en.format(name=journal.description.en, day=journal.effective_on),
        words.ar.format(name=journal.description.ar, day=journal.effective_on),
    )
    return replace(journal, effective_on=on, description=said)


def allowed_accounts(kind: DifferenceKind) -> tuple[str, ...]:
    """Return the accounts against which a difference may be resolved."""
    if kind is DifferenceKind.FEE_DIFFERS:
        return (WRITE_OFF, SUSPENSE)
    return (WRITE_OFF, SUSPENSE, FEES)


def resolution(difference: Resolved, other: str, account: str, on: dt.date) -> Journal:
    """Return the journal that settles a difference against ``account``.

    What the gateway owes more than the books say is debited to ``other``, its clearing account;
    what it owes less is credited; ``account`` takes the other side. Where ``other`` is the account
    of fees, what was charged beyond the agreed fee leaves it.
    """
    found = difference.found
    fils = found.actual - found.expected
    if other == FEES:
        fils = -fils
    words = Text("Difference at {name} resolved", "تسوية فرق في {name}")
    return Journal(
        f"difference:{difference.id}",
        "RECONCILIATION",
        words.fill(name=found.gateway_reference),
        on,
        (_posting(other, fils), _posting(account, -fils)),
    )


def _posting(account: str, fils: int) -> Posting:
    """Return a posting of signed fils: debits are positive."""
    return Posting(account, Side.DEBIT if fils > 0 else Side.CREDIT, abs(fils))
