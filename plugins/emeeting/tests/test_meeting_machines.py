"""The state machines, written out: a change of a table is a change of this file."""

from __future__ import annotations

from typing import Any

import pytest
from bawaba.domain import IllegalTransition
from bawaba_emeeting import domain
from hypothesis import given
from hypothesis import strategies as st

MEETING = """
    SCHEDULED           LACK_QUORUM  WAITING_FOR_QUORUM
    SCHEDULED           CONVENE      IN_SESSION
    SCHEDULED           ADJOURN      ADJOURNED
    SCHEDULED           CANCEL       CANCELLED
    WAITING_FOR_QUORUM  CONVENE      IN_SESSION
    WAITING_FOR_QUORUM  ADJOURN      ADJOURNED
    WAITING_FOR_QUORUM  CANCEL       CANCELLED
    IN_SESSION          ADJOURN      ADJOURNED
    IN_SESSION          END          ENDED
    ADJOURNED           LACK_QUORUM  WAITING_FOR_QUORUM
    ADJOURNED           CONVENE      IN_SESSION
    ADJOURNED           ADJOURN      ADJOURNED
    ADJOURNED           END          ENDED
    ADJOURNED           CANCEL       CANCELLED
"""
MOTION = """
    PROPOSED   OPEN_VOTING    OPEN
    PROPOSED   DECIDE         CLOSED
    OPEN       LOSE_QUORUM    SUSPENDED
    OPEN       MAKE_VOID      VOID
    OPEN       DECIDE         CLOSED
    OPEN       TIE            TIED
    OPEN       CALL_RUN_OFF   RUN_OFF
    OPEN       ANNUL          ANNULLED
    SUSPENDED  REGAIN_QUORUM  OPEN
    SUSPENDED  ANNUL          ANNULLED
    TIED       CAST_DECIDING  CLOSED
    TIED       ANNUL          ANNULLED
    RUN_OFF    OPEN_VOTING    OPEN
    RUN_OFF    ANNUL          ANNULLED
    CLOSED     ANNUL          ANNULLED
    VOID       OPEN_VOTING    OPEN
    ANNULLED   OPEN_VOTING    OPEN
    ANNULLED   DECIDE         CLOSED
"""
ADOPTION = """
    PROPOSED          ENDORSED          ENDORSED
    ENDORSED          SENT_TO_MINISTER  SENT_TO_MINISTER
    SENT_TO_MINISTER  APPROVED          APPROVED
    APPROVED          ACTIVE            ACTIVE
"""
MINUTES = """
    DRAFT  AMEND    DRAFT
    DRAFT  SIGN     DRAFT
    DRAFT  APPROVE  APPROVED
"""
MACHINES = [
    (domain.MEETING, MEETING, {"ENDED", "CANCELLED"}),
    (domain.MOTION, MOTION, set()),
    (domain.ADOPTION, ADOPTION, {"ACTIVE"}),
    (domain.MINUTES, MINUTES, {"APPROVED"}),
]
EACH = pytest.mark.parametrize(
    ("machine", "table", "terminal"), MACHINES, ids=[machine.name for machine, _, _ in MACHINES]
)


def edges_of(table: str) -> dict[tuple[str, str], str]:
    """Return (state, trigger) to the next state, by name."""
    rows = [line.split() for line in table.strip().splitlines()]
    return {(state, trigger): target for state, trigger, target in rows}


@EACH
def test_the_table_is_what_is_written_here(machine: Any, table: str, terminal: set[str]) -> None:
    found = {(s.name, t.name): target.name for (s, t), target in machine.edges.items()}
    assert found == edges_of(table)
    assert {state.name for state in machine.terminal} == terminal
    assert set(type(next(iter(machine.edges))[1])) == {trigger for _, trigger in machine.edges}


@EACH
@given(chance=st.data())
def test_a_walk_goes_by_listed_edges_and_ends_where_it_may(
    machine: Any, table: str, terminal: set[str], chance: Any
) -> None:
    """Whatever is tried, in whatever order: only listed edges move it, terminal states stay."""
    triggers = sorted(type(next(iter(machine.edges))[1]), key=lambda each: each.name)
    edges, state = edges_of(table), machine.initial
    for trigger in chance.draw(st.lists(st.sampled_from(triggers), max_size=40)):
        wanted = edges.get((state.name, trigger.name))
        assert machine.allows(state, trigger) is (wanted is not None)
        if wanted is None:
            with pytest.raises(IllegalTransition):
                machine.next(state, trigger)
            continue
        assert state.name not in terminal
        state = machine.next(state, trigger)
        assert state.name == wanted
