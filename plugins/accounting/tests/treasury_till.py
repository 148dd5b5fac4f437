"""A gateway of the tests' own, with its files, beside the books."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bawaba import db, ledger
from bawaba.ledger import Account, AccountKind, Journal, Posting, Side
from bawaba.settlement import (
    LineKind,
    Movement,
    Payout,
    Settlement,
    SettlementLine,
    SettlementUnreadable,
)
from bawaba.text import Text
from bawaba_accounting import models
from bawaba_accounting.services import settlements

DAY = dt.date(2026, 2, 20)
AT = dt.datetime(2026, 2, 20, 9, tzinfo=dt.UTC)
CLEARING = "gateway.till.clearing"
ACCOUNTS = [
    Account(CLEARING, Text("Till", "صندوق"), AccountKind.ASSET),
    Account("payments.suspense", Text("Suspense", "معلق"), AccountKind.LIABILITY),
    Account("agency.post.payable", Text("Post", "البريد"), AccountKind.LIABILITY),
]


@dataclass
class Till:
    """Reads JSON made by :func:`file`; the fee that is agreed is none."""

    gateway: str = "till"
    settles_within: int = 0
    cut_off: dt.timedelta = dt.timedelta(days=1)
    bodies: dict[dt.date, bytes] = field(default_factory=dict)

    def read(self, body: bytes) -> Settlement:
        try:
            told = json.loads(body)
        except ValueError:
            raise SettlementUnreadable("not JSON", 1) from None
        return Settlement(
            gateway=told["gateway"],
            settled_on=dt.date.fromisoformat(told["day"]),
            file_reference=told["reference"],
            lines=[
                SettlementLine(
                    number=number,
                    kind=LineKind(kind),
                    gateway_reference=f"g-{payment}",
                    fils=fils,
                    fee_fils=fee,
                    occurred_at=AT,
                    payment_id=payment if told["names"] else None,
                    refund_id=refund,
                    payout=payout,
                )
                for number, (kind, payment, fils, fee, refund, payout) in enumerate(
                    told["lines"], start=1
                )
            ],
            payouts=[
                Payout(reference, fils, dt.date.fromisoformat(on), "B")
                for reference, fils, on in told["payouts"]
            ],
            revision=told["revision"],
        )

    async def fetch(self, day: dt.date) -> bytes | None:
        return self.bodies.get(day)

    def agreed_fee(self, line: SettlementLine) -> int | None:
        return None if line.fee_fils < 100 else 100


class Says:
    """What payments say: nothing, unless a test says otherwise."""

    def __init__(self) -> None:
        self.movements_: list[Movement] = []

    async def movements(
        self, gateway: str, references: Sequence[str], payment_ids: Sequence[str]
    ) -> list[Movement]:
        return [
            m
            for m in self.movements_
            if m.gateway_reference in references or m.payment_id in payment_ids
        ]


class Trail:
    """Keeps what was audited."""

    def __init__(self) -> None:
        self.actions: list[str] = []

    async def record(self, viewer: Any, action: str, resource: str, detail: Any) -> None:
        db.require_transaction()
        self.actions.append(action)


def line(
    kind: str,
    payment: str,
    fils: int,
    *,
    fee: int = 0,
    refund: str | None = None,
    payout: str | None = None,
) -> list[Any]:
    return [kind, payment, fils, fee, refund, payout]


def file(
    *lines: list[Any],
    day: dt.date = DAY,
    reference: str | None = None,
    revision: int = 1,
    payouts: Sequence[tuple[str, int]] = (),
    names: bool = True,
) -> bytes:
    paid_on = (day + dt.timedelta(days=1)).isoformat()
    return json.dumps(
        {
            "gateway": "till",
            "day": day.isoformat(),
            "reference": reference or f"F-{day}",
            "revision": revision,
            "lines": lines,
            "payouts": [(name, fils, paid_on) for name, fils in payouts],
            "names": names,
        }
    ).encode()


async def capture(payment: str, fils: int, on: dt.date = DAY) -> None:
    await post(f"payment:{payment}:capture", "SETTLEMENT", payment, fils, on)


async def refund(payment: str, refund_id: str, fils: int, on: dt.date = DAY) -> None:
    await post(f"refund:{refund_id}", "REFUND", payment, -fils, on)


async def post(reference: str, kind: str, payment: str, fils: int, on: dt.date) -> None:
    """Book signed fils on the clearing account against the agency's."""
    sides = (Side.DEBIT, Side.CREDIT) if fils > 0 else (Side.CREDIT, Side.DEBIT)
    async with db.transaction():
        [recorded] = await ledger.record(
            [
                Journal(
                    reference,
                    kind,
                    Text("x", "س"),
                    on,
                    [
                        Posting(CLEARING, sides[0], abs(fils)),
                        Posting("agency.post.payable", sides[1], abs(fils)),
                    ],
                    payment_id=payment,
                )
            ]
        )
    assert recorded.outcome is ledger.Outcome.RECORDED, recorded


async def take(till: Any, body: bytes) -> settlements.Imported:
    return await settlements.import_body(None, till.reader, body)


async def open_kinds() -> list[tuple[str, int, int]]:
    rows = await models.Difference.filter(status="OPEN").order_by("kind", "expected", "actual")
    return [(row.kind, row.expected, row.actual) for row in rows]


async def balance(account: str) -> int:
    row = await models.Balance.get(account=account)
    return int(row.debits - row.credits)
