"""The lines of a bill as they are kept: JSON, frozen when the bill is taken."""

from __future__ import annotations

from collections.abc import Sequence

import orjson
from bawaba.text import Text

from bawaba_payments_ewa.domain import MAX_LINES, EwaLineKind, Line

_ARREARS = Text("Brought forward: arrears", "رصيد مرحّل: متأخرات")
_CREDIT = Text("Brought forward: credit", "رصيد مرحّل: رصيد دائن")
_WHY = Text(
    "The balance of the account when this bill was issued.",
    "رصيد الحساب عند إصدار هذه الفاتورة.",
)


def brought_forward(fils: int) -> Line:
    """Return the line that carries the account's balance onto a new bill; negative: a credit."""
    return Line(EwaLineKind.BROUGHT_FORWARD, _ARREARS if fils > 0 else _CREDIT, fils, _WHY)


def write(lines: Sequence[Line]) -> str:
    """Return lines as JSON.

    Raises:
        ValueError: there are more than 60.
    """
    if len(lines) > MAX_LINES:
        raise ValueError("a bill has too many lines")
    return orjson.dumps(
        [
            {
                "kind": line.kind.value,
                "en": line.description.en,
                "ar": line.description.ar,
                "fils": line.fils,
                "why_en": line.explanation.en,
                "why_ar": line.explanation.ar,
                "quantity": line.quantity,
                "unit": line.unit,
            }
            for line in lines
        ]
    ).decode()


def read(kept: str) -> list[Line]:
    """Return the lines that :func:`write` wrote."""
    return [
        Line(
            EwaLineKind(each["kind"]),
            Text(each["en"], each["ar"]),
            each["fils"],
            Text(each["why_en"], each["why_ar"]),
            each["quantity"],
            each["unit"],
        )
        for each in orjson.loads(kept)
    ]
