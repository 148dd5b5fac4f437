"""What lies encrypted: private comments, and secret ballots while their voting is open.

AES-256-GCM under a key for each author and each round of voting, derived (HKDF-SHA-256) from the
operator's keys. The id of the row is bound to the text, so that a row cannot be passed off as
another.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import os
from functools import lru_cache
from pathlib import Path

from bawaba import runtime
from bawaba.errors import Unavailable
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bawaba_emeeting.settings import MeetingSettings

_KEY, _NONCE = 32, 12
_DEMO_FILE = "meeting.key"


def newest() -> str:
    """Return the name of the key that seals what is written now.

    Raises:
        Unavailable: the operator set no key.
    """
    return next(iter(_keys()))


def seal(text: str, *, of: str, bound: str, key: str | None = None) -> str:
    """Return a text as only :func:`unseal` with the same owner and bond reads it.

    Args:
        of: what has a key of its own, e.g. ``comment:`` and an author's id.
        bound: the id of what the text stands in: it is not taken for that of another.
        key: the name of the operator's key; the newest by default.

    Raises:
        Unavailable: the operator set no key, or not that one.
    """
    name = key or newest()
    nonce = os.urandom(_NONCE)
    sealed = AESGCM(_of(name, of)).encrypt(nonce, text.encode(), bound.encode())
    return f"{name}:{base64.b64encode(nonce + sealed).decode()}"


def unseal(sealed: str, *, of: str, bound: str) -> str | None:
    """Return the text; None: its key is not there, or it is not what was sealed."""
    name, _, packed = sealed.partition(":")
    if name not in _keys():
        return None
    whole = base64.b64decode(packed)
    try:
        opened = AESGCM(_of(name, of)).decrypt(whole[:_NONCE], whole[_NONCE:], bound.encode())
    except InvalidTag:
        return None
    return opened.decode()


def tag(text: str, *, of: str, key: str) -> str:
    """Return what stands for a text where the text must not: HMAC-SHA-256, hexadecimal.

    Raises:
        Unavailable: the operator's key of that name is not there.
    """
    return hmac.digest(_of(key, f"tag:{of}"), text.encode(), "sha256").hex()


async def check() -> None:
    """Fail where no key is set; a health check."""
    _keys()


def _of(name: str, of: str) -> bytes:
    """Derive the key of an owner from the operator's key of that name."""
    key = _keys().get(name)
    if key is None:
        raise Unavailable
    info = f"bawaba.meeting.{of}".encode()
    return HKDF(algorithm=SHA256(), length=_KEY, salt=None, info=info).derive(key)


def _keys() -> dict[str, bytes]:
    given = runtime.settings(MeetingSettings).keys.get_secret_value()
    if given:
        return _read(given)
    current = runtime.current()
    if current.demo:
        return {"demo": _demo_key(Path(current.data_dir) / _DEMO_FILE)}
    raise Unavailable


@lru_cache
def _read(given: str) -> dict[str, bytes]:
    found = {}
    for entry in given.split(","):
        name, _, packed = entry.strip().partition(":")
        try:
            key = base64.b64decode(packed, validate=True)
        except (binascii.Error, ValueError):
            key = b""
        if not name or len(key) != _KEY:
            raise Unavailable
        found[name] = key
    return found


def _demo_key(path: Path) -> bytes:
    if not path.exists():
        temporary = path.with_suffix(f".{os.getpid()}")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(os.urandom(_KEY))
        try:
            os.link(temporary, path)  # the first of several processes wins
        except FileExistsError:
            pass
        finally:
            temporary.unlink()
    return path.read_bytes()
