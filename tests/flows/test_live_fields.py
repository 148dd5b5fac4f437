"""Every live field keeps its promise: a snapshot and its events are what a fresh look shows."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from bawaba.testing.client import FrontEnd, GraphQLFailed
from bawaba.testing.fold import Fold, fold_holds, watching
from bawaba.testing.process import Portal
from civil_steps import civil_service_certificate_updated
from flow_steps import check_out, eventually, operation, start, statistics, unpaid
from meeting_steps import act as meeting_act
from meeting_steps import screen, the_meeting

Person = Callable[[str], FrontEnd]
SCHEMA = Path(__file__).parents[2] / "schema" / "bawaba.graphql"


async def payment_updated(person: Person) -> None:
    citizen = person("citizen")
    payment = (await start(citizen, (await unpaid(citizen))[0]))["payment"]

    async def change() -> int:
        await check_out(citizen, payment, "approve")
        await eventually(citizen, payment, status="CAPTURED")
        return 1

    document = operation("payments", "PaymentUpdated")
    fold = await fold_holds(citizen, document, {"id": payment["id"]}, change)
    assert fold.state is not None
    assert fold.state["payment"]["status"] == "CAPTURED"


async def accounting_statistics_updated(person: Person) -> None:
    citizen = person("citizen-2")
    before, _ = await statistics(citizen)

    async def change() -> int:
        for fine in (await unpaid(citizen))[:2]:
            payment = (await start(citizen, fine))["payment"]
            await check_out(citizen, payment, "approve")
            await eventually(citizen, payment, status="CAPTURED")
        return 2

    document = operation("accounting", "StatisticsUpdated")
    fold = await fold_holds(citizen, document, {"groupBy": ["SERVICE"]}, change)
    assert fold.state is not None
    assert fold.state["statistics"]["total"]["count"] == before + 2


HELD = "CP104582074GB"
"""The demo's shipment that is held for duty."""


async def shipment(person: Person) -> dict[str, Any]:
    document = operation("agencies", "Shipment")
    found: dict[str, Any] = await person("citizen").execute(document, {"trackingNumber": HELD})
    shown: dict[str, Any] = found["postShipment"]
    return shown


async def post_shipment_updated(person: Person) -> None:
    """Duty is paid, the agency is told, and its scan comes back as a letter."""
    citizen = person("citizen")
    bill = (await shipment(person))["dutyBill"]

    async def change() -> int:
        payment = (await start(citizen, bill))["payment"]
        await check_out(citizen, payment, "approve")
        for _ in range(25):
            if (await shipment(person))["status"] == "RELEASED":
                break
            await asyncio.sleep(2.5)  # within the tries that are allowed
        return 2

    document = operation("agencies", "ShipmentUpdated")
    fold = await fold_holds(citizen, document, {"trackingNumber": HELD}, change)
    assert fold.kinds[1:] == ["DUTY_PAID", "SCANNED"]


async def ewa_account_updated(person: Person) -> None:
    citizen = person("citizen-2")
    mine = await citizen.execute(
        """{ me { ewaAccounts(first: 5) { nodes { id balance { amount } bills(first: 1) {
          nodes { id amountDue { amount } } } } } } }"""
    )
    accounts = mine["me"]["ewaAccounts"]["nodes"]
    owing = next(each for each in accounts if float(each["balance"]["amount"]) > 0)
    document = """subscription ($id: ID!, $after: String) {
      ewaAccountUpdated(id: $id, after: $after) { cursor kind account { balance { amount }
        dunning { status since nextStepOn } payments(first: 2) { totalCount nodes { kind } }
        bills(first: 2) { nodes { reference status amountDue { amount } } } } } }"""

    async def change() -> int:
        payment = (await start(citizen, owing["bills"]["nodes"][0]))["payment"]
        await check_out(citizen, payment, "approve")
        await eventually(citizen, payment, status="CAPTURED")
        return 1

    fold = await fold_holds(citizen, document, {"id": owing["id"]}, change)
    assert fold.kinds[1:] == ["PAID"]
    assert fold.state is not None
    assert fold.state["account"]["balance"]["amount"] == "0.000"


async def tawasul_case(person: Person) -> str:
    """Submit a case as the citizen; return its reference."""
    asked = {
        "kind": "COMPLAINT",
        "agency": "works",
        "category": "roads",
        "subject": "A pothole",
        "body": "It is deep.",
        "channel": "PORTAL",
        "idempotencyKey": uuid.uuid4().hex,
    }
    data = await person("citizen").execute(operation("tawasul", "SubmitCase"), {"input": asked})
    return str(data["tawasulSubmitCase"]["case"]["reference"])


async def tawasul_act(who: FrontEnd, name: str, **fields: str) -> None:
    data = await who.execute(operation("tawasul", name), {"input": fields})
    (payload,) = data.values()
    assert payload["errors"] == [], payload


async def tawasul_case_updated(person: Person) -> None:
    reference = await tawasul_case(person)
    # Without what changes by itself as time goes by: the clock's reading.
    document = """subscription ($reference: String!, $after: String) {
      tawasulCaseUpdated(reference: $reference, after: $after) { cursor kind case {
        status dueAt escalationLevel followers allowedActions resolution clock { state } } } }"""

    async def change() -> int:
        handler = person("case-handler")
        await tawasul_act(handler, "AssignCase", reference=reference)
        await tawasul_act(handler, "AddNote", reference=reference, body="Not for citizens.")
        await tawasul_act(handler, "RequestInformation", reference=reference, body="Where?")
        await tawasul_act(person("citizen"), "AnswerRequest", reference=reference, body="There.")
        return 3

    fold = await fold_holds(person("citizen"), document, {"reference": reference}, change)
    assert fold.kinds[1:] == ["ASSIGNED", "INFORMATION_REQUESTED", "INFORMATION_GIVEN"]


async def tawasul_agency_feed(person: Person) -> None:
    """A log: its snapshot says to read the queue afresh, so each event is compared by itself."""
    desk, variables = person("case-supervisor"), {"agency": "works"}
    document = operation("tawasul", "AgencyFeed")
    seen, again = Fold(), Fold()
    async with watching(desk, document, variables) as take:
        await take(seen)
        reference = await tawasul_case(person)
        await tawasul_act(person("case-handler"), "AssignCase", reference=reference)
        await take(seen)
        await take(seen)
    assert seen.kinds == ["SNAPSHOT", "SUBMITTED", "ASSIGNED"]
    async with watching(desk, document, variables, seen.cursors[0]) as take:
        await take(again)
        await take(again)
    assert (again.kinds, again.cursors) == (seen.kinds[1:], seen.cursors[1:])
    assert again.state is not None
    assert again.state["case"]["reference"] == reference


async def meeting_motion(person: Person) -> tuple[str, str]:
    """Return the demo's meeting, convened, and a motion of it."""
    operator = person("operator")
    meeting, _ = await the_meeting(operator)
    found = await screen(operator, meeting)
    if found["status"] == "SCHEDULED":
        for handle in ("chair", "member-2", "member-3", "member-4", "member-5"):
            await meeting_act(person(handle), "CheckIn", meetingId=meeting)
        await meeting_act(operator, "Convene", meetingId=meeting)
    asked = {"agendaItemId": found["agenda"][1]["id"], "text": "x", "ballot": "OPEN"}
    made = await meeting_act(operator, "ProposeMotion", majority="SIMPLE", base="CAST", **asked)
    return meeting, str(made["motion"]["id"])


async def meeting_updated(person: Person) -> None:
    meeting, motion = await meeting_motion(person)

    async def change() -> int:
        await meeting_act(person("chair"), "OpenVoting", motionId=motion)
        await meeting_act(person("chair"), "CastVote", motionId=motion, choice="YES")
        await meeting_act(person("member-6"), "CheckIn", meetingId=meeting)
        await meeting_act(person("chair"), "CloseVoting", motionId=motion)
        return 4

    document = operation("emeeting", "MeetingUpdated")
    fold = await fold_holds(person("member-3"), document, {"id": meeting}, change)
    assert fold.kinds[1:] == ["VOTING_OPENED", "VOTE_CAST", "CHECKED_IN", "VOTING_CLOSED"]


async def meeting_motion_updated(person: Person) -> None:
    _, motion = await meeting_motion(person)

    async def change() -> int:
        await meeting_act(person("chair"), "OpenVoting", motionId=motion)
        for handle, choice in (("chair", "YES"), ("member-2", "NO"), ("chair", "NO")):
            await meeting_act(person(handle), "CastVote", motionId=motion, choice=choice)
        await meeting_act(person("chair"), "CloseVoting", motionId=motion)
        return 5

    document = operation("emeeting", "MotionUpdated")
    fold = await fold_holds(person("gallery"), document, {"id": motion}, change)
    assert fold.state is not None
    assert fold.state["motion"]["outcome"] == "REJECTED"


async def meeting_comment_added(person: Person) -> None:
    """A log: each event is compared by itself; a private comment makes none."""
    member = person("member-2")
    meeting, _ = await the_meeting(member)
    found = (await screen(member, meeting))["agenda"][1]["documents"][0]["id"]
    document, variables = operation("emeeting", "CommentAdded"), {"documentId": found}
    seen, again = Fold(), Fold()
    async with watching(member, document, variables) as take:
        await take(seen)
        for body, visibility in (("a", "SHARED"), ("mine", "PRIVATE"), ("b", "SHARED")):
            said = {"documentId": found, "body": body, "visibility": visibility}
            await meeting_act(person("member-3"), "Comment", **said)
        await take(seen)
        assert seen.state is not None
        assert seen.state["comment"]["body"] == "a"
        await take(seen)
        assert seen.state["comment"]["body"] == "b"
    async with watching(member, document, variables, seen.cursors[0]) as take:
        await take(again)
        await take(again)
    assert (again.kinds, again.cursors) == (seen.kinds[1:], seen.cursors[1:])


FIELDS: dict[str, Callable[[Person], Awaitable[None]]] = {
    "accountingStatisticsUpdated": accounting_statistics_updated,
    "ewaAccountUpdated": ewa_account_updated,
    "meetingCommentAdded": meeting_comment_added,
    "meetingMotionUpdated": meeting_motion_updated,
    "meetingUpdated": meeting_updated,
    "paymentUpdated": payment_updated,
    "civilServiceCertificateUpdated": civil_service_certificate_updated,
    "postShipmentUpdated": post_shipment_updated,
    "tawasulAgencyFeed": tawasul_agency_feed,
    "tawasulCaseUpdated": tawasul_case_updated,
}


def test_each_live_field_of_the_schema_is_here() -> None:
    body = re.search(r"^type Subscription \{(.*?)^\}", SCHEMA.read_text(), re.MULTILINE | re.DOTALL)
    assert body is not None
    assert set(re.findall(r"^  (\w+)[(:]", body[1], re.MULTILINE)) == set(FIELDS)


@pytest.mark.parametrize("field", sorted(FIELDS))
async def test_the_fold_equals_a_fresh_look(person: Person, field: str) -> None:
    await FIELDS[field](person)


async def executions(visitor: FrontEnd) -> float:
    async with visitor.session.get(f"{visitor.url}/metrics") as answer:
        found = re.search(
            r"^bawaba_live_executions_total ([\d.]+)", await answer.text(), re.MULTILINE
        )
    assert found is not None
    return float(found[1])


async def test_one_audience_costs_one_execution(
    portal: Portal, visitor: FrontEnd, person: Person
) -> None:
    document = operation("accounting", "StatisticsUpdated")
    citizen = person("citizen")
    async with AsyncExitStack() as stack:
        readers = []
        for number in range(30):
            who = citizen if number % 2 else visitor
            socket = await stack.enter_async_context(who.live())
            readers.append(await stack.enter_async_context(socket.subscribe(document)))
        first = [await reader.next() for reader in readers]
        assert len({value["accountingStatisticsUpdated"]["cursor"] for value in first}) == 1
        before = await executions(visitor)
        payment = (await start(citizen, (await unpaid(citizen))[0]))["payment"]
        await check_out(citizen, payment, "approve")
        news = await asyncio.gather(*(reader.next(20) for reader in readers))
        assert all(value == news[0] for value in news)
        if "BAWABA_REDIS_URL" not in portal.environment:  # one process: its figure is the whole
            assert await executions(visitor) - before == 1


async def test_languages_and_people_are_not_mixed(person: Person) -> None:
    citizen, other = person("citizen"), person("citizen-2")
    payment = (await start(citizen, (await unpaid(citizen))[0]))["payment"]
    document = operation("payments", "PaymentUpdated")
    async with other.live() as socket, socket.subscribe(document, {"id": payment["id"]}) as reader:
        with pytest.raises(GraphQLFailed) as refused:
            await reader.next()
    assert refused.value.codes == ["FORBIDDEN"]
    await check_out(citizen, payment, "cancel")


async def test_after_a_restore_every_cursor_leads_to_a_snapshot(
    portal: Portal, visitor: FrontEnd
) -> None:
    watching = operation("accounting", "StatisticsUpdated")
    async with visitor.live() as live, live.subscribe(watching) as updates:
        first = (await updates.next())["accountingStatisticsUpdated"]
        assert "renewed" in portal.command("live", "renew")
        again = (await updates.next())["accountingStatisticsUpdated"]
        assert (first["kind"], again["kind"]) == ("SNAPSHOT", "SNAPSHOT")
        assert again["cursor"] != first["cursor"]
        resumed = live.subscribe(watching, {"after": first["cursor"]})
        async with resumed as later:
            assert (await later.next())["accountingStatisticsUpdated"] == again
