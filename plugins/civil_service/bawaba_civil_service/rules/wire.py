"""How records, payslips and facts are written in letters and in the register's answers.

Every reader raises ``ValueError``, ``KeyError`` or ``TypeError`` for what is not well formed.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from bawaba.text import Text

from bawaba_civil_service.domain import (
    CivilServiceLeaveKind,
    CivilServiceLineKind,
    Facts,
    Line,
    Opening,
    Payslip,
    Record,
)

Json = Mapping[str, Any]
MALFORMED = (ValueError, KeyError, TypeError, AttributeError)
"""What a reader may raise."""
_MOST_FILS = 10**12
_YEARS = range(1950, 2200)
_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


def write_text(text: Text) -> dict[str, str]:
    """Return words in both languages."""
    return {"en": text.en, "ar": text.ar}


def read_text(body: Json) -> Text:
    """Return words of at most 200 characters a language."""
    return Text(_words(body["en"]), _words(body["ar"]))


def _words(value: Any, most: int = 200) -> str:
    if not isinstance(value, str) or not 1 <= len(value.strip()) <= most:
        raise ValueError(f"not words of 1 to {most} characters")
    return value.strip()


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > _MOST_FILS:
        raise ValueError("not a whole number, or out of range")
    return value


def write_record(record: Record) -> dict[str, Any]:
    """Return a record as JSON."""
    return {
        "employeeNumber": record.employee_number,
        "nationalId": record.national_id,
        "name": write_text(record.name),
        "entity": record.entity,
        "entityName": write_text(record.entity_name),
        "position": write_text(record.position),
        "grade": record.grade,
        "hiredOn": record.hired_on.isoformat(),
        **({"leftOn": record.left_on.isoformat()} if record.left_on else {}),
        "version": record.version,
        "openings": {
            kind.value: {"on": opening.on.isoformat(), "days": opening.days}
            for kind, opening in record.openings.items()
        },
    }


def read_openings(body: Json) -> dict[CivilServiceLeaveKind, Opening]:
    """Return opening balances of JSON."""
    return {
        CivilServiceLeaveKind(kind): Opening(_day(told["on"]), max(0, _whole(told["days"])))
        for kind, told in body.items()
    }


def _day(value: Any) -> dt.date:
    day = dt.date.fromisoformat(value)
    if day.year not in _YEARS:
        raise ValueError(f"{day} is far from any service")
    return day


def _scope(value: Any) -> str:
    if not isinstance(value, str) or not _CODE.fullmatch(value):
        raise ValueError("an entity's code is of small letters, digits and hyphens")
    return value


def read_record(body: Json) -> Record:
    """Return the record of JSON."""
    left_on = _day(body["leftOn"]) if body.get("leftOn") else None
    if left_on is not None and left_on < _day(body["hiredOn"]):
        raise ValueError("left before being hired")
    return Record(
        employee_number=_words(body["employeeNumber"], 20),
        national_id=_words(body["nationalId"], 20),
        name=read_text(body["name"]),
        entity=_scope(body["entity"]),
        entity_name=read_text(body["entityName"]),
        position=read_text(body["position"]),
        grade=_words(body["grade"], 40),
        hired_on=_day(body["hiredOn"]),
        version=_whole(body["version"]),
        left_on=left_on,
        openings=read_openings(body.get("openings") or {}),
    )


def write_payslip(payslip: Payslip) -> dict[str, Any]:
    """Return a payslip as JSON, its net included."""
    return {
        "employeeNumber": payslip.employee_number,
        "month": payslip.month,
        "issuedOn": payslip.issued_on.isoformat(),
        "net": payslip.net,
        "lines": [
            {
                "kind": line.kind.value,
                "label": write_text(line.label),
                "fils": line.fils,
                **({"corrects": line.corrects} if line.corrects else {}),
            }
            for line in payslip.lines
        ],
    }


def read_payslip(body: Json) -> tuple[Payslip, int]:
    """Return the payslip of JSON, and the net that it tells itself, in fils."""
    lines = [
        Line(
            CivilServiceLineKind(line["kind"]),
            read_text(line["label"]),
            _whole(line["fils"]),
            line.get("corrects"),
        )
        for line in body["lines"]
    ]
    payslip = Payslip(
        _words(body["employeeNumber"], 20),
        _words(body["month"], 7),
        dt.date.fromisoformat(body["issuedOn"]),
        tuple(lines),
    )
    return payslip, _whole(body["net"])


def write_facts(facts: Facts) -> dict[str, Any]:
    """Return what a certificate states, as JSON."""
    return {
        "record": write_record(facts.record),
        "basicFils": facts.basic_fils,
        "allowancesFils": facts.allowances_fils,
        "asOf": facts.as_of.isoformat(),
    }


def read_facts(body: Json) -> Facts:
    """Return what a certificate states, of JSON."""
    return Facts(
        read_record(body["record"]),
        _whole(body["basicFils"]),
        _whole(body["allowancesFils"]),
        dt.date.fromisoformat(body["asOf"]),
    )
