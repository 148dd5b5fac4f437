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
    "first_month",
    "folded",
    "largest",
]

MONTHS = 24
"""How many months the page shows, the newest that holds anything being the last."""
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

    ``services`` and ``channels`` are ranked; ``years`` and ``months`` run without gaps.
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


def first_month(newest: dt.date) -> dt.date:
    """Return the first of the ``MONTHS`` months that end with the one of ``newest``."""
    months = newest.year * 12 + newest.month - MONTHS
    return dt.date(max(1, months // 12), months % 12 + 1, 1)


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
    """Return the last months, the newest that holds anything being the last."""
    if not sums:
        return []
    month, found = first_month(figures.named(max(sums))), []
    for _ in range(MONTHS):
        found.append((month, sums.get(f"{month:%Y-%m}", Figures())))
        month = (month + dt.timedelta(days=31)).replace(day=1)
    return found
