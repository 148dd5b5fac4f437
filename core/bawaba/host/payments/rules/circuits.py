"""When an agency that keeps failing is left alone for a while, and when it is tried again. Pure."""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass

from bawaba.domain import StateMachine

FAILURES = 3
"""Failures in a row that open a circuit."""
PAUSE = dt.timedelta(seconds=10)
"""How long an open circuit asks nobody."""
PROBE = dt.timedelta(seconds=30)
"""How long one probe may be out before another is sent: a probe can be lost."""


class CircuitState(enum.Enum):
    """Whether an agency is asked. HALF_OPEN: one question is out, to see if it answers again."""

    CLOSED = "CLOSED"
    OPEN = "OPEN"
    HALF_OPEN = "HALF_OPEN"


class CircuitTrigger(enum.Enum):
    """What moves a circuit."""

    TRIP = "TRIP"
    PROBE = "PROBE"
    RECOVER = "RECOVER"


CIRCUIT = StateMachine(
    name="agency_circuit",
    initial=CircuitState.CLOSED,
    edges={
        (CircuitState.CLOSED, CircuitTrigger.TRIP): CircuitState.OPEN,
        (CircuitState.OPEN, CircuitTrigger.PROBE): CircuitState.HALF_OPEN,
        (CircuitState.OPEN, CircuitTrigger.RECOVER): CircuitState.CLOSED,
        (CircuitState.HALF_OPEN, CircuitTrigger.PROBE): CircuitState.HALF_OPEN,
        (CircuitState.HALF_OPEN, CircuitTrigger.TRIP): CircuitState.OPEN,
        (CircuitState.HALF_OPEN, CircuitTrigger.RECOVER): CircuitState.CLOSED,
    },
)
"""An answer closes the circuit whenever it comes: one asked before the trip may be late."""


@dataclass(frozen=True, slots=True)
class Circuit:
    """The circuit of one agency's service. ``until``: when the next question may be asked."""

    state: CircuitState = CircuitState.CLOSED
    failures: int = 0
    until: dt.datetime | None = None

    def asks(self, at: dt.datetime) -> bool:
        """Return whether a question may be asked at this instant."""
        return self.state is CircuitState.CLOSED or self.until is None or at >= self.until

    def asked(self, at: dt.datetime) -> Circuit:
        """Return the circuit after a question was asked."""
        if self.state is CircuitState.CLOSED:
            return self
        return Circuit(CIRCUIT.next(self.state, CircuitTrigger.PROBE), self.failures, at + PROBE)

    def answered(self) -> Circuit:
        """Return the circuit after an answer."""
        if self.state is CircuitState.CLOSED:
            return Circuit()
        return Circuit(CIRCUIT.next(self.state, CircuitTrigger.RECOVER))

    def failed(self, at: dt.datetime) -> Circuit:
        """Return the circuit after a question that failed or took too long."""
        failures = self.failures + 1
        if self.state is CircuitState.OPEN or failures < FAILURES:
            return Circuit(self.state, failures, self.until)
        return Circuit(CIRCUIT.next(self.state, CircuitTrigger.TRIP), failures, at + PAUSE)
