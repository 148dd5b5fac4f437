"""A round of voting as data: what is frozen at its opening, and its result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bawaba_emeeting.domain import (
    Ballot,
    Electorate,
    MeetingMajority,
    MeetingMajorityBase,
    MeetingOutcome,
    Result,
    Rules,
    Tally,
)
from bawaba_emeeting.models import MeetingMotion
from bawaba_emeeting.rules import regulations

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Standing:
    """Who stands in a round: ids of candidates, none of a motion; ``run_off``: a second round."""

    candidates: tuple[str, ...]
    run_off: bool


def frozen(
    motion: MeetingMotion,
    standing: Standing,
    rules: Rules,
    electorate: Electorate,
    key: str | None,
) -> Json:
    """Return what holds for the round, whatever changes outside.

    Args:
        key: the name of the operator's key that seals a secret box.
    """
    return {
        "majority": motion.majority,
        "base": motion.base,
        "candidates": list(standing.candidates),
        "run_off": standing.run_off,
        "rules": regulations.written(rules),
        "entitled": electorate.entitled,
        "present": electorate.present,
        "everybody": electorate.everybody,
        "key": key,
    }


def rules_of(rule: Mapping[str, Any]) -> Rules:
    """Return the rules of procedure under which the round is voted on."""
    return regulations.compose([rule["rules"]])


def ballot_of(rule: Mapping[str, Any]) -> Ballot:
    """Return what the round votes on."""
    rules = rules_of(rule)
    return Ballot(
        majority=MeetingMajority(rule["majority"]),
        base=MeetingMajorityBase(rule["base"]),
        abstentions_count=rules.abstentions_count,
        tie=rules.tie,
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
