"""A host with one plugin that takes files, behind a real server; short words for deeds."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import aiohttp
from aiohttp.test_utils import TestServer
from bawaba import files
from bawaba.db import transaction
from bawaba.files import Purpose
from bawaba.graphql import Context
from bawaba.host import boot
from bawaba.host.files.models import FileObject, FileRow, FileTicket
from bawaba.host.files.services.cleaning import clean
from bawaba.host.identity import issue_demo_token, load_people
from bawaba.host.settings import Settings
from bawaba.plugin import DemoPerson, Manifest, Permission, Role, hookimpl
from bawaba.testing.clock import FrozenClock
from bawaba.testing.ledger import MemoryLedger
from bawaba.text import Language, Text
from bawaba.viewer import Viewer

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8
PDF = b"%PDF-1.7\n" + b"x" * 500
PURPOSE = "notes.scan"
TYPES = frozenset({"image/png", "application/pdf", "text/plain", "text/csv", "application/zip"})
WORDS = Text("Notes", "ملاحظات")
PEOPLE = [
    DemoPerson(handle, Text(handle, "شخص"), f"90000000{number}")
    for number, handle in enumerate(("mona", "ali", "reader"))
]
CREATE = """mutation ($input: CreateUploadInput!) { createUpload(input: $input) {
  uploadUrl expiresAt attachment { id name mediaType size sha256 status url }
  errors { code path message } } }"""
TICKET = """mutation ($input: CreateDownloadTicketInput!) {
  createDownloadTicket(input: $input) { url expiresAt errors { code path } } }"""
NODE = "query ($id: ID!) { node(id: $id) { ... on Attachment { id name status } } }"


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


class Readers:
    """Who may read the files of which subject."""

    def __init__(self) -> None:
        self.of: dict[str, set[str]] = {}

    async def __call__(self, viewer: Viewer, subjects: Sequence[str]) -> frozenset[str]:
        return frozenset(s for s in subjects if viewer.person_id in self.of.get(s, ()))


def notes(readers: Readers, **changed: Any) -> ModuleType:
    facts: dict[str, Any] = {
        "name": PURPOSE,
        "title": WORDS,
        "permission": "notes.write",
        "media_types": TYPES,
        "max_bytes": 40_000_000,
        "may_read": readers,
    }
    hooks = {
        "declare_manifest": Manifest("notes", "notes", WORDS, "0"),
        "declare_permissions": [Permission("notes.write", WORDS)],
        "declare_roles": [Role("notes-writer", WORDS, ("notes.write",), everyone=True)],
        "declare_demo_people": PEOPLE,
        "declare_file_purposes": [Purpose(**(facts | changed))],
    }
    module = ModuleType("bawaba_notes_for_tests")
    for name, value in hooks.items():
        setattr(module, name, hookimpl(lambda value=value: value))
    return module


class World:
    """One host behind a server."""

    def __init__(self, url: str, folder: Path, **settings: Any) -> None:
        self.readers, self.clock = Readers(), FrozenClock()
        self.settings = Settings(
            database_url=url, data_dir=folder, demo=True, body_timeout=1, **settings
        )
        modules = {"notes": notes(self.readers)}
        self.host = boot.build(
            self.settings, modules=modules, clock=self.clock, ledger=MemoryLedger()
        )
        self.store, self.folder = self.host.runtime.files.store, folder / "files"  # type: ignore[attr-defined]
        self.session: aiohttp.ClientSession
        self.base = ""
        self._keys = itertools.count()

    def token(self, person: str) -> dict[str, str]:
        who = next(p for p in PEOPLE if p.handle == person)
        return {"Authorization": f"Bearer {issue_demo_token(self.settings, who, 'test')}"}

    async def viewer(self, person: str) -> Viewer:
        token = self.token(person)["Authorization"].removeprefix("Bearer ")
        return await self.host.parts.identity.authenticate(
            token, language=Language.EN, user_agent=None
        )

    async def ask(self, query: str, variables: Mapping[str, Any], person: str = "mona") -> Any:
        with self.host.unit():
            viewer = await self.viewer(person)
            prepared = self.host.engine.prepare(query, None, viewer.language)
            return await self.host.engine.execute(prepared, variables, Context(viewer=viewer))

    async def create(self, content: bytes = PNG, person: str = "mona", **changed: Any) -> Any:
        facts = {
            "name": "صورة.png",
            "mediaType": "image/png",
            "size": len(content),
            "sha256": digest(content),
            "purpose": PURPOSE,
            "idempotencyKey": f"k{next(self._keys)}",
        } | changed
        answer = await self.ask(CREATE, {"input": facts}, person)
        assert answer.get("data"), answer
        return answer["data"]["createUpload"]

    def local(self, url: str) -> str:
        return url.replace(self.settings.public, self.base)

    async def call(
        self, method: str, url: str, person: str | None = "mona", **more: Any
    ) -> tuple[int, Any, Mapping[str, str]]:
        headers = (self.token(person) if person else {}) | more.pop("headers", {})
        address = self.local(url)
        async with self.session.request(method, address, headers=headers, **more) as response:
            body = await response.read()
            json = response.content_type == "application/json"
            return response.status, (await response.json() if json else body), response.headers

    async def put(self, made: Any, content: Any = PNG, **more: Any) -> tuple[int, str]:
        status, body, _ = await self.call("PUT", made["uploadUrl"], data=content, **more)
        return status, body["errors"][0]["extensions"]["code"] if "errors" in body else ""

    async def stored(self, content: bytes = PNG, **changed: Any) -> Any:
        made = await self.create(content, **changed)
        assert await self.put(made, content) == (200, "")
        return made["attachment"]

    async def attach(self, ids: Sequence[str], subject: str, person: str = "mona") -> Any:
        with self.host.unit():
            viewer = await self.viewer(person)
            async with transaction():
                return await files.attach(viewer, PURPOSE, ids, subject, "attachmentIds")

    async def row(self, id_: str | None = None) -> FileRow:
        with self.host.unit():
            return await (FileRow.get(id=id_) if id_ else FileRow.get())

    async def clean(self) -> None:
        with self.host.unit():
            await clean({})

    async def counts(self) -> tuple[int, int]:
        """Rows of objects and of tickets."""
        with self.host.unit():
            return await FileObject.all().count(), await FileTicket.all().count()

    def objects(self) -> int:
        return sum(p.is_file() for p in self.folder.rglob("*"))


@asynccontextmanager
async def opened(url: str, folder: Path, **settings: Any) -> AsyncIterator[World]:
    world = World(url, folder, **settings)
    async with world.host.opened():
        with world.host.unit():
            await load_people(PEOPLE)
        async with TestServer(world.host.app()) as server, aiohttp.ClientSession() as session:
            world.session, world.base = session, str(server.make_url("")).rstrip("/")
            yield world
