"""What a month of electricity and water costs.

A period that straddles a change of tariff is split by days: the units by largest remainder, so
that they add up; the limits of the tiers, and fixed fees, in proportion. Each line is rounded once,
half up. The tiers of a bill are those of one month, whatever the length of its period.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bawaba.money import allocate, format_fils
from bawaba.text import Text

from bawaba_payments_ewa.domain import (
    KWH,
    M3,
    UNITS,
    EwaLineKind,
    Line,
    Reading,
    Rules,
    Scale,
    Utility,
)
from bawaba_payments_ewa.rules.data import applying, in_force

_UNITS = {Utility.ELECTRICITY: KWH, Utility.WATER: M3}
_NAMES = {
    Utility.ELECTRICITY: Text("Electricity", "الكهرباء"),
    Utility.WATER: Text("Water", "الماء"),
}
_BAND = Text("{name}, units {first} to {last}", "{name}، الوحدات من {first} إلى {last}")
_ABOVE = Text("{name}, units above {first}", "{name}، الوحدات فوق {first}")
_ALL = Text("{name}", "{name}")
_AT_RATE = Text(
    "{quantity} {unit} at {rate} fils, tariff of {since}",
    "{quantity} {unit}، سعر الوحدة بالفلس {rate}، تعرفة {since}",
)
_FEE = Text("BHD {fils} a month, since {since}", "{fils} د.ب شهرياً، منذ {since}")
_SHARE = Text(
    "{percent} % of the water charge of BHD {base}, since {since}",
    "{percent}٪ من قيمة الماء البالغة {base} د.ب، منذ {since}",
)
_VAT = Text("Value added tax, {percent} %", "ضريبة القيمة المضافة {percent}٪")
_VAT_OF = Text("{percent} % of BHD {base}", "{percent}٪ من {base} د.ب")
_DAYS = Text(" ({days} of {all} days)", " (عدد الأيام {days} من {all})")
_COLLECTED = Text(
    "Fixed by the municipality and collected with this bill.",
    "تحدده البلدية ويُحصَّل مع هذه الفاتورة.",
)


@dataclass(frozen=True, slots=True)
class Span:
    """Some days of a period under one entry; None where nothing is in force."""

    entry: Any
    days: int


def spans(entries: Sequence[Any], first: dt.date, last: dt.date) -> list[Span]:
    """Return the days of a period by the entry in force; entries of one kind, for one account."""
    cuts = sorted({entry.since for entry in entries if first < entry.since <= last})
    starts = [first, *cuts]
    ends = [*cuts, last + dt.timedelta(days=1)]
    return [
        Span(in_force(entries, start), (end - start).days)
        for start, end in zip(starts, ends, strict=True)
    ]


def half_up(numerator: int, denominator: int) -> int:
    """Return the quotient of two whole numbers, rounded half up; the numerator is not negative."""
    return (2 * numerator + denominator) // (2 * denominator)


def price(rules: Rules, account: str, reading: Reading) -> list[Line]:
    """Return the lines of a metered bill, without what was brought forward.

    Raises:
        LookupError: no tariff is in force on some day of the period.
        ValueError: the period or the meters are nonsense.
    """
    if reading.ends_on < reading.starts_on or min(reading.electricity_kwh, reading.water_m3) < 0:
        raise ValueError(f"{reading.reference}: the period or the meters are nonsense")
    power = list(_metered(rules, account, reading, Utility.ELECTRICITY, reading.electricity_kwh))
    water = list(_metered(rules, account, reading, Utility.WATER, reading.water_m3))
    fees = list(_fees(rules, account, reading, sum(line.fils for line in water)))
    taxed = [*power, *water, *fees]
    vat = list(_vat(rules, account, reading, sum(line.fils for line in taxed)))
    collected = [
        Line(fee.kind, fee.description, fee.fils, _COLLECTED) for fee in reading.fees if fee.fils
    ]
    return [*taxed, *vat, *collected]


def _metered(
    rules: Rules, account: str, reading: Reading, utility: Utility, units: int
) -> Iterator[Line]:
    entries = [scale for scale in applying(rules.scales, account) if scale.utility is utility]
    parts = spans(entries, reading.starts_on, reading.ends_on)
    if any(part.entry is None for part in parts):
        raise LookupError(f"no {utility.value} tariff for {account} on {reading.starts_on}")
    whole = sum(part.days for part in parts)
    quantities = allocate(units, [part.days for part in parts])
    for part, quantity in zip(parts, quantities, strict=True):
        yield from _tiers(part.entry, quantity, part.days, whole)


def _tiers(scale: Scale, quantity: int, days: int, whole: int) -> Iterator[Line]:
    name, unit, done = _NAMES[scale.utility], _UNITS[scale.utility], 0
    for tier in scale.tiers:
        limit = None if tier.upto is None else tier.upto * days // whole
        upto = quantity if limit is None else min(quantity, limit)
        used = upto - done
        if used > 0:
            band = _BAND if limit is not None else _ABOVE if done else _ALL
            explanation = _AT_RATE.fill(
                unit=UNITS[unit], quantity=used, rate=tier.rate, since=scale.since
            )
            yield Line(
                EwaLineKind(scale.utility.value),
                band.fill(name=name, first=done if limit is None else done + 1, last=limit),
                used * tier.rate,
                _with_days(explanation, days, whole),
                used,
                unit,
            )
        done = max(done, upto)


def _with_days(words: Text, days: int, whole: int) -> Text:
    more = Text("", "") if days == whole else _DAYS.fill(days=days, all=whole)
    return Text(f"{words.en}{more.en}.", f"{words.ar}{more.ar}.")


def _fees(rules: Rules, account: str, reading: Reading, water: int) -> Iterator[Line]:
    for kind in (EwaLineKind.SERVICE_FEE, EwaLineKind.SEWERAGE_FEE):
        entries = [entry for entry in applying(rules.charges, account) if entry.kind is kind]
        parts = spans(entries, reading.starts_on, reading.ends_on)
        whole = sum(part.days for part in parts)
        bases = allocate(water, [part.days for part in parts])
        for part, base in zip(parts, bases, strict=True):
            if part.entry is None:
                continue
            entry, since = part.entry, part.entry.since.isoformat()
            fils = half_up(entry.fils * part.days, whole) + half_up(base * entry.percent, 100)
            words = (
                _SHARE.fill(percent=entry.percent, base=format_fils(base), since=since)
                if entry.percent
                else _FEE.fill(fils=format_fils(entry.fils), since=since)
            )
            if fils:
                yield Line(kind, entry.name, fils, _with_days(words, part.days, whole))


def _vat(rules: Rules, account: str, reading: Reading, taxed: int) -> Iterator[Line]:
    parts = spans(applying(rules.vat, account), reading.starts_on, reading.ends_on)
    whole = sum(part.days for part in parts)
    for part, base in zip(parts, allocate(taxed, [part.days for part in parts]), strict=True):
        if part.entry is None or not base:
            continue
        percent = part.entry.percent
        words = _VAT_OF.fill(percent=percent, base=format_fils(base))
        yield Line(
            EwaLineKind.VAT,
            _VAT.fill(percent=percent),
            half_up(base * percent, 100),
            _with_days(words, part.days, whole),
        )
