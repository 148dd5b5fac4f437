"""How much of a journal its reversals took back, folded from the journals alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bawaba_accounting.rules import books
from bawaba_accounting.rules.batch import TURNOVER

__all__ = ["Reversing", "undone"]


@dataclass(frozen=True, slots=True)
class Reversing:
    """A journal, what it moved by account (debits minus credits), and which one it reverses."""

    id: str
    reverses: str | None
    net: Mapping[str, int]


def undone(root: str, journals: Mapping[str, Reversing]) -> dict[str, tuple[int, int]]:
    """Return, by account, what journal ``root`` posted and how much of it stands reversed.

    ``journals`` holds the root and everything that reverses it, directly or further down: a
    reversal of a reversal gives back what that one had taken.
    """
    children: dict[str, list[Reversing]] = {}
    for journal in journals.values():
        if journal.reverses is not None and journal.id != root:
            children.setdefault(journal.reverses, []).append(journal)
    of = journals[root]
    taken: Counter[str] = Counter()
    waiting = [(child, 1) for child in children.get(root, ())]
    while waiting:
        journal, sign = waiting.pop()
        parent = journals[journal.reverses or ""]
        for account, fils in _claims(journal, parent):
            if account == TURNOVER or account in of.net:
                taken[account] += sign * fils
        waiting += [(child, -sign) for child in children.get(journal.id, ())]
    return {
        account: (books.turnover(of.net) if account == TURNOVER else abs(of.net[account]), fils)
        for account, fils in taken.items()
    }


def _claims(journal: Reversing, parent: Reversing) -> Iterable[tuple[str, int]]:
    yield TURNOVER, books.turnover(journal.net)
    for account, fils in journal.net.items():
        if account in parent.net:
            yield account, abs(fils)
