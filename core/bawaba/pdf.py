"""Documents as PDF: Arabic from right to left with joined letters, and English.

A plugin says what a document holds, block by block; how it looks is the platform's::

    document = pdf.Document("Permit 17", Language.EN, [pdf.Paragraph("Granted.")], made_at)
    content = await pdf.rendered(document)

Equal documents give equal bytes, so that a print can be known by its hash.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from bawaba.host.pdf import drawing
from bawaba.host.pdf.blocks import Facts, Heading, Paragraph, Seal, Table
from bawaba.text import Language

__all__ = [
    "Block",
    "Document",
    "Facts",
    "Heading",
    "Paragraph",
    "Seal",
    "Table",
    "render",
    "rendered",
]

Block: TypeAlias = Heading | Paragraph | Facts | Table | Seal
"""What documents are made of."""


@dataclass(frozen=True, slots=True)
class Document:
    """What is printed, on A4.

    Args:
        title: stands at the top, and in the file's metadata.
        language: decides the direction of reading.
        made_at: the date in the metadata, in UTC.
        subject: a line under the title; may be empty.
        footer: stands at the foot of every page, beside its number.
        watermark: lies across every page, lightly; empty: none.
    """

    title: str
    language: Language
    blocks: Sequence[Block]
    made_at: dt.datetime
    subject: str = ""
    footer: str = ""
    watermark: str = ""


def render(document: Document) -> bytes:
    """Return the document as PDF. What no font has is shown as a box, never an error."""
    draft = drawing.draw(document, pages=None)
    return drawing.draw(document, pages=draft.page_no()).output_bytes()


async def rendered(document: Document) -> bytes:
    """Return the document as PDF, drawn in a thread: it takes up to some tenths of a second."""
    return await asyncio.to_thread(render, document)
