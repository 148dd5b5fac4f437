"""A complaint from its attachment to the resolution of its appeal, across a weekend, Ramadan and
an Eid that is announced late; citizen and desk watch over real sockets all the time.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from bawaba.host.identity import grant_role
from bawaba.testing.client import FrontEnd, Subscription
from bawaba.testing.clock import FrozenClock
from bawaba.testing.databases import postgres_database, redis_url
from bawaba.testing.inside import Inside, serving_inside
from flow_steps import operation

MINUTES = 10 * 435
"""The target of ten working days."""
APPEALED = dt.datetime(2026, 3, 11, 6, 0, tzinfo=dt.UTC)
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
)
BAHRAIN = dt.timedelta(hours=3)
START = dt.datetime(2026, 2, 12, 10, 0, tzinfo=dt.UTC)
"""A Thursday, 13:00 in Manama."""
RAMADAN = (dt.date(2026, 2, 18), dt.date(2026, 3, 18))
EID = [dt.date(2026, 3, day) for day in (19, 20, 21, 22)]
SHORT = [(7 * 60, 14 * 60 + 15), (8 * 60, 14 * 60)]
"""Minutes of the day between which is worked: usually, and in Ramadan."""


@pytest_asyncio.fixture(params=["sqlite", "postgres"])
async def portal(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[Inside]:
    clock = FrozenClock(START)
    if request.param == "sqlite":
        async with serving_inside(tmp_path, clock) as here:
            yield here
        return
    with postgres_database() as url:
        more = {
            "database_url": url,
            "redis_url": redis_url(),
            "redis_prefix": f"test-{uuid.uuid4().hex[:12]}",
        }
        async with serving_inside(tmp_path, clock, more) as here:
            yield here


@dataclass
class Watcher:
    """What somebody sees of the case or of the queue, from the first moment on."""

    stream: Subscription
    field: str
    kinds: list[str] = field(default_factory=list)
    last: Any = None

    async def until(self, kind: str) -> Any:
        """Read on until a value of this kind; return its case."""
        while True:
            value = (await self.stream.next(20))[self.field]
            self.kinds.append(value["kind"])
            self.last = value["case"] or self.last
            if value["kind"] == kind:
                return value["case"]


def at(day: dt.date, time: str) -> dt.datetime:
    """An instant of Manama's clock."""
    local = dt.datetime.combine(day, dt.time.fromisoformat(time), dt.UTC)
    return local - BAHRAIN


def walked(start: dt.datetime, minutes: int, *, ramadan: bool, off: set[dt.date]) -> dt.datetime:
    """Walk minute by minute until so many working minutes have gone by: slow, and obvious."""
    instant = start
    while minutes:
        local = instant + BAHRAIN
        fasting = ramadan and RAMADAN[0] <= local.date() <= RAMADAN[1]
        opens, closes = SHORT[fasting]
        works = local.weekday() not in {4, 5} and local.date() not in off
        minutes -= works and opens <= local.hour * 60 + local.minute < closes
        instant += dt.timedelta(minutes=1)
    return instant


def due(case: Any) -> dt.datetime:
    return dt.datetime.fromisoformat(case["dueAt"])


async def act(person: FrontEnd, name: str, **fields: Any) -> Any:
    """Run a mutation of the contract; return its one payload, which must not refuse."""
    data = await person.execute(operation("tawasul", name), {"input": fields})
    (payload,) = data.values()
    assert payload["errors"] == [], payload
    return payload


async def upload(person: FrontEnd, content: bytes) -> str:
    """Upload a picture as the contract says; return the attachment's id."""
    data = await person.execute(
        operation("core", "CreateUpload"),
        {
            "input": {
                "name": "حفرة.png",
                "mediaType": "image/png",
                "size": len(content),
                "sha256": hashlib.sha256(content).hexdigest(),
                "purpose": "tawasul.message",
                "idempotencyKey": uuid.uuid4().hex,
            }
        },
    )
    made = data["createUpload"]
    assert made["errors"] == []
    headers = {"Authorization": f"Bearer {person.token}", "Content-Type": "image/png"}
    async with person.session.put(made["uploadUrl"], data=content, headers=headers) as answer:
        assert answer.status in {200, 201, 204}, await answer.text()
    return str(made["attachment"]["id"])


async def download(person: FrontEnd, url: str) -> tuple[int, bytes]:
    headers = {"Authorization": f"Bearer {person.token}"}
    async with person.session.get(url, headers=headers) as answer:
        return answer.status, await answer.read()


async def track(person: FrontEnd, reference: str) -> Any:
    data = await person.execute(operation("tawasul", "TrackCase"), {"reference": reference})
    return data["tawasulCase"]


async def eventually(look: Callable[[], Awaitable[Any]], wanted: Callable[[Any], bool]) -> Any:
    """Look again and again until it is as wanted: background work follows the moved clock."""
    for _ in range(300):
        if wanted(found := await look()):
            return found
        await asyncio.sleep(0.1)
    raise AssertionError(f"never as wanted: {found}")


async def recomputed(officer: FrontEnd, payload: Any) -> None:
    """Wait until an amendment's recomputation is done."""
    query = """query ($id: ID!) {
      node(id: $id) { ... on TawasulRecomputation { done total finishedAt } }
    }"""

    async def look() -> Any:
        return (await officer.execute(query, {"id": payload["recomputation"]["id"]}))["node"]

    found = await eventually(look, lambda row: row["finishedAt"] is not None)
    assert found["done"] == found["total"]


@dataclass
class Journey:
    """One case, those who work on it, and those who watch it."""

    portal: Inside
    stack: AsyncExitStack
    reference: str = ""
    watchers: dict[str, Watcher] = field(default_factory=dict)
    people: dict[str, FrontEnd] = field(default_factory=dict)

    def who(self, handle: str) -> FrontEnd:
        """Return a person at a front end of their own."""
        return self.people.setdefault(handle, self.portal.person(handle))

    async def watch(self, name: str, handle: str, operation_name: str, **variables: Any) -> None:
        """Have somebody watch on a socket of their own until the end."""
        socket = await self.stack.enter_async_context(self.who(handle).live())
        stream = socket.subscribe(operation("tawasul", operation_name), variables)
        field_name = {"CaseUpdated": "tawasulCaseUpdated", "AgencyFeed": "tawasulAgencyFeed"}
        watcher = Watcher(await self.stack.enter_async_context(stream), field_name[operation_name])
        await watcher.until("SNAPSHOT")
        self.watchers[name] = watcher

    async def sees(self, name: str, kind: str) -> Any:
        """Wait until a watcher is shown this kind of step; return the case."""
        return await self.watchers[name].until(kind)

    async def act(self, handle: str, name: str, **fields: Any) -> Any:
        """Have somebody do something with the case."""
        return await act(self.who(handle), name, reference=self.reference, **fields)

    async def look(self, handle: str) -> Any:
        """Return the case as somebody sees it now."""
        return await track(self.who(handle), self.reference)

    def go_to(self, day: dt.date, time: str) -> None:
        """Move the clock."""
        self.portal.clock.instant = at(day, time)


async def test_a_complaint_from_attachment_to_appeal(portal: Inside) -> None:
    async with AsyncExitStack() as stack:
        journey = Journey(portal, stack)
        await journey.watch("desk", "case-supervisor", "AgencyFeed", agency="works")
        await journey.watch("their desk", "case-handler-2", "AgencyFeed", agency="municipalities")
        await submits_with_a_picture(journey)
        await goes_through_a_weekend_into_ramadan(journey)
        await is_assigned_asked_about_and_answered(journey)
        await is_transferred_and_accepted(journey)
        await is_resolved_rated_and_appealed(journey)
        await meets_an_eid_announced_late(journey)
        await is_resolved_by_somebody_else(journey)
        await everybody_saw_what_is_theirs(journey)


async def submits_with_a_picture(journey: Journey) -> None:
    """Thursday, an hour and a quarter before the weekend."""
    citizen = journey.who("citizen")
    payload = await act(
        citizen,
        "SubmitCase",
        kind="COMPLAINT",
        agency="works",
        category="roads",
        subject="حفرة عميقة",
        body="A deep hole.",
        channel="PORTAL",
        attachmentIds=[await upload(citizen, PNG)],
        location={"latitude": 26.2, "longitude": 50.6},
        idempotencyKey=uuid.uuid4().hex,
    )
    journey.reference = payload["case"]["reference"]
    assert payload["case"]["clock"]["targetWorkingMinutes"] == MINUTES
    assert due(payload["case"]) == walked(START, MINUTES, ramadan=False, off=set())
    assert (await journey.sees("desk", "SUBMITTED"))["reference"] == journey.reference
    await journey.watch("citizen", "citizen", "CaseUpdated", reference=journey.reference)
    await journey.watch("handler", "case-handler", "CaseUpdated", reference=journey.reference)
    # The attachment is for those who see the case.
    message = (await journey.look("case-handler"))["messages"]["nodes"][0]
    url = message["attachments"][0]["url"]
    assert await download(journey.who("case-handler"), url) == (200, PNG)
    assert (await download(journey.who("citizen-2"), url))[0] == 404
    assert await journey.look("citizen-2") is None


async def goes_through_a_weekend_into_ramadan(journey: Journey) -> None:
    """Sunday: the weekend has cost nothing. Ramadan hours are set by circular."""
    journey.go_to(dt.date(2026, 2, 15), "09:00:00")
    assert (await journey.look("citizen"))["clock"]["elapsedWorkingMinutes"] == 75 + 120
    hours = {
        "weekdays": ["SUNDAY", "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY"],
        "opensAt": "08:00:00",
        "closesAt": "14:00:00",
        "from": RAMADAN[0].isoformat(),
        "to": RAMADAN[1].isoformat(),
    }
    officer = journey.who("performance-officer")
    amended = await act(
        officer,
        "AmendCalendar",
        hours=[hours],
        effectiveFrom="2026-02-15",
        reason="Circular on Ramadan hours.",
    )
    await recomputed(officer, amended)
    moved = due(await journey.sees("citizen", "DEADLINE_CHANGED"))
    assert moved == walked(START, MINUTES, ramadan=True, off=set())


async def is_assigned_asked_about_and_answered(journey: Journey) -> None:
    """The clock stands while the citizen is asked."""
    await journey.act("case-handler", "AssignCase")
    await journey.sees("citizen", "ASSIGNED")
    await journey.sees("handler", "ASSIGNED")
    await journey.act("case-handler", "AddNote", body="Looks like the last one.")
    await journey.sees("handler", "NOTE_ADDED")
    await journey.act("case-handler", "RequestInformation", body="Which lane?")
    asked = await journey.sees("citizen", "INFORMATION_REQUESTED")
    assert asked["clock"]["state"] == "PAUSED"
    journey.go_to(dt.date(2026, 2, 17), "09:00:00")
    assert (await journey.look("case-handler"))["clock"]["elapsedWorkingMinutes"] == 195
    await journey.act("citizen", "AnswerRequest", body="The left one.")
    answered = due(await journey.sees("handler", "INFORMATION_GIVEN"))
    assert answered == walked(journey.portal.clock.now(), MINUTES - 195, ramadan=True, off=set())


async def is_transferred_and_accepted(journey: Journey) -> None:
    """It is another agency's: what was spent stays spent."""
    await journey.act(
        "case-handler",
        "TransferCase",
        agency="municipalities",
        category="parks",
        reason="It is inside a garden.",
    )
    offered = await journey.sees("their desk", "TRANSFER_OFFERED")
    assert offered["reference"] == journey.reference
    journey.go_to(dt.date(2026, 2, 18), "09:00:00")
    taken = (await journey.act("case-handler-2", "AcceptTransfer"))["case"]
    assert (taken["agency"]["code"], taken["category"]["code"]) == ("municipalities", "parks")
    spent = 195 + 315 + 60
    assert taken["clock"]["elapsedWorkingMinutes"] == spent
    left = walked(journey.portal.clock.now(), MINUTES - spent, ramadan=True, off=set())
    assert due(taken) == left
    assert await journey.sees("desk", "LEFT") is None
    await journey.sees("citizen", "TRANSFER_ACCEPTED")
    assert await journey.look("case-handler") is None
    await journey.watch("receiver", "case-handler-2", "CaseUpdated", reference=journey.reference)


async def is_resolved_rated_and_appealed(journey: Journey) -> None:
    """A poor rating on the last day but one unlocks the appeal."""
    await journey.act("case-handler-2", "AssignCase")
    journey.go_to(dt.date(2026, 2, 24), "10:00:00")
    await journey.act("case-handler-2", "ResolveCase", reason="DONE", body="Filled.")
    resolved = await journey.sees("citizen", "RESOLVED")
    assert (resolved["status"], resolved["clock"]["state"]) == ("RESOLVED", "STOPPED")
    journey.go_to(dt.date(2026, 3, 8), "20:00:00")
    await journey.act("citizen", "RateCase", score=1, comment="Not filled at all.")
    journey.portal.clock.instant = APPEALED
    appealed = (await journey.act("citizen", "AppealCase", reason="Look."))["case"]
    expected = {dt.date(2026, 3, day) for day in (20, 21, 22)}
    compensated = {dt.date(2026, 3, day) for day in (23, 24)}
    assert due(appealed) == walked(APPEALED, MINUTES, ramadan=True, off=expected | compensated)


async def meets_an_eid_announced_late(journey: Journey) -> None:
    """Eid is announced on its eve: it begins a day earlier than was computed, and is longer."""
    before = due(await journey.look("citizen"))
    journey.go_to(dt.date(2026, 3, 18), "19:30:00")
    officer = journey.who("performance-officer")
    announced = await act(
        officer,
        "AmendCalendar",
        holidays=[
            {"on": day.isoformat(), "nameAr": "عيد الفطر", "nameEn": "Eid al-Fitr"} for day in EID
        ],
        effectiveFrom="2026-03-18",
        reason="The moon was sighted.",
    )
    await recomputed(officer, announced)
    moved = due(await journey.sees("citizen", "DEADLINE_CHANGED"))
    off = {*EID, dt.date(2026, 3, 23), dt.date(2026, 3, 24)}
    assert moved == walked(APPEALED, MINUTES, ramadan=True, off=off)
    assert moved > before


async def is_resolved_by_somebody_else(journey: Journey) -> None:
    """Whoever handled it first may not decide the appeal."""
    receiver, supervisor = journey.who("case-handler-2"), journey.who("case-supervisor")
    wanted = {"reference": journey.reference, "assigneeId": await me(receiver)}
    refused = await receiver.execute(operation("tawasul", "AssignCase"), {"input": wanted})
    assert refused["tawasulAssignCase"]["errors"][0]["code"] == "TAWASUL_HANDLER_EXCLUDED"
    await grant(journey.portal, "case-supervisor", "tawasul-supervisor", "municipalities")
    journey.go_to(dt.date(2026, 3, 25), "08:00:00")
    await journey.act("case-supervisor", "AssignCase", assigneeId=await me(supervisor))
    await journey.act("case-supervisor", "ResolveCase", reason="DONE", body="Now it is.")
    await journey.sees("citizen", "RESOLVED")
    await journey.sees("receiver", "RESOLVED")


async def everybody_saw_what_is_theirs(journey: Journey) -> None:
    """The citizen saw nothing of the note, and at the end what a fresh look shows."""
    mine, fresh = journey.watchers["citizen"], await journey.look("citizen")
    assert "NOTE_ADDED" not in mine.kinds
    assert "NOTE_ADDED" not in [line["kind"] for line in fresh["history"]["nodes"]]
    for name in ("status", "dueAt", "agency", "category", "escalationLevel", "clock"):
        assert fresh[name] == mine.last[name], name
    assert "Looks like the last one." not in str(fresh)


async def me(person: FrontEnd) -> str:
    return str((await person.execute("{ me { id } }"))["me"]["id"])


async def grant(portal: Inside, handle: str, role: str, scope: str) -> None:
    with portal.host.unit():
        await grant_role(handle, role, scope)
