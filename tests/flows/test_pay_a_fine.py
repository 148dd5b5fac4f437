"""A citizen pays a traffic fine, and the books show it: over HTTP and WebSocket alone."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from bawaba.testing.client import FrontEnd, GraphQLFailed
from bawaba.testing.process import Portal
from flow_steps import (
    assert_balanced,
    check_out,
    eventually,
    operation,
    payment_of,
    start,
    statistics,
    unpaid,
)

Person = Callable[[str], FrontEnd]


async def test_history_is_exact_and_ranked(visitor: FrontEnd, person: Person) -> None:
    data = await visitor.execute(
        operation("accounting", "Statistics"),
        {"filter": {"to": "2026-01-01"}, "groupBy": ["SERVICE"]},
    )
    ranked = sorted(data["accountingStatistics"]["groups"], key=lambda g: g["rankByAmount"])
    codes = [group["service"]["code"] for group in ranked]
    assert codes == ["traffic-fines", "ewa-bills", "civil-service", "post"]
    assert codes == [
        g["service"]["code"] for g in sorted(ranked, key=lambda group: group["rankByCount"])
    ]
    await assert_balanced(person("treasurer"))


async def test_pay_and_see_it_live(visitor: FrontEnd, person: Person) -> None:
    citizen = person("citizen")
    before = await statistics(visitor)
    fine = (await unpaid(citizen))[0]
    started = await start(citizen, fine)
    assert started["errors"] == []
    payment = started["payment"]
    assert payment["status"] == "PENDING"
    assert payment["amount"] == fine["amountDue"]
    assert payment["items"][0]["bill"]["reference"] == fine["reference"]

    async with citizen.live() as live, visitor.live() as public:
        watching = operation("payments", "PaymentUpdated"), {"id": payment["id"]}
        figures = operation("accounting", "StatisticsUpdated"), {"groupBy": ["SERVICE"]}
        async with live.subscribe(*watching) as updates, public.subscribe(*figures) as portal:
            first = (await updates.next())["paymentUpdated"]
            assert (first["kind"], first["payment"]["status"]) == ("SNAPSHOT", "PENDING")
            snapshot = (await portal.next())["accountingStatisticsUpdated"]
            assert snapshot["statistics"]["total"]["count"] == before[0]

            assert await check_out(citizen, payment, "approve") < 400
            captured = await updates.until("paymentUpdated", "CAPTURED")
            assert captured["payment"]["status"] == "CAPTURED"
            assert captured["cursor"] != first["cursor"]
            pushed = (await portal.next())["accountingStatisticsUpdated"]["statistics"]["total"]

    settled = await payment_of(citizen, payment)
    assert settled["receipt"]["number"] == captured["payment"]["receipt"]["number"]
    async with visitor.session.get(settled["receipt"]["verificationUrl"]) as page:
        assert page.status == 200
        assert settled["receipt"]["number"] in await page.text()
    after = await statistics(visitor)
    assert after == (before[0] + 1, before[1] + Decimal(fine["amountDue"]["amount"]))
    assert (pushed["count"], Decimal(pushed["amount"]["amount"])) == after
    await assert_balanced(person("treasurer"))
    still = {
        f["id"]: f["status"]
        for f in (
            await citizen.execute(
                operation("payments", "TrafficFines"), {"by": {"mine": True}, "first": 50}
            )
        )["trafficFines"]["nodes"]
    }
    assert still[fine["id"]] == "PAID"


async def test_resume_gives_what_was_missed(person: Person) -> None:
    citizen = person("citizen")
    fine = (await unpaid(citizen))[0]
    payment = (await start(citizen, fine))["payment"]
    document = operation("payments", "PaymentUpdated")
    async with citizen.live() as live, live.subscribe(document, {"id": payment["id"]}) as updates:
        cursor = (await updates.next())["paymentUpdated"]["cursor"]
    assert await check_out(citizen, payment, "decline") < 400
    await eventually(citizen, payment, status="FAILED")
    resumed = {"id": payment["id"], "after": cursor}
    async with citizen.live() as live, live.subscribe(document, resumed) as updates:
        missed = (await updates.next())["paymentUpdated"]
    assert missed["kind"] == "FAILED"


@pytest.mark.parametrize(("outcome", "status"), [("decline", "FAILED"), ("abandon", "CANCELLED")])
async def test_not_paid_is_payable_again(
    visitor: FrontEnd, person: Person, outcome: str, status: str
) -> None:
    citizen = person("citizen")
    before = await statistics(visitor)
    fine = (await unpaid(citizen))[0]
    payment = (await start(citizen, fine))["payment"]
    assert await check_out(citizen, payment, outcome) < 400
    await eventually(citizen, payment, status=status, receipt=None)
    assert fine["id"] in {f["id"] for f in await unpaid(citizen)}
    assert await statistics(visitor) == before
    again = await start(citizen, fine)
    assert again["errors"] == []
    cancelled = await citizen.execute(
        operation("payments", "CancelPayment"),
        {"input": {"paymentId": again["payment"]["id"], "idempotencyKey": uuid.uuid4().hex}},
    )
    assert cancelled["cancelPayment"]["payment"]["status"] == "CANCELLED"


async def test_a_stale_total_is_refused(person: Person) -> None:
    citizen = person("citizen")
    fine = (await unpaid(citizen))[0]
    payload = await start(citizen, fine, expectedTotal="0.001")
    assert payload["payment"] is None
    assert payload["errors"][0]["code"] == "PAYMENT_TOTAL_CHANGED"
    assert payload["errors"][0]["path"] == ["expectedTotal"]
    arabic = await citizen.raw(
        operation("payments", "StartPayment"),
        {
            "input": {
                "items": [{"billId": fine["id"]}],
                "expectedTotal": "0.002",
                "channel": "KIOSK",
                "idempotencyKey": uuid.uuid4().hex,
            }
        },
        language="ar",
    )
    assert re.search(r"[\u0600-\u06ff]", arabic["data"]["startPayment"]["errors"][0]["message"])


async def test_a_repeated_key_repeats_and_a_reused_key_is_refused(person: Person) -> None:
    citizen = person("citizen")
    fine, other = (await unpaid(citizen))[:2]
    key = uuid.uuid4().hex
    answers = await asyncio.gather(*(start(citizen, fine, idempotencyKey=key) for _ in range(5)))
    ids = {answer["payment"]["id"] for answer in answers if answer["payment"]}
    assert len(ids) == 1
    assert {e["code"] for a in answers for e in a["errors"]} <= {"IDEMPOTENCY_IN_PROGRESS"}
    assert (await start(citizen, fine, idempotencyKey=key))["payment"]["id"] in ids
    reused = await start(citizen, other, idempotencyKey=key)
    assert [error["code"] for error in reused["errors"]] == ["IDEMPOTENCY_KEY_REUSED"]


async def test_two_payers_at_once_pay_once(visitor: FrontEnd, person: Person) -> None:
    owner, stranger = person("citizen-2"), person("citizen")
    before = await statistics(visitor)
    fine = (await unpaid(owner))[0]
    found = await stranger.execute(
        operation("payments", "TrafficFines"), {"by": {"reference": fine["reference"]}, "first": 1}
    )
    same = found["trafficFines"]["nodes"][0]
    first, second = (await start(owner, fine))["payment"], (await start(stranger, same))["payment"]
    await asyncio.gather(check_out(owner, first, "approve"), check_out(stranger, second, "approve"))
    one = await eventually(owner, first, status="CAPTURED")
    two = await eventually(stranger, second, status="CAPTURED")
    assert [one["receipt"], two["receipt"]].count(None) == 1
    late = two if two["receipt"] is None else one
    assert late["failureReason"]
    assert await statistics(visitor) == (
        before[0] + 1,
        before[1] + Decimal(fine["amountDue"]["amount"]),
    )
    await assert_balanced(person("treasurer"))
    payment = second if late is two else first
    refund = await person("treasurer").execute(
        operation("payments", "RefundPayment"),
        {
            "input": {
                "paymentId": payment["id"],
                "reason": "paid twice",
                "idempotencyKey": uuid.uuid4().hex,
            }
        },
    )
    assert refund["refundPayment"]["errors"] == []
    payer = stranger if payment is second else owner
    await eventually(payer, payment, refundedAmount=fine["amountDue"])
    await assert_balanced(person("treasurer"))


async def test_repeated_and_forged_callbacks_change_nothing(
    portal: Portal, visitor: FrontEnd, person: Person
) -> None:
    citizen = person("citizen")
    fine = (await unpaid(citizen))[0]
    payment = (await start(citizen, fine))["payment"]
    forged = {"type": "payment.captured", "data": {"payment_id": payment["id"]}}
    async with visitor.session.post(
        f"{portal.url}/gateways/sandbox/callback",
        json=forged,
        headers={"webhook-id": "x", "webhook-timestamp": "1", "webhook-signature": "v1,AAAA"},
    ) as response:
        assert response.status == 401
    assert (await payment_of(citizen, payment))["status"] == "PENDING"

    await check_out(citizen, payment, "approve")
    await eventually(citizen, payment, status="CAPTURED")
    after = await statistics(visitor)
    portal.command("sandbox", "resend", "--last", "1")
    portal.command("sandbox", "resend", "--last", "1")
    await asyncio.sleep(2)
    assert await statistics(visitor) == after
    await assert_balanced(person("treasurer"))


async def test_refund_in_part_then_the_rest(visitor: FrontEnd, person: Person) -> None:
    citizen, treasurer = person("citizen-2"), person("treasurer")
    fine = (await unpaid(citizen))[0]
    payment = (await start(citizen, fine))["payment"]
    await check_out(citizen, payment, "approve")
    await eventually(citizen, payment, status="CAPTURED")
    booked = await statistics(visitor)

    async def refund(**more: Any) -> dict[str, Any]:
        given = {
            "paymentId": payment["id"],
            "reason": "goodwill",
            "idempotencyKey": uuid.uuid4().hex,
        }
        data = await treasurer.execute(
            operation("payments", "RefundPayment"), {"input": given | more}
        )
        payload: dict[str, Any] = data["refundPayment"]
        return payload

    with pytest.raises(GraphQLFailed) as refused:
        await citizen.execute(
            operation("payments", "RefundPayment"),
            {"input": {"paymentId": payment["id"], "reason": "mine", "idempotencyKey": "k" * 16}},
        )
    assert refused.value.codes == ["FORBIDDEN"]
    assert (await refund(items=[{"billId": fine["id"], "amount": "1.000"}]))["errors"] == []
    await eventually(citizen, payment, refundedAmount={"amount": "1.000", "currency": "BHD"})
    assert (await refund(items=[{"billId": fine["id"], "amount": fine["amountDue"]["amount"]}]))[
        "errors"
    ]
    assert (await refund())["errors"] == []
    await eventually(citizen, payment, refundedAmount=fine["amountDue"], status="CAPTURED")
    assert await statistics(visitor) == booked
    await assert_balanced(treasurer)
    assert fine["id"] in {f["id"] for f in await unpaid(citizen)}
