"""The sending end: sign, seal, post, and believe nothing but a verified receipt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog

from bawaba.db import IntegrityError, in_transaction, transaction
from bawaba.errors import AgencyNotConnected, AgencyUnavailable
from bawaba.host.correspondence import log as letters
from bawaba.host.correspondence import rules
from bawaba.host.correspondence.domain import (
    LETTER_TYPE,
    MAX_PAYLOAD,
    PLATFORM,
    RECEIPT_TYPE,
    Claims,
    Reason,
    Refused,
)
from bawaba.host.correspondence.keyring import KeysMissing
from bawaba.host.correspondence.log import Exchange, Place
from bawaba.host.correspondence.office import Office
from bawaba.host.correspondence.sealing import seal, unseal, verify
from bawaba.host.correspondence.services import waiting
from bawaba.host.correspondence.transport import Transport
from bawaba.runtime import correlation_id, new_id, now

log = structlog.get_logger(__name__)
_TAKEN = 200
_FOR_GOOD = frozenset(
    reason.status for reason in (Reason.KEY_REUSED, Reason.TOO_LARGE, Reason.UNKNOWN_KIND)
)


class Declined(AgencyUnavailable):
    """The receiver refuses this very letter, and will again."""


async def send(office: Office, transport: Transport, letter: Claims) -> Mapping[str, Any]:
    """Send a letter and return the reply in its verified receipt; log both.

    A letter whose receipt is in the log already is not sent again: its reply is returned. One to an
    agency without an address waits, and so does every later one until it has gone out.

    Raises:
        AgencyNotConnected: it waits, and will be sent; send it again later for its reply.
        AgencyUnavailable: no verified receipt; send it again later, with the same key.
        ValueError: the letter is malformed, too long, or its key was used for another body.
        RuntimeError: called inside a transaction, which a letter must never hold open.
    """
    if in_transaction():
        raise RuntimeError("a letter must not be sent inside a transaction")
    if (reply := await kept(letter)) is not None:
        return reply
    if letter.sender == PLATFORM and (why := await waiting.why_wait(office, letter.agency)):
        await waiting.put(letter)
        raise AgencyNotConnected(f"{letter.kind} waits: {why}")
    return await deliver(office, transport, letter)


def written(sender: str, receiver: str, kind: str, body: Mapping[str, Any], key: str) -> Claims:
    """Return the letter with these words, of now, with a message id of its own.

    Raises:
        ValueError: ``kind``, ``key`` or ``body`` is not of the form that letters have, or it is
            too long.
    """
    if not rules.is_kind(kind) or not rules.is_key(key) or not rules.is_json(body):
        raise ValueError(
            f"letter {kind!r}: kind like post.scans, key of 1 to 200 characters, body of JSON"
        )
    correlation = rules.correlation_of(correlation_id())
    letter = Claims(sender, receiver, new_id(), now(), kind, key, correlation, body)
    if len(rules.write_claims(letter)) > MAX_PAYLOAD:
        raise ValueError(f"letter {kind!r} is too long")
    return letter


async def kept(letter: Claims) -> Mapping[str, Any] | None:
    """Return the reply of a letter that was delivered before, under the same key.

    Raises:
        ValueError: the key was used for another letter.
    """
    first = await letters.first_of(Place.of(letter.sender, letter), letter.key)
    if first is None:
        return None
    if (first["kind"], first["body_sha256"]) != (letter.kind, rules.body_digest(letter.body)):
        raise ValueError(f"the key {letter.key!r} was used for another {first['kind']} letter")
    return letters.reply_in(first["receipt"])


async def deliver(office: Office, transport: Transport, letter: Claims) -> Mapping[str, Any]:
    """Send a letter now, whatever waits; else as :func:`send`.

    Raises:
        Declined: the receiver refuses it for good.
        AgencyUnavailable, ValueError: see :func:`send`.
    """
    agency = letter.agency
    try:
        done, reply = await _exchange(office, transport, letter)
    except (Refused, KeysMissing, AgencyUnavailable) as error:
        office.metrics.undelivered.labels(agency).inc()
        log.warning("a letter has no receipt", agency=agency, kind=letter.kind, error=str(error))
        kind = Declined if isinstance(error, Declined) else AgencyUnavailable
        raise kind(f"{letter.receiver} did not take {letter.kind}: {error}") from error
    try:
        async with transaction():
            await letters.append(Place.of(letter.sender, letter), done, repeated=False)
    except IntegrityError:
        first = await kept(letter)  # sent by another process at the same time
        if first is None:
            raise
        return first
    office.metrics.sent.labels(agency).inc()
    return reply


async def _exchange(
    office: Office, transport: Transport, letter: Claims
) -> tuple[Exchange, Mapping[str, Any]]:
    """Post the letter; return what went to and fro, and the reply in the verified receipt."""
    own = office.own(letter.sender)
    sealed = seal(letter, LETTER_TYPE, own.signer, office.public(letter.receiver).sealer())
    response = await transport.post(letter.receiver, sealed.sealed.encode(), letter.correlation_id)
    if response.status != _TAKEN:
        kind = Declined if response.status in _FOR_GOOD else AgencyUnavailable
        raise kind(f"answered {response.status} {response.body[:60]!r}")
    instant, own = now(), office.own(letter.sender)
    found = unseal(response.body, lambda kid: own.opener(kid, instant))
    known = office.public(letter.receiver)
    receipt, signer = verify(found.signed, RECEIPT_TYPE, lambda kid: known.verifier(kid, instant))
    rules.check_claims(
        receipt,
        sender=letter.receiver,
        receiver=letter.sender,
        now=instant,
        window=office.window,
    )
    rules.check_receipt(receipt, letter, sealed.sealed)
    return Exchange(letter, sealed.sealed, found.signed, signer), receipt.body
