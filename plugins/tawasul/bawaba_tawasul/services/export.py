"""Files for spreadsheets, in which no cell is a formula."""

from __future__ import annotations

from collections.abc import Sequence

from bawaba.text import Language, Text
from bawaba.viewer import Viewer

from bawaba_tawasul.rules.texts import csv
from bawaba_tawasul.services import cases, queue
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


def performance_csv(groups: Sequence[Group], language: Language) -> str:
    """Return performance as CSV, its header in ``language``."""
    rows = []
    for group in groups:
        found = group.figures
        rows.append(
            (
                group.agency,
                group.category[1] if group.category else None,
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


async def queue_csv(viewer: Viewer, agency: str, asked: queue.CaseFilter) -> str:
    """Return an agency's queue as CSV, with what the viewer may see of each case.

    Raises:
        Forbidden: the viewer does not stand at the agency's desk.
    """
    rows: list[tuple[object, ...]] = []
    after: str | None = None
    while len(rows) < MAX_EXPORT:
        page = await queue.queue(viewer, agency, asked, queue.CaseOrder(), _PAGE, after)
        rows += [_row(view) for view in await cases.seen(viewer, page.rows)]
        if not page.has_next:
            break
        after = page.cursors[-1]
    return csv([title.in_(viewer.language) for title in _QUEUE], rows)


def _row(view: cases.CaseView) -> tuple[object, ...]:
    row = view.row
    return (
        row["reference"],
        row["kind"],
        row["status"],
        view.category["code"],
        row["subject"],
        row["submitted_at"].isoformat(timespec="seconds"),
        row["due_at"].isoformat(timespec="seconds"),
        view.clock.state.value,
        row["escalation_level"],
        view.assignee,
        view.submitter,
    )
