"""Files that are awkward or hostile, and charges that the gateway counts otherwise."""

from __future__ import annotations

import dataclasses
import datetime as dt
from types import SimpleNamespace
from typing import Any

import pytest
from bawaba import runtime
from bawaba.settlement import LineKind, Movement, Settlement, SettlementUnreadable
from bawaba_accounting import models
from bawaba_accounting.rules.statements import check
from bawaba_accounting.services import settlements
from treasury_till import AT, DAY, Till, capture, file, line, open_kinds, take


class Charges(Till):
    """Names the charge of a line by its refund's id, where that begins with ``charge``."""

    def read(self, body: bytes) -> Settlement:
        said = super().read(body)
        lines = [
            dataclasses.replace(each, gateway_reference=each.refund_id, refund_id=None)
            if each.refund_id and each.refund_id.startswith("charge")
            else each
            for each in said.lines
        ]
        return dataclasses.replace(said, lines=lines)


def movement(payment: str, reference: str, fils: int, known_as: str | None = None) -> Movement:
    journal = f"payment:{payment}:capture"
    return Movement(LineKind.CAPTURE, reference, payment, None, fils, AT, journal, known_as)


@pytest.mark.parametrize("names", [True, False])
@pytest.mark.parametrize("file_first", [True, False])
async def test_a_second_charge_agrees_with_the_gateways_line(
    till: Any, names: bool, file_first: bool
) -> None:
    till.reader = Charges()
    till.says.movements_ = [
        movement("p1", "g-p1", 1000),
        movement("d2", "charge-2", 1000, known_as="p1"),
    ]
    body = file(
        line("CAPTURE", "p1", 1000), line("CAPTURE", "p1", 1000, refund="charge-2"), names=names
    )
    if file_first:
        await take(till, body)
    await capture("p1", 1000)
    await capture("d2", 1000)
    if not file_first:
        await take(till, body)
    await settlements.reconcile(till.reader)
    assert await open_kinds() == []
    assert await models.StatementLine.filter(status="MATCHED").count() == 2


def said(**changes: Any) -> Settlement:
    told = Till().read(file(line("CAPTURE", "p1", 1000, payout="PO"), payouts=[("PO", 1000)]))
    first, payout = told.lines[0], told.payouts[0]
    lines = [dataclasses.replace(first, **changes.pop("line", {}))]
    payouts = [dataclasses.replace(payout, **changes.pop("payout", {}))]
    return dataclasses.replace(told, lines=lines, payouts=payouts, **changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"settled_on": DAY + dt.timedelta(days=1)},
        {"settled_on": dt.date.min},
        {"payout": {"paid_on": dt.date.max}},
        {"payout": {"paid_on": dt.date.min}},
        {"line": {"occurred_at": dt.datetime.min.replace(tzinfo=dt.timezone.max)}},
        {"line": {"occurred_at": dt.datetime.max.replace(tzinfo=dt.UTC)}},
        {"line": {"fils": 10**15, "fee_fils": 1}},
        {"payout": {"bank_reference": "B\0"}},
    ],
)
def test_what_no_file_can_mean_is_refused(changes: dict[str, Any]) -> None:
    check(said(), "till", DAY)
    with pytest.raises(SettlementUnreadable, match=r"day|range|printed"):
        check(said(**changes), "till", DAY)


async def test_a_file_of_a_day_to_come_changes_nothing(till: Any) -> None:
    """Else every payment until then would be missing in it, and no month could be closed."""
    await capture("p1", 1000)
    with pytest.raises(SettlementUnreadable):
        await take(till, file(line("CAPTURE", "p9", 1), day=dt.date(2099, 1, 1)))
    await settlements.reconcile(till.reader)
    assert await open_kinds() == []
    assert await models.SettlementFile.all().count() == 0


async def test_a_reader_that_breaks_keeps_no_other_gateway_waiting(
    till: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken(Till):
        async def fetch(self, day: dt.date) -> bytes | None:
            raise ZeroDivisionError(day)

    broken = Broken(gateway="broken")
    registry = SimpleNamespace(all=lambda _hook: [broken, till.reader])
    monkeypatch.setattr(till.books.runtime, "registry", registry)
    day = runtime.today() - dt.timedelta(days=1)
    till.reader.bodies[day] = file(line("CAPTURE", "p1", 5), day=day)
    with pytest.raises(ZeroDivisionError):
        await settlements.fetch_all({})
    assert await models.SettlementFile.filter(gateway="till").count() == 1
