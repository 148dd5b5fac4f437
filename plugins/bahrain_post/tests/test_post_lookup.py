"""Looking shipments up: who sees what, what is asked of the post, what happens when it is out."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
from typing import Any

import pytest
from bawaba.errors import AgencyUnavailable
from bawaba.graphql import Context
from bawaba.simulation import Mode
from bawaba.text import Language, Text
from bawaba_bahrain_post import gateway
from bawaba_bahrain_post.gateway import PostSettings, simulator
from bawaba_bahrain_post.rules.journey import WORDS
from bawaba_bahrain_post.services import commands, demo
from post_world import K, Post, declared, number, scan


async def known_to_the_post(post: Post) -> str:
    tracking = number()
    journey = ((K.ACCEPTED, 3, demo._ABROAD), (K.DEPARTED, 2, demo._ABROAD))
    told = demo._shipment(tracking, demo.CITIZEN, None, journey, post.clock.now())
    await post.run(simulator.register, [told])
    return tracking


async def test_a_number_is_read_as_people_write_it(post: Post) -> None:
    typed = f" {demo.IN_TRANSIT[:2].lower()} {demo.IN_TRANSIT[2:]} "
    shown = await post.shipment(typed)
    assert (shown["trackingNumber"], shown["status"]) == (demo.IN_TRANSIT, "IN_TRANSIT")


@pytest.mark.parametrize("typed", ["", "RR473124820SG", "XX473124829SG", "x" * 10_000])
async def test_a_malformed_number_ends_the_operation_and_says_why(post: Post, typed: str) -> None:
    answer = await post.ask(
        None, "query ($n: String!) { postShipment(trackingNumber: $n) { id } }", {"n": typed}
    )
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert error["extensions"]["argument"] == "trackingNumber"
    assert len(str(answer)) < 1_000


async def test_an_unknown_shipment_is_asked_for_once_and_kept(post: Post) -> None:
    tracking = await known_to_the_post(post)
    shown = await asyncio.gather(*(post.shipment(tracking) for _ in range(3)))
    assert {each["status"] for each in shown} == {"IN_TRANSIT"}
    assert await post.scans(tracking) == 2
    await post.run(simulator.SIMULATION.set_mode, Mode(outage=True))
    assert (await post.shipment(tracking))["status"] == "IN_TRANSIT", "the mirror answers"


async def test_what_nobody_knows_is_null(post: Post) -> None:
    assert await post.shipment(number()) is None


async def test_while_the_post_is_out_or_slow_it_is_said_so(post: Post) -> None:
    await post.run(simulator.SIMULATION.set_mode, Mode(outage=True))
    assert await post.shipment(number()) == ["SERVICE_UNAVAILABLE"]
    with pytest.raises(AgencyUnavailable):
        await post.run(gateway.reachable)
    brief = PostSettings(system_timeout=0.05)
    post.host.runtime.plugin_settings_by_type = {PostSettings: brief}
    await post.run(simulator.SIMULATION.set_mode, Mode(latency_ms=1_000))
    assert await post.shipment(number()) == ["SERVICE_UNAVAILABLE"]
    await post.run(simulator.SIMULATION.set_mode, Mode())
    await post.run(gateway.reachable)
    assert await post.shipment(number()) is None


async def test_the_post_may_answer_nonsense(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    tracking = number()
    other = {**declared(number(), 1), "scans": []}
    for nonsense in ({}, 7, other, {**declared(tracking, -5), "scans": []}):

        async def answer(_self: Any, _numbers: Any, found: Any = nonsense) -> Any:
            return [found]

        monkeypatch.setattr(simulator.SimulatedPost, "find", answer)
        assert await post.shipment(tracking) == ["SERVICE_UNAVAILABLE"]


@pytest.mark.parametrize("stranger", [None, "citizen-2"])
async def test_strangers_see_where_it_is_and_no_more(post: Post, stranger: str | None) -> None:
    tracking = await post.held()
    told = Text("Handed to Maryam Ali Hasan.", "سُلم إلى مريم علي حسن.")
    at = post.clock.now() + dt.timedelta(minutes=1)
    await post.letter([dataclasses.replace(scan(tracking, K.DELIVERED, at), note=told)])
    shown = await post.shipment(tracking, stranger)
    assert shown["status"] == "DELIVERED"
    assert [event["kind"] for event in shown["events"]] == ["DELIVERED", "HELD_FOR_DUTY"]
    assert shown["events"][0]["description"] == WORDS[K.DELIVERED].en
    assert shown["dutyBill"] is None, "it tells what the shipment holds, and its value"
    for who in ("citizen", "post-officer"):
        known = await post.shipment(tracking, who)
        assert known["events"][0]["description"] == told.en
        assert [line["amount"]["amount"] for line in known["dutyBill"]["lines"]] == [
            "10.000", "21.000", "1.500",
        ]  # fmt: skip


async def test_of_a_recipient_that_nobody_told_only_the_desk_sees_the_duty(post: Post) -> None:
    tracking = await post.held(who=None)
    for who in (None, "citizen", "citizen-2"):
        assert (await post.shipment(tracking, who))["dutyBill"] is None
    assert (await post.shipment(tracking, "post-officer"))["dutyBill"]["status"] == "UNPAID"


async def test_tries_are_counted_for_the_number(post: Post) -> None:
    tracking = await post.held()
    query = "query ($n: String!) { postShipment(trackingNumber: $n) { id } }"
    codes = []
    with post.host.unit():
        engine = post.host.engine
        viewer = await post.host.parts.identity.authenticate(
            None, language=Language.EN, user_agent=None
        )
        for client in range(40):
            context = Context(viewer=viewer, client=f"192.0.2.{client}")
            prepared = engine.prepare(query, None, Language.EN)
            answer = await engine.execute(prepared, {"n": tracking}, context)
            codes += [e["extensions"]["code"] for e in answer.get("errors") or ()]
    assert set(codes) == {"LIMIT_EXCEEDED"}
    assert len(codes) >= 9, "whoever asks: the number is one"


async def test_ones_own_shipments_and_bills_by_id(post: Post) -> None:
    tracking = await post.held()
    shown = await post.shipment(tracking)
    query = "query ($id: ID!) { node(id: $id) { id } }"
    for found in (shown["id"], shown["dutyBill"]["id"]):
        mine = {"id": found}
        for who, seen in (
            ("citizen", mine), ("citizen-2", None), ("post-officer", mine), (None, None),
        ):  # fmt: skip
            assert (await post.look(query, who, id=found))["node"] == seen
    mine = await post.look(
        "{ me { postShipments(first: 2) { totalCount pageInfo { hasNextPage endCursor } "
        "nodes { trackingNumber dutyBill { status } events { kind } } } } }",
        "citizen",
    )
    page = mine["me"]["postShipments"]
    assert page["nodes"][0]["trackingNumber"] == tracking
    assert page["totalCount"] == 3
    assert page["pageInfo"]["hasNextPage"]


async def test_the_desk_sees_what_is_held_and_for_whom(post: Post) -> None:
    tracking = await post.held()
    query = """{ postHeldShipments(first: 50) { nodes {
        heldOn recipientName shipment { trackingNumber } } } }"""
    desk = await post.look(query, "post-officer")
    found = {n["shipment"]["trackingNumber"]: n for n in desk["postHeldShipments"]["nodes"]}
    assert found[tracking]["recipientName"] == "Maryam Ali Hasan"
    assert found[tracking]["heldOn"] == post.today().isoformat()
    assert demo.IN_TRANSIT not in found
    assert await post.look(query, "citizen") == ["FORBIDDEN"]
    assert await post.look(query) == ["UNAUTHENTICATED"]


async def test_a_malformed_scan_on_the_command_line_is_refused(
    post: Post, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await post.run(commands.scan, "RR1", "SORTED") == 2
    assert await post.run(commands.scan, demo.IN_TRANSIT, "LOST") == 2
    assert await post.run(commands.scan, demo.IN_TRANSIT.lower(), "sorted") == 0
    assert "new: 1" in capsys.readouterr().out
    assert (await post.shipment(demo.IN_TRANSIT))["events"][0]["kind"] == "SORTED"


async def test_the_demo_is_loaded_once(post: Post) -> None:
    before = await post.scans(demo.HELD)
    post.clock.advance(days=1)
    await post.run(demo.load, lambda _what, _done, _total: None)
    assert await post.scans(demo.HELD) == before
    held = await post.shipment(demo.HELD)
    assert (held["status"], held["dutyBill"]["status"]) == ("HELD_FOR_DUTY", "UNPAID")
    assert (await post.shipment(demo.DELIVERED))["status"] == "DELIVERED"
    assert (await post.shipment(demo.ASKED_FOR))["status"] == "IN_TRANSIT"


async def test_time_of_scans_is_shown_in_utc(post: Post) -> None:
    tracking = number()
    bahrain = post.clock.now().astimezone(dt.timezone(dt.timedelta(hours=3)))
    await post.letter([scan(tracking, K.ACCEPTED, bahrain)])
    (event,) = (await post.shipment(tracking))["events"]
    assert dt.datetime.fromisoformat(str(event["at"])) == post.clock.now()


async def test_fields_side_by_side_meet_a_person_once(post: Post) -> None:
    answer = await post.look(
        "{ me { bills(first: 50) { unavailableServices { code } nodes { __typename } } "
        "postBoxes(first: 5) { totalCount } postShipments(first: 5) { totalCount } } }",
        "citizen-2",
    )
    assert answer["me"]["bills"]["unavailableServices"] == []
    assert answer["me"]["postBoxes"]["totalCount"] == 1
    assert answer["me"]["postShipments"]["totalCount"] == 2
    told = await post.notices("post.")
    assert sorted(key.split(":")[0] for key in told) == ["post.box_due", "post.duty"]
