"""The laws of files: what may be asked for, what bytes are, how they are served. Pure."""

from __future__ import annotations

import codecs
import hashlib
import re
import unicodedata
from urllib.parse import quote

import filetype  # type: ignore[import-untyped]

from bawaba.host.files.domain import (
    MAX_NAME,
    FileHashInvalid,
    FileHashMismatch,
    FileNameInvalid,
    FileSizeInvalid,
    FileSizeMismatch,
    FileTypeMismatch,
    FileTypeNotAllowed,
)

SNIFFED = 8192
"""Bytes at the start that tell a file's type."""
INLINE = frozenset({"image/gif", "image/jpeg", "image/png", "image/webp", "application/pdf"})
"""Types that a browser may show in its place; every other is saved."""
TEXTS = frozenset({"text/plain", "text/csv"})
"""Types without a signature: valid UTF-8 without NUL, and nothing that has one."""
_OFFICE = "application/vnd.openxmlformats-officedocument."
_DOCUMENTS = frozenset(
    {
        f"{_OFFICE}wordprocessingml.document",
        f"{_OFFICE}spreadsheetml.sheet",
        f"{_OFFICE}presentationml.presentation",
    }
)
RECOGNISED = INLINE | TEXTS | _DOCUMENTS | {"application/zip", "audio/mpeg", "video/mp4"}
"""Every type that a purpose may name. Never SVG or HTML: they run scripts."""
_SHA256 = re.compile(r"[0-9a-fA-F]{64}")
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
_FORBIDDEN = frozenset("/\\:")
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def clean_name(name: str) -> str:
    """Return ``name`` in Unicode's composed form, without spaces around it.

    Raises:
        FileNameInvalid: too short or long, a path, or with invisible characters in it.
    """
    if len(name) > 4 * MAX_NAME:
        raise FileNameInvalid("name")
    found = unicodedata.normalize("NFC", name).strip()
    bad = any(
        c in _FORBIDDEN or c in _BIDI or unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"}
        for c in found
    )
    if not 1 <= len(found) <= MAX_NAME or bad or not found.strip("."):
        raise FileNameInvalid("name")
    return found


def check_order(
    media_type: str, size: int, sha256: str, *, allowed: frozenset[str], most: int
) -> None:
    """Pass, or refuse what a purpose does not take.

    Raises:
        FileTypeNotAllowed, FileSizeInvalid, FileHashInvalid: see there.
    """
    if media_type not in allowed:
        raise FileTypeNotAllowed("mediaType")
    if not 1 <= size <= most:
        raise FileSizeInvalid("size", most=most)
    if not _SHA256.fullmatch(sha256):
        raise FileHashInvalid("sha256")


def looks_like(head: bytes, media_type: str) -> bool:
    """Return whether the first bytes are those of a file of ``media_type``."""
    found = filetype.guess_mime(head)
    if media_type in TEXTS:
        return found is None
    if media_type in _DOCUMENTS:
        return found in {media_type, "application/zip"} and head.startswith(b"PK\x03\x04")
    return bool(found == media_type)


class Gauge:
    """Follows the bytes of an upload: their number, hash and type.

    Raises, from :meth:`take` and :meth:`finish`:
        FileSizeMismatch, FileTypeMismatch, FileHashMismatch: not what was declared.
    """

    def __init__(self, media_type: str, size: int, sha256: str) -> None:
        self._media_type, self._size, self._sha256 = media_type, size, sha256
        self._seen, self._head, self._hash = 0, b"", hashlib.sha256()
        self._text = codecs.getincrementaldecoder("utf-8")() if media_type in TEXTS else None

    def take(self, chunk: bytes) -> None:
        """Count the next bytes; stop at once where they cannot be right any more."""
        self._seen += len(chunk)
        if self._seen > self._size:
            raise FileSizeMismatch("size")
        before = len(self._head)
        if before < SNIFFED:
            self._head += chunk[: SNIFFED - before]
            if len(self._head) == SNIFFED:
                self._sniff()
        self._decode(chunk, final=False)
        self._hash.update(chunk)

    def finish(self) -> None:
        """Check what only the whole can tell."""
        if self._seen != self._size:
            raise FileSizeMismatch("size")
        if len(self._head) < SNIFFED:
            self._sniff()
        self._decode(b"", final=True)
        if self._hash.hexdigest() != self._sha256:
            raise FileHashMismatch("sha256")

    def _sniff(self) -> None:
        if not looks_like(self._head, self._media_type):
            raise FileTypeMismatch("mediaType")

    def _decode(self, chunk: bytes, *, final: bool) -> None:
        if self._text is None:
            return
        try:
            self._text.decode(chunk, final=final)
        except UnicodeDecodeError:
            raise FileTypeMismatch("mediaType") from None
        if b"\x00" in chunk:
            raise FileTypeMismatch("mediaType")


def disposition(name: str, media_type: str) -> str:
    """Return the Content-Disposition (RFC 6266) of a file, its name in RFC 5987 for Arabic."""
    kind = "inline" if media_type in INLINE else "attachment"
    plain = re.sub(r"[^A-Za-z0-9 ._()-]", "_", name)
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def byte_range(header: str | None, size: int) -> tuple[int, int] | None:
    """Return (first, after last) of a single range, or None: the whole.

    A header that is not one range of bytes is passed over, as RFC 9110 allows.

    Raises:
        ValueError: no byte of it is there (416).
    """
    found = _RANGE.fullmatch(header.replace(" ", "")) if header else None
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:
        start, end = max(0, size - int(found[2])), size
    else:
        start, end = int(found[1]), min(size, int(found[2]) + 1) if found[2] else size
        if found[2] and int(found[2]) < start:
            return None
    if start >= end:
        raise ValueError(header)
    return start, end
