"""Decisions of treasurers: approving and declining refunds; the list of disputes."""

from __future__ import annotations

from typing import Annotated

import strawberry

from bawaba.graphql import (
    After,
    Connection,
    First,
    Info,
    UserError,
    argument,
    field,
    leaf,
    raw_id,
)
from bawaba.host.payments.graphql.types import PaymentDispute, Refund
from bawaba.host.payments.graphql.words import ERRORS, KEY, DisputeStatus
from bawaba.host.payments.services import approving, reading
from bawaba.text import both
from bawaba.viewer import Viewer


@strawberry.input(description=both("A refund to be let out.", "استرداد للاعتماد."))
class ApproveRefundInput:
    """Input of approveRefund."""

    refund_id: strawberry.ID = leaf("The refund's id.", "معرّف الاسترداد.")
    idempotency_key: str = leaf(*KEY)


@strawberry.input(description=both("A refund to be turned down.", "استرداد للرفض."))
class DeclineRefundInput:
    """Input of declineRefund."""

    refund_id: strawberry.ID = leaf("The refund's id.", "معرّف الاسترداد.")
    reason: str = leaf("Why, in 1 to 500 characters.", "السبب، من 1 إلى 500 حرف.")
    idempotency_key: str = leaf(*KEY)


@strawberry.type(description=both("Result of approveRefund.", "نتيجة approveRefund."))
class ApproveRefundPayload:
    """The refund, or why it stays as it is."""

    refund: Refund | None = leaf("The refund.", "الاسترداد.", default=None)
    errors: list[UserError] = leaf(*ERRORS)


@strawberry.type(description=both("Result of declineRefund.", "نتيجة declineRefund."))
class DeclineRefundPayload:
    """The refund, or why it stays as it is."""

    refund: Refund | None = leaf("The refund.", "الاسترداد.", default=None)
    errors: list[UserError] = leaf(*ERRORS)


@strawberry.type
class DecisionQuery:
    """Root queries of disputes."""

    @field(
        permission="payments.read",
        en="Objections to payments at the payers' banks, newest first.",
        ar="اعتراضات على عمليات الدفع لدى مصارف الدافعين، الأحدث أولاً.",
    )
    async def payment_disputes(
        self,
        first: First,
        after: After = None,
        statuses: Annotated[
            list[DisputeStatus] | None,
            argument("Only disputes in these states.", "الاعتراضات بهذه الحالات فقط."),
        ] = None,
    ) -> Connection[PaymentDispute]:
        """List disputes."""
        wanted = None if statuses is None else [status.value for status in statuses]
        page = await reading.disputes_with(wanted, first, after)
        connection: Connection[PaymentDispute] = Connection[PaymentDispute].of(
            page, PaymentDispute.of
        )
        return connection


ApproveRefundArgument = Annotated[ApproveRefundInput, argument("The refund.", "الاسترداد.")]
DeclineRefundArgument = Annotated[DeclineRefundInput, argument("The refund.", "الاسترداد.")]


@strawberry.type
class DecisionMutation:
    """Root mutations of decisions."""

    @field(
        permission="payments.approve",
        en="Let a refund out that was proposed, or that waits for a second person.",
        ar="اعتماد استرداد مقترح أو بانتظار شخص ثانٍ.",
        effect="money",
        cost=10,
    )
    async def approve_refund(
        self, info: Info, input: ApproveRefundArgument
    ) -> ApproveRefundPayload:
        """Approve a refund."""
        viewer, refund_id = info.context.viewer, raw_id(input.refund_id, "Refund", "refundId")
        await approving.approve_refund(viewer, refund_id, input.idempotency_key)
        return ApproveRefundPayload(refund=await _refund(viewer, refund_id), errors=[])

    @field(
        permission="payments.approve",
        en="Turn a refund down; what it reserved is free again.",
        ar="رفض استرداد؛ ويُحرَّر ما كان محجوزاً له.",
        effect="money",
        cost=10,
    )
    async def decline_refund(
        self, info: Info, input: DeclineRefundArgument
    ) -> DeclineRefundPayload:
        """Decline a refund."""
        viewer, refund_id = info.context.viewer, raw_id(input.refund_id, "Refund", "refundId")
        await approving.decline_refund(viewer, refund_id, input.reason, input.idempotency_key)
        return DeclineRefundPayload(refund=await _refund(viewer, refund_id), errors=[])


async def _refund(viewer: Viewer, refund_id: str) -> Refund:
    return Refund.of((await reading.seen_refunds(viewer, [refund_id]))[refund_id])
