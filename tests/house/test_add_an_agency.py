"""The worked example of docs/add_an_agency.md, extracted and run as a stranger's plugin."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bawaba.graphql import Context, global_id
from bawaba.host import boot
from bawaba.host.schema import export
from bawaba.host.schema.compose import compose
from bawaba.host.settings import Settings
from bawaba.host.storage.migrate import make_migration
from bawaba.testing import laws
from bawaba.testing.ledger import MemoryLedger
from bawaba.text import Language
from bawaba.viewer import ANONYMOUS, EVERYWHERE, Viewer

_BLOCK = re.compile(r"^`([\w./]+)`\n\n```(?:python|toml)\n(.*?)```$", re.MULTILINE | re.DOTALL)
_HALLS = "{ museumHalls(first: 1) { totalCount nodes { id title } pageInfo { hasNextPage } } }"
_BOOK = """mutation Book($input: MuseumBookInput!) {
  museumBook(input: $input) { visit { people } errors { code message path } }
}"""


@pytest.fixture(scope="module")
def files(house: Any) -> dict[str, str]:
    page = (house.root / "docs" / "add_an_agency.md").read_text(encoding="utf-8")
    return dict(_BLOCK.findall(page))


@pytest.fixture(scope="module")
def package(files: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    root = tmp_path_factory.mktemp("museum")
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    migrations = root / "bawaba_museum" / "migrations"
    migrations.mkdir()
    (migrations / "__init__.py").write_text("")
    sys.path.insert(0, str(root))
    yield root / "bawaba_museum"
    sys.path.remove(str(root))
    for name in [name for name in sys.modules if name.partition(".")[0] == "bawaba_museum"]:
        del sys.modules[name]


@pytest.fixture(scope="module")
def museum(package: Path) -> Any:
    return importlib.import_module("bawaba_museum.plugin")


def test_the_example_is_about_a_hundred_lines_a_file_at_most(files: dict[str, str]) -> None:
    assert len(files) == 9
    assert max(len(text.splitlines()) for text in files.values()) <= 100


def test_the_example_keeps_the_laws(package: Path) -> None:
    broken = [laws.one_door(package), laws.pure(package), laws.nothing_slow(package)]
    assert [*broken, laws.sizes(package), laws.returns(package)] == [[], [], [], [], []]


def test_the_example_loads_and_composes(museum: Any) -> None:
    registry = boot.load_registry({"museum": museum}, Settings())
    schema = compose(registry)
    assert laws.policies(export.core_schema(schema)) == []
    own = export.parts(export.sdl(schema), registry)["museum"]
    assert "museumHalls" in own
    words = laws.descriptions(export.core_schema(schema))
    assert [flaw for flaw in words if "useum" in flaw] == []


def test_the_examples_own_test_passes(package: Path, files: dict[str, str]) -> None:
    names: dict[str, Any] = {}
    exec(files["museum_tests/test_museum_laws.py"], names)
    names["test_the_museum_keeps_the_laws"]()


async def test_the_example_books_a_visit(museum: Any, tmp_path: Path) -> None:
    registry = boot.load_registry({"museum": museum}, Settings())
    apps = boot.model_apps(registry)
    assert await make_migration(apps[-1], apps, "initial") is not None
    settings = Settings(data_dir=tmp_path, database_url="", demo=True)
    host = boot.build(settings, modules={"museum": museum}, ledger=MemoryLedger())
    grants = {"museum.book": frozenset({EVERYWHERE})}
    visitor = Viewer(person_id="p1", grants=grants, language=Language.AR)

    async def ask(query: str, viewer: Viewer, **variables: Any) -> Any:
        with host.unit():
            prepared = host.engine.prepare(query, None, Language.EN)
            return await host.engine.execute(prepared, variables, Context(viewer))

    async with host.opened():
        halls = (await ask(_HALLS, visitor))["data"]["museumHalls"]
        assert halls["nodes"][0]["title"] == "أختام دلمون"
        assert (halls["totalCount"], halls["pageInfo"]["hasNextPage"]) == (2, True)
        wish = {"hallId": global_id("MuseumHall", "dilmun"), "people": 3}
        booked = await ask(_BOOK, visitor, input=wish)
        assert booked["data"]["museumBook"] == {"visit": {"people": 3}, "errors": []}
        refused = await ask(_BOOK, visitor, input=wish | {"people": 11})
        assert refused["data"]["museumBook"]["errors"][0]["code"] == "MUSEUM_PARTY_TOO_LARGE"
        nobody = await ask(_BOOK, ANONYMOUS, input=wish)
        assert nobody["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
