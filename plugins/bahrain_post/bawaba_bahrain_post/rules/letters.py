"""What the post writes, read with suspicion; what it is answered. JSON in, values out. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bawaba.money import MAX_FILS
from bawaba.text import Text

from bawaba_bahrain_post.domain import (
    OFFICES,
    BoxRecord,
    Consignment,
    Declaration,
    PostScanKind,
    Scan,
)
from bawaba_bahrain_post.rules import s10

MOST = 500
"""The most scans, shipments or boxes that one letter tells of; the rest is refused."""
AHEAD = dt.timedelta(minutes=10)
"""How far the agency's clock may run ahead of the moment at which the letter was signed."""
_NAME, _WORDS, _NUMBER, _LAST_YEAR = 80, 200, 20, 2200


class Unreadable(ValueError):
    """A part of a letter is not what it should be; the text says what."""


@dataclass(slots=True)
class Taken:
    """What a letter told, and the places in it that were refused, with the reason."""

    scans: list[Scan] = field(default_factory=list)
    consignments: list[Consignment] = field(default_factory=list)
    boxes: list[BoxRecord] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)


def read(body: Mapping[str, Any], sent_at: dt.datetime) -> Taken:
    """Return what a letter tells. One unreadable part does not spoil the others."""
    taken = Taken()
    for part, index, entry in _entries(body):
        try:
            _need(index < MOST, "TOO_LONG")
            if part == "scans":
                taken.scans.append(read_scan(entry, sent_at))
            elif part == "consignments":
                taken.consignments.append(read_consignment(entry, sent_at))
            else:
                taken.boxes.append(read_box(entry))
        except Unreadable as error:
            taken.refused.append({"part": part, "index": index, "reason": str(error)})
    return taken


def _entries(body: Mapping[str, Any]) -> list[tuple[str, int, Any]]:
    found = []
    for part in ("scans", "consignments", "boxes"):
        listed = body.get(part, [])
        entries = listed if isinstance(listed, list) else [None]
        found += [(part, index, entry) for index, entry in enumerate(entries)]
    return found


def read_scan(entry: Any, sent_at: dt.datetime) -> Scan:
    """Return the scan that a letter describes.

    Raises:
        Unreadable: MALFORMED, TRACKING_NUMBER or FUTURE.
    """
    try:
        at = _instant(entry["at"])
        scan = Scan(
            tracking_number=tracking_number(entry["trackingNumber"]),
            kind=PostScanKind(entry["kind"]),
            at=at,
            place=_text(entry["place"], _NAME),
            note=_text(entry["note"], _WORDS) if entry.get("note") else None,
        )
    except Unreadable:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        raise Unreadable("MALFORMED") from None
    _need(at <= sent_at + AHEAD, "FUTURE")
    return scan


def read_consignment(entry: Any, sent_at: dt.datetime) -> Consignment:
    """Return the shipment that the post describes, its scans included.

    Raises:
        Unreadable: MALFORMED, TRACKING_NUMBER or FUTURE.
    """
    try:
        recipient, declared = entry.get("recipient"), entry.get("declaration")
        number = tracking_number(entry["trackingNumber"])
        scans = [read_scan(scan, sent_at) for scan in entry.get("scans", [])[:MOST]]
        _need(all(scan.tracking_number == number for scan in scans))
        return Consignment(
            tracking_number=number,
            recipient_national_id=_words(recipient["nationalId"], _NUMBER) if recipient else None,
            recipient_name=_text(recipient["name"], _NAME) if recipient else None,
            declaration=_declaration(declared) if declared else None,
            scans=scans,
        )
    except Unreadable:
        raise
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Unreadable("MALFORMED") from None


def read_box(entry: Any) -> BoxRecord:
    """Return the rented box that the post describes.

    Raises:
        Unreadable: MALFORMED.
    """
    try:
        _need(entry["office"] in OFFICES, "OFFICE")
        expires_on = dt.date.fromisoformat(entry["expiresOn"])
        _need(expires_on.year <= _LAST_YEAR)
        return BoxRecord(
            office=entry["office"],
            number=_words(entry["number"], _NUMBER),
            size=_words(entry["size"], _NUMBER),
            holder_national_id=_words(entry["holderNationalId"], _NUMBER),
            expires_on=expires_on,
        )
    except Unreadable:
        raise
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Unreadable("MALFORMED") from None


def tracking_number(typed: Any) -> str:
    """Return a normalised tracking number.

    Raises:
        Unreadable: it is not one.
    """
    number = s10.normalised(typed) if isinstance(typed, str) else ""
    if s10.flaw(number) is not None:
        raise Unreadable("TRACKING_NUMBER")
    return number


def write_scan(scan: Scan) -> dict[str, Any]:
    """Return a scan as the post writes it."""
    return {
        "trackingNumber": scan.tracking_number,
        "kind": scan.kind.value,
        "at": scan.at.isoformat(),
        "place": _pair(scan.place),
        "note": _pair(scan.note) if scan.note else None,
    }


def write_consignment(consignment: Consignment) -> dict[str, Any]:
    """Return a shipment as the post writes it."""
    name, declared = consignment.recipient_name, consignment.declaration
    return {
        "trackingNumber": consignment.tracking_number,
        "recipient": {"nationalId": consignment.recipient_national_id, "name": _pair(name)}
        if name
        else None,
        "declaration": {"heading": declared.heading, "valueFils": declared.value}
        if declared
        else None,
        "scans": [write_scan(scan) for scan in consignment.scans],
    }


def answer(taken: Taken, beyond: Sequence[Scan], news: int) -> dict[str, Any]:
    """Return the reply to a letter: how much of it was new, and what was refused."""
    too_many = [{"part": "scans", **write_scan(scan), "reason": "TOO_MANY"} for scan in beyond]
    return {"new": news, "refused": [*taken.refused, *too_many]}


def _need(holds: bool, reason: str = "MALFORMED") -> None:  # noqa: FBT001  reads as a sentence
    if not holds:
        raise Unreadable(reason)


def _declaration(entry: Any) -> Declaration:
    heading, value = entry["heading"], entry["valueFils"]
    _need(isinstance(heading, str) and heading.isdecimal() and len(heading) <= _NUMBER)
    _need(type(value) is int and 0 <= value <= MAX_FILS)
    return Declaration(heading, value)


def _pair(text: Text) -> dict[str, str]:
    return {"en": text.en, "ar": text.ar}


def _text(entry: Any, most: int) -> Text:
    return Text(_words(entry["en"], most), _words(entry["ar"], most))


def _words(value: Any, most: int) -> str:
    _need(isinstance(value, str) and 0 < len(value) <= most and "\x00" not in value)
    return str(value)


def _instant(value: Any) -> dt.datetime:
    instant = dt.datetime.fromisoformat(value)
    _need(instant.tzinfo is not None)
    return instant.astimezone(dt.UTC)
