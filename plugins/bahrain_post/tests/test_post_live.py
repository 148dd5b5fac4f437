"""A shipment followed over a socket at a running server, moved by letters and by paid duty."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncGenerator, Generator

import aiohttp
import pytest
import pytest_asyncio
from bawaba.testing.client import FrontEnd, GraphQLFailed
from bawaba.testing.fold import fold_holds
from bawaba.testing.process import Portal, serving
from bawaba_bahrain_post.services import demo

FOLLOW = """subscription ($trackingNumber: String!, $after: String) {
  postShipmentUpdated(trackingNumber: $trackingNumber, after: $after) {
    cursor kind shipment { id status events { kind } dutyBill { id status } } } }"""
SHIPMENT = """query ($n: String!) { postShipment(trackingNumber: $n) {
  status dutyBill { id amountDue { amount } } } }"""
PAY = """mutation ($input: StartPaymentInput!) { startPayment(input: $input) {
  payment { id checkoutUrl } errors { code } } }"""


@pytest.fixture(scope="module")
def portal() -> Generator[Portal]:
    with serving() as running:
        yield running


@pytest_asyncio.fixture
async def visitor(portal: Portal) -> AsyncGenerator[FrontEnd]:
    await portal.ready()
    async with aiohttp.ClientSession() as session:
        yield FrontEnd(session, portal.url)


async def test_scans_are_followed_and_the_fold_holds(portal: Portal, visitor: FrontEnd) -> None:
    number = demo.IN_TRANSIT

    async def change() -> int:
        for kind in ("SORTED", "OUT_FOR_DELIVERY", "DELIVERED"):
            said = await asyncio.to_thread(portal.command, "post", "scan", number.lower(), kind)
            assert "new: 1" in said
        return 3

    fold = await fold_holds(visitor, FOLLOW, {"trackingNumber": number}, change)
    assert fold.kinds == ["SNAPSHOT", "SCANNED", "SCANNED", "SCANNED"]
    assert fold.state is not None
    assert fold.state["shipment"]["status"] == "DELIVERED"
    assert len(fold.state["shipment"]["events"]) == 6


async def test_paid_duty_is_followed_to_the_release(portal: Portal, visitor: FrontEnd) -> None:
    citizen = visitor.signed_in(portal.token("citizen"))
    assert (await visitor.execute(SHIPMENT, {"n": demo.HELD}))["postShipment"]["dutyBill"] is None
    bill = (await citizen.execute(SHIPMENT, {"n": demo.HELD}))["postShipment"]["dutyBill"]

    async def change() -> int:
        given = {
            "items": [{"billId": bill["id"]}],
            "expectedTotal": bill["amountDue"]["amount"],
            "channel": "PORTAL",
            "idempotencyKey": uuid.uuid4().hex,
        }
        started = (await citizen.execute(PAY, {"input": given}))["startPayment"]
        assert started["errors"] == []
        url, outcome = started["payment"]["checkoutUrl"], {"outcome": "approve"}
        async with citizen.session.post(url, data=outcome) as page:
            assert page.status == 200
        for _ in range(200):
            shown = (await visitor.execute(SHIPMENT, {"n": demo.HELD.lower()}))["postShipment"]
            if shown["status"] == "RELEASED":
                break
            await asyncio.sleep(2.1)  # within the tries that are allowed
        return 2

    fold = await fold_holds(citizen, FOLLOW, {"trackingNumber": demo.HELD}, change)
    assert fold.kinds == ["SNAPSHOT", "DUTY_PAID", "SCANNED"]
    assert fold.state is not None
    assert fold.state["shipment"]["status"] == "RELEASED"
    assert fold.state["shipment"]["dutyBill"] is None, "everybody who follows it sees the same"
    now = (await citizen.execute(SHIPMENT, {"n": demo.HELD}))["postShipment"]
    assert now["dutyBill"]["amountDue"]["amount"] == "0.000"


@pytest.mark.parametrize(
    ("number", "code"), [("RR473124820SG", "BAD_USER_INPUT"), ("RR000000014BH", "NOT_FOUND")]
)
async def test_what_cannot_be_followed(visitor: FrontEnd, number: str, code: str) -> None:
    variables = {"trackingNumber": number}
    async with visitor.live() as socket, socket.subscribe(FOLLOW, variables) as answers:
        with pytest.raises(GraphQLFailed) as refused:
            await answers.next()
    assert refused.value.codes == [code]
