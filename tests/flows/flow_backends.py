"""A real portal on each backend: SQLite with one process, PostgreSQL + Redis with two."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from bawaba.testing.databases import postgres_database, redis_url
from bawaba.testing.process import Portal, serving

BACKENDS = ("sqlite", "postgres")


@contextmanager
def portal_on(backend: str, **settings: str) -> Iterator[Portal]:
    """Run a portal on a fresh database of ``backend``."""
    if backend == "sqlite":
        with serving(settings) as portal:
            yield portal
        return
    with postgres_database() as database:
        everything = {
            "BAWABA_DATABASE_URL": database,
            "BAWABA_REDIS_URL": redis_url(),
            "BAWABA_REDIS_PREFIX": f"test-{uuid.uuid4().hex[:12]}",
            **settings,
        }
        with serving(everything, workers=2) as portal:
            yield portal
