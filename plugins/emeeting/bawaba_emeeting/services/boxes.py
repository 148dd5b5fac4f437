"""The box of a secret round: sealed unit ballots in, a shuffled and proven box out."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence

import structlog
from bawaba import db
from bawaba.errors import Unavailable
from bawaba.graphql import global_id

from bawaba_emeeting.domain import MeetingChoice, Vote
from bawaba_emeeting.models import MeetingBox, MeetingRound
from bawaba_emeeting.refusals import UsedNonce
from bawaba_emeeting.rules import box
from bawaba_emeeting.services import vault

log = structlog.get_logger(__name__)

_PART = 500
_CHOICES = frozenset(choice.value for choice in MeetingChoice)
_LENGTH = 128
"""What is sealed is filled up to this: its length must not tell YES from NO."""


def shown(choice: str) -> str:
    """Return a choice as it is published: as it is, or the global id of a candidate."""
    return choice if choice in _CHOICES else str(global_id("MeetingCandidate", choice))


async def drop(voted: MeetingRound, choice: str, receipts: Sequence[str]) -> None:
    """Put the units of one ballot into the box, sealed, in the current transaction.

    Raises:
        UsedNonce: a ballot with this secret number and choice lies in the box.
        Unavailable: the key of the round is not there.
    """
    slots = {_slot(voted, receipt): receipt for receipt in receipts}
    if await MeetingBox.filter(slot__in=list(slots)).exists():
        raise UsedNonce("ballotNonce")
    await MeetingBox.bulk_create(
        [
            MeetingBox(
                slot=slot,
                round_id=voted.id,
                sealed=vault.seal(
                    f"{receipt}|{choice}".ljust(_LENGTH),
                    of=_secret(voted),
                    bound=slot,
                    key=voted.rule["key"],
                ),
            )
            for slot, receipt in slots.items()
        ]
    )


def _secret(voted: MeetingRound) -> str:
    return f"box:{voted.id}"


def _slot(voted: MeetingRound, receipt: str) -> str:
    return vault.tag(receipt, of=_secret(voted), key=voted.rule["key"])


async def holds(voted: MeetingRound, receipts: Sequence[str]) -> bool:
    """Return whether the box holds these units."""
    mine = MeetingBox.filter(round_id=voted.id)
    if voted.closed_at is None:
        mine = mine.filter(slot__in=[_slot(voted, receipt) for receipt in receipts])
    else:
        mine = mine.filter(commitment__in=list(receipts))
    return await mine.count() == len(set(receipts))


async def votes(voted: MeetingRound) -> list[Vote]:
    """Return what lies in the box of an open round.

    Raises:
        Unavailable: the key of the round is not there.
    """
    return [Vote(choice, 1) for _, choice in await _unsealed(voted)]


async def _unsealed(voted: MeetingRound) -> list[tuple[str, str]]:
    """Return (receipt, choice) of each ballot of an open round."""
    found = []
    for row in await MeetingBox.filter(round_id=voted.id).values("slot", "sealed"):
        told = vault.unseal(row["sealed"], of=_secret(voted), bound=row["slot"])
        if told is None:
            raise Unavailable
        receipt, _, choice = told.rstrip().partition("|")
        found.append((receipt, choice))
    return found


async def shut(voted: MeetingRound) -> None:
    """Take every ballot out and put all back open, in random order, in one transaction.

    Sets the root. Afterwards no column tells which ballot came when, the database's own
    (``xmin``, ``ctid``, ``rowid``) included: all rows are new, and of the same transaction; the
    versions that it may still keep of the old ones are sealed. Nothing is cast any more.

    Raises:
        Unavailable: the key of the round is not there.
    """
    db.require_transaction()
    rows = await _unsealed(voted)
    shuffled = list(rows)
    secrets.SystemRandom().shuffle(shuffled)
    await MeetingBox.filter(round_id=voted.id).delete()
    for start in range(0, len(shuffled), _PART):
        await MeetingBox.bulk_create(
            [
                MeetingBox(
                    slot=hashlib.sha256(f"{voted.id}|{receipt}".encode()).hexdigest(),
                    round_id=voted.id,
                    commitment=receipt,
                    choice=choice,
                )
                for receipt, choice in shuffled[start : start + _PART]
            ]
        )
    voted.merkle_root = box.root([box.leaf(c, shown(choice)) for c, choice in sorted(rows)])


async def put_away(voted: MeetingRound) -> None:
    """As :func:`shut`, of a round that does not count; it stays sealed where its key is lost."""
    try:
        await shut(voted)
    except Unavailable:
        log.warning("box_stays_sealed", round=voted.id)


async def published(round_id: str) -> list[tuple[str, str, list[str]]]:
    """Return (commitment, choice, proof) of each ballot of a closed box, by commitment."""
    rows = await MeetingBox.filter(round_id=round_id).values_list("commitment", "choice")
    ordered = [(c, shown(choice)) for c, choice in sorted(rows)]
    proofs = box.proofs([box.leaf(c, choice) for c, choice in ordered])
    return [(c, choice, proof) for (c, choice), proof in zip(ordered, proofs, strict=True)]
