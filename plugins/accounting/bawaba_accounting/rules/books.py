"""The laws of double entry: what balances, on which side an account grows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from bawaba.ledger import AccountKind, Posting, Side
from bawaba.money import CURRENCY, MAX_FILS

__all__ = ["balance", "is_balanced", "nets", "turnover"]

_GROWS_BY_DEBIT = (AccountKind.ASSET, AccountKind.EXPENSE)


def is_balanced(postings: Sequence[Posting]) -> bool:
    """Return whether the postings can stand as one journal.

    There are some, each moves 1 to ``MAX_FILS`` fils of the books' one currency, and the debits
    equal the credits.
    """
    total = 0
    for posting in postings:
        if not 0 < posting.fils <= MAX_FILS or posting.currency != CURRENCY:
            return False
        total += posting.fils if posting.side is Side.DEBIT else -posting.fils
    return bool(postings) and total == 0


def nets(postings: Sequence[Posting]) -> dict[str, int]:
    """Return what the postings do to each account in fils: debits minus credits, never zero."""
    net: Counter[str] = Counter()
    for posting in postings:
        net[posting.account] += posting.fils if posting.side is Side.DEBIT else -posting.fils
    return {account: fils for account, fils in net.items() if fils}


def turnover(net: Mapping[str, int]) -> int:
    """Return the fils that move from one side to the other."""
    return sum(fils for fils in net.values() if fils > 0)


def balance(kind: AccountKind, debits: int, credits: int) -> int:  # noqa: A002  the word of the trade
    """Return the balance in fils, positive on the side on which accounts of ``kind`` grow."""
    return debits - credits if kind in _GROWS_BY_DEBIT else credits - debits
