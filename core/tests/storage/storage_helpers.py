"""What several storage tests ask of a database."""

from __future__ import annotations

import asyncio

from bawaba.host.storage.database import Database


async def settled(database: Database) -> bool:
    """Whether every connection is back in the pool within two seconds."""
    for _ in range(200):
        size, idle = database.pool_status()
        if size == idle:
            return True
        await asyncio.sleep(0.01)
    return False
