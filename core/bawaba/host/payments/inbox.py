"""The inbox: where gateways report. Verified, stored once, answered; settled by somebody else."""

from __future__ import annotations

from collections.abc import Sequence

import structlog
from aiohttp import web

from bawaba.db import StorageUnavailable
from bawaba.host.payments.desk import desk
from bawaba.host.payments.domain import MessageStatus
from bawaba.host.payments.models import GatewayMessage
from bawaba.money import MAX_FILS
from bawaba.payments import CallbackRejected, GatewayEvent
from bawaba.runtime import correlation_id, new_id, now

log = structlog.get_logger(__name__)
MAX_BODY = 65_536
MAX_ID = 64
MAX_REFERENCE = 128


async def callback(request: web.Request) -> web.Response:
    """Take one callback: ``POST /gateways/{name}/callback``.

    200 once it is stored, repeats included; 401 what is not the gateway's; 413 over 64 KB; 503
    while the database is out of reach, so that the gateway sends it again.
    """
    gateway = desk().by_gateway.get(request.match_info["name"])
    if gateway is None:
        return _answer(404, "no such gateway")
    body = await _body(request)
    if body is None:
        return _answer(413, "too large")
    try:
        events = _storable(gateway.read_callback(request.headers, body, now()))
    except Exception as error:  # noqa: BLE001  a plugin's reader meets whatever strangers send
        # Whatever strangers send must not look like a fault of ours; nothing of it is kept.
        desk().metrics.rejected.labels(gateway.name).inc()
        log.warning("callback rejected", gateway=gateway.name, error=repr(error)[:300])
        return _answer(401, "rejected")
    try:
        await store(gateway.name, events, body.decode("utf-8", "replace"))
    except StorageUnavailable as error:
        log.warning("callback not stored", gateway=gateway.name, reason=error.reason)
        return _answer(503, "try again")
    return _answer(200, "received")


async def _body(request: web.Request) -> bytes | None:
    """Read at most 64 KB; None where there is more."""
    if (request.content_length or 0) > MAX_BODY:
        return None
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > MAX_BODY:
            return None
    return bytes(body)


def _storable(events: Sequence[GatewayEvent]) -> Sequence[GatewayEvent]:
    """Return ``events`` if the columns can hold all of them."""
    for event in events:
        words = (
            event.event_id,
            event.gateway_reference,
            event.payment_id,
            event.refund_id,
            event.dispute_id,
            event.reason,
        )
        if not (
            0 < len(event.event_id) <= MAX_REFERENCE
            and len(event.gateway_reference) <= MAX_REFERENCE
            and 0 < len(event.payment_id) <= MAX_ID
            and len(event.refund_id or "") <= MAX_ID
            and len(event.dispute_id or "") <= MAX_REFERENCE
            and 0 <= event.fils <= MAX_FILS
            and event.occurred_at.tzinfo is not None
            and not any("\0" in (word or "") for word in words)
        ):
            raise CallbackRejected("a field is out of range")
    return events


async def store(gateway: str, events: Sequence[GatewayEvent], body: str) -> None:
    """Store verified events, each once, together with those that come meanwhile; wake the settler.

    Returns once they are committed.
    """
    at = now()
    rows = [
        GatewayMessage(
            id=new_id(),
            gateway=gateway,
            event_id=event.event_id,
            kind=event.kind.value,
            payment_id=event.payment_id,
            refund_id=event.refund_id,
            dispute_id=event.dispute_id,
            fils=event.fils,
            gateway_reference=event.gateway_reference,
            reason=event.reason,
            occurred_at=event.occurred_at,
            received_at=at,
            correlation_id=correlation_id()[:MAX_ID],
            body=body.replace("\0", ""),
            status=MessageStatus.WAITING.value,
            due_at=at,
        )
        for event in events
    ]
    if not rows:
        return
    await desk().incoming.add(rows)
    desk().metrics.received.labels(gateway).inc(len(rows))


def _answer(status: int, word: str) -> web.Response:
    return web.json_response({"status": word}, status=status)
