"""Councils: rules as data, adoption, operators, and who may look after whose devices."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from bawaba.graphql import Context, global_id
from bawaba.host.identity import grant_role
from bawaba.host.identity.models import Person
from bawaba.live import holders
from bawaba.text import Language
from bawaba.viewer import Viewer
from bawaba_emeeting.services import commands

COUNCIL = """query ($c: String!) { meetingCouncil(code: $c) { code quorumRule seats
  adoption { status isTrial decidedAt operator { displayName } steps { status reference } }
  members(first: 100) { totalCount nodes { id displayName role votingWeight personId
    devices(first: 5) { nodes { id } } } } } }"""
MEMBER = """query ($id: ID!) { node(id: $id) { ... on MeetingMember { role personId
  devices(first: 5) { nodes { id } } } } }"""
MUHARRAQ, CAPITAL = "muharraq-municipal", "capital-secretariat"


async def council(chamber: Any, who: str | None = None, code: str = MUHARRAQ) -> Any:
    return (await chamber.look(who, COUNCIL, c=code))["meetingCouncil"]


async def person_id(chamber: Any, handle: str) -> str:
    with chamber.host.unit():
        return str(global_id("Person", (await Person.get(subject=handle)).id))


async def test_a_council_as_anybody_sees_it(chamber: Any) -> None:
    found = await council(chamber)
    assert found["quorumRule"].startswith("Convening 1: more than 1/2 of the members")
    assert found["members"]["totalCount"] == 9
    assert [m["role"] for m in found["members"]["nodes"]][:2] == ["CHAIR", "DEPUTY"]
    assert {m["votingWeight"] for m in found["members"]["nodes"]} == {0, 1}
    assert {str(m["devices"]) for m in found["members"]["nodes"]} == {"None"}
    assert await council(chamber, code="nowhere") is None


async def test_rules_take_effect_when_they_say(chamber: Any) -> None:
    later = (chamber.clock.now() + dt.timedelta(hours=1)).isoformat()
    fields = {
        "council": MUHARRAQ, "effectiveFrom": later, "reason": "New bylaws.",
        "quorumNumerator": 2, "quorumDenominator": 3, "quorumIsStrict": False, "waitMinutes": 15,
    }  # fmt: skip
    await chamber.do("council-registrar", "AmendRules", **fields)
    assert (await chamber.screen())["quorum"]["required"] == 5
    chamber.clock.advance(hours=1)
    assert (await chamber.screen())["quorum"]["required"] == 6
    assert "at least 2/3" in (await council(chamber))["quorumRule"]
    past = (chamber.clock.now() - dt.timedelta(days=1)).isoformat()
    for changed, code in (
        ({"effectiveFrom": past}, "MEETING_RULES_IN_THE_PAST"),
        ({"quorumNumerator": 5}, "MEETING_BAD_RULES"),
        ({"waitMinutes": -1}, "MEETING_BAD_RULES"),
        ({"proxiesPerHolder": 101}, "MEETING_BAD_RULES"),
        ({"reason": ""}, "MEETING_BAD_TEXT"),
        ({"council": "nowhere"}, "NOT_FOUND"),
    ):
        asked = fields | {"effectiveFrom": chamber.clock.now().isoformat()} | changed
        assert await chamber.refuses("council-registrar", "AmendRules", **asked) == code, changed
    for who in ("chair", "operator", "gallery", "admin"):
        assert await chamber.refuses(who, "AmendRules", **fields) == "FORBIDDEN"


async def test_adoption_goes_step_by_step_and_needs_an_operator(chamber: Any) -> None:
    async def step(status: str) -> list[str]:
        fields = {"council": CAPITAL, "status": status, "reference": f"Paper on {status}"}
        return (await chamber.act("council-registrar", "RecordAdoption", **fields))[1]

    assert await step("ACTIVE") == ["MEETING_WRONG_ADOPTION"]
    assert await step("SENT_TO_MINISTER") == ["MEETING_WRONG_ADOPTION"]
    assert await step("PROPOSED") == ["MEETING_WRONG_ADOPTION"]
    assert await step("APPROVED") == []
    assert await step("ACTIVE") == ["MEETING_NEEDS_OPERATOR"]
    appointed = {"council": CAPITAL, "personId": await person_id(chamber, "gallery")}
    assert await chamber.refuses("chair", "AppointOperator", **appointed) == "FORBIDDEN"
    done = await chamber.do("council-registrar", "AppointOperator", **appointed)
    assert done["adoption"]["operator"]["displayName"] == "Nawal Saleh Darwish"
    assert await step("ACTIVE") == []
    found = (await council(chamber, code=CAPITAL))["adoption"]
    assert (found["status"], found["isTrial"], len(found["steps"])) == ("ACTIVE", False, 5)
    assert await step("ACTIVE") == ["MEETING_WRONG_ADOPTION"]
    # The new operator has the right at once; meetings are no trials any more.
    made = await chamber.do(
        "gallery",
        "Schedule",
        council=CAPITAL,
        kind="ORDINARY",
        title="First",
        scheduledAt=(chamber.clock.now() + dt.timedelta(days=1)).isoformat(),
        agenda=[{"title": "One"}],
    )
    assert made["isTrial"] is False


async def test_an_operator_is_replaced_and_loses_the_right(chamber: Any) -> None:
    person = await person_id(chamber, "gallery")
    fields = {"council": MUHARRAQ, "personId": person}
    for _ in range(2):
        await chamber.do("council-registrar", "AppointOperator", **fields)
    assert await chamber.refuses("operator", "Convene") == "FORBIDDEN"
    assert (await chamber.do("gallery", "Convene"))["status"] == "WAITING_FOR_QUORUM"
    chair = {"council": MUHARRAQ, "personId": await person_id(chamber, "chair")}
    code = await chamber.refuses("council-registrar", "AppointOperator", **chair)
    assert code == "MEETING_HOLDS_A_SEAT"
    nobody = {"council": MUHARRAQ, "personId": global_id("Person", "nobody")}
    code = await chamber.refuses("council-registrar", "AppointOperator", **nobody)
    assert code == "NOT_FOUND"


async def test_devices_are_for_their_owner_and_the_operator(chamber: Any) -> None:
    await chamber.screen("member-3")  # signs in
    for who, sees in {
        "operator": True, "member-3": True, "chair": False, "minister": False, "gallery": False,
    }.items():  # fmt: skip
        members = (await council(chamber, who))["members"]["nodes"]
        theirs = next(m for m in members if m["id"] == chamber.members["member-3"])
        assert (theirs["devices"] is not None) is sees, who
        others = [m for m in members if m["devices"] is not None]
        assert len(others) == (9 if who == "operator" else int(who in {"member-3", "chair"}))


async def test_whom_a_member_is_is_told_to_who_acts_on_it(chamber: Any) -> None:
    for who, seen in {
        None: set(), "citizen": set(), "gallery": set(), "minister": set(),
        "chair": {"chair"}, "member-3": {"member-3"},
        "operator": set(chamber.members), "council-registrar": set(chamber.members),
        "admin": set(chamber.members),
    }.items():  # fmt: skip
        listed = (await council(chamber, who))["members"]["nodes"]
        told = {m["id"]: m["personId"] for m in listed}
        for handle, member in chamber.members.items():
            expected = await person_id(chamber, handle) if handle in seen else None
            assert told[member] == expected, (who, handle)


async def test_whom_to_suspend_and_to_appoint_is_found_by_the_list(chamber: Any) -> None:
    def of(members: Any, handle: str) -> str:
        return str(next(m for m in members if m["id"] == chamber.members[handle])["personId"])

    mine = (await council(chamber, "operator"))["members"]["nodes"]
    given = {"personId": of(mine, "member-3"), "reason": "identity in doubt"}
    done = await chamber.look("operator", SUSPEND, input=given)
    assert done["suspendAccount"]["errors"] == []
    theirs = (await council(chamber, "council-registrar"))["members"]["nodes"]
    asked = {"council": CAPITAL, "personId": of(theirs, "operator")}
    done = await chamber.do("council-registrar", "AppointOperator", **asked)
    assert done["adoption"]["operator"]["displayName"] == "Amal Khalifa Rumaihi"


async def test_a_registrar_of_one_council_is_told_of_its_members_alone(chamber: Any) -> None:
    with chamber.host.unit():
        await grant_role("gallery", "meeting-registrar", CAPITAL)
    listed = (await council(chamber, "gallery"))["members"]["nodes"]
    assert {m["personId"] for m in listed} == {None}
    with chamber.host.unit():
        await grant_role("gallery", "meeting-registrar", MUHARRAQ)
    listed = (await council(chamber, "gallery"))["members"]["nodes"]
    assert None not in {m["personId"] for m in listed}
    assert {str(m["devices"]) for m in listed} == {"None"}


async def test_a_former_member_is_no_longer_the_operators_to_look_at(chamber: Any) -> None:
    await chamber.screen("operator")  # signs in
    appointed = {"council": MUHARRAQ, "personId": await person_id(chamber, "gallery")}
    await chamber.do("council-registrar", "AppointOperator", **appointed)
    former = chamber.members["operator"]
    shown = (await chamber.look("gallery", MEMBER, id=former))["node"]
    assert shown == {"role": "OPERATOR", "personId": None, "devices": None}
    shown = (await chamber.look("operator", MEMBER, id=former))["node"]
    assert shown["personId"] == await person_id(chamber, "operator")
    assert shown["devices"]["nodes"]
    present = (await chamber.look("gallery", MEMBER, id=chamber.members["chair"]))["node"]
    assert present["devices"] is not None


async def test_an_administrator_with_a_seat_is_not_the_operators_to_look_at(chamber: Any) -> None:
    await chamber.screen("member-3")
    with chamber.host.unit():
        await grant_role("member-3", "admin")
    shown = (await chamber.look("operator", MEMBER, id=chamber.members["member-3"]))["node"]
    assert shown == {"role": "MEMBER", "personId": None, "devices": None}


async def test_what_many_are_shown_at_once_names_nobody(chamber: Any) -> None:
    """A subscription runs as nobody in particular: not even the operator's tells whom."""
    query = '{ meetingCouncil(code: "muharraq-municipal") { members(first: 9) { nodes {'
    query += " personId devices(first: 1) { nodes { id } } } } } }"
    audience = holders("meeting.operate", MUHARRAQ).seen_as(Viewer())
    with chamber.host.unit():
        prepared = chamber.host.engine.prepare(query, None, Language.EN)
        answer = await chamber.host.engine.execute(prepared, {}, Context(viewer=audience))
    assert not answer.get("errors")
    nodes = answer["data"]["meetingCouncil"]["members"]["nodes"]
    assert nodes == [{"personId": None, "devices": None}] * 9


REVOKE = """mutation ($input: RevokeDeviceInput!) { revokeDevice(input: $input) {
  device { revokedAt } errors { code } } }"""
SUSPEND = """mutation ($input: SuspendAccountInput!) { suspendAccount(input: $input) {
  person { suspendedAt } errors { code } } }"""
REINSTATE = """mutation ($input: ReinstateAccountInput!) { reinstateAccount(input: $input) {
  person { suspendedAt } errors { code } } }"""


async def test_a_stolen_tablet_votes_no_more(chamber: Any) -> None:
    await chamber.convened()
    motion = await chamber.opened()
    members = (await council(chamber, "operator"))["members"]["nodes"]
    theirs = next(m for m in members if m["id"] == chamber.members["member-3"])
    device = {"deviceId": theirs["devices"]["nodes"][0]["id"], "reason": "stolen"}
    for stranger in ("member-4", "gallery", "minister"):
        answer = await chamber.look(stranger, REVOKE, input=device)
        assert answer["revokeDevice"]["errors"][0]["code"] == "NOT_FOUND"
    done = await chamber.look("operator", REVOKE, input=device)
    assert done["revokeDevice"]["errors"] == []
    with pytest.raises(Exception, match="Sign in"):
        await chamber.act("member-3", "CastVote", motionId=motion, choice="YES")
    assert (await chamber.motion(motion))["tally"]["yes"] == 0


async def test_the_operator_suspends_members_and_nobody_else(chamber: Any) -> None:
    given = {"personId": await person_id(chamber, "member-3"), "reason": "identity in doubt"}
    done = await chamber.look("operator", SUSPEND, input=given)
    assert done["suspendAccount"]["person"]["suspendedAt"]
    back = await chamber.look("operator", REINSTATE, input={"personId": given["personId"]})
    assert back["reinstateAccount"]["person"]["suspendedAt"] is None
    for stranger in ("citizen", "admin", "council-registrar"):
        other = given | {"personId": await person_id(chamber, stranger)}
        answer = await chamber.look("operator", SUSPEND, input=other)
        assert answer["suspendAccount"]["errors"][0]["code"] == "NOT_FOUND", stranger
    assert await chamber.look("chair", SUSPEND, input=given) == ["FORBIDDEN"]
    # What the platform's administrator suspended is not the operator's to lift.
    await chamber.look("admin", SUSPEND, input=given)
    asked = {"personId": given["personId"]}
    assert await chamber.look("operator", REINSTATE, input=asked) == ["FORBIDDEN"]
    back = await chamber.look("admin", REINSTATE, input=asked)
    assert back["reinstateAccount"]["person"]["suspendedAt"] is None


async def test_a_suspended_member_cannot_act(chamber: Any) -> None:
    given = {"personId": await person_id(chamber, "member-3"), "reason": "identity in doubt"}
    await chamber.look("admin", SUSPEND, input=given)
    with pytest.raises(Exception, match="suspended"):
        await chamber.do("member-3", "CheckIn")


async def test_councils_are_entered_from_the_file_of_the_readme(
    chamber: Any, tmp_path: Path
) -> None:
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    example = readme.partition("```toml\n")[2].partition("```")[0]
    file = tmp_path / "councils.toml"
    file.write_text(example, encoding="utf-8")
    for _ in range(2):  # what is there stays
        with chamber.host.unit():
            assert await commands.load_councils(file) is None
    found = await council(chamber, code="northern-municipal")
    assert (found["seats"], found["adoption"]["status"]) == (12, "PROPOSED")
    assert [m["role"] for m in found["members"]["nodes"]] == ["CHAIR", "MEMBER", "OPERATOR"]
    made = await chamber.do(
        "gallery",
        "Schedule",
        council="northern-municipal",
        kind="ORDINARY",
        title="First",
        scheduledAt=(chamber.clock.now() + dt.timedelta(days=1)).isoformat(),
        agenda=[{"title": "One"}],
    )
    assert made["quorum"]["entitled"] == 2
    file.write_text(example.replace('"chair"', '"nobody-yet"'), encoding="utf-8")
    with chamber.host.unit():
        assert await commands.load_councils(file) == 1
