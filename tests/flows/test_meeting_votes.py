"""One vote sent two hundred times at once, on SQLite and on PostgreSQL with two workers."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from bawaba.testing.client import FrontEnd
from flow_steps import operation
from meeting_steps import act, nonce, screen, the_meeting

Person = Callable[[str], FrontEnd]
TRIES = 200
FIVE = ("chair", "member-2", "member-3", "member-4", "member-5")


async def opened(person: Person, ballot: str) -> str:
    """Have a motion opened with five members there; return its id."""
    operator = person("operator")
    meeting, _ = await the_meeting(operator)
    found = await screen(operator, meeting)
    for handle in FIVE:
        await act(person(handle), "CheckIn", meetingId=meeting)
    if found["status"] == "SCHEDULED":
        await act(operator, "Convene", meetingId=meeting)
    asked = {"agendaItemId": found["agenda"][1]["id"], "text": "x", "ballot": ballot}
    proposed = await act(operator, "ProposeMotion", majority="SIMPLE", base="CAST", **asked)
    motion = str(proposed["motion"]["id"])
    await act(operator, "OpenVoting", motionId=motion)
    return motion


async def closed(person: Person, motion: str) -> Any:
    return (await act(person("operator"), "CloseVoting", motionId=motion))["motion"]["tally"]


@pytest.mark.parametrize("ballot", ["OPEN", "SECRET"])
async def test_two_hundred_tries_of_one_vote_count_once(person: Person, ballot: str) -> None:
    motion, member = await opened(person, ballot), person("member-2")
    document = operation("emeeting", "CastVote")

    async def attempt(number: int) -> str:
        fields = {"motionId": motion, "choice": "YES", "idempotencyKey": f"{ballot}-{number}"}
        if ballot == "SECRET":
            fields["ballotNonce"] = nonce()
        answer = await member.raw(document, {"input": fields})
        if answer.get("errors"):
            return str(answer["errors"][0]["extensions"]["code"])
        errors = answer["data"]["meetingCastVote"]["errors"]
        return str(errors[0]["code"]) if errors else "COUNTED"

    said = Counter(await asyncio.gather(*map(attempt, range(TRIES))))
    assert said["INTERNAL_ERROR"] == 0, said
    if ballot == "SECRET":
        assert said["COUNTED"] == 1, said
    tally = await closed(person, motion)
    assert tally == {"yes": 1, "no": 0, "abstain": 0, "notVoted": 4, "entitled": 5}


async def test_one_key_two_hundred_times_is_one_vote_and_one_receipt(person: Person) -> None:
    motion, member = await opened(person, "SECRET"), person("member-3")
    fields = {
        "motionId": motion, "choice": "NO", "ballotNonce": nonce(), "idempotencyKey": "one",
    }  # fmt: skip
    document = operation("emeeting", "CastVote")

    async def attempt() -> str:
        while True:
            answer = await member.raw(document, {"input": fields})
            assert not answer.get("errors"), answer
            payload = answer["data"]["meetingCastVote"]
            if not payload["errors"]:
                return str(payload["receipt"])
            assert payload["errors"][0]["code"] == "IDEMPOTENCY_IN_PROGRESS"
            await asyncio.sleep(0.05)

    receipts = set(await asyncio.gather(*(attempt() for _ in range(TRIES))))
    assert len(receipts) == 1
    assert (await closed(person, motion))["no"] == 1


async def test_votes_and_the_close_at_once_each_counts_or_is_refused(person: Person) -> None:
    """None is acknowledged after the close; each acknowledged one counts."""
    motion = await opened(person, "OPEN")
    document = operation("emeeting", "CastVote")

    async def attempt(handle: str, delay: float) -> bool:
        await asyncio.sleep(delay)
        fields = {"motionId": motion, "choice": "YES", "idempotencyKey": f"{motion}-{handle}"}
        answer = await person(handle).raw(document, {"input": fields})
        errors = answer["data"]["meetingCastVote"]["errors"]
        assert not errors or errors[0]["code"] == "MEETING_WRONG_MOTION_STATUS"
        return not errors

    for handle in FIVE:
        person(handle)  # signed in before
    tries = [attempt(handle, 0.01 * place) for place, handle in enumerate(FIVE)]
    *said, tally = await asyncio.gather(*tries, closed(person, motion))
    assert tally["yes"] == sum(said)


async def test_a_member_may_vote_and_come_and_go_at_once(person: Person) -> None:
    """Votes, check-ins and departures of one member do not lock each other out."""
    motion, operator = await opened(person, "OPEN"), person("operator")
    meeting, members = await the_meeting(operator)
    member = person("member-4")
    away = {"memberId": members["member-4"], "status": "LEFT", "meetingId": meeting}

    async def attempt(number: int) -> None:
        if number % 3 == 0:
            name, given = "CheckIn", {"meetingId": meeting}
        elif number % 3 == 1:
            name, given = "RecordAttendance", away
        else:
            given = {"motionId": motion, "choice": "YES", "idempotencyKey": f"{motion}-{number}"}
            name = "CastVote"
        answer = await member.raw(operation("emeeting", name), {"input": given})
        assert not answer.get("errors"), (name, answer)

    await asyncio.gather(*map(attempt, range(60)))
    await act(member, "CheckIn", meetingId=meeting)
    assert (await closed(person, motion))["entitled"] == 5
