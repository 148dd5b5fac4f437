"""Post boxes over the year: due, in grace, closed; renewed from the old last day; undone."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any

import pytest
from bawaba import db
from bawaba.ledger import Side
from bawaba_bahrain_post.services import boxes, payable
from post_world import CITIZEN, Post

MINE = """{ me { postBoxes(first: 10) { nodes { id number office status expiresOn
  renewalBill { id status amountDue { amount currency } notPayableReason } } } } }"""


def entry(number: str, expires: dt.date, **changed: Any) -> dict[str, Any]:
    return {
        "office": "MANAMA",
        "number": number,
        "size": "SMALL",
        "holderNationalId": CITIZEN,
        "expiresOn": expires.isoformat(),
    } | changed


async def let(post: Post, number: str, days: int) -> dt.date:
    """Have the post let a box that is paid for some more days; return the last of them."""
    expires = post.today() + dt.timedelta(days=days)
    reply = await post.raw_letter("post.boxes", {"boxes": [entry(number, expires)]})
    assert reply == {"new": 1, "refused": []}
    return expires


async def passing(post: Post, days: int) -> None:
    post.clock.advance(days=days)
    for _ in range(2):
        await post.run(boxes.advance, {})


async def shown(post: Post, number: str) -> Any:
    data = await post.look(MINE, "citizen")
    return next(box for box in data["me"]["postBoxes"]["nodes"] if box["number"] == number)


async def test_a_year_of_a_box_that_is_not_renewed(post: Post) -> None:
    await shown_once(post)
    expires = await let(post, "7001", 40)
    found = await shown(post, "7001")
    assert (found["status"], found["renewalBill"]) == ("ACTIVE", None)
    assert (found["expiresOn"], found["office"]) == (expires.isoformat(), "Manama Central")
    await passing(post, 10)
    found = await shown(post, "7001")
    assert found["status"] == "DUE"
    assert found["renewalBill"]["amountDue"] == {"amount": "20.000", "currency": "BHD"}
    await passing(post, 31)
    found = await shown(post, "7001")
    assert found["status"] == "GRACE"
    assert found["renewalBill"]["amountDue"]["amount"] == "25.000"
    await passing(post, 31)
    found = await shown(post, "7001")
    assert (found["status"], found["renewalBill"]) == ("CLOSED", None)
    box = await post.box("7001")
    (payload,) = [p for p in await post.jobs(boxes.TELL_CLOSED) if p["boxId"] == box.id]
    await post.run(boxes.tell_closed, payload)
    assert post.mail.sent[-1].body["number"] == "7001"
    told = await post.notices("post.box")
    assert told.count(f"post.box_grace:{box.id}:{expires}") == 1
    assert told.count(f"post.box_closed:{box.id}") == 1


async def shown_once(post: Post) -> None:
    """Let the citizen be known, so that there is somebody to tell."""
    await post.look(MINE, "citizen")


async def test_paid_in_grace_it_is_renewed_from_the_old_last_day(post: Post) -> None:
    expires = await let(post, "7002", 5)
    await passing(post, 25)
    bill = await post.open_bill("7002")
    assert bill is not None
    item = post.item(bill, fils=25_000)
    for _ in range(2):
        await post.settle(item)
    box = await post.box("7002")
    assert box.expires_on == boxes.boxes.year_later(expires)
    assert (box.status, await post.open_bill("7002")) == ("ACTIVE", None)
    (posting,) = post.payable.postings(item)
    assert (posting.account, posting.side, posting.fils) == (
        "agency.post.payable", Side.CREDIT, 25_000,
    )  # fmt: skip
    await post.run(post.payable.deliver, [item])
    assert post.mail.kinds() == ["post.paid"]
    assert post.mail.sent[0].body["expiresOn"] == box.expires_on.isoformat()
    await passing(post, 365 - 25 - 30 + 5)
    assert (await post.box("7002")).status == "DUE", "the next year's turn"


async def test_a_closed_box_cannot_be_renewed(post: Post) -> None:
    await let(post, "7003", 5)
    bill = await post.open_bill("7003")
    assert bill is not None
    post.clock.advance(days=36)
    priced = (await post.run(post.payable.find, [bill.id], post.clock.now()))[bill.id]
    assert priced.due_fils == 0
    assert "cannot be renewed" in priced.not_payable.en, "said even before the job has run"
    await post.settle(post.item(bill, 1))
    await passing(post, 1)
    await post.settle(post.item(bill, 2))
    assert len(await post.jobs(payable.GIVE_BACK)) == 2
    box = await post.box("7003")
    assert (box.status, await post.open_bill("7003")) == ("CLOSED", None)


async def test_money_captured_on_the_last_day_of_grace_renews_though_it_arrives_the_day_after(
    post: Post,
) -> None:
    expires = await let(post, "7013", 5)
    bill = await post.open_bill("7013")
    assert bill is not None
    post.clock.advance(days=35)
    item = post.item(bill)
    await passing(post, 1)
    await post.settle(item)
    box = await post.box("7013")
    assert (box.status, box.expires_on) == ("ACTIVE", boxes.boxes.year_later(expires))
    assert await post.jobs(payable.GIVE_BACK) == []


async def test_a_closed_box_may_be_let_again_and_a_let_one_not(post: Post) -> None:
    await let(post, "7004", -40)
    old = await post.box("7004")
    assert old.status == "CLOSED"
    expires = await let(post, "7004", 300)
    again = [entry("7004", expires + dt.timedelta(days=1), holderNationalId="1")] * 2
    assert (await post.raw_letter("post.boxes", {"boxes": again}))["new"] == 0
    new = await post.box("7004")
    assert (new.id != old.id, new.status, new.expires_on) == (True, "ACTIVE", expires)


async def test_letters_at_once_let_a_box_once(post: Post) -> None:
    expires = post.today() + dt.timedelta(days=5)
    body = {"boxes": [entry("7005", expires)]}
    replies = await asyncio.gather(*(post.raw_letter("post.boxes", body) for _ in range(4)))
    assert sum(reply["new"] for reply in replies) == 1
    assert await post.open_bill("7005") is not None


async def test_what_no_tariff_speaks_of_is_refused(post: Post) -> None:
    expires = post.today()
    wrong = [
        entry("1", expires, size="HUGE"),
        entry("2", expires, expiresOn="1999-01-01"),
        entry("3", expires, office="ATLANTIS"),
        entry("4", expires, expiresOn="9999-12-31"),
        {"number": "5"},
    ]
    reply = await post.raw_letter("post.boxes", {"boxes": wrong})
    assert reply["new"] == 0
    reasons = sorted(each["reason"] for each in reply["refused"])
    assert reasons == ["MALFORMED", "MALFORMED", "OFFICE", "TERMS", "TERMS"]


async def test_undoing_a_renewal_takes_the_year_away_and_the_bill_is_owed(post: Post) -> None:
    expires = await let(post, "7006", 5)
    bill = await post.open_bill("7006")
    assert bill is not None
    item = post.item(bill)
    await post.settle(item)
    assert (await post.box("7006")).status == "ACTIVE"
    post.clock.advance(days=10)
    done = await post.undo(item)
    box, owed = await post.box("7006"), await post.open_bill("7006")
    assert owed is not None
    assert (box.status, box.expires_on, owed.id) == ("GRACE", expires, bill.id)
    priced = (await post.run(post.payable.find, [bill.id], post.clock.now()))[bill.id]
    assert priced.due_fils == 25_000, "late by now"
    await post.run(post.payable.deliver_reversal, [done])
    assert post.mail.sent[-1].body["expiresOn"] == expires.isoformat()
    await post.settle(post.item(bill, 2, fils=25_000))
    assert (await post.box("7006")).expires_on == boxes.boxes.year_later(expires)


async def test_undone_too_late_the_box_closes(post: Post) -> None:
    await let(post, "7007", 5)
    bill = await post.open_bill("7007")
    assert bill is not None
    item = post.item(bill)
    await post.settle(item)
    post.clock.advance(days=100)
    await post.undo(item)
    box = await post.box("7007")
    assert (box.status, await post.open_bill("7007")) == ("CLOSED", None)


async def test_undoing_an_earlier_year_withdraws_the_open_bill_of_the_next(post: Post) -> None:
    expires = await let(post, "7008", 5)
    first = await post.open_bill("7008")
    assert first is not None
    item = post.item(first)
    await post.settle(item)
    await passing(post, 345)
    second = await post.open_bill("7008")
    assert second is not None
    assert second.id != first.id
    await post.undo(item)
    box = await post.box("7008")
    assert (box.status, box.expires_on) == ("CLOSED", expires)
    assert await post.open_bill("7008") is None


async def test_who_signs_in_later_is_told_of_what_is_due_once(post: Post) -> None:
    await let(post, "7009", 5)
    bill = await post.open_bill("7009")
    assert bill is not None
    key = f"post.box_due:{bill.id}"
    assert key not in await post.notices("post.box_due")
    for _ in range(2):
        await shown_once(post)
    assert (await post.notices("post.box_due")).count(key) == 1


async def test_boxes_are_shown_to_their_holder_and_the_desk(post: Post) -> None:
    await let(post, "7010", 100)
    found = await shown(post, "7010")
    node = "query ($id: ID!) { node(id: $id) { id } }"
    seen = {
        who: (await post.look(node, who, id=found["id"]))["node"]
        for who in ("citizen", "citizen-2", "post-officer", None)
    }
    mine = {"id": found["id"]}
    assert seen == {"citizen": mine, "citizen-2": None, "post-officer": mine, None: None}
    others = await post.look(MINE, "citizen-2")
    numbers = [box["number"] for box in others["me"]["postBoxes"]["nodes"]]
    assert numbers == ["2210"]
    assert (await post.look(MINE))["me"] is None


async def test_a_gap_in_the_tariffs_does_not_stop_the_other_boxes(post: Post) -> None:
    for number in ("7011", "7012", "7013"):
        await let(post, number, 40)
    with post.host.unit():
        await db.execute("UPDATE post_box SET size = 'GONE' WHERE number = '7012'")
    post.clock.advance(days=10)
    with pytest.raises(LookupError, match="GONE"):
        await post.run(boxes.advance, {})
    found = {number: (await post.box(number)).status for number in ("7011", "7012", "7013")}
    assert found == {"7011": "DUE", "7012": "ACTIVE", "7013": "DUE"}
