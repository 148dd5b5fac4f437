"""The authority's JSON, read and written: in its answers, and in its letters."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from bawaba.errors import AgencyUnavailable
from bawaba.text import Text

from bawaba_payments_ewa.domain import (
    MAX_BILLS,
    AccountRecord,
    Counter,
    EwaDunningStatus,
    EwaLineKind,
    EwaTariffClass,
    Fee,
    Reading,
)

_MAX_FEES = 5
_MAX_FILS = 10**12


def read_account(body: Any) -> AccountRecord:
    """Return the account that the authority describes.

    Raises:
        AgencyUnavailable: the description is not one.
    """
    try:
        stage, fixed = body.get("stage"), body.get("fixed") or {}
        return AccountRecord(
            number=_words(body["number"], 20),
            owner_national_id=_words(body["ownerNationalId"], 20),
            address=_text(body["address"], 200),
            tariff_class=EwaTariffClass(body["tariffClass"]),
            subsidised=_flag(body["subsidised"]),
            readings=[_reading(each) for each in _bounded(body.get("bills", ()))],
            payments=[_counter(each) for each in _bounded(body.get("payments", ()))],
            withdrawn=[_words(each, 40) for each in _bounded(body.get("withdrawn", ()))],
            instalment_fils=_whole(fixed["instalment"], 1) if fixed else None,
            fixed_since=dt.date.fromisoformat(fixed["since"]) if fixed else None,
            stage=EwaDunningStatus(stage) if stage else None,
            stage_on=dt.date.fromisoformat(body["stageOn"]) if stage else None,
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise AgencyUnavailable("the electricity and water authority told nonsense") from error


def write_account(record: AccountRecord) -> dict[str, Any]:
    """Return an account as the authority describes it."""
    return {
        "number": record.number,
        "ownerNationalId": record.owner_national_id,
        "address": {"en": record.address.en, "ar": record.address.ar},
        "tariffClass": record.tariff_class.value,
        "subsidised": record.subsidised,
        "bills": [write_reading(reading) for reading in record.readings],
        "payments": [write_counter(payment) for payment in record.payments],
        "withdrawn": list(record.withdrawn),
        "fixed": None
        if record.instalment_fils is None or record.fixed_since is None
        else {"instalment": record.instalment_fils, "since": record.fixed_since.isoformat()},
        "stage": record.stage.value if record.stage else None,
        "stageOn": record.stage_on.isoformat() if record.stage_on else None,
    }


def write_reading(reading: Reading) -> dict[str, Any]:
    """Return a bill's meters as the authority describes them."""
    return {
        "reference": reading.reference,
        "issuedOn": reading.issued_on.isoformat(),
        "dueOn": reading.due_on.isoformat(),
        "startsOn": reading.starts_on.isoformat(),
        "endsOn": reading.ends_on.isoformat(),
        "electricityKwh": reading.electricity_kwh,
        "waterM3": reading.water_m3,
        "fees": [
            {
                "kind": fee.kind.value,
                "description": {"en": fee.description.en, "ar": fee.description.ar},
                "fils": fee.fils,
            }
            for fee in reading.fees
        ],
    }


def write_counter(payment: Counter) -> dict[str, Any]:
    """Return money taken elsewhere as the authority describes it."""
    return {
        "key": payment.key,
        "fils": payment.fils,
        "paidAt": payment.paid_at.astimezone(dt.UTC).isoformat(),
    }


def _reading(body: Mapping[str, Any]) -> Reading:
    starts, ends = dt.date.fromisoformat(body["startsOn"]), dt.date.fromisoformat(body["endsOn"])
    if ends < starts:
        raise ValueError("a period ends before it starts")
    return Reading(
        reference=_words(body["reference"], 40),
        issued_on=dt.date.fromisoformat(body["issuedOn"]),
        due_on=dt.date.fromisoformat(body["dueOn"]),
        starts_on=starts,
        ends_on=ends,
        electricity_kwh=_whole(body["electricityKwh"], 0),
        water_m3=_whole(body["waterM3"], 0),
        fees=[_fee(each) for each in _bounded(body.get("fees", ()), _MAX_FEES)],
    )


def _fee(body: Mapping[str, Any]) -> Fee:
    return Fee(EwaLineKind(body["kind"]), _text(body["description"], 120), _whole(body["fils"], 0))


def _counter(body: Mapping[str, Any]) -> Counter:
    paid_at = dt.datetime.fromisoformat(body["paidAt"])
    if paid_at.tzinfo is None:
        raise ValueError("an instant without an offset")
    return Counter(_words(body["key"], 80), _whole(body["fils"], 1), paid_at.astimezone(dt.UTC))


def _bounded(values: Any, most: int = MAX_BILLS) -> Sequence[Any]:
    if not isinstance(values, list | tuple) or len(values) > most:
        raise ValueError("not a list, or too long a one")
    return values


def _text(body: Mapping[str, Any], most: int) -> Text:
    return Text(_words(body["en"], most), _words(body["ar"], most))


def _words(value: Any, most: int) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= most:
        raise ValueError("not a text, or too long a one")
    return value


def _whole(value: Any, least: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= _MAX_FILS:
        raise ValueError("not a whole number, or out of range")
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError("not true or false")
    return value
