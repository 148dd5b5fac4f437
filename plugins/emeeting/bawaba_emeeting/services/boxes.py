"""The box of a secret round: unit ballots in, a shuffled and proven box out."""

from __future__ import annotations

import secrets

from bawaba import db
from bawaba.graphql import global_id

from bawaba_emeeting.domain import MeetingChoice, Vote
from bawaba_emeeting.models import MeetingBox, MeetingRound
from bawaba_emeeting.refusals import AlreadyVoted
from bawaba_emeeting.rules import box

_PART = 500
_CHOICES = frozenset(choice.value for choice in MeetingChoice)


def shown(choice: str) -> str:
    """Return a choice as it is published: as it is, or the global id of a candidate."""
    return choice if choice in _CHOICES else str(global_id("MeetingCandidate", choice))


async def drop(round_id: str, choice: str, receipts: list[str]) -> None:
    """Put the units of one ballot into the box, in the current transaction.

    Raises:
        AlreadyVoted: a ballot with this secret number lies in a box.
    """
    if await MeetingBox.filter(commitment__in=receipts).exists():
        raise AlreadyVoted("ballotNonce")
    await MeetingBox.bulk_create(
        [MeetingBox(commitment=each, round_id=round_id, choice=choice) for each in receipts]
    )


async def holds(round_id: str, receipts: list[str]) -> bool:
    """Return whether the box holds these units."""
    found = await MeetingBox.filter(round_id=round_id, commitment__in=receipts).count()
    return found == len(set(receipts))


async def votes(round_id: str) -> list[Vote]:
    """Return what lies in the box."""
    choices = await MeetingBox.filter(round_id=round_id).values_list("choice", flat=True)
    return [Vote(str(choice), 1) for choice in choices]


async def shut(voted: MeetingRound) -> None:
    """Take every ballot out and put all back in random order, in one transaction; set the root.

    Afterwards no column tells which ballot came when, the database's own (``xmin``, ``ctid``,
    ``rowid``) included: all rows are new, and of the same transaction. Nothing is cast any more.
    """
    db.require_transaction()
    rows = await MeetingBox.filter(round_id=voted.id).values_list("commitment", "choice")
    shuffled = list(rows)
    secrets.SystemRandom().shuffle(shuffled)
    await MeetingBox.filter(round_id=voted.id).delete()
    for start in range(0, len(shuffled), _PART):
        part = shuffled[start : start + _PART]
        await MeetingBox.bulk_create(
            [MeetingBox(commitment=c, round_id=voted.id, choice=choice) for c, choice in part]
        )
    voted.merkle_root = box.root([box.leaf(c, shown(choice)) for c, choice in sorted(rows)])


async def published(round_id: str) -> list[tuple[str, str, list[str]]]:
    """Return (commitment, choice, proof) of each ballot of a box, by commitment."""
    rows = await MeetingBox.filter(round_id=round_id).values_list("commitment", "choice")
    ordered = [(c, shown(choice)) for c, choice in sorted(rows)]
    proofs = box.proofs([box.leaf(c, choice) for c, choice in ordered])
    return [(c, choice, proof) for (c, choice), proof in zip(ordered, proofs, strict=True)]
