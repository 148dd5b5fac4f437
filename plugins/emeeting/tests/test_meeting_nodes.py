"""Objects by their ids, many at once; and what a mutation's later steps see of its earlier ones."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from typing import Any

import pytest
from bawaba.graphql import global_id
from bawaba.host.identity import grant_role

NODES = """query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id
  ... on MeetingComment { body version isStale author { displayName } }
  ... on MeetingCouncil { code name seats }
  ... on MeetingAgendaItem { position title motions { text } documents { title } }
  ... on MeetingMember { displayName role personId }
  ... on MeetingProxy { weight giver { id displayName } holder { id displayName } } } }"""


@pytest.fixture
def statements(caplog: pytest.LogCaptureFixture) -> Callable[[], int]:
    """Return what tells how many statements were run since it was asked last."""
    caplog.set_level(logging.DEBUG, logger="tortoise.db_client")

    def count() -> int:
        run = [r for r in caplog.records if r.name == "tortoise.db_client"]
        caplog.clear()
        return len(run)

    return count


async def _comments(chamber: Any) -> list[str]:
    documents = [d["id"] for item in (await chamber.screen())["agenda"] for d in item["documents"]]
    assert len(documents) == 2
    said = []
    for document in documents:
        for who in ("chair", "member-2", "member-3"):
            asked = {"documentId": document, "body": f"{who} here", "visibility": "SHARED"}
            said.append(str((await chamber.do(who, "Comment", **asked))["id"]))
    return said


async def _proxies(chamber: Any) -> list[str]:
    given = (("member-8", "chair"), ("member-7", "member-2"), ("member-6", "member-3"))
    made = []
    for giver, holder in given:
        asked = {"meetingId": chamber.meeting, "holderId": chamber.members[holder]}
        made.append(str((await chamber.do(giver, "GiveProxy", **asked))["id"]))
    return made


async def _items(chamber: Any) -> list[str]:
    """Return the items of two meetings."""
    made = await chamber.do(
        "operator",
        "Schedule",
        council="muharraq-municipal",
        kind="ORDINARY",
        title="Next",
        scheduledAt=(chamber.clock.now() + dt.timedelta(days=1)).isoformat(),
        agenda=[{"title": "One"}, {"title": "Two"}],
    )
    agendas = ((await chamber.screen())["agenda"], made["agenda"])
    return [str(item["id"]) for agenda in agendas for item in agenda]


async def _councils(chamber: Any) -> list[str]:
    del chamber
    codes = ("muharraq-municipal", "capital-secretariat", "cabinet")
    return [str(global_id("MeetingCouncil", code)) for code in codes]


async def _members(chamber: Any) -> list[str]:
    return list(chamber.members.values())


@pytest.mark.parametrize("of", [_comments, _proxies, _items, _councils, _members])
async def test_many_objects_cost_as_many_statements_as_one(
    chamber: Any, statements: Callable[[], int], of: Any
) -> None:
    ids = await of(chamber)
    assert len(ids) > 2
    await chamber.screen("member-2")  # signs in
    alone, costs = [], set()
    for each in ids:
        statements()
        alone += (await chamber.look("member-2", NODES, ids=[each]))["nodes"]
        costs.add(statements())
    assert None not in alone
    assert min(costs) > 0
    asked = [*ids, ids[0], str(global_id("MeetingCouncil", "nowhere")), *reversed(ids)]
    found = (await chamber.look("member-2", NODES, ids=asked))["nodes"]
    assert found == [*alone, alone[0], None, *reversed(alone)]
    cost = statements()
    # The council that is nowhere is asked for too, where councils are not asked for anyhow.
    assert cost <= max(costs) + 1


async def test_comments_and_proxies_of_a_council_are_for_its_own(chamber: Any) -> None:
    ids = [*await _comments(chamber), *await _proxies(chamber)]
    for outside in (None, "minister", "gallery", "council-registrar", "admin"):
        assert set((await chamber.look(outside, NODES, ids=ids))["nodes"]) == {None}
    assert None not in (await chamber.look("operator", NODES, ids=ids))["nodes"]


async def test_a_mutations_second_step_sees_what_the_first_did(chamber: Any) -> None:
    shown = "meeting { quorum { present required } attendance { member { id } status } }"
    query = f"""mutation ($a: MeetingRecordAttendanceInput!, $b: MeetingRecordAttendanceInput!) {{
      a: meetingRecordAttendance(input: $a) {{ {shown} errors {{ code }} }}
      b: meetingRecordAttendance(input: $b) {{ {shown} errors {{ code }} }} }}"""
    first, second = chamber.members["chair"], chamber.members["member-2"]
    given = [
        {"meetingId": chamber.meeting, "memberId": member, "status": "PRESENT"}
        for member in (first, second)
    ]
    answer = await chamber.look("operator", query, a=given[0], b=given[1])
    assert answer["a"]["errors"] == answer["b"]["errors"] == []
    assert [answer[step]["meeting"]["quorum"]["present"] for step in "ab"] == [1, 2]
    there = [
        {
            m["member"]["id"]
            for m in answer[step]["meeting"]["attendance"]
            if m["status"] != "ABSENT"
        }
        for step in "ab"
    ]
    assert there == [{first}, {first, second}]


async def test_a_later_step_of_another_kind_sees_it_too(chamber: Any) -> None:
    with chamber.host.unit():
        await grant_role("operator", "meeting-registrar")
    query = """mutation ($a: MeetingRecordAttendanceInput!, $b: MeetingAmendRulesInput!) {
      a: meetingRecordAttendance(input: $a) { meeting { quorum { required } } }
      b: meetingAmendRules(input: $b) { council { meetings(first: 1) { nodes {
        quorum { required } } } } errors { code } } }"""
    attends = {"meetingId": chamber.meeting, "memberId": chamber.members["chair"]}
    rules = {
        "council": "muharraq-municipal", "effectiveFrom": chamber.clock.now().isoformat(),
        "reason": "New bylaws.", "quorumNumerator": 2, "quorumDenominator": 3,
        "quorumIsStrict": False, "waitMinutes": 15,
    }  # fmt: skip
    answer = await chamber.look("operator", query, a=attends | {"status": "PRESENT"}, b=rules)
    assert answer["b"]["errors"] == []
    assert answer["a"]["meeting"]["quorum"]["required"] == 5
    assert answer["b"]["council"]["meetings"]["nodes"][0]["quorum"]["required"] == 6
