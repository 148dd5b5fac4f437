"""The live account: a snapshot and its events are what a fresh look shows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from bawaba.correspondence import send_as_agency
from bawaba.db import transaction
from bawaba.graphql import raw_id
from bawaba.payments import Channel, SettledItem
from bawaba.runtime import now
from bawaba.testing.client import GraphQLFailed
from bawaba.testing.clock import FrozenClock
from bawaba.testing.fold import Fold, fold_holds, watching
from bawaba.testing.inside import Inside, serving_inside
from bawaba_payments_ewa import plugin
from bawaba_payments_ewa.gateway import simulator, wire
from bawaba_payments_ewa.models import EwaAccount
from bawaba_payments_ewa.services import bills, demo, dunning

FOLLOW = """subscription ($id: ID!, $after: String) { ewaAccountUpdated(id: $id, after: $after) {
  cursor kind account { number balance { amount } dunning { status since nextStepOn }
    plan { kind } payments(first: 3) { totalCount }
    bills(first: 2) { nodes { reference status amountDue { amount } } } } } }"""
ACCOUNTS = "{ me { ewaAccounts(first: 20) { nodes { id number } } } }"


@pytest.fixture
async def portal(tmp_path: Path) -> AsyncGenerator[Inside]:
    """The whole portal with the demo's data, served from this process."""
    async with serving_inside(tmp_path, FrozenClock()) as here:
        yield here


async def test_following_an_account_equals_looking_afresh(portal: Inside) -> None:
    citizen = portal.person("citizen")
    found = (await citizen.execute(ACCOUNTS))["me"]["ewaAccounts"]["nodes"]
    ids = {node["number"]: node["id"] for node in found}
    number = demo.ARREARS.number

    async def change() -> int:
        """Money elsewhere by letter, a disconnected supply, a payment of everything."""
        with portal.host.unit():
            record = (await simulator.SimulatedRegister().find([number]))[0]
            body = {"accounts": [wire.write_account(record)]}
            body["accounts"][0]["payments"].append(
                {"key": "counter", "fils": 6_000, "paidAt": now().isoformat()}
            )
            await send_as_agency("ewa", "ewa.bills", body, "fold")
            portal.clock.advance(days=6)
            await dunning.advance({})
        await reached("DISCONNECTED")
        with portal.host.unit():
            (view,) = await bills.current_of([raw_id(ids[number], "EwaAccount")])
            item = SettledItem(
                payment_id="p",
                payment_reference="P",
                item_id="i",
                bill_id=view.row["id"],
                bill_reference=view.row["reference"],
                fils=view.due_fils,
                paid_at=now(),
                receipt_number="R",
                channel=Channel.PORTAL,
            )
            async with transaction():
                await plugin.declare_payables()[0].mark_paid([item])
        await reached("CLEAR")
        return 5

    async def reached(state: str) -> None:
        """Wait until the order to the authority was carried out."""
        for _ in range(200):
            with portal.host.unit():
                if (await EwaAccount.get(number=number)).dunning == state:
                    return
            await asyncio.sleep(0.05)
        raise AssertionError(state)

    fold = await fold_holds(citizen, FOLLOW, {"id": ids[number]}, change)
    assert fold.kinds[1:] == ["TOLD", "DUNNING", "DUNNING", "PAID", "DUNNING"]
    assert fold.state is not None
    assert fold.state["account"]["balance"]["amount"] == "0.000"
    assert fold.state["account"]["dunning"]["status"] == "CLEAR"

    stranger = portal.person("citizen-2")
    with pytest.raises(GraphQLFailed):
        async with watching(stranger, FOLLOW, {"id": ids[number]}) as take:
            await take(Fold())
