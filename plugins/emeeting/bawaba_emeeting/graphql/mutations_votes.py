"""Motions, votes and proxies."""

from __future__ import annotations

from typing import Annotated

import strawberry
from bawaba.graphql import Info, field, raw_id

from bawaba_emeeting.graphql import inputs
from bawaba_emeeting.graphql.asked import cast_of, new_motion
from bawaba_emeeting.graphql.payloads import (
    ASKED,
    MeetingCastVotePayload,
    MeetingMotionPayload,
    MeetingProxyPayload,
    cast_payload,
    meeting_id,
    motion_id,
    motion_payload,
    proxy_payload,
)
from bawaba_emeeting.services import casting, motions, proxies, voting


@strawberry.type
class MeetingVotesMutation:
    """Roots under Mutation."""

    @field(
        permission="meeting.attend",
        cost=10,
        en="Put a motion or an election on an item.",
        ar="تقديم مقترح أو انتخاب على بند.",
    )
    async def meeting_propose_motion(
        self, info: Info, input: Annotated[inputs.MeetingProposeMotionInput, ASKED]
    ) -> MeetingMotionPayload:
        """Put a motion or an election on an item."""
        made = await motions.propose(info.context.viewer, new_motion(input))
        return await motion_payload(info, made)

    @field(
        permission="meeting.attend",
        cost=10,
        en="Stand aside from a motion.",
        ar="التنحي عن مقترح.",
    )
    async def meeting_recuse(
        self, info: Info, input: Annotated[inputs.MeetingRecuseInput, ASKED]
    ) -> MeetingMotionPayload:
        """Stand aside from a motion."""
        wanted = motion_id(input.motion_id)
        await motions.recuse(info.context.viewer, wanted, input.reason)
        return await motion_payload(info, wanted)

    @field(
        permission="meeting.attend",
        cost=10,
        effect="vote",
        en="Open the voting; the electorate is frozen.",
        ar="فتح التصويت وتثبيت من يحق لهم.",
    )
    async def meeting_open_voting(
        self, info: Info, input: Annotated[inputs.MeetingOpenVotingInput, ASKED]
    ) -> MeetingMotionPayload:
        """Open the voting; the electorate is frozen."""
        wanted = motion_id(input.motion_id)
        await voting.open_voting(info.context.viewer, wanted, input.idempotency_key)
        return await motion_payload(info, wanted)

    @field(
        permission="meeting.attend",
        cost=10,
        effect="vote",
        en="Cast a vote.",
        ar="الإدلاء بصوت.",
    )
    async def meeting_cast_vote(
        self, info: Info, input: Annotated[inputs.MeetingCastVoteInput, ASKED]
    ) -> MeetingCastVotePayload:
        """Cast a vote."""
        viewer, asked = info.context.viewer, cast_of(input)
        receipts = await casting.cast(viewer, asked, input.idempotency_key)
        return await cast_payload(info, asked.motion, receipts)

    @field(
        permission="meeting.attend",
        cost=10,
        effect="vote",
        en="Close the voting; the result is final.",
        ar="إغلاق التصويت وإعلان نتيجته النهائية.",
    )
    async def meeting_close_voting(
        self, info: Info, input: Annotated[inputs.MeetingCloseVotingInput, ASKED]
    ) -> MeetingMotionPayload:
        """Close the voting; the result is final."""
        wanted = motion_id(input.motion_id)
        await voting.close_voting(info.context.viewer, wanted, input.idempotency_key)
        return await motion_payload(info, wanted)

    @field(
        permission="meeting.attend",
        cost=10,
        effect="vote",
        en="Decide a tie as whoever presides.",
        ar="حسم التعادل بصوت رئيس الجلسة.",
    )
    async def meeting_casting_vote(
        self, info: Info, input: Annotated[inputs.MeetingCastingVoteInput, ASKED]
    ) -> MeetingMotionPayload:
        """Decide a tie as whoever presides."""
        wanted, viewer = motion_id(input.motion_id), info.context.viewer
        await voting.cast_deciding(viewer, wanted, input.choice, input.idempotency_key)
        return await motion_payload(info, wanted)

    @field(
        permission="meeting.attend",
        cost=10,
        effect="vote",
        en="Decide a tied second round by lot.",
        ar="حسم تعادل الجولة الثانية بالقرعة.",
    )
    async def meeting_draw_lot(
        self, info: Info, input: Annotated[inputs.MeetingDrawLotInput, ASKED]
    ) -> MeetingMotionPayload:
        """Decide a tied second round by lot."""
        wanted = motion_id(input.motion_id)
        await voting.draw_lot(info.context.viewer, wanted, input.idempotency_key)
        return await motion_payload(info, wanted)

    @field(
        permission="meeting.attend",
        cost=10,
        effect="vote",
        en="Annul a voting; its ballots are kept.",
        ar="إلغاء تصويت مع حفظ أوراقه.",
    )
    async def meeting_annul_voting(
        self, info: Info, input: Annotated[inputs.MeetingAnnulVotingInput, ASKED]
    ) -> MeetingMotionPayload:
        """Annul a voting; its ballots are kept."""
        wanted, viewer = motion_id(input.motion_id), info.context.viewer
        await voting.annul(viewer, wanted, input.reason, input.idempotency_key)
        return await motion_payload(info, wanted)

    @field(
        permission="meeting.attend",
        cost=10,
        en="Give one's vote to another member.",
        ar="توكيل عضو بالصوت.",
    )
    async def meeting_give_proxy(
        self, info: Info, input: Annotated[inputs.MeetingGiveProxyInput, ASKED]
    ) -> MeetingProxyPayload:
        """Give one's vote to another member."""
        holder = raw_id(input.holder_id, "MeetingMember", "holderId")
        wanted = meeting_id(input.meeting_id)
        made = await proxies.give(info.context.viewer, wanted, holder, input.weight)
        return await proxy_payload(info, made)

    @field(
        permission="meeting.attend",
        cost=10,
        en="Take one's vote back.",
        ar="إلغاء توكيل.",
    )
    async def meeting_revoke_proxy(
        self, info: Info, input: Annotated[inputs.MeetingRevokeProxyInput, ASKED]
    ) -> MeetingProxyPayload:
        """Take one's vote back."""
        wanted = raw_id(input.proxy_id, "MeetingProxy", "proxyId")
        await proxies.revoke(info.context.viewer, wanted)
        return await proxy_payload(info, wanted)
