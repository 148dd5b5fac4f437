"""The tariffs that ship with the package, and the price of a mirrored fine."""

from __future__ import annotations

import datetime as dt
import functools
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from bawaba import runtime
from bawaba.payments import Bill, BillStatus
from bawaba.text import Text

from bawaba_payments_traffic import rules
from bawaba_payments_traffic.domain import SERVICE, FineStatus, Price, Tariffs

_SETTLED = {
    FineStatus.PAID: Text("It is paid.", "تم سدادها."),
    FineStatus.CANCELLED: Text("It was cancelled; nothing is due.", "أُلغيت؛ ولا يستحق عنها شيء."),
}


@functools.cache
def tariffs() -> Tariffs:
    """Return the tariffs of ``tariffs.toml``, read once."""
    text = files("bawaba_payments_traffic").joinpath("tariffs.toml").read_text(encoding="utf-8")
    return rules.read_tariffs(tomllib.loads(text))


def price_of(fine: Mapping[str, Any], at: dt.datetime) -> Price:
    """Return what settling the fine (a mirror row) costs ``at`` an instant, were it unpaid."""
    return rules.price(
        tariffs(),
        fine["violation"],
        occurred_at=fine["occurred_at"],
        offered_at=fine["offered_at"],
        referred_on=fine["referred_on"],
        at=at,
        zone=ZoneInfo(runtime.current().timezone),
    )


def violation_name(fine: Mapping[str, Any]) -> Text:
    """Return what the violation is called, by the tariff of its day; else its code."""
    code: str = fine["violation"]
    tariff = rules.tariff_of(tariffs(), code, runtime.local_day(fine["occurred_at"]))
    return tariff.name if tariff else Text(code, code)


def bill_of(fine: Mapping[str, Any], at: dt.datetime) -> Bill:
    """Return the fine (a mirror row) as a bill, priced for ``at``."""
    status = FineStatus(fine["status"])
    price = price_of(fine, at)
    unpaid = status is FineStatus.UNPAID
    return Bill(
        id=fine["id"],
        service=SERVICE,
        reference=fine["reference"],
        description=violation_name(fine),
        status=BillStatus(status.value),
        fils=price.fils,
        due_fils=price.due_fils if unpaid else 0,
        explanation=price.explanation if unpaid else _SETTLED[status],
        due_on=price.due_on,
        debtor_national_id=fine["debtor_national_id"],
        not_payable=price.not_payable if unpaid else None,
    )
