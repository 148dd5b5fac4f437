"""Demo data: each plugin's loader gets the arguments that it names, and no others."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from bawaba.errors import BootError
from bawaba.host import boot
from bawaba.host.host import Host
from bawaba.host.registry import load
from bawaba.host.settings import Settings
from bawaba.plugin import Manifest, hookimpl
from bawaba.testing.ledger import MemoryLedger
from bawaba.text import Text


def plugin(name: str, loader: Callable[..., Any]) -> ModuleType:
    module = ModuleType(f"bawaba_{name}_for_tests")
    manifest = Manifest(name, name, Text(name, name), "1.0")
    module.declare_manifest = hookimpl(lambda: manifest)  # type: ignore[attr-defined]
    module.on_demo_load = hookimpl(loader)  # type: ignore[attr-defined]
    return module


@asynccontextmanager
async def opened(folder: Path, *plugins: ModuleType) -> AsyncIterator[Host]:
    settings = Settings(data_dir=folder, database_url="", demo=True)
    modules = {str(number): module for number, module in enumerate(plugins)}
    host = boot.build(settings, modules=modules, ledger=MemoryLedger())
    async with host.opened():
        yield host


def quiet(_what: str, _done: int, _total: int) -> None:
    return None


async def test_a_loader_names_what_it_takes(tmp_path: Path) -> None:
    called: list[Any] = []

    async def plain(progress: Any) -> None:
        called.append(("plain", progress))

    async def counting(progress: Any, transactions: int | None) -> None:
        called.append(("counting", progress, transactions))

    async with opened(tmp_path, plugin("museum", plain), plugin("zoo", counting)) as host:
        await host.load_demo(quiet)
        await host.load_demo(quiet, 7)
    assert called == [
        ("plain", quiet),
        ("counting", quiet, None),
        ("plain", quiet),
        ("counting", quiet, 7),
    ]


async def test_a_number_that_nobody_takes_is_refused(tmp_path: Path) -> None:
    called: list[Any] = []

    async def plain(progress: Any) -> None:
        called.append(progress)

    async with opened(tmp_path, plugin("museum", plain)) as host:
        with pytest.raises(BootError, match="no loaded plugin brings transactions"):
            await host.load_demo(quiet, 7)
    assert called == []


def test_an_argument_that_does_not_exist_is_refused_at_boot() -> None:
    async def wanting(progress: Any, fines: int) -> None:
        raise AssertionError((progress, fines))

    with pytest.raises(BootError, match="fines"):
        load({"museum": plugin("museum", wanting)})
