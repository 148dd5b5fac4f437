"""The words of correspondence: parties, keys and their life, what a letter claims, refusals."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bawaba.domain import StateMachine

PLATFORM = "platform"
"""The name of the platform among the parties; every other is an agency's code."""
LETTER_TYPE, RECEIPT_TYPE = "bawaba-letter+jwt", "bawaba-receipt+jwt"
"""``typ`` of the signed part: so that neither can stand in for the other."""
MEDIA_TYPE = "application/jose"
SIGNING = "ES256"
AGREEMENT, SEALING = "ECDH-ES+A256KW", "A256GCM"
"""The only algorithms: they come with the key (P-256), never from a message."""
MAX_SEALED = 256 * 1024
"""Bytes of the longest letter or receipt, sealed."""
MAX_PAYLOAD = (MAX_SEALED - 2048) * 9 // 16
"""Bytes of the longest claims: base64 makes 16 of 9, twice over; headers and the seal are 2 KB."""
RECEIPT_KIND = "receipt"
AHEAD = dt.timedelta(seconds=60)
"""How far a sender's clock may be ahead of ours."""


class KeyState(enum.Enum):
    """Where a party's pair of keys stands.

    NEXT: published, so that others know it before anything is signed with it. CURRENT: signs and
    is sealed to. RETIRED: verifies and opens what was on its way, for the grace period. EXPIRED:
    does neither; its public half still verifies receipts in the log.
    """

    NEXT = "NEXT"
    CURRENT = "CURRENT"
    RETIRED = "RETIRED"
    EXPIRED = "EXPIRED"


class KeyTrigger(enum.Enum):
    """What happens to a pair of keys."""

    PROMOTE = "PROMOTE"
    RETIRE = "RETIRE"
    EXPIRE = "EXPIRE"


KEY: StateMachine[KeyState, KeyTrigger] = StateMachine(
    name="correspondenceKey",
    initial=KeyState.NEXT,
    edges={
        (KeyState.NEXT, KeyTrigger.PROMOTE): KeyState.CURRENT,
        (KeyState.CURRENT, KeyTrigger.RETIRE): KeyState.RETIRED,
        (KeyState.RETIRED, KeyTrigger.EXPIRE): KeyState.EXPIRED,
    },
    terminal=frozenset({KeyState.EXPIRED}),
)


class LetterDirection(enum.Enum):
    """Which way a letter went, seen from the platform."""

    TO_AGENCY = "TO_AGENCY"
    FROM_AGENCY = "FROM_AGENCY"


class Reason(enum.Enum):
    """Why a letter is refused: a word for the sender, the status that it is answered with."""

    TOO_LARGE = ("TOO_LARGE", 413)
    MEDIA_TYPE = ("MEDIA_TYPE", 415)
    LATE_BODY = ("LATE_BODY", 408)
    UNREADABLE = ("UNREADABLE", 400)
    UNOPENABLE = ("UNOPENABLE", 400)
    FOREIGN = ("FOREIGN", 401)
    MISADDRESSED = ("MISADDRESSED", 403)
    EXPIRED = ("EXPIRED", 403)
    REPLAYED = ("REPLAYED", 409)
    KEY_REUSED = ("KEY_REUSED", 409)
    UNKNOWN_KIND = ("UNKNOWN_KIND", 422)
    TOO_MANY = ("TOO_MANY", 429)

    @property
    def word(self) -> str:
        """The word."""
        return self.value[0]

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.value[1]


class Refused(Exception):
    """A letter or receipt that is not taken. ``detail`` is for the log, and holds no content."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        self.reason, self.detail = reason, detail
        super().__init__(f"{reason.word}: {detail}")


@dataclass(frozen=True, slots=True)
class Claims:
    """What the signed part of a letter or receipt says.

    Args:
        sender, receiver: parties (``iss``, ``aud``).
        message_id: unique to this sending (``jti``); a repetition has another.
        key: unique to what is said; a receipt carries its letter's.
        re, letter, body_digest: of receipts: the letter's message id, the SHA-256 of the sealed
            letter, and that of its body. Empty on letters.
    """

    sender: str
    receiver: str
    message_id: str
    issued_at: dt.datetime
    kind: str
    key: str
    correlation_id: str
    body: Mapping[str, Any]
    re: str = ""
    letter: str = ""
    body_digest: str = ""

    @property
    def agency(self) -> str:
        """The party that is not the platform."""
        return self.receiver if self.sender == PLATFORM else self.sender


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A party's two keys of one generation, as JWK; private halves are absent once expired."""

    state: KeyState
    signing: Mapping[str, Any]
    sealing: Mapping[str, Any]
    made_at: dt.datetime
    retired_at: dt.datetime | None = None
