"""Printing the minutes as PDF, in both languages; and who may read what is printed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from bawaba import db, files, live, pdf, runtime
from bawaba.text import Language, Text
from bawaba.viewer import Viewer

from bawaba_emeeting.domain import MeetingMinutesStatus
from bawaba_emeeting.models import MeetingEdition, MeetingMinutes
from bawaba_emeeting.rules import minutes as law
from bawaba_emeeting.rules.clockface import Clockface
from bawaba_emeeting.rules.minutes import Section
from bawaba_emeeting.rules.printed_words import ATTENDANCE_WORDS, ROLE_WORDS
from bawaba_emeeting.services import councils, log, minutes, sittings
from bawaba_emeeting.services.minutes import MINUTES_PURPOSE

_APPROVED = MeetingMinutesStatus.APPROVED.value
PRINTED = "MINUTES_PRINTED"
_WORDS = {
    "minutes": Text("Minutes", "محضر"),
    "meeting": Text("Meeting", "الاجتماع"),
    "subject": Text("Subject", "الموضوع"),
    "quorum": Text("Rule of the quorum", "قاعدة النصاب"),
    "version": Text("Version", "النسخة"),
    "attendance": Text("Attendance", "كشف الحضور"),
    "member": Text("Member", "العضو"),
    "role": Text("Seat", "الصفة"),
    "status": Text("At the end", "الحالة عند الختام"),
    "attended": Text("Attended", "حضر"),
    "yes": Text("Yes", "نعم"),
    "no": Text("No", "لا"),
    "vote": Text("Vote on: {text}", "التصويت على: {text}"),
    "again": Text("Vote {number} on: {text}", "التصويت رقم {number} على: {text}"),
    "annulled": Text(
        "Annulled vote {number} on: {text}", "التصويت الملغى رقم {number} على: {text}"
    ),
    "choice": Text("Vote", "الصوت"),
    "weight": Text("Weight", "الوزن"),
    "files": Text("Files", "الملفات"),
    "file": Text("File", "الملف"),
    "signatures": Text("Signatures", "التواقيع"),
    "signed": Text("Signed", "وقت التوقيع"),
    "at": Text("{day} at {hour}", "{day} الساعة {hour}"),
    "box": Text("Root of the box of ballots", "جذر صندوق الاقتراع"),
    "content": Text("SHA-256 of the content", "بصمة المحتوى"),
    "seal": Text("Seal", "الختم"),
    "draft": Text("DRAFT", "مسودة"),
    "trial": Text("TRIAL", "تجريبي"),
}


async def print_minutes(payload: Mapping[str, Any]) -> None:
    """Print a version of the minutes in both languages, once; a job."""
    meeting_id, version, status = payload["meeting"], payload["version"], payload["status"]
    row = await MeetingMinutes.filter(meeting_id=meeting_id).first()
    if row is None:
        return
    done = {each["language"] for each in await minutes.editions(meeting_id, version, status)}
    for language in Language:
        if language.value not in done:
            await _edition(row, version, status, language)


async def _edition(row: MeetingMinutes, version: int, status: str, language: Language) -> None:
    content = await pdf.rendered(await _document(row, version, status, language))
    name = f"minutes-{version}-{status.lower()}-{language.value.lower()}.pdf"
    subject = f"{row.meeting_id}-{status}"
    stored = await files.store(MINUTES_PURPOSE, subject, name, "application/pdf", content)
    async with db.transaction():
        edition = MeetingEdition(
            id=runtime.new_id(),
            meeting_id=row.meeting_id,
            version=version,
            status=status,
            language=language.value,
            file_id=stored.id,
            sha256=stored.sha256,
        )
        await MeetingEdition.bulk_create([edition], ignore_conflicts=True)
        await live.emit(log.TOPIC + row.meeting_id, PRINTED)


async def _document(
    row: MeetingMinutes, version: int, status: str, language: Language
) -> pdf.Document:
    record = row.record
    sections = await minutes.sections_of(row.meeting_id, record, version)
    signed = await minutes.signatures(row.meeting_id, version) if status == _APPROVED else []
    said = _Say(language)
    blocks = [
        *_front(record, version, said),
        *(block for section in sections for block in _section(section, record, said)),
        *_files(record, said),
        *_end(row, record, sections, signed, status, said),
    ]
    marks = [said("draft")] if status != _APPROVED else []
    marks += [said("trial")] if record["meeting"]["is_trial"] else []
    title = law.heading(record).in_(language)
    return pdf.Document(
        title=f"{said('minutes')}: {title}",
        language=language,
        blocks=blocks,
        made_at=row.approved_at if status == _APPROVED and row.approved_at else row.drafted_at,
        subject=record["meeting"]["title"],
        footer=title,
        watermark=" · ".join(marks),
    )


class _Say:
    """Words of the printed minutes in one language."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self.name = "name_ar" if language is Language.AR else "name_en"

    def __call__(self, key: str, **values: str) -> str:
        """Return the words of a key."""
        return _WORDS[key].in_(self.language).format(**values)


def _front(record: Mapping[str, Any], version: int, said: _Say) -> list[pdf.Block]:
    rule = record["council"]["quorum_ar" if said.language is Language.AR else "quorum_en"]
    rows = [
        [
            member[said.name],
            ROLE_WORDS[member["role"]].in_(said.language),
            said("yes" if member["attended"] else "no"),
            ATTENDANCE_WORDS[member["status"]].in_(said.language),
        ]
        for member in record["members"]
        if member["votes"]
    ]
    columns = [said(key) for key in ("member", "role", "attended", "status")]
    facts = [
        (said("meeting"), law.heading(record).in_(said.language)),
        (said("subject"), record["meeting"]["title"]),
        (said("quorum"), rule),
        (said("version"), str(version)),
    ]
    return [
        pdf.Facts(facts),
        pdf.Heading(said("attendance"), 2),
        pdf.Table(columns, rows, widths=[4, 2, 1, 2]),
    ]


def _section(section: Section, record: Mapping[str, Any], said: _Say) -> list[pdf.Block]:
    blocks: list[pdf.Block] = [pdf.Heading(section.title.in_(said.language), 2)]
    body = section.body.in_(said.language)
    blocks += [pdf.Paragraph(line) for line in body.split("\n") if line]
    for item in record["agenda"]:
        if section.key == f"item-{item['position']}":
            blocks += [b for motion in item["motions"] for b in _votes(motion, said)]
    return blocks


def _votes(motion: Mapping[str, Any], said: _Say) -> list[pdf.Block]:
    """Return the votes on a motion; those en bloc with others stand with the bloc's own motion."""
    blocks: list[pdf.Block] = []
    columns = [said("member"), said("choice"), said("weight")]
    for voted in motion["rounds"]:
        if voted["motion_id"] != motion["id"]:
            continue
        if voted["ballots"]:
            blocks.append(pdf.Heading(_vote(voted, motion, said), 3))
            rows = [list(row) for row in law.vote_rows(voted, said.language)]
            blocks.append(pdf.Table(columns, rows, widths=[3, 3, 1]))
        if voted["merkle_root"]:
            blocks.append(pdf.Seal(f"{said('box')}: {voted['merkle_root']}"))
    return blocks


def _vote(voted: Mapping[str, Any], motion: Mapping[str, Any], said: _Say) -> str:
    """Return what stands over the votes of a round."""
    again = voted["number"] > 1
    key = "annulled" if voted["annulled_reason"] is not None else "again" if again else "vote"
    return said(key, number=str(voted["number"]), text=motion["text"][:120])


def _files(record: Mapping[str, Any], said: _Say) -> list[pdf.Block]:
    rows = [
        [document["title"], str(document["version"]), _halved(document["sha256"])]
        for item in record["agenda"]
        for document in item["documents"]
    ]
    if not rows:
        return []
    return [
        pdf.Heading(said("files"), 2),
        pdf.Table([said("file"), said("version"), "SHA-256"], rows, widths=[4, 1, 4]),
    ]


def _halved(sha256: str) -> str:
    """Return a hash on two lines of one length."""
    middle = len(sha256) // 2
    return f"{sha256[:middle]}\n{sha256[middle:]}"


def _end(  # noqa: PLR0913, PLR0917  all that stands at the end
    row: MeetingMinutes,
    record: Mapping[str, Any],
    sections: Sequence[Section],
    signed: Sequence[Mapping[str, Any]],
    status: str,
    said: _Say,
) -> list[pdf.Block]:
    hashed = f"{said('content')}: {law.content_hash(record, sections)}"
    if status != _APPROVED:
        return [pdf.Seal(hashed)]
    names = {member["id"]: member[said.name] for member in record["members"]}
    rows = [[names.get(each["member_id"], ""), _signed(each["signed_at"], said)] for each in signed]
    return [
        pdf.Heading(said("signatures"), 2),
        pdf.Table([said("member"), said("signed")], rows, widths=[3, 2]),
        pdf.Seal(f"{hashed}\n{said('seal')}: {row.seal}"),
    ]


def _signed(at: dt.datetime, said: _Say) -> str:
    clock, instant = Clockface(runtime.current().timezone), at.isoformat()
    return said("at", day=clock.day(instant).in_(said.language), hour=clock.time(instant))


async def readable(viewer: Viewer, subjects: Sequence[str]) -> frozenset[str]:
    """Return the minutes (``MEETING-STATUS``) whose print the viewer may read.

    The council reads all of its own; everybody the approved ones of open meetings.
    """
    wanted = {subject: subject.partition("-")[0] for subject in subjects}
    pairs = await sittings.seen(viewer, set(wanted.values()))
    inside = {meeting["id"]: councils.attends(viewer, council) for meeting, council in pairs}
    return frozenset(
        subject
        for subject, meeting_id in wanted.items()
        if meeting_id in inside and (inside[meeting_id] or subject.endswith(f"-{_APPROVED}"))
    )


__all__ = ["PRINTED", "print_minutes", "readable"]
