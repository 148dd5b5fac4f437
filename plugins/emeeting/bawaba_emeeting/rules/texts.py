"""What people write, within its bounds."""

from __future__ import annotations

import unicodedata

from bawaba_emeeting.domain import MAX_REASON, MAX_SECTION, MAX_TEXT, MAX_TITLE, MIN_TEXT
from bawaba_emeeting.refusals import BadText

_KEPT = "\n\t"
_DROPPED = frozenset({"Cc", "Cs"})
_TURNING = frozenset(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))
"""Embeddings, overrides and isolates: what is read would stand in another order than it is."""
_SEEN = frozenset("LNPS")
"""Letters, numbers, punctuation and symbols; marks and joiners show only beside one of these."""
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and symbols without a shape."""


def text_within(given: str, field: str, most: int = MAX_TEXT, least: int = MIN_TEXT) -> str:
    """Return a text in its composed form, trimmed, without what controls or turns it.

    Joiners (ZWJ, ZWNJ) and marks of direction (LRM, RLM) stay: Arabic is written with them.

    Raises:
        BadText: it has fewer than ``least`` or more than ``most`` characters, or nothing to see
            though something must stand there.
    """
    if len(given) > 4 * most:
        raise BadText(field, least=least, most=most)
    found = unicodedata.normalize("NFC", "".join(filter(_stays, given))).strip()
    if not least <= len(found) <= most or (least and not any(map(_shows, found))):
        raise BadText(field, least=least, most=most)
    return found


def _stays(character: str) -> bool:
    if character in _TURNING:
        return False
    return character in _KEPT or unicodedata.category(character) not in _DROPPED


def _shows(character: str) -> bool:
    return unicodedata.category(character)[0] in _SEEN and character not in _BLANK


def title_within(given: str, field: str = "title") -> str:
    """Return a title, on one line; see :func:`text_within`."""
    return " ".join(text_within(given, field, MAX_TITLE).split())


def reason_within(given: str, field: str = "reason") -> str:
    """Return a reason; see :func:`text_within`."""
    return text_within(given, field, MAX_REASON)


def section_within(given: str, field: str = "text") -> str:
    """Return a section of the minutes; see :func:`text_within`."""
    return text_within(given, field, MAX_SECTION)
