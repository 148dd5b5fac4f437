"""The words of the sandbox gateway: checkouts, what a payer can do to them, what can go wrong."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from bawaba.domain import StateMachine
from bawaba.payments import GatewayEventKind

__all__ = [
    "CHECKOUT",
    "KIND_OF_TYPE",
    "OUTCOME_OF",
    "REPORTED",
    "TYPE_OF_KIND",
    "CheckoutNotLate",
    "CheckoutState",
    "CheckoutTrigger",
    "CheckoutUnknown",
    "DeliveryFailed",
    "NotPossible",
    "Outcome",
    "RefundVerdict",
    "SecretMissing",
    "Spoil",
]


class CheckoutState(enum.Enum):
    """How far a checkout has come."""

    OPEN = "OPEN"
    APPROVED = "APPROVED"
    DECLINED = "DECLINED"
    ABANDONED = "ABANDONED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"


class CheckoutTrigger(enum.Enum):
    """What can happen to a checkout."""

    APPROVE = "APPROVE"
    DECLINE = "DECLINE"
    ABANDON = "ABANDON"
    CANCEL = "CANCEL"
    EXPIRE = "EXPIRE"
    CAPTURE_LATE = "CAPTURE_LATE"


_OPEN, _APPROVED = CheckoutState.OPEN, CheckoutState.APPROVED
CHECKOUT: StateMachine[CheckoutState, CheckoutTrigger] = StateMachine(
    name="sandboxCheckout",
    initial=_OPEN,
    edges={
        (_OPEN, CheckoutTrigger.APPROVE): _APPROVED,
        (_OPEN, CheckoutTrigger.DECLINE): CheckoutState.DECLINED,
        (_OPEN, CheckoutTrigger.ABANDON): CheckoutState.ABANDONED,
        (_OPEN, CheckoutTrigger.CANCEL): CheckoutState.CANCELLED,
        (_OPEN, CheckoutTrigger.EXPIRE): CheckoutState.EXPIRED,
        # A real gateway may find hours later that the bank had taken the money after all.
        (CheckoutState.ABANDONED, CheckoutTrigger.CAPTURE_LATE): _APPROVED,
        (CheckoutState.CANCELLED, CheckoutTrigger.CAPTURE_LATE): _APPROVED,
        (CheckoutState.EXPIRED, CheckoutTrigger.CAPTURE_LATE): _APPROVED,
    },
    terminal=frozenset({_APPROVED, CheckoutState.DECLINED}),
)
"""The life of a checkout. Money was taken exactly where it stands APPROVED."""


class Outcome(enum.Enum):
    """What the payer chooses on the checkout page: the values of the form field ``outcome``."""

    APPROVE = "approve"
    DECLINE = "decline"
    ABANDON = "abandon"

    @property
    def trigger(self) -> CheckoutTrigger:
        """The trigger of the checkout machine."""
        return CheckoutTrigger[self.name]

    @property
    def result(self) -> CheckoutState:
        """The state that the choice leads to."""
        return CHECKOUT.edges[CheckoutState.OPEN, self.trigger]


OUTCOME_OF = {outcome.result: outcome for outcome in Outcome}
"""The payer's choice behind each state that a choice can lead to."""

REPORTED = {
    CheckoutState.APPROVED: GatewayEventKind.CAPTURED,
    CheckoutState.DECLINED: GatewayEventKind.DECLINED,
    CheckoutState.ABANDONED: GatewayEventKind.ABANDONED,
}
"""What is reported to the platform on reaching a state; what is absent is not reported."""

TYPE_OF_KIND = {
    GatewayEventKind.CAPTURED: "payment.captured",
    GatewayEventKind.DECLINED: "payment.declined",
    GatewayEventKind.ABANDONED: "payment.abandoned",
    GatewayEventKind.REFUNDED: "refund.succeeded",
    GatewayEventKind.REFUND_FAILED: "refund.failed",
    GatewayEventKind.REFUND_REVERSED: "refund.reversed",
    GatewayEventKind.AUTHORISED: "payment.authorised",
    GatewayEventKind.VOIDED: "payment.voided",
    GatewayEventKind.DISPUTE_OPENED: "dispute.opened",
    GatewayEventKind.DISPUTE_WON: "dispute.won",
    GatewayEventKind.DISPUTE_LOST: "dispute.lost",
}
"""The ``type`` in the body of each callback."""

KIND_OF_TYPE = {name: kind for kind, name in TYPE_OF_KIND.items()}


@dataclass(frozen=True, slots=True)
class RefundVerdict:
    """Whether a refund succeeds, and why not."""

    succeeds: bool
    reason: str

    @property
    def kind(self) -> GatewayEventKind:
        """What is reported to the platform."""
        return GatewayEventKind.REFUNDED if self.succeeds else GatewayEventKind.REFUND_FAILED


class Spoil(enum.Enum):
    """How a settlement file can be spoiled, for trying what the platform notices."""

    MISSING = "missing"
    AMOUNT = "amount"
    UNKNOWN = "unknown"
    DUPLICATE = "duplicate"
    FEE = "fee"
    PAYOUT = "payout"


class CheckoutUnknown(Exception):
    """No checkout has this token or payment reference."""


class CheckoutNotLate(Exception):
    """A late capture needs a checkout that ended without money being taken."""


class NotPossible(Exception):
    """The payer's bank cannot do this now: the message says why."""


class DeliveryFailed(Exception):
    """The platform did not answer a callback with 2xx; it is sent again."""


class SecretMissing(Exception):
    """No signing secret is set, and outside the demo none is made up."""
