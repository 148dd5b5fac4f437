"""The issuer's public keys: where they come from, how long they are believed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol
from urllib.parse import urlsplit

import aiohttp
import orjson
import structlog
from cryptography.exceptions import UnsupportedAlgorithm
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, KeySet, RSAKey

from bawaba.errors import Unavailable

log = structlog.get_logger(__name__)
KeyType = RSAKey | ECKey
MAX_BYTES = 256 * 1024
"""The largest document accepted from an issuer."""
MAX_KEYS = 100
MIN_RSA_BITS = 2048
RETRY_SECONDS = 10.0
"""The shortest time between two questions to an issuer that fails or does not know a key."""


class KeySource(Protocol):
    """Where a token's public key is looked up."""

    async def keys(self, kid: str | None) -> KeySet:
        """Return the keys believed now; asks the issuer where ``kid`` is not among them.

        The same object comes back for as long as nothing was fetched anew.

        Raises:
            Unavailable: no key was ever seen, and the issuer does not answer.
        """
        ...

    async def close(self) -> None:
        """Release connections. Idempotent."""
        ...


class IssuerFault(Exception):
    """The issuer did not answer, or answered nonsense."""


def read_keys(document: Mapping[str, Any]) -> KeySet:
    """Return the signing keys of a JWKS document; what is not one of ours is passed over.

    Raises:
        IssuerFault: there is none, or it is not a JWKS document.
    """
    listed = document.get("keys")
    if not isinstance(listed, list):
        raise IssuerFault("not a JWKS document")
    found = [key for data in listed[:MAX_KEYS] if (key := _key(data)) is not None]
    if not found:
        raise IssuerFault("no usable signing key")
    return KeySet(list(found))


def _key(data: Any) -> KeyType | None:
    if (
        not isinstance(data, dict)
        or data.get("kty") not in {"RSA", "EC"}
        or data.get("use", "sig") != "sig"
    ):
        return None
    try:
        key = JWKRegistry.import_key(data)
        if not isinstance(key, RSAKey | ECKey):
            return None
        weak = isinstance(key, RSAKey) and key.public_key.key_size < MIN_RSA_BITS
    except (JoseError, UnsupportedAlgorithm, ValueError, TypeError, LookupError):
        return None
    return None if weak else key


class HttpKeySource:
    """Keys of an OpenID Connect issuer, by discovery, cached.

    A key that is not known makes it ask again, at most once in ten seconds. While the issuer is
    out of reach the keys known last stand, and nobody waits for it.

    Args:
        issuer: its URL, exactly as the ``iss`` claim has it.
        ttl: seconds for which keys are not asked for again.
        timeout: seconds for one document.
        monotonic: seconds that never go backwards.
    """

    def __init__(
        self,
        issuer: str,
        *,
        ttl: float = 300.0,
        timeout: float = 3.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._issuer = issuer
        self._ttl = ttl
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._monotonic = monotonic
        self._keys: KeySet | None = None
        self._expires = 0.0
        self._not_before = float("-inf")
        self._failing = False
        self._fetching: asyncio.Task[None] | None = None

    async def keys(self, kid: str | None) -> KeySet:
        """See :meth:`KeySource.keys`."""
        now = self._monotonic()
        known = self._keys is not None and _has(self._keys, kid)
        wanting = not known or now >= self._expires
        if wanting and self._fetching is None and now >= self._not_before:
            self._fetching = asyncio.create_task(self._refresh())
        if wanting and self._fetching is not None and not (known and self._failing):
            # Shielded: that one request is cancelled must not end it for those waiting with it.
            await asyncio.shield(self._fetching)
        if self._keys is None:
            raise Unavailable
        return self._keys

    async def close(self) -> None:
        """See :meth:`KeySource.close`."""
        if self._fetching is not None:
            self._fetching.cancel()
            await asyncio.gather(self._fetching, return_exceptions=True)

    async def _refresh(self) -> None:
        try:
            keys = read_keys(await self._download())
        except (IssuerFault, aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            self._failing = True
            log.warning(
                "the issuer's keys cannot be read", issuer=self._issuer, error=repr(error)[:500]
            )
        else:
            self._failing = False
            self._expires = self._monotonic() + self._ttl
            if self._keys is None or keys.as_dict() != self._keys.as_dict():
                self._keys = keys
        finally:
            self._not_before = self._monotonic() + RETRY_SECONDS
            self._fetching = None

    async def _download(self) -> Mapping[str, Any]:
        async with aiohttp.ClientSession(timeout=self._timeout) as session:
            base = self._issuer.rstrip("/")
            found = await _document(session, f"{base}/.well-known/openid-configuration")
            if found.get("issuer") != self._issuer:
                raise IssuerFault(
                    f"discovery names another issuer: {str(found.get('issuer'))[:200]!r}"
                )
            address = found.get("jwks_uri")
            if not isinstance(address, str) or not _as_safe(address, self._issuer):
                raise IssuerFault("discovery names no jwks_uri of the issuer's own scheme")
            return await _document(session, address)


def _has(keys: KeySet, kid: str | None) -> bool:
    return kid is None or any(key.kid == kid for key in keys)


def _as_safe(address: str, issuer: str) -> bool:
    """Return whether ``address`` is HTTPS, or HTTP where the issuer itself is."""
    return urlsplit(address).scheme in {"https", urlsplit(issuer).scheme}


async def _document(session: aiohttp.ClientSession, url: str) -> Mapping[str, Any]:
    async with session.get(url, allow_redirects=False) as response:
        if response.status != 200:  # noqa: PLR2004  HTTP's own number
            raise IssuerFault(f"{url} answered {response.status}")
        body = await _bounded(response.content)
    document = orjson.loads(body)
    if not isinstance(document, dict):
        raise IssuerFault(f"{url} answered no JSON object")
    return document


async def _bounded(stream: aiohttp.StreamReader) -> bytes:
    body = bytearray()
    async for part in stream.iter_chunked(16 * 1024):
        body += part
        if len(body) > MAX_BYTES:
            raise IssuerFault(f"a document over {MAX_BYTES} bytes")
    return bytes(body)
