"""The sandbox's settlement file: written and read, see the README beside the package.

CSV in UTF-8. The first field of a row says what the row is; the last row counts the others, so that
a file that was cut short is noticed. References begin with a letter or a digit and hold nothing
else than letters, digits and ``._:/-``: no field can be a formula.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from bawaba.money import fils_of, format_fils
from bawaba.settlement import (
    MAX_LINES,
    LineKind,
    Payout,
    Settlement,
    SettlementLine,
    SettlementUnreadable,
)

from bawaba_gateway_sandbox.domain import Spoil

__all__ = ["FORMAT", "MAX_ROW", "fee_of", "payout_of", "read", "rows_of", "spoiled", "text_of"]

FORMAT = "sandbox-settlement-1"
MAX_ROW = 1024
"""The longest row, in bytes."""
_TEXT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}", re.ASCII)
_SIZES = {"FILE": 5, "LINE": 9, "PAYOUT": 5, "END": 3}


def fee_of(kind: LineKind, fils: int, per_mille: int, fixed: int) -> int:
    """Return the fee in fils for a line: on captures alone, rounded half up."""
    if kind is not LineKind.CAPTURE:
        return 0
    return (fils * per_mille + 500) // 1000 + fixed


def payout_of(lines: Sequence[SettlementLine], day: dt.date) -> Payout:
    """Return the payout of a day: its lines less their fees, paid on the next day."""
    fils = sum(line.fils - line.fee_fils for line in lines)
    return Payout(f"PO-{day:%Y%m%d}", fils, day + dt.timedelta(days=1), f"BNK-{day:%Y%m%d}")


def rows_of(said: Settlement) -> Iterator[list[str]]:
    """Yield the rows of a file."""
    day = said.settled_on.isoformat()
    yield ["FILE", FORMAT, said.file_reference, str(said.revision), day]
    for line in said.lines:
        yield [
            "LINE",
            line.kind.value,
            line.gateway_reference,
            line.payment_id or "",
            line.refund_id or "",
            format_fils(line.fils),
            format_fils(line.fee_fils),
            line.occurred_at.isoformat(),
            line.payout or "",
        ]
    for payout in said.payouts:
        paid_on = payout.paid_on.isoformat()
        amount = format_fils(payout.fils)
        yield ["PAYOUT", payout.reference, amount, paid_on, payout.bank_reference]
    total = sum(line.fils for line in said.lines)
    yield ["END", str(len(said.lines) + len(said.payouts)), format_fils(total)]


def text_of(rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """Yield each row as CSV."""
    for row in rows:
        buffer = io.StringIO()
        csv.writer(buffer, lineterminator="\n").writerow(row)
        yield buffer.getvalue().encode()


def read(gateway: str, body: bytes) -> Settlement:
    """Return what a file says.

    Raises:
        SettlementUnreadable: malformed or cut short; says where and why.
    """
    lines: list[SettlementLine] = []
    payouts: list[Payout] = []
    head: list[str] | None = None
    ended = False
    for number, row in _rows(body):
        if ended:
            raise SettlementUnreadable("something follows the end", number)
        if (row[0] == "FILE") != (head is None):
            raise SettlementUnreadable("the first row, and only it, is FILE", number)
        if row[0] == "FILE":
            head = row
        elif row[0] == "LINE":
            lines.append(_line(number, row))
        elif row[0] == "PAYOUT":
            payouts.append(_payout(number, row))
        else:
            _check_end(number, row, lines, payouts)
            ended = True
    if head is None or not ended:
        raise SettlementUnreadable("it is cut short: there is no END")
    return _settlement(gateway, head, lines, payouts)


def _rows(body: bytes) -> Iterator[tuple[int, list[str]]]:
    for number, raw in enumerate(io.BytesIO(body), start=1):
        if number > MAX_LINES + 2:
            raise SettlementUnreadable(f"more than {MAX_LINES:,} lines")
        if len(raw) > MAX_ROW:
            raise SettlementUnreadable(f"longer than {MAX_ROW} bytes", number)
        try:
            row = next(csv.reader([raw.decode().rstrip("\r\n")], strict=True), [])
        except (UnicodeDecodeError, csv.Error):
            raise SettlementUnreadable("not CSV in UTF-8", number) from None
        if not row or len(row) != _SIZES.get(row[0]):
            raise SettlementUnreadable("not a FILE, LINE, PAYOUT or END", number)
        yield number, row


def _line(number: int, row: Sequence[str]) -> SettlementLine:
    _, kind, reference, payment, refund, amount, fee, at, payout = row
    if kind not in LineKind.__members__:
        raise SettlementUnreadable("its kind is unknown", number)
    return SettlementLine(
        number=number,
        kind=LineKind(kind),
        gateway_reference=_text(number, reference),
        fils=_fils(number, amount),
        fee_fils=_fils(number, fee),
        occurred_at=_instant(number, at),
        payment_id=_text(number, payment) if payment else None,
        refund_id=_text(number, refund) if refund else None,
        payout=_text(number, payout) if payout else None,
    )


def _payout(number: int, row: Sequence[str]) -> Payout:
    _, reference, amount, paid_on, bank = row
    return Payout(
        _text(number, reference), _fils(number, amount), _day(number, paid_on), _text(number, bank)
    )


def _check_end(
    number: int, row: Sequence[str], lines: Sequence[SettlementLine], payouts: Sequence[Payout]
) -> None:
    if row[1] != str(len(lines) + len(payouts)):
        raise SettlementUnreadable("END counts other rows than there are", number)
    if row[2] != format_fils(sum(line.fils for line in lines)):
        raise SettlementUnreadable("END has another sum than the lines", number)


def _settlement(
    gateway: str, head: Sequence[str], lines: Sequence[SettlementLine], payouts: Sequence[Payout]
) -> Settlement:
    _, form, reference, revision, day = head
    if form != FORMAT:
        raise SettlementUnreadable(f"not in the format {FORMAT}", 1)
    if not re.fullmatch(r"[1-9][0-9]{0,5}", revision, re.ASCII):
        raise SettlementUnreadable("its revision is no number from 1", 1)
    return Settlement(
        gateway, _day(1, day), _text(1, reference), lines, payouts, revision=int(revision)
    )


def _text(number: int, text: str) -> str:
    if not _TEXT.fullmatch(text):
        raise SettlementUnreadable("a reference is not usable", number)
    return text


def _fils(number: int, text: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,12}\.[0-9]{3}", text, re.ASCII):
        raise SettlementUnreadable("an amount is not like 12.500", number)
    return fils_of(text)


def _day(number: int, text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise SettlementUnreadable("a day is not like 2026-03-01", number) from None


def _instant(number: int, text: str) -> dt.datetime:
    try:
        at = dt.datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise SettlementUnreadable("an instant is not ISO 8601 with its offset", number)
    return at


def spoiled(said: Settlement, how: Spoil) -> Settlement:
    """Return a file with one fault, for trying what is noticed; an empty one stays as it is.

    The payout follows the lines, but where it is itself the fault.
    """
    if not said.lines or not said.payouts:
        return said
    first, *rest = said.lines
    if how is Spoil.PAYOUT:
        short = replace(said.payouts[0], fils=said.payouts[0].fils - 1000)
        return replace(said, payouts=[short])
    lines = {
        Spoil.MISSING: rest,
        Spoil.AMOUNT: [replace(first, fils=first.fils * 2), *rest],
        Spoil.UNKNOWN: [
            *said.lines,
            replace(first, gateway_reference="unknown", payment_id=None, refund_id=None),
        ],
        Spoil.DUPLICATE: [*said.lines, first],
        Spoil.FEE: [replace(first, fee_fils=first.fee_fils + 100), *rest],
    }[how]
    numbered = [replace(line, number=place) for place, line in enumerate(lines, start=2)]
    payouts = [payout_of(numbered, said.settled_on)] if numbered else []
    return replace(said, lines=numbered, payouts=payouts)
