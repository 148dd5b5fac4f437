"""Minutes: sections, signatures, printed editions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import strawberry
from bawaba.graphql import Info, computed, leaf
from bawaba.runtime import current
from bawaba.text import Language, both

from bawaba_emeeting.domain import MAX_AGENDA, MAX_MEMBERS, MeetingMinutesStatus
from bawaba_emeeting.graphql import loaders
from bawaba_emeeting.graphql.councils import MeetingMember
from bawaba_emeeting.services import minutes
from bawaba_emeeting.services.agendas import Seen
from bawaba_emeeting.services.councils import Row


@strawberry.type(description=both("A printed edition.", "نسخة مطبوعة."))
class MeetingEdition:
    """A PDF in one language."""

    language: Language = leaf("Its language.", "لغتها.")
    pdf_url: str = leaf("Where to get it, with the bearer token.", "عنوان تنزيلها، مع رمز الدخول.")
    sha256: str = leaf("The SHA-256 of its bytes, hexadecimal.", "بصمة SHA-256 لمحتواها.")


@strawberry.type(description=both("A member's signature.", "توقيع عضو."))
class MeetingApproval:
    """Over a version of the minutes."""

    member: MeetingMember = leaf("Who signed.", "الموقع.")
    at: dt.datetime = leaf("When.", "وقت التوقيع.")


@strawberry.type(description=both("A part of the minutes.", "قسم من المحضر."))
class MeetingMinutesSection:
    """Amended by its key."""

    key: str = leaf("Its stable key.", "مفتاحه الثابت.")
    title: str = leaf("Its title.", "عنوانه.")
    text: str = leaf("What it says.", "نصه.")


@strawberry.type(description=both("The minutes of a meeting.", "محضر اجتماع."))
class MeetingMinutes:
    """Written from the log, amended, signed, sealed."""

    status: MeetingMinutesStatus = leaf("Where they stand.", "حالته.")
    version: int = leaf("The version, from 1.", "النسخة، من 1.")
    drafted_at: dt.datetime = leaf("When they were drafted.", "وقت صياغته.")
    approved_at: dt.datetime | None = leaf("When they were approved.", "وقت اعتماده.")
    seal: str | None = leaf(
        "SHA-256 over content and signatures, once approved.",
        "بصمة المحتوى والتواقيع بعد الاعتماد.",
    )
    row: strawberry.Private[Row]

    @computed("Printed editions of this version; empty until printed.", "النسخ المطبوعة.", bound=2)
    async def editions(self) -> list[MeetingEdition]:
        """Return the PDFs."""
        row = self.row
        rows = await minutes.editions(row["meeting_id"], row["version"], row["status"])
        return [_edition(each) for each in rows]

    @computed("Who has signed this version.", "الموقعون.", bound=MAX_MEMBERS)
    async def approvals(self, info: Info) -> list[MeetingApproval]:
        """Return the signatures, in order."""
        rows = await minutes.signatures(self.row["meeting_id"], self.row["version"])
        return _approvals(rows, await loaders.seen(info, self.row["meeting_id"]))

    @computed("What they say.", "نص المحضر.", bound=MAX_AGENDA + 3)
    async def sections(self, info: Info) -> list[MeetingMinutesSection]:
        """Return the sections in the request's language, as amended."""
        found = await minutes.sections_of(
            self.row["meeting_id"], self.row["record"], self.row["version"]
        )
        say = info.context.say
        return [
            MeetingMinutesSection(key=each.key, title=say(each.title), text=say(each.body))
            for each in found
        ]

    @classmethod
    def of(cls, row: Row) -> MeetingMinutes:
        """Return the GraphQL object of minutes."""
        return cls(
            status=MeetingMinutesStatus(row["status"]),
            version=row["version"],
            drafted_at=row["drafted_at"],
            approved_at=row["approved_at"],
            seal=row["seal"],
            row=row,
        )


def _edition(row: Mapping[str, Any]) -> MeetingEdition:
    return MeetingEdition(
        language=Language(row["language"]),
        pdf_url=f"{current().public_url}/files/{row['file_id']}",
        sha256=row["sha256"],
    )


def _approvals(rows: Sequence[Row], seen: Seen) -> list[MeetingApproval]:
    members = {row["id"]: row for row in seen.sitting.chamber.members}
    return [
        MeetingApproval(
            member=MeetingMember.of(members[row["member_id"]], seen.names), at=row["signed_at"]
        )
        for row in rows
        if row["member_id"] in members
    ]
