"""Sending a notice: mark, send, mark. Nothing is sent twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import structlog

from bawaba.db import locked, transaction
from bawaba.host.identity.models import Person
from bawaba.host.notifications.domain import (
    DELIVERY,
    RETENTION,
    SEND,
    Contact,
    DeliveryState,
    DeliveryTrigger,
    Message,
    NotSent,
)
from bawaba.host.notifications.messengers import Messenger
from bawaba.host.notifications.models import DeliveryRow, NoticeRow
from bawaba.jobs import Job
from bawaba.runtime import new_id, now
from bawaba.text import Text

log = structlog.get_logger(__name__)
T = DeliveryTrigger
_MAX_ERROR = 300
_AT_ONCE = 1_000


class Sender:
    """Sends notices through some messengers."""

    def __init__(self, messengers: Sequence[Messenger]) -> None:
        self._messengers = messengers

    def jobs(self) -> list[Job]:
        """Return the jobs of this room."""
        return [Job(SEND, self.send, attempts=12)]

    async def send(self, payload: Mapping[str, Any]) -> None:
        """Send a notice by each messenger that has not yet (a job).

        A delivery that was being sent when its process died, or whose answer was lost, becomes
        UNCERTAIN and is not repeated.

        Raises:
            NotSent: a messenger's other side took nothing; the job is run again.
        """
        notice = await NoticeRow.get_or_none(id=payload["notice"])
        contact = None if notice is None else await _contact(notice.person_id)
        if notice is None or contact is None:
            return
        refused: NotSent | None = None
        for messenger in self._messengers:
            if messenger.reaches(contact):
                refused = await _by(messenger, notice, contact) or refused
        if refused is not None:
            raise refused


async def _contact(person_id: str) -> Contact | None:
    person = await Person.get_or_none(id=person_id)
    if person is None:
        return None
    return Contact(person_id, Text(person.name, person.name_ar), person.email, person.phone)


async def _by(messenger: Messenger, notice: NoticeRow, contact: Contact) -> NotSent | None:
    """Send by one messenger; return why nothing was taken, if so."""
    delivery = await _begin(messenger.name, notice.id)
    if delivery is None:
        return None
    message = Message(
        id=delivery.id,
        key=notice.key,
        to=contact,
        subject=Text(notice.subject_en, notice.subject_ar),
        body=Text(notice.body_en, notice.body_ar),
    )
    try:
        await messenger.send(message)
    except NotSent as error:
        await _end(delivery, T.REFUSED, str(error))
        return error
    except Exception as error:
        log.exception("a notice may or may not have been sent", delivery=delivery.id)
        await _end(delivery, T.LOST, type(error).__name__)
        return None
    await _end(delivery, T.ACCEPTED)
    return None


async def _begin(messenger: str, notice_id: str) -> DeliveryRow | None:
    """Mark the delivery as being sent; None: it is not to be sent."""
    async with transaction():
        row = DeliveryRow(
            id=new_id(),
            notice_id=notice_id,
            messenger=messenger,
            state=DELIVERY.initial.value,
            attempts=0,
            changed_at=now(),
        )
        await DeliveryRow.bulk_create([row], ignore_conflicts=True)
        query = DeliveryRow.filter(notice_id=notice_id, messenger=messenger)
        held = await locked(query).get()
        state = DeliveryState(held.state)
        if state is DeliveryState.SENDING:
            log.warning("a notice was being sent when its process ended", delivery=held.id)
            await _move(held, T.LOST, "the process ended")
            return None
        if state is not DeliveryState.PENDING:
            return None
        held.attempts += 1
        await _move(held, T.BEGIN)
    return held


async def _end(delivery: DeliveryRow, trigger: DeliveryTrigger, error: str = "") -> None:
    async with transaction():
        held = await locked(DeliveryRow.filter(id=delivery.id)).get()
        if DELIVERY.allows(DeliveryState(held.state), trigger):
            await _move(held, trigger, error)


async def _move(row: DeliveryRow, trigger: DeliveryTrigger, error: str = "") -> None:
    row.state = DELIVERY.next(DeliveryState(row.state), trigger).value
    row.changed_at, row.error = now(), error.replace("\x00", "")[:_MAX_ERROR]
    await row.save()


async def forget(_payload: Mapping[str, Any]) -> None:
    """Empty the words of old notices; their keys stay, so that none is sent again (periodic)."""
    before = now() - RETENTION
    old = NoticeRow.filter(created_at__lt=before, not_before__lt=before).exclude(
        body_en="", body_ar="", subject_en="", subject_ar=""
    )
    while ids := await old.limit(_AT_ONCE).values_list("id", flat=True):
        async with transaction():
            await NoticeRow.filter(id__in=ids).update(
                subject_en="", subject_ar="", body_en="", body_ar=""
            )


async def uncertain(first: int = 100) -> list[dict[str, Any]]:
    """Return the deliveries of which nobody can say whether they arrived, oldest first."""
    query = DeliveryRow.filter(state=DeliveryState.UNCERTAIN.value).order_by("changed_at")
    rows: list[dict[str, Any]] = await query.limit(first).values(
        "id", "notice_id", "messenger", "changed_at", "error"
    )
    return rows
