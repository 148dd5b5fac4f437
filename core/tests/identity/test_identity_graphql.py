"""Identity as a front end sees it: through the composed schema."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from bawaba.graphql import Context, global_id
from bawaba.host.identity import DemoIssuer, Identity, load_people
from bawaba.host.identity.demo import ISSUER
from bawaba.host.identity.graphql import load_devices, load_persons
from bawaba.host.identity.tokens import TokenRules
from bawaba.host.schema.compose import compose
from bawaba.host.schema.engine import Engine
from bawaba.text import Language
from bawaba.viewer import Viewer
from core_alone import ADMIN, CORE, SARA
from world import World

ENGINE = Engine(compose(CORE), introspection=True)
ME = """
query Me { me { id displayName nationalId roles suspendedAt
  devices(first: 20) { totalCount nodes { id label createdAt lastSeenAt revokedAt isCurrent } } } }
"""
REVOKE = """
mutation RevokeDevice($input: RevokeDeviceInput!) {
  revokeDevice(input: $input) { device { id revokedAt } errors { __typename code message path } } }
"""
SUSPEND = """
mutation SuspendAccount($input: SuspendAccountInput!) {
  suspendAccount(input: $input) {
    person { id displayName suspendedAt nationalId roles devices(first: 5) { totalCount } }
    errors { code path } } }
"""
REINSTATE = """
mutation($input: ReinstateAccountInput!) {
  reinstateAccount(input: $input) { person { suspendedAt } errors { code } } }
"""


async def run(viewer: Viewer, query: str, **variables: Any) -> Any:
    context = Context(viewer)
    return await ENGINE.execute(ENGINE.prepare(query, None, viewer.language), variables, context)


class People:
    """Sara on two devices, the administrator, and nobody."""

    anonymous = Viewer()
    sara: Viewer
    tablet: Viewer
    admin: Viewer
    identity: Identity


@pytest.fixture
async def people(room: World) -> People:
    await load_people([ADMIN])
    issuer = DemoIssuer(room.data, demo=True, audience="bawaba", clock=room.clock)
    made = People()
    made.identity = Identity(issuer, TokenRules(ISSUER, "bawaba"), CORE.all("declare_roles"))
    for name, person, label in (
        ("sara", SARA, "phone"),
        ("tablet", SARA, "tablet"),
        ("admin", ADMIN, "desk"),
    ):
        token = issuer.issue(person, device_label=label)
        viewer = await made.identity.authenticate(token, language=Language.EN, user_agent=None)
        setattr(made, name, viewer)
    return made


async def test_me_is_null_for_a_visitor(people: People) -> None:
    assert await run(people.anonymous, ME) == {"data": {"me": None}}


async def test_me_shows_oneself_and_one_s_devices_newest_first(people: People) -> None:
    me = (await run(people.sara, ME))["data"]["me"]
    assert (me["displayName"], me["nationalId"], me["roles"]) == ("Sara", "900101001", ["citizen"])
    assert me["suspendedAt"] is None
    assert [(d["label"], d["isCurrent"], d["revokedAt"]) for d in me["devices"]["nodes"]] == [
        ("tablet", False, None), ("phone", True, None)
    ]  # fmt: skip
    assert me["devices"]["totalCount"] == 2
    assert me["devices"]["nodes"][0]["createdAt"] == "2026-03-01T09:00:00Z"


async def test_devices_are_paged(people: People) -> None:
    query = """query($after: String) { me { devices(first: 1, after: $after) {
        nodes { label } pageInfo { hasNextPage endCursor } } } }"""
    first = (await run(people.sara, query))["data"]["me"]["devices"]
    second = (await run(people.sara, query, after=first["pageInfo"]["endCursor"]))["data"]["me"][
        "devices"
    ]
    assert [first["nodes"], second["nodes"]] == [[{"label": "tablet"}], [{"label": "phone"}]]
    assert [first["pageInfo"]["hasNextPage"], second["pageInfo"]["hasNextPage"]] == [True, False]


async def test_revoking_one_s_other_device(people: People) -> None:
    tablet = global_id("Device", people.tablet.device_id or "")
    payload = (await run(people.sara, REVOKE, input={"deviceId": tablet}))["data"]["revokeDevice"]
    assert payload == {"device": {"id": tablet, "revokedAt": "2026-03-01T09:00:00Z"}, "errors": []}
    shown = (await run(people.sara, ME))["data"]["me"]["devices"]["nodes"]
    assert [device["revokedAt"] for device in shown] == ["2026-03-01T09:00:00Z", None]


@pytest.mark.parametrize("given", ["someone-else", "wrong type", "nonsense", "nothing"])
async def test_what_is_not_one_s_own_is_not_found(people: People, given: str) -> None:
    ids = {
        "someone-else": global_id("Device", people.admin.device_id or ""),
        "wrong type": global_id("Person", people.sara.person_id or ""),
        "nonsense": base64.b64encode(b"\xff\x00").decode(),
        "nothing": "",
    }
    payload = (await run(people.sara, REVOKE, input={"deviceId": ids[given]}))["data"][
        "revokeDevice"
    ]
    assert payload["device"] is None
    assert [(e["code"], e["path"]) for e in payload["errors"]] == [("NOT_FOUND", ["deviceId"])]


async def test_a_visitor_revokes_nothing(people: People) -> None:
    answer = await run(people.anonymous, REVOKE, input={"deviceId": "x"})
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_an_administrator_suspends_and_reinstates(people: People) -> None:
    sara = global_id("Person", people.sara.person_id or "")
    given = {"personId": sara, "reason": "stolen tablet"}
    payload = (await run(people.admin, SUSPEND, input=given))["data"]["suspendAccount"]
    assert payload["errors"] == []
    assert payload["person"] == {
        "id": sara, "displayName": "Sara", "suspendedAt": "2026-03-01T09:00:00Z",
        "nationalId": "900101001", "roles": ["citizen"], "devices": {"totalCount": 2},
    }  # fmt: skip
    payload = (await run(people.admin, REINSTATE, input={"personId": sara}))["data"][
        "reinstateAccount"
    ]
    assert payload == {"person": {"suspendedAt": None}, "errors": []}


async def test_refusals_of_suspension(people: People) -> None:
    oneself = {"personId": global_id("Person", people.admin.person_id or ""), "reason": "tired"}
    payload = (await run(people.admin, SUSPEND, input=oneself))["data"]["suspendAccount"]
    assert payload == {
        "person": None,
        "errors": [{"code": "ACCOUNT_IS_YOUR_OWN", "path": ["personId"]}],
    }
    blank = {"personId": global_id("Person", people.sara.person_id or ""), "reason": " "}
    payload = (await run(people.admin, SUSPEND, input=blank))["data"]["suspendAccount"]
    assert payload["errors"] == [{"code": "ACCOUNT_REASON_INVALID", "path": ["reason"]}]
    answer = await run(people.sara, SUSPEND, input=oneself)
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_nodes_show_oneself_alone_but_everybody_to_account_managers(people: People) -> None:
    class Asking:
        def __init__(self, viewer: Viewer) -> None:
            self.context = Context(viewer)

    persons = [people.sara.person_id or "", people.admin.person_id or "", "nobody"]
    devices = [people.tablet.device_id or "", people.admin.device_id or "", "nothing"]
    for viewer, seen in ((people.sara, 1), (people.admin, 2), (people.anonymous, 0)):
        asking: Any = Asking(viewer)
        assert set(await load_devices(asking, devices)) == set(devices[:seen])
        assert set(await load_persons(asking, persons)) == set(persons[:seen])
    managed: Any = Asking(people.admin)
    assert (await load_persons(managed, persons))[persons[1]].roles == ["admin", "citizen"]
