"""A pytest plugin: one whole host for each test, on both databases.

Fixtures: ``clock`` (stands still), ``host`` (open, with the demo's data, in the background
nothing), ``ask`` (runs an operation as a person of the demo).
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bawaba.graphql import Context
from bawaba.host import boot
from bawaba.host.host import Host
from bawaba.host.identity import issue_demo_token
from bawaba.host.settings import Settings
from bawaba.testing.clock import FrozenClock
from bawaba.testing.databases import postgres_database
from bawaba.text import Language

Ask = Callable[..., Awaitable[dict[str, Any]]]


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


@contextmanager
def _demo_environment(monkeypatch: pytest.MonkeyPatch) -> Generator[None]:
    with monkeypatch.context() as patch:
        patch.setenv("BAWABA_DEMO", "1")
        yield


@pytest_asyncio.fixture
async def host(
    database_url: str, tmp_path: Path, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[Host]:
    """Yield an open host with every installed plugin and the demo's data."""
    with _demo_environment(monkeypatch):
        settings = Settings(data_dir=tmp_path / "data", database_url=database_url, demo=True)
        built = boot.build(settings, clock=clock)
        async with built.opened():
            await built.load_demo(lambda _what, _done, _total: None)
            yield built


@pytest.fixture
def ask(host: Host) -> Ask:
    """Return an async function from (person or None, query, variables) to the whole answer."""

    async def run(
        person: str | None, query: str, variables: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        people = {p.handle: p for p in host.runtime.registry.all("declare_demo_people")}
        token = None if person is None else issue_demo_token(host.settings, people[person], "test")
        with host.unit():
            viewer = await host.parts.identity.authenticate(
                token, language=Language.EN, user_agent=None
            )
            prepared = host.engine.prepare(query, None, viewer.language)
            return await host.engine.execute(prepared, variables, Context(viewer=viewer))

    return run
