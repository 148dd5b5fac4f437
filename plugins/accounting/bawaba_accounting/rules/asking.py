"""What a query string or a command line asks of the statistics, and in which language."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bawaba.errors import BadInput
from bawaba.payments import Channel
from bawaba.text import Language, Text

from bawaba_accounting.domain import Dimension, StatisticsQuery

__all__ = ["Asked", "asked", "language_of"]

_WORDS = ("from", "to", "service", "agency", "channel", "group", "lang", "bom", "total")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_LONGEST = 100
_YES = {"": False, "0": False, "1": True}
_QUALITY = re.compile(r"\s*q\s*=\s*([01](?:\.[0-9]{0,3})?)\s*", re.ASCII)
_MOST_ACCEPTED = 200


@dataclass(frozen=True, slots=True)
class Asked:
    """What a sheet of the statistics holds.

    Args:
        language: of the header and the names; None: the stable header for machines, codes alone.
        mark: begin with a byte order mark, by which spreadsheets know UTF-8.
        total: end with a row that sums everything up.
    """

    query: StatisticsQuery
    language: Language | None = None
    mark: bool = False
    total: bool = False


def asked(pairs: Sequence[tuple[str, str]]) -> Asked:
    """Return what the pairs of a query string ask for; an empty value asks for nothing.

    ``service``, ``agency``, ``channel`` and ``group`` may be repeated, or hold several values
    with commas between them.

    Raises:
        BadInput: names the word that is not understood.
    """
    said: dict[str, list[str]] = {}
    for name, value in pairs:
        if name not in _WORDS:
            words = ", ".join(_WORDS)
            raise BadInput(
                Text(f"Only these words are known: {words}.", f"الكلمات المعروفة هي: {words}.")
            )
        if _CONTROL.search(value):
            raise _bad(name)
        said.setdefault(name, []).append(value)
    query = StatisticsQuery(
        since=_day(said, "from"),
        until=_day(said, "to"),
        services=_codes(said, "service"),
        agencies=_codes(said, "agency"),
        channels=[_one_of(Channel.__members__, "channel", v) for v in _codes(said, "channel")],
        dimensions=[Dimension[each] for each in _dimensions(said)],
    )
    language = _one(said, "lang")
    return Asked(
        query=query,
        language=Language[_one_of(Language.__members__, "lang", language)] if language else None,
        mark=_yes(said, "bom"),
        total=_yes(said, "total"),
    )


def language_of(chosen: str | None, accepted: str) -> Language:
    """Return the language chosen, else the best of ``Accept-Language``, else English."""
    if chosen is not None and chosen.upper() in Language.__members__:
        return Language[chosen.upper()]
    best, best_weight = Language.EN, 0.0
    for part in accepted[:_MOST_ACCEPTED].split(","):
        tag, _, parameter = part.partition(";")
        name = tag.strip().partition("-")[0].upper()
        quality = _QUALITY.fullmatch(parameter)
        weight = float(quality[1]) if quality else 0.0 if parameter else 1.0
        if name in Language.__members__ and weight > best_weight:
            best, best_weight = Language[name], weight
    return best


def _dimensions(said: Mapping[str, Sequence[str]]) -> list[str]:
    named = [_one_of(Dimension.__members__, "group", value) for value in _codes(said, "group")]
    return list(dict.fromkeys(named))


def _codes(said: Mapping[str, Sequence[str]], name: str) -> list[str]:
    found = [part.strip() for value in said.get(name, ()) for part in value.split(",")]
    if any(len(part) > _LONGEST for part in found):
        raise _bad(name)
    return [part for part in found if part]


def _one(said: Mapping[str, Sequence[str]], name: str) -> str:
    values = [value.strip() for value in said.get(name, ()) if value.strip()]
    if len(values) > 1:
        raise _bad(name)
    return values[0] if values else ""


def _day(said: Mapping[str, Sequence[str]], name: str) -> dt.date | None:
    text = _one(said, name)
    if not text:
        return None
    try:
        if _DAY.fullmatch(text):
            return dt.date.fromisoformat(text)
    except ValueError:
        pass
    raise BadInput(
        Text(f"`{name}`: a day such as 2024-05-31.", f"قيمة `{name}`: تاريخ مثل 2024-05-31.")
    )


def _one_of(members: Mapping[str, object], name: str, value: str) -> str:
    word = value.upper().replace("-", "_")
    if word in members:
        return word
    known = ", ".join(each.lower() for each in members)
    raise BadInput(Text(f"`{name}`: one of {known}.", f"قيمة `{name}`: إحدى القيم {known}."))


def _yes(said: Mapping[str, Sequence[str]], name: str) -> bool:
    value = _one(said, name)
    if value in _YES:
        return _YES[value]
    raise BadInput(Text(f"`{name}`: 1 or 0.", f"قيمة `{name}`: 1 أو 0."))


def _bad(name: str) -> BadInput:
    return BadInput(Text(f"`{name}` is not valid.", f"قيمة `{name}` غير صالحة."))
