"""Importing history: good lines once, bad lines with their reasons, whatever the file holds."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from bawaba_accounting import commands, models
from bawaba_accounting.domain import StatisticsQuery
from bawaba_accounting.services import importing, verify
from bawaba_accounting.services.importing import import_file, rejects_path
from bawaba_accounting.services.statistics import statistics

HEADER = "when,service,agency,channel,amount,reference"
GOOD = "2019-05-01,permits,offered,PORTAL,12.500,{}"


@pytest.fixture
async def ready(books: Any) -> Any:
    await books.ledger.ensure_accounts(importing.ACCOUNTS)
    return books


def silent(_what: str, _done: int, _total: int) -> None:
    pass


def written(folder: Path, *lines: str | bytes, header: str = HEADER) -> Path:
    path = folder / "history.csv"
    whole = [line if isinstance(line, bytes) else line.encode() for line in (header, *lines)]
    path.write_bytes(b"\n".join(whole) + b"\n")
    return path


def rejected(path: Path) -> dict[int, str]:
    with rejects_path(path).open(encoding="utf-8", errors="surrogateescape", newline="") as file:
        return {int(row["line"]): row["reason"] for row in csv.DictReader(file)}


BAD = {
    "2019-05-01,permits,offered,PORTAL,12.5001,r": "more than three decimals",
    "2019-05-01,permits,offered,PORTAL,-1.000,r": "amount: not a positive",
    "2019-05-01,permits,offered,PORTAL,1e3,r": "amount: not a positive",
    "2019-05-01,permits,offered,PORTAL,١٢,r": "amount: not a positive",
    "2019-05-01,permits,offered,PORTAL,0.000,r": "amount: zero",
    "2019-05-01,permits,offered,PORTAL,nan,r": "amount: not a positive",
    "2999-01-01,permits,offered,PORTAL,1,r": "when: in the future",
    "2006-12-31,permits,offered,PORTAL,1,r": "when: before 2007",
    "01/05/2019,permits,offered,PORTAL,1,r": "when: not an ISO",
    "2019-05-01,permits,offered,PIGEON,1,r": "channel: none of",
    "2019-05-01,Permits!,offered,PORTAL,1,r": "service: not lower-case",
    "2019-05-01,permits,,PORTAL,1,r": "agency: not lower-case",
    "2019-05-01,permits,elsewhere,PORTAL,1,r": "belongs to offered",
    "2019-05-01,permits,offered,PORTAL,1,": "reference: not 1 to 120",
    "2019-05-01,permits,offered,PORTAL,1": "5 fields where the header has 6",
    "2019-05-01,permits,offered,PORTAL,1,r,x": "7 fields",
    '2019-05-01,permits,offered,PORTAL,1,"r': "not CSV",
    "2019-05-01,permits,offered,PORTAL,1,r\x00x": "control character",
    GOOD.format("x" * 5000): "longer than",
    GOOD.format("ع" * 3000): "longer than",
}


async def test_each_bad_line_is_refused_with_number_and_reason(ready: Any, tmp_path: Path) -> None:
    latin = b"2019-05-01,permits,offered,PORTAL,1,caf\xe9"
    path = written(tmp_path, GOOD.format("first"), *BAD, latin, "", GOOD.format("last"))
    summary = await import_file(path, silent)
    assert (summary.recorded, summary.rejected) == (2, len(BAD) + 1)
    reasons = rejected(path)
    for number, expected in enumerate(BAD.values(), start=3):
        assert expected in reasons[number], (number, reasons[number])
    assert reasons[3 + len(BAD)] == "not UTF-8"
    assert latin in rejects_path(path).read_bytes()


async def test_nothing_is_imported_twice(ready: Any, tmp_path: Path) -> None:
    path = written(tmp_path, *(GOOD.format(n) for n in range(700)), GOOD.format(0))
    first = await import_file(path, silent)
    assert (first.recorded, first.duplicates, first.rejected) == (700, 1, 0)
    assert first.fils == 700 * 12_500
    again = await import_file(path, silent)
    assert (again.recorded, again.duplicates, again.rejected) == (0, 701, 0)
    assert not rejects_path(path).exists()
    found = await statistics(StatisticsQuery(services=["permits"]))
    assert (found.total.count, found.total.fils) == (700, 700 * 12_500)
    assert (await verify.verify()).is_intact


async def test_a_crash_between_batches_loses_and_doubles_nothing(
    ready: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, *(GOOD.format(n) for n in range(60)))
    monkeypatch.setattr(importing, "BATCH", 25)

    def crash(_what: str, _done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await import_file(path, crash)
    summary = await import_file(path, silent)
    assert (summary.recorded, summary.duplicates) == (35, 25)


async def test_a_reference_of_another_transaction_is_not_a_duplicate(
    ready: Any, tmp_path: Path
) -> None:
    other = "2019-05-01,permits,offered,PORTAL,99.000,7"
    path = written(tmp_path, GOOD.format(7), other)
    summary = await import_file(path, silent)
    assert (summary.recorded, summary.duplicates, summary.rejected) == (1, 0, 1)
    assert "another transaction" in rejected(path)[3]


async def test_services_nobody_offers_become_historic(ready: Any, tmp_path: Path) -> None:
    header = "\ufeff" + HEADER + ",service_en,service_ar,agency_en,agency_ar,gateway,count,note"
    line = (
        "2010-12-31T22:30:00+00:00,old-tolls,roads,call centre,100.000,=SUM(A1),"
        "Old tolls,رسوم قديمة,Roads,الطرق,visa,40,-"
    )
    path = written(tmp_path, line, header=header)
    summary = await import_file(path, silent)
    assert (summary.recorded, summary.historic, summary.ignored_columns) == (
        1,
        ["old-tolls"],
        ["note"],
    )
    service = ready.runtime.catalogue.held_services["old-tolls"]
    assert (service.name.ar, service.agency, service.payable) == ("رسوم قديمة", "roads", False)
    assert ready.runtime.catalogue.held_agencies["roads"].name.en == "Roads"
    rows = await models.JournalRow.all().values("effective_on", "reference")
    # 22:30 in UTC is the next day, and the next year, where the services are.
    assert rows[0]["effective_on"].isoformat() == "2011-01-01"
    assert rows[0]["reference"] == "import:=SUM(A1)"
    activity = await models.Activity.all().values("channel", "gateway", "count")
    assert activity == [{"channel": "CALL_CENTRE", "gateway": "visa", "count": 40}]


async def test_the_command_says_what_became_of_the_file(
    ready: Any, tmp_path: Path, capsys: Any
) -> None:
    path = written(tmp_path, GOOD.format(1), GOOD.format(1), "nonsense")
    assert await commands.import_history(path) == 0
    assert "1 recorded (BHD 12.500), 1 duplicates, 1 rejected" in capsys.readouterr().out
    assert await commands.import_history(written(tmp_path, header="when,service")) == 2
    assert "lacks agency, channel, amount, reference" in capsys.readouterr().err
    assert await commands.import_history(tmp_path / "absent.csv") == 2
