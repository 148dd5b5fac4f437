"""The message log as operators see it: metadata, never what letters say."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import strawberry

from bawaba.core_types import described
from bawaba.graphql import (
    After,
    Connection,
    First,
    Info,
    Node,
    argument,
    field,
    global_id,
    leaf,
)
from bawaba.host.correspondence.domain import LetterDirection
from bawaba.host.correspondence.services import reading
from bawaba.text import both

described(
    LetterDirection,
    {
        "TO_AGENCY": ("From the platform to an agency.", "من المنصة إلى جهة."),
        "FROM_AGENCY": ("From an agency to the platform.", "من جهة إلى المنصة."),
    },
    "Which way a letter went.",
    "وجهة الرسالة.",
)


@strawberry.type(
    description=both(
        "A letter between the platform and an agency, as its log keeps it; not what it says.",
        "رسالة بين المنصة وجهة كما يحفظها السجل، دون مضمونها.",
    )
)
class Letter(Node):
    """An entry of the message log."""

    direction: LetterDirection = leaf("Which way it went.", "وجهتها.")
    agency: str = leaf("Code of the agency on the other end.", "رمز الجهة على الطرف الآخر.")
    kind: str = leaf("What it is about, e.g. post.scans.", "موضوعها، مثل post.scans.")
    key: str = leaf("Unique to what it says.", "مفتاح فريد لمضمونها.")
    message_id: str = leaf("Unique to this sending.", "معرّف فريد لهذا الإرسال.")
    correlation_id: str = leaf(
        "Ties it to the request that caused it.", "يربطها بالطلب الذي نشأت عنه."
    )
    body_sha256: str = leaf("SHA-256 of what it says.", "بصمة SHA-256 لمضمونها.")
    receipt_sha256: str = leaf(
        "SHA-256 of the receipt of its delivery.", "بصمة SHA-256 لإيصال تسليمها."
    )
    repeated: bool = leaf(
        "Whether it repeats one that was taken before.", "هل تكرر رسالة استُلمت سابقاً."
    )
    logged_at: dt.datetime = leaf("When it was entered into the log.", "وقت قيدها في السجل.")

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Letter:
        """Return the object of a row."""
        return cls(
            id=global_id("Letter", str(row["number"])),
            direction=LetterDirection(row["direction"]),
            agency=row["agency"],
            kind=row["kind"],
            key=row["key"],
            message_id=row["message_id"],
            correlation_id=row["correlation_id"],
            body_sha256=row["body_sha256"],
            receipt_sha256=row["receipt_sha256"],
            repeated=bool(row["repeated"]),
            logged_at=row["at"],
        )


AgencyArgument = Annotated[
    str | None, argument("Of this agency alone: its code.", "لهذه الجهة وحدها: رمزها.")
]
DirectionArgument = Annotated[
    LetterDirection | None, argument("This way alone.", "لهذه الوجهة وحدها.")
]


@strawberry.type
class CorrespondenceQuery:
    """Root queries of correspondence."""

    @field(
        permission=reading.READ,
        en="Letters between the platform and the agencies, newest first.",
        ar="الرسائل بين المنصة والجهات، الأحدث أولاً.",
    )
    async def letters(
        self,
        first: First,
        after: After = None,
        agency: AgencyArgument = None,
        direction: DirectionArgument = None,
    ) -> Connection[Letter]:
        """List the platform's log."""
        page = await reading.page_of_letters(first, after, agency, direction)
        connection: Connection[Letter] = Connection[Letter].of(page, Letter.of)
        return connection


async def load_letters(info: Info, ids: Sequence[str]) -> Mapping[str, Any]:
    """Return the letters among ``ids`` that the viewer may see."""
    found = await reading.seen_letters(info.context.viewer, ids)
    return {id_: Letter.of(row) for id_, row in found.items()}
