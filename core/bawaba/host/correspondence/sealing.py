"""Signing and sealing: a JWS inside a JWE, both compact, with the algorithms of P-256 alone.

Nothing in a message chooses how it is read. Headers are judged by :mod:`rules` before joserfc
sees them: no ``none``, no ``zip`` (a bomb), no ``crit``, no key that comes with the message.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import jwe, jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from bawaba.host.correspondence import rules
from bawaba.host.correspondence.domain import (
    AGREEMENT,
    MAX_SEALED,
    SEALING,
    SIGNING,
    Claims,
    Reason,
    Refused,
)

KeyOf = Callable[[str], ECKey | None]
"""Returns the key of a kid, or None where it is not accepted."""
_FAILURES = (JoseError, ValueError, TypeError, LookupError, AssertionError)
"""What joserfc and cryptography raise over a letter that was tampered with."""


class _Signatures(jws.JWSRegistry):
    max_payload_length = MAX_SEALED


class _Seals(jwe.JWERegistry):
    max_ciphertext_length = MAX_SEALED


_SIGNATURES = _Signatures(algorithms=[SIGNING])
_SEALS = _Seals(algorithms=[AGREEMENT, SEALING])


@dataclass(frozen=True, slots=True)
class Sealed:
    """A signed text, and the same sealed to its receiver."""

    signed: str
    sealed: str


def new_key() -> dict[str, Any]:
    """Return a new private key as JWK; its ``kid`` is its RFC 7638 thumbprint."""
    key = ECKey.generate_key("P-256")
    return {**key.as_dict(private=True), "kid": key.thumbprint()}


def key_of(jwk: Mapping[str, Any]) -> ECKey:
    """Return the key of a JWK.

    Raises:
        ValueError: it is none on P-256.
    """
    if (jwk.get("kty"), jwk.get("crv")) != ("EC", "P-256"):
        raise ValueError("not a key on P-256")
    try:
        return ECKey.import_key(
            {name: jwk[name] for name in ("kty", "crv", "x", "y", "d", "kid") if name in jwk}
        )
    except _FAILURES as error:
        raise ValueError("not a key on P-256") from error


def seal(claims: Claims, typ: str, signing: ECKey, sealing: ECKey) -> Sealed:
    """Sign ``claims``, then seal them to the holder of ``sealing``.

    Raises:
        ValueError: the result is over 256 KB.
    """
    header = {"alg": SIGNING, "kid": signing.kid, "typ": typ}
    payload = rules.write_claims(claims)
    if len(payload) > MAX_SEALED:
        raise ValueError("the letter is too long")
    signed = jws.serialize_compact(header, payload, signing, registry=_SIGNATURES)
    envelope = {"alg": AGREEMENT, "enc": SEALING, "kid": sealing.kid, "cty": "JWT"}
    sealed = jwe.encrypt_compact(envelope, signed, sealing, registry=_SEALS)
    if len(sealed) > MAX_SEALED:
        raise ValueError("the letter is too long")
    return Sealed(signed, sealed)


def unseal(sealed: bytes, key: KeyOf) -> Sealed:
    """Open the seal; who signed what is inside is still to be verified.

    Raises:
        Refused: too large, not of the agreed form, or not sealed to a key that is accepted.
    """
    if len(sealed) > MAX_SEALED:
        raise Refused(Reason.TOO_LARGE, f"{len(sealed)} bytes")
    if not sealed.isascii():
        raise Refused(Reason.UNREADABLE, "not ASCII")
    text = sealed.decode("ascii")
    kid = rules.envelope_kid(text)
    opener = key(kid)
    if opener is None:
        raise Refused(Reason.UNOPENABLE, f"sealed to the unknown or expired key {kid[:64]!r}")
    rules.check_envelope(text)
    try:
        plain = jwe.decrypt_compact(text, opener, registry=_SEALS).plaintext
        return Sealed((plain or b"").decode("ascii"), text)
    except _FAILURES as error:
        raise Refused(Reason.UNOPENABLE, type(error).__name__) from error


def verify(signed: str, typ: str, key: KeyOf) -> tuple[Claims, ECKey]:
    """Return what is signed, and by which key. Who, to whom and when is still to be judged.

    Raises:
        Refused: not of the agreed form, by an unknown key, or not what was signed.
    """
    kid = rules.signature_kid(signed, typ)
    signer = key(kid)
    if signer is None:
        raise Refused(Reason.FOREIGN, f"signed with the unknown or expired key {kid[:64]!r}")
    try:
        payload = jws.deserialize_compact(signed, signer, registry=_SIGNATURES).payload
    except _FAILURES as error:
        raise Refused(Reason.FOREIGN, type(error).__name__) from error
    return rules.read_claims(payload, typ), signer
