"""What operators may read of the log: metadata, never what letters say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bawaba.host.correspondence.domain import PLATFORM, LetterDirection
from bawaba.host.correspondence.models import LetterEntry
from bawaba.paging import Page, keyset_page
from bawaba.viewer import Viewer

READ = "correspondence.read"
COLUMNS = (
    *("number", "at", "direction", "agency", "kind", "key", "message_id", "correlation_id"),
    *("body_sha256", "receipt_sha256", "repeated"),
)


async def page_of_letters(
    first: int, after: str | None, agency: str | None, direction: LetterDirection | None
) -> Page:
    """Return a page of the platform's log, newest first."""
    query = LetterEntry.filter(keeper=PLATFORM)
    if agency is not None:
        query = query.filter(agency=agency)
    if direction is not None:
        query = query.filter(direction=direction.value)
    return await keyset_page(query, order=("-number",), first=first, after=after, columns=COLUMNS)


async def seen_letters(viewer: Viewer, ids: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
    """Return the rows among ``ids`` (numbers) that the viewer may see."""
    if not viewer.can(READ):
        return {}
    numbers = [int(id_) for id_ in ids if id_.isdecimal() and len(id_) < 19]  # noqa: PLR2004
    query = LetterEntry.filter(keeper=PLATFORM, number__in=numbers)
    return {str(row["number"]): row for row in await query.values(*COLUMNS)}
