"""The laws of correspondence: what a letter must look like, and how keys follow each other. Pure.

Nothing here decrypts or verifies; it says what may be tried, and judges what came out.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson

from bawaba.host.correspondence.domain import (
    AGREEMENT,
    AHEAD,
    KEY,
    RECEIPT_KIND,
    RECEIPT_TYPE,
    SEALING,
    SIGNING,
    Claims,
    KeyPair,
    KeyState,
    KeyTrigger,
    Reason,
    Refused,
)

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_KIND = re.compile(r"[a-z][A-Za-z0-9]*(\.[a-z0-9_]+)+")
_MESSAGE = re.compile(r"[A-Za-z0-9_-]{8,64}")
_CORRELATION = re.compile(r"[A-Za-z0-9_.:-]{1,100}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_PRIVATE = frozenset({"d", "k", "p", "q", "dp", "dq", "qi", "oth"})
MAX_KIND, MAX_KEY, MAX_KID = 100, 200, 128
_DEEPEST = 32
_ENVELOPE = frozenset({"alg", "enc", "kid", "cty", "epk"})
_SEAL = frozenset({"alg", "kid", "typ"})
_SIZES = (40, 12, 16)
"""Bytes of a wrapped 256-bit key, of a nonce, and of a tag."""
_LONGEST_HEADER = 1400
"""Characters of base64url: ours has about 400."""
_SURROGATE = re.compile("[\ud800-\udfff]")


def sha256(value: str | bytes) -> str:
    """Return the SHA-256 of ``value`` as hexadecimal."""
    return hashlib.sha256(value.encode() if isinstance(value, str) else value).hexdigest()


def canonical(body: Mapping[str, Any]) -> bytes:
    """Return ``body`` as JSON with sorted keys.

    Raises:
        TypeError: it is not JSON.
    """
    return orjson.dumps(dict(body), option=orjson.OPT_SORT_KEYS)


def body_digest(body: Mapping[str, Any]) -> str:
    """Return the fingerprint of a body: equal bodies have equal ones."""
    return sha256(canonical(body))


def parts_of(compact: str, count: int) -> list[bytes]:
    """Return the decoded parts of a compact serialisation.

    Raises:
        Refused: there are not ``count``, or one is not written in the one way there is.
    """
    parts = compact.split(".")
    if len(parts) != count:
        raise Refused(Reason.UNREADABLE, "not a compact serialisation")
    try:
        decoded = [
            base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
            for part in parts
        ]
    except (binascii.Error, ValueError):
        raise Refused(Reason.UNREADABLE, "not base64url") from None
    written = [base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in decoded]
    if written != parts:
        raise Refused(Reason.UNREADABLE, "not canonical base64url")
    return decoded


def envelope_kid(compact: str) -> str:
    """Return which of the receiver's keys a sealed letter names; reads its header alone.

    Raises:
        Refused: its header names other algorithms, or anything else that we do not use
            (``zip``, ``crit``, ``p2c``, keys or addresses of keys).
    """
    header = _header(compact.partition(".")[0])
    point = header.get("epk")
    good = (
        set(header) == _ENVELOPE
        and (header["alg"], header["enc"], header["cty"]) == (AGREEMENT, SEALING, "JWT")
        and isinstance(point, dict)
        and set(point) == {"kty", "crv", "x", "y"}
        and (point["kty"], point["crv"]) == ("EC", "P-256")
    )
    if not good:
        raise Refused(Reason.UNREADABLE, "the seal is not of the agreed form")
    return _kid(header)


def check_envelope(compact: str) -> None:
    """Pass, if the parts after the header are as long as A256KW and A256GCM make them.

    Raises:
        Refused: one is cut, or longer: no key need be tried.
    """
    _, wrapped, nonce, sealed, tag = parts_of(compact, 5)
    if not sealed or (len(wrapped), len(nonce), len(tag)) != _SIZES:
        raise Refused(Reason.UNREADABLE, "not the parts of a sealed letter")


def signature_kid(compact: str, typ: str) -> str:
    """Return which of the sender's keys a signed letter names.

    Raises:
        Refused: another algorithm or type than agreed, or more in the header than we use.
    """
    header = _header(compact.partition(".")[0])
    if set(header) != _SEAL or (header["alg"], header["typ"]) != (SIGNING, typ):
        raise Refused(Reason.UNREADABLE, "the signature is not of the agreed form")
    return _kid(header)


def claimed_sender(compact: str) -> str:
    """Return who a signed letter says it is from: not yet to be believed.

    Raises:
        Refused: it says nothing of the kind.
    """
    found = _object(parts_of(compact, 3)[1]).get("iss")
    if not isinstance(found, str) or not _NAME.fullmatch(found):
        raise Refused(Reason.UNREADABLE, "no sender")
    return found


def write_claims(claims: Claims) -> bytes:
    """Return what is signed."""
    values: dict[str, Any] = {
        "iss": claims.sender,
        "aud": claims.receiver,
        "jti": claims.message_id,
        "iat": int(claims.issued_at.timestamp()),
        "kind": claims.kind,
        "key": claims.key,
        "cid": claims.correlation_id,
        "body": dict(claims.body),
    }
    if claims.re:
        values |= {"re": claims.re, "letter": claims.letter, "body_sha256": claims.body_digest}
    return orjson.dumps(values, option=orjson.OPT_SORT_KEYS)


def read_claims(payload: bytes, typ: str) -> Claims:
    """Return what a verified payload says.

    Raises:
        Refused: a claim is missing, of another type, or out of bounds.
    """
    values = _object(payload)
    receipt = typ == RECEIPT_TYPE
    texts = {"iss": _NAME, "aud": _NAME, "jti": _MESSAGE, "cid": _CORRELATION}
    if receipt:
        texts |= {"re": _MESSAGE, "letter": _DIGEST, "body_sha256": _DIGEST}
    for name, form in texts.items():
        if not isinstance(values.get(name), str) or not form.fullmatch(values[name]):
            raise Refused(Reason.UNREADABLE, f"claim {name}")
    kind, key, issued = values.get("kind"), values.get("key"), values.get("iat")
    if not isinstance(kind, str) or not (kind == RECEIPT_KIND if receipt else is_kind(kind)):
        raise Refused(Reason.UNREADABLE, "claim kind")
    if not isinstance(key, str) or not is_key(key):
        raise Refused(Reason.UNREADABLE, "claim key")
    if type(issued) is not int or not 0 < issued < 2**33:  # a bool is no instant
        raise Refused(Reason.UNREADABLE, "claim iat")
    if not isinstance(values.get("body"), dict) or not is_json(values["body"]):
        raise Refused(Reason.UNREADABLE, "claim body")
    return Claims(
        sender=values["iss"],
        receiver=values["aud"],
        message_id=values["jti"],
        issued_at=dt.datetime.fromtimestamp(issued, dt.UTC),
        kind=kind,
        key=key,
        correlation_id=values["cid"],
        body=values["body"],
        re=values["re"] if receipt else "",
        letter=values["letter"] if receipt else "",
        body_digest=values["body_sha256"] if receipt else "",
    )


def check_claims(
    claims: Claims, *, sender: str, receiver: str, now: dt.datetime, window: dt.timedelta
) -> None:
    """Pass, if the letter is from whom its signature is, to whom it reached, and of just now.

    Raises:
        Refused: it is not.
    """
    if claims.sender != sender:
        raise Refused(Reason.FOREIGN, "the key is another party's")
    if claims.receiver != receiver:
        raise Refused(Reason.MISADDRESSED, f"addressed to {claims.receiver}")
    now = now.replace(microsecond=0)  # ``iat`` is in whole seconds
    if not now - window <= claims.issued_at <= now + AHEAD:
        raise Refused(Reason.EXPIRED, f"of {claims.issued_at.isoformat()}")


def check_receipt(receipt: Claims, letter: Claims, sealed: str) -> None:
    """Pass, if the receipt is for this letter, as it was sealed.

    Raises:
        Refused: it is for another.
    """
    wanted = (letter.message_id, sha256(sealed), body_digest(letter.body), letter.key)
    if (receipt.re, receipt.letter, receipt.body_digest, receipt.key) != wanted:
        raise Refused(Reason.MISADDRESSED, "a receipt for another letter")


def is_kind(kind: str) -> bool:
    """Return whether ``kind`` is well formed: ``post.scans``."""
    return len(kind) <= MAX_KIND and bool(_KIND.fullmatch(kind))


def is_key(key: str) -> bool:
    """Return whether ``key`` is 1 to 200 printable characters."""
    return 1 <= len(key) <= MAX_KEY and key.isprintable()


def is_json(value: Any, level: int = 0) -> bool:
    """Return whether ``value`` is of text, whole numbers of 64 bits, booleans, lists, objects."""
    if level > _DEEPEST:
        return False
    if isinstance(value, dict if level else Mapping):
        return all(_is_text(k) and is_json(v, level + 1) for k, v in value.items())
    if isinstance(value, list | tuple):
        return all(is_json(item, level + 1) for item in value)
    if isinstance(value, int):
        return -(2**63) <= value < 2**63
    return value is None or _is_text(value)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and "\0" not in value and not _SURROGATE.search(value)


def correlation_of(value: str) -> str:
    """Return a correlation id that a letter can carry."""
    if _CORRELATION.fullmatch(value):
        return value
    return re.sub(r"[^A-Za-z0-9_.:-]", "_", value)[:100] or "-"


def public(jwk: Mapping[str, Any]) -> dict[str, Any]:
    """Return the public half of a key."""
    return {name: value for name, value in jwk.items() if name not in _PRIVATE}


def state_at(pair: KeyPair, now: dt.datetime, grace: dt.timedelta) -> KeyState:
    """Return the state of a pair now: a retired one expires when its grace is over."""
    if pair.state is KeyState.RETIRED and pair.retired_at and now >= pair.retired_at + grace:
        return KEY.next(pair.state, KeyTrigger.EXPIRE)
    return pair.state


def rotated(
    pairs: Sequence[KeyPair], fresh: KeyPair, now: dt.datetime, grace: dt.timedelta
) -> list[KeyPair]:
    """Return the pairs after a rotation: the next signs, the current one retires, ``fresh`` waits.

    Expired pairs lose their private halves.
    """
    after: list[KeyPair] = []
    for pair in pairs:
        state = state_at(pair, now, grace)
        if state is KeyState.NEXT:
            after.append(replace(pair, state=KEY.next(state, KeyTrigger.PROMOTE)))
        elif state is KeyState.CURRENT:
            retired = KEY.next(state, KeyTrigger.RETIRE)
            after.append(replace(pair, state=retired, retired_at=now))
        elif state is KeyState.EXPIRED:
            after.append(
                replace(
                    pair, state=state, signing=public(pair.signing), sealing=public(pair.sealing)
                )
            )
        else:
            after.append(pair)
    return [*after, fresh]


def published(pairs: Sequence[KeyPair], now: dt.datetime, grace: dt.timedelta) -> dict[str, Any]:
    """Return the JWKS document of a party: what it signs with, then what to seal to."""
    signing = [p for p in pairs if state_at(p, now, grace) is not KeyState.EXPIRED]
    sealing = [p for p in pairs if p.state is KeyState.CURRENT]
    return {
        "keys": [
            *({**public(p.signing), "use": "sig", "alg": SIGNING} for p in signing),
            *({**public(p.sealing), "use": "enc", "alg": AGREEMENT} for p in sealing),
        ]
    }


def _header(part: str) -> dict[str, Any]:
    if len(part) > _LONGEST_HEADER:
        raise Refused(Reason.UNREADABLE, "a header that is too long")
    return _object(parts_of(part, 1)[0])


def _object(raw: bytes) -> dict[str, Any]:
    try:
        value = orjson.loads(raw)
    except (orjson.JSONDecodeError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise Refused(Reason.UNREADABLE, "not a JSON object")
    return value


def _kid(header: Mapping[str, Any]) -> str:
    kid = header["kid"]
    if not isinstance(kid, str) or not 0 < len(kid) <= MAX_KID:
        raise Refused(Reason.UNREADABLE, "kid")
    return kid
