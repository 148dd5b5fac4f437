"""A served host, and a real agency of the other end, written against the wire alone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
from aiohttp import web
from aiohttp.test_utils import TestServer
from bawaba.host.correspondence import rules
from bawaba.host.correspondence.domain import LETTER_TYPE, PLATFORM, RECEIPT_TYPE, Claims
from bawaba.host.correspondence.sealing import key_of, new_key, seal, unseal, verify
from letters_world import STARS, World, opened

SAY = {"say": "ahoy"}
JOSE = {"Content-Type": "application/jose"}


@asynccontextmanager
async def served(world: World) -> AsyncIterator[str]:
    """Serve the world's host; yield its address."""
    server = TestServer(world.host.app())
    await server.start_server()
    address = str(server.make_url("")).rstrip("/")
    try:
        async with world.host.serving(address):
            yield address
    finally:
        await server.close()


class Observatory:
    """A real agency, written against the wire alone: its own keys, its own server."""

    def __init__(self) -> None:
        self.signing, self.sealing = new_key(), new_key()
        self.heard: list[Claims] = []
        self.platform: list[dict[str, Any]] = []
        self.manner: Callable[[web.Request], Awaitable[web.StreamResponse]] = self.answer
        self.changes: dict[str, Any] = {}

    def jwks(self) -> bytes:
        keys = [{**self.signing, "use": "sig"}, {**self.sealing, "use": "enc"}]
        return orjson.dumps({"keys": [rules.public(key) for key in keys]})

    def theirs(self, use: str) -> Any:
        return key_of(next(key for key in self.platform if key["use"] == use))

    async def answer(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        own = key_of(self.sealing)
        found = unseal(raw, lambda kid: own if kid == own.kid else None)
        letter, _ = verify(found.signed, LETTER_TYPE, lambda _: self.theirs("sig"))
        self.heard.append(letter)
        receipt = Claims(
            STARS, PLATFORM, "receipt-1", letter.issued_at, "receipt", letter.key,
            letter.correlation_id, {"seen": True}, letter.message_id, rules.sha256(raw),
            rules.body_digest(letter.body),
        )  # fmt: skip
        changed = replace(receipt, **self.changes)
        sealed = seal(changed, RECEIPT_TYPE, key_of(self.signing), self.theirs("enc"))
        return web.Response(text=sealed.sealed, content_type="application/jose")


@asynccontextmanager
async def connected(
    tmp_path: Path, url: str = "", **settings: Any
) -> AsyncIterator[tuple[World, Observatory]]:
    """A host that was told a real agency's address and keys."""
    stars = Observatory()

    async def handler(request: web.Request) -> web.StreamResponse:
        return await stars.manner(request)

    app = web.Application(client_max_size=10**6)
    app.router.add_post("/letters", handler)
    async with AsyncExitStack() as stack:
        server = TestServer(app)
        await server.start_server()
        stack.push_async_callback(server.close)
        partners = tmp_path / "partners"
        partners.mkdir(exist_ok=True)
        (partners / f"{STARS}.json").write_bytes(stars.jwks())
        world = await stack.enter_async_context(
            opened(
                url or f"sqlite:///{tmp_path}/real.sqlite3",
                tmp_path / "data",
                correspondence_addresses={STARS: str(server.make_url("/letters"))},
                correspondence_partners=partners,
                **settings,
            )
        )
        pairs = world.office.own(PLATFORM).pairs
        stars.platform = rules.published(pairs, world.clock.now(), world.office.keyring.grace)[
            "keys"
        ]
        yield world, stars
