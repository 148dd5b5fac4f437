"""Documents, comments, minutes."""

from __future__ import annotations

from typing import Annotated

import strawberry
from bawaba.graphql import Info, field, raw_id

from bawaba_emeeting.graphql import inputs
from bawaba_emeeting.graphql.asked import amendment, anchor, new_document
from bawaba_emeeting.graphql.payloads import (
    ASKED,
    MeetingCommentPayload,
    MeetingDocumentPayload,
    MeetingPayload,
    comment_payload,
    document_payload,
    meeting_id,
    meeting_payload,
)
from bawaba_emeeting.services import comments, documents, minutes


@strawberry.type
class MeetingPapersMutation:
    """Roots under Mutation."""

    @field(
        permission="meeting.attend",
        cost=10,
        en="Put an uploaded file on the agenda, or a new version of one.",
        ar="إضافة وثيقة إلى بند أو نسخة جديدة منها.",
    )
    async def meeting_add_document(
        self, info: Info, input: Annotated[inputs.MeetingAddDocumentInput, ASKED]
    ) -> MeetingDocumentPayload:
        """Put an uploaded file on the agenda, or a new version of one."""
        made = await documents.add(info.context.viewer, new_document(input))
        return await document_payload(info, made)

    @field(
        permission="meeting.attend",
        cost=10,
        en="Comment on a document.",
        ar="التعليق على وثيقة.",
    )
    async def meeting_comment(
        self, info: Info, input: Annotated[inputs.MeetingCommentInput, ASKED]
    ) -> MeetingCommentPayload:
        """Comment on a document."""
        document = raw_id(input.document_id, "MeetingDocument", "documentId")
        viewer, where = info.context.viewer, anchor(input)
        made = await comments.add(viewer, document, input.body, where, input.visibility)
        return await comment_payload(info, made)

    @field(
        permission="meeting.attend",
        cost=10,
        en="Replace the text of a section of the minutes.",
        ar="تعديل قسم من المحضر.",
    )
    async def meeting_amend_minutes(
        self, info: Info, input: Annotated[inputs.MeetingAmendMinutesInput, ASKED]
    ) -> MeetingPayload:
        """Replace the text of a section of the minutes."""
        wanted, viewer = meeting_id(input.meeting_id), info.context.viewer
        await minutes.amend(viewer, wanted, amendment(input))
        return await meeting_payload(info, wanted)

    @field(
        permission="meeting.attend",
        cost=10,
        en="Sign the minutes.",
        ar="توقيع المحضر.",
    )
    async def meeting_approve_minutes(
        self, info: Info, input: Annotated[inputs.MeetingApproveMinutesInput, ASKED]
    ) -> MeetingPayload:
        """Sign the minutes."""
        wanted = meeting_id(input.meeting_id)
        await minutes.approve(info.context.viewer, wanted, input.version)
        return await meeting_payload(info, wanted)
