"""What front ends read, asked of core and this plugin alone, with the demo's history loaded."""

from __future__ import annotations

import datetime as dt
import importlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from bawaba import db, runtime
from bawaba.graphql import Context, split_id
from bawaba.host import boot
from bawaba.host.identity import issue_demo_token
from bawaba.host.settings import Settings
from bawaba.ledger import Activity, Journal, Posting, Side, record
from bawaba.testing.clock import FrozenClock
from bawaba.text import Language, Text
from bawaba_accounting.graphql import statistics
from bawaba_accounting.services import verify

COUNT, AMOUNT = 2_147_942, "157609522.000"
TOTAL = "total { count amount { amount currency } refunded { amount } }"


@pytest.fixture
async def demo(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Any]:
    """A host of core and this plugin, holding the demo's history."""
    monkeypatch.setenv("BAWABA_DEMO", "1")
    settings = Settings(data_dir=tmp_path / "data", database_url=url, demo=True)
    plugin = importlib.import_module("bawaba_accounting.plugin")
    host = boot.build(settings, modules={"accounting": plugin}, clock=FrozenClock())
    async with host.opened():
        await host.load_demo(lambda _what, _done, _total: None)
        yield host


async def ask(host: Any, person: str | None, query: str, **variables: Any) -> dict[str, Any]:
    people = {p.handle: p for p in host.runtime.registry.demo_people()}
    token = issue_demo_token(host.settings, people[person], "test") if person else None
    with host.unit():
        viewer = await host.parts.identity.authenticate(
            token, language=Language.EN, user_agent=None
        )
        prepared = host.engine.prepare(query, None, viewer.language)
        answer: dict[str, Any] = await host.engine.execute(
            prepared, variables, Context(viewer=viewer)
        )
        return answer


async def test_history_totals_and_ranks_exactly_and_loads_once(demo: Any) -> None:
    await demo.load_demo(lambda _what, _done, _total: None)
    answer = await ask(
        demo,
        None,
        "query($by: [AccountingDimension!]) { accountingStatistics(groupBy: $by) { asOf "
        + TOTAL
        + " groups { service { code name } agency { code } channel gateway period { startsOn } "
        "count amount { amount } share rankByAmount rankByCount } } }",
        by=["SERVICE"],
    )
    assert "errors" not in answer, answer
    found = answer["data"]["accountingStatistics"]
    assert found["total"] == {
        "count": COUNT,
        "amount": {"amount": AMOUNT, "currency": "BHD"},
        "refunded": {"amount": "0.000"},
    }
    assert [
        (g["service"]["code"], g["rankByAmount"], g["rankByCount"]) for g in found["groups"]
    ] == [
        ("traffic-fines", 1, 1),
        ("ewa-bills", 2, 2),
        ("civil-service", 3, 3),
        ("post", 4, 4),
    ]
    assert found["groups"][0]["agency"] is None
    assert found["groups"][0]["period"] is None
    assert abs(sum(g["share"] for g in found["groups"]) - 1) < 1e-9


async def test_traffic_s_application_took_a_little_over_24_thousand(demo: Any) -> None:
    answer = await ask(
        demo,
        None,
        '{ accountingStatistics(filter: {services: ["traffic-fines"], channels: [MOBILE_APP]}) { '
        + TOTAL
        + " groups { count } } }",
    )
    found = answer["data"]["accountingStatistics"]
    assert found["groups"] == []
    assert 24_000 < float(found["total"]["amount"]["amount"]) < 25_000


async def test_parts_add_up_over_every_dimension(demo: Any) -> None:
    for dimensions in (["YEAR"], ["MONTH", "SERVICE"], ["CHANNEL", "AGENCY"], ["GATEWAY"]):
        answer = await ask(
            demo,
            None,
            "query($by: [AccountingDimension!]) { accountingStatistics(groupBy: $by) { "
            "groups { count amount { amount } period { startsOn endsOn } channel gateway } } }",
            by=dimensions,
        )
        groups = answer["data"]["accountingStatistics"]["groups"]
        assert sum(g["count"] for g in groups) == COUNT
        assert sum(round(float(g["amount"]["amount"]) * 1000) for g in groups) == 157_609_522_000
    years = {
        (g["period"] or {}).get("startsOn", "")[:4]
        for g in (
            await ask(
                demo,
                None,
                "{ accountingStatistics(groupBy: [YEAR]) { groups { period { startsOn } } } }",
            )
        )["data"]["accountingStatistics"]["groups"]
    }
    assert years == {str(year) for year in range(2007, 2025)}


async def test_too_many_groups_and_senseless_ranges_are_refused(demo: Any) -> None:
    query = (
        "query($by: [AccountingDimension!], $filter: AccountingFilter) "
        "{ accountingStatistics(groupBy: $by, filter: $filter) { total { count } } }"
    )
    answer = await ask(demo, None, query, by=["DAY", "SERVICE", "CHANNEL"])
    assert answer["errors"][0]["extensions"]["code"] == "RESULT_TOO_LARGE"
    answer = await ask(demo, None, query, filter={"from": "2024-02-01", "to": "2024-01-31"})
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    answer = await ask(demo, None, query, filter={"from": "0001-01-01", "to": "9999-12-31"})
    assert answer["data"]["accountingStatistics"]["total"]["count"] == COUNT


async def settle(demo: Any, reference: str, fils: int) -> None:
    with demo.unit():
        async with db.transaction():
            await record(
                [
                    Journal(
                        reference,
                        "SETTLEMENT",
                        Text("Brought", "مرحّل"),
                        dt.date(2026, 1, 1),
                        [
                            Posting("history.collected", Side.DEBIT, fils),
                            Posting("history.remitted", Side.CREDIT, fils),
                        ],
                        [Activity("post", "post", "KIOSK", "sandbox", 1, fils)],
                        payment_id="1" * 32,
                    )
                ]
            )


async def test_a_settled_payment_adds_its_exact_amount_live(demo: Any) -> None:
    with demo.unit():
        updates = aiter(await statistics_stream(demo))
        first = await anext(updates)
    await settle(demo, "pay", 12_345)
    query = '{ accountingStatistics(filter: {services: ["post"]}) { ' + TOTAL + " } }"
    before = first.statistics.total
    answer = await ask(demo, None, query)
    after = answer["data"]["accountingStatistics"]["total"]
    assert first.kind.value == "SNAPSHOT"
    assert after["count"] == before.count + 1
    moved = round(float(after["amount"]["amount"]) * 1000) - round(
        float(before.amount.amount) * 1000
    )
    assert moved == 12_345
    with demo.unit():
        await updates.aclose()


def statistics_stream(demo: Any) -> Any:
    definition = statistics.StatisticsSubscriptions.__strawberry_definition__.fields[0]
    asked = statistics.AccountingFilter(services=["post"])
    return definition.base_resolver.wrapped_func(None, filter=asked)


async def test_statement_runs_from_opening_balance_to_balance(demo: Any) -> None:
    await settle(demo, "pay", 12_345)
    answer = await ask(
        demo,
        "auditor",
        """query($code: String!, $from: Date, $to: Date, $first: Int!, $after: String) {
          accountingAccount(code: $code) { code kind balance { amount }
            openingBalance(at: $from) { amount }
            entries(from: $from, to: $to, first: $first, after: $after) { totalCount
              pageInfo { hasNextPage endCursor }
              nodes { id side amount { amount } balanceAfter { amount }
                journal { id reference description bookedAt effectiveOn payment { id }
                  reverses { id } entries(first: 5) { totalCount nodes { account } } } } } } }""",
        code="history.remitted",
        first=2,
        **{"from": None, "to": None},
    )
    assert "errors" not in answer, answer
    found = answer["data"]["accountingAccount"]
    first, second = found["entries"]["nodes"]
    assert found["openingBalance"]["amount"] == "0.000"
    assert first["balanceAfter"]["amount"] == f"-{first['amount']['amount']}"
    total = float(first["amount"]["amount"]) + float(second["amount"]["amount"])
    assert abs(float(second["balanceAfter"]["amount"]) + total) < 1e-6
    assert first["journal"]["entries"]["totalCount"] == 2
    assert found["entries"]["pageInfo"]["hasNextPage"] is True
    kind, raw = split_id(first["journal"]["id"]) or ("", "")
    assert kind == "AccountingJournal"
    assert len(raw) == 32
    with demo.unit():
        today = runtime.today()
    answer = await ask(
        demo,
        "auditor",
        'query($from: Date, $next: Date) { accountingAccount(code: "history.remitted") { '
        "balance { amount } opening: openingBalance(at: $from) { amount } "
        "closing: openingBalance(at: $next) { amount } "
        "entries(from: $from, to: $from, first: 1) { totalCount } "
        "none: entries(from: $next, first: 1) { totalCount } } }",
        **{"from": today.isoformat(), "next": (today + dt.timedelta(days=1)).isoformat()},
    )
    found = answer["data"]["accountingAccount"]
    assert found["opening"]["amount"] == "0.000"
    assert found["closing"]["amount"] == found["balance"]["amount"] == "-157609534.345"
    assert found["entries"]["totalCount"] > 800
    assert found["none"]["totalCount"] == 0


async def test_trial_balance_at_any_instant(demo: Any) -> None:
    before = demo.runtime.clock.now()
    demo.runtime.clock.advance(hours=1)
    await settle(demo, "pay", 12_345)
    query = (
        "query($at: DateTime) { accountingTrialBalance(at: $at) { at isBalanced "
        "debits { amount } credits { amount } accounts { code name kind balance { amount } "
        "debits { amount } credits { amount } } } }"
    )
    instants = (before, None, before - dt.timedelta(days=1))
    answers = [
        await ask(demo, "treasurer", query, at=at.isoformat() if at else None) for at in instants
    ]
    found = [answer["data"]["accountingTrialBalance"] for answer in answers]
    assert [f["debits"]["amount"] for f in found] == [AMOUNT, "157609534.345", "0.000"]
    assert all(f["isBalanced"] and f["debits"] == f["credits"] for f in found)
    codes = [line["code"] for line in found[0]["accounts"]]
    assert codes == sorted(codes)
    assert {"history.collected", "history.remitted"} <= set(codes)


async def test_the_books_are_for_who_may_read_them(demo: Any) -> None:
    answer = await ask(demo, None, "{ accountingTrialBalance { isBalanced } }")
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    query = (
        '{ accountingAccount(code: "history.collected") '
        "{ entries(first: 1) { nodes { id journal { id } } } } }"
    )
    entry = (await ask(demo, "auditor", query))["data"]["accountingAccount"]["entries"]["nodes"][0]
    for node, name in (
        (entry["id"], "AccountingEntry"),
        (entry["journal"]["id"], "AccountingJournal"),
    ):
        asked = f'{{ node(id: "{node}") {{ id __typename }} }}'
        assert (await ask(demo, "auditor", asked))["data"]["node"] == {
            "id": node,
            "__typename": name,
        }
        assert (await ask(demo, None, asked))["data"]["node"] is None
    missing = await ask(demo, "auditor", '{ accountingAccount(code: "no.such") { code } }')
    assert missing == {"data": {"accountingAccount": None}}


async def test_integrity_is_what_the_job_found(demo: Any) -> None:
    query = (
        "{ accountingIntegrity { journalsChecked headHash isIntact checkedAt problem "
        "firstBrokenJournal { id } } }"
    )
    found = (await ask(demo, "auditor", query))["data"]["accountingIntegrity"]
    assert (found["journalsChecked"], found["isIntact"], found["checkedAt"]) == (0, None, None)
    with demo.unit():
        await verify.run({})
    found = (await ask(demo, "auditor", query))["data"]["accountingIntegrity"]
    assert found["isIntact"] is True, found
    assert found["journalsChecked"] > 800
    assert found["problem"] is None
