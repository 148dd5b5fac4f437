"""Leave through the front door: days, balances, decisions, a holiday declared late."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any

import pytest
from bawaba.calendar import WEEKEND, Calendar
from bawaba_civil_service.clock import working_days
from bawaba_civil_service.models import CivilLeave
from civil_world import DAY, raw, today, week


def until(bureau: Any, day: dt.date) -> None:
    """Let the clock go on to a day."""
    bureau.clock.advance(days=(day - today(bureau)).days)


async def balance(bureau: Any, who: str = "civil-servant-2", kind: str = "ANNUAL") -> int:
    found = (await bureau.record(who))["leaveBalances"]
    return int({each["kind"]: each["daysRemaining"] for each in found}[kind])


async def test_days_skip_the_weekend_and_are_held_at_once(bureau: Any) -> None:
    first = week(bureau, 1)
    until(bureau, first)
    before = await balance(bureau)
    asked = await bureau.leave("civil-servant-2", first, first + 7 * DAY)
    expected = working_days(Calendar(), first, first + 7 * DAY)
    assert (asked["status"], asked["days"]) == ("REQUESTED", expected)
    assert await balance(bureau) == before - expected
    gone = await bureau.act("civil-servant-2", "CancelLeave", "CancelLeave", leaveId=asked["id"])
    assert gone["status"] == "CANCELLED", "nobody has approved it yet"
    assert [step["step"] for step in gone["history"]] == ["REQUESTED", "CANCELLED"]
    assert await balance(bureau) == before


async def test_the_demos_leaves_have_their_whole_history(bureau: Any) -> None:
    shown = (await bureau.record("civil-servant"))["leaves"]["nodes"]
    told = {leave["status"]: [step["step"] for step in leave["history"]] for leave in shown}
    assert told == {
        "REQUESTED": ["REQUESTED"],
        "APPROVED": ["REQUESTED", "APPROVED"],
        "TAKEN": ["REQUESTED", "APPROVED", "TAKEN"],
    }


async def test_a_manager_of_the_entity_decides_once(bureau: Any) -> None:
    first = week(bureau, 20)
    asked = await bureau.leave("civil-servant", first, first + DAY)
    approved = await bureau.decide("civil-manager", asked["id"])
    assert (approved["status"], approved["decision"]) == ("APPROVED", "As agreed")
    assert await bureau.decide("civil-manager", asked["id"]) == ["CIVIL_SERVICE_LEAVE_DECIDED"]
    (told,) = await bureau.enqueued("tell_leave")
    await bureau.run("tell_leave", **told)
    _, kind, _, body = bureau.post.sent[-1]
    assert (kind, body["status"], body["days"]) == ("civilService.leave", "APPROVED", 2)
    gone = await bureau.act("civil-servant", "CancelLeave", "CancelLeave", leaveId=asked["id"])
    assert gone["status"] == "CANCELLED"
    assert [each["status"] for each in await bureau.enqueued("tell_leave")] == [
        "APPROVED",
        "CANCELLED",
    ]


async def test_rejecting_frees_the_days_and_tells_no_bureau(bureau: Any) -> None:
    first, before = week(bureau, 20), await balance(bureau, "civil-servant")
    asked = await bureau.leave("civil-servant", first, first + DAY)
    rejected = await bureau.decide("civil-manager", asked["id"], approve=False)
    assert rejected["status"] == "REJECTED"
    assert await balance(bureau, "civil-servant") == before
    assert await bureau.enqueued("tell_leave") == []


async def test_nobody_approves_ones_own_or_of_another_entity(bureau: Any) -> None:
    first = week(bureau, 3)
    own = await bureau.leave("civil-manager", first, first)
    assert await bureau.decide("civil-manager", own["id"]) == ["CIVIL_SERVICE_OWN_LEAVE"]
    other = await bureau.leave("civil-servant-2", first, first)
    assert await bureau.decide("civil-manager", other["id"]) == ["NOT_FOUND"]
    assert await bureau.decide("civil-servant-2", other["id"]) == ["FORBIDDEN"]
    assert await bureau.decide("civil-officer", other["id"]) == ["FORBIDDEN"]
    stolen = await bureau.act("civil-servant", "CancelLeave", "CancelLeave", leaveId=other["id"])
    assert stolen == ["NOT_FOUND"]


@pytest.mark.parametrize(
    ("who", "first", "last", "fields", "code"),
    [
        ("citizen", 0, 1, {}, "CIVIL_SERVICE_NO_RECORD"),
        ("civil-servant-2", 1, 0, {}, "CIVIL_SERVICE_BAD_PERIOD"),
        ("civil-servant-2", 0, 900, {}, "CIVIL_SERVICE_BAD_PERIOD"),
        ("civil-servant-2", 5, 6, {}, "CIVIL_SERVICE_NO_WORKING_DAYS"),
        ("civil-servant-2", 0, 120, {}, "CIVIL_SERVICE_BALANCE_TOO_LOW"),
        ("civil-servant-2", 0, 14, {"kind": "CASUAL"}, "CIVIL_SERVICE_BALANCE_TOO_LOW"),
        ("civil-servant-2", 0, 0, {"reason": ""}, "CIVIL_SERVICE_TEXT_LENGTH"),
    ],
)
async def test_what_is_refused(
    bureau: Any, who: str, first: int, last: int, fields: Any, code: str
) -> None:
    sunday = week(bureau, 2)
    asked = await bureau.leave(who, sunday + first * DAY, sunday + last * DAY, **fields)
    assert asked == [code]


async def test_leaves_do_not_overlap(bureau: Any) -> None:
    first = week(bureau, 2)
    await bureau.leave("civil-servant-2", first, first + 2 * DAY)
    again = await bureau.leave("civil-servant-2", first + 2 * DAY, first + 3 * DAY, kind="SICK")
    assert again == ["CIVIL_SERVICE_LEAVE_OVERLAPS"]


async def test_ten_at_once_draw_no_more_than_there_is(bureau: Any) -> None:
    """Casual leave has five days: of ten wishes for one day each, five are granted."""
    until(bureau, dt.date(today(bureau).year + 1, 2, 1))
    later = (today(bureau) + n * DAY for n in range(1, 60))
    days = [day for day in later if Calendar().is_working(day)][:10]
    left = await balance(bureau, kind="CASUAL")
    asked = await asyncio.gather(
        *(bureau.leave("civil-servant-2", each, each, kind="CASUAL") for each in days)
    )
    granted = [each for each in asked if isinstance(each, dict)]
    assert len(granted) == left == 5
    assert await balance(bureau, kind="CASUAL") == 0


async def test_a_holiday_declared_late_gives_the_day_back(bureau: Any) -> None:
    first = week(bureau, 4)
    until(bureau, first)
    before = await balance(bureau)
    asked = await bureau.leave("civil-servant-2", first, first + 4 * DAY)
    assert asked["days"] == 5
    holiday = {"on": (first + DAY).isoformat(), "nameEn": "Eid", "nameAr": "عيد"}
    announce = ("AnnounceHoliday", "AnnounceHoliday")
    assert await bureau.act("civil-manager", *announce, **holiday) == ["FORBIDDEN"]
    said = await bureau.act("civil-registrar", *announce, **holiday)
    assert said == {"on": holiday["on"], "isOff": True}
    known = await bureau.act("civil-registrar", *announce, **holiday)
    assert known == ["CIVIL_SERVICE_HOLIDAY_KNOWN"]
    for _ in range(2):
        await bureau.run("recount", on=holiday["on"])
    leave = await bureau.node(
        "civil-servant-2", asked["id"], "... on CivilServiceLeave { days history { step days } }"
    )
    assert leave["days"] == 4
    assert [step["step"] for step in leave["history"]] == ["REQUESTED", "RECOUNTED"]
    assert await balance(bureau) == before - 4
    undone = await bureau.act("civil-registrar", *announce, **holiday, isOff=False)
    assert undone["isOff"] is False
    await bureau.run("recount", on=holiday["on"])
    assert await balance(bureau) == before - 4, "what was granted stays"


async def test_an_expected_holiday_that_is_a_working_day_counts(bureau: Any) -> None:
    later = (today(bureau) + n * DAY for n in range(1, 300))
    day = next(d for d in later if Calendar().is_holiday(d) and d.weekday() not in WEEKEND)
    assert await bureau.leave("civil-servant-2", day, day) == ["CIVIL_SERVICE_NO_WORKING_DAYS"]
    said = {"on": day.isoformat(), "nameEn": "Moved", "nameAr": "نُقلت", "isOff": False}
    await bureau.act("civil-registrar", "AnnounceHoliday", "AnnounceHoliday", **said)
    assert (await bureau.leave("civil-servant-2", day, day))["days"] == 1


async def test_a_leave_that_is_over_is_taken_and_stays(bureau: Any) -> None:
    first = week(bureau, 1)
    asked = await bureau.leave("civil-servant", first, first + DAY)
    await bureau.decide("civil-manager", asked["id"])
    await bureau.run("mark_taken")
    bureau.clock.advance(days=(first - today(bureau)).days)
    cancelling = ("civil-servant", "CancelLeave", "CancelLeave")
    begun = await bureau.act(*cancelling, leaveId=asked["id"])
    assert begun == ["CIVIL_SERVICE_LEAVE_BEGUN"]
    bureau.clock.advance(days=2)
    await bureau.run("mark_taken")
    with bureau.host.unit():
        assert (await CivilLeave.get(id=raw(asked["id"]))).status == "TAKEN"
    assert await bureau.act(*cancelling, leaveId=asked["id"]) == ["CIVIL_SERVICE_LEAVE_DECIDED"]


async def test_the_managers_desk_shows_what_waits(bureau: Any) -> None:
    query = """{ civilServiceLeaves(entity: "moh", first: 5) { totalCount nodes {
      status employee { employeeNumber name } } } }"""
    found = (await bureau.look("civil-manager", query))["civilServiceLeaves"]
    assert found["totalCount"] == 1
    assert found["nodes"][0]["employee"]["employeeNumber"] == "CS-10482"


async def test_the_last_that_the_bureau_hears_of_a_leave_is_true(bureau: Any) -> None:
    first = week(bureau, 22)
    asked = await bureau.leave("civil-servant", first, first)
    await bureau.decide("civil-manager", asked["id"])
    await bureau.act("civil-servant", "CancelLeave", "CancelLeave", leaveId=asked["id"])
    approved, cancelled = await bureau.enqueued("tell_leave")
    for told in (cancelled, approved):  # the first was put off, and is tried again now
        await bureau.run("tell_leave", **told)
    assert [body["status"] for *_, body in bureau.post.sent] == ["CANCELLED"]
