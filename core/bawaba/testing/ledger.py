"""A ledger in memory, for tests and for core alone. It checks all that a ledger promises."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from bawaba.db import after_commit, require_transaction
from bawaba.ledger import Account, AccountKind, Journal, Outcome, Posting, Recorded, Side

__all__ = ["MemoryLedger"]

_GROWS_BY_DEBIT = (AccountKind.ASSET, AccountKind.EXPENSE)


class MemoryLedger:
    """Implements :class:`bawaba.ledger.Ledger`.

    Journals join :attr:`journals` when the transaction commits; a rolled back one leaves nothing.
    """

    def __init__(self) -> None:
        self.accounts: dict[str, Account] = {}
        self.journals: dict[str, Journal] = {}

    async def ensure_accounts(self, accounts: Sequence[Account]) -> None:
        """Add those of ``accounts`` that are not known."""
        for account in accounts:
            self.accounts.setdefault(account.code, account)

    async def record(self, journals: Sequence[Journal]) -> Sequence[Recorded]:
        """Record ``journals`` in the current transaction."""
        require_transaction()
        staged: dict[str, Journal] = {}
        recorded = []
        for journal in journals:
            outcome = self._judge(journal, {**self.journals, **staged})
            if outcome is Outcome.RECORDED:
                staged[journal.reference] = journal
            recorded.append(Recorded(journal.reference, outcome, journal.reference))
        after_commit(lambda: self.journals.update(staged))
        return recorded

    def balance(self, account: str) -> int:
        """Return the balance of an account in fils, positive on the side on which it grows."""
        net = _net(self.journals.values()).get(account, 0)
        return net if self.accounts[account].kind in _GROWS_BY_DEBIT else -net

    def trial_balance(self) -> int:
        """Return debits minus credits over all accounts: 0, or the books are wrong."""
        return sum(_net(self.journals.values()).values())

    def totals(self, service: str) -> tuple[int, int, int]:
        """Return (count, fils, refunded fils) of a service, as statistics see it."""
        cells = [a for j in self.journals.values() for a in j.activities if a.service == service]
        return (
            sum(a.count for a in cells),
            sum(a.fils for a in cells),
            sum(a.refunded for a in cells),
        )

    def _judge(self, journal: Journal, known: dict[str, Journal]) -> Outcome:
        if journal.reference in known:
            return Outcome.DUPLICATE
        amounts = [posting.fils for posting in journal.postings]
        if not amounts or min(amounts) <= 0 or sum(map(_signed, journal.postings)) != 0:
            return Outcome.UNBALANCED
        if any(posting.account not in self.accounts for posting in journal.postings):
            return Outcome.UNKNOWN_ACCOUNT
        if journal.reverses is not None and _over_reversed(journal, known):
            return Outcome.OVER_REVERSED
        return Outcome.RECORDED


def _signed(posting: Posting) -> int:
    return posting.fils if posting.side is Side.DEBIT else -posting.fils


def _net(journals: Iterable[Journal]) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for journal in journals:
        for posting in journal.postings:
            found[posting.account] += _signed(posting)
    return found


def _over_reversed(journal: Journal, known: dict[str, Journal]) -> bool:
    """Whether more is given back than the reversed journal moved, in all or on one account.

    What a reversal puts on an account that the journal did not move counts against the whole alone.
    """
    original = known.get(journal.reverses or "")
    if original is None:
        return True
    undoing = [other for other in known.values() if other.reverses == journal.reverses]
    put, taken = _net([original]), _net([*undoing, journal])
    whole = sum(_turnover(_net([other])) for other in (*undoing, journal))
    return whole > _turnover(put) or any(
        abs(taken[account]) > abs(fils) or taken[account] * fils > 0
        for account, fils in put.items()
    )


def _turnover(net: dict[str, int]) -> int:
    return sum(fils for fils in net.values() if fils > 0)
