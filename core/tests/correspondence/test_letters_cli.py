"""``bawaba correspondence``: verify, keys, rotate."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from bawaba import correspondence
from bawaba.errors import AgencyNotConnected
from bawaba.host import boot
from bawaba.host.cli import corresponding
from bawaba.host.settings import Settings
from letters_world import HOUSE, Book, lights
from typer.testing import CliRunner

Command = Callable[..., tuple[int, str]]


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Return what runs a verb on this test's data; gives its exit code and all it prints."""
    modules = {"lights": lights(Book())}
    monkeypatch.setattr(boot, "discover", lambda: modules)
    for name, value in (("DEMO", "1"), ("DATA_DIR", str(tmp_path)), ("DATABASE_URL", "")):
        monkeypatch.setenv(f"BAWABA_{name}", value)
    app = typer.Typer()
    app.callback()(lambda: None)
    corresponding.add_to(app)

    def run(*words: str) -> tuple[int, str]:
        result = CliRunner().invoke(app, ["correspondence", *words, "--data", str(tmp_path)])
        return result.exit_code, result.output

    return run


async def say(data: Path, *keys: str) -> None:
    host = boot.build(Settings(data_dir=data))
    async with host.opened():
        with host.unit():
            for key in keys:
                await correspondence.send(HOUSE, "light.told", {"say": key}, key)


def test_verify_names_the_first_broken_entry_and_fails(command: Command, tmp_path: Path) -> None:
    assert command("verify") == (0, "intact\n")
    asyncio.run(say(tmp_path, "k1", "k2"))
    assert command("verify") == (0, "intact\n")
    with sqlite3.connect(tmp_path / "bawaba.sqlite3") as database:
        database.execute("DROP TRIGGER core_letter_append_only_update")
        database.execute("UPDATE core_letter SET agency = 'other' WHERE number = 2")
    code, said = command("verify")
    assert code == 1
    assert said.startswith("broken: entry 2 was changed")


def test_keys_are_listed_and_turned(command: Command, tmp_path: Path) -> None:
    code, said = command("keys")
    assert code == 0
    assert [line.split("\t")[:2] for line in said.splitlines()] == [
        ["platform", "CURRENT"],
        ["platform", "NEXT"],
        [HOUSE, "SIMULATED"],
        ["observatory", "SIMULATED"],
    ]
    following = said.splitlines()[1].rpartition(" ")[2]
    assert command("rotate") == (0, f"platform signs as {following}\n")
    assert command("rotate", HOUSE)[0] == 0
    states = [line.split("\t")[:2] for line in command("keys")[1].splitlines()]
    assert ["platform", "RETIRED"] in states
    assert command("rotate", "nobody")[0] == 2
    asyncio.run(say(tmp_path, "k1"))
    assert command("verify") == (0, "intact\n")


def test_keys_name_who_has_no_address_and_fail_while_letters_wait(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BAWABA_DEMO", "0")
    monkeypatch.setenv("BAWABA_OIDC_ISSUER", "https://issuer.example")
    assert command("rotate")[0] == 0
    assert command("rotate", HOUSE)[0] == 2, "nobody makes keys for a real agency"
    code, said = command("keys")
    nobody = [[HOUSE, "NO ADDRESS"], ["observatory", "NO ADDRESS"]]
    assert (code, [line.split("\t")[:2] for line in said.splitlines()[2:]]) == (0, nobody)
    with pytest.raises(AgencyNotConnected):
        asyncio.run(say(tmp_path, "k1"))
    code, said = command("keys")
    assert (code, said.splitlines()[-1]) == (1, f"{HOUSE}\tWAITING\t1 letters")
