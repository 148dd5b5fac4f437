"""What the treasury does over GraphQL: differences, months, remittances, and who may not."""

from __future__ import annotations

import asyncio
import datetime as dt
import importlib
from collections.abc import AsyncIterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from bawaba import db, ledger, runtime, settlement
from bawaba.graphql import Context, global_id
from bawaba.host import boot
from bawaba.host.identity import issue_demo_token, load_people
from bawaba.host.payments.models import Payment, Refund
from bawaba.host.settings import Settings
from bawaba.ledger import Account, AccountKind, Journal, Outcome, Posting, Side
from bawaba.plugin import Manifest, hookimpl
from bawaba.settlement import LineKind
from bawaba.testing.clock import FrozenClock
from bawaba.text import Language, Text
from bawaba_accounting import models
from bawaba_accounting.rules.periods import month_of
from bawaba_accounting.services import importing, settlements, verify
from treasury_till import Till, capture, file, line

NOW = dt.datetime(2026, 3, 10, 9, tzinfo=dt.UTC)
TODAY = NOW.date()
FEBRUARY = "2026-02-28"
CLOSE = """mutation($on: Date!) { accountingClosePeriod(input: {endsOn: $on}) {
  period { startsOn endsOn status closing { debits { amount } credits { amount }
    accounts(first: 100) { nodes { account debits { amount } credits { amount } } } } }
  errors { code message path } } }"""
REOPEN = """mutation($on: Date!, $why: String!) {
  accountingReopenPeriod(input: {endsOn: $on, reason: $why}) {
  period { status reopenAskedBy { id } } errors { code } } }"""
RECONCILIATION = """query($on: Date!) { accountingReconciliation(gateway: "till", settledOn: $on) {
  status matchedCount matchedAmount { amount } differenceCount
  differences { id kind gatewayReference payment { id } expected { amount }
    actual { amount } } } }"""
RESOLVE = """mutation($id: ID!, $account: String!, $key: String!, $why: String! = "checked") {
  accountingResolveDifference(input: {differenceId: $id, account: $account, reason: $why,
    idempotencyKey: $key}) { difference { kind status account resolvedBy { id } }
    errors { code path } } }"""
REMIT = """mutation($agency: String!, $amount: Decimal, $key: String!) {
  accountingRemit(input: {agency: $agency, amount: $amount, idempotencyKey: $key}) {
    remittance { id status amount { amount } agency { code } } errors { code } } }"""


class Gateway:
    """A way to pay that nobody uses here."""

    name = "till"
    title = Text("Till", "صندوق")


def gateway_plugin(reader: Till) -> Any:
    module = ModuleType("till_plugin")
    payable = Account("agency.post.payable", Text("Post", "البريد"), AccountKind.LIABILITY)
    module.declare_manifest = hookimpl(  # type: ignore[attr-defined]
        lambda: Manifest("till", "till", Text("Till", "صندوق"), "1")
    )
    module.declare_gateways = hookimpl(lambda: [Gateway()])  # type: ignore[attr-defined]
    module.declare_accounts = hookimpl(lambda: [payable])  # type: ignore[attr-defined]
    module.declare_settlement_readers = hookimpl(lambda: [reader])  # type: ignore[attr-defined]
    return module


@pytest.fixture
async def treasury(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Any]:
    """A host of core, this plugin and a gateway, without the portal's history."""
    monkeypatch.setenv("BAWABA_DEMO", "1")
    settings = Settings(data_dir=tmp_path / "data", database_url=url, demo=True)
    plugin = importlib.import_module("bawaba_accounting.plugin")
    modules = {"accounting": plugin, "till": gateway_plugin(Till())}
    host = boot.build(settings, modules=modules, clock=FrozenClock(NOW))
    async with host.opened():
        with host.unit():
            await load_people(host.runtime.registry.demo_people())
        yield host


async def ask(host: Any, person: str | None, query: str, **variables: Any) -> dict[str, Any]:
    people = {p.handle: p for p in host.runtime.registry.demo_people()}
    token = None
    if person:
        moved, host.runtime.clock.instant = host.runtime.clock.instant, dt.datetime.now(dt.UTC)
        token = issue_demo_token(host.settings, people[person], "test")
    with host.unit():
        viewer = await host.parts.identity.authenticate(
            token, language=Language.EN, user_agent=None
        )
        if person:
            host.runtime.clock.instant = moved
        prepared = host.engine.prepare(query, None, viewer.language)
        answer: dict[str, Any] = await host.engine.execute(
            prepared, variables, Context(viewer=viewer)
        )
        return answer


async def done(host: Any, person: str, query: str, **variables: Any) -> Any:
    answer = await ask(host, person, query, **variables)
    assert "errors" not in answer, answer
    return next(iter(answer["data"].values()))


async def told(host: Any, body: bytes) -> None:
    with host.unit():
        await settlements.import_body(None, settlement.readers()["till"], body)


async def ready_to_close(host: Any) -> None:
    with host.unit():
        await verify.run({})


async def test_reconciliation_is_shown_and_a_difference_resolved_once(treasury: Any) -> None:
    day = dt.date(2026, 3, 2)
    assert await done(treasury, "auditor", RECONCILIATION, on=day.isoformat()) is None
    with treasury.unit():
        await capture("a" * 32, 12_500, day)
        await capture("b" * 32, 700, day)
    await told(treasury, file(line("CAPTURE", "a" * 32, 12_500), day=day))
    found = await done(treasury, "auditor", RECONCILIATION, on=day.isoformat())
    [difference] = found["differences"]
    assert found["status"] == "DIFFERENCES"
    assert (found["matchedCount"], found["matchedAmount"]["amount"]) == (1, "12.500")
    assert difference["kind"] == "MISSING_AT_GATEWAY"
    assert difference["payment"]["id"] == global_id("Payment", "b" * 32)
    assert (difference["expected"]["amount"], difference["actual"]["amount"]) == ("0.700", "0.000")

    asked = {"id": difference["id"], "account": "treasury.write_off"}
    refused = await done(
        treasury, "treasurer", RESOLVE, **{**asked, "account": "treasury.bank"}, key="0"
    )
    assert [e["code"] for e in refused["errors"]] == ["ACCOUNTING_ACCOUNT_NOT_ALLOWED"]
    refused = await done(treasury, "treasurer", RESOLVE, **asked, key="00", why=" ")
    assert [e["code"] for e in refused["errors"]] == ["ACCOUNTING_REASON_MISSING"]
    denied = await ask(treasury, "auditor", RESOLVE, **asked, key="1")
    assert denied["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    first = await done(treasury, "treasurer", RESOLVE, **asked, key="1")
    again = await done(treasury, "treasurer", RESOLVE, **asked, key="1")
    assert first == again
    assert first["difference"]["status"] == "RESOLVED"
    assert first["difference"]["resolvedBy"]["id"]
    other = await done(treasury, "treasurer-2", RESOLVE, **asked, key="2")
    assert [e["code"] for e in other["errors"]] == ["ACCOUNTING_DIFFERENCE_SETTLED"]
    reused = await done(treasury, "treasurer", RESOLVE, **{**asked, "account": "x"}, key="1")
    assert [e["code"] for e in reused["errors"]] == ["IDEMPOTENCY_KEY_REUSED"]
    found = await done(treasury, "auditor", RECONCILIATION, on=day.isoformat())
    assert found["status"] == "RESOLVED"
    with treasury.unit():
        assert await models.JournalRow.filter(kind="RECONCILIATION").count() == 1
        off = await models.Balance.get(account="treasury.write_off")
        assert off.debits - off.credits == 700


async def test_what_was_written_off_and_came_after_all_is_taken_back(treasury: Any) -> None:
    day = dt.date(2026, 3, 2)
    with treasury.unit():
        await capture("b" * 32, 700, day)
    await told(treasury, file(day=day))
    queue = "{ accountingDifferences(first: 5) { totalCount nodes { id kind actual { amount } } } }"
    [difference] = (await done(treasury, "auditor", queue))["nodes"]
    asked = {"account": "treasury.write_off"}
    await done(treasury, "treasurer", RESOLVE, id=difference["id"], key="1", **asked)
    late = file(
        line("CAPTURE", "b" * 32, 700, payout="PO"),
        day=day + dt.timedelta(days=3),
        payouts=[("PO", 700)],
    )
    await told(treasury, late)
    [after] = (await done(treasury, "auditor", queue))["nodes"]
    assert (after["kind"], after["actual"]["amount"]) == ("SETTLED_AFTER_ALL", "0.700")
    await done(treasury, "treasurer", RESOLVE, id=after["id"], key="2", **asked)
    assert (await done(treasury, "auditor", queue))["totalCount"] == 0
    with treasury.unit():
        sums = {r.account: r.debits - r.credits for r in await models.Balance.all()}
    assert sums["treasury.write_off"] == sums["gateway.till.clearing"] == 0
    assert sums["treasury.bank"] == 700


async def test_a_payout_that_differs_is_booked_as_it_came_once_resolved(treasury: Any) -> None:
    day = dt.date(2026, 3, 2)
    with treasury.unit():
        await capture("b" * 32, 700, day)
    short = file(line("CAPTURE", "b" * 32, 700, payout="PO"), payouts=[("PO", 650)], day=day)
    await told(treasury, short)
    found = await done(treasury, "auditor", RECONCILIATION, on=day.isoformat())
    [difference] = found["differences"]
    assert (difference["kind"], difference["gatewayReference"]) == ("PAYOUT_DIFFERS", "PO")
    asked = {"id": difference["id"], "account": "treasury.gateway_fees"}
    await done(treasury, "treasurer", RESOLVE, key="1", **asked)
    with treasury.unit():
        sums = {r.account: r.debits - r.credits for r in await models.Balance.all()}
        await settlements.reconcile(settlement.readers()["till"])
        assert await models.Difference.filter(status="OPEN").count() == 0
    assert sums["gateway.till.clearing"] == 0
    assert (sums["treasury.bank"], sums["treasury.gateway_fees"]) == (650, 50)


async def test_files_are_listed_and_found_by_id(treasury: Any) -> None:
    await told(treasury, file(day=dt.date(2026, 3, 1)))
    await told(treasury, file(day=dt.date(2026, 3, 2)))
    query = (
        "query($after: String) { accountingSettlementFiles(first: 1, after: $after) { totalCount "
        "pageInfo { hasNextPage endCursor } nodes { id reference settledOn status lines } } }"
    )
    first = await done(treasury, "auditor", query)
    assert (first["totalCount"], first["nodes"][0]["settledOn"]) == (2, "2026-03-02")
    second = await done(treasury, "auditor", query, after=first["pageInfo"]["endCursor"])
    assert second["nodes"][0]["settledOn"] == "2026-03-01"
    node = f'{{ node(id: "{first["nodes"][0]["id"]}") {{ __typename }} }}'
    assert await done(treasury, "auditor", node) == {"__typename": "AccountingSettlementFile"}
    assert (await ask(treasury, None, node))["data"]["node"] is None


async def test_a_month_is_closed_when_nothing_stands_against_it(treasury: Any) -> None:
    with treasury.unit():
        await capture("a" * 32, 12_500, dt.date(2026, 1, 5))
        await capture("b" * 32, 700, dt.date(2026, 2, 5))
        await capture("c" * 32, 40, dt.date(2026, 3, 5))
    refused = await done(treasury, "treasurer", CLOSE, on=FEBRUARY)
    assert [e["code"] for e in refused["errors"]] == ["ACCOUNTING_INTEGRITY_UNPROVEN"]
    await ready_to_close(treasury)
    for on, code in (
        ("2026-03-31", "ACCOUNTING_PERIOD_NOT_OVER"),
        ("2026-02-27", "ACCOUNTING_PERIOD_NOT_NEXT"),
    ):
        refused = await done(treasury, "treasurer", CLOSE, on=on)
        assert [e["code"] for e in refused["errors"]] == [code]
        assert refused["period"] is None
    await told(treasury, file(day=dt.date(2026, 2, 5)))
    refused = await done(treasury, "treasurer", CLOSE, on=FEBRUARY)
    assert [e["code"] for e in refused["errors"]] == ["ACCOUNTING_DIFFERENCES_OPEN"]
    await told(treasury, file(line("CAPTURE", "b" * 32, 700), day=dt.date(2026, 2, 6)))
    denied = await ask(treasury, "auditor", CLOSE, on=FEBRUARY)
    assert denied["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    closed = await done(treasury, "treasurer", CLOSE, on=FEBRUARY)
    period = closed["period"]
    assert (period["startsOn"], period["status"]) == ("2026-02-01", "CLOSED")
    totals = {t["account"]: t["debits"]["amount"] for t in period["closing"]["accounts"]["nodes"]}
    assert totals["gateway.till.clearing"] == "13.200"
    assert period["closing"]["debits"] == period["closing"]["credits"]
    refused = await done(treasury, "treasurer", CLOSE, on=FEBRUARY)
    assert [e["code"] for e in refused["errors"]] == ["ACCOUNTING_PERIOD_NOT_NEXT"]


async def record(host: Any, reference: str, on: dt.date) -> Outcome:
    with host.unit():
        async with db.transaction():
            [recorded] = await ledger.record(
                [
                    Journal(
                        reference,
                        "X",
                        Text("x", "س"),
                        on,
                        [
                            Posting("treasury.bank", Side.DEBIT, 1),
                            Posting("agency.post.payable", Side.CREDIT, 1),
                        ],
                    )
                ]
            )
    return recorded.outcome


async def test_nothing_is_booked_into_a_closed_month(treasury: Any, tmp_path: Path) -> None:
    before = dt.date(2026, 2, 27)
    assert await record(treasury, "first", before) is Outcome.RECORDED
    await ready_to_close(treasury)
    await done(treasury, "treasurer", CLOSE, on=FEBRUARY)
    assert await record(treasury, "second", before) is Outcome.PERIOD_CLOSED
    assert await record(treasury, "old", dt.date(2020, 1, 1)) is Outcome.PERIOD_CLOSED
    assert await record(treasury, "first", before) is Outcome.DUPLICATE
    assert await record(treasury, "second", dt.date(2026, 3, 1)) is Outcome.RECORDED
    history = tmp_path / "history.csv"
    history.write_text(
        "when,service,agency,channel,amount,reference\n"
        "2026-02-01,permits,offered,KIOSK,1.000,a\n2026-03-01,permits,offered,KIOSK,1.000,b\n"
    )
    with treasury.unit():
        summary = await importing.import_file(history, lambda *_: None)
    assert (summary.recorded, summary.rejected) == (1, 1)
    assert "PERIOD_CLOSED" in importing.rejects_path(history).read_text()
    payout = file(day=dt.date(2026, 2, 26), payouts=[("PO", 0)])
    await told(treasury, payout)


async def test_two_people_reopen_the_latest_month(treasury: Any) -> None:
    await ready_to_close(treasury)
    for on in ("2026-01-31", FEBRUARY):
        assert (await done(treasury, "treasurer", CLOSE, on=on))["errors"] == []
    asked: dict[str, Any] = {"on": FEBRUARY, "why": "a file came late"}
    refused = await done(treasury, "treasurer", REOPEN, **{**asked, "on": "2026-01-31"})
    assert [e["code"] for e in refused["errors"]] == ["ACCOUNTING_PERIOD_NOT_LATEST"]
    refused = await done(treasury, "treasurer", REOPEN, **{**asked, "on": "2026-03-31"})
    assert [e["code"] for e in refused["errors"]] == ["NOT_FOUND"]
    for _ in range(2):  # asking again confirms nothing
        first = await done(treasury, "treasurer", REOPEN, **asked)
        assert first["period"]["status"] == "REOPEN_REQUESTED"
    assert await record(treasury, "x", dt.date(2026, 2, 1)) is Outcome.PERIOD_CLOSED
    refused = await done(treasury, "treasurer-2", REOPEN, **{**asked, "why": "another reason"})
    assert [e["code"] for e in refused["errors"]] == ["ACCOUNTING_REOPEN_DIFFERS"]
    denied = await ask(treasury, "auditor", REOPEN, **asked)
    assert denied["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    second = await done(treasury, "treasurer-2", REOPEN, **asked)
    assert second["period"]["status"] == "OPEN"
    assert await record(treasury, "x", dt.date(2026, 2, 1)) is Outcome.RECORDED
    assert await record(treasury, "y", dt.date(2026, 1, 1)) is Outcome.PERIOD_CLOSED
    await ready_to_close(treasury)
    again = await done(treasury, "treasurer-2", CLOSE, on=FEBRUARY)
    assert again["period"]["status"] == "CLOSED"
    with treasury.unit():
        assert await models.Closing.filter(period_id="2026-02").count() == 2
        with pytest.raises(db.IntegrityError):
            await models.Closing.filter(period_id="2026-02").update(debits=1, credits=1)


async def test_a_wish_to_reopen_lapses(treasury: Any) -> None:
    await ready_to_close(treasury)
    await done(treasury, "treasurer", CLOSE, on=FEBRUARY)
    asked = {"on": FEBRUARY, "why": "a file came late"}
    await done(treasury, "treasurer", REOPEN, **asked)
    treasury.runtime.clock.advance(hours=24)
    query = "{ accountingPeriods(first: 1) { nodes { status reopenAskedBy { id } } } }"
    shown = (await done(treasury, "auditor", query))["nodes"][0]
    assert shown == {"status": "CLOSED", "reopenAskedBy": None}
    second = await done(treasury, "treasurer-2", REOPEN, **asked)
    assert second["period"]["status"] == "REOPEN_REQUESTED"
    first = await done(treasury, "treasurer", REOPEN, **asked)
    assert first["period"]["status"] == "OPEN"


async def test_a_close_and_a_journal_at_once_come_one_after_the_other(treasury: Any) -> None:
    await ready_to_close(treasury)
    on = dt.date(2026, 2, 10)
    outcomes = await asyncio.gather(
        *(asyncio.create_task(record(treasury, f"r{n}", on)) for n in range(2)),
        asyncio.create_task(done(treasury, "treasurer", CLOSE, on=FEBRUARY)),
        *(asyncio.create_task(record(treasury, f"s{n}", on)) for n in range(2)),
    )
    recorded = sum(outcome is Outcome.RECORDED for outcome in outcomes)
    with treasury.unit():
        closing = await models.Closing.get()
        assert closing.debits == recorded == await models.JournalRow.filter(kind="X").count()


async def test_what_an_agency_is_owed_is_remitted_by_two_people(treasury: Any) -> None:
    with treasury.unit():
        await capture("a" * 32, 12_500, TODAY)
    empty = await done(treasury, "treasurer", REMIT, agency="nobody", key="0")
    assert [e["code"] for e in empty["errors"]] == ["NOT_FOUND"]
    much = await done(treasury, "treasurer", REMIT, agency="post", amount="12.501", key="1")
    assert [e["code"] for e in much["errors"]] == ["ACCOUNTING_NOTHING_TO_REMIT"]
    made = await done(treasury, "treasurer", REMIT, agency="post", key="2")
    order = made["remittance"]
    assert (order["amount"]["amount"], order["status"]) == ("12.500", "PROPOSED")
    twice = await done(treasury, "treasurer", REMIT, agency="post", key="3")
    assert [e["code"] for e in twice["errors"]] == ["ACCOUNTING_REMITTANCE_ORDERED"]

    async def step(person: str, verb: str, key: str, words: str = "") -> Any:
        query = (
            f"mutation($id: ID!) {{ accounting{verb}Remittance(input: {{remittanceId: $id, "
            f'{words} idempotencyKey: "{key}"}}) {{ remittance {{ status }} errors {{ code }} }} }}'
        )
        answer = await done(treasury, person, query, id=order["id"])
        return [e["code"] for e in answer["errors"]] or answer["remittance"]["status"]

    bank = 'bankReference: "B-1",'
    assert await step("treasurer", "Approve", "4") == ["ACCOUNTING_SECOND_PERSON_NEEDED"]
    assert await step("treasurer", "Send", "5", bank) == ["ACCOUNTING_WRONG_STATUS"]
    assert await step("treasurer-2", "Approve", "6") == "APPROVED"
    assert await step("treasurer", "Send", "7", bank) == "SENT"
    assert await step("treasurer", "Send", "7", bank) == "SENT"
    with treasury.unit():
        held = await models.Balance.get(account="agency.post.payable")
        assert held.credits - held.debits == 0
    assert await step("treasurer", "Fail", "8", 'reason: "closed account",') == "FAILED"
    assert await step("treasurer", "Confirm", "9") == ["ACCOUNTING_WRONG_STATUS"]
    with treasury.unit():
        held = await models.Balance.get(account="agency.post.payable")
        assert held.credits - held.debits == 12_500
        assert (await verify.verify()).is_intact
    listed = await done(
        treasury, "auditor", "{ accountingRemittances(first: 5) { nodes { status reason } } }"
    )
    assert listed["nodes"] == [{"status": "FAILED", "reason": "closed account"}]
    denied = await ask(treasury, "auditor", REMIT, agency="post", key="10")
    assert denied["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert (await done(treasury, "treasurer", REMIT, agency="post", key="11"))["remittance"]


async def test_payments_say_what_a_gateway_moved(treasury: Any) -> None:
    with treasury.unit():
        at = runtime.now()
        for number, captured in (("1", 700), ("2", 0)):
            await Payment.create(
                id=number * 32, reference=f"PAY-{number}", payer_id="p", status="CAPTURED",
                channel="PORTAL", gateway="till", gateway_reference=f"g{number}", fils=700,
                captured_fils=captured, correlation_id="-", created_at=at, expires_at=at,
                paid_at=at,
            )  # fmt: skip
        for state in ("SUCCEEDED", "FAILED"):
            await Refund.create(
                id=state, payment_id="1" * 32, status=state, fils=50, reason_en="x", reason_ar="x",
                created_at=at, ended_at=at,
            )  # fmt: skip
        said = await settlement.movements("till", references=["g1", "g2"])
        assert [(m.kind, m.fils, m.refund_id, m.journal_reference) for m in said] == [
            (LineKind.CAPTURE, 700, None, f"payment:{'1' * 32}:capture"),
            (LineKind.REFUND, -50, "SUCCEEDED", "refund:SUCCEEDED"),
        ]
        assert await settlement.movements("till", payment_ids=["1" * 32]) == said
        assert await settlement.movements("other", references=["g1"]) == []
        with pytest.raises(ValueError, match="500"):
            await settlement.movements("till", references=["x"] * 501)


def test_months_end_on_their_last_day() -> None:
    assert month_of(dt.date(2024, 2, 10)).ends_on == dt.date(2024, 2, 29)
    assert month_of(dt.date(2026, 12, 31)).id == "2026-12"
