"""Files for spreadsheets, in which no cell is a formula."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bawaba import catalogue
from bawaba.text import Language, Text
from bawaba.viewer import Viewer

from bawaba_tawasul.domain import TawasulClockState, TawasulKind, TawasulStatus
from bawaba_tawasul.rules.texts import csv
from bawaba_tawasul.services import cases, performance, queue
from bawaba_tawasul.services.performance import Group

MAX_EXPORT = 1_000
_PAGE = 100
_PERFORMANCE = (
    Text("Agency", "الجهة"),
    Text("Category", "التصنيف"),
    Text("Month", "الشهر"),
    Text("Received", "المقدمة"),
    Text("Resolved", "المحلولة"),
    Text("Resolved on time", "المحلولة ضمن المدة"),
    Text("First resolutions", "الحلول الأولى"),
    Text("First resolutions on time", "الحلول الأولى ضمن المدة"),
    Text("Median working hours", "وسيط ساعات العمل"),
    Text("Reopened", "المعاد فتحها"),
    Text("Open now", "المفتوحة الآن"),
    Text("Overdue now", "المتأخرة الآن"),
    Text("Average rating", "متوسط التقييم"),
)
_QUEUE = (
    Text("Reference", "المرجع"),
    Text("Kind", "النوع"),
    Text("Status", "الحالة"),
    Text("Category", "التصنيف"),
    Text("Subject", "الموضوع"),
    Text("Submitted at", "وقت التقديم"),
    Text("Due at", "الموعد"),
    Text("Clock", "الوقت"),
    Text("Escalation", "التصعيد"),
    Text("Assignee", "المسندة إليه"),
    Text("Submitter", "مقدمها"),
)


_KINDS = {
    TawasulKind.COMPLAINT: Text("Complaint", "شكوى"),
    TawasulKind.SUGGESTION: Text("Suggestion", "مقترح"),
    TawasulKind.INQUIRY: Text("Inquiry", "استفسار"),
}
_STATUSES = {
    TawasulStatus.SUBMITTED: Text("Submitted", "مقدمة"),
    TawasulStatus.ASSIGNED: Text("Assigned", "مسندة"),
    TawasulStatus.AWAITING_INFORMATION: Text("Awaiting information", "بانتظار معلومات"),
    TawasulStatus.TRANSFER_OFFERED: Text("Transfer offered", "معروضة على جهة أخرى"),
    TawasulStatus.IN_ARBITRATION: Text("In arbitration", "لدى المحكّم"),
    TawasulStatus.RESOLVED: Text("Resolved", "محلولة"),
    TawasulStatus.REOPENED: Text("Reopened", "معاد فتحها"),
    TawasulStatus.APPEALED: Text("Appealed", "متظلَّم منها"),
    TawasulStatus.CLOSED: Text("Closed", "مغلقة"),
    TawasulStatus.WITHDRAWN: Text("Withdrawn", "مسحوبة"),
}
_CLOCKS = {
    TawasulClockState.RUNNING: Text("Running", "ضمن المدة"),
    TawasulClockState.PAUSED: Text("Paused", "متوقف مؤقتاً"),
    TawasulClockState.OVERDUE: Text("Overdue", "متجاوز للمدة"),
    TawasulClockState.STOPPED: Text("Stopped", "متوقف"),
}


async def performance_csv(groups: Sequence[Group], language: Language) -> str:
    """Return performance as CSV, in the words of ``language``."""
    known = await performance.category_rows([g.category for g in groups if g.category])
    agencies = {code: agency.name for code, agency in (await catalogue.agencies()).items()}
    categories = {key: Text(row["name_en"], row["name_ar"]) for key, row in known.items()}
    return performance_sheet(groups, language, agencies, categories)


def performance_sheet(
    groups: Sequence[Group],
    language: Language,
    agencies: Mapping[str, Text],
    categories: Mapping[tuple[str, str], Text],
) -> str:
    """Return performance as CSV, with the names of agencies and categories where they are known."""
    rows = []
    for group in groups:
        found = group.figures
        rows.append(
            (
                _named(agencies, group.agency, group.agency, language),
                _named(categories, group.category, group.category and group.category[1], language),
                group.starts_on,
                found.received,
                found.resolved,
                found.resolved_on_time,
                found.first_resolved,
                found.first_on_time,
                found.median_hours,
                found.reopened,
                group.open_now,
                group.overdue_now,
                found.average_rating and round(found.average_rating, 2),
            )
        )
    return csv([title.in_(language) for title in _PERFORMANCE], rows)


def _named(names: Mapping[Any, Text], key: Any, code: str | None, language: Language) -> str | None:
    found = names.get(key)
    return code if found is None else found.in_(language)


async def queue_csv(viewer: Viewer, agency: str, asked: queue.CaseFilter) -> str:
    """Return an agency's queue as CSV, with what the viewer may see of each case.

    Raises:
        Forbidden: the viewer does not stand at the agency's desk.
    """
    rows: list[tuple[object, ...]] = []
    after: str | None = None
    while len(rows) < MAX_EXPORT:
        page = await queue.queue(viewer, agency, asked, queue.CaseOrder(), _PAGE, after)
        rows += [_row(view, viewer.language) for view in await cases.seen(viewer, page.rows)]
        if not page.has_next:
            break
        after = page.cursors[-1]
    return csv([title.in_(viewer.language) for title in _QUEUE], rows)


def _row(view: cases.CaseView, language: Language) -> tuple[object, ...]:
    row, category = view.row, view.category
    return (
        row["reference"],
        _KINDS[TawasulKind(row["kind"])].in_(language),
        _STATUSES[TawasulStatus(row["status"])].in_(language),
        Text(category["name_en"], category["name_ar"]).in_(language),
        row["subject"],
        row["submitted_at"].isoformat(timespec="seconds"),
        row["due_at"].isoformat(timespec="seconds"),
        _CLOCKS[view.clock.state].in_(language),
        row["escalation_level"],
        view.assignee,
        view.submitter,
    )
