"""One basket for every agency: one of them is down, one is slow, and everything is paid once.

The simulated agencies are made to misbehave from a second terminal, as an operator would try it.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from bawaba.testing.client import FrontEnd
from bawaba.testing.process import Portal
from flow_steps import (
    assert_balanced,
    check_out,
    eventually,
    operation,
    payment_of,
    statistics,
)

Person = Callable[[str], FrontEnd]
PAYABLE = (
    "agency.traffic.payable",
    "agency.ewa.payable",
    "agency.post.payable",
    "agency.customs.payable",
)
LETTERS = """query ($agency: String!) {
  letters(first: 50, agency: $agency, direction: TO_AGENCY) { nodes { kind correlationId } } }"""


async def listed(citizen: FrontEnd) -> tuple[dict[str, list[dict[str, Any]]], set[str]]:
    """Return the citizen's bills by service, and the services that did not answer."""
    data = await citizen.execute(operation("payments", "MyBills"), {"first": 100})
    found = data["me"]["bills"]
    bills: dict[str, list[dict[str, Any]]] = {}
    for bill in found["nodes"]:
        bills.setdefault(bill["service"]["code"], []).append(bill)
    total = sum(Decimal(bill["amountDue"]["amount"]) for bill in found["nodes"])
    assert Decimal(found["totalDue"]["amount"]) == total
    return bills, {service["code"] for service in found["unavailableServices"]}


def payable(bills: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return those that cost something: a fine that went to the prosecution costs nothing here."""
    return [bill for bill in bills if Decimal(bill["amountDue"]["amount"]) > 0]


async def pay(citizen: FrontEnd, lines: list[tuple[dict[str, Any], str | None]]) -> dict[str, Any]:
    """Start a payment of bills, each whole or in part; return the payload."""
    parts = [Decimal(part or bill["amountDue"]["amount"]) for bill, part in lines]
    given = {
        "items": [
            {"billId": bill["id"], **({"amount": part} if part else {})} for bill, part in lines
        ],
        "expectedTotal": f"{sum(parts):.3f}",
        "channel": "MOBILE_APP",
        "idempotencyKey": uuid.uuid4().hex,
    }
    data = await citizen.execute(operation("payments", "StartPayment"), {"input": given})
    payload: dict[str, Any] = data["startPayment"]
    return payload


async def balance(auditor: FrontEnd, code: str) -> Decimal:
    query = "query($code: String!) { accountingAccount(code: $code) { balance { amount } } }"
    data = await auditor.execute(query, {"code": code})
    return Decimal(data["accountingAccount"]["balance"]["amount"])


async def kinds(auditor: FrontEnd, agency: str) -> list[str]:
    data = await auditor.execute(LETTERS, {"agency": agency})
    return [letter["kind"] for letter in data["letters"]["nodes"]]


async def until(what: Callable[[], Any], wanted: Callable[[Any], bool]) -> Any:
    """Ask until the answer is as wanted."""
    for _ in range(120):
        found = await what()
        if wanted(found):
            return found
        await asyncio.sleep(0.5)
    raise AssertionError(f"it stayed {found}")


async def test_a_mixed_basket_with_one_agency_down_and_one_slow(
    portal: Portal, person: Person
) -> None:
    citizen, auditor = person("citizen"), person("auditor")
    bills, silent = await listed(citizen)
    assert silent == set()
    assert {"traffic-fines", "ewa-bills", "post"} <= set(bills)
    fine, duty = payable(bills["traffic-fines"])[0], bills["post"][0]
    power = max(bills["ewa-bills"], key=lambda bill: Decimal(bill["amountDue"]["amount"]))
    owed = {code: await balance(auditor, code) for code in PAYABLE}
    before = await statistics(citizen)

    # Traffic is out, electricity and water slow: the list names the one and waits for the other.
    portal.command("traffic", "simulate", "--outage")
    portal.command("ewa", "simulate", "--latency-ms", "700")
    shown, silent = await listed(citizen)
    assert silent == {"traffic-fines"}
    assert {"post", "ewa-bills"} <= set(shown)

    # A basket with a bill of the silent one is refused as such, and nothing of it is kept.
    refused = await pay(citizen, [(fine, None), (duty, None)])
    assert [error["code"] for error in refused["errors"]] == ["AGENCY_UNAVAILABLE"]

    # A duty whole and an account in part, in one payment.
    started = await pay(citizen, [(duty, None), (power, "15.000")])
    assert started["errors"] == []
    payment = started["payment"]
    assert len(payment["items"]) == 2
    # While the payer is at the checkout, electricity and water goes down altogether.
    portal.command("ewa", "simulate", "--outage")
    assert await check_out(citizen, payment, "approve") == 200
    await eventually(citizen, payment, status="CAPTURED")
    receipt = (await payment_of(citizen, payment))["receipt"]
    assert receipt["number"].startswith("RCT-")

    # Settled per bill and posted per agency, although one of them cannot be told yet.
    due = Decimal(duty["amountDue"]["amount"])
    now = {code: await balance(auditor, code) - owed[code] for code in PAYABLE}
    assert now["agency.ewa.payable"] == 15
    assert now["agency.post.payable"] + now["agency.customs.payable"] == due
    assert now["agency.traffic.payable"] == 0
    count, amount = await statistics(citizen)
    assert (count - before[0], amount - before[1]) == (2, due + 15)
    await until(lambda: kinds(auditor, "post"), lambda found: "post.paid" in found)
    shown, silent = await listed(citizen)
    assert silent == {"traffic-fines", "ewa-bills"}
    assert duty["id"] not in {bill["id"] for bill in shown.get("post", [])}

    # Both come back by themselves: circuits close, and what was to be told is told once.
    portal.command("ewa", "simulate", "--no-outage", "--latency-ms", "0")
    portal.command("traffic", "simulate", "--no-outage")
    shown, _ = await until(lambda: listed(citizen), lambda found: found[1] == set())
    rest = next(bill for bill in shown["ewa-bills"] if bill["id"] == power["id"])
    assert rest["status"] == "PARTIALLY_PAID"
    assert Decimal(rest["amountDue"]["amount"]) == Decimal(power["amountDue"]["amount"]) - 15
    told = await until(lambda: kinds(auditor, "ewa"), lambda found: "ewa.paid" in found)
    assert told.count("ewa.paid") == 1

    # And the bill that could not be paid then is paid now, with the rest of the account.
    started = await pay(citizen, [(fine, None), (rest, None)])
    assert started["errors"] == []
    await check_out(citizen, started["payment"], "approve")
    await eventually(citizen, started["payment"], status="CAPTURED")
    again = await pay(citizen, [(rest, None)])
    assert [error["code"] for error in again["errors"]] == ["BILL_ALREADY_PAID"]
    await assert_balanced(person("treasurer"))


async def test_a_civil_servants_fee_stands_in_the_same_basket(
    portal: Portal, person: Person
) -> None:
    servant = person("civil-servant")
    given = {
        "kind": "SALARY",
        "language": "AR",
        "purpose": "قرض",
        "idempotencyKey": uuid.uuid4().hex,
    }
    data = await servant.execute(operation("agencies", "RequestCertificate"), {"input": given})
    request = data["civilServiceRequestCertificate"]["request"]
    bills, _ = await listed(servant)
    assert request["bill"]["id"] in {bill["id"] for bill in bills["civil-service"]}
    fee = next(bill for bill in bills["civil-service"] if bill["id"] == request["bill"]["id"])
    started = await pay(servant, [(fee, None)])
    await check_out(servant, started["payment"], "approve")
    await eventually(servant, started["payment"], status="CAPTURED")
    query = """query ($id: ID!) { node(id: $id) { ... on CivilServiceCertificateRequest {
      status certificate { verificationCode } } } }"""
    issued = await until(
        lambda: servant.execute(query, {"id": request["id"]}),
        lambda found: found["node"]["certificate"] is not None,
    )
    code = issued["node"]["certificate"]["verificationCode"]
    anybody = servant.signed_in(None)
    checked = await anybody.execute(operation("agencies", "VerifyCertificate"), {"code": code})
    assert checked["civilServiceVerifyCertificate"]["isValid"]


async def test_200_payers_at_one_bill_pay_it_once(portal: Portal, person: Person) -> None:
    """Everybody who knows the reference may pay a fine: 200 approve it at once."""
    payers = [person("citizen"), person("citizen-2")]
    bills, _ = await listed(payers[0])
    fine = payable(bills["traffic-fines"])[-1]
    before = await statistics(payers[0])
    started = [await pay(payers[n % 2], [(fine, None)]) for n in range(200)]
    payments = [payload["payment"] for payload in started]
    assert all(payments)
    codes = await asyncio.gather(
        *(check_out(payers[n % 2], payment, "approve") for n, payment in enumerate(payments))
    )
    assert set(codes) == {200}
    seen = [
        await eventually(payers[n % 2], payment, status="CAPTURED")
        for n, payment in enumerate(payments)
    ]
    assert sum(found["receipt"] is not None for found in seen) == 1
    assert sum(found["failureReason"] is not None for found in seen) == 199
    count, amount = await statistics(payers[0])
    assert (count - before[0], amount - before[1]) == (1, Decimal(fine["amountDue"]["amount"]))
    treasurer = person("treasurer")
    due = Decimal(fine["amountDue"]["amount"])
    assert await balance(treasurer, "payments.suspense") == 199 * due
    queue = await treasurer.execute("{ refunds(first: 1, statuses: [PROPOSED]) { totalCount } }")
    assert queue["refunds"]["totalCount"] == 199
    await assert_balanced(treasurer)
