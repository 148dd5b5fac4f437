"""The message log: append-only, hash-chained, its heads published outside the database.

Kept of each letter: who, what kind, which key and correlation id, the SHA-256 of its body, the
sealed letter as it went over the wire, and the signed receipt with the reply. Without the keys a
body cannot be read from the log; that a given body was sent and acknowledged can be proven.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from joserfc.jwk import ECKey

from bawaba.db import require_transaction
from bawaba.host.chains.heads import advance, head_of, locked_head, path_of, read_heads
from bawaba.host.chains.rules import Broken, Walk, digest_of
from bawaba.host.correspondence import rules
from bawaba.host.correspondence.domain import (
    PLATFORM,
    RECEIPT_TYPE,
    Claims,
    LetterDirection,
    Refused,
)
from bawaba.host.correspondence.models import LetterEntry, LetterHead, LetterKey
from bawaba.host.correspondence.sealing import key_of, verify
from bawaba.runtime import now

HEADS_FILE = "letter-heads.jsonl"
COLUMNS = (
    *("number", "at", "keeper", "direction", "agency", "kind", "key", "message_id"),
    *("correlation_id", "body_sha256", "sealed", "receipt", "receipt_sha256", "receipt_signer"),
    *("repeated", "previous_hash"),
)
"""The columns that ``hash`` covers: all others."""
_BATCH = 200


@dataclass(frozen=True, slots=True)
class Exchange:
    """A letter as sealed, its receipt as signed, and by which key."""

    letter: Claims
    sealed: str
    receipt: str
    signer: ECKey


@dataclass(frozen=True, slots=True)
class Place:
    """Where a letter stands in the log: whose log, which way, and which agency's."""

    keeper: str
    direction: LetterDirection
    agency: str

    @classmethod
    def of(cls, keeper: str, letter: Claims) -> Place:
        """Return the place of a letter in the log of ``keeper``: its sender, or its receiver."""
        to_agency = letter.sender == PLATFORM
        direction = LetterDirection.TO_AGENCY if to_agency else LetterDirection.FROM_AGENCY
        return cls(keeper, direction, letter.agency)

    def columns(self) -> dict[str, str]:
        """Return the place as columns."""
        return {"keeper": self.keeper, "direction": self.direction.value, "agency": self.agency}


async def is_known(place: Place, message_id: str) -> bool:
    """Return whether a letter with this message id was taken before."""
    found = LetterEntry.filter(
        keeper=place.keeper, direction=place.direction.value, message_id=message_id
    )
    return await found.exists()


async def first_of(place: Place, key: str) -> Mapping[str, Any] | None:
    """Return the first letter under a key: its ``kind``, ``body_sha256`` and ``receipt``."""
    found = LetterEntry.filter(**place.columns(), key=key, repeated=False)
    rows: list[dict[str, Any]] = await found.values("kind", "body_sha256", "receipt")
    return rows[0] if rows else None


def reply_in(receipt: str) -> Mapping[str, Any]:
    """Return the reply that a receipt in the log carries; verified before it was kept."""
    return rules.read_claims(rules.parts_of(receipt, 3)[1], RECEIPT_TYPE).body


async def append(place: Place, done: Exchange, *, repeated: bool) -> None:
    """Append a letter; locks the head until the transaction ends, so do this last.

    Raises:
        IntegrityError: the message id, or the key of a first handling, stands there already.
        RuntimeError: called outside a transaction.
    """
    require_transaction()
    letter, signer = done.letter, done.signer
    await _keep_key(letter.receiver, signer)
    head = await locked_head(LetterHead)
    entry: dict[str, Any] = {
        **place.columns(),
        "number": head.number + 1,
        "at": now(),
        "kind": letter.kind,
        "key": letter.key,
        "message_id": letter.message_id,
        "correlation_id": letter.correlation_id,
        "body_sha256": rules.body_digest(letter.body),
        "sealed": done.sealed,
        "receipt": done.receipt,
        "receipt_sha256": rules.sha256(done.receipt),
        "receipt_signer": signer.thumbprint(),
        "repeated": repeated,
        "previous_hash": head.hash,
    }
    entry["hash"] = digest(entry)
    await LetterEntry.bulk_create([LetterEntry(**entry)])
    await advance(LetterHead, entry["number"], entry["hash"], HEADS_FILE)


async def _keep_key(party: str, signer: ECKey) -> None:
    """Keep the key that signed a receipt."""
    thumbprint = signer.thumbprint()
    if not await LetterKey.filter(thumbprint=thumbprint).exists():
        jwk = orjson.dumps(signer.as_dict(private=False), option=orjson.OPT_SORT_KEYS).decode()
        row = LetterKey(thumbprint=thumbprint, party=party, jwk=jwk)
        await LetterKey.bulk_create([row], ignore_conflicts=True)


def digest(entry: Mapping[str, Any]) -> str:
    """Return the hash over every column of ``entry`` but ``hash`` itself, as hexadecimal."""
    return digest_of({**entry, "repeated": bool(entry["repeated"])}, COLUMNS)


async def verify_letters() -> Broken | None:
    """Walk the whole log and return the first broken entry, or None.

    Finds a changed, removed, inserted or swapped entry, a history rewritten with fresh hashes, a
    cut tail (by the heads file), and a receipt that its signer never gave for that letter.
    """
    walk = Walk(read_heads(path_of(HEADS_FILE)), digest)
    head = await head_of(LetterHead)
    keys = await _keys()
    while entries := await _after(walk.number):
        for entry in entries:
            broken = walk.follow([entry]) or _forged(entry, keys)
            if broken is not None:
                return broken
    return walk.finish(head)


async def _after(number: int) -> list[dict[str, Any]]:
    # An entry numbered 0 or below was never written by us: let the walk meet it at the start.
    query = LetterEntry.all() if number == 0 else LetterEntry.filter(number__gt=number)
    return await query.order_by("number").limit(_BATCH).values()


async def _keys() -> dict[str, tuple[str, ECKey]]:
    """Return party and key by thumbprint, where the key is what its thumbprint says."""
    found: dict[str, tuple[str, ECKey]] = {}
    for row in await LetterKey.all().values("thumbprint", "party", "jwk"):
        try:
            key = key_of(orjson.loads(row["jwk"]))
        except (ValueError, TypeError, AttributeError):
            continue
        if key.thumbprint() == row["thumbprint"]:
            found[row["thumbprint"]] = (row["party"], key)
    return found


def _forged(entry: Mapping[str, Any], keys: Mapping[str, tuple[str, ECKey]]) -> Broken | None:
    """Return what is wrong with an entry's receipt; None: nothing."""
    number = entry["number"]
    if rules.sha256(entry["receipt"]) != entry["receipt_sha256"]:
        return Broken(number, "has another receipt than it says")
    party, key = keys.get(entry["receipt_signer"], ("", None))
    if key is None:
        return Broken(number, "has a receipt whose signer's key is gone or was changed")
    try:
        receipt, _ = verify(entry["receipt"], RECEIPT_TYPE, lambda _: key)
    except Refused as refused:
        return Broken(number, f"has a receipt that does not verify ({refused.reason.word})")
    to_agency = entry["direction"] == LetterDirection.TO_AGENCY.value
    giver, asker = (entry["agency"], PLATFORM) if to_agency else (PLATFORM, entry["agency"])
    said = (receipt.sender, receipt.receiver, receipt.re, receipt.letter, receipt.body_digest)
    wanted = (
        *(giver, asker, entry["message_id"]),
        *(rules.sha256(entry["sealed"]), entry["body_sha256"]),
    )
    if (party, *said) != (giver, *wanted):
        return Broken(number, "has a receipt for another letter")
    return None
