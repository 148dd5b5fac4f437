"""A big file passes through a process that never holds it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from files_world import PNG, World, digest, opened

SIZE = 30_000_000
BIG = PNG + bytes(SIZE - len(PNG))


def _peak() -> int:
    """Return the most memory that this process held since the last reset, in bytes."""
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def _reset_peak() -> int:
    Path("/proc/self/clear_refs").write_text("5")
    return _peak()


async def _pieces() -> AsyncIterator[bytes]:
    for start in range(0, SIZE, 65_536):
        yield BIG[start : start + 65_536]


async def _round(world: World) -> None:
    made = await world.create(BIG)
    assert await world.put(made, _pieces()) == (200, "")
    address = world.local(made["attachment"]["url"])
    size = 0
    async with world.session.get(address, headers=world.token("mona")) as response:
        async for chunk in response.content.iter_chunked(65_536):
            size += len(chunk)
    assert size == SIZE


async def test_a_big_file_does_not_grow_the_process(tmp_path: Path) -> None:
    async with opened("", tmp_path / "data") as world:
        await _round(world)
        before = _reset_peak()
        await _round(world)
        assert _peak() - before < SIZE * 0.8
        assert world.objects() == 2


async def test_a_big_lie_and_a_big_cut_leave_no_parts(tmp_path: Path) -> None:
    async with opened("", tmp_path / "data") as world:
        made = await world.create(BIG, sha256=digest(b""))
        assert await world.put(made, _pieces()) == (422, "FILE_HASH_MISMATCH")
        assert world.objects() == 0

        async def stalled() -> AsyncIterator[bytes]:
            yield BIG[: SIZE // 2]
            await asyncio.sleep(2)

        made = await world.create(BIG)
        assert await world.put(made, stalled()) == (408, "UPLOAD_INTERRUPTED")
        assert world.objects() == 0
