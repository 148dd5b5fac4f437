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


async def test_a_complaint_from_attachment_to_appeal(portal: Inside) -> None:
    clock = portal.clock
    citizen, other = portal.person("citizen"), portal.person("citizen-2")
    handler, supervisor = portal.person("case-handler"), portal.person("case-supervisor")
    receiver, officer = portal.person("case-handler-2"), portal.person("performance-officer")
    async with AsyncExitStack() as stack:

        async def watch(person: FrontEnd, name: str, **variables: Any) -> Watcher:
            socket = await stack.enter_async_context(person.live())
            stream = socket.subscribe(operation("tawasul", name), variables)
            field_name = {"CaseUpdated": "tawasulCaseUpdated", "AgencyFeed": "tawasulAgencyFeed"}
            return Watcher(await stack.enter_async_context(stream), field_name[name])

        desk = await watch(supervisor, "AgencyFeed", agency="works")
        await desk.until("SNAPSHOT")
        their_desk = await watch(receiver, "AgencyFeed", agency="municipalities")
        await their_desk.until("SNAPSHOT")

        # Thursday, an hour and a quarter before the weekend.
        picture = await upload(citizen, PNG)
        payload = await act(
            citizen,
            "SubmitCase",
            kind="COMPLAINT",
            agency="works",
            category="roads",
            subject="حفرة عميقة",
            body="A deep hole.",
            channel="PORTAL",
            attachmentIds=[picture],
            location={"latitude": 26.2, "longitude": 50.6},
            idempotencyKey=uuid.uuid4().hex,
        )
        reference, minutes = payload["case"]["reference"], 10 * 435
        assert payload["case"]["clock"]["targetWorkingMinutes"] == minutes
        assert due(payload["case"]) == walked(START, minutes, ramadan=False, off=set())
        assert (await desk.until("SUBMITTED"))["reference"] == reference
        mine = await watch(citizen, "CaseUpdated", reference=reference)
        await mine.until("SNAPSHOT")
        ours = await watch(handler, "CaseUpdated", reference=reference)
        await ours.until("SNAPSHOT")

        # The attachment is for those who see the case.
        file = (await track(handler, reference))["messages"]["nodes"][0]["attachments"][0]
        assert await download(handler, file["url"]) == (200, PNG)
        assert (await download(other, file["url"]))[0] == 404
        assert await track(other, reference) is None

        # Sunday: the weekend has cost nothing. Ramadan hours are set by circular.
        clock.instant = at(dt.date(2026, 2, 15), "09:00:00")
        spent = (await track(citizen, reference))["clock"]
        assert spent["elapsedWorkingMinutes"] == 75 + 120
        amended = await act(
            officer,
            "AmendCalendar",
            hours=[
                {
                    "weekdays": ["SUNDAY", "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY"],
                    "opensAt": "08:00:00",
                    "closesAt": "14:00:00",
                    "from": RAMADAN[0].isoformat(),
                    "to": RAMADAN[1].isoformat(),
                }
            ],
            effectiveFrom="2026-02-15",
            reason="Circular on Ramadan hours.",
        )
        await recomputed(officer, amended)
        assert due(await mine.until("DEADLINE_CHANGED")) == walked(
            START, minutes, ramadan=True, off=set()
        )

        # Assign, ask, answer: the clock stands meanwhile.
        await act(handler, "AssignCase", reference=reference)
        await mine.until("ASSIGNED")
        await ours.until("ASSIGNED")
        await act(handler, "AddNote", reference=reference, body="Looks like the last one.")
        await ours.until("NOTE_ADDED")
        await act(handler, "RequestInformation", reference=reference, body="Which lane?")
        asked = await mine.until("INFORMATION_REQUESTED")
        assert asked["clock"]["state"] == "PAUSED"
        clock.instant = at(dt.date(2026, 2, 17), "09:00:00")
        assert (await track(handler, reference))["clock"]["elapsedWorkingMinutes"] == 195
        await act(citizen, "AnswerRequest", reference=reference, body="The left one.")
        answered = await ours.until("INFORMATION_GIVEN")
        assert due(answered) == walked(clock.now(), minutes - 195, ramadan=True, off=set())

        # It is another agency's: what was spent stays spent.
        await act(
            handler,
            "TransferCase",
            reference=reference,
            agency="municipalities",
            category="parks",
            reason="It is inside a garden.",
        )
        assert (await their_desk.until("TRANSFER_OFFERED"))["reference"] == reference
        clock.instant = at(dt.date(2026, 2, 18), "09:00:00")
        taken = (await act(receiver, "AcceptTransfer", reference=reference))["case"]
        assert (taken["agency"]["code"], taken["category"]["code"]) == ("municipalities", "parks")
        assert taken["clock"]["elapsedWorkingMinutes"] == 195 + 315 + 60
        assert due(taken) == walked(
            clock.now(), minutes - (195 + 315 + 60), ramadan=True, off=set()
        )
        assert await desk.until("LEFT") is None
        await mine.until("TRANSFER_ACCEPTED")
        assert await track(handler, reference) is None
        theirs = await watch(receiver, "CaseUpdated", reference=reference)
        await theirs.until("SNAPSHOT")

        # Assigned, resolved, and rated poorly.
        await act(receiver, "AssignCase", reference=reference)
        clock.instant = at(dt.date(2026, 2, 24), "10:00:00")
        await act(receiver, "ResolveCase", reference=reference, reason="DONE", body="Filled.")
        resolved = await mine.until("RESOLVED")
        assert (resolved["status"], resolved["clock"]["state"]) == ("RESOLVED", "STOPPED")
        clock.instant = at(dt.date(2026, 3, 8), "20:00:00")
        await act(citizen, "RateCase", reference=reference, score=1, comment="Not filled at all.")
        clock.instant = at(dt.date(2026, 3, 11), "09:00:00")
        appealed = (await act(citizen, "AppealCase", reference=reference, reason="Look."))["case"]
        begun = clock.now()
        usual = {dt.date(2026, 3, day) for day in (20, 21, 22)}
        compensated = {dt.date(2026, 3, day) for day in (23, 24)}
        assert due(appealed) == walked(begun, minutes, ramadan=True, off=usual | compensated)

        # Eid is announced on its eve: it begins a day earlier than was computed, and is longer.
        clock.instant = at(dt.date(2026, 3, 18), "19:30:00")
        announced = await act(
            officer,
            "AmendCalendar",
            holidays=[
                {"on": day.isoformat(), "nameAr": "عيد الفطر", "nameEn": "Eid al-Fitr"}
                for day in EID
            ],
            effectiveFrom="2026-03-18",
            reason="The moon was sighted.",
        )
        await recomputed(officer, announced)
        moved = due(await mine.until("DEADLINE_CHANGED"))
        off = {*EID, dt.date(2026, 3, 23), dt.date(2026, 3, 24)}
        assert moved == walked(begun, minutes, ramadan=True, off=off)
        assert moved > due(appealed)

        # Whoever handled it first may not decide the appeal; somebody else resolves it.
        refused = await receiver.execute(
            operation("tawasul", "AssignCase"),
            {"input": {"reference": reference, "assigneeId": await me(receiver)}},
        )
        assert refused["tawasulAssignCase"]["errors"][0]["code"] == "TAWASUL_HANDLER_EXCLUDED"
        await grant(portal, "case-supervisor", "tawasul-supervisor", "municipalities")
        clock.instant = at(dt.date(2026, 3, 25), "08:00:00")
        await act(supervisor, "AssignCase", reference=reference, assigneeId=await me(supervisor))
        await act(supervisor, "ResolveCase", reference=reference, reason="DONE", body="Now it is.")
        await mine.until("RESOLVED")
        await theirs.until("RESOLVED")

        # What each saw: the citizen nothing of the note, and everybody what a fresh look shows.
        assert "NOTE_ADDED" not in mine.kinds
        fresh = await track(citizen, reference)
        assert "NOTE_ADDED" not in [line["kind"] for line in fresh["history"]["nodes"]]
        assert {k: fresh[k] for k in ("status", "dueAt", "agency")} == {
            k: mine.last[k] for k in ("status", "dueAt", "agency")
        }
        assert "Looks like the last one." not in str(fresh)


async def me(person: FrontEnd) -> str:
    return str((await person.execute("{ me { id } }"))["me"]["id"])


async def grant(portal: Inside, handle: str, role: str, scope: str) -> None:
    with portal.host.unit():
        await grant_role(handle, role, scope)
