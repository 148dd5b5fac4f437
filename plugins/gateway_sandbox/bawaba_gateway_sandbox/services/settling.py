"""The gateway's settlement files: its own book of a local day, and what it pays out."""

from __future__ import annotations

import datetime as dt

from bawaba import runtime
from bawaba.payments import GatewayEventKind
from bawaba.settlement import (
    MAX_LINES,
    LineKind,
    Settlement,
    SettlementLine,
    SettlementUnreadable,
    closes_at,
)

from bawaba_gateway_sandbox.models import SandboxEvent
from bawaba_gateway_sandbox.rules import settlement as rules
from bawaba_gateway_sandbox.settings import SandboxSettings

__all__ = ["SandboxSettlement", "book_of"]

_KINDS = {
    GatewayEventKind.CAPTURED.value: (LineKind.CAPTURE, 1),
    GatewayEventKind.REFUNDED.value: (LineKind.REFUND, -1),
    GatewayEventKind.REFUND_REVERSED.value: (LineKind.REFUND_REVERSED, 1),
    GatewayEventKind.DISPUTE_OPENED.value: (LineKind.DISPUTE, -1),
    GatewayEventKind.DISPUTE_WON.value: (LineKind.CHARGEBACK_REVERSED, 1),
}
"""What of the book moves money, and which way."""
_GATEWAY = "sandbox"


class SandboxSettlement:
    """Reads and writes the sandbox's files; each holds its own local day."""

    gateway = _GATEWAY
    settles_within = 0
    cut_off = dt.timedelta(days=1)

    def read(self, body: bytes) -> Settlement:
        """Read a file.

        Raises:
            SettlementUnreadable: malformed or cut short.
        """
        return rules.read(_GATEWAY, body)

    async def fetch(self, day: dt.date) -> bytes | None:
        """Return the file of a day that is over, else None."""
        if runtime.now() < closes_at(self, day):
            return None
        return b"".join(rules.text_of(rules.rows_of(await book_of(day))))

    def agreed_fee(self, line: SettlementLine) -> int | None:
        """Return the fee of the settings, on which gateway and platform agree."""
        return _fee(line.kind, line.fils)


async def book_of(day: dt.date, revision: int = 1) -> Settlement:
    """Return what the gateway's own book holds of a local day, in the order of its happening.

    Raises:
        SettlementUnreadable: the day has more lines than one file may.
    """
    reader = SandboxSettlement()
    start, end = closes_at(reader, day - dt.timedelta(days=1)), closes_at(reader, day)
    query = SandboxEvent.filter(kind__in=list(_KINDS), occurred_at__gte=start, occurred_at__lt=end)
    if await query.count() >= MAX_LINES:
        raise SettlementUnreadable(f"{day}: more than {MAX_LINES:,} lines")
    reference = f"SBX-{day:%Y%m%d}"
    lines = [
        _line(row, place, f"PO-{day:%Y%m%d}")
        for place, row in enumerate(await query.order_by("occurred_at", "id"), start=2)
    ]
    payouts = [rules.payout_of(lines, day)] if lines else []
    return Settlement(_GATEWAY, day, reference, lines, payouts, revision=revision)


def _line(row: SandboxEvent, number: int, payout: str) -> SettlementLine:
    kind, sign = _KINDS[row.kind]
    fils = sign * row.fils
    return SettlementLine(
        number=number,
        kind=kind,
        gateway_reference=row.gateway_reference,
        fils=fils,
        fee_fils=_fee(kind, fils),
        occurred_at=row.occurred_at,
        payment_id=row.payment_id,
        refund_id=row.refund_id or (row.about if kind is LineKind.REFUND_REVERSED else None),
        payout=payout,
    )


def _fee(kind: LineKind, fils: int) -> int:
    told = runtime.settings(SandboxSettings)
    return rules.fee_of(kind, fils, told.fee_per_mille, told.fee_fixed)
