"""What the documents name exists: hooks, links, files, commands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from bawaba.host.cli import main
from bawaba.host.schema.documents import hook_specifications

_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_ROOMS = "core|plugins|schema|tests|docs|bench|scripts"
_PATH = re.compile(rf"`((?:{_ROOMS})/[\w./*-]*)`")
_MAKE = re.compile(r"^(?:[A-Z]+=\S+ +)*make ([a-z]+)", re.MULTILINE)
_BAWABA = re.compile(r"(?:^|[`/\s])bawaba((?: +[\w.*@:/=-]+)+)")
_SLUG = re.compile(r"[^\w\- ]")


def pages(root: Path) -> list[Path]:
    """Return every document that people read."""
    inside = [p for room in ("docs", "schema") for p in sorted((root / room).rglob("*.md"))]
    return [*sorted(root.glob("*.md")), *sorted(root.glob("plugins/*/README.md")), *inside]


def broken_links(page: Path) -> Iterator[str]:
    """Yield every link of ``page`` within the project that leads nowhere."""
    for target in _LINK.findall(_prose(page)):
        if "://" in target or target.startswith("mailto:"):
            continue
        name, _, anchor = target.partition("#")
        path = (page.parent / name).resolve() if name else page
        if not path.exists():
            yield f"{page.name}: {target} does not exist"
        elif anchor and path.suffix == ".md" and anchor not in _anchors(path):
            yield f"{page.name}: {target} has no such heading"


def missing_paths(page: Path, root: Path) -> Iterator[str]:
    """Yield every path that ``page`` names and the tree lacks."""
    for name in _PATH.findall(_prose(page)):
        if not (any(root.glob(name)) if "*" in name else (root / name).exists()):
            yield f"{page.name}: {name} does not exist"


def missing_verbs(page: Path, root: Path) -> Iterator[str]:
    """Yield every ``make`` verb that ``page`` names and the Makefile lacks."""
    verbs = set(re.findall(r"^([a-z]+):", (root / "Makefile").read_text(), re.MULTILINE))
    for name in _MAKE.findall(_commands(page)):
        if name not in verbs:
            yield f"{page.name}: make {name} does not exist"


def missing_commands(page: Path, command: Any) -> Iterator[str]:
    """Yield every ``bawaba`` command line of ``page`` that would not be understood."""
    for line in _BAWABA.findall(_commands(page)):
        here, words = command, line.split()
        while words and hasattr(here, "commands"):
            word = words.pop(0)
            if word.startswith("-"):
                break
            if word not in here.commands:
                yield f"{page.name}: bawaba{line}: no verb {word!r}"
                break
            here = here.commands[word]
        else:
            known = {option for parameter in here.params for option in parameter.opts}
            options = [word.partition("=")[0] for word in words if word.startswith("--")]
            yield from (f"{page.name}: bawaba{line}: no {o}" for o in options if o not in known)


def _prose(page: Path) -> str:
    return re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)


def _commands(page: Path) -> str:
    """Return what stands in code, inline or in blocks of shell."""
    text = page.read_text(encoding="utf-8")
    blocks = re.findall(r"```(?:sh|console|bash)\n(.*?)```", text, flags=re.DOTALL)
    return "\n".join([*blocks, *re.findall(r"`([^`\n]+)`", _prose(page))])


def _anchors(path: Path) -> set[str]:
    headings = re.findall(r"^#+ +(.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {_SLUG.sub("", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.fixture(scope="module")
def command(house: Any) -> Any:
    modules = {p.name: p.module for p in house.registry.plugins if p.name != "bawaba"}
    return typer.main.get_command(main._application(modules))


def test_the_hooks_page_names_every_hook(house: Any) -> None:
    page = (house.root / "docs" / "hooks.md").read_text(encoding="utf-8")
    headings = set(re.findall(r"^## (\w+)$", page, re.MULTILINE))
    assert headings == set(hook_specifications())


def test_every_hook_has_a_sentence_and_an_in_tree_user(house: Any) -> None:
    page = (house.root / "docs" / "hooks.md").read_text(encoding="utf-8")
    assert [name for name, spec in hook_specifications().items() if not spec.__doc__] == []
    assert "No loaded plugin implements it." not in page


def test_every_link_leads_somewhere(house: Any) -> None:
    assert [flaw for page in pages(house.root) for flaw in broken_links(page)] == []


def test_every_path_named_exists(house: Any) -> None:
    assert [flaw for page in pages(house.root) for flaw in missing_paths(page, house.root)] == []


def test_every_make_verb_exists(house: Any) -> None:
    assert [flaw for page in pages(house.root) for flaw in missing_verbs(page, house.root)] == []


def test_every_command_exists(house: Any, command: Any) -> None:
    assert [flaw for page in pages(house.root) for flaw in missing_commands(page, command)] == []


def test_every_plugin_has_a_page(house: Any) -> None:
    assert [p.folder.name for p in house.plugins if not (p.folder / "README.md").exists()] == []
