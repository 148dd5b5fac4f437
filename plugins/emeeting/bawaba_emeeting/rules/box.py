"""Secret ballots: receipts, and a box whose root proves what lies in it. Pure."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Sequence

from bawaba_emeeting.domain import NONCE_LENGTH
from bawaba_emeeting.refusals import BadNonce

_BYTES = 32


def nonce_bytes(nonce: str | None) -> bytes:
    """Return the 32 random bytes that the tablet made.

    Raises:
        BadNonce: not 32 bytes as base64url without padding.
    """
    if nonce is None or len(nonce) != NONCE_LENGTH:
        raise BadNonce("ballotNonce")
    try:
        found = base64.b64decode(nonce + "=", altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise BadNonce("ballotNonce") from None
    if len(found) != _BYTES or base64.urlsafe_b64encode(found).decode().rstrip("=") != nonce:
        raise BadNonce("ballotNonce")
    return found


def commitment(motion: str, choice: str, nonce: str, unit: int = 0) -> str:
    """Return the receipt of one unit of a ballot: SHA-256, hexadecimal.

    The first unit's is over ``motion|choice|nonce``; further units of a weighted vote replace the
    nonce by the hexadecimal SHA-256 of ``nonce|unit``.

    Args:
        motion: its global id, as front ends know it.
        choice: YES, NO, ABSTAIN, or a candidate's global id.
        unit: 0 to the weight minus one.
    """
    if unit:
        nonce = hashlib.sha256(f"{nonce}|{unit}".encode()).hexdigest()
    return hashlib.sha256(f"{motion}|{choice}|{nonce}".encode()).hexdigest()


def leaf(found: str, choice: str) -> bytes:
    """Return the hash of a ballot as a leaf of the tree (RFC 6962, prefix 0x00)."""
    return hashlib.sha256(b"\x00" + f"{found}|{choice}".encode()).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def _levels(leaves: Sequence[bytes]) -> list[list[bytes]]:
    levels = [list(leaves)]
    while len(levels[-1]) > 1:
        row = levels[-1]
        pairs = [_node(row[i], row[i + 1]) for i in range(0, len(row) - 1, 2)]
        levels.append(pairs + row[len(pairs) * 2 :])
    return levels


def root(leaves: Sequence[bytes]) -> str:
    """Return the Merkle root, hexadecimal; of no leaves the SHA-256 of nothing."""
    return (_levels(leaves)[-1][0] if leaves else hashlib.sha256().digest()).hex()


def proofs(leaves: Sequence[bytes]) -> list[list[str]]:
    """Return for each leaf the neighbours up to the root: ``L:<hex>`` stands left, ``R:`` right."""
    levels = _levels(leaves) if leaves else []
    found: list[list[str]] = []
    for index in range(len(leaves)):
        path, place = [], index
        for row in levels[:-1]:
            other = place ^ 1
            if other < len(row):
                path.append(f"{'L' if other < place else 'R'}:{row[other].hex()}")
            place //= 2
        found.append(path)
    return found


def proves(found: bytes, proof: Sequence[str], published: str) -> bool:
    """Return whether a proof leads from a leaf to the published root."""
    for step in proof:
        side, _, other = step.partition(":")
        near = bytes.fromhex(other)
        found = _node(near, found) if side == "L" else _node(found, near)
    return found.hex() == published
