"""Whom plugins correspond with is checked at boot, and gathered by agency."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from bawaba.correspondence import Correspondent
from bawaba.errors import BootError
from bawaba.host import boot
from bawaba.host.settings import Settings
from bawaba.testing.ledger import MemoryLedger
from letters_world import HOUSE, Book, lights


async def nothing(letter: Any) -> dict[str, Any]:
    del letter
    return {}


def test_each_kind_has_one_desk_whichever_entry_names_it(tmp_path: Path) -> None:
    entries = [
        Correspondent(HOUSE, simulated={"light.a": nothing}),
        Correspondent(HOUSE, simulated={"light.b": nothing}),
    ]
    module = lights(Book(), declare_correspondents=entries)
    host = boot.build(
        Settings(data_dir=tmp_path, demo=True), modules={"lights": module}, ledger=MemoryLedger()
    )
    assert set(host.parts.correspondence.office.agencies[HOUSE].simulated) == {"light.a", "light.b"}


@pytest.mark.parametrize(
    ("entries", "problem"),
    [
        ([Correspondent("nobody")], "is no agency"),
        ([Correspondent(HOUSE, {"dark.a": nothing})], "'dark.a'"),
        ([Correspondent(HOUSE, {"light": nothing})], "'light'"),
        ([Correspondent(HOUSE, {"light.a": nothing})] * 2, "twice"),
    ],
)
def test_what_cannot_be_declared(tmp_path: Path, entries: Any, problem: str) -> None:
    module = lights(Book(), declare_correspondents=entries)
    with pytest.raises(BootError, match=problem):
        boot.build(Settings(data_dir=tmp_path, demo=True), modules={"lights": module})
