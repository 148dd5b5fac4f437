"""The demo's people, and what the simulated bureau has of them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from bawaba import calendar, db, jobs, runtime
from bawaba.plugin import DemoPerson, Grant, Progress
from bawaba.text import Text

from bawaba_civil_service.clock import working_days
from bawaba_civil_service.domain import (
    CivilServiceCertificateKind,
    CivilServiceLeaveKind,
    CivilServiceLeaveStatus,
    CivilServiceLeaveStepKind,
    CivilServiceLineKind,
    CivilServiceRequestStatus,
    Facts,
    Line,
    Opening,
    Record,
)
from bawaba_civil_service.gateway import simulator
from bawaba_civil_service.models import CivilEmployee, CivilLeave, CivilRequest
from bawaba_civil_service.rules import papers, pay
from bawaba_civil_service.services import leaves, payroll, payslips, records, requests
from bawaba_civil_service.services.data import fees

SERVANT = DemoPerson("civil-servant", Text("Noora Jassim Haddad", "نورة جاسم حداد"), "870311204")
SERVANT_2 = DemoPerson("civil-servant-2", Text("Hamad Isa Darwish", "حمد عيسى درويش"), "920618733")
MANAGER = DemoPerson(
    "civil-manager",
    Text("Layla Abdulla Mattar", "ليلى عبدالله مطر"),
    "760922518",
    (Grant("civil-service-manager", "moh"),),
)
OFFICER = DemoPerson(
    "civil-officer",
    Text("Salman Yaqoob Rashid", "سلمان يعقوب راشد"),
    "830405126",
    (Grant("civil-service-officer", "moe"),),
)
REGISTRAR = DemoPerson(
    "civil-registrar",
    Text("Aisha Khalifa Nass", "عائشة خليفة ناس"),
    "700118354",
    (Grant("civil-service-registrar"),),
)
PEOPLE = (SERVANT, SERVANT_2, MANAGER, OFFICER, REGISTRAR)

_HEALTH = Text("Ministry of Health", "وزارة الصحة")
_EDUCATION = Text("Ministry of Education", "وزارة التربية والتعليم")
_MONTHS = 4
_PAY_DAY = 25
_RAISE = 15_000
"""By how many fils the allowances of the first demo month were too low: corrected in the last."""


@dataclass(frozen=True, slots=True)
class _Post:
    person: DemoPerson
    number: str
    entity: str
    entity_name: Text
    position: Text
    grade: str
    years: int
    basic: int


_POSTS = (
    _Post(
        SERVANT, "CS-10482", "moh", _HEALTH, Text("Senior nurse", "ممرضة أولى"), "G5", 9, 780_000
    ),
    _Post(SERVANT_2, "CS-20751", "moe", _EDUCATION, Text("Teacher", "معلم"), "E3", 4, 640_000),
    _Post(
        MANAGER,
        "CS-10007",
        "moh",
        _HEALTH,
        Text("Head of nursing", "رئيسة التمريض"),
        "G8",
        21,
        1_350_000,
    ),
    _Post(
        OFFICER,
        "CS-20033",
        "moe",
        _EDUCATION,
        Text("Personnel officer", "مسؤول شؤون الموظفين"),
        "G6",
        12,
        910_000,
    ),
)


def _facts(post: _Post, today: dt.date) -> Facts:
    hired = dt.date(today.year - post.years, 3, 1)
    begins = dt.date(today.year - 1, 1, 1)
    record = Record(
        employee_number=post.number,
        national_id=post.person.national_id,
        name=post.person.name,
        entity=post.entity,
        entity_name=post.entity_name,
        position=post.position,
        grade=post.grade,
        hired_on=hired,
        version=1,
        openings={CivilServiceLeaveKind.ANNUAL: Opening(begins, 6)},
    )
    return Facts(record, post.basic, post.basic // 5, today)


def _pay_days(today: dt.date) -> list[dt.date]:
    """Return the pay days of the last months that are over, oldest first."""
    found, day = [], today.replace(day=1)
    for _ in range(_MONTHS):
        day = (day - dt.timedelta(days=1)).replace(day=1)
        found.append(day.replace(day=_PAY_DAY))
    return found[::-1]


def _line(month: str) -> Line:
    label = Text(f"Correction: allowance of {month}", f"تصحيح: علاوة {month}")
    return Line(CivilServiceLineKind.CORRECTION, label, _RAISE, month)


async def load(progress: Progress) -> None:
    """Enter the demo's employees, their pay, leave and certificates; what is there stays."""
    today = runtime.today()
    told = [_facts(post, today) for post in _POSTS]
    if await CivilEmployee.filter(employee_number=_POSTS[0].number).exists():
        progress("civil servants", len(told), len(told))
        return
    await simulator.enter(told)
    days = _pay_days(today)
    months = [pay.month_of(day) for day in days]
    slips = [
        payroll.ordinary(facts, month, day, [_line(months[0])] if month == months[-1] else [])
        for facts in told
        for month, day in zip(months, days, strict=True)
    ]
    async with db.transaction():
        await records.take([facts.record for facts in told])
        await payslips.take([(slip, slip.net) for slip in slips])
        servant = await CivilEmployee.get(employee_number=_POSTS[0].number)
        await _leave(servant, today)
        await _certificates(servant, today)
    progress("civil servants", len(told), len(told))


async def _leave(servant: CivilEmployee, today: dt.date) -> None:
    """Give the first civil servant a leave taken, one approved and one to be decided."""
    states, steps = CivilServiceLeaveStatus, CivilServiceLeaveStepKind
    for weeks, status in ((-10, states.TAKEN), (6, states.APPROVED), (14, states.REQUESTED)):
        asked = runtime.now() - dt.timedelta(weeks=max(0, 2 - weeks), days=2)
        decided = None if status is states.REQUESTED else asked + dt.timedelta(days=1)
        sunday = today + dt.timedelta(days=(6 - today.weekday()) % 7, weeks=weeks)
        last = sunday + dt.timedelta(days=2)
        leave = await CivilLeave.create(
            id=runtime.new_id(),
            employee_id=servant.id,
            kind=CivilServiceLeaveKind.ANNUAL.value,
            first_on=sunday,
            last_on=last,
            days=working_days(await calendar.between(sunday, last), sunday, last),
            status=status.value,
            reason="Family" if status is states.TAKEN else "Travel",
            requested_at=asked,
            decided_at=decided,
            decision=None if decided is None else "Approved.",
        )
        await leaves.step(leave, steps.REQUESTED, None, asked)
        if decided is not None:
            await leaves.step(leave, steps.APPROVED, None, decided)
        if status is states.TAKEN:
            over = dt.datetime.combine(last + dt.timedelta(days=1), dt.time(), dt.UTC)
            await leaves.step(leave, steps.TAKEN, None, over)


async def _certificates(servant: CivilEmployee, today: dt.date) -> None:
    """Make a request that was paid at the bureau, to be issued; and one that waits."""
    kinds, states = CivilServiceCertificateKind, CivilServiceRequestStatus
    for kind, status, reference in (
        (kinds.SALARY, states.PAID, "CSC-DEMO-0001"),
        (kinds.EXPERIENCE, states.AWAITING_PAYMENT, "CSC-DEMO-0002"),
    ):
        paid = status is states.PAID
        fee = papers.fee_of(fees(), kind, today)
        at = runtime.now() - dt.timedelta(days=1)
        request = await CivilRequest.create(
            id=runtime.new_id(),
            reference=reference,
            employee_id=servant.id,
            kind=kind.value,
            language="EN" if paid else "AR",
            purpose="Bank" if paid else "Embassy",
            status=status.value,
            fee_fils=fee.fils,
            requested_at=at,
            expires_at=at + dt.timedelta(days=fee.pay_within),
            settled_item_id=f"counter-{reference}" if paid else None,
            receipt_number=f"COUNTER-{reference}" if paid else None,
            paid_fils=fee.fils if paid else 0,
            reversed_fils=0,
            paid_at=at if paid else None,
        )
        if paid:
            await jobs.enqueue(requests.ISSUE, {"request": request.id}, key=request.id)
