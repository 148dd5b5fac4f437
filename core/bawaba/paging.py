"""Keyset pages: bounded, stable under inserts, the same cost on page one and page thousand."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from bawaba.errors import BadInput
from bawaba.text import Text

__all__ = ["MAX_PAGE", "Page", "bounded", "cursor_of", "keyset_page", "page_of", "read_cursor"]

_MAX_CURSOR = 1024
"""Longer than any cursor made here."""
MAX_PAGE = 100
"""The largest ``first`` of any connection."""


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of one page, their cursors, and how to count the whole list."""

    rows: Sequence[Mapping[str, Any]]
    cursors: Sequence[str]
    has_next: bool
    has_previous: bool
    total: Callable[[], Awaitable[int]] | int = field(default=0)


def bounded(first: int) -> int:
    """Return ``first``.

    Raises:
        BadInput: not 1 to 100.
    """
    if not 1 <= first <= MAX_PAGE:
        raise BadInput(
            Text("`first` must be 1 to 100.", "يجب أن تكون قيمة `first` من 1 إلى 100."),
            argument="first",
        )
    return first


def cursor_of(values: Sequence[Any]) -> str:
    """Return an opaque cursor holding ``values`` (JSON; instants as ISO 8601)."""
    return base64.urlsafe_b64encode(orjson.dumps(list(values))).decode().rstrip("=")


def read_cursor(cursor: str, size: int) -> list[Any]:
    """Return the ``size`` values of a cursor.

    Raises:
        BadInput: not a cursor of this list.
    """
    padded = cursor[:_MAX_CURSOR] + "=" * (-len(cursor) % 4)
    try:
        values = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        values = None
    scalar = (str, int, float)
    if (
        not isinstance(values, list)
        or len(values) != size
        or not all(isinstance(v, scalar) for v in values)
    ):
        raise BadInput(
            Text("`after` is not a cursor of this list.", "قيمة `after` ليست مؤشراً لهذه القائمة.")
        )
    return values


async def keyset_page(
    query: QuerySet[Any],
    *,
    order: Sequence[str],
    first: int,
    after: str | None,
    columns: Sequence[str],
) -> Page:
    """Return one page of ``query`` as plain rows of ``columns``, in one statement.

    Args:
        order: field names, ``-`` for descending; the last must be unique. Instants, text and
            integers, none of them null.
        columns: what to select; the fields of ``order`` are added.

    Raises:
        BadInput: ``first`` out of 1..100, or ``after`` of another list.
    """
    bounded(first)
    names = [name.removeprefix("-") for name in order]
    page = query.order_by(*order)
    if after is not None:
        page = page.filter(_beyond(query, order, read_cursor(after, len(order))))
    rows = await page.limit(first + 1).values(*dict.fromkeys([*columns, *names]))
    shown = rows[:first]
    return Page(
        rows=shown,
        cursors=[cursor_of([row[name] for name in names]) for row in shown],
        has_next=len(rows) > first,
        has_previous=after is not None,
        total=query.count,
    )


def _beyond(query: QuerySet[Any], order: Sequence[str], values: Sequence[Any]) -> Q:
    """Return ``(a, b) > (x, y)`` spelled out: ``a > x or (a = x and b > y)``."""
    clause: Q | None = None
    for name, value in reversed(list(zip(order, values, strict=True))):
        column, operator = (name[1:], "lt") if name.startswith("-") else (name, "gt")
        kind = query.model._meta.fields_map[column].field_type  # noqa: SLF001
        typed = _typed(value, kind)
        further = Q(**{f"{column}__{operator}": typed})
        clause = further if clause is None else further | (Q(**{column: typed}) & clause)
    if clause is None:
        raise ValueError("keyset_page needs an order")
    return clause


def _typed(value: Any, kind: Any) -> Any:
    try:
        if kind is dt.datetime:
            return dt.datetime.fromisoformat(value)
        if kind is dt.date:
            return dt.date.fromisoformat(value)
        return kind(value)
    except (TypeError, ValueError):
        raise BadInput(
            Text("`after` is not a cursor of this list.", "قيمة `after` ليست مؤشراً لهذه القائمة.")
        ) from None


def page_of(
    items: Sequence[Any], *, first: int, after: str | None, key: Callable[[Any], str]
) -> tuple[list[Any], Page]:
    """Return one page of a short list that is in memory whole, cut by each item's unique ``key``.

    Raises:
        BadInput: ``first`` out of 1..100, or ``after`` of another list.
    """
    bounded(first)
    start = 0
    if after is not None:
        last = read_cursor(after, 1)[0]
        places = {key(item): index for index, item in enumerate(items)}
        if last not in places:
            raise BadInput(
                Text(
                    "`after` is not a cursor of this list.", "قيمة `after` ليست مؤشراً لهذه القائمة."
                )
            )
        start = places[last] + 1
    shown = list(items[start : start + first])
    page = Page(
        rows=[{} for _ in shown],
        cursors=[cursor_of([key(item)]) for item in shown],
        has_next=start + first < len(items),
        has_previous=start > 0,
        total=len(items),
    )
    return shown, page
