"""Money: integer fils inside, a three-decimal string outside.

The Bahraini dinar (ISO 4217 BHD) has three decimals: 1 BHD = 1,000 fils.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

__all__ = ["CURRENCY", "MAX_FILS", "allocate", "fils_of", "format_fils"]

CURRENCY = "BHD"
"""ISO 4217 code of every amount that names no other."""
MAX_FILS = 10**15
"""The largest amount that one value may hold: a trillion dinars, far below 2**63."""

_EXPONENT = Decimal("0.001")


def fils_of(amount: Decimal | str) -> int:
    """Return the integer fils of a decimal amount in dinars.

    Raises:
        ValueError: not a finite number, more than three decimals, or out of range. Money is
            never rounded silently.
    """
    try:
        value = Decimal(amount)
        fils = value.quantize(_EXPONENT)
    except InvalidOperation:
        raise ValueError(f"not an amount of money: {str(amount)[:40]!r}") from None
    if fils != value:
        raise ValueError(f"more than three decimals: {str(amount)[:40]!r}")
    scaled = int(fils.scaleb(3))
    if abs(scaled) > MAX_FILS:
        raise ValueError(f"out of range: {str(amount)[:40]!r}")
    return scaled


def format_fils(fils: int) -> str:
    """Return ``fils`` as dinars with exactly three decimals: ``12500`` is ``"12.500"``."""
    sign, absolute = ("-", -fils) if fils < 0 else ("", fils)
    return f"{sign}{absolute // 1000}.{absolute % 1000:03d}"


def allocate(total: int, weights: Sequence[int]) -> list[int]:
    """Split ``total`` over ``weights`` by largest remainder; the parts add up exactly.

    Raises:
        ValueError: no weight is positive, or one is negative, or ``total`` is negative.
    """
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0 or total < 0:
        raise ValueError("allocate needs a total >= 0 and weights >= 0 with a positive sum")
    shares = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for index in by_remainder[: total - sum(shares)]:
        shares[index] += 1
    return shares
