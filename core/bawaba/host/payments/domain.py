"""The words of payments: states and triggers. Pure."""

from __future__ import annotations

import enum

from bawaba.domain import StateMachine
from bawaba.payments import GatewayEventKind


class PaymentStatus(enum.Enum):
    """How far a payment has come."""

    PENDING = "PENDING"
    AUTHORISED = "AUTHORISED"
    CAPTURED = "CAPTURED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"


class PaymentTrigger(enum.Enum):
    """What moves a payment on.

    MISPAY: the gateway took an amount that was not asked for. VOID: it let go what it held.
    """

    AUTHORISE = "AUTHORISE"
    CAPTURE = "CAPTURE"
    DECLINE = "DECLINE"
    MISPAY = "MISPAY"
    ABANDON = "ABANDON"
    CANCEL = "CANCEL"
    VOID = "VOID"
    EXPIRE = "EXPIRE"


OPEN = (PaymentStatus.PENDING, PaymentStatus.AUTHORISED)
"""The states in which money may still come in as expected."""

_ENDINGS = {
    PaymentTrigger.CAPTURE: PaymentStatus.CAPTURED,
    PaymentTrigger.DECLINE: PaymentStatus.FAILED,
    PaymentTrigger.MISPAY: PaymentStatus.FAILED,
    PaymentTrigger.ABANDON: PaymentStatus.CANCELLED,
    PaymentTrigger.CANCEL: PaymentStatus.CANCELLED,
    PaymentTrigger.VOID: PaymentStatus.CANCELLED,
    PaymentTrigger.EXPIRE: PaymentStatus.EXPIRED,
}

PAYMENT = StateMachine(
    name="payment",
    initial=PaymentStatus.PENDING,
    edges={
        (PaymentStatus.PENDING, PaymentTrigger.AUTHORISE): PaymentStatus.AUTHORISED,
        **{(state, trigger): end for state in OPEN for trigger, end in _ENDINGS.items()},
    },
    terminal=frozenset(_ENDINGS.values()),
)
"""What comes in after a terminal state changes no state: late money goes to suspense."""

TRIGGERS = {
    GatewayEventKind.AUTHORISED: PaymentTrigger.AUTHORISE,
    GatewayEventKind.CAPTURED: PaymentTrigger.CAPTURE,
    GatewayEventKind.DECLINED: PaymentTrigger.DECLINE,
    GatewayEventKind.ABANDONED: PaymentTrigger.ABANDON,
    GatewayEventKind.VOIDED: PaymentTrigger.VOID,
}


class RefundStatus(enum.Enum):
    """How far a refund has come.

    PROPOSED: the platform holds money that awaits a decision. AWAITING_APPROVAL: over the limit, so
    a second person decides. DISPUTED: not sent yet when the payer's bank began to examine the
    payment. REVERSED: the payer's bank sent it back.
    """

    PROPOSED = "PROPOSED"
    AWAITING_APPROVAL = "AWAITING"
    REQUESTED = "REQUESTED"
    DISPUTED = "DISPUTED"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    REJECTED = "REJECTED"
    REVERSED = "REVERSED"


class RefundTrigger(enum.Enum):
    """What moves a refund on.

    HOLD: it is over the limit. DISPUTE: the payer's bank examines the payment; RESUME: the platform
    was in the right. CHARGE_BACK: the payer's bank took the money without asking.
    """

    REQUEST = "REQUEST"
    HOLD = "HOLD"
    DISPUTE = "DISPUTE"
    RESUME = "RESUME"
    APPROVE = "APPROVE"
    REJECT = "REJECT"
    SUCCEED = "SUCCEED"
    FAIL = "FAIL"
    REVERSE = "REVERSE"
    CHARGE_BACK = "CHARGE_BACK"


REFUND = StateMachine(
    name="refund",
    initial=RefundStatus.PROPOSED,
    edges={
        (RefundStatus.PROPOSED, RefundTrigger.REQUEST): RefundStatus.REQUESTED,
        (RefundStatus.PROPOSED, RefundTrigger.HOLD): RefundStatus.AWAITING_APPROVAL,
        (RefundStatus.PROPOSED, RefundTrigger.DISPUTE): RefundStatus.DISPUTED,
        (RefundStatus.PROPOSED, RefundTrigger.REJECT): RefundStatus.REJECTED,
        (RefundStatus.PROPOSED, RefundTrigger.CHARGE_BACK): RefundStatus.SUCCEEDED,
        (RefundStatus.AWAITING_APPROVAL, RefundTrigger.APPROVE): RefundStatus.REQUESTED,
        (RefundStatus.AWAITING_APPROVAL, RefundTrigger.REJECT): RefundStatus.REJECTED,
        (RefundStatus.REQUESTED, RefundTrigger.SUCCEED): RefundStatus.SUCCEEDED,
        (RefundStatus.REQUESTED, RefundTrigger.FAIL): RefundStatus.FAILED,
        (RefundStatus.REQUESTED, RefundTrigger.DISPUTE): RefundStatus.DISPUTED,
        (RefundStatus.DISPUTED, RefundTrigger.RESUME): RefundStatus.REQUESTED,
        (RefundStatus.DISPUTED, RefundTrigger.REJECT): RefundStatus.REJECTED,
        (RefundStatus.DISPUTED, RefundTrigger.SUCCEED): RefundStatus.SUCCEEDED,
        (RefundStatus.DISPUTED, RefundTrigger.FAIL): RefundStatus.FAILED,
        (RefundStatus.SUCCEEDED, RefundTrigger.REVERSE): RefundStatus.REVERSED,
    },
    terminal=frozenset({RefundStatus.FAILED, RefundStatus.REJECTED, RefundStatus.REVERSED}),
)
"""A failed or rejected refund releases what it reserved; whoever refunds asks for a new one. The
money of a reversed one waits in suspense with a new proposal, as does what a failed one was to take
out of suspense. One that a dispute holds back was not sent, as far as the platform knows; where the
gateway tells of its outcome all the same, the gateway is right."""


class RefundKind(enum.Enum):
    """Who wanted the money back: CHARGEBACK, the payer's bank, after a dispute was lost."""

    REFUND = "REFUND"
    CHARGEBACK = "CHARGEBACK"


class DisputeStatus(enum.Enum):
    """How a dispute between the payer's bank and the platform stands."""

    OPEN = "OPEN"
    WON = "WON"
    LOST = "LOST"


class DisputeTrigger(enum.Enum):
    """How a dispute ends, as the platform sees it."""

    WIN = "WIN"
    LOSE = "LOSE"


DISPUTE = StateMachine(
    name="dispute",
    initial=DisputeStatus.OPEN,
    edges={
        (DisputeStatus.OPEN, DisputeTrigger.WIN): DisputeStatus.WON,
        (DisputeStatus.OPEN, DisputeTrigger.LOSE): DisputeStatus.LOST,
    },
    terminal=frozenset({DisputeStatus.WON, DisputeStatus.LOST}),
)
"""While one is open the gateway withholds the money and nothing of the payment can be refunded."""


class ItemState(enum.Enum):
    """Where the money of one item is.

    HELD: taken, and the bill is nobody else's to pay, but its service could not mark it as paid
    yet. SUSPENDED: taken, but it settles no bill.
    """

    WAITING = "WAITING"
    SETTLED = "SETTLED"
    HELD = "HELD"
    SUSPENDED = "SUSPENDED"


class ItemTrigger(enum.Enum):
    """What moves an item on. HOLD: its service failed. SUSPEND: its bill is not paid by it."""

    SETTLE = "SETTLE"
    HOLD = "HOLD"
    SUSPEND = "SUSPEND"


ITEM = StateMachine(
    name="payment_item",
    initial=ItemState.WAITING,
    edges={
        (ItemState.WAITING, ItemTrigger.SETTLE): ItemState.SETTLED,
        (ItemState.WAITING, ItemTrigger.HOLD): ItemState.HELD,
        (ItemState.WAITING, ItemTrigger.SUSPEND): ItemState.SUSPENDED,
        (ItemState.HELD, ItemTrigger.SETTLE): ItemState.SETTLED,
        (ItemState.HELD, ItemTrigger.SUSPEND): ItemState.SUSPENDED,
    },
    terminal=frozenset({ItemState.SETTLED, ItemState.SUSPENDED}),
)
"""A held item is tried again until its service takes it; where money of it goes back before that,
it settles nothing any more."""


class MessageStatus(enum.Enum):
    """What became of a gateway's message. Messages are kept, whatever became of them."""

    WAITING = "WAITING"
    APPLIED = "APPLIED"
    NO_EFFECT = "NO_EFFECT"
    ALARM = "ALARM"


class MessageTrigger(enum.Enum):
    """What moves a message on. RETRY: an operator mended the cause of the alarm."""

    APPLY = "APPLY"
    DISMISS = "DISMISS"
    ALARM = "ALARM"
    RETRY = "RETRY"


MESSAGE = StateMachine(
    name="gateway_message",
    initial=MessageStatus.WAITING,
    edges={
        (MessageStatus.WAITING, MessageTrigger.APPLY): MessageStatus.APPLIED,
        (MessageStatus.WAITING, MessageTrigger.DISMISS): MessageStatus.NO_EFFECT,
        (MessageStatus.WAITING, MessageTrigger.ALARM): MessageStatus.ALARM,
        (MessageStatus.ALARM, MessageTrigger.RETRY): MessageStatus.WAITING,
    },
    terminal=frozenset({MessageStatus.APPLIED, MessageStatus.NO_EFFECT}),
)


class UpdateKind(enum.Enum):
    """What happened to a payment, as its followers are told."""

    SNAPSHOT = "SNAPSHOT"
    STARTED = "STARTED"
    CHECKOUT_OPENED = "CHECKOUT_OPENED"
    AUTHORISED = "AUTHORISED"
    CAPTURED = "CAPTURED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"
    REFUND_PROPOSED = "REFUND_PROPOSED"
    REFUND_REQUESTED = "REFUND_REQUESTED"
    REFUND_SUCCEEDED = "REFUND_SUCCEEDED"
    REFUND_FAILED = "REFUND_FAILED"
    REFUND_AWAITING_APPROVAL = "REFUND_AWAITING_APPROVAL"
    REFUND_REJECTED = "REFUND_REJECTED"
    REFUND_REVERSED = "REFUND_REVERSED"
    REFUND_DISPUTED = "REFUND_DISPUTED"
    BILLS_HELD = "BILLS_HELD"
    BILLS_SETTLED = "BILLS_SETTLED"
    DISPUTE_OPENED = "DISPUTE_OPENED"
    DISPUTE_WON = "DISPUTE_WON"
    DISPUTE_LOST = "DISPUTE_LOST"


class PostingsWrongError(Exception):
    """A payable described postings that do not add up to the item: a fault of its plugin."""


class ServiceFailedError(Exception):
    """A service could not do its part of a settlement: nothing of the transaction may stand.

    Args:
        service: whose plugin raised, took too long, or is left alone for a while.
        why: in an operator's words.
    """

    def __init__(self, service: str, why: str) -> None:
        self.service = service
        super().__init__(f"{service}: {why}"[:300])
