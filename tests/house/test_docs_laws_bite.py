"""The checkers of test_docs.py, on pages with faults."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import typer


@dataclass
class Docs:
    """The checkers of test_docs.py, on pages of our own."""

    root: Path
    checks: Any

    def page(self, text: str) -> Path:
        path = self.root / "README.md"
        path.write_text(text, encoding="utf-8")
        return path


@pytest.fixture
def docs(tmp_path: Path) -> Docs:
    spec = importlib.util.spec_from_file_location(
        "house_docs", Path(__file__).parent / "test_docs.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["house_docs"] = module
    spec.loader.exec_module(module)
    (tmp_path / "Makefile").write_text("demo: ## run\n")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "there.md").write_text("# A heading here\n")
    return Docs(tmp_path, module)


def test_a_dead_link_path_or_verb_is_reported(docs: Docs) -> None:
    good = docs.page("[a](docs/there.md#a-heading-here) `docs/there.md` `make demo`")
    assert list(docs.checks.broken_links(good)) == []
    assert list(docs.checks.missing_paths(good, docs.root)) == []
    assert list(docs.checks.missing_verbs(good, docs.root)) == []
    bad = docs.page(
        "[a](docs/gone.md) [b](docs/there.md#gone) `docs/gone.md`\n```sh\nmake fly\n```\n"
    )
    assert len(list(docs.checks.broken_links(bad))) == 2
    assert len(list(docs.checks.missing_paths(bad, docs.root))) == 1
    assert len(list(docs.checks.missing_verbs(bad, docs.root))) == 1


def test_a_command_that_does_not_exist_is_reported(docs: Docs) -> None:
    app = typer.Typer()
    app.callback()(lambda: None)
    app.command("serve")(_serve)
    command = typer.main.get_command(app)
    good = docs.page("`bawaba serve --port 1`")
    assert list(docs.checks.missing_commands(good, command)) == []
    bad = docs.page("`bawaba fly` and `bawaba serve --wings`")
    assert len(list(docs.checks.missing_commands(bad, command))) == 2


def _serve(port: int = 1) -> None:
    """Serve."""
