"""Walks of chance through a sitting, held against a model of it after every step.

The model is what a clerk with a list of names and a tally sheet would know.
"""

from __future__ import annotations

import os
import random
from dataclasses import dataclass, field
from typing import Any

from bawaba_emeeting.domain import Rules
from bawaba_emeeting.rules import quorum
from bawaba_emeeting.services import log
from meeting_chamber import MEMBERS, nonce

REQUIRED = 5  # more than half of eight
CHOICES = ("YES", "NO", "ABSTAIN")
SEED = int(os.environ.get("BAWABA_TEST_SEED", "7"))
QUORUM = "query ($id: ID!) { node(id: $id) { ... on Meeting { quorum { present isMet } } } }"


@dataclass
class Clerk:
    """Who is there, and what was said to the motion under way."""

    there: set[str] = field(default_factory=set)
    counts: list[int] = field(default_factory=list)
    motion: str = ""
    status: str = ""
    is_secret: bool = False
    electors: set[str] = field(default_factory=set)
    said: dict[str, str] = field(default_factory=dict)

    @property
    def has_quorum(self) -> bool:
        return len(self.there) >= REQUIRED

    @property
    def is_voting(self) -> bool:
        return self.status in {"OPEN", "SUSPENDED"}

    def moved(self) -> None:
        """Note that somebody came or left."""
        self.counts.append(len(self.there))
        if self.is_voting:
            self.status = "OPEN" if self.has_quorum else "SUSPENDED"

    def of(self, choice: str) -> int:
        return list(self.said.values()).count(choice)

    def outcome(self) -> str:
        """Return what a simple majority of the votes cast makes of it."""
        if self.of("YES") == self.of("NO") > 0:
            return "TIED"
        return "CARRIED" if self.of("YES") > self.of("NO") else "REJECTED"


class Walk:
    """A sitting in which anything may be tried at any time."""

    def __init__(self, chamber: Any, seed: int) -> None:
        self.chamber, self.chance, self.clerk = chamber, random.Random(seed), Clerk()

    async def step(self) -> None:
        ways = [self.come, self.come, self.leave, self.open, self.close, self.annul, self.decide]
        await self.chance.choice([*ways, *[self.cast] * 8])()
        await self.compare()

    async def come(self) -> None:
        who = self.chance.choice(MEMBERS)
        await self.chamber.do(who, "CheckIn", remote=self.chance.random() < 0.3)
        if who not in self.clerk.there:
            self.clerk.there.add(who)
            self.clerk.moved()

    async def leave(self) -> None:
        who = self.chance.choice(MEMBERS)
        await self.chamber.attend(who, "LEFT")
        if who in self.clerk.there:
            self.clerk.there.discard(who)
            self.clerk.moved()

    async def open(self) -> None:
        clerk, secret = self.clerk, self.chance.random() < 0.5
        motion = await self.chamber.proposed(ballot="SECRET" if secret else "OPEN")
        _, errors = await self.chamber.act("operator", "OpenVoting", motionId=motion)
        if not clerk.has_quorum:
            assert errors == ["MEETING_NO_QUORUM"]
        elif clerk.is_voting:
            assert errors == ["MEETING_VOTING_OPEN"]
        else:
            assert errors == []
            clerk.motion, clerk.status, clerk.is_secret = motion, "OPEN", secret
            clerk.electors, clerk.said = set(clerk.there), {}

    async def cast(self) -> None:
        clerk, who = self.clerk, self.chance.choice(MEMBERS)
        if not clerk.motion:
            return
        choice = self.chance.choice(CHOICES)
        more = {"ballotNonce": nonce()} if clerk.is_secret else {}
        _, errors = await self.chamber.act(
            who, "CastVote", motionId=clerk.motion, choice=choice, **more
        )
        assert errors == self._why_not(who), who
        if not errors:
            clerk.said[who] = choice

    def _why_not(self, who: str) -> list[str]:
        clerk = self.clerk
        if clerk.status != "OPEN":
            return ["MEETING_WRONG_MOTION_STATUS"]
        if who not in clerk.electors:
            return ["MEETING_NOT_ENTITLED"]
        if who not in clerk.there:
            return ["MEETING_NOT_THERE"]
        return ["MEETING_ALREADY_VOTED"] if clerk.is_secret and who in clerk.said else []

    async def close(self) -> None:
        clerk = self.clerk
        if not clerk.motion or self.chance.random() < 0.5:
            return
        payload, errors = await self.chamber.act("operator", "CloseVoting", motionId=clerk.motion)
        if clerk.status in {"SUSPENDED", "ANNULLED"}:
            assert errors == ["MEETING_WRONG_MOTION_STATUS"]
            return
        assert errors == []  # closing again changes nothing
        if clerk.status == "OPEN":
            clerk.status = "TIED" if clerk.outcome() == "TIED" else "CLOSED"
            assert payload["motion"]["outcome"] == clerk.outcome()

    async def decide(self) -> None:
        clerk = self.clerk
        if not clerk.motion or not clerk.there:
            return
        presiding = min(clerk.there, key=MEMBERS.index)
        fields = {"motionId": clerk.motion, "choice": "NO"}
        _, errors = await self.chamber.act(presiding, "CastingVote", **fields)
        assert errors == ([] if clerk.status == "TIED" else ["MEETING_NOT_A_TIE"])
        clerk.status = "CLOSED" if clerk.status == "TIED" else clerk.status

    async def annul(self) -> None:
        clerk = self.clerk
        if clerk.status not in {"SUSPENDED", "TIED"}:
            return
        await self.chamber.do("operator", "AnnulVoting", motionId=clerk.motion, reason="as drawn")
        clerk.status = "ANNULLED"

    async def compare(self) -> None:
        """What everybody is shown is what the clerk knows."""
        clerk = self.clerk
        found = (await self.chamber.look("gallery", QUORUM, id=self.chamber.meeting))["node"]
        assert found["quorum"] == {"present": len(clerk.there), "isMet": clerk.has_quorum}
        if not clerk.motion:
            return
        shown = await self.chamber.motion(clerk.motion, "gallery")
        assert shown["status"] == clerk.status
        if clerk.status == "ANNULLED":
            assert shown["tally"] is None
            return
        entitled, cast = len(clerk.electors), len(clerk.said)
        hidden = clerk.is_secret and clerk.is_voting
        assert shown["tally"] == {
            "yes": None if hidden else clerk.of("YES"),
            "no": None if hidden else clerk.of("NO"),
            "abstain": None if hidden else clerk.of("ABSTAIN"),
            "notVoted": entitled - cast,
            "entitled": entitled,
        }

    async def replay(self) -> None:
        """The log, folded line by line, counts at each instant as many as the clerk did."""
        with self.chamber.host.unit():
            (changes,) = (await log.changes([_raw(self.chamber.meeting)])).values()
        folds = [quorum.presence(changes[:place]) for place in range(1, len(changes) + 1)]
        counts = [sum(quorum.is_there(who, Rules()) for who in fold.values()) for fold in folds]
        # Who changes from the room to the line stays there: it is a line, and no move.
        moves = [n for n, before in zip(counts, [0, *counts], strict=False) if n != before]
        assert moves == self.clerk.counts


def _raw(identifier: str) -> str:
    from bawaba.graphql import split_id  # noqa: PLC0415

    parts = split_id(identifier)
    assert parts is not None
    return parts[1]


async def test_whatever_happens_everybody_sees_what_a_clerk_would(chamber: Any) -> None:
    walk = Walk(chamber, SEED)
    for who in MEMBERS[:REQUIRED]:
        await chamber.arrive(who)
        walk.clerk.there.add(who)
        walk.clerk.moved()
    await chamber.do("operator", "Convene")
    for _ in range(40):
        await walk.step()
    await walk.replay()
