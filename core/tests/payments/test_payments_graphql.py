"""The front ends' operations, in process."""

from __future__ import annotations

from typing import Any

from bawaba.graphql import global_id
from bawaba.payments import GatewayEventKind
from bawaba.testing.fakes import bill_id
from bawaba.text import Language
from payments_world import TREASURER, World, payer

START = """
mutation StartPayment($input: StartPaymentInput!) {
  startPayment(input: $input) {
    payment {
      id reference status channel amount { amount currency } checkoutUrl expiresAt
      items { bill { id reference } amount { amount currency } }
    }
    errors { __typename code message path }
  }
}"""
PAYMENT = """
query Payment($id: ID!) {
  node(id: $id) {
    ... on Payment {
      id status amount { amount currency } refundedAmount { amount currency } failureReason
      receipt { number issuedAt verificationUrl }
      refunds(first: 5) { totalCount nodes { id status amount { amount } reason payment { id } } }
    }
  }
}"""
REFUND = """
mutation RefundPayment($input: RefundPaymentInput!) {
  refundPayment(input: $input) {
    refund { id status amount { amount currency } }
    payment { id status refundedAmount { amount currency } }
    errors { __typename code message path }
  }
}"""
CANCEL = """
mutation CancelPayment($input: CancelPaymentInput!) {
  cancelPayment(input: $input) { payment { id status } errors { code path } }
}"""
LIVE = """
subscription PaymentUpdated($id: ID!, $after: String) {
  paymentUpdated(id: $id, after: $after) {
    cursor kind payment { id status refundedAmount { amount currency } failureReason receipt { number } }
  }
}"""


def order(*bills: str, total: str, key: str = "k") -> dict[str, Any]:
    return {
        "input": {
            "items": [{"billId": bill_id(raw)} for raw in bills],
            "expectedTotal": total,
            "channel": "MOBILE_APP",
            "idempotencyKey": key,
        }
    }


async def test_start_pay_and_read(world: World) -> None:
    world.payable.add("a", 12_500)
    world.payable.add("b", 500)
    answer = await world.ask(START, order("a", "b", total="13.000"))
    started = answer["data"]["startPayment"]
    assert started["errors"] == []
    payment = started["payment"]
    assert payment["status"] == "PENDING" and payment["amount"] == {
        "amount": "13.000",
        "currency": "BHD",
    }
    assert payment["channel"] == "MOBILE_APP" and payment["checkoutUrl"]
    assert [item["bill"]["id"] for item in payment["items"]] == [bill_id("a"), bill_id("b")]
    assert (await world.ask(START, order("a", "b", total="13.000")))["data"][
        "startPayment"
    ] == started

    raw = next(iter(world.gateway.orders))
    await world.report(GatewayEventKind.CAPTURED, raw)
    await world.settle()
    node = (await world.ask(PAYMENT, {"id": payment["id"]}))["data"]["node"]
    assert node["status"] == "CAPTURED" and node["failureReason"] is None
    assert node["receipt"]["verificationUrl"].startswith("https://pay.example/receipts/RCT-")
    for stranger, sees in ((payer("other"), False), (TREASURER, True)):
        seen = (await world.ask(PAYMENT, {"id": payment["id"]}, by=stranger))["data"]["node"]
        assert (seen is not None) is sees


async def test_refusals_stand_in_the_payload(world: World) -> None:
    world.payable.add("a", 12_500)
    answer = await world.ask(START, order("a", total="1.000"), by=payer(language=Language.AR))
    payload = answer["data"]["startPayment"]
    assert "errors" not in answer and payload["payment"] is None
    [error] = payload["errors"]
    assert (error["code"], error["path"]) == ("PAYMENT_TOTAL_CHANGED", ["expectedTotal"])
    assert "12.500" in error["message"] and "الإجمالي" in error["message"]
    answer = await world.ask(START, order("a", total="12.5001", key="k2"))
    assert [e["code"] for e in answer["data"]["startPayment"]["errors"]] == ["AMOUNT_INVALID"]


async def test_cancel_and_my_payments(world: World) -> None:
    world.payable.add("a", 1_000)
    first, second = await world.start("a"), await world.start("a")
    wish = {"input": {"paymentId": global_id("Payment", first), "idempotencyKey": "c"}}
    assert (await world.ask(CANCEL, wish))["data"]["cancelPayment"]["payment"][
        "status"
    ] == "CANCELLED"
    rows = await payments_of(world, first=1)
    assert rows["totalCount"] == 2 and rows["pageInfo"]["hasNextPage"]
    more = await payments_of(world, first=5, after=rows["pageInfo"]["endCursor"])
    assert {node["id"] for node in rows["nodes"] + more["nodes"]} == {
        global_id("Payment", first),
        global_id("Payment", second),
    }


async def payments_of(world: World, first: int, after: str | None = None) -> Any:
    from bawaba.host.payments.graphql.types import Payment
    from bawaba.host.payments.services import reading

    with world.unit():
        page = await reading.payments_of("payer", first, after)
        nodes = [Payment.of(row) for row in page.rows]
        return {
            "totalCount": await page.total(),  # type: ignore[operator]
            "pageInfo": {"hasNextPage": page.has_next, "endCursor": page.cursors[-1]},
            "nodes": [{"id": node.id} for node in nodes],
        }


async def test_refund_by_the_treasurer(world: World) -> None:
    world.payable.add("a", 1_000)
    payment_id = await world.captured("a")
    wish = {
        "paymentId": global_id("Payment", payment_id),
        "items": [{"billId": bill_id("a"), "amount": "0.400"}],
        "reason": "paid in error",
        "idempotencyKey": "r",
    }
    payload = (await world.ask(REFUND, {"input": wish}, by=TREASURER))["data"]["refundPayment"]
    assert (
        payload["refund"]["status"] == "REQUESTED"
        and payload["refund"]["amount"]["amount"] == "0.400"
    )
    assert payload["payment"]["refundedAmount"]["amount"] == "0.000"
    refused = await world.ask(REFUND, {"input": {**wish, "idempotencyKey": "r2"}})
    assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    node = (await world.ask(PAYMENT, {"id": wish["paymentId"]}))["data"]["node"]
    assert node["refunds"]["totalCount"] == 1
    assert node["refunds"]["nodes"][0]["reason"] == "paid in error"
    listed = await world.ask(
        "{ refunds(first: 5, statuses: [REQUESTED]) { totalCount nodes { id } } }", by=TREASURER
    )
    assert listed["data"]["refunds"]["totalCount"] == 1
