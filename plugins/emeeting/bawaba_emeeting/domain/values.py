"""The values that the laws work on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bawaba_emeeting.domain.states import (
    VOTING_ROLES,
    MeetingAttendanceStatus,
    MeetingMajority,
    MeetingMajorityBase,
    MeetingOutcome,
    MeetingQuorumBase,
    MeetingQuorumLossPolicy,
    MeetingRole,
    MeetingTiePolicy,
)


@dataclass(frozen=True, slots=True)
class Convening:
    """What a convening needs: more than, or at least, a fraction of the quorum's base.

    Args:
        strict: more than the fraction; otherwise at least it.
        wait_minutes: how long the opening is put off for want of a quorum, before the recount
            that adjourns the meeting.
    """

    numerator: int
    denominator: int
    strict: bool
    wait_minutes: int


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of procedure of a council, as they stand at a moment.

    Args:
        ladder: what the first, second, … convening of a meeting needs; the last one holds on.
        remote_counts: whether members who take part from afar count for the quorum, and vote.
        recused_count: whether a recused member counts for the quorum of that vote.
        abstentions_count: whether abstentions belong to the votes cast.
        change_allowed: whether an open ballot may be changed until the close.
        hide_until_close: whether open ballots and counts are hidden until the close.
        proxies_per_holder: 0: none may be given, and none counts.
        majorities, bases: those that a motion may ask for.
    """

    ladder: tuple[Convening, ...] = (
        Convening(1, 2, strict=True, wait_minutes=30),
        Convening(1, 3, strict=False, wait_minutes=30),
    )
    quorum_base: MeetingQuorumBase = MeetingQuorumBase.MEMBERS
    on_quorum_loss: MeetingQuorumLossPolicy = MeetingQuorumLossPolicy.SUSPEND
    tie: MeetingTiePolicy = MeetingTiePolicy.CASTING_VOTE
    remote_counts: bool = True
    recused_count: bool = True
    abstentions_count: bool = False
    change_allowed: bool = True
    hide_until_close: bool = False
    proxies_per_holder: int = 1
    majorities: tuple[MeetingMajority, ...] = tuple(MeetingMajority)
    bases: tuple[MeetingMajorityBase, ...] = tuple(MeetingMajorityBase)


@dataclass(frozen=True, slots=True)
class Seat:
    """A member as the rules see them; the smallest ``seniority`` presides first."""

    id: str
    role: MeetingRole
    weight: int = 1
    seniority: int = 0

    @property
    def votes(self) -> bool:
        """Whether the member counts for a quorum and votes."""
        return self.role in VOTING_ROLES


@dataclass(frozen=True, slots=True)
class PresenceChange:
    """A line of the log that tells of a member's presence."""

    member_id: str
    status: MeetingAttendanceStatus
    at: dt.datetime
    number: int = 0


@dataclass(frozen=True, slots=True)
class Quorum:
    """Whether enough are there: heads, not weights."""

    required: int
    present: int
    entitled: int

    @property
    def is_met(self) -> bool:
        """Whether the meeting may decide."""
        return self.present >= self.required


@dataclass(frozen=True, slots=True)
class Proxy:
    """A vote that an absent member gave to another; ``weight``: so much of their own."""

    giver_id: str
    holder_id: str
    weight: int


@dataclass(frozen=True, slots=True)
class Elector:
    """A right to cast: for whom, by whom, of what weight. Frozen when voting opens."""

    member_id: str
    caster_id: str
    weight: int


@dataclass(frozen=True, slots=True)
class Vote:
    """What was cast: a choice or a candidate's id, and its weight."""

    choice: str
    weight: int


@dataclass(frozen=True, slots=True)
class Ballot:
    """What is voted on, and how it is decided.

    Args:
        candidates: ids of an election's candidates; empty: Yes, No or Abstain.
        run_off: whether it is the second round of an election.
    """

    majority: MeetingMajority
    base: MeetingMajorityBase
    abstentions_count: bool
    tie: MeetingTiePolicy
    candidates: tuple[str, ...] = ()
    run_off: bool = False


@dataclass(frozen=True, slots=True)
class Electorate:
    """Weights, frozen when voting opens.

    Args:
        entitled: of all who may cast; present: of the members there and of those whom they
            represent; everybody: of all members.
    """

    entitled: int
    present: int
    everybody: int


@dataclass(frozen=True, slots=True)
class Tally:
    """Weights counted; ``votes`` of an election: by candidate."""

    yes: int = 0
    no: int = 0
    abstain: int = 0
    votes: Mapping[str, int] = field(default_factory=dict)

    @property
    def cast(self) -> int:
        """All that was cast."""
        return self.yes + self.no + self.abstain + sum(self.votes.values())


@dataclass(frozen=True, slots=True)
class Result:
    """What a vote led to, and why in a sentence of each language.

    Args:
        needed: so many Yes (or votes for a candidate) would have done.
        winner: the candidate elected.
        left: the candidates of the run-off or the lot.
    """

    outcome: MeetingOutcome
    tally: Tally
    base: int
    needed: int
    explanation_en: str
    explanation_ar: str
    winner: str | None = None
    left: Sequence[str] = ()
