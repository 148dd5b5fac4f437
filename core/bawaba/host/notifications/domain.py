"""The words of notifications: deliveries, their states, what a messenger sends. Pure."""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass

from bawaba.domain import StateMachine
from bawaba.text import Text

SEND = "notifications.send"
"""The job that sends one notice."""
RETENTION = dt.timedelta(days=30)
"""How long the words of a notice are kept; that it was sent is kept with its key."""


class DeliveryState(enum.Enum):
    """Where the sending of one notice by one messenger stands."""

    PENDING = "PENDING"
    SENDING = "SENDING"
    SENT = "SENT"
    UNCERTAIN = "UNCERTAIN"


class DeliveryTrigger(enum.Enum):
    """What happens to a delivery."""

    BEGIN = "BEGIN"
    ACCEPTED = "ACCEPTED"
    REFUSED = "REFUSED"
    LOST = "LOST"


_S, _T = DeliveryState, DeliveryTrigger
DELIVERY: StateMachine[DeliveryState, DeliveryTrigger] = StateMachine(
    name="delivery",
    initial=_S.PENDING,
    edges={
        (_S.PENDING, _T.BEGIN): _S.SENDING,
        (_S.SENDING, _T.ACCEPTED): _S.SENT,
        (_S.SENDING, _T.REFUSED): _S.PENDING,
        (_S.SENDING, _T.LOST): _S.UNCERTAIN,
    },
    terminal=frozenset({_S.SENT, _S.UNCERTAIN}),
)
"""A delivery of which nobody can say whether it arrived is UNCERTAIN and not repeated."""


@dataclass(frozen=True, slots=True)
class Contact:
    """How a person can be reached."""

    person_id: str
    name: Text
    email: str | None
    phone: str | None


@dataclass(frozen=True, slots=True)
class Message:
    """What a messenger sends. ``id`` is the same at every try."""

    id: str
    key: str
    to: Contact
    subject: Text
    body: Text


class NotSent(Exception):
    """The other side certainly took nothing: it can be tried again."""
