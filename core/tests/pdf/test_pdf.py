"""Documents as PDF: what they hold, in which order, and that nothing odd breaks them."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pytest
from bawaba import pdf
from bawaba.host.pdf import drawing
from bawaba.text import Language
from pypdf import PdfReader

AT = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
HASH = "0123456789abcdef" * 4


def document(*blocks: pdf.Block, **changed: Any) -> pdf.Document:
    facts = {"title": "Minutes", "language": Language.EN, "made_at": AT} | changed
    return pdf.Document(blocks=blocks, **facts)


def read(made: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(made))


def text(made: bytes) -> str:
    return "\n".join(page.extract_text() for page in read(made).pages)


def table(rows: int) -> pdf.Table:
    return pdf.Table(["Member", "Vote"], [[f"Member {n}", "Yes"] for n in range(rows)], [3, 1])


@pytest.mark.parametrize("language", list(Language))
def test_no_sign_turns_the_direction_of_reading(language: Language) -> None:
    said = document(pdf.Facts([("Paid", "BHD 100.005")]), language=language)
    typed = document(
        pdf.Facts([("Paid", "\u202eBHD\u202c \u2067100.005\u2069")]), language=language
    )
    assert pdf.render(typed) == pdf.render(said)


def test_equal_documents_are_equal_bytes() -> None:
    made = document(pdf.Paragraph("x"), table(3))
    assert pdf.render(made) == pdf.render(document(pdf.Paragraph("x"), table(3)))
    assert pdf.render(made) != pdf.render(document(pdf.Paragraph("y"), table(3)))
    assert pdf.render(made).startswith(b"%PDF-")


def test_metadata_tell_title_language_and_date() -> None:
    arabic = read(pdf.render(document(title="محضر", language=Language.AR)))
    assert arabic.trailer["/Root"]["/Lang"] == "ar"  # type: ignore[index]
    assert arabic.metadata is not None
    assert (arabic.metadata.title, arabic.metadata.creation_date) == ("محضر", AT)
    english = read(pdf.render(document()))
    assert english.trailer["/Root"]["/Lang"] == "en"  # type: ignore[index]


def test_everything_said_is_in_it() -> None:
    made = pdf.render(
        document(
            pdf.Heading("Opening", 2),
            pdf.Paragraph("The quorum was met."),
            pdf.Facts([("Meeting", "no. 4")]),
            table(2),
            pdf.Seal(f"Seal: {HASH}"),
            subject="Budget",
            footer="Council",
        )
    )
    told = text(made).replace("\n", " ")
    for part in ("Minutes", "Budget", "Opening", "The quorum was met.", "no. 4", "Member 1", HASH):
        assert part in told
    assert "Council" in told
    assert "1 / 1" in told


def test_a_long_table_repeats_its_header_and_pages_are_numbered() -> None:
    pages = read(pdf.render(document(table(120)))).pages
    assert len(pages) > 2
    for number, page in enumerate(pages, 1):
        told = page.extract_text()
        assert "Vote" in told
        assert f"{number} / {len(pages)}" in told


def test_arabic_columns_stand_from_the_right() -> None:
    def places(language: Language) -> dict[str, float]:
        found: dict[str, float] = {}

        def visit(part: str, _: Any, matrix: list[float], *__: Any) -> None:
            if part.strip() in {"11", "22"}:
                found[part.strip()] = matrix[4]

        made = document(pdf.Table(["a", "b"], [["11", "22"]]), language=language)
        read(pdf.render(made)).pages[0].extract_text(visitor_text=visit)
        return found

    english, arabic = places(Language.EN), places(Language.AR)
    assert english["11"] < english["22"]
    assert arabic["11"] > arabic["22"]


def test_arabic_letters_are_joined() -> None:
    """The glyphs of a word are other ones than those of its letters standing alone."""
    joined = pdf.render(document(pdf.Paragraph("ببب"), language=Language.AR, title="x"))
    alone = pdf.render(document(pdf.Paragraph("ب ب ب"), language=Language.AR, title="x"))
    assert len(joined) != len(alone)
    assert len(read(joined).pages) == 1


@pytest.mark.parametrize(
    ("given", "drawn"),
    [
        ("plain 12 words", "plain 12 words"),
        ("لسنة 2027", "2027 لسنة"),
        ("Of سنة 2027, page 3", "Of 2027 سنة, page 3"),
        ("من 10:30 حتى 11:00", "11:00 حتى 10:30 من"),
        ("الطرق (المرحلة 1)", "(1 المرحلة) الطرق"),
        ("see (الطرق 5) and [x]", "see (5 الطرق) and [x]"),
        ("(الطرق)", "(الطرق)"),
    ],
)
def test_numbers_stand_left_of_the_arabic_that_they_follow(given: str, drawn: str) -> None:
    """In English documents; in Arabic ones nothing is turned. The marks between are not seen."""
    assert drawing.turned(given).replace("\u200e", "") == drawn


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize(
    "odd",
    [
        "",
        "\x00\x07\x1b",
        "\ud800 alone",
        "x" * 2_000,
        "كلمة" * 300,
        "🙂🏛️ 漢字",
        "\u202eevil\u202c \u2066x",
        "**not bold** {nb} %d",
        "a\n\n\nb\tc",
    ],
)
def test_odd_texts_break_nothing(language: Language, odd: str) -> None:
    blocks: list[pdf.Block] = [
        pdf.Heading(odd, 9),
        pdf.Paragraph(odd),
        pdf.Facts([(odd[:50], odd)]),
        pdf.Table([odd[:20], "b"], [[odd[:900], ""], []]),
        pdf.Table(["a"], []),
        pdf.Facts([]),
        pdf.Seal(odd),
    ]
    made = pdf.render(pdf.Document(odd[:200], language, blocks, AT, odd[:100], odd[:100], odd[:30]))
    assert len(read(made).pages) >= 1


async def test_drawn_in_a_thread() -> None:
    assert await pdf.rendered(document()) == pdf.render(document())
