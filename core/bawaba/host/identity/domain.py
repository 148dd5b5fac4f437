"""The words of identity: what is announced, what is refused."""

from __future__ import annotations

from typing import ClassVar

from bawaba.errors import Refusal
from bawaba.text import Text

SESSIONS_TOPIC = "identity.sessions"
"""The topic on which every process learns whose sockets to close or whose rights to read again."""
DEVICE_REVOKED = "DEVICE_REVOKED"
"""Data: ``device_id``."""
ACCOUNT_SUSPENDED = "ACCOUNT_SUSPENDED"
"""Data: ``person_id``."""
ACCOUNT_REINSTATED = "ACCOUNT_REINSTATED"
"""Data: ``person_id``."""
GRANTS_CHANGED = "GRANTS_CHANGED"
"""Data: ``person_id``."""

ACCOUNTS_MANAGE = "accounts.manage"
ACCOUNTS_OWN = "accounts.own"

MAX_REASON = 500
"""Characters of a reason."""


class OwnAccount(Refusal):
    """One's own account cannot be suspended: nobody could be left to undo it. Ask a colleague."""

    code: ClassVar[str] = "ACCOUNT_IS_YOUR_OWN"
    text = Text("You cannot suspend your own account.", "لا يمكنك تعليق حسابك.")


class BadReason(Refusal):
    """The reason is empty where one is needed, or over 500 characters. Give a short sentence."""

    code: ClassVar[str] = "ACCOUNT_REASON_INVALID"
    text = Text("Give a reason of 1 to 500 characters.", "اذكر سبباً من 1 إلى 500 حرف.")


def reason_of(given: str | None, *, required: bool) -> str | None:
    """Return the reason without surrounding blanks, or None where none was given.

    Raises:
        BadReason: it is too long, or missing though ``required``.
    """
    reason = (given or "").strip()
    if len(reason) > MAX_REASON or (required and not reason):
        raise BadReason("reason")
    return reason or None
