"""The words of remittance: what is paid on to an agency."""

from __future__ import annotations

import enum

from bawaba.domain import StateMachine

__all__ = ["OPEN", "PAYABLE", "REMITTANCE", "RemittanceStatus", "RemittanceTrigger"]


class RemittanceStatus(enum.Enum):
    """How far an order has come."""

    PROPOSED = "PROPOSED"
    APPROVED = "APPROVED"
    SENT = "SENT"
    CONFIRMED = "CONFIRMED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


class RemittanceTrigger(enum.Enum):
    """What happens to an order."""

    APPROVE = "APPROVE"
    SEND = "SEND"
    CONFIRM = "CONFIRM"
    FAIL = "FAIL"
    CANCEL = "CANCEL"


_S, _T = RemittanceStatus, RemittanceTrigger
REMITTANCE = StateMachine(
    name="accounting_remittance",
    initial=_S.PROPOSED,
    edges={
        (_S.PROPOSED, _T.APPROVE): _S.APPROVED,
        (_S.PROPOSED, _T.CANCEL): _S.CANCELLED,
        (_S.APPROVED, _T.CANCEL): _S.CANCELLED,
        (_S.APPROVED, _T.SEND): _S.SENT,
        (_S.SENT, _T.CONFIRM): _S.CONFIRMED,
        (_S.SENT, _T.FAIL): _S.FAILED,
    },
    terminal=frozenset({_S.CONFIRMED, _S.FAILED, _S.CANCELLED}),
)
"""Booked when it is sent; a transfer that fails is booked back."""

OPEN = (_S.PROPOSED, _S.APPROVED)
"""Orders whose money is still on the agency's account."""
PAYABLE = r"agency\.([a-z0-9-]+)\.payable"
"""What the code of an account looks like that holds money for an agency."""
