"""``bawaba accounting export``: the same sheet on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from bawaba_accounting import commands


async def test_it_writes_what_the_page_gives(
    portal: Any, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    query = "from=2020-01-01&to=2024-06-30&group=service,year&lang=ar&bom=1&total=1"
    page = await (await portal.browser.get(f"/transparency/statistics.csv?{query}")).read()
    asked = {"since": "2020-01-01", "until": "2024-06-30", "group": "service,year", "lang": "ar"}
    target = tmp_path / "figures.csv"
    with portal.unit():
        assert await commands.export(target, **asked, bom=True, total=True) == 0
        assert target.read_bytes() == page
        capfdbinary.readouterr()
        assert await commands.export(None, **asked, bom=True, total=True) == 0
        assert capfdbinary.readouterr().out == page


async def test_what_it_does_not_understand_ends_with_two(portal: Any, tmp_path: Path) -> None:
    target = tmp_path / "figures.csv"
    with portal.unit():
        assert await commands.export(target, since="soon") == commands.UNUSABLE
        assert await commands.export(target, group="day,service,channel") == commands.UNUSABLE
        assert await commands.export(tmp_path / "no" / "where.csv") == commands.UNUSABLE
    assert not target.exists()
