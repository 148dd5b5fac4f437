"""The laws of payments over plain values: prices, verdicts on messages, postings, refunds. Pure."""

from __future__ import annotations

import datetime as dt
import enum
import hashlib
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from urllib.parse import urlsplit

from bawaba.errors import NotFound
from bawaba.host.payments.domain import (
    OPEN,
    PAYMENT,
    TRIGGERS,
    BillAlreadyPaid,
    BillNotPayable,
    ItemState,
    PaymentAmountNotAllowed,
    PaymentBasketEmpty,
    PaymentBasketTooLarge,
    PaymentBillRepeated,
    PaymentNotRefundable,
    PaymentStatus,
    PaymentTotalChanged,
    PaymentTrigger,
    PostingsWrongError,
    RefundExceedsLeft,
    ReturnUrlInvalid,
)
from bawaba.ledger import Posting, Side
from bawaba.money import CURRENCY, MAX_FILS, allocate, format_fils
from bawaba.payments import Bill, BillStatus, GatewayEventKind
from bawaba.text import Text

MAX_ITEMS = 50
MAX_URL = 2_000
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_WITHDRAWN = Text("the agency withdrew it.", "ألغتها الجهة.")
_NOTHING_DUE = Text("nothing is due on it.", "لا يوجد مبلغ مستحق عليها.")

BillKey = tuple[str, str]
"""(service, bill id)."""


# -- references ---------------------------------------------------------------------------------


def reference_of(prefix: str, year: int, unique_id: str) -> str:
    """Return a reference that people can read out: ``PAY-2026-7K2QM-4XT9R``.

    Nine characters of Crockford's alphabet (45 bits of the id's digest) and a check character
    that reveals every single wrong character and every swap of neighbours but one.
    """
    number = int.from_bytes(hashlib.sha256(unique_id.encode()).digest()[:8], "big")
    body = "".join(_ALPHABET[number >> shift & 31] for shift in range(0, 45, 5))
    body += _check_character(body)
    return f"{prefix}-{year}-{body[:5]}-{body[5:]}"


def is_reference(text: str) -> bool:
    """Return whether ``text`` has the form of a reference and its check character fits."""
    body = "".join(text.split("-")[2:])
    return len(body) == 10 and set(body) <= set(_ALPHABET) and _check_character(body[:9]) == body[9]  # noqa: PLR2004


def _check_character(body: str) -> str:
    """Luhn's algorithm over 32 characters."""
    total = 0
    for place, character in enumerate(reversed(body)):
        value = _ALPHABET.index(character) * (2 - place % 2)
        total += value // 32 + value % 32
    return _ALPHABET[-total % 32]


# -- starting -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Wanted:
    """One line of a basket: a bill and, where the payer names it, the amount in fils."""

    service: str
    bill_id: str
    fils: int | None = None

    @property
    def key(self) -> BillKey:
        """Which bill."""
        return self.service, self.bill_id


def check_size(count: int) -> None:
    """Refuse an empty basket and one of more than ``MAX_ITEMS`` bills."""
    if not count:
        raise PaymentBasketEmpty("items")
    if count > MAX_ITEMS:
        raise PaymentBasketTooLarge("items", limit=MAX_ITEMS)


def check_distinct(wanted: Sequence[Wanted]) -> None:
    """Refuse a basket that names a bill twice."""
    seen: set[BillKey] = set()
    for index, line in enumerate(wanted):
        if line.key in seen:
            raise PaymentBillRepeated("items", str(index), "billId")
        seen.add(line.key)


def check_return_url(url: str | None) -> None:
    """Refuse a return address that is not a full http(s) address: it becomes a link or redirect."""
    if url is None:
        return
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.username
    except ValueError:
        good = False
    if not good or len(url) > MAX_URL or any(ord(c) <= 32 or ord(c) == 127 for c in url):  # noqa: PLR2004
        raise ReturnUrlInvalid("returnUrl")


def price(
    wanted: Sequence[Wanted],
    bills: Mapping[BillKey, Bill],
    settled: AbstractSet[BillKey],
    expected_fils: int,
) -> list[Bill]:
    """Return the bill of each line, or refuse the basket.

    Args:
        wanted: the basket.
        bills: as the agencies price them now.
        settled: those that stand paid in the platform's own books.
        expected_fils: the total that the payer saw.
    """
    found = [_payable(index, line, bills, settled) for index, line in enumerate(wanted)]
    total = sum(bill.due_fils for bill in found)
    asked = sum(
        bill.due_fils if line.fils is None else line.fils
        for line, bill in zip(wanted, found, strict=True)
    )
    if total != expected_fils != asked:
        raise PaymentTotalChanged("expectedTotal", total=format_fils(total))
    for index, (line, bill) in enumerate(zip(wanted, found, strict=True)):
        if line.fils not in (None, bill.due_fils):
            raise PaymentAmountNotAllowed(
                "items",
                str(index),
                "amount",
                reference=bill.reference,
                due=format_fils(bill.due_fils),
            )
    return found


def _payable(
    index: int, line: Wanted, bills: Mapping[BillKey, Bill], settled: AbstractSet[BillKey]
) -> Bill:
    path = ("items", str(index), "billId")
    bill = bills.get(line.key)
    if bill is None:
        raise NotFound(*path)
    if bill.status is BillStatus.PAID or line.key in settled:
        raise BillAlreadyPaid(*path, reference=bill.reference)
    why = bill.not_payable
    if why is None and bill.status is BillStatus.CANCELLED:
        why = _WITHDRAWN
    if why is None and not 0 < bill.due_fils <= MAX_FILS:
        why = _NOTHING_DUE
    if why is not None:
        raise BillNotPayable(*path, reference=bill.reference, why_en=why.en, why_ar=why.ar)
    return bill


# -- verdicts on messages -----------------------------------------------------------------------


class Effect(enum.Enum):
    """What a message does to a payment. LATE: its money comes after the end: suspense."""

    ADVANCE = "ADVANCE"
    LATE = "LATE"
    NOTHING = "NOTHING"
    ALARM = "ALARM"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The effect of a message, the trigger where it advances, and what an operator must know."""

    effect: Effect
    trigger: PaymentTrigger | None = None
    alarm: str = ""


_HARMLESS_AFTER = {
    # The gateway confirms, or reports more finely, that no money is to come.
    GatewayEventKind.DECLINED: {
        PaymentStatus.FAILED,
        PaymentStatus.CANCELLED,
        PaymentStatus.EXPIRED,
    },
    GatewayEventKind.ABANDONED: {
        PaymentStatus.FAILED,
        PaymentStatus.CANCELLED,
        PaymentStatus.EXPIRED,
    },
    GatewayEventKind.AUTHORISED: {PaymentStatus.AUTHORISED},
}


def verdict(  # noqa: PLR0911, PLR0913  one argument a fact, one return a verdict
    *,
    status: PaymentStatus,
    fils: int,
    captured_fils: int,
    last_event_at: dt.datetime | None,
    kind: GatewayEventKind,
    event_fils: int,
    occurred_at: dt.datetime,
) -> Verdict:
    """Say what a message about a payment (not about a refund) does to it."""
    if kind is GatewayEventKind.CAPTURED and captured_fils:
        return Verdict(Effect.ALARM, alarm="a second capture of one payment")
    trigger = TRIGGERS[kind]
    if status in OPEN:
        if kind is GatewayEventKind.CAPTURED and event_fils != fils:
            return Verdict(
                Effect.ADVANCE, PaymentTrigger.MISPAY, "captured another amount than asked"
            )
        if PAYMENT.allows(status, trigger):
            return Verdict(Effect.ADVANCE, trigger)
    elif kind is GatewayEventKind.CAPTURED:
        wrong = "" if event_fils == fils else "captured another amount than asked, and late"
        return Verdict(Effect.LATE, alarm=wrong)
    overtaken = last_event_at is not None and occurred_at <= last_event_at
    if kind is GatewayEventKind.AUTHORISED and overtaken:
        return Verdict(Effect.NOTHING)
    if status in _HARMLESS_AFTER[kind]:
        return Verdict(Effect.NOTHING)
    return Verdict(
        Effect.ALARM, alarm=f"{kind.name} is not possible for a payment that is {status.name}"
    )


# -- postings -----------------------------------------------------------------------------------


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


# -- refunds ------------------------------------------------------------------------------------


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
