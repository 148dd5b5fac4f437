"""What core declares for payments. Clearing accounts are made at boot, one a gateway."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from bawaba.graphql import Info
from bawaba.host.payments import accounts, domain, inbox, receipts, refusals
from bawaba.host.payments.graphql.alarms import AlarmMutation, AlarmQuery, GatewayMessage
from bawaba.host.payments.graphql.decisions import DecisionMutation, DecisionQuery
from bawaba.host.payments.graphql.person import PersonFields
from bawaba.host.payments.graphql.roots import PaymentMutation, PaymentQuery, PaymentSubscription
from bawaba.host.payments.graphql.types import Payment, PaymentDispute, Refund
from bawaba.host.payments.rules.circuits import CIRCUIT
from bawaba.host.payments.services import delivering, ending, holding, reading, refunding
from bawaba.jobs import Job
from bawaba.plugin import CoreFields, Machine, NodeType, Permission, Route, SchemaPart
from bawaba.text import Text

_PATIENT = 20
"""Attempts of a delivery: an agency may be out of reach for a night."""


async def _payments(info: Info, ids: Sequence[str]) -> Mapping[str, Any]:
    found = await reading.seen_payments(info.context.viewer, ids)
    return {key: Payment.of(row) for key, row in found.items()}


async def _refunds(info: Info, ids: Sequence[str]) -> Mapping[str, Any]:
    found = await reading.seen_refunds(info.context.viewer, ids)
    return {key: Refund.of(row) for key, row in found.items()}


async def _disputes(info: Info, ids: Sequence[str]) -> Mapping[str, Any]:
    found = await reading.seen_disputes(info.context.viewer, ids)
    return {key: PaymentDispute.of(row) for key, row in found.items()}


async def _messages(info: Info, ids: Sequence[str]) -> Mapping[str, Any]:
    found = await reading.seen_messages(info.context.viewer, ids)
    return {key: GatewayMessage.of(row) for key, row in found.items()}


PERMISSIONS = [
    Permission(
        "payments.pay",
        Text(
            "Pay bills and see one's own payments.",
            "دفع الفواتير والاطلاع على عمليات الدفع الشخصية.",
        ),
    ),
    Permission(
        "payments.read",
        Text("See everybody's payments and refunds.", "الاطلاع على جميع عمليات الدفع والاسترداد."),
    ),
    Permission(
        "payments.refund", Text("Give money back to payers.", "إعادة المبالغ إلى الدافعين.")
    ),
    Permission(
        "payments.approve",
        Text(
            "Approve or decline refunds that were proposed or are over the limit.",
            "اعتماد أو رفض ما اقتُرح استرداده أو تجاوز الحد.",
        ),
    ),
]
ERRORS = list(refusals.REFUSALS)
MACHINES = [
    Machine(domain.PAYMENT, Text("A payment.", "عملية دفع.")),
    Machine(domain.ITEM, Text("A bill of a payment.", "فاتورة ضمن عملية دفع.")),
    Machine(domain.REFUND, Text("A refund.", "عملية استرداد.")),
    Machine(domain.DISPUTE, Text("A payer's dispute.", "اعتراض دافع.")),
    Machine(CIRCUIT, Text("Whether an agency is asked.", "سؤال الجهة أو تركها.")),
    Machine(domain.MESSAGE, Text("A gateway's message.", "رسالة من بوابة دفع.")),
]
ACCOUNTS = list(accounts.ACCOUNTS)
JOBS = [
    Job("payments.deliver", delivering.deliver, attempts=_PATIENT),
    Job("payments.deliver_reversal", delivering.deliver_reversal, attempts=_PATIENT),
    Job("payments.settle", holding.settle_held, attempts=_PATIENT),
    Job("payments.note_reversal", holding.note_reversal, attempts=_PATIENT),
    Job("payments.refund", refunding.send_refund, attempts=_PATIENT),
    Job("payments.void", ending.let_go, attempts=_PATIENT),
    Job("payments.expire", ending.expire_overdue, every=dt.timedelta(seconds=5)),
]
ROUTES = [
    Route("POST", "/gateways/{name}/callback", inbox.callback),
    Route("GET", "/receipts/{number}", receipts.receipt_page),
]
SCHEMA_PARTS = [
    SchemaPart(query=PaymentQuery, mutation=PaymentMutation, subscription=PaymentSubscription),
    SchemaPart(query=AlarmQuery, mutation=AlarmMutation),
    SchemaPart(query=DecisionQuery, mutation=DecisionMutation),
]
CORE_FIELDS = [CoreFields("Person", PersonFields)]
NODES = [
    NodeType("Payment", _payments),
    NodeType("Refund", _refunds),
    NodeType("GatewayMessage", _messages),
    NodeType("PaymentDispute", _disputes),
]
