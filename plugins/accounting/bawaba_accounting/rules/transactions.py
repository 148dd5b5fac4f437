"""The reported history as single transactions: a journal for each, in place of sums by month."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from operator import itemgetter
from typing import Any

from bawaba.ledger import Activity, Journal, Posting, Side
from bawaba.money import allocate, fils_of, format_fils
from bawaba.text import Text

from bawaba_accounting.domain import HISTORY_GATEWAY
from bawaba_accounting.rules.history import Share, description, names, shares
from bawaba_accounting.rules.lines import COLLECTED, REMITTED

__all__ = ["FIRST_REFERENCE", "LEAST", "journals", "scaled"]

LEAST = 1_000
"""The fewest transactions over which the shares can be spread without one of them being lost."""
FIRST_REFERENCE = f"history:{1:010d}"
"""The reference of the first transaction: what stands where the history was loaded singly."""
_WEIGHTS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 30, 60)
"""How the amounts of one share differ from each other."""


def scaled(history: Mapping[str, Any], transactions: int) -> Mapping[str, Any]:
    """Return the history with so many transactions, and its amounts in the same proportion.

    Fractions of a fils fall away once, from the total.

    Raises:
        ValueError: fewer than ``LEAST``.
    """
    if transactions < LEAST:
        raise ValueError(f"at least {LEAST:,} transactions are needed, to spread the shares over")
    whole = history["reported"]["transactions"]
    services = [
        {
            **service,
            "fixed": {
                channel: _scaled(part, transactions, whole)
                for channel, part in service.get("fixed", {}).items()
            },
        }
        for service in history["services"]
    ]
    reported = {**history["reported"], **_scaled(history["reported"], transactions, whole)}
    return {**history, "reported": reported, "services": services}


def _scaled(part: Mapping[str, Any], transactions: int, whole: int) -> dict[str, Any]:
    fils = fils_of(part["dinars"]) * transactions // whole
    count = max(1, part["transactions"] * transactions // whole)
    return {"transactions": count, "dinars": format_fils(fils)}


def journals(history: Mapping[str, Any]) -> Iterator[Journal]:
    """Yield a journal for each transaction, by day; one month's amounts are held at a time.

    The same history gives the same journals: amounts and days are drawn from the transactions'
    own numbers.
    """
    texts, number, drawn = names(history), 0, 0
    units = {service["code"]: service["unit_fils"] for service in history["services"]}
    by_month: dict[Any, list[Share]] = defaultdict(list)
    for share in shares(history):
        by_month[share.on].append(share)
    for on, parts in sorted(by_month.items(), key=itemgetter(0)):
        said = {part.service: description(texts[part.service], on) for part in parts}
        month: list[tuple[int, int, int, Share]] = []
        for part in parts:
            for fils in _amounts(part, units[part.service], drawn):
                drawn += 1
                month.append((1 + _mixed(~drawn) % on.day, drawn, fils, part))
        month.sort(key=itemgetter(0, 1))
        for day, _, fils, part in month:
            number += 1
            yield _journal(number, day, fils, part, said[part.service])


def _amounts(share: Share, unit: int, drawn: int) -> list[int]:
    """Split the share's amount over its transactions, each a multiple of ``unit`` but the first."""
    if share.fils < share.count * unit:
        unit = 1
    weights = [_WEIGHTS[_mixed(drawn + n) % len(_WEIGHTS)] for n in range(share.count)]
    parts = allocate(share.fils // unit - share.count, weights)
    amounts = [(1 + part) * unit for part in parts]
    amounts[0] += share.fils % unit
    return amounts


def _mixed(number: int) -> int:
    """Return 32 bits that look drawn by lot, the same for the same number."""
    value = number & 0xFFFFFFFF
    for _ in range(2):
        value = (value ^ value >> 16) * 0x45D9F3B & 0xFFFFFFFF
    return value ^ value >> 16


def _journal(number: int, day: int, fils: int, part: Share, said: Text) -> Journal:
    on = part.on.replace(day=day)
    return Journal(
        reference=f"history:{number:010d}",
        kind="HISTORY",
        description=said,
        effective_on=on,
        postings=(Posting(COLLECTED, Side.DEBIT, fils), Posting(REMITTED, Side.CREDIT, fils)),
        activities=(
            Activity(part.service, part.agency, part.channel, HISTORY_GATEWAY, 1, fils, on=on),
        ),
    )
