"""What is frozen, who stands aside, what is repeated: the finer points of procedure."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from bawaba.errors import Unauthenticated
from bawaba.graphql import split_id
from bawaba_emeeting.domain import MeetingChoice
from bawaba_emeeting.services import casting

FIVE = ("chair", "member-2", "member-3", "member-4", "member-5")
REVOKE = """mutation ($input: RevokeDeviceInput!) { revokeDevice(input: $input) {
  errors { code } } }"""


async def bloc_of(chamber: Any, *parts: str) -> str:
    return str(await chamber.proposed(text="All of it", enBloc=list(parts)))


async def statuses(chamber: Any, *motions: str) -> list[str]:
    return [(await chamber.motion(motion))["status"] for motion in motions]


async def test_who_stands_aside_from_a_part_stands_aside_from_the_bloc(chamber: Any) -> None:
    await chamber.convened()
    parts = [await chamber.proposed(), await chamber.proposed()]
    await chamber.do("member-4", "Recuse", motionId=parts[0], reason="my land")
    bloc = await bloc_of(chamber, *parts)
    await chamber.do("chair", "OpenVoting", motionId=bloc)
    code = await chamber.refuses("member-4", "CastVote", motionId=bloc, choice="YES")
    assert code == "MEETING_NOT_ENTITLED"
    assert (await chamber.motion(bloc))["tally"]["entitled"] == 7
    # Nor does anybody stand aside from a part once its bloc is being voted on.
    code = await chamber.refuses("member-5", "Recuse", motionId=parts[1], reason="late")
    assert code == "MEETING_RECUSED"


async def test_who_stands_aside_does_not_decide_a_tie(chamber: Any) -> None:
    await chamber.convened()
    motion = await chamber.proposed()
    await chamber.do("chair", "Recuse", motionId=motion, reason="my brother's firm")
    await chamber.do("chair", "OpenVoting", motionId=motion)
    await chamber.vote(motion, member_2="YES", member_3="NO")
    await chamber.closed(motion)
    deciding = {"motionId": motion, "choice": "YES"}
    assert await chamber.refuses("chair", "CastingVote", **deciding) == "MEETING_NOT_PRESIDING"
    done = await chamber.do("member-2", "CastingVote", **deciding)
    assert done["outcome"] == "CARRIED"


async def test_a_repeated_bloc_decides_its_parts_again(chamber: Any) -> None:
    await chamber.convened()
    parts = [await chamber.proposed(), await chamber.proposed()]
    alone = await chamber.proposed()
    bloc = await bloc_of(chamber, *parts, alone)
    # One is voted on by itself first: what the bloc decides is no business of its.
    await chamber.do("chair", "OpenVoting", motionId=alone)
    await chamber.vote(alone, chair="NO")
    await chamber.closed(alone)
    for choice, outcome in (("YES", "CARRIED"), ("NO", "REJECTED")):
        await chamber.do("chair", "OpenVoting", motionId=bloc)
        await chamber.vote(bloc, chair=choice)
        await chamber.closed(bloc)
        found = [await chamber.motion(part) for part in parts]
        assert [each["outcome"] for each in found] == [outcome] * 2
        await chamber.do("chair", "AnnulVoting", motionId=bloc, reason="once more")
        assert await statuses(chamber, *parts, alone) == ["ANNULLED", "ANNULLED", "CLOSED"]
    assert (await chamber.motion(alone))["outcome"] == "REJECTED"


@pytest.mark.parametrize("how", ["ANNULLED", "VOID"])
async def test_a_second_round_is_repeated_as_one(chamber: Any, how: str) -> None:
    if how == "VOID":
        await chamber.amend(onQuorumLoss="VOID")
    await chamber.convened(*FIVE)
    motion = await chamber.proposed(candidates=[{"name": name} for name in "ABC"])
    await chamber.do("chair", "OpenVoting", motionId=motion)
    a, b, c = (each["id"] for each in (await chamber.motion(motion))["candidates"])
    for who, candidate in zip(FIVE, (a, a, b, b, c), strict=True):
        await chamber.do(who, "CastVote", motionId=motion, candidateIds=[candidate])
    assert (await chamber.closed(motion))["status"] == "RUN_OFF"
    await chamber.do("chair", "OpenVoting", motionId=motion)
    if how == "VOID":
        await chamber.attend("member-5", "LEFT")
        await chamber.arrive("member-6")
    else:
        await chamber.do("chair", "AnnulVoting", motionId=motion, reason="a miscount")
    assert (await chamber.motion(motion))["status"] == how
    opened = await chamber.do("chair", "OpenVoting", motionId=motion)
    assert (await chamber.motion(motion))["status"] == opened["status"] == "OPEN"
    gone = {"motionId": motion, "candidateIds": [c]}
    assert await chamber.refuses("chair", "CastVote", **gone) == "MEETING_BAD_CHOICE"
    await chamber.do("chair", "CastVote", motionId=motion, candidateIds=[b])
    done = await chamber.closed(motion)
    assert (done["outcome"], [each["isElected"] for each in done["candidates"]]) == (
        "ELECTED", [False, True, False],
    )  # fmt: skip
    assert (done["tally"]["yes"], done["tally"]["no"]) == (None, None), "nobody was asked that"


async def test_amended_rules_do_not_touch_a_vote_that_is_open(chamber: Any) -> None:
    await chamber.arrive(*FIVE[:4])
    await chamber.do("member-5", "CheckIn", remote=True)
    await chamber.do("operator", "Convene")
    motion = await chamber.opened()
    await chamber.amend(onQuorumLoss="VOID", remoteCounts=False, quorumNumerator=3,
                        quorumDenominator=4)  # fmt: skip
    assert not (await chamber.screen())["quorum"]["isMet"]
    await chamber.vote(motion, member_5="YES")
    await chamber.attend("member-4", "LEFT")
    assert (await chamber.motion(motion))["status"] == "SUSPENDED"
    await chamber.arrive("member-4")
    assert (await chamber.motion(motion))["status"] == "OPEN"
    assert (await chamber.closed(motion))["outcome"] == "CARRIED"
    # The next one goes by the new rules.
    other = await chamber.proposed()
    assert await chamber.refuses("chair", "OpenVoting", motionId=other) == "MEETING_NO_QUORUM"


async def test_amendments_for_later_keep_what_was_amended_before_them(chamber: Any) -> None:
    later = chamber.clock.now() + dt.timedelta(hours=1)
    given = {"council": "muharraq-municipal", "reason": "x", "waitMinutes": 15}
    await chamber.do(
        "council-registrar", "AmendRules", effectiveFrom=later.isoformat(), **given
    )  # fmt: skip
    await chamber.amend(quorumNumerator=2, quorumDenominator=3)
    chamber.clock.advance(hours=1)
    assert (await chamber.screen())["quorum"]["required"] == 6
    query = '{ meetingCouncil(code: "muharraq-municipal") { quorumRule } }'
    rule = (await chamber.look(None, query))["meetingCouncil"]["quorumRule"]
    assert "more than 2/3 of the members, after a wait of 15 minutes" in rule
    with chamber.host.unit():
        kinds = await _events(chamber)
    assert kinds.count("COUNCIL_CHANGED") == 1  # of the second; the first is told by its job
    await chamber.run("meeting.rules", {"council": await _council_id(chamber)})
    with chamber.host.unit():
        assert (await _events(chamber)).count("COUNCIL_CHANGED") == 2


async def _events(chamber: Any) -> list[str]:
    from bawaba import db  # noqa: PLC0415

    rows = await db.fetch("SELECT kind FROM core_outbox WHERE topic LIKE 'meeting.meeting:%'")
    return [row["kind"] for row in rows]


async def _council_id(chamber: Any) -> str:
    from bawaba import db  # noqa: PLC0415

    with chamber.host.unit():
        rows = await db.fetch("SELECT id FROM meeting_council WHERE code = 'muharraq-municipal'")
    return str(rows[0]["id"])


async def test_the_ladder_is_amended_rung_by_rung(chamber: Any) -> None:
    def rung(numerator: int, denominator: int, wait: int) -> dict[str, Any]:
        return {
            "numerator": numerator, "denominator": denominator, "isStrict": False,
            "waitMinutes": wait,
        }  # fmt: skip

    await chamber.amend(ladder=[rung(3, 4, 0), rung(1, 2, 0), rung(1, 8, 0)])
    for required in (6, 4, 1):
        await chamber.arrive("chair")
        screen = await chamber.do("chair", "Convene")
        assert screen["quorum"]["required"] == required
        if required > 1:
            assert (await chamber.do("chair", "Recount"))["status"] == "ADJOURNED"
            later = chamber.clock.now() + dt.timedelta(minutes=1)
            await chamber.do("operator", "Adjourn", resumesAt=later.isoformat())
            chamber.clock.advance(minutes=1)
    assert screen["status"] == "IN_SESSION"
    fields = {
        "council": "muharraq-municipal",
        "effectiveFrom": chamber.clock.now().isoformat(),
        "reason": "x",
    }
    for bad in ([], [rung(1, 2, 0), rung(3, 4, 0)], [rung(1, 2, 0)] * 6):
        code = await chamber.refuses("council-registrar", "AmendRules", ladder=bad, **fields)
        assert code == "MEETING_BAD_RULES"


async def test_a_motion_asks_only_for_majorities_that_the_rules_know(chamber: Any) -> None:
    await chamber.amend(majorities=["ABSOLUTE", "TWO_THIRDS"], bases=["ALL_MEMBERS"])
    agenda = (await chamber.screen())["agenda"]
    fields = {"agendaItemId": agenda[1]["id"], "text": "x", "ballot": "OPEN"}
    for majority, base in (("SIMPLE", "ALL_MEMBERS"), ("ABSOLUTE", "CAST")):
        code = await chamber.refuses(
            "chair", "ProposeMotion", majority=majority, base=base, **fields
        )
        assert code == "MEETING_BAD_MAJORITY"
    await chamber.proposed(majority="ABSOLUTE", base="ALL_MEMBERS")


async def test_proxies_count_only_as_far_as_the_rules_allow_them(chamber: Any) -> None:
    give = {"meetingId": chamber.meeting, "holderId": chamber.members["chair"]}
    await chamber.do("member-8", "GiveProxy", **give)
    await chamber.convened(*FIVE)
    motion = await chamber.opened(majority="ABSOLUTE", base="PRESENT")
    assert (await chamber.motion(motion))["tally"]["entitled"] == 6
    await chamber.vote(motion, chair="YES", member_2="YES", member_3="YES")
    done = await chamber.closed(motion)
    assert "an absolute majority of the 6 present or represented is 4" in done["explanation"]
    await chamber.amend(proxiesPerHolder=0)
    other = await chamber.opened()
    assert (await chamber.motion(other))["tally"]["entitled"] == 5


async def test_a_vote_may_be_split_between_proxies(chamber: Any) -> None:
    from bawaba import db  # noqa: PLC0415

    with chamber.host.unit():
        await db.execute(
            "UPDATE meeting_member SET weight = 3 WHERE person_id = "
            "(SELECT id FROM core_person WHERE subject = 'member-8')"
        )
    ids, meeting = chamber.members, {"meetingId": chamber.meeting}
    await chamber.do("member-8", "GiveProxy", holderId=ids["chair"], weight=2, **meeting)
    heavy = {"holderId": ids["member-2"], "weight": 2, **meeting}
    assert await chamber.refuses("member-8", "GiveProxy", **heavy) == "MEETING_PROXY_TOO_HEAVY"
    await chamber.do("member-8", "GiveProxy", holderId=ids["member-2"], weight=1, **meeting)
    await chamber.convened(*FIVE)
    motion = await chamber.opened()
    for who, choice in (("chair", "YES"), ("member-2", "NO")):
        fields = {"choice": choice, "onBehalfOf": ids["member-8"]}
        await chamber.do(who, "CastVote", motionId=motion, **fields)
    done = await chamber.closed(motion)
    assert (done["tally"]["yes"], done["tally"]["no"]) == (2, 1)
    told = {(vote["castBy"]["id"], vote["weight"]) for vote in done["votes"]}
    assert told == {(ids["chair"], 2), (ids["member-2"], 1)}


async def test_one_member_does_not_fill_the_agenda(chamber: Any) -> None:
    agenda = (await chamber.screen())["agenda"]
    fields = {
        "agendaItemId": agenda[0]["id"], "text": "x", "ballot": "OPEN", "majority": "SIMPLE",
        "base": "CAST",
    }  # fmt: skip
    for _ in range(5):
        await chamber.do("member-8", "ProposeMotion", **fields)
    assert await chamber.refuses("member-8", "ProposeMotion", **fields) == "MEETING_AGENDA_FULL"
    await chamber.do("chair", "ProposeMotion", **fields)


async def test_hidden_votes_of_a_void_voting_stay_hidden(chamber: Any) -> None:
    await chamber.amend(hideUntilClose=True, onQuorumLoss="VOID")
    await chamber.convened(*FIVE)
    motion = await chamber.opened()
    await chamber.vote(motion, chair="YES")
    await chamber.attend("member-5", "LEFT")
    found = await chamber.motion(motion)
    assert (found["status"], found["votes"]) == ("VOID", None)


async def test_a_vote_that_was_under_way_when_the_tablet_was_revoked_is_void(chamber: Any) -> None:
    """The request was let in before the revocation; the transaction that counts asks again."""
    await chamber.convened()
    motion = await chamber.opened()
    parts = split_id(motion)
    assert parts is not None
    viewer = await chamber.viewer("member-3")
    mine = "{ me { devices(first: 5) { nodes { id } } } }"
    device = (await chamber.look("member-3", mine))["me"]["devices"]["nodes"][0]["id"]
    await chamber.look("operator", REVOKE, input={"deviceId": device, "reason": "stolen"})
    with chamber.host.unit(), pytest.raises(Unauthenticated):
        await casting.cast(viewer, casting.Cast(parts[1], MeetingChoice.YES), "late")
    assert (await chamber.motion(motion))["tally"]["notVoted"] == 8
