"""The scalars of the schema, each with its specification."""

from __future__ import annotations

import datetime as dt
import decimal
from typing import Any, NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition

from bawaba.money import MAX_FILS
from bawaba.text import both

__all__ = ["SCALARS", "Decimal3"]

_MAX_DIGITS = 32


def _decimal(value: Any) -> decimal.Decimal:
    if not isinstance(value, str | int) or isinstance(value, bool) or len(str(value)) > _MAX_DIGITS:
        raise ValueError('Decimal is a string such as "12.500"')
    try:
        number = decimal.Decimal(value)
    except decimal.InvalidOperation:
        raise ValueError('Decimal is a string such as "12.500"') from None
    if not number.is_finite() or abs(number) > MAX_FILS:
        raise ValueError("Decimal is out of range")
    return number


def _instant(value: Any) -> dt.datetime:
    try:
        instant = dt.datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError('DateTime is an RFC 3339 instant such as "2026-01-31T09:30:00Z"') from None
    if instant.tzinfo is None:
        raise ValueError('DateTime needs an offset, e.g. "Z"')
    return instant.astimezone(dt.UTC)


def _show_instant(value: dt.datetime) -> str:
    return value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")


def _date(value: Any) -> dt.date:
    try:
        return dt.date.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError('Date is an ISO 8601 day such as "2026-01-31"') from None


def _time(value: Any) -> dt.time:
    try:
        return dt.time.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError('Time is an ISO 8601 time of day such as "07:30:00"') from None


Decimal3 = NewType("Decimal3", decimal.Decimal)
"""A decimal number as a string; annotate money arguments and fields with it."""

SCALARS: dict[object, ScalarDefinition] = {
    Decimal3: strawberry.scalar(
        name="Decimal",
        description=both(
            'A decimal number as a string, never a float, e.g. "12.500".',
            'عدد عشري على هيئة نص، مثل "12.500".',
        ),
        specified_by_url="https://scalars.graphql.org/chillicream/decimal.html",
        serialize=str,
        parse_value=_decimal,
    ),
    dt.datetime: strawberry.scalar(
        name="DateTime",
        description=both(
            "An instant in UTC, RFC 3339.", "لحظة زمنية بالتوقيت العالمي وفق RFC 3339."
        ),
        specified_by_url="https://scalars.graphql.org/andimarek/date-time.html",
        serialize=_show_instant,
        parse_value=_instant,
    ),
    dt.date: strawberry.scalar(
        name="Date",
        description=both("A calendar day, ISO 8601.", "يوم تقويمي وفق ISO 8601."),
        specified_by_url="https://scalars.graphql.org/andimarek/local-date.html",
        serialize=dt.date.isoformat,
        parse_value=_date,
    ),
    dt.time: strawberry.scalar(
        name="Time",
        description=both("A time of day, ISO 8601.", "وقت من اليوم وفق ISO 8601."),
        specified_by_url="https://scalars.graphql.org/andimarek/local-time.html",
        serialize=dt.time.isoformat,
        parse_value=_time,
    ),
}
"""Python type to definition of its scalar, for the composed schema."""
