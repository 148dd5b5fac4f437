"""Letters of the bureau: each key once; payslips stand for ever."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest
from bawaba import db
from bawaba.text import Text
from bawaba_civil_service.domain import CivilServiceLineKind, Line
from bawaba_civil_service.models import CivilLeaveStep, CivilPayslip, CivilPayslipLine
from bawaba_civil_service.rules import pay, wire
from bawaba_civil_service.services import commands, payroll
from civil_world import today, week

PAID = """{ me { civilServiceRecord { payslips(first: 50) { totalCount
  nodes { month net { amount } } } } } }"""


def coming(bureau: Any) -> tuple[str, str]:
    """This month and the next one: the demo has paid the months before."""
    first = today(bureau).replace(day=1)
    return pay.month_of(first), pay.month_of(first + dt.timedelta(days=31))


async def months(bureau: Any, who: str = "civil-servant") -> dict[str, str]:
    found = (await bureau.look(who, PAID))["me"]["civilServiceRecord"]["payslips"]
    assert found["totalCount"] == len(found["nodes"])
    return {node["month"]: node["net"]["amount"] for node in found["nodes"]}


async def slip(bureau: Any, month: str, *more: Line, number: str = "CS-10482") -> Any:
    facts = await bureau.facts(number)
    day = max(today(bureau), dt.date.fromisoformat(f"{month}-01"))
    return wire.write_payslip(payroll.ordinary(facts, month, day, more))


async def test_a_payslip_is_taken_once_however_often_it_is_sent(bureau: Any) -> None:
    this, then = coming(bureau)
    body = {"payslips": [await slip(bureau, this)]}
    before = await months(bureau)
    for _ in range(3):
        reply = await bureau.letter("payslips", body, key="january")
        assert reply == {"taken": 1, "refused": []}
    assert await bureau.letter("payslips", body) == {"taken": 0, "refused": []}, "another key"
    assert await months(bureau) == before | {this: "873.600"}
    other = {"payslips": [await slip(bureau, then)]}
    assert "problem" in await bureau.letter("payslips", other, key="january")
    assert then not in await months(bureau)


async def test_an_issued_payslip_is_corrected_in_the_next_only(bureau: Any) -> None:
    this, then = coming(bureau)
    await bureau.letter("payslips", {"payslips": [await slip(bureau, this)]})
    label = Text("Bonus", "مكافأة")
    changed = await slip(bureau, this, Line(CivilServiceLineKind.ALLOWANCE, label, 5))
    reply = await bureau.letter("payslips", {"payslips": [changed]})
    assert reply["taken"] == 0
    assert "correct it in the next" in reply["refused"][0]["reason"]
    correction = Line(CivilServiceLineKind.CORRECTION, label, 5, this)
    reply = await bureau.letter("payslips", {"payslips": [await slip(bureau, then, correction)]})
    assert reply == {"taken": 1, "refused": []}
    found = await months(bureau)
    assert (found[this], found[then]) == ("873.600", "873.605")


async def test_one_bad_payslip_leaves_the_others_standing(bureau: Any) -> None:
    this, _ = coming(bureau)
    good = await slip(bureau, this)
    wrong = {**await slip(bureau, this, number="CS-20751"), "net": 1}
    unknown = {**good, "employeeNumber": "CS-0"}
    reply = await bureau.letter("payslips", {"payslips": [wrong, good, unknown]})
    assert reply["taken"] == 1
    assert {each["employeeNumber"] for each in reply["refused"]} == {"CS-20751", "CS-0"}


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("payslips", {}),
        ("payslips", {"payslips": []}),
        ("payslips", {"payslips": [{"employeeNumber": "CS-10482"}]}),
        ("payslips", {"payslips": "many"}),
        ("records", {"records": [{"employeeNumber": 7}]}),
        ("revoked", {"verificationCode": 7, "reason": "x"}),
    ],
)
async def test_nonsense_is_told_apart(bureau: Any, kind: str, body: Any) -> None:
    assert "problem" in await bureau.letter(kind, body)


async def test_the_database_itself_keeps_payslips_and_history(bureau: Any) -> None:
    with bureau.host.unit():
        for query, change in (
            (CivilPayslip.all(), {"net_fils": 1}),
            (CivilPayslipLine.all(), {"fils": 1}),
            (CivilLeaveStep.all(), {"days": 1}),
        ):
            with pytest.raises(db.IntegrityError):
                await query.update(**change)
            with pytest.raises(db.IntegrityError):
                await query.delete()


async def test_a_record_changes_with_its_version(bureau: Any) -> None:
    record = (await bureau.facts("CS-10482")).record
    position = Text("Matron", "رئيسة تمريض")
    newer = dataclasses.replace(
        record, version=3, position=position, entity="moe", entity_name=Text("Education", "التربية")
    )
    older = dataclasses.replace(record, version=2)
    for told, taken in ((newer, 1), (older, 0), (newer, 0)):
        body = {"records": [wire.write_record(told)]}
        assert await bureau.letter("records", body) == {"taken": taken, "refused": []}
    found = await bureau.record("civil-servant")
    assert (found["position"], found["entity"]["code"]) == ("Matron", "moe")


async def test_leave_after_the_end_of_service_is_cancelled(bureau: Any) -> None:
    before = {
        leave["id"]: leave for leave in (await bureau.record("civil-servant"))["leaves"]["nodes"]
    }
    record = (await bureau.facts("CS-10482")).record
    gone = dataclasses.replace(record, version=2, left_on=today(bureau))
    await bureau.letter("records", {"records": [wire.write_record(gone)]})
    after = (await bureau.record("civil-servant"))["leaves"]["nodes"]
    assert [leave["status"] for leave in after] == ["CANCELLED", "CANCELLED", "TAKEN"]
    (told,) = await bureau.enqueued("tell_leave")
    assert (
        before[next(i for i in before if before[i]["status"] == "APPROVED")]["days"] == told["days"]
    )
    day = week(bureau, 30)
    assert await bureau.leave("civil-servant", day, day) == ["CIVIL_SERVICE_NOT_EMPLOYED"]
    bureau.clock.advance(days=2)
    assert await bureau.request() == ["CIVIL_SERVICE_NOT_EMPLOYED"]
    assert (await bureau.request(kind="EXPERIENCE"))["status"] == "AWAITING_PAYMENT"


async def test_a_personal_number_belongs_to_one_employee(bureau: Any) -> None:
    record = (await bureau.facts("CS-10482")).record
    other = dataclasses.replace(record, employee_number="CS-99999")
    reply = await bureau.letter("records", {"records": [wire.write_record(other)]})
    assert reply["taken"] == 0
    assert reply["refused"][0]["employeeNumber"] == "CS-99999"


async def test_the_simulated_bureau_pays_everybody(
    bureau: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    this, _ = coming(bureau)
    with bureau.host.unit():
        assert await commands.pay(this) == 0
        assert await commands.pay(this) == 0
    assert "'taken': 4" in capsys.readouterr().out
    assert (await months(bureau))[this] == "873.600"
    assert this in await months(bureau, "civil-servant-2")
