"""Migrates the sample app and prints what it applied: `python migrate_once.py URL`."""

from __future__ import annotations

import asyncio
import sys

from bawaba.host.storage.database import ModelApp
from bawaba.host.storage.migrate import migrate

if __name__ == "__main__":
    sample = ModelApp("sample", "sample_app.models", "sample_app.migrations")
    print(  # noqa: T201
        asyncio.run(migrate(sys.argv[1], [sample]))
    )
