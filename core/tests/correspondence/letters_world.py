"""A host with a lighthouse that keeps a book, and an observatory; short words for deeds."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import orjson
from bawaba import correspondence, db
from bawaba.catalogue import Agency
from bawaba.correspondence import Correspondent, Letter
from bawaba.errors import AgencyUnavailable
from bawaba.host import boot
from bawaba.host.correspondence import rules
from bawaba.host.correspondence.desk import Correspondence
from bawaba.host.correspondence.domain import LETTER_TYPE, PLATFORM, Claims
from bawaba.host.correspondence.log import verify_letters
from bawaba.host.correspondence.models import LetterEntry
from bawaba.host.correspondence.office import Office
from bawaba.host.correspondence.sealing import seal
from bawaba.host.correspondence.services.taking import Response, take
from bawaba.host.host import Host
from bawaba.host.settings import Settings
from bawaba.jobs import Job
from bawaba.plugin import Manifest, hookimpl
from bawaba.testing.clock import FrozenClock
from bawaba.testing.ledger import MemoryLedger
from bawaba.text import Text
from joserfc import jwe, jws

WORDS = Text("Lights", "أضواء")
HOUSE, STARS = "lighthouse", "observatory"
_ids = itertools.count()


class Book:
    """What the two ends were told, row by row in the database, and how they behave."""

    def __init__(self) -> None:
        self.down = self.lost = False
        self.tries = 0

    async def keep(self, letter: Letter) -> Mapping[str, Any]:
        """Enter the letter into the catalogue's table of agencies, which anybody can count."""
        self.tries += 1
        if self.down:
            raise AgencyUnavailable("the lamp is out")
        db.require_transaction()
        await db.execute(
            "INSERT INTO core_historic_agency (code, name_en, name_ar) VALUES ($1, $2, $3)",
            f"{letter.kind}:{letter.key}",
            letter.correlation_id,
            orjson.dumps(dict(letter.body)).decode()[:150],
        )
        return {"entry": letter.key, "heard": letter.body.get("say", "")}

    @asynccontextmanager
    async def line(self, letter: Letter) -> AsyncIterator[None]:
        del letter
        yield
        if self.lost:
            raise AgencyUnavailable("the answer is lost")

    async def kept(self) -> list[tuple[str, str]]:
        rows = await db.fetch("SELECT code, name_en FROM core_historic_agency ORDER BY code")
        return [(row["code"], row["name_en"]) for row in rows]


async def tell(payload: Mapping[str, Any]) -> None:
    """Send a letter: a job."""
    await correspondence.send(HOUSE, "light.told", {"say": payload["say"]}, payload["say"])


def lights(book: Book, **changed: Any) -> ModuleType:
    kinds = {"light.told": book.keep, "light.asked": book.keep}
    hooks = {
        "declare_manifest": Manifest("lights", "light", WORDS, "0"),
        "declare_agencies": [Agency(HOUSE, WORDS), Agency(STARS, WORDS)],
        "declare_jobs": [Job("light.tell", tell)],
        "declare_correspondents": [
            Correspondent(HOUSE, {"light.seen": book.keep}, kinds, book.line),
            Correspondent(STARS, {}, kinds),
        ],
    }
    module = ModuleType("bawaba_lights_for_tests")
    for name, value in (hooks | changed).items():
        setattr(module, name, hookimpl(lambda value=value: value))
    return module


class World:
    """One host, its book, and letters made by hand."""

    def __init__(self, host: Host, book: Book, clock: FrozenClock) -> None:
        self.host, self.book, self.clock = host, book, clock

    @property
    def port(self) -> Correspondence:
        return self.host.parts.correspondence

    @property
    def office(self) -> Office:
        return self.port.office

    def claims(self, **changed: Any) -> Claims:
        """The claims of a letter from the platform to the lighthouse, of now."""
        claims = Claims(
            PLATFORM, HOUSE, f"message-{next(_ids)}", self.clock.now(), "light.told",
            f"key-{next(_ids)}", "request-7", {"say": "ahoy"},
        )  # fmt: skip
        return replace(claims, **changed)

    def sealed(
        self, claims: Claims, *, signer: str = "", to: str = "", typ: str = LETTER_TYPE
    ) -> str:
        """Seal claims, signed by the sender's key and to the receiver's, or to others'."""
        signing = self.office.own(signer or claims.sender).signer
        return seal(claims, typ, signing, self.office.own(to or claims.receiver).sealer()).sealed

    def forged(
        self, claims: Claims, header: Mapping[str, Any] | None = None, payload: Any = None
    ) -> str:
        """Seal what we would never sign: another header, or another payload."""
        signing = self.office.own(claims.sender).signer
        protected = {"alg": "ES256", "kid": signing.kid, "typ": LETTER_TYPE, **(header or {})}
        content = rules.write_claims(claims) if payload is None else orjson.dumps(payload)
        signed = jws.serialize_compact(protected, content, signing)
        return self.wrapped(signed, claims.receiver)

    def wrapped(self, signed: str, to: str, **header: Any) -> str:
        """Seal any text to a party."""
        sealer = self.office.own(to).sealer()
        protected = {"alg": "ECDH-ES+A256KW", "enc": "A256GCM", "kid": sealer.kid, "cty": "JWT"}
        registry = jwe.JWERegistry(
            algorithms=["ECDH-ES+A256KW", "A256GCM", "A128GCM", "ECDH-ES", "DEF"]
        )
        return jwe.encrypt_compact(protected | header, signed, sealer, registry=registry)

    async def taken(self, sealed: str | bytes, receiver: str = HOUSE) -> Response:
        raw = sealed if isinstance(sealed, bytes) else sealed.encode()
        return await take(self.office, receiver, raw)

    async def refusal(self, sealed: str | bytes, receiver: str = HOUSE) -> tuple[int, str]:
        """Return status and word of a refusal."""
        response = await self.taken(sealed, receiver)
        return response.status, orjson.loads(response.body)["code"]

    async def rows(self, **where: Any) -> list[dict[str, Any]]:
        return await LetterEntry.filter(**where).order_by("number").values()

    async def broken(self) -> str:
        found = await verify_letters()
        return "" if found is None else str(found)

    def count(self, metric: str, **labels: str) -> float:
        return self.host.metrics.get_sample_value(metric, labels) or 0.0


def built(url: str, folder: Path, book: Book, clock: FrozenClock, **settings: Any) -> Host:
    chosen = Settings(**({"data_dir": folder, "database_url": url, "demo": True} | settings))
    return boot.build(chosen, modules={"lights": lights(book)}, clock=clock, ledger=MemoryLedger())


@asynccontextmanager
async def opened(url: str, folder: Path, **settings: Any) -> AsyncIterator[World]:
    book, clock = Book(), FrozenClock()
    host = built(url, folder, book, clock, **settings)
    async with host.opened():
        with host.unit("request-7"):
            yield World(host, book, clock)
