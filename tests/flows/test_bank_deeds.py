"""What the payer's bank does: holds, disputes, refunds that come back; and the day still agrees."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bawaba.testing.client import FrontEnd
from bawaba.testing.process import Portal
from flow_steps import (
    assert_balanced,
    check_out,
    eventually,
    operation,
    start,
    unpaid,
)

Person = Callable[[str], FrontEnd]
STATE = """query ($id: ID!) { node(id: $id) { ... on Payment { status receipt { number }
  refundedAmount { amount } disputedAmount { amount } authorisedAmount { amount }
  disputes(first: 5) { nodes { status amount { amount } } }
  refunds(first: 5) { nodes { id kind status amount { amount } } } } } }"""


async def state(viewer: FrontEnd, payment: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = (await viewer.execute(STATE, {"id": payment["id"]}))["node"]
    return found


async def paid(citizen: FrontEnd, fine: dict[str, Any]) -> dict[str, Any]:
    payment: dict[str, Any] = (await start(citizen, fine))["payment"]
    assert await check_out(citizen, payment, "approve") == 200
    await eventually(citizen, payment, status="CAPTURED")
    return payment


async def followed(
    citizen: FrontEnd, payment: dict[str, Any], deed: Callable[[], Any], kind: str
) -> None:
    """Do something while the payer watches, until the payer is told of it."""
    document = operation("payments", "PaymentUpdated")
    async with citizen.live() as live, live.subscribe(document, {"id": payment["id"]}) as updates:
        await updates.next()
        deed()
        await updates.until("paymentUpdated", kind, within=30)


async def refund(treasurer: FrontEnd, payment: dict[str, Any]) -> list[str]:
    given = {"paymentId": payment["id"], "reason": "a test", "idempotencyKey": uuid.uuid4().hex}
    data = await treasurer.execute(operation("payments", "RefundPayment"), {"input": given})
    return [error["code"] for error in data["refundPayment"]["errors"]]


async def test_the_banks_deeds_and_the_days_books(
    portal: Portal, person: Person, tmp_path: Path
) -> None:
    citizen, treasurer = person("citizen"), person("treasurer")
    disputed, returned, held = (await unpaid(citizen))[:3]

    # A dispute: meanwhile nothing is refunded; lost, the fine is payable again, and is paid again.
    payment = await paid(citizen, disputed)
    reference = payment["reference"]
    await followed(
        citizen, payment, lambda: portal.command("sandbox", "dispute", reference), "DISPUTE_OPENED"
    )
    assert await refund(treasurer, payment) == ["PAYMENT_DISPUTED"]
    assert (await state(citizen, payment))["disputedAmount"] == {
        "amount": disputed["amountDue"]["amount"]
    }
    await followed(
        citizen,
        payment,
        lambda: portal.command("sandbox", "dispute-lost", reference),
        "DISPUTE_LOST",
    )
    after = await state(citizen, payment)
    assert after["disputedAmount"] == {"amount": "0.000"}
    assert after["refundedAmount"]["amount"] == disputed["amountDue"]["amount"]
    assert [(r["kind"], r["status"]) for r in after["refunds"]["nodes"]] == [
        ("CHARGEBACK", "SUCCEEDED")
    ]
    assert disputed["id"] in {fine["id"] for fine in await unpaid(citizen)}
    again = await paid(citizen, disputed)

    # A dispute that is won changes nothing in the end.
    portal.command("sandbox", "dispute", again["reference"])
    await followed(
        citizen,
        again,
        lambda: portal.command("sandbox", "dispute-won", again["reference"]),
        "DISPUTE_WON",
    )
    assert (await state(citizen, again))["disputes"]["nodes"][0]["status"] == "WON"

    # A refund comes back: the money waits with a proposal, and goes out another time.
    payment = await paid(citizen, returned)
    assert await refund(treasurer, payment) == []
    await eventually(citizen, payment, refundedAmount=returned["amountDue"])
    await followed(
        citizen,
        payment,
        lambda: portal.command("sandbox", "return-refund", payment["reference"]),
        "REFUND_REVERSED",
    )
    waiting = await state(citizen, payment)
    assert waiting["refundedAmount"] == {"amount": "0.000"}
    proposal = next(r for r in waiting["refunds"]["nodes"] if r["status"] == "PROPOSED")
    given = {"refundId": proposal["id"], "idempotencyKey": uuid.uuid4().hex}
    data = await treasurer.execute(operation("payments", "ApproveRefund"), {"input": given})
    assert data["approveRefund"]["errors"] == []
    await eventually(citizen, payment, refundedAmount=returned["amountDue"])

    # A hold that the payer does not want any more is let go.
    payment = (await start(citizen, held))["payment"]
    await followed(
        citizen,
        payment,
        lambda: portal.command("sandbox", "hold", payment["reference"]),
        "AUTHORISED",
    )
    given = {"paymentId": payment["id"], "idempotencyKey": uuid.uuid4().hex}
    data = await citizen.execute(operation("payments", "CancelPayment"), {"input": given})
    assert data["cancelPayment"]["errors"] == []
    assert (await state(citizen, payment))["status"] == "CANCELLED"
    assert "VOIDED" in portal.command("sandbox", "events")

    await the_day_agrees(portal, treasurer, tmp_path / "day.csv")


async def the_day_agrees(portal: Portal, treasurer: FrontEnd, file: Path) -> None:
    """The gateway's file of the day matches the books, line by line."""
    day = dt.datetime.now(ZoneInfo("Asia/Bahrain")).date().isoformat()
    portal.command("sandbox", "settlement", day, "--to", str(file))
    portal.command("accounting", "settlement", str(file), "--gateway", "sandbox")
    data = await treasurer.execute(
        operation("accounting", "Reconciliation"), {"gateway": "sandbox", "settledOn": day}
    )
    found = data["accountingReconciliation"]
    assert (found["status"], found["differences"]) == ("MATCHED", [])
    query = "query($c: String!) { accountingAccount(code: $c) { balance { amount } } }"
    for code in ("payments.disputed", "payments.suspense", "gateway.sandbox.clearing"):
        account = (await treasurer.execute(query, {"c": code}))["accountingAccount"]
        assert Decimal(account["balance"]["amount"]) == 0, code
    await assert_balanced(treasurer)
    assert "intact" in portal.command("accounting", "verify")
