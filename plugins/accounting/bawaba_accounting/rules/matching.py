"""Lines of settlement files against what the books say: a function of both sets, in any order.

Everything about one parcel (a payment, or a reference that no payment has) is paired at once, so
that files that come late, twice or shuffled lead to the same result.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bawaba.settlement import LineKind

from bawaba_accounting.domain.settlement import DifferenceKind, Entry, Found, Line, LineStatus

__all__ = ["Pairing", "Window", "changed_days", "family", "pair"]

_REFUNDS = {LineKind.REFUND.value, LineKind.REFUND_REVERSED.value}
_CAPTURES = {LineKind.CAPTURE.value, "SETTLEMENT", "SUSPENSE"}
Window = tuple[dt.date, dt.date] | None
"""First and last day of a gateway's live files; None: there are none."""


@dataclass(slots=True)
class Pairing:
    """Who names what. ``names``: entry id to line id; ``statuses``: of every line, by id."""

    names: dict[str, str] = field(default_factory=dict)
    statuses: dict[str, LineStatus] = field(default_factory=dict)
    found: list[Found] = field(default_factory=list)


def family(kind: str) -> str:
    """Return which lines and journals can mean the same, by the kind of either.

    Disputes and whatever else moves money are one family: gateways and books count their steps
    differently, so that sign and amount decide.
    """
    if kind in _CAPTURES:
        return "CAPTURE"
    if kind in _REFUNDS:
        return "REFUND"
    return "FEE" if kind == LineKind.FEE.value else "OTHER"


def pair(parcel: str, lines: Sequence[Line], entries: Sequence[Entry], window: Window) -> Pairing:
    """Pair the lines and entries of one parcel.

    An entry that no line names is missing where its file is due, that is within the window.
    """
    result = Pairing()
    work = _Parcel(parcel, result)
    by_family: dict[str, tuple[list[Line], list[Entry]]] = {}
    for line in sorted(lines, key=lambda line: (line.order, line.id)):
        by_family.setdefault(family(line.kind), ([], []))[0].append(line)
    for entry in sorted(entries, key=lambda entry: (entry.due_on, entry.id)):
        by_family.setdefault(family(entry.kind), ([], []))[1].append(entry)
    for name, (said, booked) in sorted(by_family.items()):
        if name == "FEE":
            result.statuses |= {line.id: LineStatus.MATCHED for line in said}
        else:
            work.family(said, booked, window)
    work.fees(lines)
    return result


def changed_days(before: Window, after: Window) -> list[tuple[dt.date, dt.date]]:
    """Return the days, as (first, last), that are in one window and not in the other."""
    if before is None or after is None:
        return [days for days in (before, after) if days is not None]
    day = dt.timedelta(days=1)
    low, high = sorted((before[0], after[0])), sorted((before[1], after[1]))
    spans = [(low[0], low[1] - day), (high[0] + day, high[1])]
    return [(first, last) for first, last in spans if first <= last]


@dataclass(slots=True)
class _Parcel:
    name: str
    result: Pairing
    counts: dict[str, int] = field(default_factory=dict)

    def family(self, lines: list[Line], entries: list[Entry], window: Window) -> None:
        taken: list[Line] = []
        for agrees in (_exactly, _same_amount):
            for line, entry in _pairs(lines, entries, agrees):
                self._name(line, entry, LineStatus.MATCHED)
                taken.append(line)
        for line in [line for line in lines if any(_copy(line, other) for other in taken)]:
            lines.remove(line)
            self.result.statuses[line.id] = LineStatus.DUPLICATE
            self._line(DifferenceKind.DUPLICATE_LINE, line, 0, line.fils)
        for agrees in (_same_refund, _possible):
            for line, entry in _pairs(lines, entries, agrees):
                self._name(line, entry, LineStatus.DIFFERENT)
                self._differs(line, entry)
        for line in lines:
            self.result.statuses[line.id] = LineStatus.UNKNOWN
            self._line(DifferenceKind.MISSING_IN_BOOKS, line, 0, line.fils)
        for entry in entries:
            if window is not None and window[0] <= entry.due_on <= window[1]:
                self._missing(entry)

    def fees(self, lines: Sequence[Line]) -> None:
        """Compare fees with what was agreed, but for lines that should not stand at all."""
        for line in sorted(lines, key=lambda line: (line.order, line.id)):
            duplicate = self.result.statuses[line.id] is LineStatus.DUPLICATE
            if line.agreed_fee is not None and line.fee != line.agreed_fee and not duplicate:
                self._line(DifferenceKind.FEE_DIFFERS, line, line.agreed_fee, line.fee)

    def _name(self, line: Line, entry: Entry, status: LineStatus) -> None:
        self.result.names[entry.id] = line.id
        self.result.statuses[line.id] = status

    def _line(self, kind: DifferenceKind, line: Line, expected: int, actual: int) -> None:
        """Add a difference of a line, named so that a corrected file's line has the same name."""
        base = f"{kind.value}:{self.name}:{line.kind}:{line.refund_id or ''}"
        number = self.counts[base] = self.counts.get(base, 0) + 1
        self.result.found.append(
            Found(
                kind,
                f"{base}:{number}",
                line.settled_on,
                line.gateway_reference,
                line.payment_id,
                expected,
                actual,
            )
        )

    def _differs(self, line: Line, entry: Entry) -> None:
        kind = DifferenceKind.AMOUNT_DIFFERS
        self.result.found.append(
            Found(
                kind,
                f"{kind.value}:{entry.id}",
                line.settled_on,
                line.gateway_reference,
                entry.payment_id,
                entry.fils,
                line.fils,
            )
        )

    def _missing(self, entry: Entry) -> None:
        kind = DifferenceKind.MISSING_AT_GATEWAY
        self.result.found.append(
            Found(
                kind,
                f"{kind.value}:{entry.id}",
                entry.due_on,
                entry.gateway_reference,
                entry.payment_id,
                entry.fils,
                0,
            )
        )


def _pairs(
    lines: list[Line], entries: list[Entry], agrees: Callable[[Line, Entry], bool]
) -> list[tuple[Line, Entry]]:
    """Take pairs that agree out of both lists, first come, first served."""
    pairs = []
    for line in list(lines):
        entry = next((entry for entry in entries if agrees(line, entry)), None)
        if entry is not None:
            lines.remove(line)
            entries.remove(entry)
            pairs.append((line, entry))
    return pairs


def _exactly(line: Line, entry: Entry) -> bool:
    return line.fils == entry.fils and _same_refund(line, entry)


def _same_amount(line: Line, entry: Entry) -> bool:
    return line.fils == entry.fils and _possible(line, entry)


def _same_refund(line: Line, entry: Entry) -> bool:
    return line.refund_id is not None and line.refund_id == entry.refund_id and _sign(line, entry)


def _possible(line: Line, entry: Entry) -> bool:
    named = line.refund_id is not None and entry.refund_id is not None
    return _sign(line, entry) and not (named and line.refund_id != entry.refund_id)


def _sign(line: Line, entry: Entry) -> bool:
    return (line.fils > 0) == (entry.fils > 0)


def _copy(line: Line, other: Line) -> bool:
    """Return whether a line says again what another one has said."""
    return (line.kind, line.refund_id, line.fils, line.occurred_at, line.gateway_reference) == (
        other.kind,
        other.refund_id,
        other.fils,
        other.occurred_at,
        other.gateway_reference,
    )
