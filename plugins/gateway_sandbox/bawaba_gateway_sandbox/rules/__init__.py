"""The laws of the sandbox gateway: signatures, messages, refunds, languages, return addresses.

Signatures follow the Standard Webhooks specification (version 1, symmetric), see
https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md:
HMAC-SHA256 over ``id.timestamp.body``, base64, prefixed with ``v1,``; several signatures, parted by
spaces, while secrets are being rotated.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from bawaba.money import CURRENCY, fils_of, format_fils
from bawaba.payments import CallbackRejected, GatewayEvent
from bawaba.text import Language

from bawaba_gateway_sandbox.domain import (
    CHECKOUT,
    KIND_OF_TYPE,
    TYPE_OF_KIND,
    CheckoutState,
    CheckoutTrigger,
    RefundVerdict,
)

__all__ = [
    "TOLERANCE",
    "after_expiry",
    "body_of",
    "is_key",
    "keys_of",
    "language_of",
    "origin_of",
    "read_message",
    "refund_verdict",
    "return_address",
    "signed",
]

TOLERANCE = dt.timedelta(minutes=5)
"""How far a callback's timestamp may stand from now, on either side."""

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")  # no full stop: it parts the signed content
_TIMESTAMP = re.compile(r"[0-9]{1,11}")
_ORIGIN = re.compile(
    r"https?://[A-Za-z0-9.\-]+(:[0-9]{1,5})?|https?://\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?"
)
_KEY_BYTES = range(24, 65)
_SECRET_PREFIX = "whsec_"  # noqa: S105  the scheme's mark, not a secret


def keys_of(secrets: str) -> tuple[bytes, ...]:
    """Return the keys in ``secrets``: ``whsec_`` and base64, parted by spaces or commas.

    Raises:
        ValueError: one of them is not 24 to 64 bytes in base64. The message does not repeat it.
    """
    keys = []
    for secret in secrets.replace(",", " ").split():
        try:
            key = base64.b64decode(secret.removeprefix(_SECRET_PREFIX), validate=True)
        except binascii.Error:
            key = b""
        if len(key) not in _KEY_BYTES:
            raise ValueError("a webhook secret must be whsec_ and 24 to 64 bytes in base64")
        keys.append(key)
    return tuple(keys)


def signed(keys: Sequence[bytes], message_id: str, at: dt.datetime, body: bytes) -> dict[str, str]:
    """Return the headers of a callback: signed with every key, so that rotation loses none."""
    timestamp = str(int(at.timestamp()))
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(_signature(key, message_id, timestamp, body) for key in keys),
    }


def _signature(key: bytes, message_id: str, timestamp: str, body: bytes) -> str:
    content = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()


def read_message(
    keys: Sequence[bytes], headers: Mapping[str, str], body: bytes, at: dt.datetime
) -> GatewayEvent:
    """Verify and read a callback that arrived at ``at``.

    Raises:
        CallbackRejected: forged, more than five minutes old or ahead, or malformed.
    """
    given = {name.lower(): value for name, value in headers.items()}
    message_id = given.get("webhook-id", "")
    timestamp = given.get("webhook-timestamp", "")
    if not _ID.fullmatch(message_id) or not _TIMESTAMP.fullmatch(timestamp):
        raise CallbackRejected("webhook-id or webhook-timestamp is missing or malformed")
    if abs(at.timestamp() - int(timestamp)) > TOLERANCE.total_seconds():
        raise CallbackRejected("webhook-timestamp is too far from now")
    # Header values may hold any byte; aiohttp hands them over as surrogates.
    offered = [
        part.encode("utf-8", "surrogateescape")
        for part in given.get("webhook-signature", "").split(" ")
    ]
    genuine = False
    for key in keys:
        expected = _signature(key, message_id, timestamp, body).encode()
        for signature in offered:
            genuine |= hmac.compare_digest(expected, signature)
    if not genuine:
        raise CallbackRejected("no signature in webhook-signature is ours")
    return _event(message_id, body)


def _event(message_id: str, body: bytes) -> GatewayEvent:
    try:
        message: dict[str, Any] = json.loads(body)
        data: dict[str, Any] = message["data"]
        currency = data["currency"]
        event = GatewayEvent(
            event_id=message_id,
            kind=KIND_OF_TYPE[message["type"]],
            payment_id=str(data["payment_id"]),
            fils=fils_of(data["amount"]),
            gateway_reference=str(data["gateway_reference"]),
            occurred_at=dt.datetime.fromisoformat(message["timestamp"]),
            refund_id=data["refund_id"],
            dispute_id=data.get("dispute_id"),
            reason=data["reason"],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise CallbackRejected(f"the body is malformed: {type(error).__name__}") from error
    if currency != CURRENCY or event.occurred_at.tzinfo is None:
        raise CallbackRejected("the body has another currency, or a timestamp without a time zone")
    return event


def body_of(event: GatewayEvent) -> bytes:
    """Return the JSON body of a callback; :func:`read_message` reads it back."""
    message = {
        "type": TYPE_OF_KIND[event.kind],
        "timestamp": event.occurred_at.isoformat(),
        "data": {
            "payment_id": event.payment_id,
            "amount": format_fils(event.fils),
            "currency": CURRENCY,
            "gateway_reference": event.gateway_reference,
            "refund_id": event.refund_id,
            **({"dispute_id": event.dispute_id} if event.dispute_id else {}),
            "reason": event.reason,
        },
    }
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()


def is_key(text: str) -> bool:
    """Return whether ``text`` has the form of a token or an event's id, as the database needs."""
    return _ID.fullmatch(text) is not None


def after_expiry(state: CheckoutState, expires_at: dt.datetime, at: dt.datetime) -> CheckoutState:
    """Return the state at ``at``: an open checkout past its time has expired."""
    if state is CheckoutState.OPEN and at >= expires_at:
        return CHECKOUT.next(state, CheckoutTrigger.EXPIRE)
    return state


def refund_verdict(
    state: CheckoutState | None, left_fils: int, fils: int, reason: str
) -> RefundVerdict:
    """Return whether a refund of ``fils`` succeeds where ``left_fils`` are not yet given back.

    A reason that contains the word ``fail`` fails, so that anybody can try it.
    """
    if state is not CheckoutState.APPROVED:
        return RefundVerdict(succeeds=False, reason="no money was taken for this payment")
    if fils > left_fils:
        return RefundVerdict(succeeds=False, reason="more than is left to give back")
    if re.search(r"\bfail\b", reason, re.IGNORECASE):
        return RefundVerdict(succeeds=False, reason="the sandbox was asked to fail")
    return RefundVerdict(succeeds=True, reason=reason)


def language_of(chosen: str | None, accept_language: str) -> Language:
    """Return the language chosen, else the best of ``Accept-Language``, else Arabic."""
    if chosen is not None and chosen.upper() in Language.__members__:
        return Language[chosen.upper()]
    best, best_weight = Language.AR, 0.0
    for part in accept_language.split(","):
        tag, _, parameter = part.strip().partition(";")
        name = tag.partition("-")[0].strip().upper()
        match = re.fullmatch(r"\s*q\s*=\s*([01](?:\.[0-9]{0,3})?)\s*", parameter)
        weight = float(match[1]) if match else 1.0 if not parameter else 0.0
        if name in Language.__members__ and weight > best_weight:
            best, best_weight = Language[name], weight
    return best


def origin_of(url: str | None) -> str | None:
    """Return the scheme, host and port of a web address, or None where it is not one.

    Only what comes back from here is ever linked to, redirected to or named in a page's policy.
    """
    try:
        parts = urlsplit(url or "")
        origin = f"{parts.scheme}://{parts.netloc}"
    except ValueError:
        return None
    return origin if _ORIGIN.fullmatch(origin) else None


def return_address(url: str | None, payment: str, outcome: str) -> str | None:
    """Return where the payer goes afterwards, with ``payment`` and ``outcome`` appended.

    None where ``url`` is no web address. What the address holds already stays as it is.
    """
    if url is None or origin_of(url) is None:
        return None
    parts = urlsplit(url)
    added = urlencode({"payment": payment, "outcome": outcome})
    return urlunsplit(parts._replace(query=f"{parts.query}&{added}" if parts.query else added))
