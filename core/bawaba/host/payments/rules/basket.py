"""What a basket may hold, and what it costs. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from bawaba.errors import NotFound
from bawaba.host.payments.refusals import (
    BillAlreadyPaid,
    BillNotPayable,
    PaymentAmountNotAllowed,
    PaymentAmountOutOfRange,
    PaymentBasketEmpty,
    PaymentBasketTooLarge,
    PaymentBillRepeated,
    PaymentTotalChanged,
    ReturnUrlInvalid,
)
from bawaba.money import MAX_FILS, format_fils
from bawaba.payments import Bill, BillStatus
from bawaba.text import Text

MAX_ITEMS = 50
MAX_URL = 2_000
_WITHDRAWN = Text("the agency withdrew it.", "ألغتها الجهة.")
_NOTHING_DUE = Text("nothing is due on it.", "لا يوجد مبلغ مستحق عليها.")

BillKey = tuple[str, str]
"""(service, bill id)."""


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


@dataclass(frozen=True, slots=True)
class Priced:
    """A line at its frozen price.

    Args:
        fils: what of the bill this payment pays.
        limit_fils: the most that may stand paid of the bill once this line is settled; None: the
            bill is paid once and whole.
    """

    bill: Bill
    fils: int
    limit_fils: int | None = None


def price(
    wanted: Sequence[Wanted],
    bills: Mapping[BillKey, Bill],
    claimed: Mapping[BillKey, int],
    expected_fils: int,
    before: Mapping[BillKey, int] | None = None,
) -> list[Priced]:
    """Return each line at its price, or refuse the basket.

    Args:
        wanted: the basket.
        bills: as the agencies price them now.
        claimed: what stands paid of each bill in the platform's own books, in fils.
        expected_fils: the total that the payer saw.
        before: as ``claimed``, before the agencies were asked: what was paid while they answered
            may be in ``claimed`` and not in their answers, so that the lower one counts.
    """
    found = [_payable(index, line, bills, claimed) for index, line in enumerate(wanted)]
    lines = list(zip(wanted, found, strict=True))
    total = sum(_chosen(line, bill) if in_parts(bill) else bill.due_fils for line, bill in lines)
    if total != expected_fils != sum(_chosen(line, bill) for line, bill in lines):
        raise PaymentTotalChanged("expectedTotal", total=format_fils(total))
    known = claimed if before is None else before
    paid = {key: min(fils, known.get(key, 0)) for key, fils in claimed.items()}
    return [_priced(index, *line, paid) for index, line in enumerate(lines)]


def in_parts(bill: Bill) -> bool:
    """Return whether the bill can be paid in parts, or in advance."""
    return bill.least_fils is not None or bill.most_fils is not None


def range_of(bill: Bill) -> tuple[int, int]:
    """Return the least and the most that can be paid of a bill that takes parts, in fils."""
    least = bill.least_fils or 1
    if bill.due_fils > 0:
        least = min(least, bill.due_fils)
    return least, min(max(bill.due_fils, bill.most_fils or 0), MAX_FILS)


def _chosen(line: Wanted, bill: Bill) -> int:
    return bill.due_fils if line.fils is None else line.fils


def _payable(
    index: int, line: Wanted, bills: Mapping[BillKey, Bill], claimed: Mapping[BillKey, int]
) -> Bill:
    path = ("items", str(index), "billId")
    bill = bills.get(line.key)
    if bill is None:
        raise NotFound(*path)
    in_advance = line.fils is not None and bool(bill.most_fils)
    paid = bill.status is BillStatus.PAID or (not in_parts(bill) and bool(claimed.get(line.key)))
    if paid and not in_advance:
        raise BillAlreadyPaid(*path, reference=bill.reference)
    why = bill.not_payable
    if why is None and bill.status is BillStatus.CANCELLED:
        why = _WITHDRAWN
    if why is None and not in_advance and not 0 < bill.due_fils <= MAX_FILS:
        why = _NOTHING_DUE
    if why is not None:
        raise BillNotPayable(*path, reference=bill.reference, why_en=why.en, why_ar=why.ar)
    return bill


def _priced(index: int, line: Wanted, bill: Bill, claimed: Mapping[BillKey, int]) -> Priced:
    fils = _chosen(line, bill)
    path = ("items", str(index), "amount")
    if not in_parts(bill):
        if fils != bill.due_fils:
            raise PaymentAmountNotAllowed(
                *path, reference=bill.reference, due=format_fils(bill.due_fils)
            )
        return Priced(bill, fils)
    least, most = range_of(bill)
    if not least <= fils <= most:
        raise PaymentAmountOutOfRange(
            *path, reference=bill.reference, least=format_fils(least), most=format_fils(most)
        )
    # Who pays no more than is due is no advance payer: of two who pay all, the second pays nothing.
    return Priced(bill, fils, claimed.get(line.key, 0) + max(bill.due_fils, fils))
