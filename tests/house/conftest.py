"""What the laws look at: the tree, the plugins, the composed schema."""

from __future__ import annotations

import subprocess
import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest
from bawaba.host import boot
from bawaba.host.registry import Registry
from bawaba.host.schema import export
from bawaba.host.schema.compose import ComposedSchema, compose
from bawaba.host.settings import Settings
from graphql import GraphQLSchema

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Plugin:
    """An in-tree plugin: its folder and what its pyproject says."""

    folder: Path
    distribution: str
    entry: str

    @property
    def package(self) -> str:
        return self.entry.partition(".")[0]

    @property
    def source(self) -> Path:
        return self.folder / self.package


class House:
    """The tree, read once."""

    root = ROOT
    core = ROOT / "core" / "bawaba"
    here = Path(__file__).parent

    @cached_property
    def plugins(self) -> list[Plugin]:
        found = []
        for path in sorted((ROOT / "plugins").glob("*/pyproject.toml")):
            project = tomllib.loads(path.read_text(encoding="utf-8"))["project"]
            entries = project["entry-points"]["bawaba"]
            found.append(Plugin(path.parent, project["name"], next(iter(entries.values()))))
        return found

    @cached_property
    def registry(self) -> Registry:
        packages = {plugin.package for plugin in self.plugins}
        modules = boot.discover()
        own = {name: m for name, m in modules.items() if m.__name__.partition(".")[0] in packages}
        return boot.load_registry(own, Settings())

    @cached_property
    def schema(self) -> ComposedSchema:
        return compose(self.registry)

    @property
    def graphql(self) -> GraphQLSchema:
        return export.core_schema(self.schema)

    @cached_property
    def files(self) -> list[Path]:
        """Everything that is, or would be, committed."""
        command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
        listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout
        paths = sorted({ROOT / name for name in listed.decode().split("\0") if name})
        return [path for path in paths if path.is_file()]

    def table(self, name: str) -> dict[str, dict[str, int]]:
        return tomllib.loads((self.here / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def house() -> House:
    return House()
