"""Lines of settlement files against what the books say: a function of both sets, in any order.

Everything about one parcel (a payment, or a reference that no payment has) is paired at once, so
that files that come late, twice or shuffled lead to the same result.

A refund may be booked by several journals, go out, come back and go out again, and a gateway may
state it in one line or in one for each movement. What is left after lines and journals were paired
one to one is therefore compared in sum, refund by refund.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from bawaba.settlement import LineKind

from bawaba_accounting.domain.settlement import DifferenceKind, Entry, Found, Line, LineStatus

__all__ = ["Pairing", "Window", "changed_days", "family", "pair"]

_REFUNDS = {LineKind.REFUND.value, LineKind.REFUND_REVERSED.value}
_CAPTURES = {LineKind.CAPTURE.value, "SETTLEMENT", "SUSPENSE"}
Window = tuple[dt.date, dt.date] | None
"""First and last day of a gateway's live files; None: there are none."""


@dataclass(slots=True)
class Pairing:
    """Who names what. ``names``: entry id to line id; ``statuses``: of every line, by id.

    ``parts``: the ids of entries that agree, or differ, together with a named one or in sum alone.
    """

    names: dict[str, str] = field(default_factory=dict)
    parts: set[str] = field(default_factory=set)
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
        self._agree(_pairs(lines, entries, _exactly), taken)
        self._agree(_sums(lines, entries, taken), taken)
        self._agree(_pairs(lines, entries, _same_amount), taken)
        self._agree(_unnamed_sums(lines, entries, taken), taken)
        said = {_wording(line) for line in taken}
        for line in [line for line in lines if _wording(line) in said]:
            lines.remove(line)
            self.result.statuses[line.id] = LineStatus.DUPLICATE
            self._line(DifferenceKind.DUPLICATE_LINE, line, 0, line.fils)
        self._disagree(_halves(lines, entries))
        for agrees in (_same_refund, _possible):
            self._disagree(_pairs(lines, entries, agrees))
        self._agree(_nothings(lines, entries, window), taken)
        for line in lines:
            self.result.statuses[line.id] = LineStatus.UNKNOWN
            self._line(DifferenceKind.MISSING_IN_BOOKS, line, 0, line.fils)
        for entry in entries:
            if _is_due(entry, window):
                self._missing(entry)

    def fees(self, lines: Sequence[Line]) -> None:
        """Compare fees with what was agreed, but for lines that should not stand at all."""
        for line in sorted(lines, key=lambda line: (line.order, line.id)):
            duplicate = self.result.statuses[line.id] is LineStatus.DUPLICATE
            if line.agreed_fee is not None and line.fee != line.agreed_fee and not duplicate:
                self._line(DifferenceKind.FEE_DIFFERS, line, line.agreed_fee, line.fee)

    def _agree(self, groups: Iterable[_Group], taken: list[Line]) -> None:
        for lines, entries in groups:
            self._name(lines, entries, LineStatus.MATCHED)
            taken += lines

    def _disagree(self, groups: Iterable[_Group]) -> None:
        for lines, entries in groups:
            self._name(lines, entries, LineStatus.DIFFERENT)
            self._differs(lines[0], entries)

    def _name(self, lines: Sequence[Line], entries: Sequence[Entry], status: LineStatus) -> None:
        """Have a line name an entry that went the same way; the others are parts."""
        named = next(((x, e) for x in lines for e in entries if _sign(x, e)), None)
        if named is not None:
            self.result.names[named[1].id] = named[0].id
        self.result.parts |= {e.id for e in entries if named is None or e is not named[1]}
        self.result.statuses |= {line.id: status for line in lines}

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

    def _differs(self, line: Line, entries: Sequence[Entry]) -> None:
        kind, entry = DifferenceKind.AMOUNT_DIFFERS, entries[0]
        self.result.found.append(
            Found(
                kind,
                f"{kind.value}:{entry.id}",
                line.settled_on,
                line.gateway_reference,
                entry.payment_id,
                _sum(entries),
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


_Group = tuple[list[Line], list[Entry]]
"""Lines and entries that belong together."""
_Moved = TypeVar("_Moved", Line, Entry)


def _pairs(
    lines: list[Line], entries: list[Entry], agrees: Callable[[Line, Entry], bool]
) -> Iterator[_Group]:
    """Take pairs that agree out of both lists, first come, first served."""
    for line in list(lines):
        entry = next((entry for entry in entries if agrees(line, entry)), None)
        if entry is not None:
            yield _take(lines, entries, [line], [entry])


def _sums(lines: list[Line], entries: list[Entry], taken: Sequence[Line]) -> Iterator[_Group]:
    """Take out of both lists what says the same of a refund in sum: one way, then both ways."""
    told, known = _by_refund(_distinct(lines, taken)), _by_refund(entries)
    for refund in sorted(told.keys() & known.keys()):
        said, booked = told[refund], known[refund]
        for way in _WAYS:
            ours, theirs = _going(way, booked), _going(way, said)
            for some in (*([line] for line in theirs), theirs):
                if some and ours and _sum(some) == _sum(ours):
                    said = [line for line in said if line not in some]
                    booked = [entry for entry in booked if entry not in ours]
                    yield _take(lines, entries, some, ours)
                    break


def _unnamed_sums(
    lines: list[Line], entries: list[Entry], taken: Sequence[Line]
) -> Iterator[_Group]:
    """Take out of both lists lines that name no refund and are one in sum."""
    known = _by_refund(entries)
    for line in [x for x in _distinct(lines, taken) if x.refund_id is None]:
        groups = ((refund, _going(way, known[refund])) for refund in sorted(known) for way in _WAYS)
        for refund, ours in groups:
            if ours and _sum(ours) == line.fils:
                known[refund] = [entry for entry in known[refund] if entry not in ours]
                yield _take(lines, entries, [line], ours)
                break


def _halves(lines: list[Line], entries: list[Entry]) -> Iterator[_Group]:
    """Take out of both lists refunds that one line states, with another amount than journals."""
    told, known = _by_refund(lines), _by_refund(entries)
    for refund in sorted(told.keys() & known.keys()):
        for way in (_is_out, _is_back):
            said, booked = _going(way, told[refund]), _going(way, known[refund])
            if len(said) == 1 and len(booked) > 1:
                yield _take(lines, entries, said, booked)


def _nothings(lines: list[Line], entries: list[Entry], window: Window) -> Iterator[_Group]:
    """Take out what went out and came back, of which the other side says nothing.

    In sum it is nothing. Of entries that holds once all of them are due.
    """
    told, known = _by_refund(lines), _by_refund(entries)
    for refund in sorted(told.keys() | known.keys()):
        said, booked = told.get(refund, []), known.get(refund, [])
        is_told = all(_is_due(entry, window) for entry in booked)
        if (not said or not booked) and is_told and _sum(said) == _sum(booked):
            yield _take(lines, entries, said, booked)


def _take(lines: list[Line], entries: list[Entry], said: list[Line], booked: list[Entry]) -> _Group:
    for line in said:
        lines.remove(line)
    for entry in booked:
        entries.remove(entry)
    return said, booked


def _by_refund(moved: Iterable[_Moved]) -> dict[str, list[_Moved]]:
    found: dict[str, list[_Moved]] = {}
    for each in moved:
        if each.refund_id is not None:
            found.setdefault(each.refund_id, []).append(each)
    return found


def _going(way: Callable[[int], bool], moved: Iterable[_Moved]) -> list[_Moved]:
    return [each for each in moved if way(each.fils)]


def _distinct(lines: Sequence[Line], taken: Sequence[Line]) -> list[Line]:
    """Return lines that say nothing again."""
    seen = {_wording(line) for line in taken}
    first = {_wording(line): line for line in reversed(lines)}
    return [line for line in lines if first[_wording(line)] is line and _wording(line) not in seen]


def _is_out(fils: int) -> bool:
    return fils < 0


def _is_back(fils: int) -> bool:
    return fils > 0


_WAYS: Sequence[Callable[[int], bool]] = (_is_out, _is_back, bool)
"""Out, back, and both together."""


def _sum(moved: Iterable[_Moved]) -> int:
    return sum(each.fils for each in moved)


def _is_due(entry: Entry, window: Window) -> bool:
    return window is not None and window[0] <= entry.due_on <= window[1]


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


def _wording(line: Line) -> tuple[object, ...]:
    """Return what two lines have in common of which one says again what the other has said."""
    return line.kind, line.refund_id, line.fils, line.occurred_at, line.gateway_reference
