"""Whom a step concerns who did not take it, and in which words they are told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from bawaba import notifications, people
from bawaba.notifications import Notice
from bawaba.text import Text

from bawaba_tawasul.domain import TawasulStep
from bawaba_tawasul.models import TawasulCase, TawasulHistory

T = TawasulStep
_CITIZEN = {
    T.SUBMITTED: Text("Your case {reference} was received", "استُلمت حالتك {reference}"),
    T.REPLIED: Text("A reply to your case {reference}", "رد على حالتك {reference}"),
    T.INFORMATION_REQUESTED: Text(
        "A question about your case {reference}", "سؤال عن حالتك {reference}"
    ),
    T.TRANSFER_ACCEPTED: Text(
        "Your case {reference} is with another agency now", "انتقلت حالتك {reference} إلى جهة أخرى"
    ),
    T.ARBITRATED: Text(
        "Your case {reference} is with the agency it belongs to",
        "أُحيلت حالتك {reference} إلى الجهة المعنية",
    ),
    T.RESOLVED: Text("Your case {reference} is resolved", "حُلّت حالتك {reference}"),
}
_HANDLER = {
    T.ASSIGNED: Text("Case {reference} is yours", "أُسندت إليك الحالة {reference}"),
    T.REPLIED: Text(
        "The citizen wrote about case {reference}", "كتب مقدم الحالة {reference} رسالة"
    ),
    T.INFORMATION_GIVEN: Text(
        "The citizen answered about case {reference}", "أجاب مقدم الحالة {reference}"
    ),
}
_BODY = Text("Sign in to read more: {subject}", "سجّل الدخول للاطلاع على التفاصيل: {subject}")
_ESCALATED = Text(
    "Case {reference} has used {percent} % of its time",
    "استهلكت الحالة {reference} نسبة {percent}٪ من مدتها",
)
_OFFERED = Text("Case {reference} is offered to your agency", "الحالة {reference} معروضة على جهتك")


async def tell_citizen(case: TawasulCase, line: TawasulHistory) -> None:
    """Tell the citizen of a step; called in its transaction."""
    await _tell([case.submitter_id], case, line, _CITIZEN[TawasulStep(line.kind)])


async def tell_handler(case: TawasulCase, line: TawasulHistory) -> None:
    """Tell whom the case is assigned to, if anybody, of a step; called in its transaction."""
    if case.assignee_id is not None and case.assignee_id != line.actor_id:
        await _tell([case.assignee_id], case, line, _HANDLER[TawasulStep(line.kind)])


async def tell_coordinators(case: TawasulCase, line: TawasulHistory, agency: str) -> None:
    """Tell an agency's coordinators of a transfer that is offered to it."""
    found = await people.holders("tawasul.coordinate", agency, everywhere=False)
    await _tell([person.id for person in found], case, line, _OFFERED)


async def tell_ladder(
    case: TawasulCase,
    line: TawasulHistory,
    percent: int,
    permissions: Collection[str],
    not_before: dt.datetime,
) -> None:
    """Tell whoever stands on a rung of the ladder, and whoever answers; in working hours."""
    told = {case.assignee_id} if case.assignee_id else set()
    for permission in permissions:
        told |= {person.id for person in await people.holders(permission, case.agency)}
    subject = _ESCALATED.fill(percent=percent, reference="{reference}")
    await _tell(sorted(told), case, line, subject, not_before)


async def _tell(
    persons: Collection[str],
    case: TawasulCase,
    line: TawasulHistory,
    subject: Text,
    not_before: dt.datetime | None = None,
) -> None:
    body = _BODY.fill(subject=case.subject)
    await notifications.notify(
        [
            Notice(
                key=f"tawasul.step:{line.id}",
                person_id=person,
                subject=subject.fill(reference=case.reference),
                body=body,
                not_before=not_before,
            )
            for person in persons
        ]
    )
