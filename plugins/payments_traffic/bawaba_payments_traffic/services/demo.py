"""The demo's people and the fines that the simulated directorate holds against them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from bawaba import runtime
from bawaba.plugin import DemoPerson, Grant, Progress
from bawaba.text import Text

from bawaba_payments_traffic.domain import FineRecord, FineStatus
from bawaba_payments_traffic.gateway import simulator

CITIZEN = DemoPerson("citizen", Text("Maryam Ali Hasan", "مريم علي حسن"), "880514237")
CITIZEN_2 = DemoPerson("citizen-2", Text("Yusuf Ahmed Salman", "يوسف أحمد سلمان"), "910805146")
OFFICER = DemoPerson(
    "traffic-officer",
    Text("Lt. Khalid Ebrahim", "الملازم خالد إبراهيم"),
    "790211963",
    (Grant("traffic-officer"),),
)
PEOPLE = (CITIZEN, CITIZEN_2, OFFICER)

_PLACES = (
    Text("King Faisal Highway, Manama", "شارع الملك فيصل، المنامة"),
    Text("Shaikh Khalifa bin Salman Highway", "شارع الشيخ خليفة بن سلمان"),
    Text("Exhibition Avenue, Manama", "شارع المعارض، المنامة"),
    Text("Shaikh Isa bin Salman Bridge, Muharraq", "جسر الشيخ عيسى بن سلمان، المحرق"),
    Text("Zallaq Highway", "شارع الزلاق"),
)
_RECENT = ("SPEEDING", "NO_PARKING", "PHONE", "SEAT_BELT", "RED_LIGHT", "EXPIRED_REGISTRATION")


@dataclass(frozen=True, slots=True)
class _Car:
    person: DemoPerson
    plate: str
    first_number: int
    recent: int


_CARS = (
    _Car(CITIZEN, "482913", 1_000_001, 10),
    _Car(CITIZEN_2, "317640", 1_000_101, 8),
    _Car(OFFICER, "205571", 1_000_201, 1),
)


def _offences(recent: int) -> Iterator[tuple[str, int]]:
    """Yield (violation, days since the offer): discounted, then full, late, and not payable."""
    for index in range(recent):
        yield _RECENT[index % len(_RECENT)], index % 5
    yield from (("SPEEDING", 12), ("NO_PARKING", 20), ("PHONE", 45), ("RED_LIGHT", 120))
    yield "DRUNK_DRIVING", 150


def _fines(at: dt.datetime) -> Iterator[FineRecord]:
    for car in _CARS:
        for index, (violation, days) in enumerate(_offences(car.recent)):
            offered = at - dt.timedelta(days=days)
            yield FineRecord(
                reference=f"TF-{car.first_number + index}",
                violation=violation,
                plate_number=car.plate,
                plate_category="PRIVATE",
                location=_PLACES[index % len(_PLACES)],
                occurred_at=offered - dt.timedelta(hours=30, minutes=7 * index),
                offered_at=offered,
                debtor_national_id=car.person.national_id,
                owner_national_id=car.person.national_id,
                status=FineStatus.UNPAID,
            )


async def load(progress: Progress) -> None:
    """Enter the demo's fines into the simulated register; what is there stays as it is."""
    fines = list(_fines(runtime.now()))
    await simulator.issue(fines)
    progress("traffic fines", len(fines), len(fines))
