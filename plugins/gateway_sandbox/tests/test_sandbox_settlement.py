"""The sandbox's settlement files: what is written can be read, and nothing else can."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from bawaba.settlement import (
    LineKind,
    Payout,
    Settlement,
    SettlementLine,
    SettlementUnreadable,
)
from bawaba_gateway_sandbox import commands, plugin, services
from bawaba_gateway_sandbox.domain import Outcome, Spoil
from bawaba_gateway_sandbox.rules import settlement as rules
from bawaba_gateway_sandbox.services.settling import SandboxSettlement, book_of
from bawaba_gateway_sandbox.settings import SandboxSettings
from hypothesis import given
from hypothesis import strategies as st

DAY = dt.date(2026, 3, 1)
texts = st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}\Z")
fils = st.integers(-(10**15) + 1, 10**15 - 1)
instants = st.datetimes(dt.datetime(2000, 1, 1), dt.datetime(2100, 1, 1)).map(  # noqa: DTZ001
    lambda at: at.replace(tzinfo=dt.UTC)
)


@st.composite
def settlements(draw: Any) -> Settlement:
    lines = [
        SettlementLine(
            number,
            draw(st.sampled_from(LineKind)),
            draw(texts),
            draw(fils),
            draw(fils),
            draw(instants),
            draw(st.none() | texts),
            draw(st.none() | texts),
            draw(st.none() | texts),
        )
        for number in range(2, 2 + draw(st.integers(0, 4)))
    ]
    payouts = [
        Payout(draw(texts), draw(fils), draw(st.dates()), draw(texts))
        for _ in range(draw(st.integers(0, 2)))
    ]
    return Settlement("sandbox", draw(st.dates()), draw(texts), lines, payouts, 1)


def written(said: Settlement) -> bytes:
    return b"".join(rules.text_of(rules.rows_of(said)))


@given(settlements())
def test_what_is_written_reads_the_same_and_no_field_is_a_formula(said: Settlement) -> None:
    body = written(said)
    assert rules.read("sandbox", body) == said
    for row in csv.reader(io.StringIO(body.decode())):
        for value in row:
            assert value[:1] not in ("=", "+", "@", "\t", "\r")
            if value.startswith("-"):
                assert float(value) <= 0


@given(settlements(), st.data())
def test_a_file_that_was_cut_short_is_noticed(said: Settlement, data: Any) -> None:
    rows = written(said).splitlines(keepends=True)
    missing = data.draw(st.integers(0, len(rows) - 1))
    with pytest.raises(SettlementUnreadable):
        rules.read("sandbox", b"".join(rows[:missing] + rows[missing + 1 :]))


LINE = "LINE,CAPTURE,g1,p1,,12.500,0.000,2026-03-01T09:00:00+00:00,"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (LINE.replace("g1", "=1+1"), "line 2: a reference is not usable"),
        (LINE.replace("g1", "@cmd"), "line 2: a reference is not usable"),
        (LINE.replace("12.500", "12.5"), "line 2: an amount is not like"),
        (LINE.replace("12.500", "NaN"), "line 2: an amount is not like"),
        (LINE.replace("CAPTURE", "GIFT"), "line 2: its kind is unknown"),
        (LINE.replace("+00:00", ""), "line 2: an instant is not"),
        (LINE + ",more", "line 2: not a FILE"),
        ('LINE,"open', "line 2: not CSV"),
        (LINE.replace("p1", "p" * 2000), "line 2: longer than"),
        ("PAYOUT,PO,1.000,2026-02-30,B", "line 2: a day is not like"),
        ("FILE,x,y,1,2026-03-01", "line 2: the first row"),
        ("END,5,0.000", "line 2: END counts"),
    ],
)
def test_a_bad_row_is_refused_with_its_number(row: str, reason: str) -> None:
    body = f"FILE,{rules.FORMAT},F-1,1,2026-03-01\n{row}\nEND,1,12.500\n".encode()
    with pytest.raises(SettlementUnreadable, match=reason):
        rules.read("sandbox", body)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "cut short"),
        (b"\xff\xfe\n", "not CSV in UTF-8"),
        (b"FILE,other,F,1,2026-03-01\nEND,0,0.000\n", "not in the format"),
        (f"FILE,{rules.FORMAT},F,0,2026-03-01\nEND,0,0.000\n".encode(), "revision"),
        (f"FILE,{rules.FORMAT},F,1,2026-03-01\nEND,0,0.001\n".encode(), "another sum"),
        (f"FILE,{rules.FORMAT},F,1,2026-03-01\nEND,0,0.000\nEND,0,0.000\n".encode(), "follows"),
    ],
)
def test_a_bad_file_is_refused(body: bytes, reason: str) -> None:
    with pytest.raises(SettlementUnreadable, match=reason):
        rules.read("sandbox", body)


def told(*lines: SettlementLine) -> Settlement:
    return Settlement("sandbox", DAY, "F", list(lines), [rules.payout_of(lines, DAY)])


def test_each_way_of_spoiling_puts_one_fault_into_a_file() -> None:
    at = dt.datetime(2026, 3, 1, 9, tzinfo=dt.UTC)
    good = told(
        SettlementLine(2, LineKind.CAPTURE, "g1", 5000, 0, at, "p1", None, "PO"),
        SettlementLine(3, LineKind.CAPTURE, "g2", 700, 0, at, "p2", None, "PO"),
    )
    bad = {how: rules.spoiled(good, how) for how in Spoil}
    for said in bad.values():
        assert rules.read("sandbox", written(said)) == said
        assert said != good
    sums = {how: sum(line.fils for line in said.lines) for how, said in bad.items()}
    assert sums == {
        Spoil.MISSING: 700,
        Spoil.AMOUNT: 10_700,
        Spoil.UNKNOWN: 10_700,
        Spoil.DUPLICATE: 10_700,
        Spoil.FEE: 5700,
        Spoil.PAYOUT: 5700,
    }
    assert bad[Spoil.UNKNOWN].lines[-1].payment_id is None
    assert bad[Spoil.PAYOUT].payouts[0].fils == 4700
    assert bad[Spoil.MISSING].payouts[0].fils == 700
    empty = told()
    assert all(rules.spoiled(empty, how) == empty for how in Spoil)


def test_a_fee_is_rounded_half_up_and_taken_on_captures_alone() -> None:
    assert rules.fee_of(LineKind.CAPTURE, 12_500, 10, 50) == 175
    assert rules.fee_of(LineKind.CAPTURE, 50, 10, 0) == 1
    assert rules.fee_of(LineKind.CAPTURE, 49, 10, 0) == 0
    assert rules.fee_of(LineKind.REFUND, -12_500, 10, 50) == 0


async def test_a_day_s_file_is_the_gateway_s_own_book(world: Any) -> None:
    with world.unit():
        for name, outcome in (("a", Outcome.APPROVE), ("b", Outcome.DECLINE)):
            await services.decide(await world.opened(payment=name, fils=12_500), outcome)
        await world.gateway.refund(world.refund("r1", 500, "a"))
        await world.gateway.refund(world.refund("r2", 100, "a", reason="fail please"))
        said = await book_of(DAY)
        assert [(x.kind, x.fils, x.payment_id, x.refund_id) for x in said.lines] == [
            (LineKind.CAPTURE, 12_500, "a", None),
            (LineKind.REFUND, -500, "a", "r1"),
        ]
        assert [(p.reference, p.fils, p.paid_on) for p in said.payouts] == [
            ("PO-20260301", 12_000, DAY + dt.timedelta(days=1))
        ]
        other = await book_of(DAY - dt.timedelta(days=1))
        assert (list(other.lines), list(other.payouts)) == ([], [])


async def test_a_file_is_there_once_its_day_is_over_and_stays_the_same(world: Any) -> None:
    reader = SandboxSettlement()
    with world.unit():
        await services.decide(await world.opened(payment="a"), Outcome.APPROVE)
        assert await reader.fetch(DAY) is None
        world.clock.at += dt.timedelta(days=1)
        body = await reader.fetch(DAY)
        assert body is not None
        assert await reader.fetch(DAY) == body
        assert reader.read(body) == await book_of(DAY)


async def test_fees_are_those_of_the_settings(world: Any) -> None:
    told_ = world.runtime.plugin_settings_by_type[SandboxSettings]
    world.runtime.plugin_settings_by_type = {
        SandboxSettings: told_.model_copy(update={"fee_per_mille": 10, "fee_fixed": 50})
    }
    reader = SandboxSettlement()
    with world.unit():
        await services.decide(await world.opened(payment="a", fils=12_500), Outcome.APPROVE)
        said = await book_of(DAY)
        assert (said.lines[0].fee_fils, said.payouts[0].fils) == (175, 12_325)
        assert reader.agreed_fee(said.lines[0]) == 175
        assert reader.agreed_fee(replace(said.lines[0], fee_fils=500)) == 175


async def test_the_command_writes_a_file_and_can_spoil_it(world: Any, tmp_path: Path) -> None:
    day = dt.datetime(2026, 3, 1)  # noqa: DTZ001  as typer gives it
    to = tmp_path / "day.csv"
    with world.unit():
        await services.decide(await world.opened(payment="a"), Outcome.APPROVE)
        assert await commands.settlement(day, to, None, 1) == 0
        good = rules.read("sandbox", to.read_bytes())
        assert await commands.settlement(day, to, Spoil.DUPLICATE, 2) == 0
        bad = rules.read("sandbox", to.read_bytes())
    assert (len(good.lines), good.revision) == (1, 1)
    assert (len(bad.lines), bad.revision) == (2, 2)


def test_a_reader_is_offered_with_the_gateway(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BAWABA_DEMO", raising=False)
    monkeypatch.delenv("BAWABA_SANDBOX_ENABLED", raising=False)
    assert _readers() == ()
    monkeypatch.setenv("BAWABA_DEMO", "1")
    assert [reader.gateway for reader in _readers()] == ["sandbox"]


def _readers() -> Sequence[Any]:
    return plugin.declare_settlement_readers()
