"""Files of a day that is not over, other content under one name, refunds of several journals."""

from __future__ import annotations

import datetime as dt
import importlib
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from bawaba import db
from bawaba.settlement import LineKind, Movement
from bawaba.text import Language
from bawaba_accounting import commands, models
from bawaba_accounting.domain.settlement import Arrival
from bawaba_accounting.refusals import SettlementFileDiffers
from bawaba_accounting.rules.statements import Standing, arrival
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
    post,
    refund,
    take,
)

NEXT = DAY + dt.timedelta(days=1)
BAHRAIN = ZoneInfo("Asia/Bahrain")


def at_local(till: Any, day: dt.date, hour: int) -> None:
    """Let it be that hour of a day in Bahrain."""
    till.books.clock.at = dt.datetime.combine(day, dt.time(hour), BAHRAIN).astimezone(dt.UTC)


async def test_a_file_of_the_running_day_is_replaced_by_the_day_s_own(till: Any) -> None:
    at_local(till, DAY, 12)
    await capture("p1", 1000)
    early = file(line("CAPTURE", "p1", 1000, payout="PO"), revision=4, payouts=[("PO", 1000)])
    taken = await take(till, early)
    assert (taken.is_new, taken.is_provisional) == (True, True)
    assert not (await take(till, early)).is_new
    await capture("p2", 500)
    await settlements.reconcile(till.reader)
    assert await open_kinds() == [], "the day can still name it"
    found = await desk.reconciliation("till", DAY)
    assert found is not None
    assert found.is_provisional

    at_local(till, DAY, 23)
    whole = file(
        line("CAPTURE", "p1", 1000, payout="PO"),
        line("CAPTURE", "p2", 500, payout="PO"),
        payouts=[("PO", 1500)],
    )
    till.reader.bodies = {DAY: whole}
    await settlements.fetch_all({})
    assert await models.SettlementFile.all().count() == 1, "in Bahrain the day is not over"
    at_local(till, NEXT, 0)
    await settlements.fetch_all({})
    await settlements.fetch_all({})
    files = await models.SettlementFile.all().order_by("id").values("status", "provisional")
    assert [(f["status"], f["provisional"]) for f in files] == [
        ("SUPERSEDED", True),
        ("LIVE", False),
    ]
    assert await open_kinds() == []
    assert (await balance("treasury.bank"), await balance(CLEARING)) == (1500, 0)
    await capture("p3", 70)
    await settlements.reconcile(till.reader)
    assert await open_kinds() == [("MISSING_AT_GATEWAY", 70, 0)]


async def test_a_gateway_s_own_cut_off_ends_its_day(till: Any) -> None:
    till.reader.cut_off = dt.timedelta(hours=26)
    till.reader.bodies = {DAY: file(line("CAPTURE", "p1", 1000))}
    at_local(till, NEXT, 1)
    await settlements.fetch_all({})
    assert await models.SettlementFile.all().count() == 0
    assert (await take(till, till.reader.bodies[DAY])).is_provisional
    at_local(till, NEXT, 2)
    await settlements.fetch_all({})
    assert not (await models.SettlementFile.get()).provisional


async def test_the_same_bytes_at_the_day_s_end_make_a_provisional_file_final(till: Any) -> None:
    at_local(till, DAY, 12)
    await capture("p1", 1000)
    await capture("p2", 500)
    good = file(line("CAPTURE", "p1", 1000, payout="PO"), payouts=[("PO", 1000)])
    await take(till, good)
    other = file(line("CAPTURE", "p1", 900), reference="draft", revision=3)
    spoiled = file(line("CAPTURE", "p1", 900), revision=2)
    await take(till, other)
    await take(till, spoiled)
    assert await open_kinds() != []
    at_local(till, NEXT + dt.timedelta(days=30), 12)
    till.reader.bodies = {DAY: good}
    await settlements.fetch_all({})
    files = await models.SettlementFile.all().order_by("id").values("status", "provisional")
    assert [(f["status"], f["provisional"]) for f in files] == [
        ("LIVE", False),
        ("SUPERSEDED", True),
        ("SUPERSEDED", True),
    ]
    assert await open_kinds() == [("MISSING_AT_GATEWAY", 500, 0)]
    assert (await balance("treasury.bank"), await balance(CLEARING)) == (1000, 500)
    for again in (good, spoiled):
        assert not (await take(till, again)).is_new
    assert "accounting.settlement.confirmed" in till.books.runtime.audit.actions


async def test_other_content_under_one_name_and_revision_is_noticed(till: Any) -> None:
    await capture("p1", 1000)
    first = await take(till, file(line("CAPTURE", "p1", 1000)))
    other = file(line("CAPTURE", "p1", 900))
    with pytest.raises(SettlementFileDiffers) as refused:
        await take(till, other)
    assert refused.value.message(Language.AR) != refused.value.message(Language.EN)
    assert till.books.runtime.audit.actions[-1] == "accounting.settlement.differs"
    assert await open_kinds() == []
    assert (await models.SettlementFile.get()).id == first.file_id
    assert (await settlements.import_body(None, till.reader, other, replace=True)).is_new
    assert await open_kinds() == [("AMOUNT_DIFFERS", 1000, 900)]


@pytest.mark.parametrize("stated", [(-1000,), (-700, -300)])
async def test_a_refund_of_two_journals_is_one_refund(till: Any, stated: tuple[int, ...]) -> None:
    said = Movement(LineKind.REFUND, "g-p1", "p1", "r1", -1000, AT, "refund:r1")
    till.says.movements_.append(said)
    await capture("p1", 1000)
    await refund("p1", "r1", 700)
    await post("refund:r1:again", "REFUND", "p1", -300, DAY)
    lines = [line("REFUND", "p1", fils, refund="r1") for fils in stated]
    await take(till, file(line("CAPTURE", "p1", 1000), *lines))
    assert await open_kinds() == []
    assert set(await models.Movement.all().values_list("refund_id", flat=True)) == {None, "r1"}


async def test_open_differences_are_looked_at_again(till: Any) -> None:
    """What was paired before a further journal of a refund had the refund's id."""
    await capture("p1", 1000)
    await refund("p1", "r1", 700)
    await post("refund:r1:again", "REFUND", "p1", -300, DAY)
    await take(till, file(line("CAPTURE", "p1", 1000), line("REFUND", "p1", -1000, refund="r1")))
    assert await open_kinds() != []
    migration = importlib.import_module("bawaba_accounting.migrations.0004_provisional")
    await models.Movement.filter(reference="refund:r1").update(refund_id="r1")
    await db.execute(migration.FURTHER)
    await settlements.reconcile(till.reader)
    assert await open_kinds() == []


@pytest.mark.parametrize(
    ("revision", "standing", "early", "expected"),
    [
        (1, None, True, Arrival.COUNTS),
        (1, Standing(9, provisional=True), False, Arrival.COUNTS),
        (9, Standing(1, provisional=False), True, Arrival.OUTDATED),
        (1, Standing(1, provisional=True), True, Arrival.COUNTS),
        (1, Standing(2, provisional=True), True, Arrival.OUTDATED),
        (2, Standing(1, provisional=False), False, Arrival.COUNTS),
        (1, Standing(2, provisional=False), False, Arrival.OUTDATED),
        (2, Standing(2, provisional=False), False, Arrival.DIFFERS),
    ],
)
def test_which_file_of_a_name_counts(
    revision: int, standing: Standing | None, early: bool, expected: Arrival
) -> None:
    assert arrival(revision, standing, early=early) is expected


async def test_the_command_says_what_is_provisional_and_what_differs(
    till: Any, tmp_path: Path, capsys: Any
) -> None:
    at_local(till, DAY, 12)
    source = tmp_path / "day.json"
    source.write_bytes(file(line("CAPTURE", "p1", 1000)))
    assert await commands.import_settlement(source, "till") == 0
    assert f"provisional: {DAY} is not over" in capsys.readouterr().out
    at_local(till, NEXT, 0)
    assert await commands.import_settlement(source, "till") == 0
    assert "provisional" not in capsys.readouterr().out
    source.write_bytes(file(line("CAPTURE", "p1", 900)))
    assert await commands.import_settlement(source, "till") == 2
    assert "stands with other content" in capsys.readouterr().err
    assert await commands.import_settlement(source, "till", replace=True) == 0
    files = await models.SettlementFile.all().order_by("id").values_list("status", flat=True)
    assert files == ["SUPERSEDED", "LIVE"]
