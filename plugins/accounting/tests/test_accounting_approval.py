"""Differences over the limit are resolved by two people, however they are split."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any

from bawaba.ledger import Account, AccountKind
from bawaba.text import Text
from bawaba_accounting import models
from bawaba_accounting.services import resolving
from treasury_host import ask, done, signed_in, told
from treasury_till import capture, file, line

DAY = dt.date(2026, 3, 2)
LIMIT = 100_000
RESOLVE = """mutation($id: ID!, $key: String!) {
  accountingResolveDifference(input: {differenceId: $id, account: "treasury.write_off",
    reason: "the shop closed", idempotencyKey: $key}) {
    difference { status resolvedBy { id } } resolution { id status amount { amount } }
    errors { code } } }"""
APPROVE = """mutation($id: ID!, $key: String!) {
  accountingApproveResolution(input: {resolutionId: $id, idempotencyKey: $key}) {
    resolution { status decidedBy { id } requestedBy { id }
      difference { status resolvedBy { id } } }
    errors { code } } }"""
DECLINE = """mutation($id: ID!, $key: String!, $why: String! = "ask the shop") {
  accountingDeclineResolution(input: {resolutionId: $id, reason: $why, idempotencyKey: $key}) {
    resolution { status failure difference { status } } errors { code } } }"""
QUEUE = """{ accountingResolutions(first: 5) { totalCount
  nodes { id status account reason difference { gatewayReference } } } }"""


async def missing(host: Any, *fils: int) -> list[str]:
    """Let payments be missing at the gateway; return the ids of the differences, as in GraphQL."""
    with host.unit():
        for number, amount in enumerate(fils):
            await capture(f"{number}" * 32, amount, DAY)
    await told(host, file(day=DAY))
    queue = "{ accountingDifferences(first: 20) { nodes { id expected { amount } } } }"
    rows = (await done(host, "auditor", queue))["nodes"]
    by_amount = {row["expected"]["amount"]: row["id"] for row in rows}
    return [by_amount[f"{amount / 1000:.3f}"] for amount in fils]


async def written_off(host: Any) -> int:
    with host.unit():
        row = await models.Balance.get(account="treasury.write_off")
        return int(row.debits - row.credits)


def codes(payload: Any) -> list[str]:
    return [error["code"] for error in payload["errors"]]


async def test_over_the_limit_a_second_person_decides(treasury: Any) -> None:
    [difference] = await missing(treasury, LIMIT + 1)
    asked = await done(treasury, "treasurer", RESOLVE, id=difference, key="1")
    assert asked == await done(treasury, "treasurer", RESOLVE, id=difference, key="1")
    assert asked["difference"] == {"status": "OPEN", "resolvedBy": None}
    assert asked["resolution"]["status"] == "AWAITING_APPROVAL"
    assert asked["resolution"]["amount"]["amount"] == "100.001"
    assert await written_off(treasury) == 0
    again = await done(treasury, "treasurer-2", RESOLVE, id=difference, key="2")
    assert codes(again) == ["ACCOUNTING_RESOLUTION_AWAITING"]

    queue = await done(treasury, "auditor", QUEUE)
    [waiting] = queue["nodes"]
    assert (queue["totalCount"], waiting["id"]) == (1, asked["resolution"]["id"])
    assert waiting["difference"]["gatewayReference"] == ""
    node = f'{{ node(id: "{waiting["id"]}") {{ __typename }} }}'
    assert await done(treasury, "auditor", node) == {"__typename": "AccountingResolution"}
    assert (await ask(treasury, None, node))["data"]["node"] is None
    decide = {"id": waiting["id"]}
    for mutation in (APPROVE, DECLINE):
        denied = await ask(treasury, "auditor", mutation, **decide, key="3")
        assert denied["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    own = await done(treasury, "treasurer", APPROVE, **decide, key="4")
    assert codes(own) == ["ACCOUNTING_SECOND_PERSON_NEEDED"]
    approved = await done(treasury, "treasurer-2", APPROVE, **decide, key="5")
    assert approved == await done(treasury, "treasurer-2", APPROVE, **decide, key="5")
    booked = approved["resolution"]
    assert (booked["status"], booked["difference"]["status"]) == ("BOOKED", "RESOLVED")
    assert booked["difference"]["resolvedBy"] == booked["requestedBy"] != booked["decidedBy"]
    assert await written_off(treasury) == LIMIT + 1
    late = await done(treasury, "treasurer-2", DECLINE, **decide, key="6")
    assert codes(late) == ["ACCOUNTING_RESOLUTION_NOT_AWAITING"]


async def test_many_small_ones_of_one_day_and_person_are_a_large_one(treasury: Any) -> None:
    first, second, third, fourth = await missing(treasury, 60_000, 40_000, 1, 2)

    async def status(person: str, difference: str, key: str) -> str:
        payload = await done(treasury, person, RESOLVE, id=difference, key=key)
        return str(payload["resolution"]["status"])

    assert await status("treasurer", first, "1") == "BOOKED"
    assert await status("treasurer", second, "2") == "BOOKED", "up to the limit"
    assert await status("treasurer", third, "3") == "AWAITING_APPROVAL"
    assert await status("treasurer-2", fourth, "4") == "BOOKED", "each person counts alone"
    [waiting] = (await done(treasury, "auditor", QUEUE))["nodes"]
    declined = await done(treasury, "treasurer-2", DECLINE, id=waiting["id"], key="5")
    assert declined["resolution"]["status"] == "REJECTED"
    assert declined["resolution"]["failure"] == "ask the shop"
    assert declined["resolution"]["difference"]["status"] == "OPEN"
    treasury.runtime.clock.advance(hours=11, minutes=59)
    assert await status("treasurer", third, "6") == "AWAITING_APPROVAL", "23:59 in Bahrain"
    [waiting] = (await done(treasury, "auditor", QUEUE))["nodes"]
    await done(treasury, "treasurer-2", DECLINE, id=waiting["id"], key="7")
    treasury.runtime.clock.advance(minutes=1)
    assert await status("treasurer", third, "8") == "BOOKED", "a new day in Bahrain, not in UTC"


async def test_what_one_person_does_side_by_side_is_added_up(treasury: Any) -> None:
    """At gateways that have nothing to do with each other, so that no lock of theirs is shared."""
    await missing(treasury, 60_000, 60_001, 60_002)
    viewer = await signed_in(treasury, "treasurer")

    async def once(difference: str) -> None:
        with treasury.unit():
            await resolving.resolve(viewer, difference, "treasury.write_off", "x", difference)

    with treasury.unit():
        ids = await models.Difference.all().values_list("id", flat=True)
        for id_ in ids:
            code = f"gateway.{id_}.clearing"
            account = Account(code, Text("Till", "صندوق"), AccountKind.ASSET)
            await treasury.runtime.ledger.ensure_accounts([account])
            await models.Difference.filter(id=id_).update(gateway=id_)
    await asyncio.gather(*(asyncio.create_task(once(str(id_))) for id_ in ids))
    with treasury.unit():
        statuses = await models.Resolution.all().values_list("status", flat=True)
    assert sorted(statuses) == ["AWAITING", "AWAITING", "BOOKED"]


async def test_what_waits_lapses_when_the_missing_file_comes(treasury: Any) -> None:
    [difference] = await missing(treasury, LIMIT + 1)
    asked = await done(treasury, "treasurer", RESOLVE, id=difference, key="1")
    late = file(line("CAPTURE", "0" * 32, LIMIT + 1), day=DAY + dt.timedelta(days=1))
    await told(treasury, late)
    decided = await done(treasury, "treasurer-2", APPROVE, id=asked["resolution"]["id"], key="2")
    assert codes(decided) == ["ACCOUNTING_RESOLUTION_NOT_AWAITING"]
    assert (await done(treasury, "auditor", QUEUE))["totalCount"] == 0
    lapsed = "{ accountingResolutions(first: 5, status: LAPSED) { nodes { decidedBy { id } } } }"
    assert (await done(treasury, "auditor", lapsed))["nodes"] == [{"decidedBy": None}]
    assert await written_off(treasury) == 0
