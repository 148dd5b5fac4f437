"""Reading the tariffs, and which entry is in force on a day."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from bawaba.text import Text

from bawaba_bahrain_post.domain import BoxTerms, DutyRate, DutyTerms, Rent, Tariffs, VatRate

Dated = TypeVar("Dated", DutyRate, VatRate, DutyTerms, Rent, BoxTerms)
_WHOLE = 10_000
"""100 % in basis points."""
_MOST_DUTY = 50_000
"""A duty above 500 % is a slip of the pen."""


def read(data: Mapping[str, Any]) -> Tariffs:
    """Return the tariffs of a parsed tariffs file.

    Raises:
        ValueError: an amount or rate is out of range, or two entries are in force on one day.
    """
    duties = [DutyRate(**_entry(entry, named=True)) for entry in data["duty"]]
    vat = [VatRate(**_entry(entry)) for entry in data["vat"]]
    duty_terms = [DutyTerms(**_entry(entry)) for entry in data["duty_terms"]]
    rents = [Rent(**_entry(entry, named=True)) for entry in data["rent"]]
    box_terms = [BoxTerms(**_entry(entry)) for entry in data["box_terms"]]
    for duty in duties:
        if not 0 <= duty.rate <= _MOST_DUTY or not (duty.heading.isdigit() or duty.heading == ""):
            raise ValueError(f"duty of heading {duty.heading!r}: no such rate or heading")
        _no_overlap([other for other in duties if other.heading == duty.heading])
    for rate in vat:
        if not 0 <= rate.rate <= _WHOLE:
            raise ValueError(f"VAT since {rate.since}: no such rate")
    for rent in rents:
        _positive(f"rent of {rent.size}", rent.fils)
        _no_overlap([other for other in rents if other.size == rent.size])
    for terms in duty_terms:
        _not_negative(f"duty terms since {terms.since}", terms.free_value, terms.handling)
        _not_negative("storage", terms.free_days, terms.storage, terms.storage_days)
    for box in box_terms:
        _positive(f"box terms since {box.since}", box.notice_days, box.grace_days)
        _not_negative("surcharge", box.surcharge)
    _no_overlap(vat)
    _no_overlap(duty_terms)
    _no_overlap(box_terms)
    return Tariffs(tuple(duties), tuple(vat), tuple(duty_terms), tuple(rents), tuple(box_terms))


def _entry(entry: Mapping[str, Any], *, named: bool = False) -> dict[str, Any]:
    read = {"until": None, **entry}
    if named:
        read["name"] = Text(read.pop("en"), read.pop("ar"))
    return read


def _positive(what: str, *amounts: int) -> None:
    if min(amounts) <= 0:
        raise ValueError(f"{what}: must be more than 0")


def _not_negative(what: str, *amounts: int) -> None:
    if min(amounts) < 0:
        raise ValueError(f"{what}: must not be negative")


def _no_overlap(entries: Sequence[Dated]) -> None:
    for earlier, later in itertools.pairwise(sorted(entries, key=lambda entry: entry.since)):
        if earlier.until is None or earlier.until >= later.since:
            raise ValueError(f"two entries are in force on {later.since}")


def in_force(entries: Sequence[Dated], day: dt.date) -> Dated | None:
    """Return the entry in force on ``day``."""
    for entry in entries:
        if entry.since <= day and (entry.until is None or day <= entry.until):
            return entry
    return None


def duty_of(tariffs: Tariffs, heading: str, day: dt.date) -> DutyRate | None:
    """Return the duty of a heading on a day: of the longest entry that the heading begins with."""
    found = [
        entry
        for entry in tariffs.duties
        if heading.startswith(entry.heading) and in_force([entry], day) is entry
    ]
    return max(found, key=lambda entry: len(entry.heading), default=None)


def rent_of(tariffs: Tariffs, size: str, day: dt.date) -> Rent | None:
    """Return the rent of a size of box on a day."""
    return in_force([entry for entry in tariffs.rents if entry.size == size], day)
