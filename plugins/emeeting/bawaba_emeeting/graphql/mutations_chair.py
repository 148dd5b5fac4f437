"""Conducting a meeting."""

from __future__ import annotations

from typing import Annotated

import strawberry
from bawaba.graphql import Info, field, raw_id

from bawaba_emeeting.graphql import inputs
from bawaba_emeeting.graphql.asked import plan
from bawaba_emeeting.graphql.payloads import (
    ASKED,
    MeetingPayload,
    item_id,
    meeting_id,
    meeting_payload,
)
from bawaba_emeeting.services import conducting, presence, scheduling


@strawberry.type
class MeetingChairMutation:
    """Roots under Mutation."""

    @field(
        permission="meeting.attend",
        cost=10,
        en="Put a meeting on the calendar and invite its members.",
        ar="جدولة اجتماع ودعوة أعضائه.",
    )
    async def meeting_schedule(
        self, info: Info, input: Annotated[inputs.MeetingScheduleInput, ASKED]
    ) -> MeetingPayload:
        """Put a meeting on the calendar and invite its members."""
        made = await scheduling.schedule(info.context.viewer, plan(input))
        return await meeting_payload(info, made)

    @field(
        permission="meeting.attend",
        cost=10,
        en="Open the meeting, or put it off for want of a quorum.",
        ar="افتتاح الاجتماع أو إرجاؤه لعدم اكتمال النصاب.",
    )
    async def meeting_convene(
        self, info: Info, input: Annotated[inputs.MeetingConveneInput, ASKED]
    ) -> MeetingPayload:
        """Open the meeting, or put it off for want of a quorum."""
        wanted = meeting_id(input.meeting_id)
        await conducting.convene(info.context.viewer, wanted)
        return await meeting_payload(info, wanted)

    @field(
        permission="meeting.attend",
        cost=10,
        en="Count the members again.",
        ar="إعادة إحصاء الحضور.",
    )
    async def meeting_recount(
        self, info: Info, input: Annotated[inputs.MeetingRecountInput, ASKED]
    ) -> MeetingPayload:
        """Count the members again."""
        wanted = meeting_id(input.meeting_id)
        await conducting.recount(info.context.viewer, wanted)
        return await meeting_payload(info, wanted)

    @field(
        permission="meeting.attend",
        cost=10,
        en="Adjourn the meeting to a later moment, or end it.",
        ar="تأجيل الاجتماع أو إنهاؤه.",
    )
    async def meeting_adjourn(
        self, info: Info, input: Annotated[inputs.MeetingAdjournInput, ASKED]
    ) -> MeetingPayload:
        """Adjourn the meeting to a later moment, or end it."""
        wanted = meeting_id(input.meeting_id)
        await conducting.adjourn(info.context.viewer, wanted, input.reason, input.resumes_at)
        return await meeting_payload(info, wanted)

    @field(
        permission="meeting.attend",
        cost=10,
        en="Come to the meeting with this device.",
        ar="تسجيل الحضور بهذا الجهاز.",
    )
    async def meeting_check_in(
        self, info: Info, input: Annotated[inputs.MeetingCheckInInput, ASKED]
    ) -> MeetingPayload:
        """Come to the meeting with this device."""
        wanted = meeting_id(input.meeting_id)
        await presence.check_in(info.context.viewer, wanted, remote=bool(input.remote))
        return await meeting_payload(info, wanted)

    @field(
        permission="meeting.attend",
        cost=10,
        en="Write down how a member attends.",
        ar="تدوين حضور عضو.",
    )
    async def meeting_record_attendance(
        self, info: Info, input: Annotated[inputs.MeetingRecordAttendanceInput, ASKED]
    ) -> MeetingPayload:
        """Write down how a member attends."""
        wanted = meeting_id(input.meeting_id)
        member = raw_id(input.member_id, "MeetingMember", "memberId")
        await presence.record(info.context.viewer, wanted, member, input.status, input.reason)
        return await meeting_payload(info, wanted)

    @field(
        permission="meeting.attend",
        cost=10,
        en="Take up an item of the agenda.",
        ar="الانتقال إلى بند في جدول الأعمال.",
    )
    async def meeting_move_to_agenda_item(
        self, info: Info, input: Annotated[inputs.MeetingMoveToAgendaItemInput, ASKED]
    ) -> MeetingPayload:
        """Take up an item of the agenda."""
        item = item_id(input.agenda_item_id)
        return await meeting_payload(info, await conducting.to_item(info.context.viewer, item))
