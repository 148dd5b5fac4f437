"""Sending cases to the agency they belong to."""

from __future__ import annotations

from typing import Annotated

import strawberry
from bawaba.graphql import Info, field

from bawaba_tawasul.graphql import inputs
from bawaba_tawasul.graphql.payloads import ASKED, TawasulCasePayload, case_payload
from bawaba_tawasul.services import transferring


@strawberry.type
class TawasulTransferMutation:
    """Roots under Mutation."""

    @field(
        permission="tawasul.desk",
        cost=10,
        en="Offer a case to the agency that it belongs to.",
        ar="إحالة حالة إلى الجهة المعنية.",
    )
    async def tawasul_transfer_case(
        self, info: Info, input: Annotated[inputs.TawasulTransferCaseInput, ASKED]
    ) -> TawasulCasePayload:
        """Offer a case to the agency that it belongs to."""
        viewer = info.context.viewer
        await transferring.offer(
            viewer, input.reference, input.agency, input.category, input.reason
        )
        return await case_payload(viewer, input.reference)

    @field(
        permission="tawasul.desk",
        cost=10,
        en="Take an offered case over.",
        ar="قبول حالة معروضة.",
    )
    async def tawasul_accept_transfer(
        self, info: Info, input: Annotated[inputs.TawasulAcceptTransferInput, ASKED]
    ) -> TawasulCasePayload:
        """Take an offered case over."""
        viewer = info.context.viewer
        await transferring.accept(viewer, input.reference, input.category)
        return await case_payload(viewer, input.reference)

    @field(
        permission="tawasul.desk",
        cost=10,
        en="Decline an offered case.",
        ar="رفض حالة معروضة.",
    )
    async def tawasul_decline_transfer(
        self, info: Info, input: Annotated[inputs.TawasulDeclineTransferInput, ASKED]
    ) -> TawasulCasePayload:
        """Decline an offered case."""
        viewer = info.context.viewer
        await transferring.decline(viewer, input.reference, input.reason)
        return await case_payload(viewer, input.reference)

    @field(
        permission="tawasul.arbitrate",
        cost=10,
        en="Decide which agency answers a case, for good.",
        ar="تحديد الجهة المعنية نهائياً.",
    )
    async def tawasul_arbitrate_transfer(
        self, info: Info, input: Annotated[inputs.TawasulArbitrateTransferInput, ASKED]
    ) -> TawasulCasePayload:
        """Decide which agency answers a case, for good."""
        viewer = info.context.viewer
        await transferring.arbitrate(viewer, input.reference, input.agency, input.reason)
        return await case_payload(viewer, input.reference)
