"""The live account: a snapshot and its events are what a fresh look shows."""

from __future__ import annotations

import dataclasses
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
from bawaba_payments_ewa.domain import Counter
from bawaba_payments_ewa.gateway import simulator, wire
from bawaba_payments_ewa.services import bills, demo

FOLLOW = """subscription ($id: ID!, $after: String) { ewaAccountUpdated(id: $id, after: $after) {
  cursor kind account { number balance { amount } dunning { status since nextStepOn }
    plan { kind } payments(first: 3) { totalCount }
    bills(first: 2) { nodes { reference status amountDue { amount } } } } } }"""
ENROL = """mutation ($id: ID!) {
  ewaEnrolFixed(input: { accountId: $id }) { errors { code } } }"""
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
        """Money elsewhere by letter, a payment of everything here, then fixed billing."""
        with portal.host.unit():
            (record,) = await simulator.SimulatedRegister().find([number])
            paid = Counter("counter", 6_000, now())
            told = dataclasses.replace(record, payments=[*record.payments, paid])
            body = {"accounts": [wire.write_account(told)]}
            await send_as_agency("ewa", "ewa.bills", body, "fold")
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
        answer = await citizen.execute(ENROL, {"id": ids[number]})
        assert answer["ewaEnrolFixed"]["errors"] == []
        return 3

    fold = await fold_holds(citizen, FOLLOW, {"id": ids[number]}, change)
    assert fold.kinds[1:] == ["TOLD", "PAID", "PLAN"]
    assert fold.state is not None
    account = fold.state["account"]
    assert (account["balance"]["amount"], account["dunning"]["status"]) == ("0.000", "CLEAR")
    assert account["plan"]["kind"] == "FIXED"

    stranger = portal.person("citizen-2")
    with pytest.raises(GraphQLFailed):
        async with watching(stranger, FOLLOW, {"id": ids[number]}) as take:
            await take(Fold())
