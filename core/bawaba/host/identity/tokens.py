"""Bearer tokens: signature, then claims, then what we read from them."""

from __future__ import annotations

import hashlib
import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from joserfc import jws, jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwk import KeySet
from joserfc.jwt import JWTClaimsRegistry

from bawaba import runtime
from bawaba.errors import Unauthenticated
from bawaba.host.identity.keys import KeySource
from bawaba.text import Text

log = structlog.get_logger(__name__)
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""Public-key signatures only: with a shared secret, our public key could sign."""
MAX_TOKEN = 8_192
_REGISTRY = jws.JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
_CACHED = 10_000
_MAX_SUBJECT = 255
_MAX_NAME = 200
_MAX_NATIONAL_ID = 32
_MAX_LABEL = 120
_MAX_EMAIL = 254
_EMAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\da-z-]+(?:\.[\da-z-]+)+", re.ASCII | re.IGNORECASE)
_PHONE = re.compile(r"\+[1-9][0-9]{6,14}")
_LAST_SECOND = 253_402_300_799
"""The end of the year 9999: later instants cannot be shown."""

EXPIRED = Text(
    "Your sign-in has expired. Sign in again.", "انتهت صلاحية تسجيل دخولك. سجّل الدخول من جديد."
)
INVALID = Text("The sign-in token is not valid.", "رمز الدخول غير صالح.")


@dataclass(frozen=True, slots=True)
class TokenRules:
    """What a token must say.

    Args:
        issuer: the ``iss`` claim; audience: one of those in ``aud``.
        device_claim: names the sign-in session; national_id_claim: the personal number.
        leeway: seconds by which the issuer's clock may differ from ours.
    """

    issuer: str
    audience: str
    device_claim: str = "sid"
    national_id_claim: str = "national_id"
    leeway: int = 10


@dataclass(frozen=True, slots=True)
class Identified:
    """What a valid token says. ``expires`` and ``issued``: seconds since 1970.

    Names, ``national_id``, ``email`` and ``phone`` are None where the token is silent.
    """

    issuer: str
    subject: str
    session: str
    expires: float
    issued: int
    name: str | None
    name_ar: str | None
    national_id: str | None
    device_label: str | None
    email: str | None = None
    phone: str | None = None


class TokenReader:
    """Verifies tokens against an issuer's keys.

    Signatures verified once are remembered by the token's hash for as long as the issuer's keys
    stay the same; the claims are judged each time, by the runtime's clock.
    """

    def __init__(self, keys: KeySource, rules: TokenRules) -> None:
        self.rules = rules
        self._keys = keys
        self._verified: OrderedDict[bytes, tuple[str | None, KeySet, Mapping[str, Any]]] = (
            OrderedDict()
        )

    async def read(self, token: str) -> Identified:
        """Return what ``token`` says.

        Raises:
            Unauthenticated: it is not ours, not valid now, or says too little.
            Unavailable: the issuer's keys cannot be had.
        """
        if len(token) > MAX_TOKEN:
            raise Unauthenticated(INVALID)
        try:
            claims = await self._claims(token)
            self._judge(claims)
            return self._identified(claims)
        except ExpiredTokenError:
            raise Unauthenticated(EXPIRED) from None
        except (JoseError, ValueError, TypeError, KeyError, RecursionError) as error:
            log.debug("token refused", error=repr(error)[:200])
            raise Unauthenticated(INVALID) from None

    async def _claims(self, token: str) -> Mapping[str, Any]:
        packed = token.encode("ascii")
        digest = hashlib.sha256(packed).digest()
        known = self._verified.get(digest)
        kid = known[0] if known else _kid(packed)
        keys = await self._keys.keys(kid)
        if known is not None and known[1] is keys:
            self._verified.move_to_end(digest)
            return known[2]
        claims = jwt.decode(packed, keys, registry=_REGISTRY).claims
        self._verified[digest] = (kid, keys, claims)
        if len(self._verified) > _CACHED:
            self._verified.popitem(last=False)
        return claims

    def _judge(self, claims: Mapping[str, Any]) -> None:
        registry = JWTClaimsRegistry(
            now=int(runtime.now().timestamp()),
            leeway=self.rules.leeway,
            iss={"essential": True, "value": self.rules.issuer},
            aud={"essential": True, "value": self.rules.audience},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
        )
        registry.validate(dict(claims))

    def _identified(self, claims: Mapping[str, Any]) -> Identified:
        subject = _text(claims, "sub", _MAX_SUBJECT)
        session = _text(claims, self.rules.device_claim, _MAX_SUBJECT)
        if subject is None or session is None:
            raise ValueError("no subject or no session")
        if claims["exp"] > _LAST_SECOND or claims["iat"] < 0:
            raise ValueError("a time beyond the calendar")
        name = _text(claims, "name") or _text(claims, "preferred_username")
        label = _text(claims, "device_label")
        return Identified(
            issuer=self.rules.issuer,
            subject=subject,
            session=session,
            expires=float(claims["exp"]),
            issued=int(claims["iat"]),
            name=name[:_MAX_NAME] if name else None,
            name_ar=name_ar[:_MAX_NAME] if (name_ar := _text(claims, "name#ar")) else None,
            national_id=_text(claims, self.rules.national_id_claim, _MAX_NATIONAL_ID),
            device_label=label[:_MAX_LABEL] if label else None,
            email=_email(claims),
            phone=_phone(claims),
        )


def _email(claims: Mapping[str, Any]) -> str | None:
    """Return the address that the issuer does not call unverified, if it looks like one."""
    value = claims.get("email")
    if not isinstance(value, str) or claims.get("email_verified") is False:
        return None
    return value if _EMAIL.fullmatch(value) and len(value) <= _MAX_EMAIL else None


def _phone(claims: Mapping[str, Any]) -> str | None:
    """Return the number in E.164 that the issuer does not call unverified, if it is one."""
    value = claims.get("phone_number")
    if not isinstance(value, str) or claims.get("phone_number_verified") is False:
        return None
    return value if _PHONE.fullmatch(value) else None


def _kid(token: bytes) -> str | None:
    kid = jws.extract_compact(token, registry=_REGISTRY).headers().get("kid")
    if kid is not None and not isinstance(kid, str):
        raise ValueError("kid is no text")
    return kid


def _text(claims: Mapping[str, Any], name: str, limit: int | None = None) -> str | None:
    """Return a claim that is text; None where it is absent or blank.

    Raises:
        ValueError: it is something else, too long, or holds a control character.
    """
    value = claims.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or (limit is not None and len(value) > limit) or "\x00" in value:
        raise ValueError(f"claim {name} cannot be read")
    value.encode()  # a lone surrogate is no text for a database
    return value.strip() or None
