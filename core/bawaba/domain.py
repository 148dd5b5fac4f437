"""Building blocks of a plugin's ``domain.py`` and ``rules.py``: pure, no clock, no database."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

__all__ = ["IllegalTransition", "StateMachine"]

State = TypeVar("State", bound=enum.Enum)
Trigger = TypeVar("Trigger", bound=enum.Enum)


class IllegalTransition(Exception):
    """The table has no such edge. Callers turn it into a refusal or an alarm."""

    def __init__(self, machine: str, state: enum.Enum, trigger: enum.Enum) -> None:
        self.machine, self.state, self.trigger = machine, state, trigger
        super().__init__(f"{machine}: no edge from {state.name} on {trigger.name}")


@dataclass(frozen=True)
class StateMachine(Generic[State, Trigger]):
    """A state machine as data.

    Args:
        name: e.g. ``"payment"``; the diagram's file name in ``schema/``.
        initial: the state of a new object.
        edges: ``(state, trigger) -> next state``; what is absent is illegal.
        terminal: states that no edge leaves. Checked at construction, as is that every other
            state can be reached and left.

    Raises:
        ValueError: an edge leaves a terminal state, or a state is unreachable or a dead end.
    """

    name: str
    initial: State
    edges: Mapping[tuple[State, Trigger], State]
    terminal: frozenset[State] = field(default_factory=frozenset)

    def __post_init__(self) -> None:
        """Check the table."""
        states = set(type(self.initial))
        sources = {state for state, _ in self.edges}
        reached = {self.initial}
        while more := {t for (s, _), t in self.edges.items() if s in reached} - reached:
            reached |= more
        problems = [
            (sources & self.terminal, "leave a terminal state"),
            (states - reached, "cannot be reached"),
            (states - self.terminal - sources, "are dead ends that are not declared terminal"),
        ]
        for found, what in problems:
            if found:
                names = ", ".join(sorted(state.name for state in found))
                raise ValueError(f"state machine {self.name!r}: {names} {what}")

    def allows(self, state: State, trigger: Trigger) -> bool:
        """Return whether the table has an edge from ``state`` on ``trigger``."""
        return (state, trigger) in self.edges

    def next(self, state: State, trigger: Trigger) -> State:
        """Return the state after ``trigger``.

        Raises:
            IllegalTransition: the table has no such edge.
        """
        try:
            return self.edges[state, trigger]
        except KeyError:
            raise IllegalTransition(self.name, state, trigger) from None

    def diagram(self) -> str:
        """Return the machine as a Mermaid ``stateDiagram-v2``."""
        lines = ["stateDiagram-v2", f"    [*] --> {self.initial.name}"]
        lines += [f"    {s.name} --> {t.name}: {e.name}" for (s, e), t in self.edges.items()]
        lines += [
            f"    {state.name} --> [*]" for state in type(self.initial) if state in self.terminal
        ]
        return "\n".join(lines) + "\n"
