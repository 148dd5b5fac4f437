"""What the directorate is told: one letter for each notice, counted once."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from bawaba import db
from bawaba.errors import AgencyUnavailable
from bawaba.graphql import raw_id
from bawaba_payments_traffic.domain import CancelledNotice, PaidNotice, ReversedNotice
from bawaba_payments_traffic.gateway import TrafficSettings, letters, simulator, wire


def paid(portal: Any, item: str = "i1", reference: str = "TF-1") -> PaidNotice:
    return PaidNotice(item, reference, f"R-{item}", 25_000, portal.at, "PORTAL")


async def noted() -> list[str]:
    rows = await db.fetch("SELECT key FROM traffic_sim_notice ORDER BY key")
    return [row["key"] for row in rows]


async def test_each_notice_is_a_letter_of_its_own(portal: Any) -> None:
    back = ReversedNotice("r1", "i1", "TF-1", 25_000, True, portal.at)
    gone = CancelledNotice("o1", "TF-2", portal.at)
    for _ in range(2):
        await letters.tell_paid([paid(portal), paid(portal, "i2", "TF-2")])
        await letters.tell_reversed([back])
        await letters.tell_cancelled(gone)
    sent = portal.correspondence.letters
    assert [(letter.agency, letter.kind, letter.key) for letter in sent] == [
        ("traffic", "traffic.paid", "paid:i1"),
        ("traffic", "traffic.paid", "paid:i2"),
        ("traffic", "traffic.reversed", "reversed:r1:i1"),
        ("traffic", "traffic.cancelled", "cancelled:o1"),
    ]
    assert sent[0].body == wire.write_paid(paid(portal))
    assert await noted() == ["cancelled:o1", "paid:i1", "paid:i2", "reversed:r1:i1", "undone:i1"]
    rows = await db.fetch("SELECT reference, status FROM traffic_sim_fine ORDER BY reference")
    assert [row["status"] for row in rows] == ["UNPAID", "CANCELLED"]


async def test_a_part_given_back_leaves_the_register_at_paid(portal: Any) -> None:
    await letters.tell_paid([paid(portal)])
    await letters.tell_reversed([ReversedNotice("r1", "i1", "TF-1", 5, False, portal.at)])
    rows = await db.fetch("SELECT status FROM traffic_sim_fine WHERE reference = 'TF-1'")
    assert rows[0]["status"] == "PAID"


async def test_what_was_taken_before_an_outage_is_not_told_again(portal: Any) -> None:
    id_ = raw_id((await portal.look_up("TF-1"))["id"], "TrafficFine")
    await portal.settle(portal.item(id_))
    await simulator.SIMULATION.simulate(outage=True)
    with pytest.raises(AgencyUnavailable):
        await portal.payable.deliver([portal.item(id_)])
    assert (portal.correspondence.letters, await noted()) == ([], [])
    await simulator.SIMULATION.simulate(outage=False)
    await portal.payable.deliver([portal.item(id_)])
    assert await noted() == ["paid:i1"]


async def test_beside_a_real_register_the_simulated_desk_takes_nothing(portal: Any) -> None:
    portal.settings = TrafficSettings(directorate_url="https://register.example")
    with pytest.raises(AgencyUnavailable, match="address for letters"):
        await letters.tell_paid([paid(portal)])
    assert await noted() == []
    other = dataclasses.replace(paid(portal), fils=1)
    portal.settings = TrafficSettings()
    await letters.tell_paid([paid(portal)])
    with pytest.raises(ValueError, match="another"):
        await letters.tell_paid([other])
