"""Drawing documents with fpdf2; HarfBuzz joins the letters."""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Callable
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fpdf import FPDF, FontFace, XPos, YPos
from fpdf.enums import TableBordersLayout, WrapMode

from bawaba.host.pdf.blocks import Facts, Heading, Paragraph, Seal, Table
from bawaba.text import Language

if TYPE_CHECKING:
    from bawaba.pdf import Document

logging.getLogger("fpdf").setLevel(logging.ERROR)  # a missing glyph is a box, not news
logging.getLogger("fontTools").setLevel(logging.ERROR)
_FONTS = Path(__file__).parent / "fonts"
_FONT = "Amiri"
_MARGIN, _LINE, _SIZE = 20.0, 1.45, 11.0
"""Millimetres of margin; line height in sizes; points of running text."""
_MM = 0.3528
"""Millimetres in a point."""
_HEADINGS = {1: 16.0, 2: 13.5, 3: 11.5}
_INK, _SOFT, _RULE, _FILL = (25, 35, 50), (110, 118, 130), (180, 188, 200), (238, 241, 245)
_CELL, _GLYPH, _TALLEST = 10.0, 2.4, 25
"""Points of a table's text; millimetres of a wide character; lines of the tallest row."""
_KEPT = "\n\t"
_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Signs that turn the direction of reading of what follows: a print must say what it says."""
_UNPRINTED = frozenset({"Cc", "Cs", "Co"})
_ARABIC = "\u0600-\u06ff"
_PHRASE = re.compile(rf"[{_ARABIC}](?:[{_ARABIC}0-9 .,/:%()\[\]-]*[{_ARABIC}0-9)\]])?")
_PIECE = re.compile(rf"[{_ARABIC}]+(?: +[{_ARABIC}]+)*|[0-9](?:[0-9.,/:%-]*[0-9])?|.")
_OPEN, _SHUT, _MIRRORED = "([", ")]", str.maketrans("()[]", ")(][")
_LTR = "\u200e"
"""Left-to-right mark: what stands between two is drawn where it stands."""


def clean(text: str) -> str:
    """Return a text without what cannot be printed: control characters, surrogates, overrides."""
    return "".join(
        c
        for c in text
        if c in _KEPT or (c not in _OVERRIDES and unicodedata.category(c) not in _UNPRINTED)
    )


def turned(text: str) -> str:
    """Return a text of a left-to-right document with the parts of Arabic phrases in drawing order.

    fpdf2 draws the pieces of a line in the order of the document: it joins the letters of an
    Arabic phrase, but would put numbers and brackets inside the phrase at the wrong side.
    """
    return _PHRASE.sub(lambda phrase: _turned(phrase[0]), text)


def _turned(phrase: str) -> str:
    inside = phrase[: _balanced(phrase)].rstrip()
    rest = phrase[len(inside) :]
    pieces = [
        piece if _PHRASE.match(piece) else f"{_LTR}{piece.translate(_MIRRORED)}{_LTR}"
        for piece in reversed(_PIECE.findall(inside))
    ]
    return "".join(pieces) + rest[:1] + turned(rest[1:])


def _balanced(phrase: str) -> int:
    """Return where a phrase ends: before a bracket that closes none of its own."""
    depth = 0
    for place, sign in enumerate(phrase):
        depth += (sign in _OPEN) - (sign in _SHUT)
        if depth < 0:
            return place
    return len(phrase)


class Page(FPDF):
    """A document being drawn. ``pages``: how many there will be; None while that is found out."""

    def __init__(self, document: Document, pages: int | None) -> None:
        super().__init__(format="A4")
        self.document, self.total = document, pages
        self.rtl = document.language is Language.AR
        self.near = "R" if self.rtl else "L"
        self.set_margin(_MARGIN)
        self.set_auto_page_break(auto=True, margin=_MARGIN + 4)
        for style, name in (("", "Regular"), ("B", "Bold")):
            self.add_font(_FONT, style, _FONTS / f"Amiri-{name}.ttf")
        # The script is found for each run, so that Arabic inside English is joined too.
        self.set_text_shaping(use_shaping_engine=True, direction="rtl" if self.rtl else "ltr")
        self.set_title(clean(document.title))
        self.set_lang("ar" if self.rtl else "en")
        self.set_creator("Bawaba")
        self.set_producer("Bawaba")
        self.set_creation_date(document.made_at)

    def said(self, text: str) -> str:
        """Return a text as it is handed to the drawing of this document."""
        return clean(text) if self.rtl else turned(clean(text))

    def output_bytes(self) -> bytes:
        """Return the file."""
        return bytes(self.output())

    def header(self) -> None:
        """Draw what lies on every page: watermark, and a rule at the top."""
        self._watermark()
        self.set_draw_color(*_INK)
        self.set_line_width(0.6)
        self.line(_MARGIN, _MARGIN - 6, self.w - _MARGIN, _MARGIN - 6)
        self.set_y(_MARGIN)

    def _watermark(self) -> None:
        if not self.document.watermark:
            return
        text = self.said(self.document.watermark)
        self.write_in("B", 60, (236, 238, 242))
        width = self.get_string_width(text)
        if width > self.epw:
            self.set_font_size(60 * self.epw / width)
            width = self.epw
        with self.rotation(45, self.w / 2, self.h / 2):
            self.set_xy((self.w - width) / 2, self.h / 2 - 10)
            self.cell(width, 20, text, align="C")

    def footer(self) -> None:
        """Draw the foot: its words on the near side, the page's number on the far one."""
        self.set_draw_color(*_RULE)
        self.set_line_width(0.2)
        self.set_y(-_MARGIN + 2)
        self.line(_MARGIN, self.get_y(), self.w - _MARGIN, self.get_y())
        self.write_in("", 8.5, _SOFT)
        top, words = self.get_y() + 1, self.said(self.document.footer)
        self.set_xy(_MARGIN, top)
        self.cell(self.epw, 5, words, align=self.near)
        of = "من" if self.rtl else "/"
        number = f"{self.page_no()} {of} {self.total or '?'}"
        self.set_xy(_MARGIN, top)
        self.cell(self.epw, 5, number, align="L" if self.rtl else "R")

    def write_in(self, style: str, size: float, colour: tuple[int, int, int] = _INK) -> None:
        """Choose font, size in points, and colour."""
        self.set_font(_FONT, style, size)
        self.set_text_color(*colour)

    def lines(self, text: str, size: float) -> None:
        """Write lines of text from the near margin, breaking where they are full."""
        self.set_x(_MARGIN)
        self.multi_cell(
            self.epw,
            size * _MM * _LINE,
            self.said(text),
            align=self.near,
            new_x=XPos.LMARGIN,
            new_y=YPos.NEXT,
            wrapmode=WrapMode.WORD,
        )


def draw(document: Document, pages: int | None) -> Page:
    """Return the drawn document."""
    page = Page(document, pages)
    page.add_page()
    page.write_in("B", 20)
    page.lines(document.title, 20)
    if document.subject:
        page.write_in("", 12.5, _SOFT)
        page.lines(document.subject, 12.5)
    page.ln(3)
    for block in document.blocks:
        _DRAW[type(block)](page, block)
    return page


def _heading(page: Page, block: Heading) -> None:
    size = _HEADINGS[min(max(block.level, 1), 3)]
    page.ln(3)
    if page.will_page_break(size * _MM * _LINE * 3):
        page.add_page()
    page.write_in("B", size)
    page.lines(block.text, size)
    page.ln(0.5)


def _paragraph(page: Page, block: Paragraph) -> None:
    page.write_in("", _SIZE)
    page.lines(block.text, _SIZE)
    page.ln(1)


def _facts(page: Page, block: Facts) -> None:
    rows = [[name, value] for name, value in block.pairs]
    _grid(page, None, rows, [3, 9])


def _table(page: Page, block: Table) -> None:
    widths = list(block.widths or [1] * len(block.columns))
    _grid(page, list(block.columns), [list(row) for row in block.rows], widths)


def _grid(page: Page, columns: list[str] | None, rows: list[list[str]], widths: list[int]) -> None:
    """Draw rows; from right to left the first column stands at the right."""
    told = ([columns] if columns else []) + [
        part for row in rows for part in _parts(row, widths, page.epw)
    ]
    if not told:
        return
    turn: Callable[[list[Any]], list[Any]] = (lambda r: r[::-1]) if page.rtl else (lambda r: r)
    page.write_in("", _CELL)
    page.set_draw_color(*_RULE)
    page.set_line_width(0.2)
    layout = TableBordersLayout.HORIZONTAL_LINES
    with page.table(
        borders_layout=layout if columns else TableBordersLayout.NONE,
        col_widths=tuple(turn(widths)),
        first_row_as_headings=columns is not None,
        headings_style=FontFace(family=_FONT, emphasis="BOLD", color=_INK, fill_color=_FILL),
        line_height=_CELL * _MM * _LINE,
        padding=1,
        text_align="RIGHT" if page.rtl else "LEFT",
        width=page.epw,
        align="LEFT",
        wrapmode=WrapMode.WORD,
    ) as table:
        for cells in told:
            row = table.row()
            for place, cell in enumerate(turn(cells)):
                first = place == (len(widths) - 1 if page.rtl else 0)
                bold = columns is None and first
                style = FontFace(family=_FONT, emphasis="BOLD", color=_SOFT) if bold else None
                row.cell(page.said(cell), style=style)
    page.ln(2)


def _parts(cells: list[str], widths: list[int], width: float) -> list[list[str]]:
    """Return a row as rows none of which is taller than a page: long cells go on in the next."""
    padded = [*cells, *[""] * (len(widths) - len(cells))][: len(widths)]
    split = [
        _cut(clean(cell), max(1, int(width * share / sum(widths) / _GLYPH)))
        for cell, share in zip(padded, widths, strict=True)
    ]
    return [list(row) for row in zip_longest(*split, fillvalue="")]


def _cut(text: str, per_line: int) -> list[str]:
    """Cut a text into parts of at most :data:`_TALLEST` lines of so many characters."""
    lines = [
        line[start : start + per_line]
        for line in text.split("\n")
        for start in range(0, max(len(line), 1), per_line)
    ]
    if len(lines) <= _TALLEST:
        return [text]
    return ["\n".join(lines[i : i + _TALLEST]) for i in range(0, len(lines), _TALLEST)]


def _seal(page: Page, block: Seal) -> None:
    page.ln(2)
    page.write_in("", 8.5, _SOFT)
    page.set_draw_color(*_RULE)
    top = page.get_y()
    if page.will_page_break(8.5 * _MM * _LINE * (block.text.count("\n") + 2)):
        page.add_page()
        top = page.get_y()
    page.line(_MARGIN, top, page.w - _MARGIN, top)
    page.ln(1)
    page.lines(block.text, 8.5)
    page.ln(1)


_DRAW: dict[type, Callable[[Page, Any], None]] = {
    Heading: _heading,
    Paragraph: _paragraph,
    Facts: _facts,
    Table: _table,
    Seal: _seal,
}
__all__ = ["Page", "clean", "draw", "turned"]
