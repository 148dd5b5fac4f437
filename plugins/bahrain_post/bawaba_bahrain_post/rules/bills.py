"""What every bill of the post has in common."""

from __future__ import annotations

from collections.abc import Sequence

from bawaba.money import format_fils
from bawaba.text import Text

from bawaba_bahrain_post.domain import Line


def bill_id(raw: str, customs: int) -> str:
    """Return the id of a bill of which ``customs`` fils belong to customs.

    The share stands in the id because the books are described from a settled item alone, without
    a look at any row. It never changes: a bill that is assessed anew is another bill.
    """
    return f"{raw}-{customs}" if customs else raw


def customs_share(bill_id: str) -> int:
    """Return how many fils of a bill belong to customs."""
    _, _, share = bill_id.partition("-")
    return int(share) if share.isdigit() else 0


def in_words(lines: Sequence[Line]) -> Text:
    """Return a bill's lines as one explanation."""
    return Text(
        " ".join(f"{line.words.en.rstrip('.')}: BHD {format_fils(line.fils)}." for line in lines),
        " ".join(
            f"{line.words.ar.removesuffix('.')}: {format_fils(line.fils)} د.ب." for line in lines
        ),
    )
