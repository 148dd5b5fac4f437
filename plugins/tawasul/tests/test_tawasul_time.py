"""What time does by itself: escalations, lapses, closings; and amendments of calendars."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from bawaba import db
from bawaba_tawasul.models import TawasulCase, TawasulRecomputation
from bawaba_tawasul.services import calendars, watching

SUNDAY = dt.datetime(2026, 11, 29, 5, 0, tzinfo=dt.UTC)
"""08:00 in Manama."""
AMEND = """mutation ($input: TawasulAmendCalendarInput!) { tawasulAmendCalendar(input: $input) {
  calendar { id effectiveFrom } recomputation { id done total } errors { code path } } }"""


@pytest.fixture
def sunday(desk: Any) -> Any:
    desk.clock.instant = SUNDAY
    return desk


async def notices(desk: Any) -> list[tuple[str, dt.datetime]]:
    with desk.host.unit():
        rows = await db.fetch("SELECT subject_en, not_before FROM core_notice ORDER BY id")
    return [(row["subject_en"], instant(row["not_before"])) for row in rows]


def instant(value: Any) -> dt.datetime:
    return value if isinstance(value, dt.datetime) else dt.datetime.fromisoformat(value)


async def test_a_case_escalates_assigned_or_not_and_tells_in_working_hours(sunday: Any) -> None:
    desk = sunday
    reference = await desk.submit()
    levels = []
    # 10 working days of 7 h 15 min: 80 % are over on the 9th day, 100 % on the 11th.
    for days in (10, 11, 13, 15, 28):
        desk.clock.instant = SUNDAY + dt.timedelta(days=days, hours=-4)
        for _ in range(2):
            await desk.run(watching.watch)
        levels.append((await desk.case("citizen", reference))["escalationLevel"])
    assert levels == [0, 1, 1, 2, 3]
    told = [n for n in await notices(desk) if reference in n[0] and "%" in n[0]]
    assert len({subject for subject, _ in told}) == 3
    for _, not_before in told:
        local = not_before + dt.timedelta(hours=3)
        assert local.weekday() not in {4, 5}
        assert dt.time(7) <= local.time() < dt.time(14, 15)
    history = await desk.case("citizen", reference, "history(first: 20) { nodes { kind note } }")
    steps = [line for line in history["history"]["nodes"] if line["kind"] == "ESCALATED"]
    assert [line["note"] for line in steps] == ["", "", ""]


async def test_waiting_is_capped_and_then_the_desk_goes_on(sunday: Any) -> None:
    desk = sunday
    reference = await desk.assigned(await desk.submit())
    await desk.do("case-handler", "RequestInformation", reference=reference, body="Where?")
    latest = (await desk.case("citizen", reference))["dueAt"]
    desk.clock.advance(days=6)
    await desk.run(watching.watch)
    assert (await desk.case("citizen", reference))["status"] == "AWAITING_INFORMATION"
    desk.clock.advance(days=2)
    await desk.run(watching.watch)
    gone_on = await desk.case("citizen", reference)
    assert (gone_on["status"], gone_on["clock"]["state"]) == ("ASSIGNED", "RUNNING")
    assert gone_on["dueAt"] == latest
    # Five working days were waited for, until Sunday at 8; what came after counts again.
    assert gone_on["clock"]["elapsedWorkingMinutes"] == 435
    assert await desk.refuses("citizen", "AnswerRequest", reference=reference, body="x") == (
        "TAWASUL_WRONG_STATUS"
    )


async def test_silence_on_an_offer_goes_to_the_arbiter(sunday: Any) -> None:
    desk = sunday
    reference = await desk.submit()
    await desk.do(
        "case-handler", "TransferCase", reference=reference, agency="municipalities", reason="x"
    )
    desk.clock.advance(days=1)
    await desk.run(watching.watch)
    assert (await desk.case("citizen", reference))["status"] == "TRANSFER_OFFERED"
    desk.clock.advance(days=1, hours=1)
    await desk.run(watching.watch)
    assert (await desk.case("citizen", reference))["status"] == "IN_ARBITRATION"
    assert await desk.case("case-handler-2", reference) is None


async def test_a_resolved_case_is_closed_when_its_windows_are_over(sunday: Any) -> None:
    desk = sunday
    reference = await desk.resolved(await desk.submit())
    desk.clock.advance(days=13)
    await desk.do("citizen", "RateCase", reference=reference, score=1)
    desk.clock.advance(days=3)
    await desk.run(watching.watch)
    assert (await desk.case("citizen", reference))["status"] == "RESOLVED"
    desk.clock.advance(days=5)
    await desk.run(watching.watch)
    assert (await desk.case("citizen", reference))["status"] == "CLOSED"


async def amend(desk: Any, who: str, **fields: Any) -> Any:
    given = {"effectiveFrom": "2026-11-29", "reason": "Announced."} | fields
    answer = await desk.ask(who, AMEND, {"input": given})
    if answer.get("errors"):
        return [error["extensions"]["code"] for error in answer["errors"]]
    return answer["data"]["tawasulAmendCalendar"]


HOLIDAY = [{"on": "2026-12-01", "nameAr": "عطلة", "nameEn": "A day nobody knew"}]


async def test_a_recomputation_goes_on_where_it_stopped(
    sunday: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = sunday
    references = [await desk.submit() for _ in range(5)]
    before = {r: (await desk.case("citizen", r))["dueAt"] for r in references}
    payload = await amend(desk, "performance-officer", holidays=HOLIDAY)
    assert payload["errors"] == []
    total = payload["recomputation"]["total"]
    monkeypatch.setattr(calendars, "BATCH", 2)
    raw = (await one_recomputation(desk))["id"]
    with desk.host.unit():
        assert await calendars._batch(raw)
    half = await one_recomputation(desk)
    assert (half["done"], half["finished_at"]) == (2, None)
    # The process dies here, and another one takes the job up.
    await desk.run(calendars.recompute, id=raw)
    whole = await one_recomputation(desk)
    assert (whole["done"], whole["total"]) == (total, total)
    for reference in references:
        moved = await desk.case("citizen", reference, "history(first: 9) { nodes { kind } }")
        assert instant(moved["dueAt"]) - instant(before[reference]) == dt.timedelta(days=1)
        kinds = [line["kind"] for line in moved["history"]["nodes"]]
        assert kinds.count("DEADLINE_CHANGED") == 1
        await same_as_from_scratch(desk, reference)


async def one_recomputation(desk: Any) -> Any:
    with desk.host.unit():
        return (await TawasulRecomputation.all().values())[0]


async def same_as_from_scratch(desk: Any, reference: str) -> None:
    """A case submitted now, at the instant of the other, has the same deadline."""
    other = await desk.submit()
    pair = [(await desk.case("citizen", each))["dueAt"] for each in (reference, other)]
    assert pair[0] == pair[1]


async def test_what_a_recomputation_missed_is_swept_up(sunday: Any) -> None:
    desk = sunday
    missed = await desk.submit()
    elsewhere = await desk.submit(agency="health", category="appointments")
    before = {r: (await desk.case("citizen", r))["dueAt"] for r in (missed, elsewhere)}
    await amend(desk, "case-supervisor", agency="works", holidays=HOLIDAY)
    with desk.host.unit():
        await TawasulRecomputation.all().update(finished_at=desk.clock.now())
    await desk.run(calendars.sweep)
    after = {r: (await desk.case("citizen", r))["dueAt"] for r in (missed, elsewhere)}
    assert instant(after[missed]) - instant(before[missed]) == dt.timedelta(days=1)
    assert after[elsewhere] == before[elsewhere]


async def test_what_is_stored_is_read_alike_after_a_recomputation(sunday: Any) -> None:
    desk = sunday
    kept, moved = await desk.submit(agency="health", category="appointments"), await desk.submit()
    payload = await amend(desk, "case-supervisor", agency="works", holidays=HOLIDAY)
    await desk.run(calendars.recompute, id=(await one_recomputation(desk))["id"])
    assert payload["errors"] == []
    with desk.host.unit():
        rows = await TawasulCase.filter(reference__in=[kept, moved]).values("reference", "due_at")
        texts = await db.fetch(
            "SELECT CAST(due_at AS TEXT) AS due FROM tawasul_case WHERE reference IN ($1, $2)",
            kept,
            moved,
        )
    assert {row["reference"] for row in rows} == {kept, moved}
    assert len({(len(row["due"]), row["due"][10]) for row in texts}) == 1


async def test_who_regulates_what(sunday: Any) -> None:
    desk = sunday
    assert await amend(desk, "case-handler", holidays=HOLIDAY) == ["FORBIDDEN"]
    assert await amend(desk, "case-supervisor", holidays=HOLIDAY) == ["FORBIDDEN"]
    assert await amend(desk, "case-supervisor", agency="health", holidays=HOLIDAY) == ["FORBIDDEN"]
    for changed, code in (
        ({"holidays": HOLIDAY, "effectiveFrom": "2026-11-28"}, "TAWASUL_PAST_DATE"),
        ({"holidays": HOLIDAY, "effectiveFrom": "2026-12-02"}, "TAWASUL_BAD_CALENDAR"),
        ({}, "TAWASUL_BAD_CALENDAR"),
        (
            {"hours": [{"weekdays": ["SUNDAY"], "opensAt": "09:00:00", "closesAt": "08:00:00"}]},
            "TAWASUL_BAD_CALENDAR",
        ),
        ({"agency": "nobody", "holidays": HOLIDAY}, "NOT_FOUND"),
        ({"holidays": HOLIDAY, "reason": " "}, "TAWASUL_BAD_TEXT"),
    ):
        payload = await amend(desk, "performance-officer", **changed)
        assert [error["code"] for error in payload["errors"]] == [code], changed


async def test_targets_count_for_cases_of_later(sunday: Any) -> None:
    desk = sunday
    query = '{ agency(code: "works") { tawasulCategories { id code targets { resolutionDays } } } }'
    categories = (await desk.look(None, query))["agency"]["tawasulCategories"]
    roads = next(each for each in categories if each["code"] == "roads")
    old = await desk.submit()
    mutation = """mutation ($input: TawasulAmendTargetsInput!) {
      tawasulAmendTargets(input: $input) {
        category { targets { firstReplyHours resolutionDays } } errors { code } } }"""
    given = {
        "categoryId": roads["id"],
        "firstReplyHours": 7,
        "resolutionDays": 5,
        "effectiveFrom": "2026-11-30",
        "reason": "We are faster now.",
    }
    assert await desk.look("case-handler-2", mutation, input=given) == ["FORBIDDEN"]
    made = (await desk.look("case-supervisor", mutation, input=given))["tawasulAmendTargets"]
    assert made["category"]["targets"]["resolutionDays"] == 10
    bad = await desk.look("case-supervisor", mutation, input=given | {"resolutionDays": 0})
    assert bad["tawasulAmendTargets"]["errors"][0]["code"] == "TAWASUL_BAD_TARGETS"
    desk.clock.advance(days=1)
    new = await desk.submit()
    found = [(await desk.case("citizen", r))["clock"]["targetWorkingMinutes"] for r in (old, new)]
    assert found == [4_350, 2_175]


async def test_a_ladder_of_ones_own(sunday: Any) -> None:
    desk = sunday
    mutation = """mutation ($input: TawasulAmendLadderInput!) { tawasulAmendLadder(input: $input) {
      ladder { rungs { percent tell } } errors { code message path } } }"""
    given = {
        "agency": "works",
        "rungs": [{"percent": 10, "tell": ["tawasul.supervise"]}],
        "effectiveFrom": "2026-11-29",
        "reason": "Early.",
    }
    useless = {"percent": 10, "tell": ["tawasul.use"]}
    good, steep = given["rungs"][0], {"percent": 5, "tell": ["tawasul.desk"]}
    for rungs, path, why in (
        ([], ["rungs"], "1 to 6 rungs"),
        ([useless], ["rungs", "0", "tell"], "tawasul.use is no permission"),
        ([steep], ["rungs", "0", "percent"], "from 10 to 1000"),
        ([good, good], ["rungs", "1", "percent"], "must rise"),
        ([good | {"tell": []}], ["rungs", "0", "tell"], "tells nobody"),
    ):
        bad = await desk.look("case-supervisor", mutation, input=given | {"rungs": rungs})
        (error,) = bad["tawasulAmendLadder"]["errors"]
        assert (error["code"], error["path"]) == ("TAWASUL_BAD_LADDER", path)
        assert why in error["message"]
    await desk.look("case-supervisor", mutation, input=given)
    reference = await desk.submit()
    desk.clock.advance(days=2)
    await desk.run(watching.watch)
    assert (await desk.case("citizen", reference))["escalationLevel"] == 1
