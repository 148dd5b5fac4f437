"""The laws of traffic fines: prices, what the register may change, who may object. Pure.

Rounding: a discounted share that is not a whole number of fils is rounded down, in favour of the
payer. Days are calendar days where the services are; the day of the offer is day 0, so "within 7
days" ends when day 7 ends, at local midnight.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from bawaba.money import format_fils
from bawaba.text import Text

from bawaba_payments_traffic.domain import (
    FINE,
    GROUNDS_LENGTH,
    BadLength,
    FineCancelled,
    FineEvent,
    FineRecord,
    FineStatus,
    NotYourFine,
    ObjectionDecided,
    OwnFine,
    Phase,
    Price,
    Tariff,
    Tariffs,
    Terms,
    TrafficObjectionStatus,
)

Dated = TypeVar("Dated", Tariff, Terms)

_NO_TARIFF = Text(
    "No amount is laid down for this violation; ask the General Directorate of Traffic.",
    "لا يوجد مبلغ مقرر لهذه المخالفة؛ يرجى مراجعة الإدارة العامة للمرور.",
)
_NOT_SETTLEABLE = Text(
    "The law does not allow this violation to be settled by payment; the court decides.",
    "لا يجيز القانون التصالح في هذه المخالفة بالدفع؛ والفصل فيها للمحكمة.",
)
_REFERRED = Text(
    "The period for settling ended on {day}; the case is with the Public Prosecution.",
    "انتهت مهلة التصالح في {day}؛ والقضية لدى النيابة العامة.",
)
_DISCOUNTED = Text(
    "Early settlement: {numerator}/{denominator} of the minimum of BHD {full}, through {day}.",
    "تصالح مبكر: {numerator}/{denominator} من الحد الأدنى البالغ {full} د.ب حتى نهاية يوم {day}.",
)
_FULL = Text(
    "The full minimum of BHD {full}, through {day}.",
    "الحد الأدنى كاملاً وقدره {full} د.ب حتى نهاية يوم {day}.",
)
_LATE = Text(
    "BHD {late} after the {days} days of the minimum, through {day}; then it is referred.",
    "{late} د.ب بعد مهلة الحد الأدنى ({days} يوماً) وحتى نهاية يوم {day}؛ ثم تحال إلى النيابة.",
)


def read_tariffs(data: Mapping[str, Any]) -> Tariffs:
    """Return the tariffs of a parsed tariffs file.

    Raises:
        ValueError: amounts are out of order, or two entries are in force on the same day.
    """
    tariffs = [
        Tariff(
            violation=entry["violation"],
            name=Text(entry["en"], entry["ar"]),
            since=entry["since"],
            until=entry.get("until"),
            minimum=entry["minimum"],
            late=entry["late"],
            maximum=entry["maximum"],
            settleable=entry.get("settleable", True),
            source=entry["source"],
        )
        for entry in data["tariff"]
    ]
    terms = [Terms(**{"until": None, **entry}) for entry in data["terms"]]
    for tariff in tariffs:
        if not 0 < tariff.minimum <= tariff.late <= tariff.maximum:
            raise ValueError(f"{tariff.violation}: minimum, late and maximum are out of order")
        _no_overlap([other for other in tariffs if other.violation == tariff.violation])
    for term in terms:
        if not 0 <= term.discount_days <= term.full_days <= term.prosecution_days:
            raise ValueError(f"terms since {term.since}: the periods are out of order")
        if not 0 < term.numerator <= term.denominator:
            raise ValueError(f"terms since {term.since}: the discounted share is not 0 to 1")
    _no_overlap(terms)
    return Tariffs(tuple(tariffs), tuple(terms))


def _no_overlap(entries: Sequence[Dated]) -> None:
    ordered = sorted(entries, key=lambda entry: entry.since)
    for earlier, later in itertools.pairwise(ordered):
        if earlier.until is None or earlier.until >= later.since:
            raise ValueError(f"two entries are in force on {later.since}")


def in_force(entries: Sequence[Dated], day: dt.date) -> Dated | None:
    """Return the entry in force on ``day``."""
    for entry in entries:
        if entry.since <= day and (entry.until is None or day <= entry.until):
            return entry
    return None


def tariff_of(tariffs: Tariffs, violation: str, day: dt.date) -> Tariff | None:
    """Return the tariff of a violation committed on ``day``."""
    return in_force([entry for entry in tariffs.tariffs if entry.violation == violation], day)


def local_midnight(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    """Return the instant at which ``day`` begins in ``zone``, in UTC."""
    return dt.datetime.combine(day, dt.time.min, tzinfo=zone).astimezone(dt.UTC)


def price(  # noqa: PLR0913  the facts that a price hangs on, each by name
    tariffs: Tariffs,
    violation: str,
    *,
    occurred_at: dt.datetime,
    offered_at: dt.datetime,
    referred_on: dt.date | None,
    at: dt.datetime,
    zone: ZoneInfo,
) -> Price:
    """Return what a fine costs ``at`` an instant.

    The amounts are those in force on the day of the offence, the periods those in force on the
    day of the offer.
    """
    offered = offered_at.astimezone(zone).date()
    tariff = tariff_of(tariffs, violation, occurred_at.astimezone(zone).date())
    terms = in_force(tariffs.terms, offered)
    if tariff is None or terms is None:
        return Price(Phase.NOT_SETTLEABLE, 0, 0, _NO_TARIFF, _NO_TARIFF)
    if not tariff.settleable:
        return Price(Phase.NOT_SETTLEABLE, tariff.minimum, 0, _NOT_SETTLEABLE, _NOT_SETTLEABLE)
    return _settleable(tariff, terms, offered, referred_on, at.astimezone(zone).date(), zone)


def _settleable(  # noqa: PLR0913, PLR0917  the facts, in the order of price()
    tariff: Tariff,
    terms: Terms,
    offered: dt.date,
    referred_on: dt.date | None,
    today: dt.date,
    zone: ZoneInfo,
) -> Price:
    last_discounted = offered + dt.timedelta(days=terms.discount_days)
    last_full = offered + dt.timedelta(days=terms.full_days)
    last = offered + dt.timedelta(days=terms.prosecution_days)
    if referred_on is not None:
        last = min(last, referred_on - dt.timedelta(days=1))
    why_not: Text | None = None
    if today > last:
        phase, due = Phase.REFERRED, 0
        explanation = why_not = _REFERRED.fill(day=last.isoformat())
    elif today <= last_discounted:
        phase, due = Phase.DISCOUNTED, tariff.minimum * terms.numerator // terms.denominator
        explanation = _DISCOUNTED.fill(
            numerator=terms.numerator,
            denominator=terms.denominator,
            full=format_fils(tariff.minimum),
            day=last_discounted.isoformat(),
        )
    elif today <= last_full:
        phase, due = Phase.FULL, tariff.minimum
        explanation = _FULL.fill(full=format_fils(due), day=last_full.isoformat())
    else:
        phase, due = Phase.LATE, tariff.late
        explanation = _LATE.fill(late=format_fils(due), days=terms.full_days, day=last.isoformat())
    ends = local_midnight(last_discounted + dt.timedelta(days=1), zone)
    return Price(phase, tariff.minimum, due, explanation, why_not, ends, last_full)


def status_after_telling(
    status: FineStatus, told: FineRecord, *, settled_here: bool, reversed_receipt: str | None
) -> FineStatus:
    """Return a fine's status once the register has told its own.

    What the platform settled, gave back or cancelled itself stands against a register that has
    not heard of it yet: a late answer changes nothing.
    """
    if status is FineStatus.CANCELLED or settled_here:
        return status
    if told.status is FineStatus.CANCELLED:
        return FINE.next(status, FineEvent.WITHDRAWN)
    stale = told.receipt is not None and told.receipt == reversed_receipt
    if told.status is FineStatus.PAID and status is FineStatus.UNPAID and not stale:
        return FINE.next(status, FineEvent.PAID_ELSEWHERE)
    if told.status is FineStatus.UNPAID and status is FineStatus.PAID:
        return FINE.next(status, FineEvent.REVERSED)
    return status


def text_within_bounds(value: str, *path: str) -> str:
    """Return ``value`` without outer blanks.

    Raises:
        BadLength: too short or too long.
    """
    trimmed = value.strip()
    if len(trimmed) not in GROUNDS_LENGTH:
        raise BadLength(*path, least=GROUNDS_LENGTH.start, most=GROUNDS_LENGTH.stop - 1)
    return trimmed


def check_objection(*, status: FineStatus, debtor: str, national_id: str | None) -> None:
    """Pass, if a person with this personal number may object to the fine.

    Raises:
        NotYourFine: it was issued to somebody else.
        FineCancelled: nothing is left to object to.
    """
    if national_id is None or national_id != debtor:
        raise NotYourFine("fineId")
    if status is FineStatus.CANCELLED:
        raise FineCancelled("fineId")


def check_decision(
    *,
    status: TrafficObjectionStatus,
    debtor: str,
    objector: str,
    national_id: str | None,
    person: str,
) -> None:
    """Pass, if this officer may decide the objection now.

    Raises:
        OwnFine: the officer is the debtor or the objector.
        ObjectionDecided: it was decided before.
    """
    if person == objector or (national_id is not None and national_id == debtor):
        raise OwnFine("objectionId")
    if status is not TrafficObjectionStatus.SUBMITTED:
        raise ObjectionDecided("objectionId")
