"""Objecting and deciding: one at a time, once only, never about oneself, and undone with money."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from bawaba import db
from bawaba.errors import AgencyUnavailable
from bawaba.graphql import raw_id
from bawaba.payments import ReversedItem
from bawaba_payments_traffic import gateway
from bawaba_payments_traffic.domain import FineStatus
from bawaba_payments_traffic.gateway import simulator
from bawaba_payments_traffic.models import TrafficFine, TrafficObjection
from bawaba_payments_traffic.services import demo, objections, payable

OBJECT = """
mutation ($input: TrafficObjectInput!) {
  trafficObject(input: $input) {
    objection { id status grounds fine { id status } attachments { id name mediaType size } }
    errors { code message path }
  }
}
"""
DECIDE = """
mutation ($input: TrafficDecideObjectionInput!) {
  trafficDecideObjection(input: $input) {
    objection { id status reason decidedAt fine { id status } }
    errors { code path }
  }
}
"""
DESK = """
query ($status: TrafficObjectionStatus) {
  trafficObjections(first: 10, status: $status) {
    totalCount
    nodes { id status fine { reference } }
  }
}
"""
GROUNDS = "The car was parked at home that day."


async def submit(portal: Any, person: str = "citizen", key: str = "k1", **changed: Any) -> Any:
    fine = (await portal.look_up(changed.pop("reference", "TF-1")))["id"]
    facts = {"fineId": fine, "grounds": GROUNDS, "idempotencyKey": key} | changed
    return (await portal.execute(OBJECT, {"input": facts}, person))["trafficObject"]


async def decide(
    portal: Any, objection: str, *, uphold: bool, person: str = "traffic-officer", key: str = "d1"
) -> Any:
    facts = {
        "objectionId": objection,
        "uphold": uphold,
        "reason": "The camera was misread.",
        "idempotencyKey": key,
    }
    return (await portal.execute(DECIDE, {"input": facts}, person))["trafficDecideObjection"]


def codes(payload: Any) -> list[str]:
    assert payload["objection"] is None
    return [error["code"] for error in payload["errors"]]


async def test_a_debtor_objects_once_at_a_time_and_the_fine_stays_payable(portal: Any) -> None:
    done = await submit(portal)
    assert done["errors"] == []
    assert done["objection"]["status"] == "SUBMITTED"
    assert done["objection"]["fine"]["status"] == "UNPAID"
    assert codes(await submit(portal, key="k2")) == ["TRAFFIC_OBJECTION_OPEN"]
    assert [action for action, _ in portal.trail] == ["traffic.objection.submitted"]
    assert [kind for _, kind in portal.events] == ["OBJECTION_SUBMITTED"]


async def test_the_same_key_is_the_same_objection(portal: Any) -> None:
    first, again = await submit(portal), await submit(portal)
    assert first == again
    assert await TrafficObjection.all().count() == 1
    other = await submit(portal, grounds="Something else altogether.")
    assert codes(other) == ["IDEMPOTENCY_KEY_REUSED"]


async def test_of_many_at_once_one_is_open(portal: Any) -> None:
    await portal.look_up("TF-1")
    answers = await asyncio.gather(*(submit(portal, key=f"k{n}") for n in range(6)))
    assert sum(answer["objection"] is not None for answer in answers) == 1
    assert await TrafficObjection.all().count() == 1


async def test_the_database_itself_allows_one_open_objection_only(portal: Any) -> None:
    await submit(portal)
    (row,) = await TrafficObjection.all().values()
    with pytest.raises(db.IntegrityError):
        await TrafficObjection.create(**(row | {"id": "another"}))


async def test_who_may_not_object(portal: Any) -> None:
    assert codes(await submit(portal, "citizen-2")) == ["TRAFFIC_NOT_YOUR_FINE"]
    assert codes(await submit(portal, grounds="no")) == ["TRAFFIC_TEXT_LENGTH"]
    assert codes(await submit(portal, attachmentIds=["unknown"])) == ["NOT_FOUND"]
    assert codes(await submit(portal, fineId="nonsense")) == ["NOT_FOUND"]
    fine = (await portal.look_up("TF-1"))["id"]
    facts = {"fineId": fine, "grounds": GROUNDS, "idempotencyKey": "k"}
    with pytest.raises(AssertionError, match="UNAUTHENTICATED"):
        await portal.execute(OBJECT, {"input": facts})


async def test_evidence_is_attached_and_shown(portal: Any) -> None:
    made = await submit(portal, attachmentIds=["a", "b"])
    shown = made["objection"]["attachments"]
    assert [file["name"] for file in shown] == ["photo.png", "photo.png"]
    id_ = raw_id(made["objection"]["id"], "TrafficObjection")
    assert [file.purpose for file in portal.files[id_]] == [objections.EVIDENCE] * 2
    for who, sees in [("citizen", {id_}), ("traffic-officer", {id_}), ("citizen-2", set())]:
        assert await objections.readable(portal.person(who), [id_]) == sees


async def test_upholding_cancels_gives_the_money_back_and_tells_the_directorate(
    portal: Any,
) -> None:
    fine = raw_id((await portal.look_up("TF-1"))["id"], "TrafficFine")
    item = portal.item(fine)
    await portal.settle(item)
    objection = (await submit(portal))["objection"]["id"]
    done = await decide(portal, objection, uphold=True)
    assert done["objection"]["status"] == "UPHELD"
    assert done["objection"]["fine"]["status"] == "CANCELLED"
    assert portal.refunds == [fine]
    assert (await TrafficObjection.get()).refund_id == "refund-1"
    assert portal.trail[-1] == ("traffic.objection.upheld", f"TrafficFine:{fine}")
    ((name, payload, _),) = portal.jobs
    assert name == objections.NOTIFY_CANCELLED
    await objections.notify_cancelled(payload)
    (told,) = await gateway.ask(lambda register: register.find(["TF-1"]))
    assert told.status is FineStatus.CANCELLED
    async with db.transaction():
        await portal.payable.mark_reversed(
            [ReversedItem("p1", "i1", "refund-1", fine, item.fils, True, portal.at)]
        )
    row = await TrafficFine.get(id=fine)
    assert (row.status, row.reversed_fils) == ("CANCELLED", item.fils), "not payable again"


async def test_money_that_arrives_for_a_cancelled_fine_goes_back(portal: Any) -> None:
    fine = raw_id((await portal.look_up("TF-1"))["id"], "TrafficFine")
    objection = (await submit(portal))["objection"]["id"]
    await decide(portal, objection, uphold=True)
    await portal.settle(portal.item(fine))
    assert [name for name, _, _ in portal.jobs] == [
        objections.NOTIFY_CANCELLED,
        payable.GIVE_BACK,
    ]
    assert (await TrafficFine.get(id=fine)).status == "CANCELLED"


async def test_a_late_register_cannot_revive_a_cancelled_fine(portal: Any) -> None:
    objection = (await submit(portal))["objection"]["id"]
    await decide(portal, objection, uphold=True)
    assert (await portal.look_up("TF-1"))["status"] == "CANCELLED"
    await simulator.SIMULATION.simulate(outage=True)
    with pytest.raises(AgencyUnavailable):
        await objections.notify_cancelled(portal.jobs[0][1])


async def test_rejecting_changes_no_fine_and_a_new_objection_may_follow(portal: Any) -> None:
    objection = (await submit(portal))["objection"]["id"]
    done = await decide(portal, objection, uphold=False)
    assert done["objection"]["status"] == "REJECTED"
    assert done["objection"]["fine"]["status"] == "UNPAID"
    assert portal.refunds == portal.jobs == []
    again = await decide(portal, objection, uphold=True, key="d2")
    assert codes(again) == ["TRAFFIC_OBJECTION_DECIDED"]
    assert (await submit(portal, key="k2"))["objection"]["status"] == "SUBMITTED"


async def test_a_decision_needs_the_permission_and_another_person(portal: Any) -> None:
    objection = (await submit(portal))["objection"]["id"]
    with pytest.raises(AssertionError, match="FORBIDDEN"):
        await decide(portal, objection, uphold=True, person="citizen-2")
    await demo.load(lambda *_: None)
    own = await submit(portal, "traffic-officer", key="o1", reference="TF-1000201")
    refused = await decide(portal, own["objection"]["id"], uphold=True)
    assert codes(refused) == ["TRAFFIC_OWN_FINE"]


async def test_a_failed_decision_leaves_nothing_behind(
    portal: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    objection = (await submit(portal))["objection"]["id"]

    async def broken(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(portal, "emit", broken)
    with pytest.raises(ZeroDivisionError):
        await decide(portal, objection, uphold=True)
    assert (await TrafficObjection.get()).status == "SUBMITTED"
    assert (await TrafficFine.get(reference="TF-1")).status == "UNPAID"


async def test_the_desk_and_who_sees_an_objection(portal: Any) -> None:
    objection = (await submit(portal))["objection"]["id"]
    desk = (await portal.execute(DESK, {"status": "SUBMITTED"}, "traffic-officer"))[
        "trafficObjections"
    ]
    assert desk["totalCount"] == 1
    assert desk["nodes"][0]["fine"]["reference"] == "TF-1"
    with pytest.raises(AssertionError, match="FORBIDDEN"):
        await portal.execute(DESK, {}, "citizen")
    id_ = raw_id(objection, "TrafficObjection")
    for who, sees in [("citizen", 1), ("traffic-officer", 1), ("citizen-2", 0)]:
        assert len(await objections.visible(portal.person(who), [id_])) == sees
