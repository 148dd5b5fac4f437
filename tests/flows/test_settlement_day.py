"""A day's money: what the gateway's book, the payments and the journals say is the same."""

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
    statistics,
    unpaid,
)


class Desk:
    """The treasurer's day: files in, differences out."""

    def __init__(self, portal: Portal, treasurer: FrontEnd, folder: Path) -> None:
        self.portal, self.treasurer, self.file = portal, treasurer, folder / "day.csv"
        self.day = dt.datetime.now(ZoneInfo("Asia/Bahrain")).date().isoformat()
        self.revision = 0

    async def settle(self, *spoil: str) -> dict[str, Any]:
        """Let the gateway write the day's file, take it in, and show the reconciliation."""
        self.revision += 1
        faulty = ["--spoil", *spoil] if spoil else []
        self.portal.command(
            "sandbox", "settlement", self.day, "--to", str(self.file),
            "--revision", str(self.revision), *faulty,
        )  # fmt: skip
        self.take()
        return await self.reconciliation()

    def take(self) -> str:
        return self.portal.command(
            "accounting", "settlement", str(self.file), "--gateway", "sandbox"
        )

    async def reconciliation(self) -> dict[str, Any]:
        data = await self.treasurer.execute(
            operation("accounting", "Reconciliation"), {"gateway": "sandbox", "settledOn": self.day}
        )
        found: dict[str, Any] = data["accountingReconciliation"]
        return found

    async def balance(self, code: str) -> Decimal:
        query = "query($code: String!) { accountingAccount(code: $code) { balance { amount } } }"
        data = await self.treasurer.execute(query, {"code": code})
        return Decimal(data["accountingAccount"]["balance"]["amount"])


async def test_a_day_is_paid_refunded_settled_and_resolved(
    portal: Portal, person: Callable[[str], FrontEnd], tmp_path: Path
) -> None:
    citizen, treasurer = person("citizen"), person("treasurer")
    desk = Desk(portal, treasurer, tmp_path)
    first, second = (await unpaid(citizen))[:2]
    one = (await start(citizen, first))["payment"]
    two = (await start(citizen, second))["payment"]
    for payment in (one, two):
        assert await check_out(citizen, payment, "approve") == 200
        await eventually(citizen, payment, status="CAPTURED")
    given = {"paymentId": one["id"], "reason": "paid twice", "idempotencyKey": uuid.uuid4().hex}
    await treasurer.execute(operation("payments", "RefundPayment"), {"input": given})
    await eventually(citizen, one, refundedAmount=first["amountDue"])
    before = await statistics(citizen)
    due = Decimal(second["amountDue"]["amount"])

    found = await desk.settle()
    assert (found["status"], found["matchedCount"]) == ("MATCHED", 3)
    assert (Decimal(found["matchedAmount"]["amount"]), found["differences"]) == (due, [])
    assert await desk.balance("treasury.bank") == due
    assert await desk.balance("gateway.sandbox.clearing") == 0
    assert "nothing new" in desk.take()

    # The day is not over: what a provisional file lacks may still come, what it has too much not.
    kinds = {
        "missing": set[str](),
        "unknown": {"MISSING_IN_BOOKS"},
        "payout": {"PAYOUT_DIFFERS"},
    }
    for spoil, expected in kinds.items():
        found = await desk.settle(spoil)
        assert {d["kind"] for d in found["differences"]} == expected, spoil
        assert found["status"] == ("DIFFERENCES" if expected else "MATCHED")

    queue = "{ accountingDifferences(first: 10) { nodes { id kind } } }"
    [difference] = (await treasurer.execute(queue))["accountingDifferences"]["nodes"]
    resolve = {
        "differenceId": difference["id"],
        "account": "treasury.gateway_fees",
        "reason": "the bank kept a dinar",
        "idempotencyKey": uuid.uuid4().hex,
    }
    data = await treasurer.execute(operation("accounting", "ResolveDifference"), {"input": resolve})
    assert data["accountingResolveDifference"]["errors"] == []
    assert data["accountingResolveDifference"]["difference"]["resolvedBy"]["id"]
    assert (await desk.reconciliation())["status"] == "RESOLVED"
    assert await desk.balance("treasury.bank") == due - 1
    assert await desk.balance("treasury.gateway_fees") == 1
    assert await desk.balance("gateway.sandbox.clearing") == 0
    await assert_balanced(treasurer)
    assert await statistics(citizen) == before
    assert "intact" in portal.command("accounting", "verify")
