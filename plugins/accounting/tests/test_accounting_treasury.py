"""What the treasury does over GraphQL: differences, remittances, and who may not."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from bawaba import runtime, settlement
from bawaba.graphql import global_id
from bawaba.host.payments.models import Payment, Refund
from bawaba.settlement import LineKind
from bawaba_accounting import models
from bawaba_accounting.services import settlements, verify
from treasury_host import NOW, ask, done, told
from treasury_till import capture, file, line

TODAY = NOW.date()
RECONCILIATION = """query($on: Date!) { accountingReconciliation(gateway: "till", settledOn: $on) {
  status matchedCount matchedAmount { amount } differenceCount
  differences { id kind gatewayReference payment { id } expected { amount }
    actual { amount } } } }"""
RESOLVE = """mutation($id: ID!, $account: String!, $key: String!, $why: String! = "checked") {
  accountingResolveDifference(input: {differenceId: $id, account: $account, reason: $why,
    idempotencyKey: $key}) { difference { kind status account resolvedBy { id displayName } }
    errors { code path } } }"""
REMIT = """mutation($agency: String!, $amount: Decimal, $key: String!) {
  accountingRemit(input: {agency: $agency, amount: $amount, idempotencyKey: $key}) {
    remittance { id status amount { amount } agency { code } } errors { code } } }"""


async def test_reconciliation_is_shown_and_a_difference_resolved_once(treasury: Any) -> None:
    day = dt.date(2026, 3, 2)
    assert await done(treasury, "auditor", RECONCILIATION, on=day.isoformat()) is None
    with treasury.unit():
        await capture("a" * 32, 12_500, day)
        await capture("b" * 32, 700, day)
    await told(treasury, file(line("CAPTURE", "a" * 32, 12_500), day=day))
    found = await done(treasury, "auditor", RECONCILIATION, on=day.isoformat())
    [difference] = found["differences"]
    assert found["status"] == "DIFFERENCES"
    assert (found["matchedCount"], found["matchedAmount"]["amount"]) == (1, "12.500")
    assert difference["kind"] == "MISSING_AT_GATEWAY"
    assert difference["payment"]["id"] == global_id("Payment", "b" * 32)
    assert (difference["expected"]["amount"], difference["actual"]["amount"]) == ("0.700", "0.000")

    asked = {"id": difference["id"], "account": "treasury.write_off"}
    refused = await done(
        treasury, "treasurer", RESOLVE, **{**asked, "account": "treasury.bank"}, key="0"
    )
    assert [e["code"] for e in refused["errors"]] == ["ACCOUNTING_ACCOUNT_NOT_ALLOWED"]
    refused = await done(treasury, "treasurer", RESOLVE, **asked, key="00", why=" ")
    assert [e["code"] for e in refused["errors"]] == ["ACCOUNTING_REASON_MISSING"]
    denied = await ask(treasury, "auditor", RESOLVE, **asked, key="1")
    assert denied["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    first = await done(treasury, "treasurer", RESOLVE, **asked, key="1")
    again = await done(treasury, "treasurer", RESOLVE, **asked, key="1")
    assert first == again
    assert first["difference"]["status"] == "RESOLVED"
    assert first["difference"]["resolvedBy"]["id"]
    assert first["difference"]["resolvedBy"]["displayName"] == "Treasurer", "who did it is told"
    other = await done(treasury, "treasurer-2", RESOLVE, **asked, key="2")
    assert [e["code"] for e in other["errors"]] == ["ACCOUNTING_DIFFERENCE_SETTLED"]
    reused = await done(treasury, "treasurer", RESOLVE, **{**asked, "account": "x"}, key="1")
    assert [e["code"] for e in reused["errors"]] == ["IDEMPOTENCY_KEY_REUSED"]
    found = await done(treasury, "auditor", RECONCILIATION, on=day.isoformat())
    assert found["status"] == "RESOLVED"
    with treasury.unit():
        assert await models.JournalRow.filter(kind="RECONCILIATION").count() == 1
        off = await models.Balance.get(account="treasury.write_off")
        assert off.debits - off.credits == 700


async def test_what_was_written_off_and_came_after_all_is_taken_back(treasury: Any) -> None:
    day = dt.date(2026, 3, 2)
    with treasury.unit():
        await capture("b" * 32, 700, day)
    await told(treasury, file(day=day))
    queue = "{ accountingDifferences(first: 5) { totalCount nodes { id kind actual { amount } } } }"
    [difference] = (await done(treasury, "auditor", queue))["nodes"]
    asked = {"account": "treasury.write_off"}
    await done(treasury, "treasurer", RESOLVE, id=difference["id"], key="1", **asked)
    late = file(
        line("CAPTURE", "b" * 32, 700, payout="PO"),
        day=day + dt.timedelta(days=3),
        payouts=[("PO", 700)],
    )
    await told(treasury, late)
    [after] = (await done(treasury, "auditor", queue))["nodes"]
    assert (after["kind"], after["actual"]["amount"]) == ("SETTLED_AFTER_ALL", "0.700")
    await done(treasury, "treasurer", RESOLVE, id=after["id"], key="2", **asked)
    assert (await done(treasury, "auditor", queue))["totalCount"] == 0
    with treasury.unit():
        sums = {r.account: r.debits - r.credits for r in await models.Balance.all()}
    assert sums["treasury.write_off"] == sums["gateway.till.clearing"] == 0
    assert sums["treasury.bank"] == 700


async def test_a_payout_that_differs_is_booked_as_it_came_once_resolved(treasury: Any) -> None:
    day = dt.date(2026, 3, 2)
    with treasury.unit():
        await capture("b" * 32, 700, day)
    short = file(line("CAPTURE", "b" * 32, 700, payout="PO"), payouts=[("PO", 650)], day=day)
    await told(treasury, short)
    found = await done(treasury, "auditor", RECONCILIATION, on=day.isoformat())
    [difference] = found["differences"]
    assert (difference["kind"], difference["gatewayReference"]) == ("PAYOUT_DIFFERS", "PO")
    asked = {"id": difference["id"], "account": "treasury.gateway_fees"}
    await done(treasury, "treasurer", RESOLVE, key="1", **asked)
    with treasury.unit():
        sums = {r.account: r.debits - r.credits for r in await models.Balance.all()}
        await settlements.reconcile(settlement.readers()["till"])
        assert await models.Difference.filter(status="OPEN").count() == 0
    assert sums["gateway.till.clearing"] == 0
    assert (sums["treasury.bank"], sums["treasury.gateway_fees"]) == (650, 50)


async def test_files_are_listed_and_found_by_id(treasury: Any) -> None:
    await told(treasury, file(day=dt.date(2026, 3, 1)))
    await told(treasury, file(day=dt.date(2026, 3, 2)))
    query = (
        "query($after: String) { accountingSettlementFiles(first: 1, after: $after) { totalCount "
        "pageInfo { hasNextPage endCursor } nodes { id reference settledOn status lines } } }"
    )
    first = await done(treasury, "auditor", query)
    assert (first["totalCount"], first["nodes"][0]["settledOn"]) == (2, "2026-03-02")
    second = await done(treasury, "auditor", query, after=first["pageInfo"]["endCursor"])
    assert second["nodes"][0]["settledOn"] == "2026-03-01"
    node = f'{{ node(id: "{first["nodes"][0]["id"]}") {{ __typename }} }}'
    assert await done(treasury, "auditor", node) == {"__typename": "AccountingSettlementFile"}
    assert (await ask(treasury, None, node))["data"]["node"] is None


async def test_what_an_agency_is_owed_is_remitted_by_two_people(treasury: Any) -> None:
    with treasury.unit():
        await capture("a" * 32, 12_500, TODAY)
    empty = await done(treasury, "treasurer", REMIT, agency="nobody", key="0")
    assert [e["code"] for e in empty["errors"]] == ["NOT_FOUND"]
    much = await done(treasury, "treasurer", REMIT, agency="post", amount="12.501", key="1")
    assert [e["code"] for e in much["errors"]] == ["ACCOUNTING_NOTHING_TO_REMIT"]
    made = await done(treasury, "treasurer", REMIT, agency="post", key="2")
    order = made["remittance"]
    assert (order["amount"]["amount"], order["status"]) == ("12.500", "PROPOSED")
    twice = await done(treasury, "treasurer", REMIT, agency="post", key="3")
    assert [e["code"] for e in twice["errors"]] == ["ACCOUNTING_REMITTANCE_ORDERED"]

    async def step(person: str, verb: str, key: str, words: str = "") -> Any:
        query = (
            f"mutation($id: ID!) {{ accounting{verb}Remittance(input: {{remittanceId: $id, "
            f'{words} idempotencyKey: "{key}"}}) {{ remittance {{ status }} errors {{ code }} }} }}'
        )
        answer = await done(treasury, person, query, id=order["id"])
        return [e["code"] for e in answer["errors"]] or answer["remittance"]["status"]

    bank = 'bankReference: "B-1",'
    assert await step("treasurer", "Approve", "4") == ["ACCOUNTING_SECOND_PERSON_NEEDED"]
    assert await step("treasurer", "Send", "5", bank) == ["ACCOUNTING_WRONG_STATUS"]
    assert await step("treasurer-2", "Approve", "6") == "APPROVED"
    assert await step("treasurer", "Send", "7", bank) == "SENT"
    assert await step("treasurer", "Send", "7", bank) == "SENT"
    with treasury.unit():
        held = await models.Balance.get(account="agency.post.payable")
        assert held.credits - held.debits == 0
    assert await step("treasurer", "Fail", "8", 'reason: "closed account",') == "FAILED"
    assert await step("treasurer", "Confirm", "9") == ["ACCOUNTING_WRONG_STATUS"]
    with treasury.unit():
        held = await models.Balance.get(account="agency.post.payable")
        assert held.credits - held.debits == 12_500
        assert (await verify.verify()).is_intact
    listed = await done(
        treasury, "auditor", "{ accountingRemittances(first: 5) { nodes { status reason } } }"
    )
    assert listed["nodes"] == [{"status": "FAILED", "reason": "closed account"}]
    denied = await ask(treasury, "auditor", REMIT, agency="post", key="10")
    assert denied["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert (await done(treasury, "treasurer", REMIT, agency="post", key="11"))["remittance"]


async def test_payments_say_what_a_gateway_moved(treasury: Any) -> None:
    with treasury.unit():
        at = runtime.now()
        for number, captured in (("1", 700), ("2", 0)):
            await Payment.create(
                id=number * 32, reference=f"PAY-{number}", payer_id="p", status="CAPTURED",
                channel="PORTAL", gateway="till", gateway_reference=f"g{number}", fils=700,
                captured_fils=captured, correlation_id="-", created_at=at, expires_at=at,
                paid_at=at,
            )  # fmt: skip
        for state in ("SUCCEEDED", "FAILED"):
            await Refund.create(
                id=state, payment_id="1" * 32, status=state, fils=50, reason_en="x", reason_ar="x",
                created_at=at, ended_at=at,
            )  # fmt: skip
        said = await settlement.movements("till", references=["g1", "g2"])
        assert [(m.kind, m.fils, m.refund_id, m.journal_reference) for m in said] == [
            (LineKind.CAPTURE, 700, None, f"payment:{'1' * 32}:capture"),
            (LineKind.REFUND, -50, "SUCCEEDED", "refund:SUCCEEDED"),
        ]
        assert await settlement.movements("till", payment_ids=["1" * 32]) == said
        assert await settlement.movements("other", references=["g1"]) == []
        with pytest.raises(ValueError, match="500"):
            await settlement.movements("till", references=["x"] * 501)
