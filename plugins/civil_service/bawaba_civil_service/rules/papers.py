"""The laws of certificates: what they cost, who may ask, by which code they are verified."""

from __future__ import annotations

import datetime as dt
import hashlib
import unicodedata
from collections.abc import Sequence

from bawaba_civil_service.domain import (
    MAX_OPEN_REQUESTS,
    CivilServiceCertificateKind,
    Fee,
)
from bawaba_civil_service.refusals import BadText, NoFee, NotEmployed, TooManyRequests
from bawaba_civil_service.rules.dated import in_force

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1", "-": "", " ": ""})
_LENGTH, _GROUP = 16, 4
_LONGEST_TYPED = 64
_JOINERS = "\u200c\u200d"


def fee_of(fees: Sequence[Fee], kind: CivilServiceCertificateKind, day: dt.date) -> Fee:
    """Return the fee of a certificate requested on ``day``.

    Raises:
        NoFee: none is laid down.
    """
    fee = in_force([entry for entry in fees if entry.kind is kind], day)
    if fee is None:
        raise NoFee("kind")
    return fee


def check_request(
    kind: CivilServiceCertificateKind, *, left_on: dt.date | None, today: dt.date, waiting: int
) -> None:
    """Pass, if the employee may ask for a certificate now.

    Raises:
        NotEmployed: a salary certificate is for those who serve.
        TooManyRequests: so many wait for payment.
    """
    gone = left_on is not None and left_on < today
    if gone and kind is CivilServiceCertificateKind.SALARY:
        raise NotEmployed("kind")
    if waiting >= MAX_OPEN_REQUESTS:
        raise TooManyRequests(most=MAX_OPEN_REQUESTS)


def bounded_text(value: str, bounds: range, *path: str) -> str:
    """Return ``value`` in one line, without outer blanks and without what is not seen.

    It is printed on certificates: a sign that turns the direction of reading could make a line say
    what the bureau never certified.

    Raises:
        BadText: shorter or longer than ``bounds``.
    """
    trimmed = " ".join("".join(filter(_is_seen, " ".join(value.split()))).split())
    if len(trimmed) not in bounds:
        raise BadText(*path, least=bounds.start, most=bounds.stop - 1)
    return trimmed


def _is_seen(sign: str) -> bool:
    return sign in _JOINERS or not unicodedata.category(sign).startswith("C")


def code_of(secret: str) -> str:
    """Return the verification code made of a secret: 80 bits as four groups of four signs.

    The letters are Crockford's: none that is misread.
    """
    number = int.from_bytes(hashlib.sha256(secret.encode()).digest()[:10], "big")
    signs = "".join(_ALPHABET[number >> 5 * n & 31] for n in reversed(range(_LENGTH)))
    return "-".join(signs[n : n + _GROUP] for n in range(0, _LENGTH, _GROUP))


def typed_code(value: str) -> str | None:
    """Return the code that somebody typed, as it is stored; None: it is none."""
    signs = value[:_LONGEST_TYPED].strip().upper().translate(_MISREAD)
    if len(signs) != _LENGTH or not set(signs) <= set(_ALPHABET):
        return None
    return "-".join(signs[n : n + _GROUP] for n in range(0, _LENGTH, _GROUP))
