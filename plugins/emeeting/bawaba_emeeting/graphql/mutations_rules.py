"""What is decided about a council."""

from __future__ import annotations

from typing import Annotated

import strawberry
from bawaba.graphql import Info, field, raw_id

from bawaba_emeeting.graphql import inputs
from bawaba_emeeting.graphql.asked import rules_amendment
from bawaba_emeeting.graphql.councils import MeetingCouncil
from bawaba_emeeting.graphql.payloads import (
    ASKED,
    MeetingCouncilPayload,
)
from bawaba_emeeting.services import regulating


@strawberry.type
class MeetingRulesMutation:
    """Roots under Mutation."""

    @field(
        permission="meeting.regulate",
        cost=10,
        en="Amend a council's rules of procedure.",
        ar="تعديل قواعد إجراءات مجلس.",
    )
    async def meeting_amend_rules(
        self, info: Info, input: Annotated[inputs.MeetingAmendRulesInput, ASKED]
    ) -> MeetingCouncilPayload:
        """Amend a council's rules of procedure."""
        row = await regulating.amend_rules(
            info.context.viewer, input.council, rules_amendment(input)
        )
        return MeetingCouncilPayload(council=MeetingCouncil.of(row), errors=[])

    @field(
        permission="meeting.regulate",
        cost=10,
        en="Write down the next step of a council's adoption.",
        ar="تدوين الخطوة التالية في التطبيق.",
    )
    async def meeting_record_adoption(
        self, info: Info, input: Annotated[inputs.MeetingRecordAdoptionInput, ASKED]
    ) -> MeetingCouncilPayload:
        """Write down the next step of a council's adoption."""
        viewer, council = info.context.viewer, input.council
        row = await regulating.record_adoption(viewer, council, input.status, input.reference)
        return MeetingCouncilPayload(council=MeetingCouncil.of(row), errors=[])

    @field(
        permission="meeting.regulate",
        cost=10,
        en="Appoint who operates a council's meetings.",
        ar="تعيين مشغل لاجتماعات مجلس.",
    )
    async def meeting_appoint_operator(
        self, info: Info, input: Annotated[inputs.MeetingAppointOperatorInput, ASKED]
    ) -> MeetingCouncilPayload:
        """Appoint who operates a council's meetings."""
        person = raw_id(input.person_id, "Person", "personId")
        row = await regulating.appoint_operator(info.context.viewer, input.council, person)
        return MeetingCouncilPayload(council=MeetingCouncil.of(row), errors=[])
