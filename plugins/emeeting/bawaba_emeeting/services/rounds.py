"""A round of voting as data: what is frozen at its opening, and its result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bawaba_emeeting.domain import (
    Ballot,
    Electorate,
    MeetingMajority,
    MeetingMajorityBase,
    MeetingOutcome,
    MeetingTiePolicy,
    Result,
    Rules,
    Tally,
)
from bawaba_emeeting.models import MeetingMotion

Json = dict[str, Any]


def frozen(
    motion: MeetingMotion,
    candidates: tuple[str, ...],
    rules: Rules,
    electorate: Electorate,
    *,
    run_off: bool,
) -> Json:
    """Return what holds for the round, whatever changes outside."""
    return {
        "majority": motion.majority,
        "base": motion.base,
        "abstentions_count": rules.abstentions_count,
        "tie": rules.tie.value,
        "candidates": list(candidates),
        "run_off": run_off,
        "change_allowed": rules.change_allowed,
        "hide_until_close": rules.hide_until_close,
        "entitled": electorate.entitled,
        "present": electorate.present,
        "everybody": electorate.everybody,
    }


def ballot_of(rule: Mapping[str, Any]) -> Ballot:
    """Return what the round votes on."""
    return Ballot(
        majority=MeetingMajority(rule["majority"]),
        base=MeetingMajorityBase(rule["base"]),
        abstentions_count=rule["abstentions_count"],
        tie=MeetingTiePolicy(rule["tie"]),
        candidates=tuple(rule["candidates"]),
        run_off=rule["run_off"],
    )


def electorate_of(rule: Mapping[str, Any]) -> Electorate:
    """Return the round's electorate."""
    return Electorate(rule["entitled"], rule["present"], rule["everybody"])


def written(result: Result) -> Json:
    """Return a result as JSON."""
    return {
        "outcome": result.outcome.value,
        "yes": result.tally.yes,
        "no": result.tally.no,
        "abstain": result.tally.abstain,
        "votes": dict(result.tally.votes),
        "base": result.base,
        "needed": result.needed,
        "en": result.explanation_en,
        "ar": result.explanation_ar,
        "winner": result.winner,
        "left": list(result.left),
    }


def result_of(stored: Mapping[str, Any]) -> Result:
    """Return a result from JSON."""
    return Result(
        MeetingOutcome(stored["outcome"]),
        Tally(stored["yes"], stored["no"], stored["abstain"], stored["votes"]),
        stored["base"],
        stored["needed"],
        stored["en"],
        stored["ar"],
        stored["winner"],
        tuple(stored["left"]),
    )
