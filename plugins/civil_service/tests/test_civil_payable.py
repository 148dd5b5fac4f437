"""Fees in the basket: priced, settled once, given back, told to the bureau. On both databases."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from bawaba import db
from bawaba.errors import AgencyUnavailable
from bawaba.ledger import Side
from bawaba.payments import BillStatus
from bawaba.viewer import ANONYMOUS
from bawaba_civil_service.models import CivilRequest
from civil_world import UNKNOWN, raw


async def bill(bureau: Any, request: Any) -> Any:
    with bureau.host.unit():
        found = await bureau.payable.find([raw(request["id"]), "no-such"], bureau.clock.now())
    assert list(found) == [raw(request["id"])]
    return found[raw(request["id"])]


async def row(bureau: Any, request: Any) -> Any:
    with bureau.host.unit():
        return await CivilRequest.get(id=raw(request["id"]))


async def test_a_request_makes_the_bill_of_its_fee(bureau: Any) -> None:
    asked = await bureau.request()
    assert asked["status"] == "AWAITING_PAYMENT"
    assert asked["bill"]["status"] == "UNPAID"
    assert asked["bill"]["amountDue"]["amount"] == "1.000"
    found = await bill(bureau, asked)
    assert (found.fils, found.due_fils, found.not_payable) == (1000, 1000, None)
    assert found.debtor_national_id == "870311204"
    mine = await bureau.look(
        "civil-servant", "{ me { bills(first: 20, statuses: [UNPAID]) { nodes { id } } } }"
    )
    assert asked["bill"]["id"] in {node["id"] for node in mine["me"]["bills"]["nodes"]}
    with bureau.host.unit():
        assert await bureau.payable.owed_by(ANONYMOUS, bureau.clock.now()) == []


async def test_the_same_key_makes_one_request_and_another_input_is_refused(bureau: Any) -> None:
    first = await bureau.request(idempotencyKey="one")
    assert await bureau.request(idempotencyKey="one") == first
    code = await bureau.request(idempotencyKey="one", purpose="Other")
    assert code == ["IDEMPOTENCY_KEY_REUSED"]
    with bureau.host.unit():
        assert await CivilRequest.filter(purpose="For the bank").count() == 1


async def test_settling_counts_once_and_has_it_issued(bureau: Any) -> None:
    asked = await bureau.request()
    item = bureau.item(asked)
    for _ in range(2):
        await bureau.settle(item)
    stored = await row(bureau, asked)
    assert (stored.status, stored.paid_fils, stored.receipt_number) == ("PAID", 1000, "R-1")
    assert {"request": raw(asked["id"])} in await bureau.enqueued("issue")
    found = await bill(bureau, asked)
    assert (found.status, found.due_fils) == (BillStatus.PAID, 0)
    (posting,) = bureau.payable.postings(item)
    assert (posting.account, posting.side, posting.fils) == (
        "agency.csb.payable",
        Side.CREDIT,
        1000,
    )


async def test_the_bureau_is_told_once_an_item(bureau: Any) -> None:
    asked = await bureau.request()
    item = bureau.item(asked)
    await bureau.settle(item)
    bureau.post.down = True
    with bureau.host.unit(), pytest.raises(AgencyUnavailable):
        await bureau.payable.deliver([item])
    assert (await row(bureau, asked)).delivered_at is None
    bureau.post.down = False
    for _ in range(2):
        with bureau.host.unit():
            await bureau.payable.deliver([item])
    sent = [letter for letter in bureau.post.sent if letter[1] == "civilService.paid"]
    assert {key for _, _, key, _ in sent} == {f"civilService.paid:{item.item_id}"}
    assert (sent[0][0], sent[0][3]["reference"]) == ("csb", asked["reference"])
    assert (await row(bureau, asked)).delivered_at is not None
    other = bureau.item(asked, number=2)
    with bureau.host.unit():
        await bureau.payable.deliver([other])
    assert len(bureau.post.sent) == 2, "an item that does not stand settled is not told"


async def test_money_for_a_request_that_ended_goes_back(bureau: Any) -> None:
    cancelled, lapsed = await bureau.request(), await bureau.request()
    fields = {"requestId": cancelled["id"]}
    gone = await bureau.act("civil-servant", "CancelRequest", "CancelRequest", **fields)
    assert gone["status"] == "CANCELLED"
    again = await bureau.act("civil-servant", "CancelRequest", "CancelRequest", **fields)
    assert again == ["CIVIL_SERVICE_REQUEST_CLOSED"]
    bureau.clock.advance(days=8)
    assert (await bill(bureau, lapsed)).not_payable is not None, "before the job has run too"
    await bureau.run("expire")
    assert (await row(bureau, lapsed)).status == "EXPIRED"
    for request in (cancelled, lapsed):
        await bureau.settle(bureau.item(request))
        assert (await row(bureau, request)).settled_item_id is None
    owed = await bureau.enqueued("give_back")
    assert {each["request"] for each in owed} == {raw(cancelled["id"]), raw(lapsed["id"])}


async def test_a_refund_before_issue_cancels_and_stops_the_issue(bureau: Any) -> None:
    asked = await bureau.request()
    item = bureau.item(asked)
    await bureau.settle(item)
    await bureau.reverse(item)
    assert (await row(bureau, asked)).status == "CANCELLED"
    await bureau.run("issue", request=raw(asked["id"]))
    stored = await row(bureau, asked)
    assert (stored.status, stored.reversed_fils) == ("CANCELLED", 1000)


async def test_a_refund_in_full_revokes_what_was_issued(bureau: Any) -> None:
    issued, item = await bureau.issued()
    code = issued["certificate"]["verificationCode"]
    part = await bureau.reverse(item, fils=400, in_full=False)
    assert (await bureau.verify(code))["isValid"], "a part given back changes nothing"
    rest = await bureau.reverse(item, fils=600, in_full=True)
    assert (await row(bureau, issued)).status == "REVOKED"
    assert await bureau.verify(code) == UNKNOWN
    record = await bureau.record("civil-servant")
    found = {node["id"]: node for node in record["certificateRequests"]["nodes"]}[issued["id"]]
    assert found["certificate"]["pdfUrl"] is None
    with bureau.host.unit():
        await bureau.payable.deliver_reversal([part, rest])
    told = [letter for letter in bureau.post.sent if letter[1] == "civilService.reversed"]
    assert [body["inFull"] for *_, body in told] == [False, True]


async def test_the_database_refuses_more_given_back_than_paid(bureau: Any) -> None:
    asked = await bureau.request()
    await bureau.settle(bureau.item(asked))
    with bureau.host.unit():
        query = CivilRequest.filter(id=raw(asked["id"]))
        for wrong in ({"reversed_fils": 1001}, {"status": "AWAITING_PAYMENT"}, {"status": "X"}):
            with pytest.raises(db.IntegrityError):
                await query.update(**wrong)


async def test_who_may_ask(bureau: Any) -> None:
    assert await bureau.request(who="citizen") == ["CIVIL_SERVICE_NO_RECORD"]
    assert await bureau.request(who=None) == ["UNAUTHENTICATED"]
    assert await bureau.request(purpose=" x ") == ["CIVIL_SERVICE_TEXT_LENGTH"]
    for _ in range(9):
        await bureau.request()
    assert await bureau.request() == ["CIVIL_SERVICE_TOO_MANY_REQUESTS"]


async def test_the_fee_is_frozen_at_the_request(
    bureau: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bawaba_civil_service.domain import CivilServiceCertificateKind, Fee  # noqa: PLC0415
    from bawaba_civil_service.services import requests  # noqa: PLC0415

    asked = await bureau.request()
    salary = CivilServiceCertificateKind.SALARY
    free = Fee(salary, dt.date(2007, 1, 1), None, 0, 7, "test")
    monkeypatch.setattr(requests, "fees", lambda: (free,))
    assert (await bill(bureau, asked)).due_fils == 1000
    waived = await bureau.request()
    assert (waived["status"], waived["bill"]) == ("PAID", None)
    assert {"request": raw(waived["id"])} in await bureau.enqueued("issue")
