"""Private comments lie encrypted: AES-256-GCM under a key of each author's own.

The author's key is derived (HKDF-SHA-256) from the newest of the operator's keys and the author's
id; the comment's id is bound to the text, so that a row cannot be passed off as another.
"""

from __future__ import annotations

import base64
import binascii
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
_DEMO_FILE = "meeting-comments.key"


def seal(text: str, *, author: str, comment: str) -> str:
    """Return a text as only :func:`unseal` with the same author and comment reads it.

    Raises:
        Unavailable: the operator set no key.
    """
    name, key = next(iter(_keys().items()))
    nonce = os.urandom(_NONCE)
    sealed = AESGCM(_of(key, author)).encrypt(nonce, text.encode(), comment.encode())
    return f"{name}:{base64.b64encode(nonce + sealed).decode()}"


def unseal(sealed: str, *, author: str, comment: str) -> str | None:
    """Return the text; None: its key is not there, or it is not what was sealed."""
    name, _, packed = sealed.partition(":")
    key = _keys().get(name)
    if key is None:
        return None
    whole = base64.b64decode(packed)
    try:
        opened = AESGCM(_of(key, author)).decrypt(whole[:_NONCE], whole[_NONCE:], comment.encode())
    except InvalidTag:
        return None
    return opened.decode()


async def check() -> None:
    """Fail where no key is set; a health check."""
    _keys()


def _of(key: bytes, author: str) -> bytes:
    info = f"bawaba.meeting.comment:{author}".encode()
    return HKDF(algorithm=SHA256(), length=_KEY, salt=None, info=info).derive(key)


def _keys() -> dict[str, bytes]:
    given = runtime.settings(MeetingSettings).comment_keys.get_secret_value()
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
