"""The list of demo people can be copied from, in the narrowest terminal and through a pipe."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer
from bawaba.host import boot
from bawaba.host.cli import operations
from typer.testing import CliRunner


def test_every_handle_stands_in_the_list_in_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    app = typer.Typer()
    operations.add_to(app)
    shown = CliRunner().invoke(app, ["people", "--data", str(tmp_path)])
    assert shown.exit_code == 0, shown.output
    handles = [person.handle for person in boot.load_registry(boot.discover()).demo_people()]
    assert "performance-officer" in handles, "one that once was cut"
    words = shown.output.split()
    assert [handle for handle in handles if handle not in words] == []
