"""The settlement port: what a gateway's file says it moved and paid out, and what payments say.

A gateway that also writes settlement files returns a :class:`SettlementReader` from
``declare_settlement_readers``. It turns its own format into a :class:`Settlement`, which is the
same for every gateway. Whoever keeps the books compares it with them.

Money is signed fils, as the platform sees it: what the gateway took from a payer is positive, what
it gave back is negative. A fee is what the gateway keeps; it is not part of the line's amount.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from zoneinfo import ZoneInfo

from bawaba.runtime import current

__all__ = [
    "MAX_ASKED",
    "MAX_BYTES",
    "MAX_LINES",
    "LineKind",
    "Movement",
    "Payout",
    "Settlement",
    "SettlementLine",
    "SettlementReader",
    "SettlementUnreadable",
    "closes_at",
    "movements",
    "readers",
]

MAX_BYTES = 32_000_000
"""The largest settlement file, in bytes."""
MAX_LINES = 100_000
"""The most lines and payouts of one settlement file."""
MAX_ASKED = 500
"""The most payments that one call of :func:`movements` may ask about."""


class LineKind(enum.Enum):
    """Why money moved between the gateway and a payer. FEE: a fee that belongs to no payment."""

    CAPTURE = "CAPTURE"
    REFUND = "REFUND"
    REFUND_REVERSED = "REFUND_REVERSED"
    DISPUTE = "DISPUTE"
    CHARGEBACK = "CHARGEBACK"
    CHARGEBACK_REVERSED = "CHARGEBACK_REVERSED"
    FEE = "FEE"


@dataclass(frozen=True, slots=True)
class SettlementLine:
    """One line of a file. References and ids are at most 64 letters, digits and ``._:/-``.

    Args:
        number: of the line in the file, from 1; unique in it.
        fils: signed; 0 for FEE.
        fee_fils: what the gateway keeps for it; negative where it gives a fee back.
        payment_id: the platform's own id of the payment, where the gateway tells it.
        payout: reference of the payout that the line is part of; None: not paid out yet.
    """

    number: int
    kind: LineKind
    gateway_reference: str
    fils: int
    fee_fils: int
    occurred_at: dt.datetime
    payment_id: str | None = None
    refund_id: str | None = None
    payout: str | None = None


@dataclass(frozen=True, slots=True)
class Payout:
    """What the gateway says it paid to the treasury's bank, in signed fils (negative: collected).

    A payout covers the lines of one or several files: their amounts less their fees.
    """

    reference: str
    fils: int
    paid_on: dt.date
    bank_reference: str


@dataclass(frozen=True, slots=True)
class Settlement:
    """A settlement file. ``settled_on`` is the gateway's day of it, which is no payment's day.

    A file of the same ``file_reference`` and a higher ``revision`` replaces an earlier one as a
    whole. What is taken in before the gateway's day is over (see :func:`closes_at`) is provisional:
    any file of the same ``file_reference`` whose ``revision`` is not lower replaces it, and
    whatever its revision the first one that comes when the day is over.
    """

    gateway: str
    settled_on: dt.date
    file_reference: str
    lines: Sequence[SettlementLine]
    payouts: Sequence[Payout]
    revision: int = 1


class SettlementUnreadable(Exception):
    """A file that cannot be used. ``line``: where, from 1; None: the file as a whole."""

    def __init__(self, reason: str, line: int | None = None) -> None:
        self.reason, self.line = reason, line
        super().__init__(reason if line is None else f"line {line}: {reason}")


class SettlementReader(Protocol):
    """How a gateway's settlement files are got and read.

    Attributes:
        gateway: name of the gateway.
        settles_within: days after a payment's local day by which the file of that day plus so
            many names it; 0: each file holds its own day.
        cut_off: when the gateway's day ends, after the local midnight at which that day began; 24
            hours: with the calendar day.
    """

    gateway: str
    settles_within: int
    cut_off: dt.timedelta

    def read(self, body: bytes) -> Settlement:
        """Read a file. Pure.

        Raises:
            SettlementUnreadable: malformed, cut short or too large; says where and why.
        """
        ...

    async def fetch(self, day: dt.date) -> bytes | None:
        """Return the file of a day, or None where there is none (yet).

        Raises:
            GatewayUnavailable: try again.
        """
        ...

    def agreed_fee(self, line: SettlementLine) -> int | None:
        """Return the fee in fils that the contract with the gateway allows; None: any."""
        ...


@dataclass(frozen=True, slots=True)
class Movement:
    """Money that the platform's payments say a gateway moved, with the journal that books it.

    Args:
        fils: signed as in :class:`SettlementLine`.
        occurred_at: the gateway's instant, or where it is not kept that of the platform.
        journal_reference: of the journal that books it. Where one is not enough, the references of
            further ones are this, a colon and a word.
        known_as: the payment under which the gateway knows it, where it is another one: a second
            charge of a payment is a payment of its own in the books.
    """

    kind: LineKind
    gateway_reference: str
    payment_id: str
    refund_id: str | None
    fils: int
    occurred_at: dt.datetime
    journal_reference: str
    known_as: str | None = None


def readers() -> Mapping[str, SettlementReader]:
    """Return the loaded readers by the name of their gateway."""
    found = current().registry.all("declare_settlement_readers")
    return {reader.gateway: reader for reader in found}


def closes_at(reader: SettlementReader, day: dt.date) -> dt.datetime:
    """Return the instant from which the file of ``day`` can lack nothing, in UTC."""
    zone = ZoneInfo(current().timezone)
    return (dt.datetime.combine(day, dt.time.min, zone) + reader.cut_off).astimezone(dt.UTC)


async def movements(
    gateway: str, *, references: Sequence[str] = (), payment_ids: Sequence[str] = ()
) -> Sequence[Movement]:
    """Return the captures and refunds of payments through ``gateway``, and refunds that came back.

    Args:
        references: the gateway's own references of payments.
        payment_ids: the platform's ids of payments.

    Raises:
        ValueError: more than ``MAX_ASKED`` are asked about.
    """
    if len(references) + len(payment_ids) > MAX_ASKED:
        raise ValueError(f"at most {MAX_ASKED} payments at a time")
    return await current().payments.movements(gateway, references, payment_ids)
