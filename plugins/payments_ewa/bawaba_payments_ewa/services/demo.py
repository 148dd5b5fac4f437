"""The demo's people and the accounts that the simulated authority keeps for them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from bawaba import runtime
from bawaba.plugin import DemoPerson, Grant, Progress
from bawaba.text import Text

from bawaba_payments_ewa.domain import (
    AccountRecord,
    Counter,
    EwaDunningStatus,
    EwaLineKind,
    EwaTariffClass,
    Fee,
    Reading,
)
from bawaba_payments_ewa.gateway import simulator
from bawaba_payments_ewa.rules import data, pricing
from bawaba_payments_ewa.services import accounts, figures

CITIZEN = DemoPerson("citizen", Text("Maryam Ali Hasan", "مريم علي حسن"), "880514237")
CITIZEN_2 = DemoPerson("citizen-2", Text("Yusuf Ahmed Salman", "يوسف أحمد سلمان"), "910805146")
OFFICER = DemoPerson(
    "ewa-officer",
    Text("Noora Isa Abdulla", "نورة عيسى عبدالله"),
    "830917448",
    (Grant("ewa-officer", "ewa"),),
)
PEOPLE = (CITIZEN, CITIZEN_2, OFFICER)
_MONTHS = 13
_EVERY = 30
_DUE_AFTER = 21
_PAID_AFTER = 10
_FIXED_MONTHS = 8
_POWER = (2400, 3300, 4600, 5400, 5100, 3900, 2700, 1900, 1600, 1500, 1700, 2000)
_WATER = (38, 45, 62, 70, 66, 52, 40, 33, 30, 31, 34, 36)
_MUNICIPAL = Text("Municipal fee", "رسوم البلدية")


@dataclass(frozen=True, slots=True)
class _Home:
    """An account of the demo. ``age``: days since its newest bill; ``open``: bills not paid."""

    person: DemoPerson
    number: str
    address: Text
    age: int
    open: int
    subsidised: bool = True
    commercial: bool = False
    scale: int = 100
    fee: int = 0
    instalment: int | None = None
    extra: int = 0
    stage_day: int | None = None


HOME = _Home(
    CITIZEN, "1004482913", Text("House 214, Road 3308, Riffa", "منزل 214، طريق 3308، الرفاع"), 6, 1
)
ARREARS = _Home(
    CITIZEN,
    "1004482921",
    Text("Flat 12, Building 880, Road 2417, Juffair", "شقة 12، مبنى 880، طريق 2417، الجفير"),
    17,
    2,
    subsidised=False,
    scale=30,
    fee=25_000,
    stage_day=45,
)
SHOP = _Home(
    CITIZEN,
    "2004482955",
    Text("Shop 5, Road 1527, Manama Souq", "محل 5، طريق 1527، سوق المنامة"),
    9,
    1,
    subsidised=False,
    commercial=True,
    scale=70,
    fee=40_000,
    extra=50_000,
)
FIXED = _Home(
    CITIZEN_2,
    "1004317640",
    Text("House 71, Road 1019, Muharraq", "منزل 71، طريق 1019، المحرق"),
    4,
    1,
    instalment=16_500,
)
CREDIT = _Home(
    CITIZEN_2,
    "1004317658",
    Text("House 9, Road 5502, Hamad Town", "منزل 9، طريق 5502، مدينة حمد"),
    12,
    0,
    scale=60,
    extra=30_000,
)
HOMES = (HOME, ARREARS, SHOP, FIXED, CREDIT)


def _readings(home: _Home, today: dt.date) -> list[Reading]:
    found = []
    for index in range(_MONTHS):
        issued = today - dt.timedelta(days=home.age + _EVERY * (_MONTHS - 1 - index))
        found.append(
            Reading(
                reference=f"{home.number}-{issued:%Y%m%d}",
                issued_on=issued,
                due_on=issued + dt.timedelta(days=_DUE_AFTER),
                starts_on=issued - dt.timedelta(days=_EVERY),
                ends_on=issued - dt.timedelta(days=1),
                electricity_kwh=_POWER[issued.month % 12] * home.scale // 100,
                water_m3=_WATER[issued.month % 12] * home.scale // 100,
                fees=[Fee(EwaLineKind.MUNICIPAL_FEE, _MUNICIPAL, home.fee)] if home.fee else [],
            )
        )
    return found


def _charged(home: _Home, reading: Reading, since: dt.date | None) -> int:
    if since is not None and home.instalment is not None and reading.issued_on >= since:
        return home.instalment
    kind = EwaTariffClass.COMMERCIAL if home.commercial else EwaTariffClass.DOMESTIC
    who = data.who(kind, subsidised=home.subsidised)
    return sum(line.fils for line in pricing.price(figures.rules(), who, reading))


def _payments(home: _Home, readings: Sequence[Reading], since: dt.date | None) -> list[Counter]:
    paid = [
        Counter(reading.reference, _charged(home, reading, since), _at(reading, _PAID_AFTER))
        for reading in readings[: len(readings) - home.open]
    ]
    if home.extra:
        paid.append(Counter(f"{home.number}-extra", home.extra, _at(readings[-1], 2)))
    return paid


def _at(reading: Reading, days: int) -> dt.datetime:
    day = reading.issued_on + dt.timedelta(days=days)
    return dt.datetime.combine(day, dt.time(9), tzinfo=dt.UTC)


def records(today: dt.date) -> list[AccountRecord]:
    """Return the demo's accounts as the authority tells them on ``today``."""
    found = []
    for home in HOMES:
        readings = _readings(home, today)
        since = readings[-_FIXED_MONTHS].issued_on if home.instalment else None
        first_open = readings[-home.open].issued_on if home.open else None
        staged = home.stage_day is not None and first_open is not None
        found.append(
            AccountRecord(
                number=home.number,
                owner_national_id=home.person.national_id,
                address=home.address,
                tariff_class=EwaTariffClass.COMMERCIAL
                if home.commercial
                else EwaTariffClass.DOMESTIC,
                subsidised=home.subsidised,
                readings=readings,
                payments=_payments(home, readings, since),
                instalment_fils=home.instalment,
                fixed_since=since,
                stage=EwaDunningStatus.FINAL_NOTICE if staged else None,
                stage_on=first_open + dt.timedelta(days=home.stage_day or 0)
                if first_open is not None and staged
                else None,
            )
        )
    return found


async def load(progress: Progress) -> None:
    """Enter the demo's accounts into the simulated authority; what is there stays as it is."""
    told = records(runtime.today())
    await simulator.enter(told)
    numbers = [record.number for record in told]
    register = simulator.SimulatedRegister()
    await accounts.refresh(await register.find(numbers))
    progress("electricity and water accounts", len(told), len(told))
