"""How much of an account can be paid at once: the least part, and the most in advance."""

from __future__ import annotations

from dataclasses import dataclass

from bawaba_payments_ewa.domain import PartRule


@dataclass(frozen=True, slots=True)
class Terms:
    """What can be paid now, in fils. ``most`` None: not more than is due; both None: nothing."""

    least: int | None
    most: int | None


def terms(balance: int, average: int, rule: PartRule | None) -> Terms:
    """Return what can be paid on an account.

    Args:
        balance: what is owed; negative: a credit. ``average``: of a month's bill. In fils.
        rule: None: the account can be paid in whole only.
    """
    due = max(balance, 0)
    if rule is None:
        return Terms(due or None, None)
    advance = min(rule.advance_months * average, rule.advance_fils)
    room = max(advance - max(-balance, 0), 0)
    most = due + room
    if most == 0:
        return Terms(None, None)
    return Terms(min(rule.least_fils, due or most), most if room else None)


def average(charges: list[int]) -> int:
    """Return the average of bills' own charges, rounded down; 0 of none. In fils."""
    return sum(charges) // len(charges) if charges else 0
