"""Councils: rules as data, adoption, operators, and who may look after whose devices."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from bawaba.graphql import global_id
from bawaba.host.identity.models import Person
from bawaba_emeeting.services import commands

COUNCIL = """query ($c: String!) { meetingCouncil(code: $c) { code quorumRule seats
  adoption { status isTrial decidedAt operator { displayName } steps { status reference } }
  members(first: 100) { totalCount nodes { id displayName role votingWeight
    devices(first: 5) { nodes { id } } } } } }"""
MUHARRAQ, CAPITAL = "muharraq-municipal", "capital-secretariat"


async def council(chamber: Any, who: str | None = None, code: str = MUHARRAQ) -> Any:
    return (await chamber.look(who, COUNCIL, c=code))["meetingCouncil"]


async def person_id(chamber: Any, handle: str) -> str:
    with chamber.host.unit():
        return str(global_id("Person", (await Person.get(subject=handle)).id))


async def test_a_council_as_anybody_sees_it(chamber: Any) -> None:
    found = await council(chamber)
    assert found["quorumRule"].startswith("convening 1: more than 1/2 of the members")
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
