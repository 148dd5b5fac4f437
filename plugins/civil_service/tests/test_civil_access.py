"""The matrix of entities: nothing crosses, and nobody sees another's pay."""

from __future__ import annotations

from typing import Any

import pytest
from bawaba_civil_service.services import printing
from civil_world import Bureau, raw, week

STRANGERS = ("civil-servant-2", "civil-manager", "civil-officer", "civil-registrar", "citizen")
DESKS = """query ($entity: String!) {
  civilServiceRecords(entity: $entity, first: 50) { totalCount nodes { employeeNumber
    leaveBalances { kind daysRemaining }
    payslips(first: 1) { totalCount } certificateRequests(first: 1) { totalCount }
    leaves(first: 5) { nodes { id } } } } }"""
LEAVES = "query ($e: String!) { civilServiceLeaves(entity: $e, first: 5) { totalCount } }"
WATCH = "subscription ($id: ID!) { civilServiceCertificateUpdated(id: $id) { kind } }"


@pytest.fixture
async def things(bureau: Bureau) -> dict[str, str]:
    """Ids of what belongs to `civil-servant`, of the Ministry of Health."""
    record = await bureau.record("civil-servant")
    issued, _ = await bureau.issued()
    slip = record["payslips"]["nodes"][0]
    await bureau.run("print_payslip", payslip=raw(slip["id"]))
    return {
        "record": record["id"],
        "leave": record["leaves"]["nodes"][0]["id"],
        "payslip": slip["id"],
        "request": issued["id"],
        "bill": issued["bill"]["id"],
        "pdf": issued["certificate"]["pdfId"],
    }


SEEN = {
    "civil-servant": {"record", "leave", "payslip", "request", "bill", "pdf"},
    "civil-manager": {"record", "leave"},
    "civil-officer": set(),
    "civil-servant-2": set(),
    "civil-registrar": set(),
    "citizen": set(),
    None: set(),
}


async def test_node_shows_each_thing_to_whom_it_belongs(
    bureau: Bureau, things: dict[str, str]
) -> None:
    for who, seen in SEEN.items():
        for name, identifier in things.items():
            found = await bureau.node(who, identifier, "")
            assert (found is not None) is (name in seen), (who, name)


async def test_the_desks_show_ones_own_entity_without_pay(bureau: Bureau) -> None:
    for who, own in (("civil-manager", "moh"), ("civil-officer", "moe")):
        found = (await bureau.look(who, DESKS, entity=own))["civilServiceRecords"]
        assert found["totalCount"] == 2
        own_number = (await bureau.record(who))["employeeNumber"]
        for node in found["nodes"]:
            hidden = node["employeeNumber"] != own_number
            assert (node["payslips"] is None) is hidden
            assert (node["certificateRequests"] is None) is hidden
            assert len(node["leaveBalances"]) == 3
        other = {"moh": "moe", "moe": "moh"}[own]
        assert await bureau.look(who, DESKS, entity=other) == ["FORBIDDEN"]
        assert await bureau.look(who, LEAVES, e=other) == ["FORBIDDEN"]
        assert isinstance(await bureau.look(who, LEAVES, e=own), dict)
    for who in ("civil-servant", "civil-servant-2", "citizen", "civil-registrar"):
        for entity in ("moh", "moe", "*"):
            assert await bureau.look(who, DESKS, entity=entity) == ["FORBIDDEN"]
            assert await bureau.look(who, LEAVES, e=entity) == ["FORBIDDEN"]
    assert await bureau.look(None, DESKS, entity="moh") == ["UNAUTHENTICATED"]
    for scope in ("*", ""):
        assert await bureau.look("civil-manager", DESKS, entity=scope) == ["FORBIDDEN"]


async def test_no_mutation_reaches_into_anothers_things(
    bureau: Bureau, things: dict[str, str]
) -> None:
    asked = await bureau.request()
    for who in STRANGERS:
        fields = {"requestId": asked["id"]}
        gone = await bureau.act(who, "CancelRequest", "CancelRequest", **fields)
        assert gone == ["NOT_FOUND"], who
        gone = await bureau.act(who, "CancelLeave", "CancelLeave", leaveId=things["leave"])
        assert gone == ["NOT_FOUND"], who
    for who in set(STRANGERS) - {"civil-manager"}:
        assert await bureau.decide(who, things["leave"]) == ["FORBIDDEN"], who
    mixed = await bureau.act("civil-servant", "CancelLeave", "CancelLeave", leaveId=asked["id"])
    assert mixed == ["NOT_FOUND"], "the id of something else"


async def test_nobody_follows_anothers_request(bureau: Bureau, things: dict[str, str]) -> None:
    from bawaba.errors import NotFound  # noqa: PLC0415
    from bawaba.graphql import Context  # noqa: PLC0415
    from bawaba.viewer import Viewer  # noqa: PLC0415
    from bawaba_civil_service.graphql import live  # noqa: PLC0415

    class Asked:
        context = Context(Viewer("somebody", "920618733"))

    field: Any = live.CivilServiceSubscription.civil_service_certificate_updated
    with bureau.host.unit(), pytest.raises(NotFound):
        await field(live.CivilServiceSubscription(), Asked, things["request"])


async def test_prints_are_read_by_their_owner_alone(bureau: Bureau, things: dict[str, str]) -> None:
    from bawaba.viewer import ANONYMOUS, Viewer  # noqa: PLC0415

    subjects = [raw(things["payslip"]), raw(things["request"])]
    people = {p.handle: p.national_id for p in bureau.host.runtime.registry.demo_people()}
    with bureau.host.unit():
        for who in SEEN:
            viewer = Viewer(who, people[who]) if who else ANONYMOUS
            found = await printing.readable(viewer, subjects)
            assert found == (set(subjects) if who == "civil-servant" else set()), who
        powers = {"civilService.read": frozenset({"*"}), "civilService.print": frozenset({"*"})}
        mighty = Viewer("mighty", "1", grants=powers)
        assert await printing.readable(mighty, subjects) == frozenset()


async def test_a_record_that_moves_is_seen_by_the_new_entity_alone(bureau: Bureau) -> None:
    from bawaba.text import Text  # noqa: PLC0415
    from bawaba_civil_service.rules import wire  # noqa: PLC0415

    first = week(bureau, 20)
    identifier = (await bureau.record("civil-servant"))["id"]
    name = Text("Ministry of Education", "وزارة التربية والتعليم")
    facts = await bureau.changed("CS-10482", entity="moe", entity_name=name, version=2)
    await bureau.letter("records", {"records": [wire.write_record(facts.record)]})
    assert await bureau.node("civil-manager", identifier, "") is None
    assert await bureau.node("civil-officer", identifier, "") is not None
    moved = await bureau.leave("civil-servant", first, first)
    assert isinstance(moved, dict), moved
    assert await bureau.decide("civil-manager", moved["id"]) == ["NOT_FOUND"]


async def test_a_person_shows_no_record_but_ones_own(bureau: Bureau) -> None:
    query = "{ me { id civilServiceRecord { id } } }"
    me = (await bureau.look("civil-servant", query))["me"]
    chosen = "... on Person { civilServiceRecord { employeeNumber } }"
    own = await bureau.node("civil-servant", me["id"], chosen)
    assert own["civilServiceRecord"]["employeeNumber"] == "CS-10482"
    for who in STRANGERS:
        found = await bureau.node(who, me["id"], chosen)
        assert found is None or found["civilServiceRecord"] is None, who
    for who in ("citizen", "civil-registrar"):
        assert (await bureau.look(who, query))["me"]["civilServiceRecord"] is None
