"""The simulated bureau's payroll: ordinary payslips, made of what its register has."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from bawaba.text import Text

from bawaba_civil_service.domain import CivilServiceLineKind, Facts, Line, Payslip

_INSURED_PERCENT = 8
"""ILLUSTRATIVE: the employee's share of social insurance, of the basic salary."""
BASIC = Text("Basic salary", "الراتب الأساسي")
ALLOWANCES = Text("Allowances", "العلاوات")
INSURANCE = Text("Social insurance", "التأمين الاجتماعي")
_K = CivilServiceLineKind


def ordinary(facts: Facts, month: str, issued_on: dt.date, more: Sequence[Line] = ()) -> Payslip:
    """Return the payslip of a month by what the register has, and ``more`` lines."""
    share = facts.basic_fils * _INSURED_PERCENT // 100
    lines = (
        Line(_K.BASIC, BASIC, facts.basic_fils),
        Line(_K.ALLOWANCE, ALLOWANCES, facts.allowances_fils),
        Line(_K.SOCIAL_INSURANCE, INSURANCE, -share),
        *more,
    )
    return Payslip(facts.record.employee_number, month, issued_on, lines)
