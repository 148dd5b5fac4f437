"""The settlement files of the gateway's own book, as a gateway would write them."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from bawaba.payments import GatewayEvent, GatewayEventKind
from bawaba.settlement import LineKind, Settlement, SettlementLine

_ZONE = ZoneInfo("Asia/Bahrain")
_LINES = {
    GatewayEventKind.CAPTURED: (LineKind.CAPTURE, 1),
    GatewayEventKind.REFUNDED: (LineKind.REFUND, -1),
    GatewayEventKind.REFUND_REVERSED: (LineKind.REFUND_REVERSED, 1),
    GatewayEventKind.DISPUTE_OPENED: (LineKind.DISPUTE, -1),
    GatewayEventKind.DISPUTE_WON: (LineKind.CHARGEBACK_REVERSED, 1),
}


class Files:
    """The gateway's settlement files: one a local day, written anew as the day's book grows.

    Its day is over as it begins, so that each file must hold all that has happened.
    """

    gateway = "fake"
    settles_within = 0
    cut_off = dt.timedelta()

    def __init__(self) -> None:
        self._said: dict[bytes, Settlement] = {}
        self._revisions: dict[dt.date, tuple[int, bytes]] = {}

    def read(self, body: bytes) -> Settlement:
        return self._said[body]

    async def fetch(self, day: dt.date) -> bytes | None:
        return None

    def agreed_fee(self, line: SettlementLine) -> int | None:
        return 0

    def written(self, events: list[GatewayEvent]) -> list[bytes]:
        """Return the files that say something else than before."""
        days: dict[dt.date, list[GatewayEvent]] = {}
        for event in once_each(events):
            days.setdefault(event.occurred_at.astimezone(_ZONE).date(), []).append(event)
        return [body for day, some in sorted(days.items()) if (body := self._file(day, some))]

    def _file(self, day: dt.date, events: list[GatewayEvent]) -> bytes | None:
        lines = [_line(number, event) for number, event in enumerate(events, start=1)]
        digest = repr(lines).encode()
        revision, before = self._revisions.get(day, (0, b""))
        if digest == before:
            return None
        self._revisions[day] = (revision + 1, digest)
        body = f"{day} {revision + 1}".encode()
        self._said[body] = Settlement("fake", day, f"F-{day}", lines, [], revision + 1)
        return body


def _line(number: int, event: GatewayEvent) -> SettlementLine:
    kind, sign = _LINES[event.kind]
    return SettlementLine(
        number=number,
        kind=kind,
        gateway_reference=event.gateway_reference,
        fils=sign * event.fils,
        fee_fils=0,
        occurred_at=event.occurred_at,
        payment_id=event.payment_id,
        refund_id=event.refund_id,
    )


def once_each(events: list[GatewayEvent]) -> list[GatewayEvent]:
    """Return what moved money, each movement once, however many messages told of it."""
    seen: dict[tuple[Any, ...], GatewayEvent] = {}
    for event in events:
        if event.kind in _LINES:
            of = event.dispute_id or event.refund_id or event.gateway_reference
            seen.setdefault((event.kind, event.payment_id, of), event)
    return sorted(seen.values(), key=lambda event: (event.occurred_at, event.event_id))
