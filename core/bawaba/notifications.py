"""Telling people something outside the platform: once for each event, whatever dies.

Call :func:`notify` in the transaction of what is told. After the commit a job sends it through
every messenger that the operator has set up and that reaches the person: e-mail, SMS, the log.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from bawaba import jobs
from bawaba.db import require_transaction
from bawaba.host.notifications.domain import SEND
from bawaba.host.notifications.models import NoticeRow
from bawaba.runtime import new_id, now
from bawaba.text import Text

__all__ = ["MAX_BODY", "MAX_SUBJECT", "Notice", "notify"]

MAX_SUBJECT = 300
"""Characters of a subject; what is longer is cut."""
MAX_BODY = 5_000
"""Characters of a body; what is longer is cut."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell a person.

    Args:
        key: the event's, carrying the plugin's prefix: ``permit.decided:<id>``. A person is told
            once of a key.
        subject, body: plain text. A messenger may show them outside the platform: keep secrets
            out.
        not_before: in UTC; None: at once.
    """

    key: str
    person_id: str
    subject: Text
    body: Text
    not_before: dt.datetime | None = None


async def notify(notices: Sequence[Notice]) -> None:
    """Send the notices after the commit of the current transaction; never if it rolls back.

    Raises:
        RuntimeError: called outside a transaction.
    """
    require_transaction()
    at = now()
    rows = {(notice.key, notice.person_id): _row(notice, at) for notice in notices}
    if not rows:
        return
    await NoticeRow.bulk_create([rows[key] for key in sorted(rows)], ignore_conflicts=True)
    mine = NoticeRow.filter(id__in=[row.id for row in rows.values()])
    for notice_id, not_before in await mine.order_by("id").values_list("id", "not_before"):
        delay = max(dt.timedelta(), not_before - at)
        await jobs.enqueue(SEND, {"notice": notice_id}, delay=delay)


def _row(notice: Notice, at: dt.datetime) -> NoticeRow:
    return NoticeRow(
        id=new_id(),
        key=notice.key,
        person_id=notice.person_id,
        subject_en=notice.subject.en[:MAX_SUBJECT],
        subject_ar=notice.subject.ar[:MAX_SUBJECT],
        body_en=notice.body.en[:MAX_BODY],
        body_ar=notice.body.ar[:MAX_BODY],
        not_before=notice.not_before or at,
        created_at=at,
    )
