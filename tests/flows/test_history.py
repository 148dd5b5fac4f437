"""History brought forward from a file, while the portal is open."""

from __future__ import annotations

import asyncio
import csv
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from bawaba.testing.client import FrontEnd
from bawaba.testing.process import Portal
from flow_steps import assert_balanced, operation, statistics

HEADER = "when,service,agency,channel,amount,reference,service_en,service_ar,agency_en,agency_ar"
NAMES = "Parking permits,تصاريح المواقف,Municipality,البلدية"
LINES = f"""\
2012-03-04T09:00:00Z,parking-permits,municipality,KIOSK,5.250,P-1,{NAMES}
2012-03-05T09:00:00Z,parking-permits,municipality,PORTAL,0.750,P-2,{NAMES}
2012-03-05T09:00:00Z,parking-permits,municipality,PORTAL,1.2345,P-3,,,,
2012-03-05T09:00:00Z,parking-permits,municipality,FAX,1.000,P-4,,,,
not a day,parking-permits,municipality,PORTAL,1.000,P-5,,,,
"""


async def test_import_streams_refuses_and_repeats_nothing(
    portal: Portal, visitor: FrontEnd, person: Callable[[str], FrontEnd], tmp_path: Path
) -> None:
    file = tmp_path / "history.csv"
    file.write_text(f"{HEADER}\n{LINES}", encoding="utf-8")
    before = await statistics(visitor)
    watching = operation("accounting", "StatisticsUpdated"), {"groupBy": ["SERVICE"]}
    async with visitor.live() as live, live.subscribe(*watching) as updates:
        await updates.next()
        printed = portal.command("accounting", "import", str(file))
        assert "2 recorded (BHD 6.000), 0 duplicates, 3 rejected" in printed
        pushed = (await updates.next())["accountingStatisticsUpdated"]["statistics"]["total"]
    after = before[0] + 2, before[1] + Decimal("6.000")
    assert (pushed["count"], Decimal(pushed["amount"]["amount"])) == after
    assert await statistics(visitor) == after
    with (tmp_path / "history.csv.rejects.csv").open(encoding="utf-8", newline="") as rejects:
        assert len(list(csv.reader(rejects))) >= 3
    assert "2 duplicates" in portal.command("accounting", "import", str(file))
    assert await statistics(visitor) == after
    await asyncio.sleep(2.5)  # the catalogue is remembered for two seconds
    catalogue = await visitor.execute(operation("core", "Catalogue"), {"first": 50})
    historic = next(s for s in catalogue["services"]["nodes"] if s["code"] == "parking-permits")
    assert (historic["nameAr"], historic["isPayable"]) == ("تصاريح المواقف", False)
    await assert_balanced(person("treasurer"))


async def test_verify_says_intact(portal: Portal, visitor: FrontEnd) -> None:
    await statistics(visitor)
    assert "intact" in portal.command("accounting", "verify")
    assert "intact" in portal.command("audit", "verify")


@pytest.mark.parametrize("person_name", ["citizen", "traffic-officer"])
async def test_books_are_for_who_may_read_them(
    person: Callable[[str], FrontEnd], person_name: str
) -> None:
    answer = await person(person_name).raw(operation("accounting", "TrialBalance"))
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    books = await person("auditor").execute(operation("accounting", "TrialBalance"))
    assert books["accountingTrialBalance"]["isBalanced"]
