"""The citizen's side of a case: converse, withdraw, rate, reopen, appeal, follow."""

from __future__ import annotations

from typing import Any

import pytest

HISTORY = "history(first: 50) { nodes { kind from to note actor { kind displayName } } }"


async def test_asking_stops_the_clock_and_answering_starts_it(desk: Any) -> None:
    reference = await desk.assigned(await desk.submit())
    asked = await desk.do(
        "case-handler", "RequestInformation", reference=reference, body="Where is it?"
    )
    assert (asked["status"], asked["clock"]["state"]) == ("AWAITING_INFORMATION", "PAUSED")
    told = await desk.do("citizen", "AnswerRequest", reference=reference, body="There.")
    assert (told["status"], told["clock"]["state"]) == ("ASSIGNED", "RUNNING")
    code = await desk.refuses("citizen", "AnswerRequest", reference=reference, body="Again.")
    assert code == "TAWASUL_WRONG_STATUS"


async def test_who_converses_is_shown_as_each_side_may_know_them(desk: Any) -> None:
    reference = await desk.assigned(await desk.submit())
    await desk.do("case-handler", "Reply", reference=reference, body="We are on it.")
    await desk.do("citizen", "Reply", reference=reference, body="Thank you.")
    fields = "messages(first: 10) { nodes { body author { kind displayName } } }"
    seen = await desk.case("citizen", reference, fields)
    authors = [(m["author"]["kind"], m["author"]["displayName"]) for m in seen["messages"]["nodes"]]
    assert authors == [
        ("CITIZEN", "Maryam Ali Hasan"),
        ("AGENCY", "Ministry of Works"),
        ("CITIZEN", "Maryam Ali Hasan"),
    ]
    theirs = (await desk.case("case-handler", reference, fields))["messages"]["nodes"]
    assert theirs[1]["author"]["displayName"] == "Noora Jasim Fardan"


async def test_notes_are_the_desks_alone(desk: Any) -> None:
    reference = await desk.assigned(await desk.submit())
    await desk.do("case-handler", "AddNote", reference=reference, body="Not for citizens.")
    fields = f"notes(first: 5) {{ nodes {{ body }} }} {HISTORY} messages(first: 9) {{ totalCount }}"
    seen = await desk.case("citizen", reference, fields)
    assert seen["notes"] is None
    assert "NOTE_ADDED" not in [line["kind"] for line in seen["history"]["nodes"]]
    ours = await desk.case("case-handler", reference, fields)
    assert [note["body"] for note in ours["notes"]["nodes"]] == ["Not for citizens."]
    assert (
        await desk.refuses("citizen", "AddNote", reference=reference, body="Mine.") == "FORBIDDEN"
    )


async def test_a_withdrawn_case_is_over(desk: Any) -> None:
    reference = await desk.assigned(await desk.submit())
    over = await desk.do("citizen", "WithdrawCase", reference=reference, reason="It was filled.")
    assert (over["status"], over["clock"]["state"]) == ("WITHDRAWN", "STOPPED")
    for who, verb, more in (
        ("case-handler", "ResolveCase", {"reason": "DONE", "body": "x"}),
        ("citizen", "Reply", {"body": "x"}),
        ("citizen", "ReopenCase", {"reason": "x"}),
    ):
        code = await desk.refuses(who, verb, reference=reference, **more)
        assert code == "TAWASUL_WRONG_STATUS"


async def test_rating_unlocks_an_appeal_which_others_decide(desk: Any) -> None:
    reference = await desk.resolved(await desk.submit())
    assert await desk.refuses("citizen", "AppealCase", reference=reference, reason="No.") == (
        "TAWASUL_APPEAL_LOCKED"
    )
    assert await desk.refuses("citizen", "RateCase", reference=reference, score=6) == (
        "TAWASUL_BAD_SCORE"
    )
    await desk.do("citizen", "RateCase", reference=reference, score=2)
    assert await desk.refuses("citizen", "RateCase", reference=reference, score=5) == (
        "TAWASUL_ALREADY_RATED"
    )
    appealed = await desk.do("citizen", "AppealCase", reference=reference, reason="Look again.")
    assert (appealed["status"], appealed["clock"]["elapsedWorkingMinutes"]) == ("APPEALED", 0)
    code = await desk.refuses(
        "case-handler",
        "AssignCase",
        reference=reference,
        assigneeId=await desk.me("case-handler"),
    )
    assert code == "TAWASUL_HANDLER_EXCLUDED"
    assert await desk.refuses("case-handler", "AssignCase", reference=reference) == (
        "TAWASUL_NOBODY_TO_ASSIGN"
    )
    await desk.resolved(reference, "case-supervisor")
    await desk.do("citizen", "RateCase", reference=reference, score=1)
    assert await desk.refuses("citizen", "AppealCase", reference=reference, reason="No.") == (
        "TAWASUL_APPEAL_LOCKED"
    )


async def test_reopening_gives_no_time_back_and_has_its_window(desk: Any) -> None:
    reference = await desk.assigned(await desk.submit())
    desk.clock.advance(days=3)
    await desk.do("case-handler", "ResolveCase", reference=reference, reason="DONE", body="Done.")
    before = await desk.case("citizen", reference)
    desk.clock.advance(days=7)
    again = await desk.do("citizen", "ReopenCase", reference=reference, reason="It is back.")
    assert again["status"] == "REOPENED"
    assert again["clock"]["elapsedWorkingMinutes"] == before["clock"]["elapsedWorkingMinutes"]
    await desk.resolved(reference)
    desk.clock.advance(days=15)
    for verb, more in (("ReopenCase", {"reason": "x"}), ("RateCase", {"score": 3})):
        assert await desk.refuses("citizen", verb, reference=reference, **more) == (
            "TAWASUL_WINDOW_CLOSED"
        )


async def test_somebody_has_reported_this(desk: Any) -> None:
    reference = await desk.submit(subject="Pothole in Bani Jamra street", body="Deep and wide.")
    hidden = await desk.submit(subject="Pothole in Bani Jamra too", hideIdentity=True)
    query = """query ($t: String!) { tawasulSimilarCases(
      agency: "works", category: "roads", text: $t, first: 5
    ) { nodes { reference subject followers } } }"""
    text = "there is a POTHOLE at Bani-Jamra"
    found = (await desk.look("citizen-2", query, t=text))["tawasulSimilarCases"]["nodes"]
    assert found[0]["reference"] == reference
    assert hidden not in [each["reference"] for each in found]
    mine = (await desk.look("citizen", query, t=text))["tawasulSimilarCases"]["nodes"]
    assert reference not in [each["reference"] for each in mine]
    for _ in range(2):
        await desk.do("citizen-2", "FollowCase", reference=reference)
    seen = await desk.case(
        "citizen-2",
        reference,
        f"followers location {{ address }} {HISTORY} messages(first: 1) {{ totalCount }}",
    )
    assert (seen["followers"], seen["location"], seen["history"], seen["messages"]) == (
        1, None, None, None,
    )  # fmt: skip
    assert await desk.refuses("citizen", "FollowCase", reference=reference) == "TAWASUL_OWN_CASE"
    assert await desk.refuses("citizen-2", "FollowCase", reference=hidden) == "NOT_FOUND"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"subject": "   "}, "TAWASUL_BAD_TEXT"),
        ({"body": "x" * 4_001}, "TAWASUL_BAD_TEXT"),
        ({"category": "nothing"}, "NOT_FOUND"),
        ({"agency": "nobody"}, "NOT_FOUND"),
        ({"kind": "SUGGESTION"}, "TAWASUL_KIND_MISMATCH"),
        ({"location": {"latitude": 91.0, "longitude": 0.0}}, "TAWASUL_BAD_LOCATION"),
    ],
)
async def test_what_is_not_taken(desk: Any, changed: dict[str, Any], code: str) -> None:
    fields = {
        "kind": "COMPLAINT",
        "agency": "works",
        "category": "roads",
        "subject": "A",
        "body": "B",
        "channel": "PORTAL",
        "idempotencyKey": f"bad-{code}-{len(str(changed))}",
    }
    assert await desk.refuses("citizen", "SubmitCase", **(fields | changed)) == code


async def test_the_same_key_submits_once(desk: Any) -> None:
    fields = {"idempotencyKey": "once-and-for-all"}
    assert await desk.submit(**fields) == await desk.submit(**fields)
    assert (
        await desk.refuses(
            "citizen",
            "SubmitCase",
            kind="COMPLAINT",
            agency="works",
            category="roads",
            subject="Another",
            body="It is deep.",
            channel="PORTAL",
            **fields,
        )
        == "IDEMPOTENCY_KEY_REUSED"
    )
