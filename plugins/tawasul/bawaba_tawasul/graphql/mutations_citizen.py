"""What citizens do with their cases."""

from __future__ import annotations

from typing import Annotated

import strawberry
from bawaba.graphql import Info, field

from bawaba_tawasul.graphql import inputs
from bawaba_tawasul.graphql.payloads import (
    ASKED,
    TawasulCasePayload,
    case_payload,
    submission,
    uploads,
)
from bawaba_tawasul.services import citizen, submitting


@strawberry.type
class TawasulCitizenMutation:
    """Roots under Mutation."""

    @field(
        permission="tawasul.use",
        cost=20,
        en="Submit a complaint, a suggestion or an inquiry.",
        ar="تقديم شكوى أو مقترح أو استفسار.",
    )
    async def tawasul_submit_case(
        self, info: Info, input: Annotated[inputs.TawasulSubmitCaseInput, ASKED]
    ) -> TawasulCasePayload:
        """Submit a case, once per key."""
        viewer = info.context.viewer
        reference = await submitting.submit(viewer, submission(input), input.idempotency_key)
        return await case_payload(viewer, reference)

    @field(
        permission="tawasul.use",
        cost=10,
        en="Follow somebody else's open case that concerns you too.",
        ar="متابعة حالة مفتوحة لشخص آخر تعنيك أيضاً.",
    )
    async def tawasul_follow_case(
        self, info: Info, input: Annotated[inputs.TawasulFollowCaseInput, ASKED]
    ) -> TawasulCasePayload:
        """Follow somebody else's open case that concerns you too."""
        viewer = info.context.viewer
        await citizen.follow(viewer, input.reference)
        return await case_payload(viewer, input.reference)

    @field(
        permission="tawasul.use",
        cost=10,
        en="Answer what the agency asked; its clock runs on.",
        ar="الإجابة عن سؤال الجهة فيُستأنف احتساب الوقت.",
    )
    async def tawasul_answer_request(
        self, info: Info, input: Annotated[inputs.TawasulAnswerRequestInput, ASKED]
    ) -> TawasulCasePayload:
        """Answer what the agency asked; its clock runs on."""
        viewer = info.context.viewer
        await citizen.answer_request(viewer, input.reference, input.body, uploads(input))
        return await case_payload(viewer, input.reference)

    @field(
        permission="tawasul.use",
        cost=10,
        en="Take your case back.",
        ar="سحب الحالة.",
    )
    async def tawasul_withdraw_case(
        self, info: Info, input: Annotated[inputs.TawasulWithdrawCaseInput, ASKED]
    ) -> TawasulCasePayload:
        """Take your case back."""
        viewer = info.context.viewer
        await citizen.withdraw(viewer, input.reference, input.reason)
        return await case_payload(viewer, input.reference)

    @field(
        permission="tawasul.use",
        cost=10,
        en="Rate the resolution of your case.",
        ar="تقييم حل الحالة.",
    )
    async def tawasul_rate_case(
        self, info: Info, input: Annotated[inputs.TawasulRateCaseInput, ASKED]
    ) -> TawasulCasePayload:
        """Rate the resolution of your case."""
        viewer = info.context.viewer
        await citizen.rate(viewer, input.reference, input.score, input.comment)
        return await case_payload(viewer, input.reference)

    @field(
        permission="tawasul.use",
        cost=10,
        en="Open your resolved case again.",
        ar="إعادة فتح الحالة بعد حلها.",
    )
    async def tawasul_reopen_case(
        self, info: Info, input: Annotated[inputs.TawasulReopenCaseInput, ASKED]
    ) -> TawasulCasePayload:
        """Open your resolved case again."""
        viewer = info.context.viewer
        await citizen.reopen(viewer, input.reference, input.reason)
        return await case_payload(viewer, input.reference)

    @field(
        permission="tawasul.use",
        cost=10,
        en="Appeal against a resolution that you rated 1 or 2.",
        ar="التظلم من حل قيّمته بـ1 أو 2.",
    )
    async def tawasul_appeal_case(
        self, info: Info, input: Annotated[inputs.TawasulAppealCaseInput, ASKED]
    ) -> TawasulCasePayload:
        """Appeal against a resolution that you rated 1 or 2."""
        viewer = info.context.viewer
        await citizen.appeal(viewer, input.reference, input.reason)
        return await case_payload(viewer, input.reference)
