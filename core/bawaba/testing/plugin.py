"""A pytest plugin: one whole host for each test, on both databases.

Fixtures: ``clock`` (stands still), ``host`` (open, with the demo's data, in the background
nothing), ``ask`` (runs an operation as a person of the demo).
"""

from __future__ import annotations

import asyncio
import datetime as dt
import shutil
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bawaba.graphql import Context
from bawaba.host import boot
from bawaba.host.host import Host
from bawaba.host.identity import DemoIssuer
from bawaba.host.settings import Settings
from bawaba.testing.clock import FrozenClock
from bawaba.testing.databases import postgres_database, wait_for_drops
from bawaba.testing.inside import composed
from bawaba.text import Language

_SQLITE = "demo.sqlite3"
_LONG = dt.timedelta(days=400)
Ask = Callable[..., Awaitable[dict[str, Any]]]


def pytest_sessionfinish() -> None:
    """Leave no database behind."""
    wait_for_drops()


@pytest.fixture
def clock() -> FrozenClock:
    """Return a clock that a test moves by hand."""
    return FrozenClock()


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[str]:
    """Yield the URL of an empty database of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/test.sqlite3"
        return
    with postgres_database() as url:
        yield url


@dataclass(frozen=True)
class _Template:
    """A data folder and database with the demo's data, to be copied for each test."""

    data: Path
    url: str


@pytest.fixture(scope="session")
def _demo_templates(
    tmp_path_factory: pytest.TempPathFactory,
) -> Generator[Callable[[str], _Template]]:
    """Yield what makes, once a kind of database, the template of it."""
    made: dict[str, _Template] = {}
    with ExitStack() as stack:

        def template(kind: str) -> _Template:
            if kind not in made:
                data = tmp_path_factory.mktemp(f"demo-{kind}")
                url = (
                    f"sqlite:///{data}/{_SQLITE}"
                    if kind == "sqlite"
                    else stack.enter_context(postgres_database())
                )
                with ThreadPoolExecutor(1) as pool:
                    pool.submit(lambda: asyncio.run(_load_demo(data, url))).result()
                made[kind] = _Template(data, url)
            return made[kind]

        yield template


async def _load_demo(data: Path, url: str) -> None:
    built = boot.build(Settings(data_dir=data, database_url=url, demo=True))
    async with built.opened():
        await built.load_demo(lambda _what, _done, _total: None)


@pytest_asyncio.fixture(params=["sqlite", "postgres"])
async def host(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    clock: FrozenClock,
    _demo_templates: Callable[[str], _Template],
) -> AsyncGenerator[Host]:
    """Yield an open host with every installed plugin and the demo's data, on each database."""
    with _demo_copy(_demo_templates(request.param), tmp_path / "data") as settings:
        built = boot.build(settings, clock=clock, schema=composed())
        async with built.opened():
            yield built


@contextmanager
def _demo_copy(template: _Template, data: Path) -> Generator[Settings]:
    """Copy a template; yield the settings of a host on the copy."""
    shutil.copytree(template.data, data)
    if template.url.startswith("sqlite"):
        url = f"sqlite:///{data}/{_SQLITE}"
        yield Settings(data_dir=data, database_url=url, demo=True)
        return
    with postgres_database(like=template.url) as url:
        yield Settings(data_dir=data, database_url=url, demo=True)


@pytest.fixture
def ask(host: Host) -> Ask:
    """Return an async function from (person or None, query, variables, language) to the answer.

    Each person has one device, signed in at the first use, for as long as the clock may be moved.
    """
    people = {p.handle: p for p in host.runtime.registry.demo_people()}
    issuer = DemoIssuer(
        host.settings.data_dir,
        demo=True,
        audience=host.settings.oidc_audience,
        clock=host.runtime.clock,
    )
    tokens: dict[str | None, str | None] = {None: None}

    async def run(
        person: str | None,
        query: str,
        variables: Mapping[str, Any] | None = None,
        language: Language = Language.EN,
    ) -> dict[str, Any]:
        if person not in tokens:
            tokens[person] = issuer.issue(people[str(person)], device_label="test", lifetime=_LONG)
        with host.unit():
            viewer = await host.parts.identity.authenticate(
                tokens[person], language=language, user_agent=None
            )
            prepared = host.engine.prepare(query, None, viewer.language)
            return await host.engine.execute(prepared, variables, Context(viewer=viewer))

    return run
