"""Payments that expire, and money that comes all the same."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncGenerator, Generator

import aiohttp
import pytest
import pytest_asyncio
from bawaba.testing.client import FrontEnd
from bawaba.testing.process import Portal
from flow_backends import BACKENDS, portal_on
from flow_steps import (
    assert_balanced,
    eventually,
    operation,
    payment_of,
    start,
    statistics,
    unpaid,
)


@pytest.fixture(scope="module", params=BACKENDS)
def hasty(request: pytest.FixtureRequest) -> Generator[Portal]:
    """Yield a portal whose payments expire after two seconds."""
    with portal_on(request.param, BAWABA_PAYMENT_EXPIRY="2") as portal:
        yield portal


@pytest_asyncio.fixture
async def citizen(hasty: Portal) -> AsyncGenerator[FrontEnd]:
    """Yield a citizen at the hasty portal."""
    await hasty.ready()
    async with aiohttp.ClientSession() as session:
        yield FrontEnd(session, hasty.url, hasty.token("citizen"))


async def test_expired_is_payable_again_and_late_money_goes_to_suspense(
    hasty: Portal, citizen: FrontEnd
) -> None:
    before = await statistics(citizen)
    fine = (await unpaid(citizen))[0]
    payment = (await start(citizen, fine))["payment"]
    document = operation("payments", "PaymentUpdated")
    async with citizen.live() as live, live.subscribe(document, {"id": payment["id"]}) as updates:
        expired = await updates.until("paymentUpdated", "EXPIRED", within=30)
    assert expired["payment"]["status"] == "EXPIRED"
    assert fine["id"] in {f["id"] for f in await unpaid(citizen)}

    hasty.command("sandbox", "late-capture", payment["reference"])
    treasurer = citizen.signed_in(hasty.token("treasurer"))
    statement = operation("accounting", "AccountStatement")
    for _ in range(600):
        data = await treasurer.execute(statement, {"code": "payments.suspense", "first": 10})
        if data["accountingAccount"]["entries"]["totalCount"]:
            break
        await asyncio.sleep(0.1)
    entries = data["accountingAccount"]["entries"]["nodes"]
    assert [entry["side"] for entry in entries] == ["CREDIT"]
    assert entries[0]["amount"] == entries[0]["balanceAfter"] == fine["amountDue"]
    assert entries[0]["journal"]["payment"]["id"] == payment["id"]
    late = await payment_of(citizen, payment)
    assert (late["status"], late["receipt"]) == ("EXPIRED", None)
    assert await statistics(citizen) == before
    assert fine["id"] in {f["id"] for f in await unpaid(citizen)}

    given = {"paymentId": payment["id"], "reason": "too late", "idempotencyKey": uuid.uuid4().hex}
    back = await treasurer.execute(operation("payments", "RefundPayment"), {"input": given})
    assert back["refundPayment"]["errors"] == []
    await eventually(citizen, payment, refundedAmount=fine["amountDue"], status="EXPIRED")
    data = await treasurer.execute(statement, {"code": "payments.suspense", "first": 10})
    assert data["accountingAccount"]["entries"]["nodes"][-1]["balanceAfter"]["amount"] == "0.000"
    await assert_balanced(treasurer)
    assert await statistics(citizen) == before
