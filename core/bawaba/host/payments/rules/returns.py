"""Money that goes back: of which posting, of which item, at most how much. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bawaba.errors import NotFound
from bawaba.host.payments.domain import ItemState, PostingsWrongError
from bawaba.host.payments.refusals import (
    PaymentBillRepeated,
    PaymentNotRefundable,
    RefundExceedsLeft,
)
from bawaba.host.payments.rules.basket import BillKey
from bawaba.ledger import Posting, Side
from bawaba.money import CURRENCY, allocate, format_fils


def checked(postings: Sequence[Posting], fils: int) -> list[Posting]:
    """Return the postings that a payable described for an item of ``fils``.

    Raises:
        PostingsWrongError: not all credits of the currency, above zero, adding up to ``fils``.
    """
    sound = all(p.side is Side.CREDIT and p.fils > 0 and p.currency == CURRENCY for p in postings)
    if not sound or sum(p.fils for p in postings) != fils:
        raise PostingsWrongError(
            f"postings must be credits that add up to {fils} fils: {postings!r}"
        )
    return list(postings)


def undone(posted: Sequence[int], reversed_before: Sequence[int], fils: int) -> list[int]:
    """Return how much of each posting a refund of ``fils`` undoes.

    In proportion to what is left of each, so that however often an item is refunded in part, no
    posting is undone beyond its amount and the last refund undoes all exactly.
    """
    left = [whole - gone for whole, gone in zip(posted, reversed_before, strict=True)]
    return allocate(fils, left)


@dataclass(frozen=True, slots=True)
class Paid:
    """What is known of one item when a refund is asked for."""

    item_id: str
    key: BillKey
    state: ItemState
    fils: int
    gone_fils: int

    @property
    def left_fils(self) -> int:
        """What can still be given back; 0 where no money was taken."""
        return 0 if self.state is ItemState.WAITING else self.fils - self.gone_fils


@dataclass(frozen=True, slots=True)
class Line:
    """``fils`` to give back of an item; ``item_id`` None: of money that belongs to no item."""

    item_id: str | None
    fils: int


def refund_lines(
    paid: Sequence[Paid], surplus_left: int, wanted: Sequence[tuple[BillKey, int]] | None
) -> list[Line]:
    """Return the lines of a refund of ``wanted`` (None: all that is left), or refuse it."""
    left: dict[BillKey, Paid] = {item.key: item for item in paid}
    if wanted is None:
        lines = [Line(item.item_id, item.left_fils) for item in paid if item.left_fils]
        lines += [Line(None, surplus_left)] if surplus_left else []
    else:
        lines = [_line(index, left.get(key), fils) for index, (key, fils) in enumerate(wanted)]
        if len({key for key, _ in wanted}) != len(wanted):
            raise PaymentBillRepeated("items")
    if not lines:
        raise PaymentNotRefundable("paymentId")
    return lines


def _line(index: int, item: Paid | None, fils: int) -> Line:
    if item is None:
        raise NotFound("items", str(index), "billId")
    if not item.left_fils:
        raise PaymentNotRefundable("items", str(index), "billId")
    if not 0 < fils <= item.left_fils:
        raise RefundExceedsLeft("items", str(index), "amount", left=format_fils(item.left_fils))
    return Line(item.item_id, fils)


# -- chargebacks --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Charged:
    """How a lost dispute is borne: by lines of the payment, and what is left over by nobody."""

    lines: Sequence[Line]
    uncovered_fils: int


def charged_back(paid: Sequence[Paid], surplus_left: int, fils: int) -> Charged:
    """Spread ``fils`` that a payer's bank took back over what is left of the payment.

    What belongs to no bill bears it first, then money of unsettled items (those of which services
    have yet to take the money come last), then the settled ones in proportion to what is left of
    each. What went back by refunds meanwhile is not there any more:
    ``uncovered_fils`` is the platform's loss.
    """
    lines: list[Line] = []
    rest = fils
    if part := min(rest, surplus_left):
        lines.append(Line(None, part))
        rest -= part
    for state in (ItemState.SUSPENDED, ItemState.HELD, ItemState.SETTLED):
        items = [item for item in paid if item.state is state and item.left_fils]
        left = [item.left_fils for item in items]
        parts = allocate(min(rest, sum(left)), left) if left else []
        lines += [Line(i.item_id, part) for i, part in zip(items, parts, strict=True) if part]
        rest -= sum(parts)
    return Charged(lines, rest)
