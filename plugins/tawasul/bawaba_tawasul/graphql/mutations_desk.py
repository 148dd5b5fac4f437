"""What an agency's team does with its cases."""

from __future__ import annotations

from typing import Annotated

import strawberry
from bawaba.graphql import Info, field

from bawaba_tawasul.graphql import inputs
from bawaba_tawasul.graphql.payloads import (
    ASKED,
    TawasulCasePayload,
    case_payload,
    person,
    template,
    uploads,
)
from bawaba_tawasul.services import answering, families


@strawberry.type
class TawasulDeskMutation:
    """Roots under Mutation."""

    @field(
        permission="tawasul.desk",
        cost=10,
        en="Give a case to a handler.",
        ar="إسناد حالة إلى موظف.",
    )
    async def tawasul_assign_case(
        self, info: Info, input: Annotated[inputs.TawasulAssignCaseInput, ASKED]
    ) -> TawasulCasePayload:
        """Give a case to a handler."""
        viewer = info.context.viewer
        await answering.assign(viewer, input.reference, person(input.assignee_id))
        return await case_payload(viewer, input.reference)

    @field(
        permission="tawasul.use",
        cost=10,
        en="Write to the citizen, or as the citizen to the agency.",
        ar="الكتابة إلى مقدم الحالة، أو من مقدمها إلى الجهة.",
    )
    async def tawasul_reply(
        self, info: Info, input: Annotated[inputs.TawasulReplyInput, ASKED]
    ) -> TawasulCasePayload:
        """Write to the citizen, or as the citizen to the agency."""
        viewer = info.context.viewer
        await answering.reply(
            viewer, input.reference, input.body, uploads(input), template(input.template_id)
        )
        return await case_payload(viewer, input.reference)

    @field(
        permission="tawasul.desk",
        cost=10,
        en="Ask the citizen; the clock waits for the answer.",
        ar="سؤال مقدم الحالة مع إيقاف احتساب الوقت.",
    )
    async def tawasul_request_information(
        self, info: Info, input: Annotated[inputs.TawasulRequestInformationInput, ASKED]
    ) -> TawasulCasePayload:
        """Ask the citizen; the clock waits for the answer."""
        viewer = info.context.viewer
        await answering.request_information(viewer, input.reference, input.body)
        return await case_payload(viewer, input.reference)

    @field(
        permission="tawasul.desk",
        cost=10,
        en="Write an internal note.",
        ar="إضافة ملاحظة داخلية.",
    )
    async def tawasul_add_note(
        self, info: Info, input: Annotated[inputs.TawasulAddNoteInput, ASKED]
    ) -> TawasulCasePayload:
        """Write an internal note."""
        viewer = info.context.viewer
        await answering.add_note(viewer, input.reference, input.body)
        return await case_payload(viewer, input.reference)

    @field(
        permission="tawasul.desk",
        cost=10,
        en="Resolve a case, and its duplicates with it.",
        ar="حل حالة ومعها الحالات المكررة.",
    )
    async def tawasul_resolve_case(
        self, info: Info, input: Annotated[inputs.TawasulResolveCaseInput, ASKED]
    ) -> TawasulCasePayload:
        """Resolve a case, and its duplicates with it."""
        viewer = info.context.viewer
        await answering.resolve(viewer, input.reference, input.reason, input.body)
        return await case_payload(viewer, input.reference)

    @field(
        permission="tawasul.desk",
        cost=10,
        en="Make a case follow another one that says the same.",
        ar="ربط حالة بأخرى مشابهة.",
    )
    async def tawasul_link_duplicate(
        self, info: Info, input: Annotated[inputs.TawasulLinkDuplicateInput, ASKED]
    ) -> TawasulCasePayload:
        """Make a case follow another one that says the same."""
        viewer = info.context.viewer
        await families.link(viewer, input.reference, input.of)
        return await case_payload(viewer, input.reference)

    @field(
        permission="tawasul.desk",
        cost=10,
        en="Let a linked case go its own way again.",
        ar="فصل حالة عن الحالة المشابهة.",
    )
    async def tawasul_split_duplicate(
        self, info: Info, input: Annotated[inputs.TawasulSplitDuplicateInput, ASKED]
    ) -> TawasulCasePayload:
        """Let a linked case go its own way again."""
        viewer = info.context.viewer
        await families.split(viewer, input.reference)
        return await case_payload(viewer, input.reference)
