"""Start a payment: price afresh, freeze, open a checkout."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import structlog

from bawaba import idempotency, live
from bawaba.db import transaction
from bawaba.graphql import NotFound, split_id
from bawaba.host.payments import rules
from bawaba.host.payments.desk import (
    callback_url,
    desk,
    topic,
    within,
)
from bawaba.host.payments.domain import OPEN, ItemState, PaymentStatus, UpdateKind
from bawaba.host.payments.models import Payment, PaymentItem
from bawaba.host.payments.refusals import GatewayNotAnswering, GatewayUnknown
from bawaba.host.payments.rules import BillKey, Priced, Wanted
from bawaba.host.payments.services import asking, claiming
from bawaba.money import format_fils
from bawaba.payments import Bill, Channel, CheckoutOrder, Gateway
from bawaba.runtime import correlation_id, new_id, now
from bawaba.text import Text
from bawaba.viewer import Viewer

log = structlog.get_logger(__name__)
_BEING_SETTLED = Text(
    "an earlier payment of it is still being settled. Try again later.",
    "لا تزال عملية دفع سابقة لها قيد التسوية. حاول لاحقاً.",
)


@dataclass(frozen=True, slots=True)
class StartOrder:
    """What a payer asks for: (global bill id, amount in fils or None) for each bill."""

    items: Sequence[tuple[str, int | None]]
    expected_fils: int
    channel: Channel
    return_url: str | None
    gateway: str | None
    key: str


async def start_payment(viewer: Viewer, order: StartOrder) -> str:
    """Return the id of the payment, new or of this key, with its checkout open.

    Raises:
        Refusal: see ``domain.py``.
    """
    viewer.require("payments.pay")

    async def work() -> str:
        rules.check_size(len(order.items))
        wanted = [_wanted(index, *item) for index, item in enumerate(order.items)]
        rules.check_distinct(wanted)
        rules.check_return_url(order.return_url)
        gateway = desk().gateway(order.gateway)
        if gateway is None:
            raise GatewayUnknown("gateway")
        return await _store(viewer, order, gateway, wanted, await _basis(wanted))

    fingerprint = [
        [list(item) for item in order.items],
        order.expected_fils,
        order.channel.value,
        order.return_url,
        order.gateway,
    ]
    payment_id = await idempotency.once(viewer, "payments.start", order.key, fingerprint, work)
    await open_checkout(payment_id)
    return payment_id


def _wanted(index: int, bill_id: str, fils: int | None) -> Wanted:
    parts = split_id(bill_id)
    payable = desk().by_node_type.get(parts[0]) if parts else None
    if parts is None or payable is None:
        raise NotFound("items", str(index), "billId")
    return Wanted(payable.service, parts[1], fils)


@dataclass(frozen=True, slots=True)
class _Basis:
    """On what prices rest: the agencies' bills, and what stood paid here before they were asked."""

    bills: Mapping[BillKey, Bill]
    claimed: Mapping[BillKey, int]


async def _basis(wanted: Sequence[Wanted]) -> _Basis:
    keys = [line.key for line in wanted]
    claimed = await claiming.claimed_of(keys)
    held = await claiming.held_of(claimed.keys())
    bills = dict(await asking.find_bills(keys))
    for key in held & bills.keys():
        # What is due of it, as its agency says, was paid in part or whole already.
        bills[key] = replace(bills[key], not_payable=_BEING_SETTLED)
    return _Basis(bills, claimed)


async def _store(
    viewer: Viewer,
    order: StartOrder,
    gateway: Gateway,
    wanted: Sequence[Wanted],
    basis: _Basis,
) -> str:
    async with transaction():
        claimed = await claiming.claimed_of([line.key for line in wanted])
        priced = rules.price(wanted, basis.bills, claimed, order.expected_fils, basis.claimed)
        at, payment_id = now(), new_id()
        payment = Payment(
            id=payment_id,
            reference=rules.reference_of("PAY", at.year, payment_id),
            payer_id=viewer.person(),
            status=PaymentStatus.PENDING.value,
            channel=order.channel.value,
            gateway=gateway.name,
            return_url=order.return_url,
            correlation_id=correlation_id()[:64],
            fils=sum(line.fils for line in priced),
            created_at=at,
            expires_at=at + desk().expiry,
        )
        await payment.save(force_create=True)
        await PaymentItem.bulk_create(
            [_item(payment_id, index, line) for index, line in enumerate(priced)]
        )
        await live.emit(topic(payment_id), UpdateKind.STARTED.value)
        await idempotency.done(payment_id)
    return payment_id


def _item(payment_id: str, position: int, line: Priced) -> PaymentItem:
    bill = line.bill
    return PaymentItem(
        id=new_id(),
        payment_id=payment_id,
        position=position,
        service=bill.service,
        bill_id=bill.id,
        bill_reference=bill.reference,
        description_en=bill.description.en,
        description_ar=bill.description.ar,
        explanation_en=bill.explanation.en,
        explanation_ar=bill.explanation.ar,
        fils=line.fils,
        limit_fils=line.limit_fils,
        state=ItemState.WAITING.value,
    )


async def open_checkout(payment_id: str) -> None:
    """Open the checkout of a payment that waits for one; idempotent, so a repeated key heals it.

    Raises:
        GatewayNotAnswering: the payment stays; the same request may be sent again.
    """
    payment = await Payment.get(id=payment_id)
    gateway = desk().by_gateway.get(payment.gateway)
    if (
        payment.checkout_url is not None
        or payment.status != PaymentStatus.PENDING.value
        or gateway is None
    ):
        return
    try:
        checkout = await within(
            desk().deadlines.gateway, gateway.open_checkout(await _checkout_order(payment))
        )
    except Exception as error:
        log.warning(
            "a gateway opened no checkout",
            gateway=payment.gateway,
            payment=payment_id,
            error=repr(error),
        )
        raise GatewayNotAnswering("gateway") from error
    async with transaction():
        waiting = Payment.filter(id=payment_id, checkout_url=None)
        opened = await waiting.filter(status__in=[state.value for state in OPEN]).update(
            checkout_url=checkout.url, gateway_reference=checkout.gateway_reference
        )
        if opened:
            await live.emit(topic(payment_id), UpdateKind.CHECKOUT_OPENED.value)


async def _checkout_order(payment: Payment) -> CheckoutOrder:
    count = await PaymentItem.filter(payment_id=payment.id).count()
    words = Text(
        "{reference}: {count} bill(s), BHD {total}",
        "{reference}: عدد الفواتير {count}، {total} د.ب.",
    ).fill(reference=payment.reference, count=count, total=format_fils(payment.fils))
    return CheckoutOrder(
        payment_id=payment.id,
        reference=payment.reference,
        fils=payment.fils,
        description=words,
        callback_url=callback_url(payment.gateway),
        return_url=payment.return_url,
        expires_at=payment.expires_at,
    )
