"""Settlement files against the books, on both databases."""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from bawaba import runtime
from bawaba.settlement import LineKind, Movement, SettlementUnreadable
from bawaba_accounting import commands, models
from bawaba_accounting.domain.settlement import DifferenceStatus
from bawaba_accounting.services import settlement_desk as desk
from bawaba_accounting.services import settlements
from treasury_till import (
    AT,
    CLEARING,
    DAY,
    balance,
    capture,
    file,
    line,
    open_kinds,
    refund,
    take,
)

NEXT = DAY + dt.timedelta(days=1)


async def test_a_file_that_agrees_matches_and_its_payout_is_booked_once(till: Any) -> None:
    await capture("p1", 1000)
    await capture("p2", 500)
    await refund("p1", "r1", 300)
    body = file(
        line("CAPTURE", "p1", 1000, fee=10, payout="PO"),
        line("CAPTURE", "p2", 500, fee=5, payout="PO"),
        line("REFUND", "p1", -300, refund="r1", payout="PO"),
        payouts=[("PO", 1185)],
    )
    assert (await take(till, body)).is_new
    found = await desk.reconciliation("till", DAY)
    assert found is not None
    assert (found.status.value, found.matched, found.fils, found.count) == ("MATCHED", 3, 1200, 0)
    assert (await balance("treasury.bank"), await balance("treasury.gateway_fees")) == (1185, 15)
    assert await balance(CLEARING) == 0
    journals = await models.JournalRow.all().count()
    again = await take(till, body)
    assert not again.is_new
    assert await models.JournalRow.all().count() == journals
    assert await models.SettlementFile.all().count() == 1
    journal = await models.JournalRow.get(reference="payout:till:PO")
    assert (journal.kind, str(journal.effective_on)) == ("PAYOUT", str(NEXT))
    assert await models.Activity.all().count() == 0


async def test_what_differs_is_named_and_goes_when_a_late_file_brings_it(till: Any) -> None:
    await capture("p1", 1000)
    await capture("p2", 500)
    await capture("p3", 70)
    await take(
        till,
        file(
            line("CAPTURE", "p1", 900),
            line("CAPTURE", "p9", 40),
            line("CAPTURE", "p3", 70),
            line("CAPTURE", "p3", 70),
        ),
    )
    assert await open_kinds() == [
        ("AMOUNT_DIFFERS", 1000, 900),
        ("DUPLICATE_LINE", 0, 70),
        ("MISSING_AT_GATEWAY", 500, 0),
        ("MISSING_IN_BOOKS", 0, 40),
    ]
    found = await desk.reconciliation("till", DAY)
    assert found is not None
    assert (found.status.value, found.matched, found.fils, found.count) == ("DIFFERENCES", 1, 70, 4)
    await take(till, file(line("CAPTURE", "p2", 500), day=NEXT))
    await capture("p9", 40)
    await settlements.reconcile(till.reader)
    assert [kind for kind, _, _ in await open_kinds()] == ["AMOUNT_DIFFERS", "DUPLICATE_LINE"]
    gone = await models.Difference.filter(status="GONE").values_list("kind", flat=True)
    assert sorted(gone) == ["MISSING_AT_GATEWAY", "MISSING_IN_BOOKS"]
    assert await models.Difference.filter(status="GONE", journal_id=None).count() == 2


async def test_a_corrected_file_takes_the_place_of_the_one_before(till: Any) -> None:
    await capture("p1", 1000)
    wrong = file(line("CAPTURE", "p1", 900, payout="PO"), payouts=[("PO", 900)])
    await take(till, wrong)
    assert await open_kinds() == [("AMOUNT_DIFFERS", 1000, 900)]
    assert await balance("treasury.bank") == 900
    right = file(line("CAPTURE", "p1", 1000, payout="PO"), payouts=[("PO", 1000)], revision=2)
    await take(till, right)
    assert await open_kinds() == []
    assert await balance("treasury.bank") == 1000
    assert await balance(CLEARING) == 0
    assert not (await take(till, wrong)).is_new
    assert await open_kinds() == []
    late = file(line("CAPTURE", "p1", 800), revision=1, reference=f"F-{DAY}")
    await take(till, late)
    statuses = await models.SettlementFile.all().order_by("id").values_list("status", flat=True)
    assert statuses == ["SUPERSEDED", "LIVE", "SUPERSEDED"]
    assert await open_kinds() == []


async def test_a_payout_over_two_files_waits_for_both(till: Any) -> None:
    await capture("p1", 1000)
    await capture("p2", 500, NEXT)
    await take(till, file(line("CAPTURE", "p1", 1000, payout="PO"), payouts=[("PO", 1500)]))
    assert await open_kinds() == [("PAYOUT_DIFFERS", 1000, 1500)]
    assert await balance("treasury.bank") == 0
    await take(till, file(line("CAPTURE", "p2", 500, payout="PO"), day=NEXT))
    assert await open_kinds() == []
    assert (await balance("treasury.bank"), await balance(CLEARING)) == (1500, 0)


def _orders() -> Iterator[tuple[int, ...]]:
    orders = list(itertools.permutations(range(4)))
    return iter(orders[::5])


@pytest.mark.parametrize("order", list(_orders()))
async def test_shuffled_and_doubled_files_end_alike(till: Any, order: tuple[int, ...]) -> None:
    await capture("p1", 1000)
    await capture("p2", 500)
    await capture("p3", 300, NEXT)
    await refund("p2", "r1", 100, NEXT)
    bodies = [
        file(line("CAPTURE", "p1", 1000, payout="A"), payouts=[("A", 1500)]),
        file(line("CAPTURE", "p2", 500, payout="A"), line("CAPTURE", "p8", 5), day=NEXT),
        file(line("CAPTURE", "p1", 1000), reference="extra"),
        file(line("REFUND", "p2", -100), day=NEXT + dt.timedelta(days=1)),
    ]
    for place in (*order, *order):
        await take(till, bodies[place])
    assert await open_kinds() == [
        ("DUPLICATE_LINE", 0, 1000),
        ("MISSING_AT_GATEWAY", 300, 0),
        ("MISSING_IN_BOOKS", 0, 5),
    ]
    assert (await balance("treasury.bank"), await balance(CLEARING)) == (1500, 200)
    statuses = await models.StatementLine.all().values_list("status", flat=True)
    assert sorted(statuses) == ["DUPLICATE", "MATCHED", "MATCHED", "MATCHED", "UNKNOWN"]


async def test_two_imports_of_one_file_store_it_once(till: Any) -> None:
    await capture("p1", 1000)
    body = file(line("CAPTURE", "p1", 1000, payout="PO"), payouts=[("PO", 1000)])

    async def once() -> settlements.Imported:
        with till.books.unit():
            return await take(till, body)

    taken = await asyncio.gather(*(asyncio.create_task(once()) for _ in range(4)))
    assert sorted(each.is_new for each in taken) == [False, False, False, True]
    assert len({each.file_id for each in taken}) == 1
    assert await balance("treasury.bank") == 1000


async def test_a_gateway_that_names_no_payments_is_understood(till: Any) -> None:
    body = file(line("CAPTURE", "p1", 1000), names=False)
    await take(till, body)
    assert await open_kinds() == [("MISSING_IN_BOOKS", 0, 1000)]
    said = Movement(LineKind.CAPTURE, "g-p1", "p1", None, 1000, AT, "payment:p1:capture")
    till.says.movements_.append(said)
    await capture("p1", 1000)
    await settlements.reconcile(till.reader)
    assert await open_kinds() == []
    assert (await models.StatementLine.get()).parcel == "p1"


async def test_only_days_that_files_cover_can_lack_something(till: Any) -> None:
    await capture("p1", 1000, DAY - dt.timedelta(days=3))
    await capture("p2", 500, NEXT)
    await take(till, file())
    assert await open_kinds() == []
    await take(till, file(day=NEXT))
    assert await open_kinds() == [("MISSING_AT_GATEWAY", 500, 0)]
    await take(till, file(day=DAY - dt.timedelta(days=3)))
    assert len(await open_kinds()) == 2


async def test_a_fee_that_was_not_agreed_is_a_difference(till: Any) -> None:
    await capture("p1", 1000)
    await take(till, file(line("CAPTURE", "p1", 1000, fee=150), line("FEE", "p1", 0, fee=7)))
    assert await open_kinds() == [("FEE_DIFFERS", 100, 150)]


async def test_the_job_fetches_what_is_not_there_and_goes_on_after_a_bad_file(till: Any) -> None:
    with till.books.unit():
        today = runtime.today()
    good, bad = today - dt.timedelta(days=1), today - dt.timedelta(days=2)
    await capture("p1", 1000, good)
    till.reader.bodies = {good: file(line("CAPTURE", "p1", 1000), day=good)}
    await settlements.fetch_all({})
    await settlements.fetch_all({})
    assert await models.SettlementFile.all().count() == 1
    till.reader.bodies[bad] = b"no file"
    with pytest.raises(SettlementUnreadable, match="line 1: not JSON"):
        await settlements.fetch_all({})


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (file(line("CAPTURE", "=1+1", 5)), "a reference is not usable"),
        (file(line("CAPTURE", "p", 0)), "an amount of zero"),
        (file(line("FEE", "p", 5)), "a fee that has one"),
        (file(line("CAPTURE", "p", 10**16)), "out of range"),
        (file(payouts=[("A", 1), ("A", 2)]), "names a payout twice"),
        (file(reference="-1"), "reference or revision"),
        (file(revision=0), "reference or revision"),
        (file(*[line("CAPTURE", "p", 5)] * 1001), "lines of one reference"),
        (file(day=dt.date(2999, 1, 1)), "2999-01-01, a day that is still to come"),
    ],
)
async def test_a_file_that_cannot_be_used_changes_nothing(
    till: Any, body: bytes, reason: str
) -> None:
    with pytest.raises(SettlementUnreadable, match=reason):
        await take(till, body)
    assert await models.SettlementFile.all().count() == 0
    assert till.books.runtime.audit.actions == []


async def test_a_day_shows_a_hundred_differences_and_counts_them_all(till: Any) -> None:
    await take(till, file(*(line("CAPTURE", f"p{n}", 5) for n in range(105))))
    found = await desk.reconciliation("till", DAY)
    assert found is not None
    assert (len(found.differences), found.count) == (100, 105)
    first = await desk.difference_page(DifferenceStatus.OPEN, "till", 100, None)
    rest = await desk.difference_page(DifferenceStatus.OPEN, None, 100, first.cursors[-1])
    assert (len(first.rows), len(rest.rows)) == (100, 5)


async def test_the_command_says_what_became_of_a_file(
    till: Any, tmp_path: Any, capsys: Any
) -> None:
    await capture("p1", 1000)
    source = tmp_path / "day.json"
    source.write_bytes(file(line("CAPTURE", "p1", 1000), line("CAPTURE", "p2", 5)))
    assert await commands.import_settlement(source, "till") == 0
    said = capsys.readouterr().out
    assert "2 lines, 1 agree with the books" in said
    assert f"1 differences are open for {DAY}" in said
    assert await commands.import_settlement(source, "till") == 0
    assert "nothing new" in capsys.readouterr().out
    assert await commands.import_settlement(source, "nobody") == 2
    assert "there are: till" in capsys.readouterr().err
    source.write_bytes(b"spoiled")
    assert await commands.import_settlement(source, "till") == 2
    assert "line 1: not JSON" in capsys.readouterr().err
    assert await commands.import_settlement(tmp_path / "none", "till") == 2
