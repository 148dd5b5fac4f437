"""The desk's lists: an agency's cases with filters and search, what is offered to it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bawaba import db, runtime
from bawaba.errors import BadInput
from bawaba.paging import Page, keyset_page
from bawaba.text import Text
from bawaba.viewer import Viewer
from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from bawaba_tawasul.domain import TawasulClockState, TawasulStatus
from bawaba_tawasul.models import TawasulCase
from bawaba_tawasul.rules.texts import agency_mark, searched
from bawaba_tawasul.services.cases import COLUMNS

Row = Mapping[str, Any]
MAX_FOUND = 500
"""A search looks at the newest this many matches."""
WINDOW = 20_000
"""How many of the newest cases a search of history looks at first."""
MAX_FILTER = 50


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """What a queue shows; empty fields filter nothing. Without ``statuses``: open cases."""

    statuses: Sequence[TawasulStatus] | None = None
    categories: Sequence[str] | None = None
    clock_states: Sequence[TawasulClockState] | None = None
    assigned_to_me: bool = False
    unassigned: bool = False
    text: str | None = None


@dataclass(frozen=True, slots=True)
class CaseOrder:
    """By which column, and whether from the largest."""

    column: str = "due_at"
    descending: bool = False


async def queue(  # noqa: PLR0913, PLR0917  what a list needs
    viewer: Viewer, agency: str, asked: CaseFilter, order: CaseOrder, first: int, after: str | None
) -> Page:
    """Return a page of the agency's cases; in one statement, two with a search.

    Raises:
        Forbidden: the viewer does not stand at the agency's desk.
        BadInput: a filter is too long, or the page.
    """
    viewer.require("tawasul.desk", agency)
    query = await _filtered(viewer, TawasulCase.filter(agency=agency), agency, asked)
    sign = "-" if order.descending else ""
    return await keyset_page(
        query,
        order=(f"{sign}{order.column}", f"{sign}id"),
        first=first,
        after=after,
        columns=COLUMNS,
    )


async def _filtered(
    viewer: Viewer, query: QuerySet[TawasulCase], agency: str, asked: CaseFilter
) -> QuerySet[TawasulCase]:
    lists = (asked.statuses, asked.categories, asked.clock_states)
    if any(given is not None and len(given) > MAX_FILTER for given in lists):
        raise BadInput(Text("A filter may name 50 at most.", "لا يجوز أن تتجاوز التصفية 50 قيمة."))
    if asked.statuses is None:
        query = query.filter(stopped_at=None)
    else:
        query = query.filter(status__in=[status.value for status in asked.statuses])
    if asked.categories is not None:
        query = query.filter(category__in=list(asked.categories))
    if asked.clock_states is not None:
        at = runtime.now()
        query = query.filter(_any([_clock(state, at) for state in asked.clock_states]))
    if asked.assigned_to_me:
        query = query.filter(assignee_id=viewer.person())
    if asked.unassigned:
        query = query.filter(assignee_id=None)
    if asked.text is not None:
        found = await search(agency, asked.text, only_open=asked.statuses is None)
        query = query.filter(id__in=found)
    return query


def _any(conditions: Sequence[Q]) -> Q:
    return Q(*conditions, join_type="OR") if conditions else Q(id__in=[])


def _clock(state: TawasulClockState, at: dt.datetime) -> Q:
    """Return the condition that the clock stands so at ``at``."""
    running = Q(stopped_at=None) & (Q(paused_at=None) | Q(pause_ends_at__lte=at))
    if state is TawasulClockState.STOPPED:
        return Q(stopped_at__isnull=False)
    if state is TawasulClockState.PAUSED:
        return Q(stopped_at=None, paused_at__isnull=False, pause_ends_at__gt=at)
    if state is TawasulClockState.OVERDUE:
        return running & Q(due_at__lt=at)
    return running & Q(due_at__gte=at)


async def search(agency: str, text: str, *, only_open: bool) -> list[str]:
    """Return the ids of the agency's cases with every word of the text, 500 newest at most.

    Among open cases words may be given by their beginning; among all of history, whole.
    """
    words = searched(text)
    if not words:
        return []
    marked = [agency_mark(agency), *words]
    if only_open:
        return await _matches(marked, MAX_FOUND, only_open=True)
    return await _newest_matches(marked, MAX_FOUND)


async def _newest_matches(words: Sequence[str], limit: int) -> list[str]:
    """Look among the newest cases first; then as far back as ``limit`` matches should lie.

    So the matches that are read do not grow with history, however common the word.
    """
    rows = await db.fetch("SELECT COALESCE(MAX(number), 0) AS newest FROM tawasul_words")
    newest, window = int(rows[0]["newest"]), WINDOW
    while True:
        found = await _matches(words, limit, only_open=False, above=newest - window)
        if len(found) == limit or window >= newest:
            return found
        window = 2 * window * limit // len(found) if found else newest


async def _matches(
    words: Sequence[str], limit: int, *, only_open: bool, above: int = 0
) -> list[str]:
    """Return the ids of the newest cases that match, of those whose number is above one."""
    condition = db.matching("tawasul_words", "number", "words", "$1")
    among = "is_open AND " if only_open else ""
    rows = await db.fetch(
        f"SELECT case_id FROM tawasul_words WHERE {among}number > $2 AND {condition} "  # noqa: S608  own words only
        f"ORDER BY number DESC LIMIT {limit:d}",
        db.word_query(words, every=True, prefixes=only_open),
        above,
    )
    return [row["case_id"] for row in rows]


async def similar(viewer: Viewer, agency: str, category: str, text: str) -> Sequence[Row]:
    """Return open cases of the category that others submitted, most like ``text`` first.

    Those whose submitter hides are left out, and the viewer's own.
    """
    words = searched(text)
    if not words:
        return []
    scores: dict[str, int] = {}
    for word in words:
        for found in await _matches([agency_mark(agency), word], MAX_FILTER, only_open=True):
            scores[found] = scores.get(found, 0) + 1
    rows = await TawasulCase.filter(
        id__in=list(scores), agency=agency, category=category, stopped_at=None, hide_identity=False
    ).values("id", "reference", "subject", "status", "submitted_at", "followers", "submitter_id")
    others = [row for row in rows if row["submitter_id"] != viewer.person_id]
    others.sort(key=lambda row: (-scores[row["id"]], row["submitted_at"], row["id"]))
    return others


async def own(viewer: Viewer, first: int, after: str | None) -> Page:
    """Return a page of the cases that the viewer submitted, newest first."""
    query = TawasulCase.filter(submitter_id=viewer.person())
    return await keyset_page(
        query, order=("-submitted_at", "-id"), first=first, after=after, columns=COLUMNS
    )


async def offered(viewer: Viewer, agency: str, first: int, after: str | None) -> Page:
    """Return a page of the cases that other agencies offer to this one.

    Raises:
        Forbidden: the viewer does not stand at the agency's desk.
    """
    viewer.require("tawasul.desk", agency)
    query = TawasulCase.filter(transfer_to=agency)
    return await keyset_page(query, order=("id",), first=first, after=after, columns=COLUMNS)


async def in_arbitration(first: int, after: str | None) -> Page:
    """Return a page of the cases that wait for the arbiter, oldest first."""
    query = TawasulCase.filter(status=TawasulStatus.IN_ARBITRATION.value)
    return await keyset_page(
        query, order=("submitted_at", "id"), first=first, after=after, columns=COLUMNS
    )


__all__ = [
    "CaseFilter",
    "CaseOrder",
    "in_arbitration",
    "offered",
    "own",
    "queue",
    "search",
    "similar",
]
