"""What a held shipment costs: duty, value-added tax, handling, storage. Pure.

Rounding: a rate of an amount that is not a whole number of fils is rounded down, in favour of who
pays. Days are calendar days where the services are. The day of the hold is day 0.
"""

from __future__ import annotations

import datetime as dt

from bawaba.money import format_fils
from bawaba.text import Text

from bawaba_bahrain_post.domain import (
    Assessment,
    Declaration,
    DutyTerms,
    Line,
    Price,
    Tariffs,
)
from bawaba_bahrain_post.rules.tariffs import duty_of, in_force

_DUTY = Text(
    "Customs duty on {name} (heading {heading}): {rate} % of BHD {value}.",
    "الرسوم الجمركية على {name} (البند {heading}): {rate}٪ من {value} د.ب.",
)
_VAT = Text(
    "Value-added tax: {rate} % of value and duty, BHD {base}.",
    "ضريبة القيمة المضافة: {rate}٪ من القيمة والرسوم، {base} د.ب.",
)
_HANDLING = Text("Customs handling by the post.", "رسم التخليص البريدي.")
_STORAGE = Text(
    "Storage: {days} days after {free} free days from {since}, BHD {fils} a day.",
    "التخزين: عدد الأيام {days} بعد المهلة المجانية ({free}) من {since}، بواقع {fils} د.ب لليوم.",
)


class NotAssessable(Exception):
    """The tariffs have no entry for the heading or the day: somebody at the post has to look."""


def percent(basis_points: int) -> str:
    """Return a rate as people read it: 500 is ``5``, 1050 is ``10.5``."""
    return f"{basis_points / 100:.2f}".rstrip("0").rstrip(".")


def assess(tariffs: Tariffs, declared: Declaration, held_on: dt.date) -> Assessment | None:
    """Return what is due for a shipment held on a day; None: it bears neither duty nor tax.

    Raises:
        NotAssessable: no rate or no terms are in force.
    """
    rate, vat = duty_of(tariffs, declared.heading, held_on), in_force(tariffs.vat, held_on)
    terms = in_force(tariffs.duty_terms, held_on)
    if rate is None or vat is None or terms is None:
        raise NotAssessable(f"heading {declared.heading} on {held_on}")
    if declared.value <= terms.free_value:
        return None
    duty = declared.value * rate.rate // 10_000
    base = declared.value + duty
    tax = base * vat.rate // 10_000
    if duty + tax == 0:
        return None
    value = format_fils(declared.value)
    words = Text(
        _DUTY.en.format(
            name=rate.name.en, heading=declared.heading, rate=percent(rate.rate), value=value
        ),
        _DUTY.ar.format(
            name=rate.name.ar, heading=declared.heading, rate=percent(rate.rate), value=value
        ),
    )
    lines = [
        Line(words, duty),
        Line(_VAT.fill(rate=percent(vat.rate), base=format_fils(base)), tax),
    ]
    if terms.handling:
        lines.append(Line(_HANDLING, terms.handling))
    return Assessment(tuple(lines), customs=duty + tax, handling=terms.handling)


def storage_days(terms: DutyTerms, held_on: dt.date, until: dt.date) -> int:
    """Return the days of storage that are charged by the end of ``until``."""
    return max(0, min((until - held_on).days - terms.free_days, terms.storage_days))


def price(tariffs: Tariffs, assessed: Assessment, held_on: dt.date, until: dt.date) -> Price:
    """Return what a duty bill comes to when storage counts to the end of ``until``.

    ``due_on`` is the last day without a charge for storage.
    """
    terms = in_force(tariffs.duty_terms, held_on)
    days = storage_days(terms, held_on, until) if terms else 0
    lines = list(assessed.lines)
    if terms and days and terms.storage:
        words = _STORAGE.fill(
            days=days,
            free=terms.free_days,
            since=held_on.isoformat(),
            fils=format_fils(terms.storage),
        )
        lines.append(Line(words, days * terms.storage))
    due_on = held_on + dt.timedelta(days=terms.free_days) if terms else None
    return Price(sum(line.fils for line in lines), tuple(lines), due_on)
