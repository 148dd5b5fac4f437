"""What front ends see: look-ups, one's accounts, links, fixed billing, nodes, live values."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any

from bawaba.errors import LimitExceeded
from bawaba.graphql import Context, split_id
from bawaba.text import Language
from bawaba_payments_ewa import gateway
from bawaba_payments_ewa.domain import Counter
from bawaba_payments_ewa.gateway import simulator, wire
from bawaba_payments_ewa.graphql.nodes import NODES
from bawaba_payments_ewa.models import EwaBill, EwaLink
from bawaba_payments_ewa.services import accounts, demo
from bawaba_payments_ewa.services.letters import POST

MONTH = 3_900
MINE = demo.CITIZEN.national_id
ACCOUNTS = """
{ me { ewaAccounts(first: 20) { totalCount nodes { id number balance { amount }
  dunning { status } plan { kind } } } } }
"""


async def act(portal: Any, verb: str, who: str = "citizen", **fields: Any) -> tuple[Any, list[str]]:
    document = (
        f"mutation ($input: Ewa{verb}Input!) {{ ewa{verb}(input: $input) {{ errors {{ code }} "
        "account { id plan { kind monthsBilled instalment { amount } } } } }"
    )
    payload = (await portal.execute(document, who, input=fields))[f"ewa{verb}"]
    return payload["account"], [error["code"] for error in payload["errors"]]


async def test_an_account_needs_its_number_and_its_owners(portal: Any) -> None:
    record = await portal.billed(40, 10)
    found = await portal.look_up(f" {record.number} ")
    assert (found["number"], found["address"]) == (record.number, "House 1")
    assert found["balance"] == {"amount": "7.800", "currency": "BHD"}
    assert (found["dunning"], found["plan"], found["payments"]) == (None, None, None)
    newest, older = found["bills"]["nodes"]
    assert [line["kind"] for line in newest["lines"]] == [
        "ELECTRICITY", "WATER", "SERVICE_FEE", "BROUGHT_FORWARD",
    ]  # fmt: skip
    assert newest["lines"][0]["quantity"] == 1000
    assert newest["lines"][0]["unit"] == "kWh"
    assert newest["amountDue"]["amount"] == "7.800"
    assert newest["minimumPayment"] == {"amount": "5.000"}
    assert newest["maximumPayment"] == {"amount": "19.500"}
    assert newest["service"] == {"code": "ewa-bills", "agency": {"code": "ewa"}}
    assert older["amountDue"]["amount"] == "0.000"
    assert (older["minimumPayment"], older["maximumPayment"]) == (None, None)
    assert older["supersededBy"] == newest["reference"]
    assert newest["reference"] in older["notPayableReason"]
    assert await portal.look_up(record.number, demo.CITIZEN_2.national_id) is None
    assert await portal.look_up("999", MINE) is None
    open_ = await portal.look_up(record.number, MINE, "citizen")
    assert open_["dunning"] == {
        "status": "BILLED", "since": "2026-03-31", "nextStepOn": "2026-05-10",
    }  # fmt: skip
    assert (open_["plan"]["kind"], open_["payments"]["nodes"]) == ("METERED", [])


async def test_everything_speaks_arabic(portal: Any) -> None:
    record = await portal.billed(40, 10)
    given = {"number": record.number, "id": MINE}
    arabic = await portal.execute(portal.document, "citizen", Language.AR, **given)
    english = await portal.execute(portal.document, "citizen", **given)
    one, two = (answer["ewaAccount"]["bills"]["nodes"] for answer in (arabic, english))
    for ar, en in zip(one, two, strict=True):
        for name in ("description", "priceExplanation"):
            assert ar[name] != en[name]
        for line_ar, line_en in zip(ar["lines"], en["lines"], strict=True):
            assert line_ar["description"] != line_en["description"]
            assert line_ar["explanation"] != line_en["explanation"]
    assert arabic["ewaAccount"]["address"] == "منزل 1"


async def test_words_say_credits_units_and_end_in_a_full_stop_in_both_languages(
    portal: Any,
) -> None:
    record = await portal.billed(40, 10)
    given = {"number": record.number, "id": MINE}
    await simulator.add(record.number, payments=[Counter("C-1", 48_868, portal.at)])
    said = [
        (await portal.execute(portal.document, "citizen", language, **given))["ewaAccount"]
        for language in Language
    ]
    arabic, english = [account["bills"]["nodes"] for account in said]
    assert english[0]["priceExplanation"] == (
        "The balance of the account: a credit of BHD 41.068; this bill came to BHD 7.800."
    )
    assert arabic[0]["priceExplanation"] == (
        "رصيد الحساب: دائن بمبلغ 41.068 د.ب؛ وقيمة هذه الفاتورة: 7.800 د.ب."
    )
    assert [line["unit"] for line in english[0]["lines"]][:2] == ["kWh", "m³"]
    assert [line["unit"] for line in arabic[0]["lines"]][:2] == ["ك.و.س", "م³"]
    assert "ك.و.س" in arabic[0]["lines"][0]["explanation"]
    for bill in [*arabic, *english]:
        told = [line["explanation"] for line in bill["lines"]]
        told += [bill["priceExplanation"], bill["notPayableReason"] or "."]
        assert all(each.endswith(".") and not each.endswith("..") for each in told)


async def test_bills_come_in_pages_newest_first(portal: Any) -> None:
    record = await portal.billed(*range(300, 0, -30))
    seen: list[str] = []
    after = None
    while True:
        given = {"number": record.number, "id": MINE, "first": 4, "after": after}
        bills = (await portal.execute(portal.document, None, **given))["ewaAccount"]["bills"]
        seen += [bill["period"]["endsOn"] for bill in bills["nodes"]]
        assert bills["totalCount"] == 10
        after = bills["pageInfo"]["endCursor"]
        if not bills["pageInfo"]["hasNextPage"]:
            break
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == 10


async def test_guesses_are_counted_for_each_account(portal: Any) -> None:
    record = await portal.billed(10)
    document = """query ($n: String!) { ewaAccount(number: $n, nationalId: "1") { id } }"""
    codes: list[str] = []
    for _ in range(25):
        codes += await portal.codes(document, None, n=record.number)
    assert codes == [LimitExceeded.code] * 5


async def test_guesses_are_counted_for_each_owner_whoever_tries(portal: Any) -> None:
    document = """query ($n: String!) { ewaAccount(number: $n, nationalId: "920618733") { id } }"""
    codes: list[str] = []
    for number in range(24):
        who = (None, "citizen", "citizen-2")[number % 3]
        codes += await portal.codes(document, who, n=f"30000000{number:02d}")
    assert codes == [LimitExceeded.code] * 4


async def test_ones_own_accounts_are_followed_by_themselves(portal: Any) -> None:
    await portal.billed(10)
    await portal.billed(10, number="1", owner_national_id=demo.CITIZEN_2.national_id)
    mine = (await portal.execute(ACCOUNTS, "citizen"))["me"]["ewaAccounts"]
    assert [node["number"] for node in mine["nodes"]] == ["1004482913"]
    assert await EwaLink.all().values_list("person_id", flat=True) == ["citizen"]
    assert (await portal.execute(ACCOUNTS))["me"] is None


async def test_while_the_authority_is_out_the_mirror_is_shown_and_look_ups_fail(
    portal: Any,
) -> None:
    record = await portal.billed(10)
    before = await portal.execute(ACCOUNTS, "citizen")
    for how in ({"outage": True}, {"outage": False, "latency_ms": 5_000}):
        await simulator.SIMULATION.simulate(**how)
        began = asyncio.get_running_loop().time()
        assert await portal.execute(ACCOUNTS, "citizen") == before
        codes = await portal.codes(portal.document, None, number=record.number, id=MINE)
        assert codes == ["SERVICE_UNAVAILABLE"]
        assert asyncio.get_running_loop().time() - began < 4
    await simulator.SIMULATION.simulate(latency_ms=0)
    await gateway.reachable()


async def test_another_account_is_linked_by_its_numbers_and_unlinked(portal: Any) -> None:
    record = await portal.billed(10)
    given = {"number": record.number, "nationalId": MINE}
    _, codes = await act(portal, "LinkAccount", "citizen-2", **{**given, "nationalId": "1"})
    assert codes == ["EWA_ACCOUNT_UNKNOWN"]
    for _ in range(2):
        linked, codes = await act(portal, "LinkAccount", "citizen-2", **given)
        assert codes == []
    assert await EwaLink.all().count() == 1
    assert [action for action, _ in portal.trail] == ["ewa.account.linked"]
    shown = (await portal.execute(ACCOUNTS, "citizen-2"))["me"]["ewaAccounts"]
    assert [node["id"] for node in shown["nodes"]] == [linked["id"]]
    owed = await portal.payable.owed_by(portal.person("citizen-2"), portal.at)
    assert [bill.due_fils for bill in owed] == [MONTH], "a follower may pay"
    _, codes = await act(portal, "EnrolFixed", "citizen-2", accountId=linked["id"])
    assert codes == ["EWA_NOT_YOUR_ACCOUNT"]
    _, codes = await act(portal, "UnlinkAccount", "citizen-2", accountId=linked["id"])
    assert codes == []
    _, codes = await act(portal, "UnlinkAccount", "citizen-2", accountId=linked["id"])
    assert codes == ["NOT_FOUND"]
    await portal.execute(ACCOUNTS, "citizen")
    _, codes = await act(portal, "UnlinkAccount", "citizen", accountId=linked["id"])
    assert codes == ["EWA_OWN_ACCOUNT"]


async def test_a_new_owner_ends_what_others_followed(portal: Any) -> None:
    record = await portal.billed(10)
    await act(portal, "LinkAccount", "citizen-2", number=record.number, nationalId=MINE)
    await portal.execute(ACCOUNTS, "citizen")
    assert await EwaLink.all().count() == 2
    moved = {**wire.write_account(record), "ownerNationalId": "770101234"}
    await portal.send_as_agency("ewa", "ewa.bills", {"accounts": [moved]}, "moved")
    assert await EwaLink.all().count() == 0
    for who in ("citizen", "citizen-2"):
        account = await portal.row()
        assert await accounts.visible(portal.person(who), [account.id]) == {}


async def test_one_reference_is_one_bill(portal: Any) -> None:
    record = await portal.billed(10)
    (reading,) = record.readings
    other = portal.account(reading, reading, portal.reading(reading.issued_on), number="2")
    await portal.enter(other)
    assert await EwaBill.all().count() == 2
    assert (await portal.row("2")).balance_fils == MONTH


async def test_nodes_are_for_owners_followers_and_officers(portal: Any) -> None:
    record = await portal.billed(10)
    await simulator.add(record.number, payments=[Counter("C-1", 100, portal.at)])
    (paid,) = (await portal.look_up(record.number, MINE, "citizen"))["payments"]["nodes"]
    account, bill = await portal.row(), await portal.current()
    shown = (("EwaAccount", account.id), ("EwaBill", bill.id), split_id(paid["id"]))
    loaders = {node.type_name: node.load for node in NODES}
    for who, sees in [("citizen", True), ("ewa-officer", True), ("citizen-2", False)]:

        class Asking:
            context = Context(portal.person(who))

        for kind, raw in shown:
            assert (raw in await loaders[kind](Asking, [raw, "none"])) is sees, (who, kind)


async def test_the_desk_is_the_officers(portal: Any) -> None:
    await portal.billed(10)
    document = "{ ewaAccounts(first: 5, dunning: BILLED) { totalCount nodes { number } } }"
    found = (await portal.execute(document, "ewa-officer"))["ewaAccounts"]
    assert found["totalCount"] == 1
    assert await portal.codes(document, "citizen") == ["FORBIDDEN"]
    assert await portal.codes(document) == ["UNAUTHENTICATED"]


async def test_what_was_paid_is_shown_with_the_bills_it_went_to(portal: Any) -> None:
    record = await portal.billed(40, 10)
    item = await portal.pay(5_000)
    await portal.reverse(item, 200)
    shown = await portal.look_up(record.number, MINE, "citizen")
    (payment,) = shown["payments"]["nodes"]
    assert payment["receiptNumber"] == "R-1"
    assert payment["reversedAmount"]["amount"] == "0.200"
    newest, older = shown["bills"]["nodes"]
    assert payment["shares"] == [
        {"billReference": older["reference"], "amount": {"amount": "3.900"}},
        {"billReference": newest["reference"], "amount": {"amount": "0.900"}},
    ]


async def test_a_year_of_fixed_billing_from_enrolment_to_true_up(portal: Any) -> None:
    record = await portal.billed(*range(180, 0, -30))
    account = await portal.row()
    given = {"accountId": str((await portal.look_up(record.number))["id"])}
    _, codes = await act(portal, "LeaveFixed", **given)
    assert codes == ["EWA_NOT_FIXED"]
    _, codes = await act(portal, "EnrolFixed", **given)
    assert codes == ["EWA_IN_ARREARS"]
    await portal.pay(account.balance_fils)
    plan, codes = await act(portal, "EnrolFixed", **given)
    assert (codes, plan["plan"]["instalment"]["amount"]) == ([], "3.900")
    assert (await act(portal, "EnrolFixed", **given))[1] == ["EWA_ALREADY_FIXED"]
    assert await portal.run(POST) == 1
    assert portal.letters[-1].body["plan"] == "FIXED"
    metered = []
    for month in range(12):
        portal.at += dt.timedelta(days=30)
        kwh = 1000 + 100 * month
        metered.append(MONTH + 300 * month)
        await simulator.add(record.number, readings=[portal.reading(portal.at.date(), kwh=kwh)])
        await portal.look_up(record.number)
    fixed = await EwaBill.filter(is_fixed=True).order_by("issued_on")
    assert [bill.metered_fils for bill in fixed] == metered
    assert [bill.charge_fils for bill in fixed[:11]] == [MONTH] * 11
    assert sum(bill.charge_fils for bill in fixed) == sum(metered)
    row = await portal.row()
    assert (row.plan, row.plan_months, row.plan_instalment) == ("FIXED", 0, 5_600)
    newest = (await portal.look_up(record.number))["bills"]["nodes"][0]
    assert [line["kind"] for line in newest["lines"]] == [
        "INSTALMENT",
        "TRUE_UP",
        "BROUGHT_FORWARD",
    ]
    await portal.check_books()


async def test_a_true_up_can_be_a_credit_that_pays_what_is_open(portal: Any) -> None:
    first = portal.at.date() - dt.timedelta(days=330)
    readings = [
        portal.reading(first + dt.timedelta(days=30 * month), kwh=0, m3=0) for month in range(12)
    ]
    await portal.enter(
        portal.account(*readings, instalment_fils=5_000, fixed_since=readings[0].issued_on)
    )
    row = await portal.row()
    assert row.balance_fils == 12 * 400, "twelve service fees, and nothing else"
    await portal.check_books()


async def test_leaving_fixed_billing_settles_the_difference_with_the_next_bill(
    portal: Any,
) -> None:
    today = portal.at.date()
    readings = [portal.reading(today - dt.timedelta(days=age)) for age in (60, 30)]
    record = portal.account(*readings, instalment_fils=3_000, fixed_since=readings[0].issued_on)
    await portal.enter(record)
    given = {"accountId": str((await portal.look_up(record.number))["id"])}
    left, codes = await act(portal, "LeaveFixed", **given)
    assert (codes, left["plan"]["kind"]) == ([], "LEAVING")
    stayed, _ = await act(portal, "EnrolFixed", **given)
    assert (stayed["plan"]["kind"], stayed["plan"]["monthsBilled"]) == ("FIXED", 2)
    await act(portal, "LeaveFixed", **given)
    await simulator.add(record.number, readings=[portal.reading(today)])
    await portal.look_up(record.number)
    row = await portal.row()
    assert (row.plan, row.balance_fils) == ("METERED", 3 * MONTH)
    assert [kind for _, kind in portal.events if kind == "PLAN"] == ["PLAN"] * 3


async def test_fixed_billing_needs_a_history(portal: Any) -> None:
    record = await portal.billed(10)
    given = {"accountId": str((await portal.look_up(record.number))["id"])}
    assert (await act(portal, "EnrolFixed", **given))[1] == ["EWA_HISTORY_TOO_SHORT"]
    assert (await act(portal, "EnrolFixed", accountId="x"))[1] == ["NOT_FOUND"]
