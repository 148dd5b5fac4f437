"""Documents as a reader sees them: drawn, and looked at as pictures."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import Any

import pypdfium2
import pytest
from bawaba import pdf
from bawaba.text import Language

AT = dt.datetime(2026, 1, 2, tzinfo=dt.UTC)
WORDS = {Language.AR: "محضر اجتماع", Language.EN: "Minutes"}


def picture(language: Language, *blocks: pdf.Block, title: str | None = None) -> Any:
    """Return the first page as a picture in grey, at 150 dots an inch."""
    made = pdf.render(pdf.Document(title or WORDS[language], language, blocks, AT))
    return pypdfium2.PdfDocument(made)[0].render(scale=150 / 72).to_pil().convert("L")


def ink(image: Any) -> tuple[int, int, int, int]:
    """Return the box of all that is not paper: left, top, right, bottom."""
    found = image.point(lambda grey: 255 if grey < 128 else 0).getbbox()
    assert found is not None, "the page is blank"
    return tuple(found)  # type: ignore[return-value]


def inked_columns(image: Any) -> list[int]:
    dark = image.point(lambda grey: 255 if grey < 128 else 0)
    width, height = dark.size
    return [x for x in range(width) if dark.crop((x, 0, x + 1, height)).getbbox()]


@pytest.mark.parametrize("language", list(Language))
def test_a_line_begins_on_the_side_of_its_language(language: Language) -> None:
    blank = picture(language, title=" ")
    words = picture(language, pdf.Paragraph(WORDS[language]), title=" ")
    width, height = words.size
    changed = [
        (x, y)
        for y in range(0, height, 2)
        for x in range(0, width, 2)
        if words.getpixel((x, y)) < 128 <= blank.getpixel((x, y))
    ]
    assert changed
    middle = sum(x for x, _ in changed) / len(changed)
    assert (middle > width / 2) is (language is Language.AR)


def test_arabic_letters_join() -> None:
    """Of a word of joining letters no column between the first and the last is without ink."""

    def gaps(word: str) -> int:
        page = picture(Language.AR, title=word)
        columns = inked_columns(page.crop((0, 100, page.width, 190)))  # the title alone
        return sum(after - before > 1 for before, after in pairwise(columns))

    assert gaps("محمد") == 0
    assert gaps("\u200c".join("محمد")) > 0  # kept apart: the detector sees it


def test_nothing_is_drawn_beyond_the_margins() -> None:
    rows = [["عضو المجلس البلدي ذو الاسم الطويل جداً" * 3, "نعم", "a" * 200]] * 3
    for language in Language:
        page = picture(language, pdf.Table(["أ", "ب", "c"], rows, widths=[3, 1, 6]))
        left, top, right, bottom = ink(page)
        width, height = page.size
        margin = 40  # a bit less than 10 mm
        assert left > margin
        assert right < width - margin
        assert top > margin
        assert bottom < height - 20
