"""The receiving end: open, verify, take once, log, and answer with a receipt."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import orjson
import structlog
from joserfc.jwk import ECKey

from bawaba.correspondence import Answer, Letter
from bawaba.db import IntegrityError, StorageUnavailable, transaction
from bawaba.errors import AgencyUnavailable
from bawaba.host.correspondence import log as letters
from bawaba.host.correspondence import rules
from bawaba.host.correspondence.domain import (
    LETTER_TYPE,
    PLATFORM,
    RECEIPT_KIND,
    RECEIPT_TYPE,
    Claims,
    Reason,
    Refused,
)
from bawaba.host.correspondence.keyring import KeysMissing
from bawaba.host.correspondence.log import Exchange, Place
from bawaba.host.correspondence.office import Office
from bawaba.host.correspondence.sealing import Sealed, seal, unseal, verify
from bawaba.runtime import correlated, new_id, now

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Response:
    """What goes back: 200 with a sealed receipt, or a status with one word.

    ``known`` tells that the letter was verified: its sender is a known party.
    """

    status: int
    body: bytes
    known: bool = False


async def take(office: Office, receiver: str, raw: bytes) -> Response:
    """Take one letter to a party that lives here. Never raises for what a stranger may send.

    200 with a receipt; 4xx what is refused, and stays refused; 503 try again later.
    """
    try:
        async with office.door.opening():
            letter, sealed = opened(office, receiver, raw)
    except Refused as refused:
        return refusal(office, receiver, refused)
    except KeysMissing as error:
        _warn(office, "a letter cannot be opened", receiver, str(error))
        return _later("NO_KEYS", known=False)
    with correlated(letter.correlation_id):
        try:
            receipt = await _answered(office, letter, sealed)
        except Refused as refused:
            return refusal(office, receiver, refused)
        except (AgencyUnavailable, StorageUnavailable, IntegrityError, KeysMissing) as error:
            _warn(office, "a letter is put off", receiver, type(error).__name__, repr(error)[:300])
            return _later("UNAVAILABLE", known=True)
        except Exception:
            log.exception("fault over a letter", receiver=receiver, kind=letter.kind)
            return Response(500, b'{"code":"FAULT"}', known=True)
        office.metrics.taken.labels(letter.agency).inc()
        return Response(200, receipt.encode(), known=True)


def refusal(office: Office, receiver: str, refused: Refused) -> Response:
    """Count and log a refusal; return the answer, which says no more than one word."""
    office.metrics.refused.labels(refused.reason.word).inc()
    _warn(office, "a letter is refused", receiver, refused.reason.word, refused.detail)
    return Response(refused.reason.status, orjson.dumps({"code": refused.reason.word}))


def _warn(office: Office, what: str, receiver: str, reason: str, detail: str = "") -> None:
    """Log one line of a burst: whoever sends rubbish must not fill the log."""
    more = office.door.worth_logging((what, receiver, reason), now())
    if more is not None:
        log.warning(what, receiver=receiver, reason=reason, detail=detail, unlogged_before=more)


def opened(office: Office, receiver: str, raw: bytes) -> tuple[Claims, str]:
    """Return what a letter says, once all of it is verified, and its sealed text.

    Raises:
        Refused: it is not taken.
        KeysMissing: the receiver has no keys.
    """
    instant, own = now(), office.own(receiver)
    found = unseal(raw, lambda kid: own.opener(kid, instant))
    sender = rules.claimed_sender(found.signed)
    if (sender == PLATFORM) == (receiver == PLATFORM):
        raise Refused(Reason.FOREIGN, f"from {sender}")
    if sender != PLATFORM and sender not in office.agencies:
        raise Refused(Reason.FOREIGN, f"from the unknown party {sender}")
    known = office.public(sender)
    claims, _ = verify(found.signed, LETTER_TYPE, lambda kid: known.verifier(kid, instant))
    rules.check_claims(claims, sender=sender, receiver=receiver, now=instant, window=office.window)
    return claims, found.sealed


async def _answered(office: Office, letter: Claims, sealed: str) -> str:
    """Take the letter; where another with the same key or id was at work meanwhile, look again."""
    said = Letter(
        agency=letter.agency,
        kind=letter.kind,
        body=letter.body,
        key=letter.key,
        correlation_id=letter.correlation_id,
        sent_at=letter.issued_at,
    )
    answer, line = _desk(office, letter)
    async with line(said):
        try:
            return await _take_once(office, letter, sealed, said, answer)
        except IntegrityError:
            return await _take_once(office, letter, sealed, said, answer)


async def _take_once(
    office: Office, letter: Claims, sealed: str, said: Letter, answer: Answer | None
) -> str:
    """Handle and log in one transaction; a repetition gets the reply that the first one got."""
    place = Place.of(letter.receiver, letter)
    async with transaction():
        if await letters.is_known(place, letter.message_id):
            raise Refused(Reason.REPLAYED, letter.message_id)
        first = await letters.first_of(place, letter.key)
        if first is not None:
            same = (letter.kind, rules.body_digest(letter.body))
            if (first["kind"], first["body_sha256"]) != same:
                raise Refused(Reason.KEY_REUSED, letter.kind)
            reply = letters.reply_in(first["receipt"])
        elif answer is None:
            raise Refused(Reason.UNKNOWN_KIND, letter.kind)
        else:
            reply = await answer(said)
        signer = office.own(letter.receiver).signer  # once: keys may rotate at any moment
        receipt = _receipt(office, letter, sealed, reply, signer)
        done = Exchange(letter, sealed, receipt.signed, signer)
        await letters.append(place, done, repeated=first is not None)
    return receipt.sealed


def _receipt(
    office: Office, letter: Claims, sealed: str, reply: Mapping[str, Any], signer: ECKey
) -> Sealed:
    if not rules.is_json(reply):
        raise TypeError("a reply is of text, whole numbers, booleans, lists and objects")
    claims = Claims(
        sender=letter.receiver,
        receiver=letter.sender,
        message_id=new_id(),
        issued_at=now(),
        kind=RECEIPT_KIND,
        key=letter.key,
        correlation_id=letter.correlation_id,
        body=reply,
        re=letter.message_id,
        letter=rules.sha256(sealed),
        body_digest=rules.body_digest(letter.body),
    )
    return seal(claims, RECEIPT_TYPE, signer, office.public(letter.sender).sealer())


def _desk(office: Office, letter: Claims) -> tuple[Answer | None, Any]:
    """Return who answers this kind of letter, and the line that it comes over."""
    desk = office.agencies[letter.agency]
    if letter.receiver == PLATFORM:
        return desk.takes.get(letter.kind), _open_line
    return desk.simulated.get(letter.kind), desk.lines.get(letter.kind, _open_line)


@asynccontextmanager
async def _no_line() -> AsyncIterator[None]:
    yield


def _open_line(letter: Letter) -> AbstractAsyncContextManager[None]:
    del letter
    return _no_line()


def _later(word: str, *, known: bool) -> Response:
    return Response(503, orjson.dumps({"code": word}), known=known)
