"""The minutes: drafted when the meeting ends, amended, signed, sealed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bawaba import audit, db, jobs, runtime
from bawaba.text import Language
from bawaba.viewer import Viewer

from bawaba_emeeting.domain import (
    MAX_MINUTES_VERSIONS,
    MINUTES,
    LogKind,
    MeetingMinutesStatus,
    MeetingRole,
    MeetingStatus,
    MinutesTrigger,
)
from bawaba_emeeting.models import (
    MeetingAmendment,
    MeetingEdition,
    MeetingMinutes,
    MeetingRow,
    MeetingSignature,
)
from bawaba_emeeting.refusals import (
    AlreadySigned,
    MinutesApproved,
    NoMinutes,
    NoSuchSection,
    NotAttending,
    StaleMinutes,
    TooManyAmendments,
)
from bawaba_emeeting.rules import minutes as law
from bawaba_emeeting.rules.minutes import Section
from bawaba_emeeting.rules.texts import section_within
from bawaba_emeeting.services import councils, log
from bawaba_emeeting.services.councils import Row
from bawaba_emeeting.services.recording import record_of
from bawaba_emeeting.services.sittings import Work, as_row, begin

PRINT = "meeting.print"
"""The job that prints a version of the minutes as PDF."""
MINUTES_PURPOSE = "meeting.minutes"
_SERVING = frozenset({MeetingRole.SECRETARY, MeetingRole.OPERATOR})


@dataclass(frozen=True, slots=True)
class Amendment:
    """A section's new text in one language; ``version``: the one that was read."""

    version: int
    section: str
    text: str
    language: Language


async def draft(payload: Mapping[str, Any]) -> None:
    """Write the minutes of a meeting that has ended, once; a job."""
    async with db.transaction():
        row = await db.locked(MeetingRow.filter(id=payload["meeting"])).first()
        if row is None or row.status != MeetingStatus.ENDED.value:
            return
        if await MeetingMinutes.filter(meeting_id=row.id).exists():
            return
        council = (await councils.by_ids([row.council_id]))[row.council_id]
        await MeetingMinutes.create(
            meeting_id=row.id,
            status=MINUTES.initial.value,
            version=1,
            record=await record_of(as_row(row), council),
            drafted_at=runtime.now(),
        )
        await _tell(row, None, LogKind.MINUTES_DRAFTED, version=1)
        await _print(row.id, 1, MINUTES.initial)


async def amend(viewer: Viewer, meeting_id: str, asked: Amendment) -> None:
    """Replace the text of a section in one language; everybody signs anew.

    Raises:
        NotFound, Forbidden, NotAMember: see ``sittings.begin``. BadText: see there.
        NoMinutes, MinutesApproved, StaleMinutes, NoSuchSection, NotAttending,
        TooManyAmendments: see there.
    """
    body = section_within(asked.text)
    async with db.transaction():
        work = await begin(viewer, meeting_id)
        minutes = await _locked(meeting_id, asked.version)
        if minutes.version >= MAX_MINUTES_VERSIONS:
            raise TooManyAmendments("version", most=MAX_MINUTES_VERSIONS)
        if asked.section not in {each.key for each in await _sections(minutes)}:
            raise NoSuchSection("section")
        if MeetingRole(work.me["role"]) not in _SERVING:
            _require_attended(work, minutes)
        _move(minutes, MinutesTrigger.AMEND)
        minutes.version += 1
        await minutes.save(update_fields=["version"])
        await MeetingAmendment.create(
            id=runtime.new_id(),
            meeting_id=meeting_id,
            version=minutes.version,
            section=asked.section,
            language=asked.language.value,
            text=body,
            amended_by=work.me["id"],
            amended_at=work.at,
        )
        await _tell(work.row, work, LogKind.MINUTES_AMENDED, version=minutes.version)
        await _print(meeting_id, minutes.version, MeetingMinutesStatus.DRAFT)


async def approve(viewer: Viewer, meeting_id: str, version: int) -> None:
    """Sign a version; with the signatures of more than half of those who attended it is sealed.

    Raises as :func:`amend`, and AlreadySigned: the viewer signed this version.
    """
    async with db.transaction():
        work = await begin(viewer, meeting_id)
        minutes = await _locked(meeting_id, version)
        _require_attended(work, minutes)
        mine = MeetingSignature.filter(
            meeting_id=meeting_id, version=version, member_id=work.me["id"]
        )
        if await mine.exists():
            raise AlreadySigned("version")
        content = law.content_hash(minutes.record, await _sections(minutes))
        await MeetingSignature.create(
            id=runtime.new_id(),
            meeting_id=meeting_id,
            version=version,
            member_id=work.me["id"],
            content_sha256=content,
            signed_at=work.at,
            device_id=viewer.device_id,
        )
        _move(minutes, MinutesTrigger.SIGN)
        kind = await _sealed(work, minutes, content)
        await _tell(work.row, work, kind, version=version)


async def _sealed(work: Work, minutes: MeetingMinutes, content: str) -> LogKind:
    """Seal the minutes if enough have signed; return what happened."""
    signed = await signatures(minutes.meeting_id, minutes.version)
    able = [m for m in minutes.record["members"] if m["attended"] and m["seated"]]
    if len(signed) < law.needed_signatures(len(able)):
        return LogKind.MINUTES_SIGNED
    _move(minutes, MinutesTrigger.APPROVE)
    minutes.approved_at = work.at
    minutes.seal = law.seal(content, [(s["member_id"], s["signed_at"].isoformat()) for s in signed])
    await minutes.save()
    await audit.record(
        work.viewer,
        "meeting.minutes.approved",
        f"Meeting:{minutes.meeting_id}",
        {"version": minutes.version, "seal": minutes.seal},
    )
    await _print(minutes.meeting_id, minutes.version, MeetingMinutesStatus.APPROVED)
    return LogKind.MINUTES_APPROVED


def _move(minutes: MeetingMinutes, trigger: MinutesTrigger) -> None:
    minutes.status = MINUTES.next(MeetingMinutesStatus(minutes.status), trigger).value


async def _locked(meeting_id: str, version: int) -> MeetingMinutes:
    minutes = await db.locked(MeetingMinutes.filter(meeting_id=meeting_id)).first()
    if minutes is None:
        raise NoMinutes("meetingId")
    if minutes.status == MeetingMinutesStatus.APPROVED.value:
        raise MinutesApproved("meetingId")
    if minutes.version != version:
        raise StaleMinutes("version", version=minutes.version)
    return minutes


def _require_attended(work: Work, minutes: MeetingMinutes) -> None:
    attended = {m["id"] for m in minutes.record["members"] if m["attended"]}
    if work.me["id"] not in attended:
        raise NotAttending("meetingId")


async def _tell(row: MeetingRow, work: Work | None, kind: LogKind, *, version: int) -> None:
    viewer = work.viewer if work else None
    by_id = work.me["id"] if work else None
    await log.append(row, kind, viewer, by_id=by_id, data={"version": version})
    await row.save()
    await log.announce(row.id, kind.value)


async def _print(meeting_id: str, version: int, status: MeetingMinutesStatus) -> None:
    payload = {"meeting": meeting_id, "version": version, "status": status.value}
    key = f"{meeting_id}:{version}:{status.value}"
    await jobs.enqueue(PRINT, payload, key=key)


async def _sections(minutes: MeetingMinutes) -> list[Section]:
    return await sections_of(minutes.meeting_id, minutes.record, minutes.version)


async def sections_of(meeting_id: str, record: Mapping[str, Any], version: int) -> list[Section]:
    """Return the sections of a version, as amended."""
    rows = MeetingAmendment.filter(meeting_id=meeting_id, version__lte=version)
    amendments = await rows.order_by("version").values("section", "language", "text")
    return law.amended(law.written(record), amendments)


async def signatures(meeting_id: str, version: int) -> Sequence[Row]:
    """Return who signed a version, and when, in that order."""
    rows = MeetingSignature.filter(meeting_id=meeting_id, version=version)
    return await rows.order_by("signed_at", "id").values("member_id", "signed_at")


async def of_meetings(meeting_ids: Collection[str]) -> dict[str, Row]:
    """Return the minutes of meetings, by meeting; the caller has asked who may see these."""
    rows = await MeetingMinutes.filter(meeting_id__in=list(meeting_ids)).values()
    return {row["meeting_id"]: row for row in rows}


async def editions(meeting_id: str, version: int, status: str) -> Sequence[Row]:
    """Return the printed editions of a version, by language."""
    rows = MeetingEdition.filter(meeting_id=meeting_id, version=version, status=status)
    return await rows.order_by("language").values("language", "file_id", "sha256")
