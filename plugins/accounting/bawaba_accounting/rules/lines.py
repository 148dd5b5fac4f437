"""One line of an imported file: what it must say, and why it is refused."""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from bawaba.ledger import Activity, Journal, Posting, Side
from bawaba.money import fils_of
from bawaba.payments import Channel
from bawaba.text import Text

from bawaba_accounting.domain import HISTORY_GATEWAY, HISTORY_STARTS

__all__ = [
    "COLLECTED",
    "MAX_LINE",
    "OPTIONAL",
    "REMITTED",
    "REQUIRED",
    "BadLine",
    "Line",
    "check_owner",
    "fields_of",
    "header_of",
    "journal_of",
    "line_of",
]

REQUIRED = ("when", "service", "agency", "channel", "amount", "reference")
OPTIONAL = ("service_en", "service_ar", "agency_en", "agency_ar", "gateway", "count")
MAX_LINE = 4096
"""The longest line, in bytes."""
COLLECTED = "history.collected"
REMITTED = "history.remitted"
_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
_AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]+)?", re.ASCII)
_COUNT = re.compile(r"[0-9]{1,7}", re.ASCII)
_CODE_LENGTH, _REFERENCE_LENGTH, _NAME_LENGTH = 64, 120, 200
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class BadLine(Exception):
    """A line that is refused, with the reason."""


@dataclass(frozen=True, slots=True)
class Line:
    """A good line. ``on`` is the local day; amounts in fils; names fall back on the code."""

    on: dt.date
    service: str
    agency: str
    channel: str
    gateway: str
    fils: int
    count: int
    reference: str
    service_name: Text
    agency_name: Text


def header_of(fields: Sequence[str]) -> list[str]:
    """Return the column names of a header.

    Raises:
        BadLine: a required column is missing, or one is named twice.
    """
    names = [field.strip().lower() for field in fields]
    if missing := [name for name in REQUIRED if name not in names]:
        raise BadLine(f"the header lacks {', '.join(missing)}")
    known = [name for name in names if name in REQUIRED + OPTIONAL]
    if len(known) != len(set(known)):
        raise BadLine("the header names a column twice")
    return names


def fields_of(raw: bytes) -> list[str]:
    """Return the fields of one physical line; a field cannot go over its end.

    Raises:
        BadLine: not UTF-8, too long, or its quotes are not closed.
    """
    if len(raw) > MAX_LINE:
        raise BadLine(f"longer than {MAX_LINE} bytes")
    try:
        return next(csv.reader([raw.decode()], strict=True), [])
    except UnicodeDecodeError:
        raise BadLine("not UTF-8") from None
    except csv.Error as error:
        raise BadLine(f"not CSV: {error}") from None


def line_of(names: Sequence[str], fields: Sequence[str], today: dt.date, zone: ZoneInfo) -> Line:
    """Return what a line says.

    Raises:
        BadLine: says what is wrong with it.
    """
    if len(fields) != len(names):
        raise BadLine(f"{len(fields)} fields where the header has {len(names)}")
    said = {name: field.strip() for name, field in zip(names, fields, strict=True)}
    for name in (*REQUIRED, *OPTIONAL):
        if _CONTROL.search(said.get(name, "")):
            raise BadLine(f"{name}: holds a control character")
    service, agency = _code(said, "service"), _code(said, "agency")
    return Line(
        on=_day(said["when"], today, zone),
        service=service,
        agency=agency,
        channel=_channel(said["channel"]),
        gateway=_code(said, "gateway") if said.get("gateway") else HISTORY_GATEWAY,
        fils=_fils(said["amount"]),
        count=_count(said.get("count", "")),
        reference=_reference(said["reference"]),
        service_name=_name(said, "service", service),
        agency_name=_name(said, "agency", agency),
    )


def check_owner(line: Line, owner: str) -> None:
    """Pass where the line names the agency that offers its service.

    Raises:
        BadLine: it names another one.
    """
    if owner != line.agency:
        raise BadLine(f"agency: service {line.service} belongs to {owner}")


def journal_of(line: Line) -> Journal:
    """Return the journal of a line: collected and remitted long ago, so nothing is left over."""
    return Journal(
        reference=f"import:{line.reference}",
        kind="HISTORY",
        description=Text("Brought forward: {of}", "مُرحّل: {of}").fill(of=line.reference),
        effective_on=line.on,
        postings=(
            Posting(COLLECTED, Side.DEBIT, line.fils),
            Posting(REMITTED, Side.CREDIT, line.fils),
        ),
        activities=(
            Activity(
                service=line.service,
                agency=line.agency,
                channel=line.channel,
                gateway=line.gateway,
                count=line.count,
                fils=line.fils,
                on=line.on,
            ),
        ),
    )


def _code(said: Mapping[str, str], name: str) -> str:
    code = said[name]
    if len(code) > _CODE_LENGTH or not _CODE.fullmatch(code):
        raise BadLine(f"{name}: not lower-case words joined by hyphens, at most {_CODE_LENGTH}")
    return code


def _day(text: str, today: dt.date, zone: ZoneInfo) -> dt.date:
    try:
        instant = dt.datetime.fromisoformat(text)
    except ValueError:
        raise BadLine("when: not an ISO 8601 day or instant") from None
    # An instant without an offset is local already.
    day = instant.astimezone(zone).date() if instant.tzinfo else instant.date()
    if day > today:
        raise BadLine("when: in the future")
    if day < HISTORY_STARTS:
        raise BadLine(f"when: before {HISTORY_STARTS.isoformat()}")
    return day


def _channel(text: str) -> str:
    name = text.upper().replace("-", "_").replace(" ", "_")
    if name not in Channel.__members__:
        raise BadLine(f"channel: none of {', '.join(Channel.__members__)}")
    return name


def _fils(text: str) -> int:
    if not _AMOUNT.fullmatch(text):
        raise BadLine("amount: not a positive decimal number such as 12.500")
    try:
        fils = fils_of(text)
    except ValueError as error:
        raise BadLine(f"amount: {error}") from None
    if fils == 0:
        raise BadLine("amount: zero")
    return fils


def _count(text: str) -> int:
    if not text:
        return 1
    if not _COUNT.fullmatch(text) or int(text) < 1:
        raise BadLine("count: not a whole number of 1 to 9,999,999")
    return int(text)


def _reference(text: str) -> str:
    if not text or len(text) > _REFERENCE_LENGTH:
        raise BadLine(f"reference: not 1 to {_REFERENCE_LENGTH} characters")
    return text


def _name(said: Mapping[str, str], of: str, code: str) -> Text:
    english, arabic = said.get(f"{of}_en", ""), said.get(f"{of}_ar", "")
    if max(len(english), len(arabic)) > _NAME_LENGTH:
        raise BadLine(f"{of}: a name longer than {_NAME_LENGTH}")
    return Text(english or arabic or code, arabic or english or code)
