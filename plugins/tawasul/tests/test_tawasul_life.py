"""The life of a case, through GraphQL, on both databases."""

from __future__ import annotations

import itertools
from typing import Any

from bawaba.testing.clock import FrozenClock
from bawaba.testing.plugin import Ask

CASE = """
fragment Case on TawasulCase {
  id reference kind status subject agency { code name } category { code name } submittedAt dueAt
  clock { state asOf elapsedWorkingMinutes targetWorkingMinutes pausedSince } escalationLevel
}
"""
_keys = itertools.count()


async def act(ask: Ask, person: str, verb: str, **fields: Any) -> Any:
    """Run the mutation ``tawasul<verb>``; return its payload's case and the errors' codes."""
    query = (
        f"mutation ($input: Tawasul{verb}Input!) {{ tawasul{verb}(input: $input) "
        "{ case { ...Case } errors { code path } } }" + CASE
    )
    answer = await ask(person, query, {"input": fields})
    assert not answer.get("errors"), answer["errors"]
    payload = answer["data"][f"tawasul{verb}"]
    return payload["case"], [error["code"] for error in payload["errors"]]


async def submit(ask: Ask, person: str = "citizen", **changed: Any) -> Any:
    fields = {
        "kind": "COMPLAINT", "agency": "works", "category": "roads",
        "subject": "A pothole", "body": "It is deep.", "channel": "PORTAL",
        "idempotencyKey": f"k{next(_keys)}",
    }  # fmt: skip
    case, errors = await act(ask, person, "SubmitCase", **(fields | changed))
    assert not errors
    return case


async def test_a_case_lives(ask: Ask, clock: FrozenClock) -> None:
    case = await submit(ask)
    reference = case["reference"]
    case, errors = await act(ask, "case-handler", "AssignCase", reference=reference)
    me = (await ask("case-handler", "{ me { id } }"))["data"]["me"]["id"]
    case, errors = await act(ask, "case-handler", "AssignCase", reference=reference, assigneeId=me)
    assert (case["status"], errors) == ("ASSIGNED", [])
    case, errors = await act(
        ask, "case-handler", "RequestInformation", reference=reference, body="Where?"
    )
    assert (case["status"], case["clock"]["state"], errors) == (
        "AWAITING_INFORMATION",
        "PAUSED",
        [],
    )
    case, errors = await act(ask, "citizen", "AnswerRequest", reference=reference, body="There.")
    assert (case["status"], errors) == ("ASSIGNED", [])
    case, errors = await act(ask, "case-handler", "AddNote", reference=reference, body="Secret.")
    case, errors = await act(
        ask, "case-handler", "TransferCase",
        reference=reference, agency="municipalities", reason="Theirs.",
    )  # fmt: skip
    assert (case["status"], errors) == ("TRANSFER_OFFERED", [])
    case, errors = await act(ask, "case-handler-2", "AcceptTransfer", reference=reference)
    assert (case["agency"]["code"], case["status"], errors) == ("municipalities", "SUBMITTED", [])
