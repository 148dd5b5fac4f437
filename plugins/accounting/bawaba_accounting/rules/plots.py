"""Plots as inline SVG: from values to rectangles, and from rectangles to text.

Right to left the plots are mirrored: time runs and bars grow from the right. Colours are classes,
so that the page decides them for light, dark and paper. Every word is escaped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil

__all__ = [
    "WIDTH",
    "Mark",
    "Plot",
    "Rect",
    "bar_rects",
    "bars",
    "column_rects",
    "columns",
    "share_rects",
    "shares",
    "ticks",
]

WIDTH = 460
"""The width of every plot, in its own units; the page scales it."""
COLOURS = 6
"""How many classes ``c1``, ``c2`` … tell the parts of a whole apart; the last one is the rest's."""
_HEIGHT = 220
_ROW, _BAR_TOP, _BAR = 44, 21, 14
_SHARE, _LEGEND = 34, 22
_LONGEST = 36
_STEPS = 5
_TIGHTEST = 34
"""The least distance of two labels under the columns."""


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle; ``y`` grows downwards."""

    x: float
    y: float
    width: float
    height: float


FRAME = Rect(62, 14, WIDTH - 62 - 6, _HEIGHT - 14 - 38)
"""Where columns stand, left to right; mirrored the scale is on the right."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One value. ``shown``: the value in words.

    ``under``: up to two lines below a column. ``gap``: time was left out before it.
    """

    label: str
    value: int
    shown: str
    under: str = ""
    gap: bool = False


@dataclass(frozen=True, slots=True)
class Plot:
    """What is plotted. ``ident``: unique on the page; ``brief`` words a value of the scale."""

    ident: str
    title: str
    description: str
    marks: Sequence[Mark]
    rtl: bool
    brief: Callable[[int], str] = str


def ticks(largest: int) -> list[int]:
    """Return 0 and up to five even steps, 1, 2 or 5 times a power of ten, to ``largest``."""
    step = next(step for step in _round_numbers() if step * _STEPS >= largest)
    return [step * place for place in range(max(1, ceil(largest / step)) + 1)]


def _round_numbers() -> Iterator[int]:
    power = 1
    while True:
        yield from (power, 2 * power, 5 * power)
        power *= 10


def column_rects(values: Sequence[int], top: int, frame: Rect, *, rtl: bool) -> list[Rect]:
    """Return the columns: heights in proportion, ``top`` as high as the frame."""
    slot = frame.width / max(1, len(values))
    width = slot * 0.72
    found = []
    for place, value in enumerate(values):
        height = frame.height * max(0, value) / top
        x = frame.x + slot * (len(values) - 1 - place if rtl else place) + (slot - width) / 2
        found.append(Rect(x, frame.y + frame.height - height, width, height))
    return found


def bar_rects(values: Sequence[int], *, rtl: bool) -> list[Rect]:
    """Return bars below each other: lengths in proportion, the largest as wide as the plot."""
    largest = max([1, *values])
    found = []
    for place, value in enumerate(values):
        length = WIDTH * max(0, value) / largest
        x = WIDTH - length if rtl else 0.0
        found.append(Rect(x, place * _ROW + _BAR_TOP, length, _BAR))
    return found


def share_rects(values: Sequence[int], *, rtl: bool) -> list[Rect]:
    """Return the parts of one bar as wide as the plot: widths in proportion."""
    whole = max(1, sum(max(0, value) for value in values))
    found, at = [], 0.0
    for value in values:
        width = WIDTH * max(0, value) / whole
        found.append(Rect(WIDTH - at - width if rtl else at, 0, width, _SHARE))
        at += width
    return found


def columns(plot: Plot) -> str:
    """Return columns over time, with a scale of round numbers."""
    scale = ticks(max([0, *(mark.value for mark in plot.marks)]))
    frame = FRAME if not plot.rtl else Rect(WIDTH - FRAME.x - FRAME.width, *_rest(FRAME))
    rects = column_rects([m.value for m in plot.marks], scale[-1], frame, rtl=plot.rtl)
    return _svg(plot, _HEIGHT, [*_scale(plot, scale, frame), *_columns(plot, rects, frame)])


def bars(plot: Plot) -> str:
    """Return a bar for each mark, its name and its value above it."""
    near, far = (WIDTH, 0) if plot.rtl else (0, WIDTH)
    side, other = ("right", "left") if plot.rtl else ("left", "right")
    parts = []
    for place, (mark, rect) in enumerate(
        zip(plot.marks, bar_rects([m.value for m in plot.marks], rtl=plot.rtl), strict=True)
    ):
        y = place * _ROW + 14
        parts += [
            f'<rect class="track" x="0" y="{_n(rect.y)}" width="{WIDTH}" height="{_BAR}"/>',
            _rect(rect, "bar", mark),
            _text(near, y, _short(mark.label), side, plot),
            _text(far, y, mark.shown, other, plot, "figure"),
        ]
    return _svg(plot, max(1, len(plot.marks)) * _ROW, parts)


def shares(plot: Plot) -> str:
    """Return one bar in parts, numbered as in the legend below it."""
    parts = []
    near, inner, far = (WIDTH, WIDTH - 30, 0) if plot.rtl else (0, 30, WIDTH)
    side, other = ("right", "left") if plot.rtl else ("left", "right")
    rects = share_rects([m.value for m in plot.marks], rtl=plot.rtl)
    for place, (mark, rect) in enumerate(zip(plot.marks, rects, strict=True)):
        colour, number = f"c{min(place + 1, COLOURS)}", str(place + 1)
        parts.append(_rect(rect, f"part {colour}", mark))
        if rect.width > len(number) * 10 + 6:
            middle = rect.x + rect.width / 2
            parts.append(_text(middle, _SHARE / 2 + 5, number, "middle", plot, "on"))
        y = _SHARE + 20 + place * _LEGEND
        swatch = Rect(near - 20 if plot.rtl else near, y - 14, 20, 18)
        parts += [
            _rect(swatch, colour, None),
            _text(swatch.x + 10, y, number, "middle", plot, "on"),
            _text(inner, y, _short(mark.label), side, plot),
            _text(far, y, mark.shown, other, plot, "figure"),
        ]
    return _svg(plot, _SHARE + 10 + max(1, len(plot.marks)) * _LEGEND, parts)


def _rest(rect: Rect) -> tuple[float, float, float]:
    return rect.y, rect.width, rect.height


def _scale(plot: Plot, scale: Sequence[int], frame: Rect) -> Iterator[str]:
    """Yield the lines of the scale, its words on the side where time begins."""
    at, side = (frame.x + frame.width + 6, "left") if plot.rtl else (frame.x - 6, "right")
    for value in scale:
        y = frame.y + frame.height * (1 - value / scale[-1])
        kind = "grid" if value else "axis"
        yield (
            f'<line class="{kind}" x1="{_n(frame.x)}" x2="{_n(frame.x + frame.width)}" '
            f'y1="{_n(y)}" y2="{_n(y)}"/>'
        )
        yield _text(at, y + 4, plot.brief(value), side, plot, "scale")


def _columns(plot: Plot, rects: Sequence[Rect], frame: Rect) -> Iterator[str]:
    """Yield the columns; where labels would touch, only every second or third is named."""
    every = ceil(_TIGHTEST * len(rects) / frame.width)
    dated = any(mark.under for mark in plot.marks)
    base = frame.y + frame.height
    for place, (mark, rect) in enumerate(zip(plot.marks, rects, strict=True)):
        yield _rect(rect, "bar", mark)
        middle = rect.x + rect.width / 2
        if mark.gap:
            x = middle + frame.width / len(rects) / 2 * (1 if plot.rtl else -1)
            yield f'<path class="gap" d="M{_n(x)} {_n(frame.y)}V{_n(base + 6)}"/>'
        if not dated and (len(rects) - 1 - place) % every == 0:
            yield _text(middle, base + 16, mark.label, "middle", plot, "scale")
        elif dated and mark.under:
            first, _, second = mark.under.partition("\n")
            yield _text(middle, base + 16, first, "middle", plot, "scale")
            if second:
                yield _text(middle, base + 31, second, "middle", plot, "scale")


def _svg(plot: Plot, height: float, parts: Sequence[str]) -> str:
    title, about = f"{escape(plot.ident)}-t", f"{escape(plot.ident)}-d"
    return (
        f'<svg viewBox="0 0 {WIDTH} {_n(height)}" role="img" aria-labelledby="{title} {about}" '
        f'direction="{"rtl" if plot.rtl else "ltr"}">'
        f'<title id="{title}">{escape(plot.title)}</title>'
        f'<desc id="{about}">{escape(plot.description)}</desc>{"".join(parts)}</svg>'
    )


def _rect(rect: Rect, kind: str, mark: Mark | None) -> str:
    shape = (
        f'<rect class="{kind}" x="{_n(rect.x)}" y="{_n(rect.y)}" width="{_n(rect.width)}" '
        f'height="{_n(rect.height)}"'
    )
    if mark is None:
        return f"{shape}/>"
    return f"{shape}><title>{escape(f'{mark.label}: {mark.shown}')}</title></rect>"


def _text(  # noqa: PLR0913, PLR0917  where, what, and how it stands
    x: float, y: float, words: str, side: str, plot: Plot, kind: str = "name"
) -> str:
    """Return a text of which ``side`` (left, middle or right, as seen) stands at ``x``."""
    starts = "right" if plot.rtl else "left"
    anchor = "middle" if side == "middle" else "start" if side == starts else "end"
    return (
        f'<text class="{kind}" x="{_n(x)}" y="{_n(y)}" text-anchor="{anchor}">'
        f"{escape(words)}</text>"
    )


def _short(words: str) -> str:
    return words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1].rstrip()}…"


def _n(value: float) -> str:
    """Return a number of at most two decimals, without a needless end."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
