"""The laws of pay: a payslip stands as it was issued; a correction is a line of a later one."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from bawaba.text import Text

from bawaba_civil_service.domain import MAX_LINES, CivilServiceLineKind, Line, Payslip

_MONTH = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")
EARLY = dt.timedelta(days=31)
"""A payslip dated further ahead is a slip of the pen; it would bar the months before it."""
_K = CivilServiceLineKind
_SIGNS = {_K.BASIC: 1, _K.ALLOWANCE: 1, _K.DEDUCTION: -1, _K.SOCIAL_INSURANCE: -1}
_CORRECTION = Text("Correction of {month}", "تصحيح راتب {month}")


class BadPayslip(ValueError):
    """A payslip of the bureau that cannot be taken; the message says why."""


def month_of(day: dt.date) -> str:
    """Return the month of a day: YYYY-MM."""
    return f"{day.year:04d}-{day.month:02d}"


def check_payslip(payslip: Payslip, net: int, issued: Collection[str], today: dt.date) -> None:
    """Pass, if the payslip may be issued after those of the months ``issued``.

    Args:
        net: the sum that the bureau itself tells, in fils.

    Raises:
        BadPayslip: says why.
    """
    if not _MONTH.fullmatch(payslip.month):
        raise BadPayslip(f"{payslip.month!r} is no month")
    if not payslip.month <= month_of(payslip.issued_on) <= month_of(today + EARLY):
        raise BadPayslip(f"{payslip.month} is not yet to be paid, or not on {payslip.issued_on}")
    if payslip.month <= max(issued, default=""):
        raise BadPayslip(f"{payslip.month} is not after {max(issued)}: correct it in the next")
    if not 1 <= len(payslip.lines) <= MAX_LINES:
        raise BadPayslip(f"{len(payslip.lines)} lines")
    for line in payslip.lines:
        _check_line(line, issued)
    if payslip.net != net:
        raise BadPayslip(f"the lines add up to {payslip.net} fils, not to {net}")


def _check_line(line: Line, issued: Collection[str]) -> None:
    if line.kind is _K.CORRECTION:
        if line.corrects not in issued:
            raise BadPayslip(f"corrects {line.corrects!r}, which was not issued")
        return
    if line.corrects is not None:
        raise BadPayslip(f"a {line.kind.value} line corrects nothing")
    if line.fils * _SIGNS[line.kind] < 0:
        raise BadPayslip(f"a {line.kind.value} line has the wrong sign")


def paid_for(payslips: Iterable[Payslip]) -> Mapping[str, int]:
    """Return what was paid for each month in fils, later corrections of it included."""
    paid: defaultdict[str, int] = defaultdict(int)
    for payslip in payslips:
        for line in payslip.lines:
            paid[line.corrects or payslip.month] += line.fils
    return dict(paid)


def corrections(payslips: Sequence[Payslip], due: Mapping[str, int]) -> list[Line]:
    """Return the lines of the next payslip that bring earlier months to what is due for them.

    ``due``: fils by month; a month that is not named stays as it was paid.
    """
    paid = paid_for(payslips)
    return [
        Line(_K.CORRECTION, _CORRECTION.fill(month=month), due[month] - fils, month)
        for month, fils in sorted(paid.items())
        if month in due and due[month] != fils
    ]
