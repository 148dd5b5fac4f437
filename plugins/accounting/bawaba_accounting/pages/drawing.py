"""From the figures to the plots and rows that the page shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bawaba.text import Language
from markupsafe import Markup

from bawaba_accounting.domain import Figures, Group
from bawaba_accounting.rules import plots
from bawaba_accounting.rules.overview import OTHERS, gap_before, labelled, largest
from bawaba_accounting.rules.plots import Mark, Plot
from bawaba_accounting.rules.words import (
    CHANNELS,
    PAGE,
    brief,
    brief_dinars,
    money,
    month,
    percents,
)
from bawaba_accounting.services.transparency import Seen

__all__ = ["figures"]

PLOTTED, LISTED, SHARED = 10, 50, 6
"""How many services a plot, the ranking and the shares show; the rest is one more line."""
Measure = Callable[[Figures], int]


@dataclass(frozen=True, slots=True)
class _Row:
    """A named line of figures, in a plot or a table."""

    label: str
    figures: Figures
    under: str = ""
    gap: bool = False
    owner: str = ""
    ranks: tuple[int, int] | None = None
    share: str = ""


class _Artist:
    """Draws for one language."""

    def __init__(self, seen: Seen, language: Language) -> None:
        self._seen, self._language = seen, language
        self._rtl = language is Language.AR

    def services(self) -> dict[str, Any]:
        """Return the plots and the ranking of the services."""
        by_amount = self._seen.overview.services
        by_count = sorted(by_amount, key=lambda group: (group.rank_by_count, group.rank_by_amount))
        share = self._first(by_amount, SHARED)
        parts = percents([row.figures.fils for row in share])
        return {
            "count": self._bars("services_by_count", self._first(by_count, PLOTTED), _count),
            "amount": self._bars("services_by_amount", self._first(by_amount, PLOTTED), _fils),
            "share": self._shares(share, parts),
            "rows": self._first(by_amount, LISTED),
        }

    def channels(self) -> dict[str, Any]:
        """Return the plots and rows of the channels."""
        language = self._language
        rows = []
        groups = self._seen.overview.channels
        parts = percents([group.figures.fils for group in groups])
        for group, part in zip(groups, parts, strict=True):
            code = group.channel or ""
            label = CHANNELS[code].in_(language) if code in CHANNELS else code
            ranks = (group.rank_by_count, group.rank_by_amount)
            rows.append(_Row(label, group.figures, ranks=ranks, share=part))
        by_count = sorted(rows, key=lambda row: -row.figures.count)
        return {
            "count": self._bars("channels_by_count", by_count, _count),
            "amount": self._bars("channels_by_amount", rows, _fils),
            "rows": rows,
        }

    def years(self) -> dict[str, Any]:
        """Return the plots and rows of the years."""
        return self._over_time(
            "years", [_Row(str(on.year), of) for on, of in self._seen.overview.years]
        )

    def months(self) -> dict[str, Any]:
        """Return the plots and rows of the months, with where months were left out."""
        months = self._seen.overview.months
        days = [on for on, _ in months]
        rows, under, year = [], dict.fromkeys(labelled(days), ""), 0
        for place in under:
            under[place] = month(days[place], self._language, short=True)
            under[place] += f"\n{days[place].year}" if days[place].year != year else ""
            year = days[place].year
        for place, (on, of) in enumerate(months):
            gap = gap_before(days, place)
            rows.append(_Row(month(on, self._language), of, under.get(place, ""), gap))
        return self._over_time("months", rows) | {"gaps": any(row.gap for row in rows)}

    def _over_time(self, name: str, rows: Sequence[_Row]) -> dict[str, Any]:
        return {
            "count": self._columns(f"{name}_by_count", rows, _count),
            "amount": self._columns(f"{name}_by_amount", rows, _fils),
            "rows": rows,
        }

    def _first(self, groups: Sequence[Group], most: int) -> list[_Row]:
        """Return the first services, and one row for those that follow."""
        rest = len(groups) - most + 1
        return [self._service(group, rest) for group in largest(groups, most)]

    def _service(self, group: Group, rest: int) -> _Row:
        code = group.service or ""
        share = f"{group.share:.1%}"
        if code == OTHERS:
            others = PAGE["others"].fill(count=f"{rest:,}")
            return _Row(others.in_(self._language), group.figures, share=share)
        entry = self._seen.services.get(code)
        name = entry.name.in_(self._language) if entry else code
        owner = self._agency(entry.agency) if entry else ""
        ranks = (group.rank_by_count, group.rank_by_amount)
        return _Row(name or code, group.figures, owner=owner, ranks=ranks, share=share)

    def _agency(self, code: str) -> str:
        entry = self._seen.agencies.get(code)
        return (entry.name.in_(self._language) if entry else "") or code

    def _shares(self, rows: Sequence[_Row], parts: Sequence[str]) -> Markup:
        marks = [Mark(r.label, r.figures.fils, p) for r, p in zip(rows, parts, strict=True)]
        return _drawn(plots.shares(self._plot("services_share", marks)))

    def _bars(self, name: str, rows: Sequence[_Row], measure: Measure) -> Markup:
        return _drawn(plots.bars(self._plot(name, self._marks(rows, measure))))

    def _columns(self, name: str, rows: Sequence[_Row], measure: Measure) -> Markup:
        return _drawn(plots.columns(self._plot(name, self._marks(rows, measure), measure)))

    def _marks(self, rows: Sequence[_Row], measure: Measure) -> list[Mark]:
        return [
            Mark(
                row.label,
                value,
                money(value) if measure is _fils else f"{value:,}",
                row.under,
                row.gap,
            )
            for row in rows
            for value in [measure(row.figures)]
        ]

    def _plot(self, name: str, marks: Sequence[Mark], measure: Measure | None = None) -> Plot:
        title, language = PAGE[name], self._language
        said = title.in_(language)
        if marks:
            top = max(marks, key=lambda mark: mark.value)
            said = (
                PAGE["described"].in_(language).format(title=said, label=top.label, shown=top.shown)
            )
        short = brief_dinars if measure is _fils else brief
        return Plot(
            name,
            title.in_(language),
            said,
            marks,
            self._rtl,
            lambda value: short(value, language),
        )


def figures(seen: Seen, language: Language) -> Mapping[str, Any]:
    """Return the sections of the page: the plots as markup, the rows for the tables."""
    artist = _Artist(seen, language)
    return {
        "services": artist.services(),
        "channels": artist.channels(),
        "years": artist.years(),
        "months": artist.months(),
    }


def _drawn(svg: str) -> Markup:
    """Return a plot as markup: every word in it is escaped already."""
    return Markup(svg)  # noqa: S704


def _count(of: Figures) -> int:
    return of.count


def _fils(of: Figures) -> int:
    return of.fils
