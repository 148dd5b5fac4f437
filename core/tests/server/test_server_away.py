"""What a client is told while the database is away before its operation even begins."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from bawaba.db import StorageUnavailable
from bawaba.testing.clock import FrozenClock
from bawaba.testing.inside import serving_inside


async def test_no_database_to_sign_in_with_is_said_as_such(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is nobody's fault in particular: come back in a second. The driver's words stay here."""

    async def away(*_: Any, **__: Any) -> None:
        raise StorageUnavailable("connection", "sorry, too many clients already")

    async with serving_inside(tmp_path, FrozenClock()) as here:
        person = here.person("citizen")
        monkeypatch.setattr(type(here.host.parts.identity), "authenticate", away)
        headers = {"Authorization": f"Bearer {person.token}", "Content-Type": "application/json"}
        async with here.session.post(
            f"{here.url}/graphql", data=b'{"query": "{ me { id } }"}', headers=headers
        ) as answer:
            body = await answer.text()
            assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
        assert '"SERVICE_UNAVAILABLE"' in body
        assert "too many clients" not in body
