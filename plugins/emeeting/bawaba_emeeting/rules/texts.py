"""What people write, within its bounds."""

from __future__ import annotations

import unicodedata

from bawaba_emeeting.domain import MAX_REASON, MAX_SECTION, MAX_TEXT, MAX_TITLE, MIN_TEXT
from bawaba_emeeting.refusals import BadText

_KEPT = "\n\t"


def text_within(given: str, field: str, most: int = MAX_TEXT, least: int = MIN_TEXT) -> str:
    """Return a text in its composed form, trimmed, without control characters.

    Raises:
        BadText: it has fewer than ``least`` or more than ``most`` characters.
    """
    if len(given) > 4 * most:
        raise BadText(field, least=least, most=most)
    found = unicodedata.normalize("NFC", given)
    found = "".join(c for c in found if c in _KEPT or unicodedata.category(c) not in {"Cc", "Cs"})
    found = found.strip()
    if not least <= len(found) <= most:
        raise BadText(field, least=least, most=most)
    return found


def title_within(given: str, field: str = "title") -> str:
    """Return a title, on one line; see :func:`text_within`."""
    return " ".join(text_within(given, field, MAX_TITLE).split())


def reason_within(given: str, field: str = "reason") -> str:
    """Return a reason; see :func:`text_within`."""
    return text_within(given, field, MAX_REASON)


def section_within(given: str, field: str = "text") -> str:
    """Return a section of the minutes; see :func:`text_within`."""
    return text_within(given, field, MAX_SECTION)
