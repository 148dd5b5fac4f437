"""The steps of the journeys: what a front end does, over HTTP alone."""

from __future__ import annotations

import asyncio
import re
import uuid
from decimal import Decimal
from pathlib import Path
from typing import Any

from bawaba.testing.client import FrontEnd, GraphQLFailed

_UNPAID_BILLS = """{
  me { bills(first: 50, statuses: [UNPAID]) { nodes { id } unavailableServices { code } } }
}"""
OPERATIONS = Path(__file__).parents[2] / "schema" / "operations"


def operation(area: str, name: str) -> str:
    """Return one operation of the published documents, with the fragments it needs."""
    text = re.sub(r"#.*", "", (OPERATIONS / f"{area}.graphql").read_text(encoding="utf-8"))
    chunks = re.split(r"^(?=(?:query|mutation|subscription|fragment) )", text, flags=re.MULTILINE)
    wanted = next(c for c in chunks if re.match(rf"\w+ {name}\b", c))
    fragments = {m[1]: c for c in chunks if (m := re.match(r"fragment (\w+)", c))}
    pending, needed = re.findall(r"\.\.\.(\w+)", wanted), dict[str, str]()
    while pending:
        fragment = pending.pop()
        if fragment in fragments and fragment not in needed:
            needed[fragment] = fragments[fragment]
            pending += re.findall(r"\.\.\.(\w+)", fragments[fragment])
    return "".join([wanted, *needed.values()])


async def unpaid(citizen: FrontEnd) -> list[dict[str, Any]]:
    """Return the citizen's fines that can be paid now, by the fine list of the contract.

    Asks again where the directorate did not answer within its deadline, as a person would.
    """
    for _ in range(20):
        try:
            data = await citizen.execute(
                operation("payments", "TrafficFines"), {"by": {"mine": True}, "first": 50}
            )
        except GraphQLFailed as failed:
            if failed.codes != ["AGENCY_UNAVAILABLE"]:
                raise
        else:
            bills = (await citizen.execute(_UNPAID_BILLS))["me"]["bills"]
            if all(service["code"] != "traffic-fines" for service in bills["unavailableServices"]):
                payable = {bill["id"] for bill in bills["nodes"]}
                return [fine for fine in data["trafficFines"]["nodes"] if _is_due(fine, payable)]
        await asyncio.sleep(0.5)
    raise AssertionError("the directorate did not answer")


def _is_due(fine: dict[str, Any], payable: set[str]) -> bool:
    due = Decimal(fine["amountDue"]["amount"]) > 0
    return due and fine["status"] == "UNPAID" and fine["id"] in payable


async def start(citizen: FrontEnd, *fines: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Start a payment over ``fines``; return the payload."""
    total = sum(Decimal(fine["amountDue"]["amount"]) for fine in fines)
    given = {
        "items": [{"billId": fine["id"]} for fine in fines],
        "expectedTotal": f"{total:.3f}",
        "channel": "PORTAL",
        "idempotencyKey": uuid.uuid4().hex,
    } | changes
    data = await citizen.execute(operation("payments", "StartPayment"), {"input": given})
    payload: dict[str, Any] = data["startPayment"]
    return payload


async def check_out(citizen: FrontEnd, payment: dict[str, Any], outcome: str) -> int:
    """Press a button of the checkout page; return the HTTP status."""
    async with citizen.session.post(payment["checkoutUrl"], data={"outcome": outcome}) as response:
        return response.status


async def payment_of(viewer: FrontEnd, payment: dict[str, Any]) -> dict[str, Any]:
    """Return a payment as the contract's query shows it."""
    data = await viewer.execute(operation("payments", "Payment"), {"id": payment["id"]})
    found: dict[str, Any] = data["node"]
    return found


async def eventually(viewer: FrontEnd, payment: dict[str, Any], **wanted: Any) -> dict[str, Any]:
    """Wait until the payment has the wanted values."""
    for _ in range(600):
        found = await payment_of(viewer, payment)
        if all(found[name] == value for name, value in wanted.items()):
            return found
        await asyncio.sleep(0.1)
    raise AssertionError(f"{found} never became {wanted}")


async def statistics(viewer: FrontEnd) -> tuple[int, Decimal]:
    """Return (count, amount) of the headline."""
    data = await viewer.execute(operation("accounting", "Statistics"), {"groupBy": ["SERVICE"]})
    total = data["accountingStatistics"]["total"]
    groups = data["accountingStatistics"]["groups"]
    assert sum(group["count"] for group in groups) == total["count"]
    assert sum(Decimal(g["amount"]["amount"]) for g in groups) == Decimal(total["amount"]["amount"])
    return total["count"], Decimal(total["amount"]["amount"])


async def assert_balanced(treasurer: FrontEnd) -> None:
    """The books balance now."""
    data = await treasurer.execute(operation("accounting", "TrialBalance"))
    balance = data["accountingTrialBalance"]
    assert balance["isBalanced"]
    assert balance["debits"] == balance["credits"]
