"""References that people can read out, with a check character. Pure."""

from __future__ import annotations

import hashlib

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def reference_of(prefix: str, year: int, unique_id: str) -> str:
    """Return a reference that people can read out: ``PAY-2026-7K2QM-4XT9R``.

    Nine characters of Crockford's alphabet (45 bits of the id's digest) and a check character
    that reveals every single wrong character and every swap of neighbours but one.
    """
    number = int.from_bytes(hashlib.sha256(unique_id.encode()).digest()[:8], "big")
    body = "".join(_ALPHABET[number >> shift & 31] for shift in range(0, 45, 5))
    body += _check_character(body)
    return f"{prefix}-{year}-{body[:5]}-{body[5:]}"


def is_reference(text: str) -> bool:
    """Return whether ``text`` has the form of a reference and its check character fits."""
    body = "".join(text.split("-")[2:])
    return len(body) == 10 and set(body) <= set(_ALPHABET) and _check_character(body[:9]) == body[9]  # noqa: PLR2004


def _check_character(body: str) -> str:
    """Luhn's algorithm over 32 characters."""
    total = 0
    for place, character in enumerate(reversed(body)):
        value = _ALPHABET.index(character) * (2 - place % 2)
        total += value // 32 + value % 32
    return _ALPHABET[-total % 32]
