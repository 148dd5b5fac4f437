"""One slow or broken agency: the others go on, it is left alone, and it is tried again."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from bawaba.errors import AgencyUnavailable, Refusal
from bawaba.host.payments.desk import Deadlines
from bawaba.host.payments.rules.circuits import (
    CIRCUIT,
    FAILURES,
    PAUSE,
    PROBE,
    Circuit,
    CircuitState,
    CircuitTrigger,
)
from bawaba.host.payments.services import asking
from bawaba.payments import Bill
from bawaba.testing.fakes import FakePayable, FakePlugin
from bawaba.viewer import Viewer
from hypothesis import given
from hypothesis import strategies as st
from payments_world import World, opened, payer

AT = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
BILLS = """{ me { bills(first: 10) { asOf totalDue { amount } nodes { reference }
    unavailableServices { code } } } }"""


def test_the_machine_is_whole() -> None:
    assert {(s.name, t.name): e.name for (s, t), e in CIRCUIT.edges.items()} == {
        ("CLOSED", "TRIP"): "OPEN",
        ("OPEN", "PROBE"): "HALF_OPEN",
        ("OPEN", "RECOVER"): "CLOSED",
        ("HALF_OPEN", "PROBE"): "HALF_OPEN",
        ("HALF_OPEN", "TRIP"): "OPEN",
        ("HALF_OPEN", "RECOVER"): "CLOSED",
    }
    assert set(CircuitTrigger) == {trigger for _, trigger in CIRCUIT.edges}


@given(st.lists(st.tuples(st.sampled_from(["ok", "fail"]), st.integers(0, 40)), max_size=40))
def test_it_opens_after_failures_in_a_row_alone_and_is_asked_again(
    story: list[tuple[str, int]],
) -> None:
    circuit, at, row = Circuit(), AT, 0
    for outcome, seconds in story:
        at += dt.timedelta(seconds=seconds)
        if not circuit.asks(at):
            assert row >= FAILURES
            continue
        circuit = circuit.asked(at)
        circuit = circuit.answered() if outcome == "ok" else circuit.failed(at)
        row = 0 if outcome == "ok" else row + 1
        assert (circuit.state is CircuitState.CLOSED) == (row < FAILURES)
    assert circuit.asks(at + max(PAUSE, PROBE))


def test_while_a_probe_is_out_nobody_else_asks() -> None:
    circuit = Circuit()
    for _ in range(FAILURES):
        circuit = circuit.asked(AT).failed(AT)
    later = AT + PAUSE
    probing = circuit.asked(later)
    assert probing.state is CircuitState.HALF_OPEN
    assert not probing.asks(later)
    assert probing.asks(later + PROBE), "a probe that was lost is sent again"


class _Counting(FakePayable):
    """Counts how often it is asked; ``stubborn``: does not stop when it is cancelled."""

    def __init__(self, service: str) -> None:
        super().__init__(service)
        self.asked = 0
        self.stubborn = False
        self.broken = False

    async def owed_by(self, viewer: Viewer, at: dt.datetime) -> list[Bill]:
        self.asked += 1
        if self.broken:
            raise RuntimeError("a fault of the plugin")
        if self.stubborn:
            for _ in range(20):
                try:
                    await asyncio.sleep(0.2)
                except asyncio.CancelledError:
                    continue
        return list(await super().owed_by(viewer, at))


@pytest.fixture
async def two(tmp_path: Path) -> AsyncIterator[World]:
    plugin = FakePlugin([_Counting("fake-one"), _Counting("fake-two")])
    async with opened(f"sqlite:///{tmp_path}/x.sqlite3", tmp_path, plugin) as world:
        for payable in plugin.payables:
            payable.add(f"b-{payable.service}", 1_000, owner="N-payer")
        yield world


async def bills(world: World) -> tuple[list[str], list[str]]:
    found = (await world.ask(BILLS))["data"]["me"]["bills"]
    assert dt.datetime.fromisoformat(found["asOf"]) == world.clock.at
    silent = [service["code"] for service in found["unavailableServices"]]
    return [node["reference"] for node in found["nodes"]], silent


async def test_a_dead_agency_is_left_alone_and_found_again(two: World) -> None:
    one, other = two.plugin.payables
    one.down = True
    for _ in range(FAILURES + 4):
        assert await bills(two) == (["REF-b-fake-two"], ["fake-one"])
    assert (one.asked, other.asked) == (FAILURES, FAILURES + 4)
    two.clock.move(seconds=PAUSE.total_seconds())
    assert await bills(two) == (["REF-b-fake-two"], ["fake-one"])
    assert one.asked == FAILURES + 1, "one probe, and closed again for a while"
    one.down = False
    assert (await bills(two))[1] == ["fake-one"]
    two.clock.move(seconds=PAUSE.total_seconds())
    assert await bills(two) == (["REF-b-fake-one", "REF-b-fake-two"], [])
    assert await bills(two) == (["REF-b-fake-one", "REF-b-fake-two"], [])


async def test_a_faulty_plugin_hides_itself_alone(two: World) -> None:
    one, _ = two.plugin.payables
    one.broken = True
    for _ in range(FAILURES + 2):
        assert await bills(two) == (["REF-b-fake-two"], ["fake-one"])
    assert one.asked == FAILURES + 2, "a fault is no outage: the next question may be answered"


async def test_one_that_does_not_stop_holds_nobody_up(two: World) -> None:
    two.host.runtime.payments.deadlines = Deadlines(bills=0.1)
    one, _ = two.plugin.payables
    one.stubborn = True
    async with asyncio.timeout(3):
        assert await bills(two) == (["REF-b-fake-two"], ["fake-one"])


async def test_a_payment_meets_the_same_circuit(two: World) -> None:
    # Ids of type FakeBill are those of the last payable.
    _, other = two.plugin.payables
    two.payable = other
    other.down = True
    for _ in range(FAILURES):
        await bills(two)
    other.down = False
    with pytest.raises(Refusal, match="AGENCY_UNAVAILABLE"):
        await two.start("b-fake-two", by=payer())
    two.clock.move(seconds=PAUSE.total_seconds())
    assert await two.start("b-fake-two", by=payer())


async def test_a_cancelled_question_is_no_failure(two: World) -> None:
    one, _ = two.plugin.payables
    one.delay = 5.0
    with two.unit():
        for _ in range(FAILURES + 1):
            task = asyncio.create_task(
                asking.ask("fake-one", 4.0, lambda: one.find(["b-fake-one"], AT))
            )
            await asyncio.sleep(0.01)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        one.delay = 0.0
        assert await asking.ask("fake-one", 4.0, lambda: one.find(["b-fake-one"], AT))
        one.down = True
        with pytest.raises(AgencyUnavailable):
            await asking.ask("fake-one", 4.0, lambda: one.find(["b-fake-one"], AT))
