"""Handing a case in, and looking first whether somebody has."""

from __future__ import annotations

import hashlib
from dataclasses import asdict

from bawaba import catalogue, db, idempotency, runtime
from bawaba.errors import NotFound
from bawaba.viewer import Viewer

from bawaba_tawasul.domain import (
    CASE,
    FactKind,
    Location,
    Submission,
    TawasulKind,
    TawasulPartyKind,
    TawasulStatus,
    TawasulStep,
)
from bawaba_tawasul.models import TawasulCase
from bawaba_tawasul.refusals import KindMismatch
from bawaba_tawasul.rules import clockwork, texts
from bawaba_tawasul.services import categories, facts, messages, notices, steps
from bawaba_tawasul.services.book import Book, book
from bawaba_tawasul.services.categories import Row

_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTVWXYZ"
"""Without what is mistaken for something else when read aloud."""
_LENGTH = 10


async def submit(viewer: Viewer, asked: Submission, key: str) -> str:
    """Submit a case once per key; return its reference.

    Raises:
        NotFound: no such agency, category or attachment.
        KindMismatch, BadText, BadLocation: see there.
    """
    wanted = _checked(asked)
    if wanted.agency not in await catalogue.agencies():
        raise NotFound("agency")

    async def work() -> str:
        async with db.transaction():
            case = await _store(viewer, wanted)
            await idempotency.done(case.reference)
        return case.reference

    print_ = {**asdict(wanted), "kind": wanted.kind.value}
    return await idempotency.once(viewer, "tawasul.submit", key, print_, work)


def _checked(asked: Submission) -> Submission:
    return Submission(
        kind=asked.kind,
        agency=asked.agency,
        category=asked.category,
        subject=texts.subject_within_bounds(asked.subject),
        body=texts.text_within_bounds(asked.body, "body"),
        channel=asked.channel,
        location=texts.place(asked.location),
        attachment_ids=tuple(asked.attachment_ids),
        hide_identity=asked.hide_identity,
    )


async def _store(viewer: Viewer, asked: Submission) -> TawasulCase:
    category = await categories.one(asked.agency, asked.category, "category")
    if TawasulKind(category["kind"]) is not asked.kind:
        raise KindMismatch("kind")
    calendars = await book()
    case = _case(viewer, asked, category, calendars)
    work = steps.Work(
        case,
        viewer,
        TawasulPartyKind.CITIZEN,
        case.submitted_at,
        calendars,
        TawasulStatus.SUBMITTED,
    )
    work.words_changed = True
    line = await steps.finish(work, TawasulStep.SUBMITTED, moves=False)
    await messages.write(work, TawasulStep.SUBMITTED, asked.body, asked.attachment_ids)
    await facts.append(case, FactKind.RECEIVED)
    await notices.tell_citizen(case, line)
    return case


def _case(viewer: Viewer, asked: Submission, category: Row, calendars: Book) -> TawasulCase:
    at = runtime.now()
    calendar, day = calendars.of(asked.agency), runtime.local_day(at)
    case_id, targets = runtime.new_id(), category["targets"]
    place = asked.location
    return TawasulCase(
        id=case_id,
        reference=reference_of(case_id),
        kind=asked.kind.value,
        status=CASE.initial.value,
        agency=asked.agency,
        category_id=category["id"],
        category=category["code"],
        subject=asked.subject,
        body=asked.body,
        channel=asked.channel,
        latitude=place.latitude if place else None,
        longitude=place.longitude if place else None,
        address=place.address if place else "",
        submitter_id=viewer.person(),
        hide_identity=asked.hide_identity,
        submitted_at=at,
        started_at=at,
        spent_before=0,
        excluded=[],
        steps=0,
        segments=[[at.isoformat(), asked.agency]],
        pauses=[],
        target_minutes=clockwork.target_minutes(calendar, day, targets["resolution_days"]),
        first_reply_minutes=targets["first_reply_hours"] * 60,
        calendar=calendars.number(asked.agency),
        escalation_level=0,
        reopenings=0,
        transfers=0,
        declines=0,
        followers=0,
        late_once=False,
        settled=False,
    )


def reference_of(case_id: str) -> str:
    """Return a case's reference: it tells nothing, and is easily read aloud."""
    number = int.from_bytes(hashlib.sha256(case_id.encode()).digest()[:8], "big")
    letters = ""
    for _ in range(_LENGTH):
        number, place = divmod(number, len(_ALPHABET))
        letters += _ALPHABET[place]
    return f"TW-{letters[:5]}-{letters[5:]}"


def location_of(row: Row) -> Location | None:
    """Return where a case is about, of its row."""
    if row["latitude"] is None:
        return None
    return Location(row["latitude"], row["longitude"], row["address"])
