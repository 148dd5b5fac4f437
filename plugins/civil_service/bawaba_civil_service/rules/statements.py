"""What a document states, line by line, in both languages: on the paper and to who verifies it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bawaba.money import CURRENCY, format_fils
from bawaba.text import Text

from bawaba_civil_service.domain import CivilServiceCertificateKind, Facts, Line

MAX_FACTS = 80
"""The most lines that a document states: those of a payslip, and who it is about."""
_SHOWN = 3
_NAME = Text("Name", "الاسم")
_NUMBER = Text("Employee number", "الرقم الوظيفي")
_PERSONAL = Text("Personal number", "الرقم الشخصي")
_ENTITY = Text("Entity", "الجهة")
_POSITION = Text("Position", "الوظيفة")
_GRADE = Text("Grade", "الدرجة")
_HIRED = Text("Hired on", "تاريخ التعيين")
_LEFT = Text("Left on", "تاريخ انتهاء الخدمة")
_BASIC = Text("Basic salary", "الراتب الأساسي")
_ALLOWANCES = Text("Allowances", "العلاوات")
_TOTAL = Text("Total", "الإجمالي")
_PURPOSE = Text("Issued for", "الغرض")
_ISSUED = Text("Issued on", "تاريخ الإصدار")
_REFERENCE = Text("Reference", "المرجع")
_MONTH = Text("Month", "الشهر")
_CORRECTS = Text("{label}, for {month}", "{label}، عن شهر {month}")
NET = Text("Net", "الصافي")


@dataclass(frozen=True, slots=True)
class Fact:
    """One line: what it is, and its value. ``personal``: a number to find somebody by."""

    label: Text
    value: Text
    personal: bool = False


@dataclass(frozen=True, slots=True)
class Slip:
    """Whom and what a payslip is about, as it was when it was issued."""

    name: Text
    number: str
    entity: Text
    position: Text
    month: str
    issued_on: dt.date
    net_fils: int


def certificate(
    kind: CivilServiceCertificateKind,
    facts: Facts,
    purpose: str,
    issued_on: dt.date,
    reference: str,
) -> list[Fact]:
    """Return what a certificate states; only one of salary tells money."""
    salary = kind is CivilServiceCertificateKind.SALARY
    return [
        *_person(facts),
        *(_salary(facts) if salary else ()),
        Fact(_PURPOSE, _same(purpose)),
        Fact(_ISSUED, _same(issued_on.isoformat())),
        Fact(_REFERENCE, _same(reference)),
    ]


def payslip(slip: Slip) -> list[Fact]:
    """Return whom and when a payslip is about; its month and lines stand apart."""
    return [
        Fact(_NAME, slip.name),
        Fact(_NUMBER, _same(slip.number)),
        Fact(_ENTITY, slip.entity),
        Fact(_POSITION, slip.position),
        Fact(_ISSUED, _same(slip.issued_on.isoformat())),
    ]


def pay(slip: Slip, lines: Sequence[Line]) -> list[Fact]:
    """Return a payslip's month, its lines and its net."""
    return [
        Fact(_MONTH, _same(slip.month)),
        *(Fact(_label(line), _money(line.fils)) for line in lines),
        Fact(NET, _money(slip.net_fils)),
    ]


def covered(facts: Sequence[Fact]) -> list[Fact]:
    """Return the facts as strangers see them: of a personal number only the last digits.

    Enough to compare with the paper in one's hand.
    """
    return [replace(fact, value=_covered(fact.value)) if fact.personal else fact for fact in facts]


def _covered(value: Text) -> Text:
    return _same("•" * max(0, len(value.en) - _SHOWN) + value.en[-_SHOWN:])


def _same(value: str) -> Text:
    return Text(value, value)


def _money(fils: int) -> Text:
    return _same(f"{format_fils(fils)} {CURRENCY}")


def _label(line: Line) -> Text:
    if line.corrects is None:
        return line.label
    return Text(
        _CORRECTS.en.format(label=line.label.en, month=line.corrects),
        _CORRECTS.ar.format(label=line.label.ar, month=line.corrects),
    )


def _person(facts: Facts) -> list[Fact]:
    record = facts.record
    left = [Fact(_LEFT, _same(record.left_on.isoformat()))] if record.left_on else []
    return [
        Fact(_NAME, record.name),
        Fact(_NUMBER, _same(record.employee_number)),
        Fact(_PERSONAL, _same(record.national_id), personal=True),
        Fact(_ENTITY, record.entity_name),
        Fact(_POSITION, record.position),
        Fact(_GRADE, _same(record.grade)),
        Fact(_HIRED, _same(record.hired_on.isoformat())),
        *left,
    ]


def _salary(facts: Facts) -> list[Fact]:
    return [
        Fact(_BASIC, _money(facts.basic_fils)),
        Fact(_ALLOWANCES, _money(facts.allowances_fils)),
        Fact(_TOTAL, _money(facts.basic_fils + facts.allowances_fils)),
    ]
