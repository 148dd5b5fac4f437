"""Spreading reported totals over services, channels and months, to the last fils."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bawaba.ledger import Activity, Journal, Posting, Side
from bawaba.money import allocate, fils_of
from bawaba.text import Text

from bawaba_accounting.domain import HISTORY_GATEWAY
from bawaba_accounting.rules.lines import COLLECTED, REMITTED

__all__ = ["Share", "description", "journals", "names", "shares"]


@dataclass(frozen=True, slots=True)
class Share:
    """What one service took through one channel in the month that ends on ``on``."""

    service: str
    agency: str
    channel: str
    on: dt.date
    count: int
    fils: int


def journals(history: Mapping[str, Any]) -> list[Journal]:
    """Return one journal for each service and month in which something was paid, by month."""
    texts = names(history)
    cells: dict[tuple[dt.date, str], list[Share]] = {}
    for share in shares(history):
        cells.setdefault((share.on, share.service), []).append(share)
    return [_journal(on, code, texts[code], parts) for (on, code), parts in sorted(cells.items())]


def names(history: Mapping[str, Any]) -> dict[str, Text]:
    """Return the services' names by code."""
    return {service["code"]: Text(**service["service_name"]) for service in history["services"]}


def description(name: Text, on: dt.date) -> Text:
    """Return what is written beside what a service took in the month of ``on``."""
    month = f"{on:%Y-%m}"
    return Text(f"Brought forward: {name.en}, {month}", f"مُرحّل: {name.ar}، {month}")


def shares(history: Mapping[str, Any]) -> Iterator[Share]:
    """Yield the shares, none of them empty; they add up to the reported totals exactly."""
    reported, services = history["reported"], history["services"]
    counts = allocate(reported["transactions"], [service["by_count"] for service in services])
    amounts = allocate(fils_of(reported["dinars"]), [service["by_amount"] for service in services])
    for service, count, fils in zip(services, counts, amounts, strict=True):
        for channel, (part_count, part_fils) in _by_channel(history, service, count, fils).items():
            since = history["channels"][channel]["since"]
            for on, of_count, of_fils in _by_month(history["period"], since, part_count, part_fils):
                yield Share(service["code"], service["agency"], channel, on, of_count, of_fils)


def _by_channel(
    history: Mapping[str, Any], service: Mapping[str, Any], count: int, fils: int
) -> dict[str, tuple[int, int]]:
    """Return (count, fils) of each channel; those that are fixed come off the whole first."""
    parts = {
        channel: (fixed["transactions"], fils_of(fixed["dinars"]))
        for channel, fixed in service.get("fixed", {}).items()
    }
    rest = [channel for channel in history["channels"] if channel not in parts]
    weights = [history["channels"][channel]["weight"] for channel in rest]
    counts = allocate(count - sum(part for part, _ in parts.values()), weights)
    amounts = allocate(fils - sum(part for _, part in parts.values()), weights)
    return parts | dict(zip(rest, zip(counts, amounts, strict=True), strict=True))


def _by_month(
    period: Mapping[str, Any], since: int, count: int, fils: int
) -> Iterator[tuple[dt.date, int, int]]:
    ends: list[dt.date] = []
    weights: list[int] = []
    for year, of_year in enumerate(period["years"], start=period["first_year"]):
        for month, of_month in enumerate(period["months"], start=1):
            ends.append(dt.date(year, month, calendar.monthrange(year, month)[1]))
            weights.append(of_year * of_month if year >= since else 0)
    counts = allocate(count, weights)
    # Amounts follow the counts, so that no month has the one without the other.
    for on, part, amount in zip(ends, counts, allocate(fils, counts), strict=True):
        if part:
            yield on, part, amount


def _journal(on: dt.date, code: str, name: Text, parts: Sequence[Share]) -> Journal:
    fils = sum(part.fils for part in parts)
    return Journal(
        reference=f"history:{on:%Y-%m}:{code}",
        kind="HISTORY",
        description=description(name, on),
        effective_on=on,
        postings=(Posting(COLLECTED, Side.DEBIT, fils), Posting(REMITTED, Side.CREDIT, fils)),
        activities=tuple(
            Activity(
                part.service,
                part.agency,
                part.channel,
                HISTORY_GATEWAY,
                part.count,
                part.fils,
                on=on,
            )
            for part in parts
        ),
    )
