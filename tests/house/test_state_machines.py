"""Each state machine is declared, complete, and drawn."""

from __future__ import annotations

import importlib
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from bawaba.domain import IllegalTransition, StateMachine
from bawaba.testing.laws.source import modules


def _machines(house: Any) -> list[StateMachine[Any, Any]]:
    return [declared.machine for declared in house.registry.all("declare_machines")]


def test_every_pair_is_an_edge_or_is_refused(house: Any) -> None:
    for machine in _machines(house):
        states = type(machine.initial)
        triggers = {type(trigger) for _, trigger in machine.edges}
        assert len(triggers) == 1, f"{machine.name}: one enum of triggers"
        for state, trigger in product(states, triggers.pop()):
            if machine.allows(state, trigger):
                assert machine.next(state, trigger) in states
            else:
                with pytest.raises(IllegalTransition):
                    machine.next(state, trigger)


def test_terminal_states_stay(house: Any) -> None:
    for machine in _machines(house):
        assert not {state for state, _ in machine.edges} & machine.terminal


def test_every_trigger_has_a_use(house: Any) -> None:
    for machine in _machines(house):
        used = {trigger for _, trigger in machine.edges}
        assert used == set(type(next(iter(used)))), machine.name


def test_every_machine_in_the_code_is_declared(house: Any) -> None:
    declared = {id(machine) for machine in _machines(house)}
    hidden = []
    for package in (house.core, *(plugin.source for plugin in house.plugins)):
        for path in modules(package):
            if "migrations" in path.parts or "StateMachine(" not in path.read_text(
                encoding="utf-8"
            ):
                continue
            module = importlib.import_module(_dotted(path, package))
            found = [v for v in vars(module).values() if isinstance(v, StateMachine)]
            hidden += [f"{path}: {m.name}" for m in found if id(m) not in declared]
    assert hidden == []


def _dotted(path: Path, package: Path) -> str:
    parts = path.relative_to(package.parent).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def test_machine_names_are_distinct_and_file_names(house: Any) -> None:
    names = [machine.name for machine in _machines(house)]
    assert len(set(names)) == len(names)
    assert all(name.replace("_", "").replace("-", "").isalnum() for name in names)


def test_each_machine_says_what_it_is_in_both_languages(house: Any) -> None:
    wordless = [
        declared.machine.name
        for declared in house.registry.all("declare_machines")
        if not (declared.description.en and declared.description.ar)
    ]
    assert wordless == []
