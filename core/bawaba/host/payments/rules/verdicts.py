"""What a gateway's message does to a payment. Pure."""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass

from bawaba.host.payments.domain import OPEN, PAYMENT, TRIGGERS, PaymentStatus, PaymentTrigger
from bawaba.payments import GatewayEventKind


class Effect(enum.Enum):
    """What a message does to a payment.

    LATE: its money comes after the end. DOUBLE: the payer was charged a second time. Both go to
    suspense.
    """

    ADVANCE = "ADVANCE"
    LATE = "LATE"
    DOUBLE = "DOUBLE"
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
    GatewayEventKind.VOIDED: {
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
    same_charge: bool = True,
) -> Verdict:
    """Say what a message about a payment (not about a refund or a dispute) does to it.

    ``same_charge``: it names the charge that is known already, by the gateway's own reference.
    """
    if kind is GatewayEventKind.CAPTURED and captured_fils:
        if not same_charge:
            return Verdict(Effect.DOUBLE, alarm="the payer was charged a second time")
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
