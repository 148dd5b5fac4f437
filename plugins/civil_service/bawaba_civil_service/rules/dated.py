"""Data with dates: what is in force on a day, and how the data files are read."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from bawaba_civil_service.domain import (
    Accrual,
    AccrualMethod,
    CivilServiceCertificateKind,
    CivilServiceLeaveKind,
    Fee,
)


class Dated(Protocol):
    """An entry in force from ``since`` to ``until``, both in; None: without end."""

    @property
    def since(self) -> dt.date:
        """Its first day."""
        ...

    @property
    def until(self) -> dt.date | None:
        """Its last day."""
        ...


D = TypeVar("D", bound=Dated)


def in_force(entries: Iterable[D], day: dt.date) -> D | None:
    """Return the entry in force on ``day``."""
    for entry in entries:
        if entry.since <= day and (entry.until is None or day <= entry.until):
            return entry
    return None


def read_fees(data: Mapping[str, Any]) -> tuple[Fee, ...]:
    """Return the fees of a parsed fees file.

    Raises:
        ValueError: a fee is negative or its period is not positive; two are in force on one day.
    """
    fees = [
        Fee(**{"until": None, **entry, "kind": CivilServiceCertificateKind(entry["kind"])})
        for entry in data["fee"]
    ]
    for fee in fees:
        if fee.fils < 0 or fee.pay_within <= 0:
            raise ValueError(f"fee since {fee.since}: negative, or no time to pay it")
    for kind in CivilServiceCertificateKind:
        _no_overlap([fee for fee in fees if fee.kind is kind])
    return tuple(fees)


def read_accruals(data: Mapping[str, Any]) -> tuple[Accrual, ...]:
    """Return the accrual rules of a parsed leave file.

    Raises:
        ValueError: days or carry are negative, or two rules are in force on one day.
    """
    rules = [
        Accrual(
            kind=CivilServiceLeaveKind(entry["kind"]),
            since=entry["since"],
            until=entry.get("until"),
            days=entry["days"],
            method=AccrualMethod(entry["method"]),
            carry=entry["carry"],
            source=entry["source"],
        )
        for entry in data["accrual"]
    ]
    if any(rule.days < 0 or rule.carry < 0 for rule in rules):
        raise ValueError("days and carry are not negative")
    for kind in CivilServiceLeaveKind:
        _no_overlap([rule for rule in rules if rule.kind is kind])
    return tuple(rules)


def _no_overlap(entries: Sequence[Dated]) -> None:
    ordered = sorted(entries, key=lambda entry: entry.since)
    for earlier, later in itertools.pairwise(ordered):
        if earlier.until is None or earlier.until >= later.since:
            raise ValueError(f"two entries are in force on {later.since}")
