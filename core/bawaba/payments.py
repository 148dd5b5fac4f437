"""The payment port: bills that can be paid, gateways that take the money.

A plugin implements :class:`Payable` for each service whose bills stand in the one basket, or
:class:`Gateway` for a way to pay. Core owns everything between: frozen prices, idempotency,
callbacks, settlement, receipts, refunds.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from bawaba.ledger import Posting
from bawaba.runtime import current
from bawaba.text import Text
from bawaba.viewer import Viewer

__all__ = [
    "Bill",
    "BillStatus",
    "CallbackRejected",
    "Channel",
    "Checkout",
    "CheckoutOrder",
    "Gateway",
    "GatewayEvent",
    "GatewayEventKind",
    "GatewayUnavailable",
    "Payable",
    "RefundOrder",
    "ReversedItem",
    "SettledItem",
    "is_settled",
    "refund_bill",
]


class Channel(enum.Enum):
    """Through which door of the portal somebody came."""

    PORTAL = "PORTAL"
    MOBILE_APP = "MOBILE_APP"
    KIOSK = "KIOSK"
    CALL_CENTRE = "CALL_CENTRE"
    SERVICE_CENTRE = "SERVICE_CENTRE"


class BillStatus(enum.Enum):
    """How far a bill is paid."""

    UNPAID = "UNPAID"
    PARTIALLY_PAID = "PARTIALLY_PAID"
    PAID = "PAID"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True)
class Bill:
    """What somebody owes, priced now.

    Args:
        id: the plugin's own id of the bill (not global), at most 64 characters.
        fils: the full amount; ``due_fils``: what paying it costs at the instant asked about.
        explanation: how ``due_fils`` came about, in a sentence.
        not_payable: why it cannot be paid through the platform; None when it can.
        least_fils: the smallest part that can be paid; None: only the whole of ``due_fils``.
        most_fils: the most that can be paid now, where more than ``due_fils`` is taken in
            advance; None: not more than is due.
    """

    id: str
    service: str
    reference: str
    description: Text
    status: BillStatus
    fils: int
    due_fils: int
    explanation: Text
    due_on: dt.date | None = None
    debtor_national_id: str | None = None
    not_payable: Text | None = None
    least_fils: int | None = None
    most_fils: int | None = None


@dataclass(frozen=True, slots=True)
class SettledItem:
    """One bill of a captured payment, at its frozen price."""

    payment_id: str
    payment_reference: str
    item_id: str
    bill_id: str
    bill_reference: str
    fils: int
    paid_at: dt.datetime
    receipt_number: str
    channel: Channel


@dataclass(frozen=True, slots=True)
class ReversedItem:
    """Money of one settled item given back. ``in_full``: nothing of it is left paid."""

    payment_id: str
    item_id: str
    refund_id: str
    bill_id: str
    fils: int
    in_full: bool
    refunded_at: dt.datetime


class Payable(Protocol):
    """A service whose bills can be paid. Returned by ``declare_payables``.

    Attributes:
        service: code of the service in the catalogue.
        node_type: name of the GraphQL type of its bills, which implements ``Bill``.
    """

    service: str
    node_type: str

    async def find(self, bill_ids: Sequence[str], at: dt.datetime) -> Mapping[str, Bill]:
        """Return the bills with these ids, asked afresh from the agency and priced for ``at``.

        Unknown ids are absent. Runs outside any transaction.

        Raises:
            AgencyUnavailable: the agency did not answer.
        """
        ...

    async def owed_by(self, viewer: Viewer, at: dt.datetime) -> Sequence[Bill]:
        """Return the viewer's own bills, newest first, at most 500.

        Raises:
            AgencyUnavailable: the agency did not answer.
        """
        ...

    def postings(self, item: SettledItem) -> Sequence[Posting]:
        """Describe the credit side of settling ``item``: what of it belongs to whom. Pure.

        The credits add up to ``item.fils``; core debits the gateway's clearing account.
        """
        ...

    async def mark_paid(self, items: Sequence[SettledItem]) -> None:
        """Mark the bills as paid, inside the settling transaction: local rows only.

        Where it raises, or takes longer than some seconds, the money of its bills is held and it is
        called again later, bill by bill; bills of other services are settled meanwhile.
        """
        ...

    async def mark_reversed(self, items: Sequence[ReversedItem]) -> None:
        """Mark the bills as payable again (``in_full``) or note the part, in the transaction.

        Of a bill that was paid in several parts each part is an item of its own.
        """
        ...

    async def deliver(self, items: Sequence[SettledItem]) -> None:
        """Tell the agency. A retried job after commit: idempotent by ``item_id``.

        Raises:
            AgencyUnavailable: try again later.
        """
        ...

    async def deliver_reversal(self, items: Sequence[ReversedItem]) -> None:
        """Tell the agency of a reversal. As :meth:`deliver`; idempotent by refund and item id."""
        ...

    async def present(self, bill_ids: Sequence[str]) -> Mapping[str, Any]:
        """Return the GraphQL objects (of ``node_type``) of bills, from local rows alone."""
        ...


class GatewayUnavailable(Exception):
    """The gateway did not answer; try again."""


class CallbackRejected(Exception):
    """A callback's signature, timestamp or form is not acceptable. Answered with 401."""


@dataclass(frozen=True, slots=True)
class CheckoutOrder:
    """What a gateway needs to take a payment. ``callback_url`` is where it reports."""

    payment_id: str
    reference: str
    fils: int
    description: Text
    callback_url: str
    return_url: str | None
    expires_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Checkout:
    """An opened checkout: the page for the payer, and the gateway's own reference."""

    url: str
    gateway_reference: str


@dataclass(frozen=True, slots=True)
class RefundOrder:
    """What a gateway needs to give money back. Idempotent by ``refund_id``."""

    refund_id: str
    payment_id: str
    gateway_reference: str
    fils: int
    reason: str
    callback_url: str


class GatewayEventKind(enum.Enum):
    """What a gateway can report.

    AUTHORISED holds an amount, VOIDED lets it go, CAPTURED takes it (what was held beyond is let
    go). REFUND_REVERSED: money of a refund came back from the payer's bank. DISPUTE_OPENED: the
    payer's bank took the money until it is known who is right; WON: it is back; LOST: it is gone.
    """

    AUTHORISED = "AUTHORISED"
    CAPTURED = "CAPTURED"
    DECLINED = "DECLINED"
    ABANDONED = "ABANDONED"
    VOIDED = "VOIDED"
    REFUNDED = "REFUNDED"
    REFUND_FAILED = "REFUND_FAILED"
    REFUND_REVERSED = "REFUND_REVERSED"
    DISPUTE_OPENED = "DISPUTE_OPENED"
    DISPUTE_WON = "DISPUTE_WON"
    DISPUTE_LOST = "DISPUTE_LOST"


@dataclass(frozen=True, slots=True)
class GatewayEvent:
    """One verified message of a gateway. ``event_id`` is unique within the gateway.

    Args:
        refund_id: the platform's, in what is about a refund.
        dispute_id: the gateway's own, in what is about a dispute.
    """

    event_id: str
    kind: GatewayEventKind
    payment_id: str
    fils: int
    gateway_reference: str
    occurred_at: dt.datetime
    refund_id: str | None = None
    reason: str | None = None
    dispute_id: str | None = None


class Gateway(Protocol):
    """A way to pay. Returned by ``declare_gateways``. All calls run outside transactions."""

    name: str
    title: Text

    async def open_checkout(self, order: CheckoutOrder) -> Checkout:
        """Open a checkout, idempotent by payment id.

        Raises:
            GatewayUnavailable: try again.
        """
        ...

    async def cancel(self, payment_id: str) -> bool:
        """Close a checkout and let go what is held; False when it is too late (money was taken)."""
        ...

    async def refund(self, order: RefundOrder) -> None:
        """Ask for a refund; the outcome comes as a callback.

        Raises:
            GatewayUnavailable: try again.
        """
        ...

    def read_callback(
        self, headers: Mapping[str, str], body: bytes, at: dt.datetime
    ) -> Sequence[GatewayEvent]:
        """Verify and read a callback. Pure.

        Raises:
            CallbackRejected: forged, too old, too new or malformed.
        """
        ...


async def is_settled(service: str, bill_id: str) -> bool:
    """Return whether the bill stands paid in the platform's own books."""
    return await current().payments.is_settled(service, bill_id)


async def refund_bill(service: str, bill_id: str, reason: Text) -> str | None:
    """Give back what is left paid of a bill, in the current transaction; return the refund's id.

    For a plugin whose own rule undoes a payment, e.g. an objection upheld. Returns None when
    nothing is left paid. The money goes back to the payer through the gateway that took it. A bill
    that was paid in several payments has one refund each; the id is that of the first. While the
    payer's bank is examining the payment the refund waits: it goes on if the platform was in the
    right, and is turned down if it was not, since the bank has given the money back by then.
    """
    return await current().payments.refund_bill(service, bill_id, reason)
