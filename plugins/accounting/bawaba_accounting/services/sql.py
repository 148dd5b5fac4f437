"""Set-based statements that both databases understand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

import orjson
from bawaba import db

__all__ = ["among", "assign", "day", "insert", "listed", "portions"]

T = TypeVar("T")


def portions(values: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Yield ``values`` in order, ``size`` at a time."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


def among(column: str, placeholder: str, kind: str = "text") -> str:
    """Return a condition: ``column`` is one of the values that :func:`listed` packed.

    One parameter whatever the number of values, so that the statement is prepared once.
    """
    if db.dialect() == "sqlite":
        return f"{column} IN (SELECT value FROM json_each({placeholder}))"  # noqa: S608
    return f"{column} = ANY({placeholder}::{kind}[])"


def listed(values: Sequence[Any]) -> Any:
    """Return ``values`` as the one parameter of :func:`among`."""
    return orjson.dumps(list(values)).decode() if db.dialect() == "sqlite" else list(values)


def day(value: Any) -> dt.date:
    """Return a day that a raw statement gave, which SQLite gives as text."""
    return value if isinstance(value, dt.date) else dt.date.fromisoformat(value)


async def insert(
    table: str, columns: Mapping[str, str], rows: Sequence[Sequence[Any]], conflict: str = ""
) -> None:
    """Insert ``rows`` by one statement on PostgreSQL, and one prepared statement on SQLite.

    ``columns`` maps names to PostgreSQL types, in the order of each row; ``conflict`` is an
    ``ON CONFLICT`` clause.
    """
    if not rows:
        return
    names = ", ".join(f'"{name}"' for name in columns)
    places = [f"${place}" for place in range(1, len(columns) + 1)]
    if db.dialect() == "sqlite":
        values = f"VALUES ({', '.join(places)})"
        await db.execute_many(f"INSERT INTO {table} ({names}) {values} {conflict}", rows)
        return
    arrays = ", ".join(
        f"{place}::{kind}[]" for place, kind in zip(places, columns.values(), strict=True)
    )
    statement = f"INSERT INTO {table} ({names}) SELECT * FROM unnest({arrays}) {conflict}"  # noqa: S608
    await db.fetch(statement, *(list(column) for column in zip(*rows, strict=True)))


async def assign(table: str, column: str, values: Sequence[tuple[str, str]]) -> None:
    """Set ``column`` of the rows with these ids: (id, value), by one statement on PostgreSQL."""
    if not values:
        return
    if db.dialect() == "sqlite":
        statement = f'UPDATE {table} SET "{column}" = $2 WHERE id = $1'  # noqa: S608
        await db.execute_many(statement, values)
        return
    await db.execute(
        f'UPDATE {table} t SET "{column}" = v.value '  # noqa: S608
        "FROM (SELECT unnest($1::text[]) AS id, unnest($2::text[]) AS value) v WHERE t.id = v.id",
        *(list(side) for side in zip(*values, strict=True)),
    )
