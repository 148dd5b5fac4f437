"""What drives clients of other makers: Node scripts, and a proxy whose connections can be cut."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import subprocess
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent


def node() -> str:
    """Return the path of Node with the clients installed; skip the test where there is none."""
    found = shutil.which("node")
    if found and not (HERE / "node_modules" / "graphql-http").exists():
        command = ["npm", "install", "--no-package-lock", "--no-audit", "--no-fund"]
        done = subprocess.run(command, cwd=HERE, capture_output=True, check=False, timeout=180)
        found = found if done.returncode == 0 else None
    if found is None:
        if os.environ.get("BAWABA_REQUIRE_NODE"):
            pytest.fail("BAWABA_REQUIRE_NODE is set, and Node with its packages is not here")
        pytest.skip("needs Node and its packages")
    return found


@asynccontextmanager
async def script(name: str, *arguments: str) -> AsyncGenerator[Script]:
    """Run a script of this folder; stop it after the block."""
    process = await asyncio.create_subprocess_exec(
        node(),
        str(HERE / name),
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield Script(process)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


class Script:
    """A running script that prints JSON lines."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    def tell(self, **step: Any) -> None:
        """Write one step, as a JSON line, to the script."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(step).encode() + b"\n")

    async def line(self, key: str, within: float = 30.0, refusing: Sequence[str] = ()) -> Any:
        """Return what stands under ``key`` in the next line that has it.

        Args:
            refusing: keys that no line before it may have.
        """
        assert self._process.stdout is not None
        async with asyncio.timeout(within):
            while raw := await self._process.stdout.readline():
                found = json.loads(raw)
                assert "errors" not in found or key == "errors", found
                assert not found.keys() & set(refusing), found
                if key in found:
                    return found[key]
        raise EOFError


class Proxy:
    """A TCP proxy before a server; every connection through it can be cut at once."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._writers: set[asyncio.StreamWriter] = set()
        self.url = ""

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[Proxy]:
        """Listen for as long as the block runs."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield self
        finally:
            server.close()
            self.cut()

    def cut(self) -> None:
        """Cut every connection, without a farewell."""
        for writer in list(self._writers):
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._target)
        pair = {writer, back}
        self._writers |= pair
        with contextlib.suppress(OSError):
            await asyncio.gather(_pump(reader, back), _pump(there, writer))
        self._writers -= pair


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await source.read(65536):
            sink.write(data)
            await sink.drain()
    sink.transport.abort()
