"""What people write: bounds, folding for search, cells that no spreadsheet runs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from bawaba_tawasul.domain import MAX_SUBJECT, MAX_TEXT, MIN_TEXT, Location
from bawaba_tawasul.refusals import BadLocation, BadText

_MARKS = re.compile("[\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0640]")
"""Arabic vowel signs and the stretching letter: written or not, the word is the same."""
_LETTERS = str.maketrans(
    {
        "أ": "ا",
        "إ": "ا",
        "آ": "ا",
        "ٱ": "ا",
        "ى": "ي",
        "ئ": "ي",
        "ؤ": "و",
        "ة": "ه",
        "ک": "ك",
        "ی": "ي",
    }
)
_WORD = re.compile(r"[^\W_]+")
_ARTICLE = re.compile("^(?:وال|بال|كال|فال|لل|ال)(?=.{2,})")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
MAX_WORDS = 12
"""Words of a search; further ones are left out."""
_MIN_WORD = 2


def text_within_bounds(value: str, *path: str, most: int = MAX_TEXT) -> str:
    """Return what was written, without control characters and outer space.

    Raises:
        BadText: nothing is left, or more than ``most`` characters.
    """
    text = _CONTROL.sub("", value).strip()
    if not MIN_TEXT <= len(text) <= most:
        raise BadText(*path, least=MIN_TEXT, most=most)
    return text


def subject_within_bounds(value: str) -> str:
    """Return a subject on one line.

    Raises:
        BadText: it is empty or longer than 200 characters.
    """
    return text_within_bounds(" ".join(value.split()), "subject", most=MAX_SUBJECT)


def place(location: Location | None) -> Location | None:
    """Return the location with a tidy address.

    Raises:
        BadLocation: the coordinates are out of range, or no numbers.
        BadText: the address is too long.
    """
    if location is None:
        return None
    if not (abs(location.latitude) <= 90 and abs(location.longitude) <= 180):  # noqa: PLR2004
        raise BadLocation("location")
    address = location.address.strip() and text_within_bounds(
        location.address, "location", "address", most=300
    )
    return Location(location.latitude, location.longitude, address)


def folded(text: str) -> list[str]:
    """Return the words of a text as they are searched for: without signs, case and article.

    أ إ آ are ا, ة is ه, ى is ي; accents and compatibility forms are undone; digits are 0 to 9.
    """
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    plain = "".join(c for c in plain if not unicodedata.combining(c) or "\u0600" <= c <= "\u06ff")
    plain = _MARKS.sub("", plain).translate(_LETTERS)
    plain = "".join(str(unicodedata.digit(c)) if c.isdigit() else c for c in plain)
    return [_ARTICLE.sub("", word) for word in _WORD.findall(plain)]


def searched(text: str) -> list[str]:
    """Return the words of a search, folded, without repetition, 12 at most."""
    return list(dict.fromkeys(word for word in folded(text) if len(word) >= _MIN_WORD))[:MAX_WORDS]


def agency_mark(agency: str) -> str:
    """Return the word that marks an agency's cases; no text folds to it."""
    return "qagency" + "".join(c for c in agency.casefold() if c.isalnum()) + "q"


def indexed(texts: Iterable[str], *, agency: str) -> str:
    """Return what is stored to find a case by."""
    words = dict.fromkeys(word for text in texts for word in folded(text))
    return " ".join([agency_mark(agency), *words])


def cell(value: object) -> str:
    """Return a value as a CSV cell that a spreadsheet takes for text, whatever it begins with."""
    text = "" if value is None else str(value)
    if isinstance(value, str) and text.lstrip(" \u00a0\ufeff").startswith(_FORMULA):
        return "'" + text
    return text


def csv(header: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Return a CSV (RFC 4180) with a byte-order mark, so that spreadsheets read the Arabic."""
    lines = [",".join(_quoted(cell(value)) for value in row) for row in (header, *rows)]
    return "\ufeff" + "\r\n".join(lines) + "\r\n"


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
