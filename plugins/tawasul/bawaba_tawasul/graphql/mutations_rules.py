"""Calendars, targets, ladders, templates, identities."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import strawberry
from bawaba.graphql import Info, field, global_id, raw_id

from bawaba_tawasul.clock.calendar import Holiday, Hours
from bawaba_tawasul.domain import Rung
from bawaba_tawasul.graphql import inputs
from bawaba_tawasul.graphql.nodes import show_requests
from bawaba_tawasul.graphql.payloads import (
    ASKED,
    TawasulCalendar,
    TawasulCalendarPayload,
    TawasulIdentityPayload,
    TawasulLadder,
    TawasulLadderPayload,
    TawasulRecomputation,
    TawasulRung,
    TawasulTargetsPayload,
    TawasulTemplate,
    TawasulTemplatePayload,
)
from bawaba_tawasul.graphql.types import TawasulCategory
from bawaba_tawasul.refusals import BadCalendar
from bawaba_tawasul.services import calendars, categories, identity, templates


@strawberry.type
class TawasulRulesMutation:
    """Roots under Mutation."""

    @field(
        permission="tawasul.regulate",
        cost=50,
        en="Amend a calendar; open cases' deadlines are computed anew.",
        ar="تعديل التقويم وإعادة حساب مواعيد الحالات المفتوحة.",
    )
    async def tawasul_amend_calendar(
        self, info: Info, input: Annotated[inputs.TawasulAmendCalendarInput, ASKED]
    ) -> TawasulCalendarPayload:
        """Amend a calendar from a day on."""
        return await _amend_calendar(info, input)

    @field(
        permission="tawasul.regulate",
        cost=10,
        en="Set a category's targets from a day on.",
        ar="تحديد مدد تصنيف اعتباراً من يوم.",
    )
    async def tawasul_amend_targets(
        self, info: Info, input: Annotated[inputs.TawasulAmendTargetsInput, ASKED]
    ) -> TawasulTargetsPayload:
        """Set targets; cases submitted before keep theirs."""
        category = raw_id(input.category_id, "TawasulCategory", "categoryId")
        hours, days = input.first_reply_hours, input.resolution_days
        row = await categories.amend_targets(
            info.context.viewer, category, hours, days, input.effective_from, input.reason
        )
        return TawasulTargetsPayload(category=TawasulCategory.of(row), errors=[])

    @field(
        permission="tawasul.regulate",
        cost=10,
        en="Set an escalation ladder from a day on.",
        ar="تحديد سلم التصعيد اعتباراً من يوم.",
    )
    async def tawasul_amend_ladder(
        self, info: Info, input: Annotated[inputs.TawasulAmendLadderInput, ASKED]
    ) -> TawasulLadderPayload:
        """Set a ladder; clocks that run keep theirs."""
        rungs = [Rung(rung.percent, tuple(rung.tell)) for rung in input.rungs]
        row = await calendars.amend_ladder(
            info.context.viewer, input.agency, rungs, input.effective_from, input.reason
        )
        return TawasulLadderPayload(ladder=_ladder(row), errors=[])

    @field(
        permission="tawasul.supervise",
        cost=10,
        en="Make a template of a reply, or change the one of this title.",
        ar="إنشاء قالب رد أو تعديل القالب الذي يحمل هذا العنوان.",
    )
    async def tawasul_save_template(
        self, info: Info, input: Annotated[inputs.TawasulSaveTemplateInput, ASKED]
    ) -> TawasulTemplatePayload:
        """Save a template."""
        row = await templates.save(
            info.context.viewer, input.agency, input.title, input.body_en, input.body_ar
        )
        return TawasulTemplatePayload(template=TawasulTemplate.of(row), errors=[])

    @field(
        permission="tawasul.supervise",
        cost=10,
        en="Take a template out of use.",
        ar="إيقاف قالب رد.",
    )
    async def tawasul_retire_template(
        self, info: Info, input: Annotated[inputs.TawasulRetireTemplateInput, ASKED]
    ) -> TawasulTemplatePayload:
        """Retire a template."""
        wanted = raw_id(input.template_id, "TawasulTemplate", "templateId")
        row = await templates.retire(info.context.viewer, wanted)
        return TawasulTemplatePayload(template=TawasulTemplate.of(row), errors=[])

    @field(
        permission="tawasul.desk",
        cost=10,
        en="Ask to know a hidden identity; another person must agree.",
        ar="طلب كشف هوية مخفية؛ ويجب أن يوافق شخص آخر.",
    )
    async def tawasul_request_identity(
        self, info: Info, input: Annotated[inputs.TawasulRequestIdentityInput, ASKED]
    ) -> TawasulIdentityPayload:
        """Ask for an identity."""
        viewer = info.context.viewer
        row = await identity.request(viewer, input.reference, input.reason)
        return TawasulIdentityPayload(request=(await show_requests(viewer, [row]))[0], errors=[])

    @field(
        permission="tawasul.supervise",
        cost=10,
        en="Agree, as a second person, to open a hidden identity to both.",
        ar="الموافقة، كشخص ثانٍ، على كشف هوية مخفية للشخصين.",
    )
    async def tawasul_approve_identity(
        self, info: Info, input: Annotated[inputs.TawasulApproveIdentityInput, ASKED]
    ) -> TawasulIdentityPayload:
        """Open an identity."""
        viewer = info.context.viewer
        wanted = raw_id(input.request_id, "TawasulIdentityRequest", "requestId")
        row = await identity.approve(viewer, wanted)
        return TawasulIdentityPayload(request=(await show_requests(viewer, [row]))[0], errors=[])


async def _amend_calendar(
    info: Info, asked: inputs.TawasulAmendCalendarInput
) -> TawasulCalendarPayload:
    hours = None if asked.hours is None else [_hours(each) for each in asked.hours]
    holidays = [Holiday(day.on, day.name_en, day.name_ar) for day in asked.holidays or ()]
    amendment, recomputation = await calendars.amend(
        info.context.viewer, asked.agency, hours, holidays, asked.effective_from, asked.reason
    )
    return TawasulCalendarPayload(
        calendar=TawasulCalendar(
            id=global_id("TawasulCalendar", amendment["id"]),
            effective_from=amendment["effective_from"],
            reason=amendment["reason"],
        ),
        recomputation=TawasulRecomputation.of(recomputation),
        errors=[],
    )


def _hours(asked: inputs.TawasulHoursInput) -> Hours:
    if (asked.since is None) != (asked.until is None):
        raise BadCalendar("hours")
    try:
        return Hours(
            frozenset(day.value for day in asked.weekdays),
            asked.opens_at,
            asked.closes_at,
            asked.since,
            asked.until,
        )
    except ValueError as error:
        raise BadCalendar("hours") from error


def _ladder(row: Mapping[str, Any]) -> TawasulLadder:
    return TawasulLadder(
        id=global_id("TawasulLadder", row["id"]),
        effective_from=row["effective_from"],
        rungs=[TawasulRung(percent=r["percent"], tell=r["tell"]) for r in row["rungs"]],
    )
