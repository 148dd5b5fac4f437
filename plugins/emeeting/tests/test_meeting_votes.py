"""Open votes, ties, quorum lost and regained, elections, proxies, annulment."""

from __future__ import annotations

from typing import Any

import pytest

FIVE = ("chair", "member-2", "member-3", "member-4", "member-5")


async def test_a_vote_is_counted_and_explains_itself(chamber: Any) -> None:
    await chamber.convened()
    motion = await chamber.opened()
    await chamber.vote(motion, chair="YES", member_2="YES", member_3="NO", member_4="ABSTAIN")
    live = await chamber.motion(motion, "gallery")
    assert live["tally"] == {"yes": 2, "no": 1, "abstain": 1, "notVoted": 4, "entitled": 8}
    assert {v["member"]["displayName"]: v["choice"] for v in live["votes"]} == {
        "Abdulaziz Hamad Naar": "YES",
        "Salah Ahmed Buhazza": "YES",
        "Fatima Abbas Qasim": "NO",
        "Khalid Saad Jalahma": "ABSTAIN",
    }
    done = await chamber.closed(motion)
    assert (done["status"], done["outcome"]) == ("CLOSED", "CARRIED")
    assert done["explanation"] == (
        "Carried: 2 yes, 1 no, 1 abstaining, 4 not voting; a simple majority of the 3 votes cast,"
        " abstentions left out is 2."
    )
    again = await chamber.closed(motion)
    assert again == done
    refused = await chamber.refuses("member-5", "CastVote", motionId=motion, choice="NO")
    assert refused == "MEETING_WRONG_MOTION_STATUS"


async def test_a_tie_waits_for_who_presides(chamber: Any) -> None:
    await chamber.convened()
    motion = await chamber.opened()
    await chamber.vote(motion, chair="YES", member_2="NO")
    tied = await chamber.closed(motion)
    assert (tied["status"], tied["outcome"]) == ("TIED", "TIED")
    deciding = {"motionId": motion, "choice": "YES"}
    for who in ("operator", "member-2"):
        code = await chamber.refuses(who, "CastingVote", **deciding)
        assert code == "MEETING_NOT_PRESIDING"
    abstaining = deciding | {"choice": "ABSTAIN"}
    assert await chamber.refuses("chair", "CastingVote", **abstaining) == "MEETING_MUST_DECIDE"
    assert await chamber.refuses("chair", "DrawLot", motionId=motion) == "MEETING_NOT_A_TIE"
    assert await chamber.refuses("chair", "Adjourn") == "MEETING_VOTING_OPEN"
    done = await chamber.do("chair", "CastingVote", **deciding)
    assert (done["status"], done["outcome"]) == ("CLOSED", "CARRIED")
    assert done["tally"]["yes"] == done["tally"]["no"] == 1
    assert "casting vote" in done["explanation"]
    # The acting chair decides where the chair is away.
    other = await chamber.opened()
    await chamber.vote(other, member_3="YES", member_4="NO")
    await chamber.closed(other)
    await chamber.attend("chair", "LEFT")
    refused = await chamber.do("member-2", "CastingVote", motionId=other, choice="NO")
    assert refused["outcome"] == "REJECTED"


async def test_a_tie_is_lost_where_the_rules_say_so(chamber: Any) -> None:
    await chamber.amend(tie="LOST")
    await chamber.convened()
    motion = await chamber.opened()
    await chamber.vote(motion, chair="YES", member_2="NO")
    done = await chamber.closed(motion)
    assert (done["status"], done["outcome"]) == ("CLOSED", "REJECTED")
    assert done["explanation"].endswith("A tie is lost.")


async def test_a_vote_may_be_changed_until_the_close_by_rule(chamber: Any) -> None:
    await chamber.convened()
    motion = await chamber.opened()
    await chamber.vote(motion, chair="YES")
    await chamber.vote(motion, chair="NO")
    assert (await chamber.motion(motion))["tally"]["no"] == 1
    await chamber.closed(motion)
    await chamber.amend(changeAllowed=False)
    other = await chamber.opened()
    # What was frozen stays: the rule is changed back while the voting is open.
    await chamber.amend(changeAllowed=True)
    await chamber.vote(other, chair="YES")
    code = await chamber.refuses("chair", "CastVote", motionId=other, choice="NO")
    assert code == "MEETING_ALREADY_VOTED"


async def test_votes_and_counts_are_hidden_until_the_close_by_rule(chamber: Any) -> None:
    await chamber.amend(hideUntilClose=True)
    await chamber.convened()
    motion = await chamber.opened()
    await chamber.vote(motion, chair="YES")
    seen = await chamber.motion(motion)
    assert seen["votes"] is None
    assert seen["tally"] == {
        "yes": None, "no": None, "abstain": None, "notVoted": 7, "entitled": 8,
    }  # fmt: skip
    assert len((await chamber.closed(motion))["votes"]) == 1


async def test_the_electorate_is_frozen_at_the_opening(chamber: Any) -> None:
    await chamber.convened(*FIVE)
    motion = await chamber.opened()
    await chamber.arrive("member-6")
    code = await chamber.refuses("member-6", "CastVote", motionId=motion, choice="YES")
    assert code == "MEETING_NOT_ENTITLED"
    await chamber.vote(motion, member_2="YES")
    await chamber.attend("member-2", "LEFT")  # who left after voting has voted
    await chamber.attend("member-3", "LEFT")
    await chamber.arrive("member-7")
    code = await chamber.refuses("member-3", "CastVote", motionId=motion, choice="YES")
    assert code == "MEETING_NOT_THERE"
    done = await chamber.closed(motion)
    assert done["tally"] == {"yes": 1, "no": 0, "abstain": 0, "notVoted": 4, "entitled": 5}


@pytest.mark.parametrize(
    ("policy", "status"), [("SUSPEND", "SUSPENDED"), ("VOID", "VOID"), ("CONTINUE", "OPEN")]
)
async def test_what_a_lost_quorum_does_to_a_vote(chamber: Any, policy: str, status: str) -> None:
    await chamber.amend(onQuorumLoss=policy)
    await chamber.convened(*FIVE)
    motion = await chamber.opened()
    await chamber.vote(motion, member_2="YES", member_3="YES", member_4="NO")
    await chamber.attend("member-5", "LEFT")
    assert (await chamber.motion(motion))["status"] == status
    if status != "OPEN":
        code = await chamber.refuses("chair", "CastVote", motionId=motion, choice="NO")
        assert code == "MEETING_WRONG_MOTION_STATUS"
        code = await chamber.refuses("chair", "CloseVoting", motionId=motion)
        assert code == "MEETING_WRONG_MOTION_STATUS"
    await chamber.arrive("member-6")
    after = (await chamber.motion(motion))["status"]
    assert after == ("VOID" if policy == "VOID" else "OPEN")
    if policy == "VOID":
        opened = await chamber.do("chair", "OpenVoting", motionId=motion)
        assert (opened["status"], opened["tally"]["notVoted"]) == ("OPEN", 5)


async def test_no_voting_without_a_quorum_or_beside_another(chamber: Any) -> None:
    await chamber.convened(*FIVE)
    first, second = await chamber.proposed(), await chamber.proposed()
    await chamber.attend("member-5", "LEFT")
    assert await chamber.refuses("chair", "OpenVoting", motionId=first) == "MEETING_NO_QUORUM"
    await chamber.arrive("member-5")
    code = await chamber.refuses("member-2", "OpenVoting", motionId=first)
    assert code == "MEETING_NOT_PRESIDING"
    await chamber.do("chair", "OpenVoting", motionId=first)
    assert await chamber.refuses("chair", "OpenVoting", motionId=second) == "MEETING_VOTING_OPEN"


async def test_the_recused_neither_vote_nor_count_by_rule(chamber: Any) -> None:
    await chamber.convened(*FIVE)
    motion = await chamber.proposed()
    await chamber.do("member-5", "Recuse", motionId=motion, reason="my land")
    code = await chamber.refuses("member-5", "Recuse", motionId=motion, reason="again")
    assert code == "MEETING_RECUSED"
    await chamber.amend(recusedCount=False)
    assert await chamber.refuses("chair", "OpenVoting", motionId=motion) == "MEETING_NO_QUORUM"
    await chamber.amend(recusedCount=True)
    await chamber.do("chair", "OpenVoting", motionId=motion)
    code = await chamber.refuses("member-5", "CastVote", motionId=motion, choice="YES")
    assert code == "MEETING_NOT_ENTITLED"
    assert (await chamber.motion(motion))["tally"]["entitled"] == 4
    code = await chamber.refuses("member-4", "Recuse", motionId=motion, reason="late")
    assert code == "MEETING_RECUSED"


async def test_proxies_one_level_and_only_while_away(chamber: Any) -> None:
    ids = chamber.members
    proxy = await chamber.do(
        "member-8", "GiveProxy", meetingId=chamber.meeting, holderId=ids["chair"]
    )
    refusals = {
        ("chair", "member-2"): "MEETING_PROXY_CHAIN",  # who holds one gives none
        ("member-7", "member-8"): "MEETING_PROXY_CHAIN",  # who gave theirs holds none
        ("member-7", "chair"): "MEETING_TOO_MANY_PROXIES",
        ("member-7", "member-7"): "MEETING_NOT_A_VOTING_MEMBER",
        ("member-7", "operator"): "MEETING_NOT_A_VOTING_MEMBER",
        ("member-8", "member-2"): "MEETING_PROXY_TOO_HEAVY",
    }
    for (giver, holder), code in refusals.items():
        fields = {"meetingId": chamber.meeting, "holderId": ids[holder]}
        assert await chamber.refuses(giver, "GiveProxy", **fields) == code, (giver, holder)
    await chamber.convened(*FIVE)
    motion = await chamber.opened()
    paper = """query ($m: ID!) { meetingMyBallot(motionId: $m) {
      isEntitled hasVoted canVote reason weight onBehalfOf { id displayName } } }"""
    mine = (await chamber.look("chair", paper, m=motion))["meetingMyBallot"]
    assert mine == {
        "isEntitled": True, "hasVoted": False, "canVote": True, "reason": None, "weight": 2,
        "onBehalfOf": [{"id": ids["member-8"], "displayName": "Jassim Ali Marzooqi"}],
    }  # fmt: skip
    away = (await chamber.look("member-8", paper, m=motion))["meetingMyBallot"]
    assert (away["isEntitled"], away["canVote"]) == (False, False)
    assert await chamber.refuses("chair", "RevokeProxy", proxyId=proxy["id"]) == "FORBIDDEN"
    await chamber.do("member-8", "RevokeProxy", proxyId=proxy["id"])  # too late for this vote
    await chamber.vote(motion, chair="YES")
    await chamber.do("chair", "CastVote", motionId=motion, choice="NO", onBehalfOf=ids["member-8"])
    done = await chamber.closed(motion)
    assert done["tally"] == {"yes": 1, "no": 1, "abstain": 0, "notVoted": 4, "entitled": 6}
    given = [v for v in done["votes"] if v["castBy"]]
    assert [(v["member"]["id"], v["castBy"]["id"]) for v in given] == [
        (ids["member-8"], ids["chair"])
    ]
    await chamber.do("chair", "CastingVote", motionId=motion, choice="NO")
    other = await chamber.opened()
    assert (await chamber.motion(other))["tally"]["entitled"] == 5


async def test_an_election_runs_off_and_draws_lots(chamber: Any) -> None:
    await chamber.convened()
    motion = await chamber.proposed(
        candidates=[
            {"name": "A"},
            {"name": "B"},
            {"name": "C", "memberId": chamber.members["chair"]},
        ]
    )
    await chamber.do("chair", "OpenVoting", motionId=motion)
    a, b, c = (each["id"] for each in (await chamber.motion(motion))["candidates"])

    async def cast(candidate: str, *who: str) -> None:
        for each in who:
            await chamber.do(each, "CastVote", motionId=motion, candidateIds=[candidate])

    bad = {"motionId": motion, "choice": "YES"}
    assert await chamber.refuses("chair", "CastVote", **bad) == "MEETING_BAD_CHOICE"
    twice = {"motionId": motion, "candidateIds": [a, b]}
    assert await chamber.refuses("chair", "CastVote", **twice) == "MEETING_BAD_CHOICE"
    await cast(a, "chair", "member-2", "member-3")
    await cast(b, "member-4", "member-5", "member-6")
    await cast(c, "member-7", "member-8")
    first = await chamber.closed(motion)
    assert (first["status"], first["outcome"]) == ("RUN_OFF", "RUN_OFF")
    await chamber.do("chair", "OpenVoting", motionId=motion)
    gone = {"motionId": motion, "candidateIds": [c]}
    assert await chamber.refuses("chair", "CastVote", **gone) == "MEETING_BAD_CHOICE"
    await cast(a, "chair", "member-2")
    await cast(b, "member-4", "member-5")
    await chamber.do("member-7", "CastVote", motionId=motion, choice="ABSTAIN")
    assert (await chamber.closed(motion))["status"] == "TIED"
    code = await chamber.refuses("chair", "CastingVote", motionId=motion, choice="YES")
    assert code == "MEETING_NOT_A_TIE"
    done = await chamber.do("operator", "DrawLot", motionId=motion)
    assert (done["status"], done["outcome"]) == ("CLOSED", "ELECTED")
    elected = [each["id"] for each in done["candidates"] if each["isElected"]]
    assert len(elected) == 1
    assert elected[0] in {a, b}


async def test_an_annulled_vote_is_kept_and_repeated(chamber: Any) -> None:
    await chamber.convened()
    motion = await chamber.opened()
    await chamber.vote(motion, chair="YES")
    await chamber.closed(motion)
    done = await chamber.do("chair", "AnnulVoting", motionId=motion, reason="a miscount")
    assert (done["status"], done["outcome"], done["tally"]) == ("ANNULLED", None, None)
    opened = await chamber.do("chair", "OpenVoting", motionId=motion)
    assert opened["tally"]["notVoted"] == 8
    await chamber.vote(motion, chair="NO")
    assert (await chamber.closed(motion))["outcome"] == "REJECTED"


async def test_motions_are_decided_en_bloc(chamber: Any) -> None:
    await chamber.convened()
    parts = [await chamber.proposed(), await chamber.proposed()]
    bloc = await chamber.opened(text="All of it", enBloc=parts)
    agenda = {"agendaItemId": (await chamber.screen())["agenda"][1]["id"], "text": "x"}
    fields = {"ballot": "OPEN", "majority": "SIMPLE", "base": "CAST", "enBloc": parts, **agenda}
    assert await chamber.refuses("chair", "ProposeMotion", **fields) == "MEETING_BAD_BLOC"
    secret = await chamber.proposed(ballot="SECRET")
    dearer = await chamber.proposed(majority="TWO_THIRDS")
    for other in (secret, dearer):  # what asks for more is not decided by less
        asked = fields | {"enBloc": [other]}
        assert await chamber.refuses("chair", "ProposeMotion", **asked) == "MEETING_BAD_BLOC"
    await chamber.vote(bloc, chair="YES")
    await chamber.closed(bloc)
    for part in parts:
        found = await chamber.motion(part)
        assert (found["status"], found["outcome"]) == ("CLOSED", "CARRIED")
    await chamber.do("chair", "AnnulVoting", motionId=bloc, reason="separately, please")
    assert {(await chamber.motion(part))["status"] for part in parts} == {"ANNULLED"}
    assert (await chamber.do("chair", "OpenVoting", motionId=parts[0]))["status"] == "OPEN"


async def test_the_same_key_counts_once(chamber: Any) -> None:
    await chamber.convened()
    motion = await chamber.opened()
    asked = {"motionId": motion, "choice": "YES", "idempotencyKey": "the-key"}
    for _ in range(2):
        await chamber.do("chair", "CastVote", **asked)
    reused = asked | {"choice": "NO"}
    assert await chamber.refuses("chair", "CastVote", **reused) == "IDEMPOTENCY_KEY_REUSED"
    assert (await chamber.motion(motion))["tally"]["yes"] == 1


async def test_strangers_and_servants_do_not_vote(chamber: Any) -> None:
    await chamber.convened()
    motion = await chamber.opened()
    asked = {"motionId": motion, "choice": "YES"}
    assert await chamber.refuses(None, "CastVote", **asked) == "UNAUTHENTICATED"
    for who, code in {
        "gallery": "FORBIDDEN", "minister": "FORBIDDEN", "operator": "MEETING_NOT_ENTITLED",
    }.items():  # fmt: skip
        assert await chamber.refuses(who, "CastVote", **asked) == code
    fields = asked | {"onBehalfOf": chamber.members["chair"]}
    assert await chamber.refuses("member-2", "CastVote", **fields) == "MEETING_NOT_ENTITLED"
