"""Looking fines up: who sees what, what the mirror keeps, what happens when the register is out."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any

import pytest
from bawaba import db
from bawaba.errors import AgencyUnavailable
from bawaba.graphql import raw_id
from bawaba.simulation import Mode
from bawaba.viewer import ANONYMOUS
from bawaba_payments_traffic import gateway
from bawaba_payments_traffic.domain import FineStatus, PaidNotice
from bawaba_payments_traffic.gateway import letters, simulator
from bawaba_payments_traffic.graphql.nodes import NODES
from bawaba_payments_traffic.models import TrafficFine
from bawaba_payments_traffic.services import demo, fines

LOOK = "query ($by: TrafficFineLookupInput!) { trafficFines(by: $by, first: 5) { totalCount } }"


async def test_anybody_finds_a_fine_by_its_reference_and_sees_its_price_explained(
    portal: Any,
) -> None:
    found = await portal.look_up(" tf-1 ")
    assert (found["reference"], found["status"]) == ("TF-1", "UNPAID")
    assert found["amount"] == {"amount": "50.000", "currency": "BHD"}
    assert found["amountDue"] == {"amount": "25.000"}
    assert found["discountEndsAt"] == "2026-05-14T21:00:00Z"
    assert found["dueOn"] == "2026-06-06"
    assert found["service"]["agency"]["code"] == "traffic"
    assert "1/2" in found["priceExplanation"]
    assert found["notPayableReason"] is None


async def test_the_price_moves_with_the_clock(portal: Any) -> None:
    portal.at = dt.datetime(2026, 5, 14, 20, 59, 59, tzinfo=dt.UTC)
    assert (await portal.look_up("TF-1"))["amountDue"]["amount"] == "25.000"
    portal.at += dt.timedelta(seconds=1)
    assert (await portal.look_up("TF-1"))["amountDue"]["amount"] == "50.000"


async def test_what_cannot_be_settled_says_so(portal: Any) -> None:
    found = await portal.look_up("TF-2")
    assert found["amountDue"]["amount"] == "0.000"
    assert "court" in found["notPayableReason"]


async def test_a_plate_needs_its_owner(portal: Any) -> None:
    plate = {"number": "482913", "category": "private"}
    right = plate | {"ownerNationalId": demo.CITIZEN.national_id}
    wrong = plate | {"ownerNationalId": demo.CITIZEN_2.national_id}
    assert (await portal.page({"plate": right}))["totalCount"] == 2
    assert (await portal.page({"plate": wrong}))["totalCount"] == 0


async def test_mine_needs_a_sign_in_and_shows_ones_own(portal: Any) -> None:
    _, codes = await portal.raw(LOOK, {"by": {"mine": True}}, ANONYMOUS)
    assert codes == ["UNAUTHENTICATED"]
    assert (await portal.page({"mine": True}, "citizen"))["totalCount"] == 2
    assert (await portal.page({"mine": True}, "citizen-2"))["totalCount"] == 0


@pytest.mark.parametrize("by", [{}, {"mine": True, "reference": "TF-1"}, {"mine": False}])
async def test_a_look_up_is_exactly_one_of_three(portal: Any, by: Any) -> None:
    _, codes = await portal.raw(LOOK, {"by": by}, portal.person("citizen"))
    assert len(codes) == 1


async def test_pages_follow_one_another_newest_first(portal: Any) -> None:
    more = [
        portal.fine(f"TF-1{n}", occurred_at=portal.at - dt.timedelta(days=20 + n)) for n in range(5)
    ]
    await simulator.issue(more)
    seen: list[str] = []
    after = None
    while True:
        page = await portal.page({"mine": True}, "citizen", first=3, after=after)
        seen += [node["reference"] for node in page["nodes"]]
        assert page["totalCount"] == 7
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert sorted(seen[:2]) == ["TF-1", "TF-2"]
    assert seen[2:] == ["TF-10", "TF-11", "TF-12", "TF-13", "TF-14"]


async def test_a_look_up_without_news_writes_nothing(portal: Any) -> None:
    await portal.look_up("TF-1")
    before = await TrafficFine.get(reference="TF-1")
    portal.at += dt.timedelta(hours=1)
    await portal.look_up("TF-1")
    assert (await TrafficFine.get(reference="TF-1")).seen_at == before.seen_at


async def test_news_of_the_register_reach_the_mirror(portal: Any) -> None:
    await portal.look_up("TF-1")
    await db.execute(
        "UPDATE traffic_sim_fine SET status = 'PAID', receipt = 'COUNTER' WHERE reference = 'TF-1'"
    )
    found = await portal.look_up("TF-1")
    assert (found["status"], found["amountDue"]["amount"]) == ("PAID", "0.000")
    assert (await TrafficFine.get(reference="TF-1")).settled_item_id is None


async def test_many_look_ups_at_once_make_one_row(portal: Any) -> None:
    await asyncio.gather(*(portal.page({"mine": True}, "citizen") for _ in range(12)))
    assert await TrafficFine.all().count() == 2


@pytest.mark.parametrize("how", [{"outage": True}, {"latency_ms": 5_000}])
async def test_without_the_register_a_look_up_fails_and_a_node_does_not(
    portal: Any, how: dict[str, Any]
) -> None:
    known = await portal.look_up("TF-1")
    await simulator.SIMULATION.simulate(**how)
    began = asyncio.get_running_loop().time()
    _, codes = await portal.raw(LOOK, {"by": {"reference": "TF-1"}}, ANONYMOUS)
    assert codes == ["SERVICE_UNAVAILABLE"]
    assert asyncio.get_running_loop().time() - began < 4  # not the register's five seconds
    with pytest.raises(AgencyUnavailable):
        await gateway.reachable()
    shown = await portal.payable.present([raw_id(known["id"], "TrafficFine")])
    assert [fine.reference for fine in shown.values()] == ["TF-1"]
    await simulator.SIMULATION.simulate(outage=False, latency_ms=0)
    assert (await portal.look_up("TF-1"))["id"] == known["id"]


async def test_the_simulators_mode_is_seen_by_all_and_kept(portal: Any) -> None:
    assert await simulator.SIMULATION.simulate(latency_ms=7) == 0
    assert await simulator.SIMULATION.simulate(late=True) == 0
    assert await simulator.SIMULATION.mode() == Mode(latency_ms=7, outage=False, late=True)
    assert await simulator.SIMULATION.simulate(latency_ms=-1) == 2
    assert (await simulator.SIMULATION.mode()).latency_ms == 7


async def test_a_late_register_takes_the_letter_loses_its_answer_and_tells_old_news(
    portal: Any,
) -> None:
    await simulator.SIMULATION.simulate(late=True)
    notice = PaidNotice("i1", "TF-1", "R-1", 25_000, portal.at, "PORTAL")
    with pytest.raises(AgencyUnavailable):
        await letters.tell_paid([notice])
    (told,) = await gateway.ask(lambda register: register.find(["TF-1"]))
    assert told.status is FineStatus.UNPAID
    await simulator.SIMULATION.simulate(late=False)
    await letters.tell_paid([notice])
    (told,) = await gateway.ask(lambda register: register.find(["TF-1"]))
    assert (told.status, told.receipt) == (FineStatus.PAID, "R-1")
    assert len(await db.fetch("SELECT key FROM traffic_sim_notice")) == 1


async def test_the_directorate_is_never_asked_inside_a_transaction(portal: Any) -> None:
    with pytest.raises(RuntimeError, match="inside a transaction"):
        async with db.transaction():
            await gateway.reachable()


async def test_a_node_shows_itself_to_its_debtor_and_to_officers_only(portal: Any) -> None:
    found = await portal.look_up("TF-1")
    id_ = raw_id(found["id"], "TrafficFine")
    for who, sees in [("citizen", True), ("traffic-officer", True), ("citizen-2", False)]:
        assert (id_ in await fines.visible(portal.person(who), [id_])) is sees, who
    assert await fines.visible(ANONYMOUS, [id_]) == {}
    assert {node.type_name for node in NODES} == {"TrafficFine", "TrafficObjection"}


async def test_the_demo_has_fines_of_every_kind_and_loads_once(portal: Any) -> None:
    heard: list[tuple[str, int, int]] = []
    for _ in range(2):
        await demo.load(lambda what, done, total: heard.append((what, done, total)))
    for person, least in [("citizen", 8), ("citizen-2", 8)]:
        shown = (await portal.page({"mine": True}, person, first=100))["nodes"]
        ours = [node for node in shown if node["reference"].startswith("TF-10")]
        phases = {node["priceExplanation"].split(" ")[0] for node in ours}
        assert {"Early", "The", "BHD"} <= phases
        assert sum(node["notPayableReason"] is None for node in ours) >= least
        assert any(node["notPayableReason"] for node in ours)
        assert ours[0]["notPayableReason"] is None, "the newest can be paid"
        references = [node["reference"] for node in ours]
        assert len(set(references)) == len(references)
    assert heard[0][1] == heard[0][2] > 0
