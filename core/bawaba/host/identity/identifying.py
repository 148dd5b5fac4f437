"""From a bearer token to a viewer, with one look into the database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tortoise.expressions import Q

from bawaba import runtime
from bawaba.db import fetch, retrying, transaction
from bawaba.errors import AccountSuspended, Unauthenticated
from bawaba.host.identity import rules
from bawaba.host.identity.keys import KeySource
from bawaba.host.identity.models import Device, Person
from bawaba.host.identity.tokens import Identified, TokenReader, TokenRules
from bawaba.plugin import Grant, Role
from bawaba.text import Language, Text
from bawaba.viewer import ANONYMOUS, Viewer

SEEN_EVERY = dt.timedelta(minutes=1)
"""How often ``last_seen_at`` of a device moves."""
REVOKED = Text(
    "This device was signed out. Sign in again.", "سُجّل الخروج من هذا الجهاز. سجّل الدخول من جديد."
)
_MAX_LABEL = 120

_COLUMNS = (
    "p.id AS person_id, p.national_id, p.name, p.name_ar, p.email, p.phone, p.claims_at, "
    "p.suspended_at, "
    "d.id AS device_id, d.last_seen_at, d.revoked_at, g.role, g.scope"
)
_BY_TOKEN = (
    f"SELECT {_COLUMNS} FROM core_person p "  # noqa: S608  constants only
    "LEFT JOIN core_device d ON d.person_id = p.id AND d.session = $3 "
    "LEFT JOIN core_grant g ON g.person_id = p.id WHERE p.issuer = $1 AND p.subject = $2"
)
_BY_ID = (
    f"SELECT {_COLUMNS} FROM core_person p "  # noqa: S608  constants only
    "LEFT JOIN core_device d ON d.person_id = p.id AND d.id = $2 "
    "LEFT JOIN core_grant g ON g.person_id = p.id WHERE p.id = $1"
)


@dataclass(frozen=True, slots=True)
class SignIn:
    """A viewer, and when the token behind it ends (None for anonymous visitors)."""

    viewer: Viewer
    expires_at: dt.datetime | None


class Identity:
    """Tells who asks.

    Revocation, suspension and roles are read from the database each time; only the verified
    signature is remembered.

    Args:
        roles: every role that a loaded plugin declares.
    """

    def __init__(self, keys: KeySource, token_rules: TokenRules, roles: Sequence[Role]) -> None:
        self._keys = keys
        self._tokens = TokenReader(keys, token_rules)
        self._roles = tuple(roles)

    async def authenticate(
        self, token: str | None, *, language: Language, user_agent: str | None
    ) -> Viewer:
        """Return who holds ``token``; see :meth:`sign_in`."""
        return (await self.sign_in(token, language=language, user_agent=user_agent)).viewer

    async def sign_in(
        self, token: str | None, *, language: Language, user_agent: str | None = None
    ) -> SignIn:
        """Return who holds ``token``, and until when it holds.

        Args:
            token: None makes an anonymous visitor.
            language: in which to answer.
            user_agent: names a device whose token has no ``device_label``.

        Raises:
            Unauthenticated: the token is not ours, not valid now, or its device revoked.
            AccountSuspended: its account is suspended.
            Unavailable: the issuer's keys cannot be had.
        """
        if token is None:
            return SignIn(replace(ANONYMOUS, language=language), None)
        said = await self._tokens.read(token)
        found = await fetch(_BY_TOKEN, said.issuer, said.subject, said.session)
        if not found or _lacking(found[0], said):
            await retrying(lambda: _enrol(said, user_agent))
            found = await fetch(_BY_TOKEN, said.issuer, said.subject, said.session)
        viewer = self._viewer(found, language)
        await _seen(found[0])
        return SignIn(viewer, dt.datetime.fromtimestamp(said.expires, dt.UTC))

    async def refresh(self, viewer: Viewer) -> Viewer:
        """Return ``viewer`` with the rights of this moment.

        Raises:
            Unauthenticated: the device was revoked.
            AccountSuspended: the account is suspended.
        """
        if viewer.is_anonymous:
            return viewer
        found = await fetch(_BY_ID, viewer.person_id, viewer.device_id)
        return self._viewer(found, viewer.language)

    async def close(self) -> None:
        """Release what the key source holds."""
        await self._keys.close()

    def _viewer(self, found: Sequence[Mapping[str, Any]], language: Language) -> Viewer:
        if not found:
            raise Unauthenticated
        row = found[0]
        if row["suspended_at"] is not None:
            raise AccountSuspended
        if row["device_id"] is None or row["revoked_at"] is not None:
            raise Unauthenticated(REVOKED)
        grants = [Grant(each["role"], each["scope"]) for each in found if each["role"] is not None]
        return Viewer(
            person_id=row["person_id"],
            national_id=row["national_id"],
            display_name=Text(row["name"], row["name_ar"]).in_(language),
            device_id=row["device_id"],
            roles=rules.role_names(grants, self._roles),
            grants=rules.permissions(grants, self._roles),
            language=language,
        )


def _lacking(row: Mapping[str, Any], said: Identified) -> bool:
    """Return whether the device is new, or a newer token says something else of the person."""
    if row["suspended_at"] is not None:
        return False
    if row["device_id"] is None:
        return True
    if said.issued <= row["claims_at"]:
        return False
    pairs = [
        (said.name, row["name"]),
        (said.national_id, row["national_id"]),
        (said.name_ar, row["name_ar"]),
        (said.email, row["email"]),
        (said.phone, row["phone"]),
    ]
    return any(new is not None and new != old for new, old in pairs)


async def _enrol(said: Identified, user_agent: str | None) -> None:
    """Store the person and the device, whoever else does so at the same time."""
    now = runtime.now()
    name = said.name or said.name_ar or ""
    async with transaction():
        person = Person(
            id=runtime.new_id(),
            issuer=said.issuer,
            subject=said.subject,
            national_id=said.national_id,
            name=name,
            name_ar=said.name_ar or name,
            email=said.email,
            phone=said.phone,
            claims_at=said.issued,
            created_at=now,
        )
        await Person.bulk_create([person], ignore_conflicts=True)
        stored = await Person.get(issuer=said.issuer, subject=said.subject)
        if stored.suspended_at is None:
            device = Device(
                id=runtime.new_id(),
                person_id=stored.id,
                session=said.session,
                label=_label(said.device_label or user_agent or ""),
                created_at=now,
                last_seen_at=now,
            )
            await Device.bulk_create([device], ignore_conflicts=True)
        await _renew(stored, said)


def _label(text: str) -> str:
    """Return what a header or claim says as text that any database takes."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "")[:_MAX_LABEL]


async def _renew(stored: Person, said: Identified) -> None:
    """Take names and number from a token issued after the one they were taken from."""
    news: dict[str, Any] = {
        "name": said.name,
        "name_ar": said.name_ar,
        "national_id": said.national_id,
        "email": said.email,
        "phone": said.phone,
    }
    changes = {
        key: value
        for key, value in news.items()
        if value is not None and value != getattr(stored, key)
    }
    if changes and said.issued > stored.claims_at:
        newer = Person.filter(id=stored.id, claims_at__lt=said.issued)
        await newer.update(claims_at=said.issued, **changes)


async def _seen(row: Mapping[str, Any]) -> None:
    """Note that the device was seen, at most once a minute."""
    now = runtime.now()
    last = row["last_seen_at"]
    last = dt.datetime.fromisoformat(last) if isinstance(last, str) else last
    if now - last >= SEEN_EVERY:
        older = Q(id=row["device_id"], last_seen_at__lte=now - SEEN_EVERY)
        await Device.filter(older).update(last_seen_at=now)
