"""The catalogue: what is declared, what is historic, and what front ends see of both."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from bawaba import catalogue
from bawaba.catalogue import Agency, Service
from bawaba.db import transaction
from bawaba.errors import BootError
from bawaba.graphql import Context
from bawaba.host.catalogue import Catalogue
from bawaba.host.catalogue.declared import declared_catalogue
from bawaba.host.catalogue.graphql import load_agencies, load_services
from bawaba.host.schema.compose import compose
from bawaba.host.schema.engine import Engine
from bawaba.payments import Channel
from bawaba.text import Language, Text
from bawaba.viewer import Viewer
from harbour import BERTHS, CORE, HARBOUR
from world import World, registry_of

WATER = Agency("water", Text("Water", "المياه"))
PIPES = Service(
    "pipes",
    "water",
    Text("Pipes", "الأنابيب"),
    Text("Old figures.", "أرقام سابقة."),
    (Channel.KIOSK,),
    payable=True,
)
ENGINE = Engine(compose(CORE), introspection=True)
SERVICES = """
query Catalogue($first: Int!, $after: String) { services(first: $first, after: $after) {
  totalCount pageInfo { hasNextPage endCursor }
  nodes {
    id code nameAr: name(language: AR) nameEn: name(language: EN)
    description isPayable channels agency { code name } } } }
"""


async def run(query: str, language: Language = Language.EN, **variables: Any) -> Any:
    context = Context(Viewer(language=language))
    return await ENGINE.execute(ENGINE.prepare(query, None, language), variables, context)


async def test_historic_entries_stand_beside_declared_ones_and_are_not_payable(room: World) -> None:
    await catalogue.register_historic([WATER], [PIPES])
    assert await catalogue.agencies() == {"harbour": HARBOUR, "water": WATER}
    assert await catalogue.services() == {"berths": BERTHS, "pipes": replace(PIPES, payable=False)}
    assert list(await catalogue.services()) == ["berths", "pipes"]


async def test_what_a_plugin_declares_wins(room: World) -> None:
    other = Agency("harbour", Text("Old harbour", "الميناء القديم"))
    await catalogue.register_historic(
        [other], [replace(BERTHS, payable=False, name=Text("Old", "قديم"))]
    )
    assert await catalogue.agencies() == {"harbour": HARBOUR}
    assert await catalogue.services() == {"berths": BERTHS}


async def test_registering_again_renames_and_doubles_nothing(room: World) -> None:
    await catalogue.register_historic([WATER, WATER], [PIPES, PIPES])
    renamed = replace(PIPES, name=Text("Mains", "شبكة"), channels=())
    await catalogue.register_historic([], [renamed])
    assert (await catalogue.services())["pipes"] == replace(renamed, payable=False)
    await catalogue.register_historic([], [])


async def test_a_historic_service_may_belong_to_a_declared_agency(room: World) -> None:
    await catalogue.register_historic([], [replace(PIPES, agency="harbour")])
    assert (await catalogue.services())["pipes"].agency == "harbour"


@pytest.mark.parametrize(
    ("agencies", "services"),
    [
        ([], [PIPES]),
        ([replace(WATER, code="Water")], []),
        ([replace(WATER, code="w" * 65)], []),
        ([WATER], [replace(PIPES, code="")]),
    ],
    ids=["unknown agency", "capital", "too long", "empty"],
)
async def test_what_cannot_stand_in_the_catalogue_is_refused_whole(
    room: World, agencies: list[Agency], services: list[Service]
) -> None:
    with pytest.raises(ValueError, match=r"code|agency"):
        await catalogue.register_historic(agencies, services)
    assert list(await catalogue.agencies()) == ["harbour"]


async def test_many_imports_at_once_all_succeed(room: World) -> None:
    bodies = [Agency(f"a{n}", Text("A", "أ")) for n in range(20)]
    turned = [bodies[n:] + bodies[:n] for n in range(8)]
    await asyncio.gather(*(catalogue.register_historic(each, []) for each in turned))
    assert len(await catalogue.agencies()) == 21


async def test_other_processes_see_it_within_two_seconds(room: World) -> None:
    seconds = [0.0]
    elsewhere = Catalogue(CORE, lambda: seconds[0])
    assert list(await elsewhere.agencies()) == ["harbour"]
    await catalogue.register_historic([WATER], [])
    seconds[0] = 1.9
    assert list(await elsewhere.agencies()) == ["harbour"]
    seconds[0] = 2.0
    assert list(await elsewhere.agencies()) == ["harbour", "water"]


async def test_what_is_rolled_back_was_never_in_the_catalogue(room: World) -> None:
    async def fails_later() -> None:
        async with transaction():
            await catalogue.register_historic([WATER], [])
            assert "water" in await catalogue.agencies()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fails_later()
    assert list(await catalogue.agencies()) == ["harbour"]


async def test_services_on_the_wire(room: World) -> None:
    await catalogue.register_historic([WATER], [PIPES])
    first = (await run(SERVICES, first=1))["data"]["services"]
    assert (first["totalCount"], first["pageInfo"]["hasNextPage"]) == (2, True)
    assert first["nodes"][0] | {"id": ""} == {
        "id": "", "code": "berths", "nameAr": "المراسي", "nameEn": "Berths",
        "description": "Rent a berth.",
        "isPayable": True, "channels": [channel.name for channel in Channel],
        "agency": {"code": "harbour", "name": "Harbour"},
    }  # fmt: skip
    second = (await run(SERVICES, Language.AR, first=1, after=first["pageInfo"]["endCursor"]))[
        "data"
    ]["services"]
    (pipes,) = second["nodes"]
    assert (pipes["code"], pipes["isPayable"], pipes["channels"]) == ("pipes", False, ["KIOSK"])
    assert (pipes["description"], pipes["agency"]["name"]) == ("أرقام سابقة.", "المياه")
    assert not second["pageInfo"]["hasNextPage"]


@pytest.mark.parametrize("bad", [{"first": 0}, {"first": 101}, {"first": 5, "after": "nonsense"}])
async def test_a_page_out_of_bounds_is_bad_input(room: World, bad: dict[str, Any]) -> None:
    answer = await run(SERVICES, **bad)
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_agencies_on_the_wire(room: World) -> None:
    answer = await run(
        """{ agencies(first: 5) { totalCount nodes { code name } }
        a: agency(code: "harbour") { name } b: agency(code: "x") { name } }"""
    )
    assert answer["data"] == {
        "agencies": {"totalCount": 1, "nodes": [{"code": "harbour", "name": "Harbour"}]},
        "a": {"name": "Harbour"},
        "b": None,
    }


async def test_nodes_are_open_to_everybody(room: World) -> None:
    nobody: Any = None
    assert set(await load_agencies(nobody, ["harbour", "x"])) == {"harbour"}
    assert set(await load_services(nobody, ["berths", "x"])) == {"berths"}


@pytest.mark.parametrize(
    ("agencies", "services", "problem"),
    [
        ([replace(HARBOUR, code="Har bour")], [], "malformed"),
        ([replace(HARBOUR, name=Text("Harbour", ""))], [], "lacks words"),
        ([HARBOUR, replace(HARBOUR, name=Text("Port", "ميناء"))], [], "otherwise"),
        ([HARBOUR], [BERTHS, BERTHS], "twice"),
        ([], [BERTHS], "unknown agency 'harbour'"),
        ([HARBOUR], [replace(BERTHS, description=Text("", "وصف"))], "lacks words"),
    ],
    ids=range(6),
)
def test_a_bad_declaration_stops_the_start_and_names_the_plugin(
    agencies: list[Agency], services: list[Service], problem: str
) -> None:
    with pytest.raises(BootError, match=problem) as caught:
        declared_catalogue(registry_of(agencies=agencies, services=services))
    assert caught.value.plugin == "bawaba"


def test_two_plugins_may_speak_for_one_agency() -> None:
    assert declared_catalogue(registry_of(agencies=[HARBOUR, HARBOUR])).agencies == {
        "harbour": HARBOUR
    }
