"""Letters of scans: duplicated, shuffled, at once, unreadable."""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools
from typing import Any

import pytest
from bawaba import db
from bawaba_bahrain_post.domain import MAX_EVENTS
from bawaba_bahrain_post.models import PostScan, PostShipment
from bawaba_bahrain_post.rules.letters import MOST, write_scan
from bawaba_bahrain_post.services import shipments
from post_world import AIRPORT, K, Post, number, scan

MINUTE = dt.timedelta(minutes=1)


def journey(post: Post, tracking: str) -> list[Any]:
    start = post.clock.now() - dt.timedelta(days=1)
    kinds = [K.ACCEPTED, K.DEPARTED, K.ARRIVED, K.SORTED, K.OUT_FOR_DELIVERY, K.DELIVERED]
    return [scan(tracking, kind, start + n * MINUTE) for n, kind in enumerate(kinds)]


async def test_a_letter_tells_of_several_shipments_and_counts_once(post: Post) -> None:
    one, two = number(), number()
    scans = [*journey(post, one)[:4], *journey(post, two)[:1]]
    assert await post.letter(scans) == {"new": 5, "refused": []}
    assert await post.letter(scans) == {"new": 0, "refused": []}
    assert (await post.shipment(one))["status"] == "IN_TRANSIT"
    assert [e["kind"] for e in (await post.shipment(one))["events"]] == [
        "SORTED", "ARRIVED", "DEPARTED", "ACCEPTED",
    ]  # fmt: skip
    assert await post.events(one) == await post.events(two) == ["SCANNED"]


async def test_every_order_of_letters_leads_to_the_same(post: Post) -> None:
    ends = set()
    for order in itertools.islice(itertools.permutations(range(4)), 0, 24, 5):
        tracking = number()
        way = [journey(post, tracking)[n] for n in (0, 3, 4, 5)]
        for index in order:
            await post.letter([way[index], way[0]])
        shown = await post.shipment(tracking)
        ends.add((shown["status"], tuple(e["kind"] for e in shown["events"])))
    assert ends == {("DELIVERED", ("DELIVERED", "OUT_FOR_DELIVERY", "SORTED", "ACCEPTED"))}


async def test_a_late_scan_does_not_move_a_delivered_shipment(post: Post) -> None:
    tracking = number()
    way = journey(post, tracking)
    await post.letter([way[-1]])
    late = scan(tracking, K.RETURNED, post.clock.now())
    assert (await post.letter([*way[:3], late]))["new"] == 4
    shown = await post.shipment(tracking)
    assert shown["status"] == "DELIVERED"
    assert len(shown["events"]) == 5
    assert await post.events(tracking) == ["SCANNED", "SCANNED"]


@pytest.mark.parametrize("known", [False, True])
async def test_letters_at_once_store_each_scan_once(
    post: Post, known: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = shipments.scans_of

    async def slowly(ids: Any) -> Any:
        found = await read(ids)
        await asyncio.sleep(0.05)  # time for the others to read the same, unless they must wait
        return found

    monkeypatch.setattr(shipments, "scans_of", slowly)
    one, two = sorted((number(), number()))
    there = [*journey(post, one), *journey(post, two)]
    back = [*journey(post, two)[::-1], *journey(post, one)[::-1]]
    if known:
        await post.letter([there[0], back[-1], back[5]])
    replies = await asyncio.gather(*(post.letter(letter) for letter in (there, back) * 3))
    assert sum(reply["new"] for reply in replies) == len(there) - 2 * known
    assert (await post.scans(one), await post.scans(two)) == (6, 6)
    assert await post.events(one) == ["SCANNED"] * (1 + known)
    assert (await post.shipment(two))["status"] == "DELIVERED"


async def test_what_is_unreadable_is_refused_and_the_rest_is_taken(post: Post) -> None:
    tracking = number()
    good = write_scan(journey(post, tracking)[0])
    bad = [
        None,
        {},
        {**good, "trackingNumber": "RR473124820GB"},
        {**good, "kind": "LOST"},
        {**good, "at": "yesterday"},
        {**good, "at": "2026-05-10T09:00:00"},
        {**good, "place": {"en": "x" * 81, "ar": "x"}},
        {**good, "place": {"en": "a\x00b", "ar": "x"}},
        {**good, "at": (post.clock.now() + dt.timedelta(hours=1)).isoformat()},
    ]
    reply = await post.raw_letter("post.scans", {"scans": [*bad, good]})
    assert reply["new"] == 1
    reasons = [each["reason"] for each in reply["refused"]]
    assert reasons == ["MALFORMED"] * 2 + ["TRACKING_NUMBER"] + ["MALFORMED"] * 5 + ["FUTURE"]
    assert [each["index"] for each in reply["refused"]] == list(range(9))
    assert (await post.raw_letter("post.scans", {"scans": "x"}))["new"] == 0
    other = {"trackingNumber": number(), "scans": [good]}
    wrong = await post.raw_letter("post.scans", {"consignments": [other, 7]})
    assert [each["reason"] for each in wrong["refused"]] == ["MALFORMED"] * 2


async def test_a_letter_is_bounded_and_so_are_a_shipments_scans(post: Post) -> None:
    tracking = number()
    start = post.clock.now() - dt.timedelta(days=2)
    many = [scan(tracking, K.SORTED, start + n * MINUTE) for n in range(MOST + 3)]
    reply = await post.letter(many)
    reasons = [each["reason"] for each in reply["refused"]]
    assert reasons.count("TOO_LONG") == 3
    assert reply["new"] + reasons.count("TOO_MANY") == MOST
    done = await post.letter([scan(tracking, K.DELIVERED, start)])
    assert done["new"] == 1
    shown = await post.shipment(tracking)
    assert shown["status"] == "DELIVERED"
    times = [event["at"] for event in shown["events"]]
    assert len(times) == MAX_EVENTS
    assert times == sorted(times, reverse=True), "the newest ones"
    page = """{ me { postShipments(first: 50) { nodes { id trackingNumber status
      events { at kind location description } dutyBill { id amountDue { amount } } } } } }"""
    assert not isinstance(await post.look(page, "citizen"), list), "a list may show them all"


async def test_scans_never_change(post: Post) -> None:
    tracking = number()
    await post.letter(journey(post, tracking))
    with post.host.unit():
        for statement in ("UPDATE post_scan SET kind = 'SORTED'", "DELETE FROM post_scan"):
            with pytest.raises(Exception, match="append"):
                await db.execute(statement)
        row = await PostShipment.get(tracking_number=tracking)
        kept = await PostScan.filter(shipment_id=row.id).first()
        assert kept is not None
        with pytest.raises(db.IntegrityError):
            await PostScan.create(
                id="again",
                shipment_id=row.id,
                kind=kept.kind,
                occurred_at=kept.occurred_at,
                place_en=kept.place_en,
                place_ar="x",
                taken_at=post.clock.now(),
            )


async def test_the_agencys_own_words_are_shown_in_both_languages(post: Post) -> None:
    tracking = number()
    body = write_scan(scan(tracking, K.READY_FOR_COLLECTION, post.clock.now(), AIRPORT))
    body["note"] = {"en": "Shelf 12", "ar": "الرف 12"}
    await post.raw_letter("post.scans", {"scans": [body]})
    (event,) = (await post.shipment(tracking, "post-officer"))["events"]
    assert (event["location"], event["description"]) == ("Air mail centre", "Shelf 12")


async def test_the_recipient_is_told_of_delivery_once(post: Post) -> None:
    await post.look("{ me { postShipments(first: 1) { totalCount } } }", "citizen")
    tracking = number()
    about = {
        "trackingNumber": tracking,
        "recipient": {"nationalId": "880514237", "name": {"en": "M", "ar": "م"}},
    }
    for _ in range(2):
        await post.letter(journey(post, tracking), consignments=[about])
    row = await post.row(tracking)
    assert await post.notices("post.delivered") == [f"post.delivered:{row.id}"]
