"""Asking for a place to upload to, and for a link to download from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import strawberry

from bawaba.core_types import Attachment
from bawaba.graphql import Info, UserError, argument, field, leaf, raw_id
from bawaba.host.files.desk import file_of
from bawaba.host.files.services import creating, reading
from bawaba.host.files.services.creating import Order
from bawaba.runtime import current
from bawaba.text import both

_ERRORS = ("Why nothing was done; empty when it was.", "سبب عدم التنفيذ؛ فارغة عند النجاح.")


@strawberry.input(description=both("A file to be uploaded.", "ملف للرفع."))
class CreateUploadInput:
    """Input of createUpload."""

    name: str = leaf("Its name, 1 to 200 characters.", "اسمه، من 1 إلى 200 حرف.")
    media_type: str = leaf("Its media type, e.g. image/png.", "نوعه، مثل image/png.")
    size: int = leaf("Its size in bytes.", "حجمه بالبايت.")
    sha256: str = leaf("Its SHA-256, 64 hexadecimal digits.", "بصمته SHA-256، من 64 خانة ست عشرية.")
    purpose: str = leaf("For what it is, e.g. permit.evidence.", "الغرض منه.")
    idempotency_key: str = leaf(
        "Makes a repetition harmless: a new one for each file.",
        "يجعل التكرار آمناً: مفتاح جديد لكل ملف.",
    )


@strawberry.input(description=both("A file to be downloaded.", "ملف للتنزيل."))
class CreateDownloadTicketInput:
    """Input of createDownloadTicket."""

    id: strawberry.ID = leaf("The attachment's id.", "معرّف المرفق.")


@strawberry.type(description=both("Result of createUpload.", "نتيجة createUpload."))
class CreateUploadPayload:
    """The place, or why there is none."""

    upload_url: str | None = leaf(
        "Send the bytes there with PUT and the same bearer token.",
        "أرسل المحتوى إليه بطريقة PUT وبرمز الدخول نفسه.",
        default=None,
    )
    expires_at: dt.datetime | None = leaf(
        "Until when the bytes must be there.", "الموعد الأقصى لوصول المحتوى.", default=None
    )
    attachment: Attachment | None = leaf("The file to be.", "الملف المنتظر.", default=None)
    errors: list[UserError] = leaf(*_ERRORS)


@strawberry.type(description=both("Result of createDownloadTicket.", "نتيجة createDownloadTicket."))
class CreateDownloadTicketPayload:
    """The link, or why there is none."""

    url: str | None = leaf(
        "A link that needs no header, for you alone.",
        "رابط لا يحتاج ترويسة، لك وحدك.",
        default=None,
    )
    expires_at: dt.datetime | None = leaf(
        "Until when it works.", "موعد انتهاء صلاحيته.", default=None
    )
    errors: list[UserError] = leaf(*_ERRORS)


UploadArgument = Annotated[CreateUploadInput, argument("The file.", "الملف.")]
TicketArgument = Annotated[CreateDownloadTicketInput, argument("The file.", "الملف.")]


@strawberry.type
class FileMutation:
    """Root mutations of files."""

    @field(
        permission="files.use",
        en="Ask for a place to upload a file to.",
        ar="طلب موضع لرفع ملف.",
        cost=5,
    )
    async def create_upload(self, info: Info, input: UploadArgument) -> CreateUploadPayload:
        """Record what will come; the bytes follow by HTTP."""
        order = Order(input.name, input.media_type, input.size, input.sha256, input.purpose)
        row = await creating.create(info.context.viewer, order, input.idempotency_key)
        return CreateUploadPayload(
            upload_url=f"{current().public_url}/uploads/{row.id}",
            expires_at=row.expires_at,
            attachment=Attachment.of(file_of(row)),
            errors=[],
        )

    @field(
        permission="files.use",
        en="Ask for a link to a file that works for a minute, for viewers that send no header.",
        ar="طلب رابط لملف صالح لدقيقة واحدة، لعارض لا يرسل ترويسات.",
        cost=5,
    )
    async def create_download_ticket(
        self, info: Info, input: TicketArgument
    ) -> CreateDownloadTicketPayload:
        """Make a ticket for one file and one person."""
        wanted = raw_id(input.id, "Attachment", "id")
        made = await reading.create_ticket(info.context.viewer, wanted)
        return CreateDownloadTicketPayload(url=made.url, expires_at=made.expires_at, errors=[])


async def load_attachments(info: Info, ids: Sequence[str]) -> Mapping[str, Any]:
    """Return the attachments among ``ids`` that the viewer may see."""
    found = await reading.seen(info.context.viewer, ids)
    return {id_: Attachment.of(file_of(row)) for id_, row in found.items()}
