"""From a citizen's request to the directorate's own log: letters over HTTP, one correlation id."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from bawaba.testing.client import FrontEnd, GraphQLFailed
from bawaba.testing.process import Portal
from flow_steps import check_out, eventually, operation, start, unpaid

Person = Callable[[str], FrontEnd]
LETTERS = """query ($agency: String) { letters(first: 100, agency: $agency) {
  totalCount nodes { agency direction kind key correlationId receiptSha256 repeated } } }"""


async def told(auditor: FrontEnd, wanted: int) -> list[dict[str, Any]]:
    """Wait until the platform's log holds so many letters to the directorate."""
    found: list[dict[str, Any]] = []
    for _ in range(900):
        data = await auditor.execute(LETTERS, {"agency": "traffic"})
        found = data["letters"]["nodes"]
        if len(found) >= wanted:
            return found
        await asyncio.sleep(0.1)
    raise AssertionError(f"{len(found)} letters, not {wanted}")


async def pay(citizen: FrontEnd) -> dict[str, Any]:
    fine = (await unpaid(citizen))[0]
    payment = (await start(citizen, fine))["payment"]
    assert await check_out(citizen, payment, "approve") in {200, 302, 303}
    return await eventually(citizen, payment, status="CAPTURED")


async def test_a_payment_reaches_the_directorate_once_though_its_answer_was_lost(
    portal: Portal, visitor: FrontEnd, person: Person
) -> None:
    citizen, auditor = person("citizen"), person("auditor")
    await pay(citizen)
    (first,) = await told(auditor, 1)
    assert (first["direction"], first["kind"]) == ("TO_AGENCY", "traffic.paid")
    assert len(first["receiptSha256"]) == 64

    portal.command("traffic", "simulate", "--late")
    await pay(person("citizen-2"))
    await asyncio.sleep(1)
    assert len(await told(auditor, 1)) == 1, "its answer is lost: not delivered"
    portal.command("traffic", "simulate", "--no-late")
    letters = await told(auditor, 2)
    assert len({letter["key"] for letter in letters}) == 2
    assert len({letter["correlationId"] for letter in letters}) == 2
    for party in ("platform", "traffic"):
        assert "signs as" in portal.command("correspondence", "rotate", party)
    assert portal.command("correspondence", "verify").strip() == "intact"
    assert "RETIRED" in portal.command("correspondence", "keys")


async def test_one_correlation_id_from_the_request_to_the_directorates_log(
    portal: Portal, visitor: FrontEnd, person: Person
) -> None:
    """The id that the front end sent stands in the letter, which is sealed with rotated keys."""
    citizen = person("citizen-2")
    fine = (await unpaid(citizen))[0]
    body = {
        "query": operation("payments", "StartPayment"),
        "variables": {
            "input": {
                "items": [{"billId": fine["id"]}],
                "expectedTotal": fine["amountDue"]["amount"],
                "channel": "PORTAL",
                "idempotencyKey": "one-correlation-id",
            }
        },
    }
    headers = {"Authorization": f"Bearer {citizen.token}", "X-Correlation-Id": "front-end-42"}
    async with citizen.session.post(f"{portal.url}/graphql", json=body, headers=headers) as answer:
        payment = (await answer.json(content_type=None))["data"]["startPayment"]["payment"]
    await check_out(citizen, payment, "approve")
    before = await told(person("auditor"), 3)
    assert before[0]["correlationId"] == "front-end-42"
    log = portal.log.read_text(encoding="utf-8")
    assert "a letter is refused" not in log


@pytest.mark.parametrize("who", ["citizen", "treasurer"])
async def test_the_message_log_is_the_auditors(person: Person, who: str) -> None:
    with pytest.raises(GraphQLFailed) as failed:
        await person(who).execute(LETTERS, {"agency": "traffic"})
    assert failed.value.codes == ["FORBIDDEN"]
