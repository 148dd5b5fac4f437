"""What a vote led to: a pure function of rule, electorate and ballots, and its own reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from bawaba_emeeting.domain import (
    Ballot,
    Electorate,
    MeetingChoice,
    MeetingMajority,
    MeetingMajorityBase,
    MeetingOutcome,
    MeetingTiePolicy,
    Result,
    Tally,
    Vote,
)
from bawaba_emeeting.rules import sentences

__all__ = ["after_casting_vote", "after_lot", "counted_base", "decide", "needed", "tally_of"]


def tally_of(ballot: Ballot, votes: Iterable[Vote]) -> Tally:
    """Return the weights counted; the order of the votes does not matter.

    Raises:
        ValueError: a vote is for nothing that is on the ballot, or has no weight.
    """
    counted: Counter[str] = Counter()
    allowed = {*ballot.candidates, MeetingChoice.ABSTAIN.value}
    if not ballot.candidates:
        allowed |= {choice.value for choice in MeetingChoice}
    for vote in votes:
        if vote.choice not in allowed or vote.weight < 1:
            raise ValueError(f"{vote.choice!r} of weight {vote.weight} is not on the ballot")
        counted[vote.choice] += vote.weight
    return Tally(
        yes=counted[MeetingChoice.YES.value],
        no=counted[MeetingChoice.NO.value],
        abstain=counted[MeetingChoice.ABSTAIN.value],
        votes={candidate: counted[candidate] for candidate in ballot.candidates},
    )


def counted_base(ballot: Ballot, electorate: Electorate, tally: Tally) -> int:
    """Return of how much the majority is taken.

    Abstentions belong to the votes cast where the rules say so. Of those present, and of all
    members, a SIMPLE majority leaves abstentions out unless the rules count them; the others
    never do.
    """
    if ballot.base is MeetingMajorityBase.CAST:
        return tally.cast - (0 if ballot.abstentions_count else tally.abstain)
    whole = (
        electorate.present if ballot.base is MeetingMajorityBase.PRESENT else electorate.everybody
    )
    leaves_out = ballot.majority is MeetingMajority.SIMPLE and not ballot.abstentions_count
    return whole - (tally.abstain if leaves_out else 0)


def needed(majority: MeetingMajority, base: int) -> int:
    """Return how much of ``base`` is the majority: at least one."""
    if majority is MeetingMajority.TWO_THIRDS:
        return max(1, -(-2 * base // 3))
    return base // 2 + 1


def decide(ballot: Ballot, electorate: Electorate, votes: Iterable[Vote]) -> Result:
    """Return what the votes led to."""
    tally = tally_of(ballot, votes)
    base = counted_base(ballot, electorate, tally)
    enough = needed(ballot.majority, base)
    if ballot.candidates:
        return _election(ballot, electorate, tally, base, enough)
    outcome = _outcome(ballot, tally, base, enough)
    told = sentences.motion(outcome, ballot, electorate, tally, base, enough)
    return Result(outcome, tally, base, enough, told.en, told.ar)


def _outcome(ballot: Ballot, tally: Tally, base: int, enough: int) -> MeetingOutcome:
    if tally.yes >= enough:
        return MeetingOutcome.CARRIED
    if is_tie(ballot, tally, base) and ballot.tie is MeetingTiePolicy.CASTING_VOTE:
        return MeetingOutcome.TIED
    return MeetingOutcome.REJECTED


def is_tie(ballot: Ballot, tally: Tally, base: int) -> bool:
    """Return whether Yes and No are equal and one more Yes would carry it.

    There is no tie of a two-thirds majority.
    """
    if ballot.majority is MeetingMajority.TWO_THIRDS or tally.yes != tally.no or not tally.yes:
        return False
    return tally.yes + 1 >= needed(ballot.majority, base)


def _election(
    ballot: Ballot, electorate: Electorate, tally: Tally, base: int, enough: int
) -> Result:
    ranked = sorted(tally.votes.items(), key=lambda item: (-item[1], item[0]))
    best = ranked[0][1]
    first = tuple(sorted(candidate for candidate, votes in ranked if votes == best))
    left: tuple[str, ...] = ()
    winner = None
    if best == 0 or (len(ranked) == 1 and best < enough):
        outcome = MeetingOutcome.NOBODY_ELECTED
    elif len(first) == 1 and (best >= enough or ballot.run_off):
        outcome, winner = MeetingOutcome.ELECTED, first[0]
    elif ballot.run_off:
        outcome, left = MeetingOutcome.TIED, first
    else:
        second = ranked[1][1]
        outcome = MeetingOutcome.RUN_OFF
        left = tuple(sorted(candidate for candidate, votes in ranked if votes >= second))
    told = sentences.election(outcome, ballot, electorate, tally, base, enough)
    return Result(outcome, tally, base, enough, told.en, told.ar, winner, left)


def after_casting_vote(result: Result, choice: MeetingChoice) -> Result:
    """Return a tie's result after the chair decided it: nothing else changes.

    Raises:
        ValueError: it was no tie of Yes and No, or the chair abstains.
    """
    if result.outcome is not MeetingOutcome.TIED or result.left:
        raise ValueError("only a tie of Yes and No is decided by a casting vote")
    if choice is MeetingChoice.ABSTAIN:
        raise ValueError("a casting vote decides")
    carried = choice is MeetingChoice.YES
    outcome = MeetingOutcome.CARRIED if carried else MeetingOutcome.REJECTED
    told = sentences.casting_vote(result.tally, carried=carried)
    return Result(outcome, result.tally, result.base, result.needed, told.en, told.ar)


def after_lot(result: Result, drawn: str) -> Result:
    """Return a tied run-off's result after the lot was drawn.

    Raises:
        ValueError: it was no tie of candidates, or another one was drawn.
    """
    if result.outcome is not MeetingOutcome.TIED or drawn not in result.left:
        raise ValueError("the lot is drawn among the candidates who are tied")
    told = sentences.lot(result.tally, len(result.left), result.tally.votes[drawn])
    return Result(
        MeetingOutcome.ELECTED, result.tally, result.base, result.needed, told.en, told.ar, drawn
    )
