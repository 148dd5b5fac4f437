"""History as single transactions: the same figures to the last fils, and books like any others."""

from __future__ import annotations

import datetime as dt
import importlib
import tomllib
from collections import Counter
from collections.abc import AsyncIterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from bawaba import db, ledger
from bawaba.errors import BootError
from bawaba.host import boot
from bawaba.host.settings import Settings
from bawaba.ledger import Journal, Posting, Side
from bawaba.testing.clock import FrozenClock
from bawaba.text import Text
from bawaba_accounting import models
from bawaba_accounting.domain import Dimension, StatisticsQuery
from bawaba_accounting.rules import history, transactions
from bawaba_accounting.services import bulk
from bawaba_accounting.services.statistics import statistics
from bawaba_accounting.services.verify import verify
from hypothesis import given, settings
from hypothesis import strategies as st

REPORTED, REPORTED_FILS = 2_147_942, 157_609_522_000
SOME = 3_000
TOLD = tomllib.loads(files("bawaba_accounting").joinpath("history.toml").read_text("utf-8"))


def quiet(_what: str, _done: int, _total: int) -> None:
    return None


@given(st.integers(transactions.LEAST, 8_000))
@settings(max_examples=15, deadline=None)
def test_any_number_keeps_shares_and_sums(number: int) -> None:
    told = transactions.scaled(TOLD, number)
    counts: Counter[tuple[Any, ...]] = Counter()
    sums: Counter[tuple[Any, ...]] = Counter()
    newest, references = dt.date.min, []
    for journal in transactions.journals(told):
        (activity,) = journal.activities
        assert activity.on == journal.effective_on
        assert activity.count == 1
        assert activity.fils == journal.postings[0].fils == journal.postings[1].fils
        assert activity.fils > 0
        assert newest <= journal.effective_on
        newest = journal.effective_on
        references.append(journal.reference)
        month = journal.effective_on.replace(day=1)
        counts[activity.service, activity.channel, month] += 1
        sums[activity.service, activity.channel, month] += activity.fils
    shares = {(s.service, s.channel, s.on.replace(day=1)): s for s in history.shares(told)}
    assert counts == {place: share.count for place, share in shares.items()}
    assert sums == {place: share.fils for place, share in shares.items()}
    assert counts.total() == number
    assert sums.total() == REPORTED_FILS * number // REPORTED
    assert references == sorted(set(references))
    assert references[0] == transactions.FIRST_REFERENCE


def test_the_reported_number_changes_nothing_of_the_history() -> None:
    assert list(history.shares(transactions.scaled(TOLD, REPORTED))) == list(history.shares(TOLD))


def test_the_same_number_gives_the_same_transactions() -> None:
    once, again = (list(transactions.journals(transactions.scaled(TOLD, 1_000))) for _ in range(2))
    assert once == again


def test_amounts_are_such_as_people_pay() -> None:
    found = list(transactions.journals(transactions.scaled(TOLD, 30_000)))
    fines = [j for j in found if j.activities[0].service == "traffic-fines"]
    whole = [j for j in fines if j.postings[0].fils % 500 == 0]
    assert len(whole) / len(fines) > 0.9
    assert len({j.postings[0].fils for j in found}) > 1_000
    assert max(j.postings[0].fils for j in found) < 5_000_000


@pytest.fixture
async def host(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Any]:
    """A host of core and this plugin, with nothing in it."""
    monkeypatch.setenv("BAWABA_DEMO", "1")
    plugin = importlib.import_module("bawaba_accounting.plugin")
    made = boot.build(
        Settings(data_dir=tmp_path / "data", database_url=url, demo=True),
        modules={"accounting": plugin},
        clock=FrozenClock(),
    )
    async with made.opened():
        yield made


async def test_the_demo_loads_them_in_place_of_sums(host: Any, statement: Any) -> None:
    told: list[tuple[str, int, int]] = []
    await host.load_demo(lambda *step: told.append(step), SOME)
    assert told[-1] == ("accounting transactions", SOME, SOME)
    with host.unit():
        fils = REPORTED_FILS * SOME // REPORTED
        found = await statistics(StatisticsQuery())
        assert (found.total.count, found.total.fils, found.total.refunded) == (SOME, fils, 0)
        by_share = await statistics(StatisticsQuery(dimensions=[Dimension.SERVICE]))
        assert [group.service for group in by_share.groups] == [
            service["code"] for service in TOLD["services"]
        ]
        assert sum(group.figures.fils for group in by_share.groups) == fils
        for grain in ("TOTAL", "YEAR", "MONTH", "DAY"):
            rows = await models.Rollup.filter(grain=grain).values_list("count", "fils")
            assert tuple(map(sum, zip(*rows, strict=True))) == (SOME, fils), grain
        held = await models.Balance.filter(account__startswith="history.").values_list(
            "debits", "credits"
        )
        assert sorted(held) == [(0, fils), (fils, 0)]
        assert await models.JournalRow.all().count() == SOME
        verdict = await verify()
        assert (verdict.fault, verdict.checked) == (None, SOME)
        await statement("UPDATE accounting_posting SET fils = fils + 1 WHERE number = 1234")
        fault = (await verify()).fault
        assert fault is not None
        assert fault.number == 1234


async def test_loading_again_adds_nothing_and_refuses_a_number(host: Any) -> None:
    await host.load_demo(quiet, transactions.LEAST)
    await host.load_demo(quiet)
    with host.unit():
        assert await models.JournalRow.all().count() == transactions.LEAST
    with pytest.raises(BootError, match=r"'accounting'.*hold 1,000 journals already.*Mend: "):
        await host.load_demo(quiet, transactions.LEAST)


async def test_sums_are_not_fresh_books_and_too_few_cannot_be_had(host: Any) -> None:
    with pytest.raises(BootError, match=r"at least 1,000"):
        await host.load_demo(quiet, 999)
    await host.load_demo(quiet)
    with pytest.raises(BootError, match="fresh books"):
        await host.load_demo(quiet, SOME)


async def test_what_comes_after_goes_on_from_there(host: Any) -> None:
    await host.load_demo(quiet, transactions.LEAST)
    postings = [
        Posting("history.collected", Side.DEBIT, 5),
        Posting("history.remitted", Side.CREDIT, 5),
    ]
    later = [
        Journal(reference, "SETTLEMENT", Text("x", "س"), dt.date(2026, 3, 1), postings)
        for reference in ("history:0000000007", "new")
    ]
    with host.unit():
        async with db.transaction():
            outcomes = [row.outcome.value for row in await ledger.record(later)]
        assert outcomes == ["DUPLICATE", "RECORDED"]
        verdict = await verify()
        assert (verdict.fault, verdict.head.number) == (None, transactions.LEAST + 1)


async def test_it_is_all_or_nothing(books: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "BATCH", 10)
    postings = [Posting("asset.1", Side.DEBIT, 5), Posting("liability.1", Side.CREDIT, 5)]

    def journals(*last: Posting) -> Any:
        for n in range(25):
            yield Journal(f"j{n}", "X", Text("x", "س"), dt.date(2026, 3, 1), postings)
        yield Journal("last", "X", Text("x", "س"), dt.date(2026, 3, 1), last)

    with pytest.raises(ValueError, match="last: UNBALANCED"):
        await bulk.load(journals(postings[0]), 26, quiet)
    assert await models.JournalRow.all().count() == 0
    assert await models.Balance.filter(debits__gt=0).count() == 0
    assert (await verify()).is_intact
    await bulk.load(journals(*postings), 26, quiet)
    assert (await verify()).head.number == 26


async def test_seals_hold_for_bulk_rows_too(books: Any) -> None:
    columns = ["position", "number", "account", "side", "fils", "currency", "debits_after"]
    row = (2 << 20, 2, "asset.1", "DEBIT", 5, "BHD", 5, 0)
    with pytest.raises(db.IntegrityError):
        async with db.transaction():
            await db.copy_rows(
                "accounting_posting", [*columns, "credits_after"], [(*row[:4], -5, *row[5:])]
            )
    with pytest.raises(RuntimeError):
        await db.copy_rows("accounting_posting", [*columns, "credits_after"], [row])
