"""The demo's own sign-in: an issuer with keys made on first start, and its people."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson
from aiohttp import web
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from bawaba import runtime
from bawaba.db import retrying, transaction
from bawaba.errors import BootError
from bawaba.host.clock import SystemClock, TimeOrderedIds
from bawaba.host.identity.models import Person, RoleGrant
from bawaba.plugin import DemoPerson, Route
from bawaba.runtime import Clock, Ids

ISSUER = "https://demo-issuer.invalid"
"""The ``iss`` of demo tokens. It names no host: the demo may move to another port or address."""
KEY_FILE = "demo-issuer.json"
LIFETIME = dt.timedelta(hours=12)
_PATH = "/demo-issuer"


class DemoIssuer:
    """Signs tokens for the people of the demo; also the source of its own public key.

    Any number of processes may make it on the same folder at once: the first one's key stands.

    Args:
        data_dir: where ``demo-issuer.json`` (mode 0600) lies or is made.
        demo: whether the host runs in demo mode.
        audience: the ``aud`` of its tokens.

    Raises:
        BootError: outside demo mode, or the key file is damaged.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        demo: bool,
        audience: str,
        clock: Clock | None = None,
        ids: Ids | None = None,
    ) -> None:
        if not demo:
            raise BootError(
                "bawaba",
                "demo issuer",
                "signs in anybody as anybody, and this is not a demo",
                "set BAWABA_OIDC_ISSUER to your OpenID Connect issuer, or start with --demo",
            )
        self._audience = audience
        self._clock = clock or SystemClock()
        self._ids = ids or TimeOrderedIds()
        self._key = _key(data_dir / KEY_FILE)
        self._public = KeySet([ECKey.import_key(self._key.as_dict(private=False))])

    async def keys(self, kid: str | None) -> KeySet:
        """Return the one public key."""
        del kid
        return self._public

    async def close(self) -> None:
        """Hold nothing, release nothing."""

    def issue(
        self, person: DemoPerson, *, device_label: str = "", lifetime: dt.timedelta = LIFETIME
    ) -> str:
        """Return a bearer token of ``person`` on a new device."""
        now = self._clock.now()
        claims: dict[str, Any] = {
            "iss": ISSUER,
            "aud": self._audience,
            "sub": person.handle,
            "iat": int(now.timestamp()),
            "exp": int((now + lifetime).timestamp()),
            "jti": self._ids.new(),
            "sid": self._ids.new(),
            "name": person.name.en,
            "name#ar": person.name.ar,
            "national_id": person.national_id,
            "device_label": device_label,
        }
        header = {"alg": "ES256", "kid": self._key.kid}
        return jwt.encode(header, claims, self._key, algorithms=["ES256"])

    def jwks(self) -> Mapping[str, Any]:
        """Return the JWKS document."""
        return {
            "keys": [
                {**key.as_dict(private=False), "use": "sig", "alg": "ES256"} for key in self._public
            ]
        }

    def routes(self) -> list[Route]:
        """Return the discovery and JWKS documents as routes, for those who want to look."""

        async def discovery(request: web.Request) -> web.StreamResponse:
            del request
            return _json(
                {
                    "issuer": ISSUER,
                    "jwks_uri": f"{runtime.current().public_url}{_PATH}/jwks.json",
                    "response_types_supported": ["id_token"],
                    "subject_types_supported": ["public"],
                    "id_token_signing_alg_values_supported": ["ES256"],
                }
            )

        async def jwks(request: web.Request) -> web.StreamResponse:
            del request
            return _json(self.jwks())

        return [
            Route("GET", f"{_PATH}/.well-known/openid-configuration", discovery),
            Route("GET", f"{_PATH}/jwks.json", jwks),
        ]


async def load_people(people: Sequence[DemoPerson]) -> None:
    """Store the people of the demo and their grants. Idempotent, in any number of processes.

    Raises:
        BootError: outside demo mode.
    """
    if not runtime.current().demo:
        raise BootError("bawaba", "demo people", "are for the demo alone", "start with --demo")
    await retrying(lambda: _store(sorted(people, key=lambda person: person.handle)))


async def _store(people: Sequence[DemoPerson]) -> None:
    now = runtime.now()
    rows = [
        Person(
            id=runtime.new_id(),
            issuer=ISSUER,
            subject=person.handle,
            national_id=person.national_id,
            name=person.name.en,
            name_ar=person.name.ar,
            claims_at=int(now.timestamp()),
            created_at=now,
        )
        for person in people
    ]
    async with transaction():
        await Person.bulk_create(rows, ignore_conflicts=True)
        handles = [person.handle for person in people]
        stored = await Person.filter(issuer=ISSUER, subject__in=handles).values("id", "subject")
        ids = {row["subject"]: row["id"] for row in stored}
        grants = [
            RoleGrant(
                id=runtime.new_id(),
                person_id=ids[person.handle],
                role=grant.role,
                scope=grant.scope,
                granted_at=now,
            )
            for person in people
            for grant in person.grants
        ]
        await RoleGrant.bulk_create(grants, ignore_conflicts=True)


def _json(document: Mapping[str, Any]) -> web.Response:
    return web.Response(body=orjson.dumps(document), content_type="application/json")


def _key(path: Path) -> ECKey:
    if not path.exists():
        _make(path)
    try:
        return ECKey.import_key(orjson.loads(path.read_bytes()))
    except Exception as error:
        raise BootError(
            "bawaba", str(path), "is damaged", "delete it: tokens made before are void then"
        ) from error


def _make(path: Path) -> None:
    """Make the key file whole or not at all: a link fails where another process was first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    key = ECKey.generate_key("P-256", auto_kid=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(orjson.dumps(key.as_dict(private=True)))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)
