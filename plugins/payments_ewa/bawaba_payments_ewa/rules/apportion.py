"""Where money goes: the oldest charges first; and back: the newest part first."""

from __future__ import annotations

from collections.abc import Sequence

from bawaba_payments_ewa.domain import BillEvent, BillState, Open, Share

_EVENTS = {
    (BillState.UNPAID, BillState.PARTIALLY_PAID): BillEvent.PART_PAID,
    (BillState.UNPAID, BillState.PAID): BillEvent.SETTLED,
    (BillState.PARTIALLY_PAID, BillState.PAID): BillEvent.SETTLED,
    (BillState.PARTIALLY_PAID, BillState.UNPAID): BillEvent.EMPTIED,
    (BillState.PAID, BillState.PARTIALLY_PAID): BillEvent.TAKEN_BACK,
    (BillState.PAID, BillState.UNPAID): BillEvent.EMPTIED,
}


def in_order(charges: Sequence[Open]) -> list[Open]:
    """Return charges oldest first."""
    return sorted(charges, key=lambda charge: (charge.issued_on, charge.bill_id))


def apportion(fils: int, charges: Sequence[Open]) -> list[Share]:
    """Return where ``fils`` goes: to the oldest charges first, what is left stays an advance.

    The shares are positive and add up to ``fils``; none exceeds what is open of its charge.
    """
    shares, left = [], fils
    for charge in in_order(charges):
        used = min(left, charge.fils)
        if used > 0:
            shares.append(Share(charge.bill_id, used))
            left -= used
    if left > 0:
        shares.append(Share(None, left))
    return shares


def take_back(fils: int, applied: Sequence[int]) -> list[int]:
    """Return how much of each applied part is given back: the newest first.

    Args:
        fils: what is given back, at most what is applied in all.
        applied: what is left of each part, oldest first.

    Raises:
        ValueError: more is given back than was applied.
    """
    if fils > sum(applied):
        raise ValueError("more is given back than was applied")
    taken, left = [0] * len(applied), fils
    for index in reversed(range(len(applied))):
        taken[index] = min(left, applied[index])
        left -= taken[index]
    return taken


def state_of(charge: int, applied: int) -> BillState:
    """Return how far a carried-over bill is paid, by what went to its own charges, in fils."""
    if applied >= charge:
        return BillState.PAID
    return BillState.PARTIALLY_PAID if applied else BillState.UNPAID


def state_of_current(total: int, balance: int) -> BillState:
    """Return how far the newest bill is paid: it stands for the whole account.

    Args:
        total: the bill with what it brought forward; ``balance``: of the account now. In fils.
    """
    if balance <= 0:
        return BillState.PAID
    return BillState.UNPAID if balance >= total else BillState.PARTIALLY_PAID


def event_to(state: BillState, wanted: BillState) -> BillEvent | None:
    """Return what takes a bill from one state to another; None where it is there."""
    return None if state is wanted else _EVENTS[state, wanted]
