"""What the public page shows, folded out of sums that were read at one moment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bawaba_accounting.domain import HISTORY_GATEWAY, Figures, Group, Head
from bawaba_accounting.rules import figures

__all__ = [
    "MONTHS",
    "OTHERS",
    "Check",
    "Overview",
    "Sum",
    "folded",
    "gap_before",
    "labelled",
    "largest",
]

MONTHS = 24
"""How many months the page shows: the newest of those that hold anything."""
_ROOM = 2
"""How many columns next to the name of a month bear none."""
OTHERS = ""
"""The code that stands for everything beyond the largest; no service has it."""


@dataclass(frozen=True, slots=True)
class Sum:
    """A sum that was read. ``part``: by what; ``key``: the code, or the beginning of the day."""

    part: str
    key: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class Check:
    """The last finished check of the books."""

    checked: int
    head_hash: str
    is_intact: bool
    checked_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Overview:
    """The portal's figures as of ``head``.

    ``services`` and ``channels`` are ranked; ``years`` run without gaps; ``months`` are those in
    which something was paid.
    ``forwarded``: what of it was brought forward from before these books.
    """

    head: Head
    total: Figures
    services: Sequence[Group]
    channels: Sequence[Group]
    years: Sequence[tuple[dt.date, Figures]]
    months: Sequence[tuple[dt.date, Figures]]
    forwarded: Figures
    is_balanced: bool


def folded(head: Head, sums: Sequence[Sum], *, is_balanced: bool) -> Overview:
    """Return the overview of sums by ``service``, ``channel``, ``gateway``, ``year``, ``month``."""
    parts: dict[str, dict[str, Figures]] = {}
    for each in sums:
        parts.setdefault(each.part, {})[each.key] = each.figures
    services, channels = parts.get("service", {}), parts.get("channel", {})
    return Overview(
        head=head,
        total=sum(services.values(), Figures()),
        services=figures.ranked([Group(of, service=code) for code, of in services.items()]),
        channels=figures.ranked([Group(of, channel=code) for code, of in channels.items()]),
        years=_years(parts.get("year", {})),
        months=_months(parts.get("month", {})),
        forwarded=parts.get("gateway", {}).get(HISTORY_GATEWAY, Figures()),
        is_balanced=is_balanced,
    )


def gap_before(months: Sequence[dt.date], place: int) -> bool:
    """Return whether months were left out between this one and the one before it."""
    if place == 0:
        return False
    before, on = months[place - 1], months[place]
    return (on.year - before.year) * 12 + on.month - before.month > 1


def labelled(months: Sequence[dt.date]) -> list[int]:
    """Return the places of the months to be named below a plot, none next to another.

    The first one after a gap is; the first of each quarter, where that leaves room for it.
    """
    found: list[int] = []
    gaps = [place for place in range(len(months)) if gap_before(months, place)]
    for place, on in enumerate(months):
        near = any(0 < abs(place - gap) <= _ROOM for gap in gaps)
        if place in gaps or (on.month % 3 == 1 and not near):
            found.append(place)
    return found


def largest(groups: Sequence[Group], most: int) -> list[Group]:
    """Return the first ``most`` groups, the last of them standing for all that follow."""
    if len(groups) <= most:
        return list(groups)
    kept, rest = groups[: most - 1], groups[most - 1 :]
    whole = sum((group.figures for group in rest), Figures())
    share = sum(group.share for group in rest)
    return [*kept, replace(rest[0], service=OTHERS, figures=whole, share=share)]


def _years(sums: Mapping[str, Figures]) -> list[tuple[dt.date, Figures]]:
    """Return every year from the first that holds anything to the last."""
    if not sums:
        return []
    numbers = range(int(min(sums)), int(max(sums)) + 1)
    return [(dt.date(year, 1, 1), sums.get(f"{year:04d}", Figures())) for year in numbers]


def _months(sums: Mapping[str, Figures]) -> list[tuple[dt.date, Figures]]:
    """Return the newest months, in their order."""
    return [(figures.named(key), sums[key]) for key in sorted(sums)[-MONTHS:]]
