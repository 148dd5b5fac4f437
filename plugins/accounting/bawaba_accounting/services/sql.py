"""Set-based statements that both databases understand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import orjson
from bawaba import db

__all__ = [
    "Insertion",
    "among",
    "assign",
    "day",
    "for_update",
    "insert",
    "instant",
    "last_posting",
    "listed",
    "portions",
]

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


def last_posting(account: str, upto: str = str(2**63 - 1)) -> str:
    """Return an expression: the position of the account's last posting at or before ``upto``.

    Where the account has none it is another account's, so compare the account too. Written as a
    comparison of pairs, since PostgreSQL otherwise walks back through the postings of all accounts
    until it meets one of this account, and through all of them for an account without any.
    """
    return (
        "(SELECT q.position FROM accounting_posting q "  # noqa: S608
        f"WHERE (q.account, q.position) <= ({account}, {upto}) "
        "ORDER BY q.account DESC, q.position DESC LIMIT 1)"
    )


def day(value: Any) -> dt.date:
    """Return a day that a raw statement gave, which SQLite gives as text."""
    return value if isinstance(value, dt.date) else dt.date.fromisoformat(value)


def instant(value: Any) -> dt.datetime | None:
    """Return an instant that a raw statement gave, which SQLite gives as text."""
    return dt.datetime.fromisoformat(value) if isinstance(value, str) else value


def for_update() -> str:
    """Return what makes a raw SELECT lock its rows; on SQLite a transaction has them all."""
    return "" if db.dialect() == "sqlite" else "FOR UPDATE"


class Insertion(NamedTuple):
    """Rows to be inserted.

    ``columns`` maps names to PostgreSQL types, in the order of each row; ``conflict`` is an
    ``ON CONFLICT`` clause.
    """

    table: str
    columns: Mapping[str, str]
    rows: Sequence[Sequence[Any]]
    conflict: str = ""

    def parts(self, size: int) -> list[Insertion]:
        """Return insertions of at most ``size`` rows each."""
        rows = self.rows
        return [self._replace(rows=rows[n : n + size]) for n in range(0, len(rows), size)]

    def as_arrays(self, first: int = 1) -> tuple[str, list[list[Any]]]:
        """Return PostgreSQL's statement, a parameter a column from ``$first`` on, and these."""
        arrays = ", ".join(
            f"${place}::{kind}[]" for place, kind in enumerate(self.columns.values(), first)
        )
        names = ", ".join(f'"{name}"' for name in self.columns)
        selected = f"SELECT * FROM unnest({arrays}) {self.conflict}"  # noqa: S608  own words only
        statement = f"INSERT INTO {self.table} ({names}) {selected}"
        return statement, [list(column) for column in zip(*self.rows, strict=True)]


async def insert(rows: Insertion) -> None:
    """Insert by one statement on PostgreSQL, and one prepared statement on SQLite."""
    if not rows.rows:
        return
    if db.dialect() == "sqlite":
        names = ", ".join(f'"{name}"' for name in rows.columns)
        places = ", ".join(f"${place}" for place in range(1, len(rows.columns) + 1))
        values = f"VALUES ({places}) {rows.conflict}"
        await db.execute_many(f"INSERT INTO {rows.table} ({names}) {values}", rows.rows)
        return
    statement, arrays = rows.as_arrays()
    await db.fetch(statement, *arrays)


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
