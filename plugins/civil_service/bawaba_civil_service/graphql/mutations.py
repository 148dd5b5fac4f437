"""Asking for certificates and leave, deciding, announcing."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import strawberry
from bawaba.graphql import Info, UserError, argument, field, leaf, raw_id
from bawaba.text import Text, both

from bawaba_civil_service.graphql import inputs
from bawaba_civil_service.graphql.nodes import show_request
from bawaba_civil_service.graphql.papers import REQUEST, CivilServiceCertificateRequest
from bawaba_civil_service.graphql.records import LEAVE, CivilServiceLeave
from bawaba_civil_service.services import holidays, leaves, requests
from bawaba_civil_service.services.offer import ANNOUNCE, APPROVE, USE

_REFUSED = ("Why it was refused.", "أسباب الرفض.")
_NEW = ("The request; null when refused.", "الطلب؛ وفارغ عند الرفض.")
_LEAVE = ("The leave; null when refused.", "الإجازة؛ وفارغ عند الرفض.")
_WISH = argument("What is wanted.", "المطلوب.")
Certificate = Annotated[inputs.CivilServiceRequestCertificateInput, _WISH]
CancelRequest = Annotated[inputs.CivilServiceCancelRequestInput, _WISH]
Leave = Annotated[inputs.CivilServiceRequestLeaveInput, _WISH]
Decide = Annotated[inputs.CivilServiceDecideLeaveInput, _WISH]
CancelLeave = Annotated[inputs.CivilServiceCancelLeaveInput, _WISH]
Announce = Annotated[inputs.CivilServiceAnnounceHolidayInput, _WISH]


@strawberry.type(description=both("The outcome of a request.", "نتيجة الطلب."))
class CivilServiceRequestPayload:
    """The request, or why not."""

    request: CivilServiceCertificateRequest | None = leaf(*_NEW, default=None)
    errors: list[UserError] = leaf(*_REFUSED)


@strawberry.type(description=both("The outcome for a leave.", "نتيجة إجراء على إجازة."))
class CivilServiceLeavePayload:
    """The leave, or why not."""

    leave: CivilServiceLeave | None = leaf(*_LEAVE, default=None)
    errors: list[UserError] = leaf(*_REFUSED)


@strawberry.type(description=both("An announced day.", "يوم معلن."))
class CivilServiceHoliday:
    """What the calendar says of a day from now on."""

    on: dt.date = leaf("The day.", "اليوم.")
    is_off: bool = leaf("Whether it is a day off.", "هل هو عطلة.")


@strawberry.type(description=both("The outcome of an announcement.", "نتيجة الإعلان."))
class CivilServiceAnnounceHolidayPayload:
    """The day, or why not."""

    holiday: CivilServiceHoliday | None = leaf("The day.", "اليوم.", default=None)
    errors: list[UserError] = leaf(*_REFUSED)


@strawberry.type
class CivilServiceMutation:
    """Roots under Mutation."""

    @field(
        permission=USE,
        cost=10,
        en="Ask for a certificate; it is issued once its fee is paid.",
        ar="طلب شهادة؛ وتصدر بعد دفع رسمها.",
    )
    async def civil_service_request_certificate(
        self, info: Info, input: Certificate
    ) -> CivilServiceRequestPayload:
        """Make a request and the bill of its fee."""
        viewer, key = info.context.viewer, input.idempotency_key
        row = await requests.submit(viewer, input.kind, input.language, input.purpose, key)
        return CivilServiceRequestPayload(request=await show_request(row), errors=[])

    @field(
        permission=USE,
        cost=5,
        en="Give up a request that waits for payment.",
        ar="إلغاء طلب بانتظار الدفع.",
    )
    async def civil_service_cancel_request(
        self, info: Info, input: CancelRequest
    ) -> CivilServiceRequestPayload:
        """Cancel one's own request."""
        about = raw_id(input.request_id, REQUEST, "requestId")
        row = await requests.cancel(info.context.viewer, about)
        return CivilServiceRequestPayload(request=await show_request(row), errors=[])

    @field(permission=USE, cost=10, en="Ask for leave.", ar="طلب إجازة.")
    async def civil_service_request_leave(
        self, info: Info, input: Leave
    ) -> CivilServiceLeavePayload:
        """Hold the days, for a manager to decide."""
        viewer, key = info.context.viewer, input.idempotency_key
        period = (input.first_on, input.last_on)
        row = await leaves.request(viewer, input.kind, *period, input.reason, key)
        return CivilServiceLeavePayload(leave=CivilServiceLeave.of(row), errors=[])

    @field(
        permission=APPROVE,
        cost=5,
        en="Approve or reject a leave of one's own entity, never one's own.",
        ar="الموافقة على إجازة في الجهة أو رفضها، ولا يشمل إجازة المدير نفسه.",
    )
    async def civil_service_decide_leave(
        self, info: Info, input: Decide
    ) -> CivilServiceLeavePayload:
        """Decide, once and for all."""
        viewer, about = info.context.viewer, raw_id(input.leave_id, LEAVE, "leaveId")
        row = await leaves.decide(viewer, about, approve=input.approve, reason=input.reason)
        return CivilServiceLeavePayload(leave=CivilServiceLeave.of(row), errors=[])

    @field(permission=USE, cost=5, en="Give up one's own leave.", ar="إلغاء إجازتك.")
    async def civil_service_cancel_leave(
        self, info: Info, input: CancelLeave
    ) -> CivilServiceLeavePayload:
        """Free its days again."""
        about = raw_id(input.leave_id, LEAVE, "leaveId")
        row = await leaves.cancel(info.context.viewer, about)
        return CivilServiceLeavePayload(leave=CivilServiceLeave.of(row), errors=[])

    @field(
        permission=ANNOUNCE,
        cost=5,
        en="Announce a holiday; leaves that hold the day get it back.",
        ar="إعلان عطلة؛ ويعاد يومها إلى رصيد الإجازات التي تشمله.",
    )
    async def civil_service_announce_holiday(
        self, info: Info, input: Announce
    ) -> CivilServiceAnnounceHolidayPayload:
        """Amend the calendar."""
        info.context.viewer.require(ANNOUNCE)
        name = Text(input.name_en, input.name_ar)
        row = await holidays.announce(info.context.viewer, input.on, name, is_off=input.is_off)
        shown = CivilServiceHoliday(on=row["on"], is_off=row["is_off"])
        return CivilServiceAnnounceHolidayPayload(holiday=shown, errors=[])
