"""The front ends' operations, in process."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import AsyncGenerator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import orjson
import pytest
from bawaba.graphql import global_id
from bawaba.host.payments.desk import Deadlines
from bawaba.host.schema.engine import Rejected
from bawaba.host.streams.stream import open_stream
from bawaba.payments import BillStatus, GatewayEventKind
from bawaba.testing.fakes import FakePayable, FakePlugin, bill_id
from bawaba.text import Language, Text
from bawaba.viewer import Viewer
from payments_world import TREASURER, World, opened, payer

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
    cursor kind
    payment { id status refundedAmount { amount currency } failureReason receipt { number } }
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
    assert payment["status"] == "PENDING"
    assert payment["amount"] == {
        "amount": "13.000",
        "currency": "BHD",
    }
    assert payment["channel"] == "MOBILE_APP"
    assert payment["checkoutUrl"]
    assert [item["bill"]["id"] for item in payment["items"]] == [bill_id("a"), bill_id("b")]
    assert (await world.ask(START, order("a", "b", total="13.000")))["data"][
        "startPayment"
    ] == started

    raw = next(iter(world.gateway.orders))
    await world.report(GatewayEventKind.CAPTURED, raw)
    await world.settle()
    node = (await world.ask(PAYMENT, {"id": payment["id"]}))["data"]["node"]
    assert node["status"] == "CAPTURED"
    assert node["failureReason"] is None
    assert node["receipt"]["verificationUrl"].startswith("https://pay.example/receipts/RCT-")
    for stranger, sees in ((payer("other"), False), (TREASURER, True)):
        seen = (await world.ask(PAYMENT, {"id": payment["id"]}, by=stranger))["data"]["node"]
        assert (seen is not None) is sees


async def test_refusals_stand_in_the_payload(world: World) -> None:
    world.payable.add("a", 12_500)
    answer = await world.ask(START, order("a", total="1.000"), by=payer(language=Language.AR))
    payload = answer["data"]["startPayment"]
    assert "errors" not in answer
    assert payload["payment"] is None
    [error] = payload["errors"]
    assert (error["code"], error["path"]) == ("PAYMENT_TOTAL_CHANGED", ["expectedTotal"])
    assert "12.500" in error["message"]
    assert "الإجمالي" in error["message"]
    answer = await world.ask(START, order("a", total="12.5001", key="k2"))
    assert [e["code"] for e in answer["data"]["startPayment"]["errors"]] == ["AMOUNT_INVALID"]


async def test_cancel_and_my_payments(world: World) -> None:
    world.payable.add("a", 1_000)
    first, second = await world.start("a"), await world.start("a")
    wish = {"input": {"paymentId": global_id("Payment", first), "idempotencyKey": "c"}}
    assert (await world.ask(CANCEL, wish))["data"]["cancelPayment"]["payment"][
        "status"
    ] == "CANCELLED"
    query = """query($first: Int!, $after: String) { me { payments(first: $first, after: $after) {
      totalCount pageInfo { hasNextPage endCursor } nodes { id createdAt } } } }"""
    rows = (await world.ask(query, {"first": 1}))["data"]["me"]["payments"]
    assert rows["totalCount"] == 2
    assert rows["pageInfo"]["hasNextPage"]
    next_page = {"first": 5, "after": rows["pageInfo"]["endCursor"]}
    more = (await world.ask(query, next_page))["data"]["me"]["payments"]
    assert [node["id"] for node in rows["nodes"] + more["nodes"]] == [
        global_id("Payment", second),
        global_id("Payment", first),
    ]


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
    assert payload["refund"]["status"] == "REQUESTED"
    assert payload["refund"]["amount"]["amount"] == "0.400"
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


BILLS = """
query MyBills($first: Int!, $after: String) {
  me {
    bills(first: $first, after: $after, statuses: [UNPAID, PARTIALLY_PAID]) {
      totalCount totalDue { amount currency } pageInfo { hasNextPage endCursor }
      nodes {
        __typename id reference description status service { code } amountDue { amount } dueOn
        minimumPayment { amount } maximumPayment { amount } priceExplanation notPayableReason
      }
      unavailableServices { code }
    }
  }
}"""


async def my_bills(world: World, **variables: Any) -> Any:
    answer = await world.ask(BILLS, {"first": 10, **variables})
    assert "errors" not in answer
    return answer["data"]["me"]["bills"]


async def test_my_bills_over_all_services(world: World) -> None:
    add = world.payable.add
    add("late", 1_000, owner="N-payer", due_on=dt.date(2026, 9, 1))
    add("soon", 2_000, owner="N-payer", due_on=dt.date(2026, 4, 1), due_fils=500)
    add("paid", 4_000, owner="N-payer", status=BillStatus.PAID)
    add("other", 8_000, owner="N-other")
    bills = await my_bills(world, first=1)
    assert bills["totalCount"] == 2
    assert bills["totalDue"] == {"amount": "1.500", "currency": "BHD"}
    assert [node["id"] for node in bills["nodes"]] == [bill_id("soon")]
    assert bills["nodes"][0]["service"] == {"code": "fake-bills"}
    rest = await my_bills(world, after=bills["pageInfo"]["endCursor"])
    assert [node["id"] for node in rest["nodes"]] == [bill_id("late")]
    assert not rest["pageInfo"]["hasNextPage"]


async def test_any_bill_says_why_it_costs_so_much_or_cannot_be_paid(world: World) -> None:
    """Without naming the type of an agency's bill."""
    closed = Text("It goes to court.", "تُحال إلى المحكمة.")
    world.payable.add("whole", 1_000, owner="N-payer")
    world.payable.add("parts", 2_000, owner="N-payer", least_fils=500, most_fils=9_000)
    world.payable.add("closed", 3_000, owner="N-payer", not_payable=closed, least_fils=500)
    nodes = {node["id"]: node for node in (await my_bills(world))["nodes"]}
    whole, parts, shut = (nodes[bill_id(raw)] for raw in ("whole", "parts", "closed"))
    assert (whole["priceExplanation"], whole["notPayableReason"]) == ("The full amount.", None)
    assert (parts["minimumPayment"]["amount"], parts["maximumPayment"]["amount"]) == (
        "0.500",
        "9.000",
    )
    assert (shut["notPayableReason"], shut["minimumPayment"]) == (closed.en, None)
    arabic = await world.ask(BILLS, {"first": 10}, by=payer("payer", language=Language.AR))
    said = {node["id"]: node for node in arabic["data"]["me"]["bills"]["nodes"]}
    assert said[bill_id("closed")]["notPayableReason"] == closed.ar
    assert said[bill_id("whole")]["description"] == "فاتورة whole"


async def test_slow_and_broken_services_hide_nothing_of_the_others(
    payments_url: str, tmp_path: Path
) -> None:
    slow, broken = (
        FakePayable("slow-bills", "FakeSlowBill"),
        FakePayable("broken-bills", "FakeBadBill"),
    )
    slow.delay, broken.owed = 30, {"N-payer": ["missing"]}
    async with opened(payments_url, tmp_path, FakePlugin([FakePayable(), slow, broken])) as world:
        world.host.runtime.payments.deadlines = Deadlines(bills=0.2)
        world.payable.add("a", 1_000, owner="N-payer")
        begun = time.monotonic()
        bills = await my_bills(world)
        assert time.monotonic() - begun < 5
        assert [node["id"] for node in bills["nodes"]] == [bill_id("a")]
        silent = [service["code"] for service in bills["unavailableServices"]]
        assert silent == ["slow-bills", "broken-bills"]


async def test_my_payments_and_only_mine(world: World) -> None:
    world.payable.add("a", 1_000)
    payment_id = await world.start("a")
    query = "{ me { payments(first: 5) { totalCount nodes { id items { bill { id } } } } } }"
    mine = (await world.ask(query))["data"]["me"]["payments"]
    assert mine["nodes"] == [
        {"id": global_id("Payment", payment_id), "items": [{"bill": {"id": bill_id("a")}}]}
    ]
    theirs = (await world.ask(query, by=payer("other")))["data"]["me"]["payments"]
    assert theirs == {"totalCount": 0, "nodes": []}


async def test_following_a_payment_live(world: World) -> None:
    world.payable.add("a", 1_000)
    payment_id = await world.start("a")
    followed = {"id": global_id("Payment", payment_id)}
    await world.host.parts.live.start()
    try:
        stream = follow(world, followed)
        first = await asyncio.wait_for(anext(stream), 5)
        assert (first["kind"], first["payment"]["status"]) == ("SNAPSHOT", "PENDING")
        await world.report(GatewayEventKind.CAPTURED, payment_id)
        await world.settle()
        second = await asyncio.wait_for(anext(stream), 5)
        assert (second["kind"], second["payment"]["status"]) == ("CAPTURED", "CAPTURED")
        assert second["payment"]["receipt"]["number"]
        await stream.aclose()
        missed = follow(world, {**followed, "after": first["cursor"]})
        again = await asyncio.wait_for(anext(missed), 5)
        assert (again["kind"], again["cursor"]) == ("CAPTURED", second["cursor"])
        await missed.aclose()
        with pytest.raises(AssertionError, match="FORBIDDEN"):
            await anext(follow(world, followed, by=payer("other")))
    finally:
        await world.host.parts.live.stop()


class Reader:
    """A connection that takes everything at once."""

    ready = True

    def __init__(self, viewer: Viewer) -> None:
        self.seat = SimpleNamespace(viewer=viewer, stale=0)
        self.queue: asyncio.Queue[Any] = asyncio.Queue()

    def write(self, frame: Any) -> None:
        self.queue.put_nowait(orjson.loads(frame.payload))

    def finish(self, errors: list[Any]) -> None:
        self.queue.put_nowait({"errors": errors})

    lost = cut = finish


async def follow(
    world: World, variables: dict[str, Any], by: Viewer | None = None
) -> AsyncGenerator[Any]:
    reader, engine = Reader(by or payer()), world.host.engine
    with world.unit():
        prepared = engine.prepare(LIVE, None, reader.seat.viewer.language)
        try:
            stream = await open_stream(engine, prepared, variables, reader.seat.viewer)
        except Rejected as rejected:
            raise AssertionError(str(rejected.answer)) from None
    broadcast = world.host.parts.broadcasts.join(stream, reader)
    try:
        while True:
            answer = await reader.queue.get()
            assert "errors" not in answer, str(answer)
            yield answer["data"]["paymentUpdated"]
    finally:
        broadcast.leave(reader)


async def test_an_operator_mends_and_retries_a_message_that_could_not_be_booked(
    world: World,
) -> None:
    world.payable.add("a", 1_000)
    missing = world.ledger.accounts.pop("gateway.fake.clearing")
    payment_id = await world.captured("a")
    for _ in range(6):
        world.clock.move(minutes=5)
        await world.settle()
    query = "{ gatewayAlarms(first: 5) { nodes { id event inAlarm note payment { id } } } }"
    [message] = (await world.ask(query, by=TREASURER))["data"]["gatewayAlarms"]["nodes"]
    assert (message["event"], message["inAlarm"]) == ("CAPTURED", True)
    assert "UNKNOWN_ACCOUNT" in message["note"]
    world.ledger.accounts[missing.code] = missing
    retry = """mutation($input: RetryGatewayMessageInput!) {
      retryGatewayMessage(input: $input) { message { inAlarm } errors { code } } }"""
    wish = {"input": {"messageId": message["id"]}}
    answer = await world.ask(retry, wish, by=TREASURER)
    assert answer["data"]["retryGatewayMessage"] == {"message": {"inAlarm": False}, "errors": []}
    await world.settle()
    assert (await world.payment(payment_id)).status == "CAPTURED"
    again = await world.ask(retry, wish, by=TREASURER)
    codes = [error["code"] for error in again["data"]["retryGatewayMessage"]["errors"]]
    assert codes == ["GATEWAY_MESSAGE_NOT_IN_ALARM"]
