"""The laws as properties: results, quorum, electorate, box, rules of procedure."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from bawaba_emeeting import domain
from bawaba_emeeting.domain import (
    Ballot,
    Convening,
    Electorate,
    MeetingAttendanceStatus,
    MeetingChoice,
    MeetingMajority,
    MeetingMajorityBase,
    MeetingOutcome,
    MeetingQuorumBase,
    MeetingRole,
    MeetingTiePolicy,
    PresenceChange,
    Proxy,
    Rules,
    Seat,
    Vote,
)
from bawaba_emeeting.refusals import BadNonce, BadRules
from bawaba_emeeting.rules import box, electorate, quorum, regulations, results
from hypothesis import given, settings
from hypothesis import strategies as st

AT = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
CHOICES = st.sampled_from([choice.value for choice in MeetingChoice])
VOTES = st.lists(st.builds(Vote, CHOICES, st.integers(1, 5)), max_size=30)
BALLOTS = st.builds(
    Ballot,
    st.sampled_from(MeetingMajority),
    st.sampled_from(MeetingMajorityBase),
    st.booleans(),
    st.sampled_from(MeetingTiePolicy),
)
FEW = settings(max_examples=60, deadline=None)


def electors(votes: Sequence[Vote], more: int = 0) -> Electorate:
    cast = sum(vote.weight for vote in votes)
    return Electorate(cast + more, cast + more, cast + 2 * more)


@FEW
@given(BALLOTS, VOTES, st.integers(0, 20), st.randoms())
def test_the_order_of_ballots_never_changes_a_result(
    ballot: Ballot, votes: list[Vote], more: int, chance: random.Random
) -> None:
    shuffled = list(votes)
    chance.shuffle(shuffled)
    weights = electors(votes, more)
    assert results.decide(ballot, weights, shuffled) == results.decide(ballot, weights, votes)


@FEW
@given(BALLOTS, VOTES, st.integers(0, 20))
def test_unit_ballots_are_what_weighted_ones_are(
    ballot: Ballot, votes: list[Vote], more: int
) -> None:
    units = [Vote(vote.choice, 1) for vote in votes for _ in range(vote.weight)]
    weights = electors(votes, more)
    assert results.decide(ballot, weights, units) == results.decide(ballot, weights, votes)


@FEW
@given(BALLOTS, VOTES, st.integers(0, 20))
def test_what_is_carried_has_what_was_needed_and_more_yes_than_no(
    ballot: Ballot, votes: list[Vote], more: int
) -> None:
    found = results.decide(ballot, electors(votes, more), votes)
    tally = found.tally
    assert tally.yes + tally.no + tally.abstain == sum(vote.weight for vote in votes)
    if found.outcome is MeetingOutcome.CARRIED:
        assert tally.yes >= found.needed
        assert tally.yes > tally.no
        assert 2 * tally.yes > found.base
    else:
        assert tally.yes < found.needed
    if found.outcome is MeetingOutcome.TIED:
        assert tally.yes == tally.no > 0
        assert tally.yes + 1 >= found.needed
        assert ballot.tie is MeetingTiePolicy.CASTING_VOTE
        assert ballot.majority is not MeetingMajority.TWO_THIRDS
    assert str(tally.yes) in found.explanation_en
    assert str(tally.yes) in found.explanation_ar


@FEW
@given(BALLOTS, VOTES, st.integers(0, 20))
def test_one_more_yes_never_defeats_and_one_more_no_never_carries(
    ballot: Ballot, votes: list[Vote], more: int
) -> None:
    """Where a silent elector speaks, the result moves the way of what was said, or not at all."""
    weights = electors(votes, more + 1)
    before = results.decide(ballot, weights, votes).outcome
    yes = results.decide(ballot, weights, [*votes, Vote("YES", 1)]).outcome
    no = results.decide(ballot, weights, [*votes, Vote("NO", 1)]).outcome
    if before is MeetingOutcome.CARRIED:
        assert yes is MeetingOutcome.CARRIED
    if before is MeetingOutcome.REJECTED:
        assert no is not MeetingOutcome.CARRIED


@pytest.mark.parametrize(
    ("majority", "base", "counted", "yes", "no", "abstain", "outcome"),
    [
        # Of 10 members 9 are present.
        ("SIMPLE", "CAST", False, 4, 3, 2, "CARRIED"),
        ("SIMPLE", "CAST", True, 4, 3, 2, "REJECTED"),
        ("SIMPLE", "CAST", False, 4, 4, 1, "TIED"),
        ("SIMPLE", "CAST", False, 0, 0, 9, "REJECTED"),
        ("SIMPLE", "PRESENT", False, 4, 3, 2, "CARRIED"),
        ("SIMPLE", "PRESENT", False, 4, 3, 0, "REJECTED"),
        ("ABSOLUTE", "PRESENT", False, 4, 3, 2, "REJECTED"),
        ("ABSOLUTE", "PRESENT", False, 5, 3, 1, "CARRIED"),
        ("ABSOLUTE", "PRESENT", False, 4, 4, 1, "TIED"),
        ("ABSOLUTE", "ALL_MEMBERS", False, 5, 4, 0, "REJECTED"),
        ("ABSOLUTE", "ALL_MEMBERS", False, 6, 3, 0, "CARRIED"),
        ("TWO_THIRDS", "CAST", False, 6, 3, 0, "CARRIED"),
        ("TWO_THIRDS", "CAST", False, 5, 3, 1, "REJECTED"),
        ("TWO_THIRDS", "CAST", False, 4, 4, 1, "REJECTED"),
        ("TWO_THIRDS", "ALL_MEMBERS", False, 6, 3, 0, "REJECTED"),
        ("TWO_THIRDS", "ALL_MEMBERS", False, 7, 2, 0, "CARRIED"),
    ],
)
def test_majorities_as_the_books_have_them(
    majority: str, base: str, counted: bool, yes: int, no: int, abstain: int, outcome: str
) -> None:
    ballot = Ballot(
        MeetingMajority(majority), MeetingMajorityBase(base), counted, MeetingTiePolicy.CASTING_VOTE
    )
    votes = [Vote("YES", 1)] * yes + [Vote("NO", 1)] * no + [Vote("ABSTAIN", 1)] * abstain
    assert results.decide(ballot, Electorate(9, 9, 10), votes).outcome.value == outcome


CANDIDATES = ("a", "b", "c", "d")
ELECTIONS = st.lists(
    st.builds(Vote, st.sampled_from([*CANDIDATES, "ABSTAIN"]), st.integers(1, 3)), max_size=20
)


@FEW
@given(ELECTIONS, st.booleans(), st.randoms())
def test_elections_elect_whoever_has_most(
    votes: list[Vote], run_off: bool, chance: random.Random
) -> None:
    ballot = Ballot(
        MeetingMajority.ABSOLUTE,
        MeetingMajorityBase.CAST,
        abstentions_count=False,
        tie=MeetingTiePolicy.CASTING_VOTE,
        candidates=CANDIDATES,
        run_off=run_off,
    )
    found = results.decide(ballot, electors(votes), votes)
    shuffled = list(votes)
    chance.shuffle(shuffled)
    assert results.decide(ballot, electors(votes), shuffled) == found
    best = max(found.tally.votes.values())
    if found.outcome is MeetingOutcome.ELECTED:
        assert found.winner is not None
        assert found.tally.votes[found.winner] == best
        assert list(found.tally.votes.values()).count(best) == 1
        assert run_off or 2 * best > found.base
    elif found.outcome is MeetingOutcome.RUN_OFF:
        assert not run_off
        assert 2 <= len(found.left) <= len(CANDIDATES)
        assert {c for c, n in found.tally.votes.items() if n == best} <= set(found.left)
    elif found.outcome is MeetingOutcome.TIED:
        assert run_off
        drawn = results.after_lot(found, found.left[-1])
        assert (drawn.outcome, drawn.winner) == (MeetingOutcome.ELECTED, found.left[-1])
    else:
        assert (found.outcome, best) == (MeetingOutcome.NOBODY_ELECTED, 0)


def test_a_casting_vote_decides_a_tie_and_nothing_else() -> None:
    ballot = Ballot(
        MeetingMajority.SIMPLE,
        MeetingMajorityBase.CAST,
        abstentions_count=False,
        tie=MeetingTiePolicy.CASTING_VOTE,
    )
    tied = results.decide(ballot, Electorate(2, 2, 2), [Vote("YES", 1), Vote("NO", 1)])
    yes = results.after_casting_vote(tied, MeetingChoice.YES)
    no = results.after_casting_vote(tied, MeetingChoice.NO)
    assert (yes.outcome, no.outcome) == (MeetingOutcome.CARRIED, MeetingOutcome.REJECTED)
    assert yes.tally == no.tally == tied.tally
    for wrong, choice in ((yes, MeetingChoice.NO), (tied, MeetingChoice.ABSTAIN)):
        with pytest.raises(ValueError):
            results.after_casting_vote(wrong, choice)
    with pytest.raises(ValueError):
        results.after_lot(tied, "a")
    with pytest.raises(ValueError):
        results.decide(ballot, Electorate(1, 1, 1), [Vote("a", 1)])


def test_twenty_one_of_forty() -> None:
    seats = [Seat(f"{n:02}", MeetingRole.MEMBER) for n in range(40)]

    def at(count: int, rules: Rules) -> domain.Quorum:
        changes = [
            PresenceChange(seat.id, MeetingAttendanceStatus.PRESENT, AT) for seat in seats[:count]
        ]
        now = quorum.presence(changes)
        return quorum.quorum(seats, now, rules, convening=1, all_seats=44)

    assert (at(20, Rules()).is_met, at(21, Rules()).is_met) == (False, True)
    vacant = Rules(quorum_base=MeetingQuorumBase.SEATS)
    assert (at(22, vacant).is_met, at(23, vacant).required) == (False, 23)


STATUSES = st.sampled_from(MeetingAttendanceStatus)
LOGS = st.lists(st.tuples(st.integers(0, 9), STATUSES), max_size=60)


@FEW
@given(LOGS, st.booleans(), st.integers(1, 3))
def test_a_replay_of_the_log_gives_the_same_quorum_at_every_instant(
    steps: list[tuple[int, MeetingAttendanceStatus]], remote: bool, convening: int
) -> None:
    """The fold of each prefix is what somebody with a list of names would have counted."""
    seats = [Seat(str(n), MeetingRole.CHAIR if n == 0 else MeetingRole.MEMBER) for n in range(10)]
    rules = Rules(remote_counts=remote)
    log = [
        PresenceChange(str(who), status, AT + dt.timedelta(minutes=n), n)
        for n, (who, status) in enumerate(steps)
    ]
    names: set[str] = set()
    counted = [MeetingAttendanceStatus.PRESENT]
    counted += [MeetingAttendanceStatus.REMOTE] if remote else []
    for place, change in enumerate(log, 1):
        (names.add if change.status in counted else names.discard)(change.member_id)
        now = quorum.presence(log[:place])
        found = quorum.quorum(seats, now, rules, convening=convening, all_seats=10)
        assert found.present == len(names)
        assert quorum.there(seats, now, rules) == names
        assert found.required == (6 if convening == 1 else 4)
        chair = quorum.acting_chair(seats, now, rules)
        assert (chair is None) is not names
        assert chair is None or chair in names
        assert "0" not in names or chair == "0"


@FEW
@given(st.integers(1, 60), st.integers(1, 60), st.booleans(), st.integers(0, 100))
def test_what_a_quorum_needs(numerator: int, denominator: int, strict: bool, base: int) -> None:
    if numerator > denominator:
        numerator, denominator = denominator, numerator
    rung = Convening(numerator, denominator, strict=strict, wait_minutes=0)
    needed = quorum.required(rung, base)
    assert needed >= 1
    share = base * numerator
    if strict:
        assert needed * denominator > share
        assert needed == 1 or (needed - 1) * denominator <= share
    else:
        assert needed * denominator >= share
        assert needed == 1 or (needed - 1) * denominator < share


SEATS = [Seat(str(n), MeetingRole.MEMBER, weight=1 + n % 3) for n in range(8)]
IDS = [seat.id for seat in SEATS]


@FEW
@given(st.sets(st.sampled_from(IDS)), st.sets(st.sampled_from(IDS)), st.randoms())
def test_the_electorate_counts_each_weight_at_most_once(
    here: set[str], recused: set[str], chance: random.Random
) -> None:
    holders = [i for i in IDS if int(i) < 4]
    proxies = [Proxy(i, chance.choice(holders), 1) for i in IDS if int(i) >= 4]
    found = electorate.freeze(SEATS, here, proxies, recused)
    cast: dict[str, int] = {}
    for each in found:
        assert each.caster_id in here
        assert not {each.member_id, each.caster_id} & recused
        cast[each.member_id] = cast.get(each.member_id, 0) + each.weight
    weights = {seat.id: seat.weight for seat in SEATS}
    assert all(weight <= weights[member] for member, weight in cast.items())
    assert {i for i in here if i not in recused} <= set(cast)
    totals = electorate.weighed(SEATS, here, found, recused, Rules())
    assert totals.entitled <= totals.present <= totals.everybody == sum(weights.values())


@FEW
@given(st.lists(st.tuples(st.text(max_size=8), CHOICES), max_size=40, unique=True))
def test_every_ballot_of_a_box_is_proven_and_no_other(entries: list[tuple[str, str]]) -> None:
    leaves = [box.leaf(commitment, choice) for commitment, choice in sorted(entries)]
    published, proofs = box.root(leaves), box.proofs(leaves)
    for found, proof in zip(leaves, proofs, strict=True):
        assert box.proves(found, proof, published)
        assert not box.proves(box.leaf("forged", "YES"), proof, published)
        assert len(proof) <= len(leaves).bit_length()


@pytest.mark.parametrize("bad", [None, "", "x", "A" * 42, "A" * 44, "!" * 43, "A" * 42 + "B"])
def test_what_is_no_nonce(bad: str | None) -> None:
    with pytest.raises(BadNonce):
        box.nonce_bytes(bad)


def test_rules_are_composed_written_and_said() -> None:
    changes: list[dict[str, Any]] = [
        {"tie": "LOST"},
        {"remote_counts": False},
        {"tie": "CASTING_VOTE"},
    ]
    rules = regulations.compose(changes)
    assert (rules.tie, rules.remote_counts) == (MeetingTiePolicy.CASTING_VOTE, False)
    assert regulations.compose([regulations.written(rules)]) == rules
    first = {"numerator": 1, "denominator": 4, "strict": False}
    ladder = regulations.compose([{regulations.FIRST: first}], rules).ladder
    assert [(r.numerator, r.denominator, r.wait_minutes) for r in ladder] == [(1, 4, 30)]
    said = regulations.sentence(rules)
    assert said.en.startswith("Convening 1: more than 1/2 of the members")
    assert "أكثر من 1/2" in said.ar


def test_an_amendment_keeps_what_it_does_not_name() -> None:
    """One for later of the wait alone, and one of the fraction before it: both hold."""
    fraction, wait = {"numerator": 2, "denominator": 3}, {"wait_minutes": 15}
    rules = regulations.compose([{regulations.FIRST: fraction}, {regulations.FIRST: wait}])
    first = rules.ladder[0]
    assert (first.numerator, first.denominator, first.wait_minutes) == (2, 3, 15)


@pytest.mark.parametrize(
    "changed",
    [
        {"ladder": ()},
        {"ladder": (Convening(1, 3, False, 0), Convening(1, 2, False, 0))},
        {"majorities": ()},
        {"bases": ()},
        {"proxies_per_holder": 101},
    ],
)
def test_rules_that_contradict_themselves(changed: dict[str, Any]) -> None:
    with pytest.raises(BadRules):
        regulations.check(replace(Rules(), **changed))


@pytest.mark.parametrize(
    ("numerator", "denominator", "strict", "wait"),
    [(0, 2, False, 0), (3, 2, False, 0), (1, 0, False, 0), (2, 2, True, 0), (1, 2, True, 1441),
     (1, 2, True, -1), (-1, 2, False, 0), (1, 101, False, 0)],
)  # fmt: skip
def test_rules_that_nobody_could_keep(
    numerator: int, denominator: int, strict: bool, wait: int
) -> None:
    rung = Convening(numerator, denominator, strict=strict, wait_minutes=wait)
    with pytest.raises(BadRules):
        regulations.check(Rules(ladder=(rung,)))
