"""The laws of leave: what accrues, what is left, who decides.

Balances are counted in twelfths of a day, so that a month's share of any yearly figure is exact;
what is shown is whole days, rounded down. All days of a leave are drawn on its first day: a leave
over the new year is drawn from the old one. (Assumptions: the regulation at hand is silent.)
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bawaba.text import Text

from bawaba_civil_service.domain import (
    Accrual,
    AccrualMethod,
    CivilServiceLeaveKind,
    CivilServiceLeaveStatus,
    Draw,
    Opening,
)
from bawaba_civil_service.refusals import (
    BadPeriod,
    LeaveBegun,
    LeaveDecided,
    LeaveOverlaps,
    NoWorkingDays,
    OwnLeave,
)
from bawaba_civil_service.rules.dated import in_force

_MONTHS = 12
LONGEST = dt.timedelta(days=366)
"""The longest period of one leave, weekends and holidays included."""
AHEAD = dt.timedelta(days=366)
BACK = dt.timedelta(days=60)
_BACKWARDS = Text("the last day is before the first", "اليوم الأخير يسبق اليوم الأول")
_TOO_LONG = Text("one leave has {days} days at most", "أقصى مدة للإجازة الواحدة بالأيام {days}")
_OUTSIDE = Text(
    "it can begin from {first} to {last}",
    "يمكن أن تبدأ بين {first} و{last}",
)
_STATUS = {
    CivilServiceLeaveStatus.REQUESTED: Text("requested", "قيد النظر"),
    CivilServiceLeaveStatus.APPROVED: Text("approved", "موافق عليها"),
    CivilServiceLeaveStatus.REJECTED: Text("rejected", "مرفوضة"),
    CivilServiceLeaveStatus.CANCELLED: Text("cancelled", "ملغاة"),
    CivilServiceLeaveStatus.TAKEN: Text("over", "منتهية"),
}


def opening_of(
    accruals: Sequence[Accrual],
    kind: CivilServiceLeaveKind,
    hired_on: dt.date,
    told: Mapping[CivilServiceLeaveKind, Opening],
) -> Opening:
    """Return what the balance begins with: what the bureau told, or the share of the first year.

    Whoever is hired within a year has a yearly kind's share from the month of hiring on, rounded
    down, and nothing yet of a monthly kind.
    """
    if kind in told:
        return told[kind]
    rule = in_force([rule for rule in accruals if rule.kind is kind], hired_on)
    if rule is None or rule.method is AccrualMethod.MONTHLY:
        return Opening(hired_on, 0)
    return Opening(hired_on, rule.days * (_MONTHS + 1 - hired_on.month) // _MONTHS)


@dataclass
class _Account:
    """A balance as time goes on, in twelfths of a day; draws come in the order of their days.

    ``month`` is the first of the month that accrues next, ``year`` the year that has begun.
    """

    rules: Sequence[Accrual]
    balance: int
    month: dt.date
    year: int

    @classmethod
    def of(
        cls, accruals: Sequence[Accrual], kind: CivilServiceLeaveKind, opening: Opening
    ) -> _Account:
        """Return the account of a kind as it begins."""
        rules = [rule for rule in accruals if rule.kind is kind]
        month = opening.on if opening.on.day == 1 else _next(opening.on)
        return cls(rules, opening.days * _MONTHS, month, opening.on.year)

    def advance(self, day: dt.date) -> None:
        """Let time go on to ``day``: months that ended before it accrue, years carry over."""
        while self.year < day.year:
            new_year = dt.date(self.year + 1, 1, 1)
            self._accrue(new_year)
            rule = in_force(self.rules, new_year)
            self.balance = min(self.balance, rule.carry * _MONTHS) if rule else 0
            if rule is not None and rule.method is AccrualMethod.YEARLY:
                self.balance += rule.days * _MONTHS
            self.year += 1
        self._accrue(day)

    def _accrue(self, until: dt.date) -> None:
        while (after := _next(self.month)) <= until:
            rule = in_force(self.rules, after - dt.timedelta(days=1))
            if rule is not None and rule.method is AccrualMethod.MONTHLY:
                self.balance += rule.days
            self.month = after

    def draw(self, draws: Iterable[Draw]) -> bool:
        """Draw; return whether the balance was nowhere negative."""
        covered = True
        for draw in draws:
            self.advance(draw.first_on)
            self.balance -= draw.days * _MONTHS
            covered = covered and self.balance >= 0
        return covered


def _ordered(draws: Iterable[Draw], opening: Opening) -> list[Draw]:
    """Return the draws since the opening, which has the earlier ones in it."""
    counted = [draw for draw in draws if draw.first_on >= opening.on]
    return sorted(counted, key=lambda draw: draw.first_on)


def standing(
    accruals: Sequence[Accrual],
    kind: CivilServiceLeaveKind,
    opening: Opening,
    draws: Iterable[Draw],
    day: dt.date,
) -> int:
    """Return the balance on ``day`` in twelfths of a day, after the draws through that day."""
    account = _Account.of(accruals, kind, opening)
    account.draw(draw for draw in _ordered(draws, opening) if draw.first_on <= day)
    account.advance(day)
    return account.balance


def holds(
    accruals: Sequence[Accrual],
    kind: CivilServiceLeaveKind,
    opening: Opening,
    draws: Sequence[Draw],
) -> bool:
    """Return whether the balance is nowhere negative: on no draw's first day."""
    return _Account.of(accruals, kind, opening).draw(_ordered(draws, opening))


def remaining(
    accruals: Sequence[Accrual],
    kind: CivilServiceLeaveKind,
    opening: Opening,
    draws: Sequence[Draw],
    day: dt.date,
) -> int:
    """Return the most whole days that a leave from ``day`` on could have."""
    if day < opening.on:
        return 0
    account, ordered = _Account.of(accruals, kind, opening), _ordered(draws, opening)
    later = [draw for draw in ordered if draw.first_on > day]
    if not account.draw(draw for draw in ordered if draw.first_on <= day):
        return 0
    account.advance(day)
    low, high = 0, max(0, account.balance // _MONTHS)
    while low < high:
        middle = (low + high + 1) // 2
        if replace(account, balance=account.balance - middle * _MONTHS).draw(later):
            low = middle
        else:
            high = middle - 1
    return low


def _next(day: dt.date) -> dt.date:
    """Return the first of the next month."""
    return dt.date(day.year + day.month // _MONTHS, day.month % _MONTHS + 1, 1)


def check_period(
    first: dt.date, last: dt.date, *, today: dt.date, opening: Opening, working_days: int
) -> None:
    """Pass, if leave may be asked for from ``first`` to ``last``.

    Raises:
        BadPeriod: it ends before it begins, is too long, too early or too far ahead.
        NoWorkingDays: nothing of it would be drawn.
    """
    if last < first:
        raise BadPeriod("lastOn", why=_BACKWARDS)
    if last - first >= LONGEST:
        raise BadPeriod("lastOn", why=_TOO_LONG.fill(days=LONGEST.days))
    check_near(first, "firstOn", earliest=max(opening.on, today - BACK), today=today)
    if working_days == 0:
        raise NoWorkingDays("firstOn")


def check_near(day: dt.date, field: str, *, earliest: dt.date, today: dt.date) -> None:
    """Pass, if the day lies from ``earliest`` to a year ahead.

    Raises:
        BadPeriod: it does not.
    """
    latest = today + AHEAD
    if not earliest <= day <= latest:
        why = _OUTSIDE.fill(first=earliest.isoformat(), last=latest.isoformat())
        raise BadPeriod(field, why=why)


def check_free(first: dt.date, last: dt.date, held: Iterable[tuple[dt.date, dt.date]]) -> None:
    """Pass, if no leave that holds days lies in the period.

    Raises:
        LeaveOverlaps: one does.
    """
    if any(begins <= last and first <= ends for begins, ends in held):
        raise LeaveOverlaps("firstOn")


def check_decision(
    *, status: CivilServiceLeaveStatus, employee: str, national_id: str | None
) -> None:
    """Pass, if a manager with this personal number may decide the leave now.

    Raises:
        OwnLeave: it is the manager's own.
        LeaveDecided: it waits for no decision.
    """
    if national_id is None or national_id == employee:
        raise OwnLeave("leaveId")
    if status is not CivilServiceLeaveStatus.REQUESTED:
        raise LeaveDecided("leaveId", status=_STATUS[status])


def check_cancelling(*, status: CivilServiceLeaveStatus, first: dt.date, today: dt.date) -> None:
    """Pass, if the employee may still cancel the leave.

    Raises:
        LeaveBegun: it is approved and has begun.
        LeaveDecided: it was rejected, cancelled or taken.
    """
    if status is CivilServiceLeaveStatus.APPROVED and first <= today:
        raise LeaveBegun("leaveId")
    if status not in {CivilServiceLeaveStatus.REQUESTED, CivilServiceLeaveStatus.APPROVED}:
        raise LeaveDecided("leaveId", status=_STATUS[status])


def recounted(before: int, working_days: int) -> int:
    """Return the days of a leave after the calendar changed: fewer are given back, never more.

    What was granted stays: a holiday that turns out to be a working day takes nothing away.
    """
    return min(before, working_days)
