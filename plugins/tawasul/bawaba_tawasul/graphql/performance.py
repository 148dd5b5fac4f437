"""Performance, its frozen snapshots, and exports."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import strawberry
from bawaba import catalogue
from bawaba.core_types import Agency
from bawaba.graphql import After, Connection, First, Info, Node, argument, field, global_id, leaf
from bawaba.text import both

from bawaba_tawasul.domain import TawasulPerformanceDimension
from bawaba_tawasul.graphql.queries import AgencyCode, FilterArgument, queue_filter
from bawaba_tawasul.graphql.types import TawasulCategory
from bawaba_tawasul.rules import figures
from bawaba_tawasul.services import categories, export, performance
from bawaba_tawasul.services.performance import Group

OneAgency = Annotated[
    str | None, argument("One agency's code; null: all.", "رمز جهة؛ وإن خلا فالجميع.")
]
From = Annotated[dt.date, argument("The first day counted.", "أول يوم محسوب.", name="from")]
To = Annotated[dt.date, argument("The last day counted.", "آخر يوم محسوب.", name="to")]
By = Annotated[TawasulPerformanceDimension, argument("By what to group.", "أساس التجميع.")]


@strawberry.type(description=both("A calendar period.", "فترة زمنية."))
class TawasulPeriod:
    """A month."""

    starts_on: dt.date = leaf("Its first day.", "أول أيامها.")
    ends_on: dt.date = leaf("Its last day.", "آخر أيامها.")


@strawberry.type(description=both("The figures of one group.", "أرقام مجموعة واحدة."))
class TawasulPerformanceRow:
    """Null in every dimension that was not asked for."""

    agency: Agency | None = leaf("The agency.", "الجهة.")
    category: TawasulCategory | None = leaf("The category.", "التصنيف.")
    period: TawasulPeriod | None = leaf("The month.", "الشهر.")
    received: int = leaf("Cases submitted.", "الحالات المقدمة.")
    resolved: int = leaf(
        "Final resolutions: those taken back by a reopening are subtracted on the day it happened.",
        "الحلول النهائية، ويُطرح ما أعيد فتحه في يوم إعادة الفتح.",
    )
    resolved_on_time: int = leaf(
        "Of them those never late in any round.", "منها ما لم يتأخر في أي جولة."
    )
    on_time_rate: float | None = leaf("Their share, 0 to 1.", "نسبتها، من 0 إلى 1.")
    first_resolved: int = leaf("First resolutions.", "الحلول الأولى.")
    first_resolved_on_time: int = leaf("Of them those in time.", "منها ما كان ضمن المدة.")
    median_resolution_working_hours: float | None = leaf(
        "The median, each resolution's working hours rounded up.",
        "وسيط ساعات العمل حتى الحل، كل منها مقرّب إلى أعلى.",
    )
    reopened: int = leaf("Reopened or appealed.", "ما أعيد فتحه أو تُظلم منه.")
    open_now: int = leaf(
        "Open at this moment; 0 by month.", "المفتوحة الآن؛ و0 عند التجميع بالشهر."
    )
    overdue_now: int = leaf("Of them those past the deadline.", "منها ما تجاوز الموعد.")
    average_rating: float | None = leaf("The mean score, 1 to 5.", "متوسط التقييم، من 1 إلى 5.")
    frozen_at: dt.datetime | None = leaf(
        "When the month's snapshot was frozen.", "وقت تجميد لقطة الشهر."
    )


@strawberry.type(description=both("Performance of agencies.", "أداء الجهات."))
class TawasulPerformance:
    """Rows in order of their group."""

    rows: list[TawasulPerformanceRow] = leaf(
        "One a group, 500 at most.", "صف لكل مجموعة، 500 على الأكثر.", bound=500
    )


@strawberry.type(description=both("Figures as they were frozen.", "أرقام مجمدة."))
class TawasulPerformanceSnapshot(Node):
    """Of a category and a month."""

    agency_code: str = leaf("The agency's code.", "رمز الجهة.")
    category_code: str = leaf("The category's code.", "رمز التصنيف.")
    period: TawasulPeriod = leaf("The month.", "الشهر.")
    received: int = leaf("Cases submitted.", "الحالات المقدمة.")
    resolved: int = leaf("Final resolutions.", "الحلول النهائية.")
    resolved_on_time: int = leaf("Of them those in time.", "منها ما كان ضمن المدة.")
    first_resolved: int = leaf("First resolutions.", "الحلول الأولى.")
    first_resolved_on_time: int = leaf("Of them those in time.", "منها ما كان ضمن المدة.")
    frozen_at: dt.datetime = leaf("When it was frozen.", "وقت التجميد.")


@strawberry.type(description=both("A file for a spreadsheet.", "ملف لجداول البيانات."))
class TawasulExport:
    """CSV (RFC 4180, UTF-8 with a byte-order mark), in words for people; no cell is a formula."""

    name: str = leaf("A file name.", "اسم الملف.")
    media_type: str = leaf("Its media type.", "نوع الوسائط.")
    content: str = leaf(
        "The file itself, its header and words in the request's language.",
        "محتوى الملف بعناوينه وكلماته بلغة الطلب.",
    )


@strawberry.type
class TawasulPerformanceQuery:
    """Roots under Query."""

    @field(
        permission="tawasul.measure",
        cost=20,
        en="How agencies perform, by agency, category or month.",
        ar="أداء الجهات حسب الجهة أو التصنيف أو الشهر.",
    )
    async def tawasul_performance(
        self,
        info: Info,
        since: From,
        until: To,
        group_by: By,
        agency: OneAgency = None,
    ) -> TawasulPerformance:
        """Return the figures of a range of days."""
        viewer = info.context.viewer
        groups = await performance.performance(viewer, agency, since, until, group_by)
        return TawasulPerformance(rows=await _rows(groups))

    @field(
        permission="tawasul.measure",
        cost=20,
        en="Performance as a CSV file.",
        ar="الأداء بصيغة CSV.",
    )
    async def tawasul_performance_export(
        self,
        info: Info,
        since: From,
        until: To,
        group_by: By,
        agency: OneAgency = None,
    ) -> TawasulExport:
        """Return the figures for a spreadsheet."""
        viewer = info.context.viewer
        groups = await performance.performance(viewer, agency, since, until, group_by)
        content = await export.performance_csv(groups, viewer.language)
        return TawasulExport(name="performance.csv", media_type="text/csv", content=content)

    @field(
        permission="tawasul.desk",
        cost=100,
        en="An agency's queue as a CSV file, 1,000 cases at most.",
        ar="قائمة حالات جهة بصيغة CSV، 1000 حالة على الأكثر.",
    )
    async def tawasul_cases_export(
        self,
        info: Info,
        agency: AgencyCode,
        filter: FilterArgument = None,  # noqa: A002
    ) -> TawasulExport:
        """Return the queue for a spreadsheet, with what the desk may see."""
        content = await export.queue_csv(info.context.viewer, agency, queue_filter(filter))
        return TawasulExport(name="cases.csv", media_type="text/csv", content=content)

    @field(
        permission="tawasul.measure",
        en="Figures as they were frozen, newest month first.",
        ar="الأرقام المجمدة من أحدث شهر.",
    )
    async def tawasul_performance_snapshots(
        self, info: Info, first: First, agency: OneAgency = None, after: After = None
    ) -> Connection[TawasulPerformanceSnapshot]:
        """Return a page of frozen figures."""
        page = await performance.snapshots(info.context.viewer, agency, first, after)
        return Connection[TawasulPerformanceSnapshot].of(page, _snapshot)  # type: ignore[no-any-return]


async def _rows(groups: Sequence[Group]) -> list[TawasulPerformanceRow]:
    agencies = await catalogue.agencies()
    known = await performance.category_rows([g.category for g in groups if g.category])
    shown = await categories.by_id({row["id"] for row in known.values()})
    codes = {(row["agency"], row["code"]): row for row in shown.values()}
    return [_row(group, agencies, codes) for group in groups]


def _row(
    group: Group, agencies: Mapping[str, catalogue.Agency], known: Mapping[Any, Any]
) -> TawasulPerformanceRow:
    found, of = group.figures, agencies.get(group.agency or "")
    category = known.get(group.category) if group.category else None
    return TawasulPerformanceRow(
        agency=Agency.of(of) if of else None,
        category=TawasulCategory.of(category) if category else None,
        period=_period(group.starts_on) if group.starts_on else None,
        received=found.received,
        resolved=found.resolved,
        resolved_on_time=found.resolved_on_time,
        on_time_rate=found.on_time_rate,
        first_resolved=found.first_resolved,
        first_resolved_on_time=found.first_on_time,
        median_resolution_working_hours=found.median_hours,
        reopened=found.reopened,
        open_now=group.open_now,
        overdue_now=group.overdue_now,
        average_rating=found.average_rating,
        frozen_at=group.frozen_at,
    )


def _period(start: dt.date) -> TawasulPeriod:
    return TawasulPeriod(starts_on=start, ends_on=figures.month_end(start))


def _snapshot(row: Mapping[str, Any]) -> TawasulPerformanceSnapshot:
    found = performance.frozen_figures(row)
    return TawasulPerformanceSnapshot(
        id=global_id("TawasulPerformanceSnapshot", row["id"]),
        agency_code=row["agency"],
        category_code=row["category"],
        period=_period(row["month"]),
        received=found.received,
        resolved=found.resolved,
        resolved_on_time=found.resolved_on_time,
        first_resolved=found.first_resolved,
        first_resolved_on_time=found.first_on_time,
        frozen_at=row["frozen_at"],
    )
