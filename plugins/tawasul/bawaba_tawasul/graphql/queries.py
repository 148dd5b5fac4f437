"""Reading: cases, queues, categories, performance."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Annotated

import strawberry
from bawaba.core_types import Agency, OrderDirection
from bawaba.graphql import PUBLIC, After, Connection, First, Info, argument, field, leaf
from bawaba.paging import Page, page_of
from bawaba.text import both

from bawaba_tawasul.domain import TawasulStatus
from bawaba_tawasul.graphql.inputs import TawasulCaseFilter, TawasulCaseOrder
from bawaba_tawasul.graphql.nodes import show_requests
from bawaba_tawasul.graphql.payloads import TawasulIdentityRequest, TawasulTemplate
from bawaba_tawasul.graphql.types import TawasulCase, TawasulCategory, show
from bawaba_tawasul.services import cases, categories, identity, queue, templates
from bawaba_tawasul.services.categories import Row

AgencyCode = Annotated[str, argument("The agency's code.", "رمز الجهة.")]
TRIES = 120
"""Looks at one reference, and by one viewer, in a minute: many for a desk, few for a guess."""
Reference = Annotated[str, argument("The case's reference.", "مرجع الحالة.")]
FilterArgument = Annotated[TawasulCaseFilter | None, argument("What to show.", "ما يُعرض.")]
OrderArgument = Annotated[
    TawasulCaseOrder | None,
    argument("How to sort; by deadline by default.", "الترتيب؛ والافتراضي حسب الموعد."),
]


@strawberry.type(
    description=both("An open case like what one wants to say.", "حالة مفتوحة مشابهة.")
)
class TawasulSimilarCase:
    """As much as anybody may see of it."""

    reference: str = leaf("Its reference; follow it by it.", "مرجعها؛ وبه تُتابع.")
    subject: str = leaf("What it is about.", "موضوعها.")
    status: TawasulStatus = leaf("Where it stands.", "حالتها.")
    submitted_at: dt.datetime = leaf("When it was submitted.", "وقت التقديم.")
    followers: int = leaf("Others whom it concerns too.", "عدد المتابعين.")


@strawberry.type
class TawasulAgencyFields:
    """What Tawasul adds to agencies."""

    @field(permission=PUBLIC, en="Its categories, by code.", ar="تصنيفاتها حسب رمزها.", bound=100)
    async def tawasul_categories(self: Agency) -> list[TawasulCategory]:
        """Return the agency's categories with today's targets."""
        return [TawasulCategory.of(row) for row in await categories.of_agency(self.code)]


@strawberry.type
class TawasulQuery:
    """Roots under Query."""

    @field(
        permission="tawasul.use",
        cost=5,
        en="A case of yours, of your desk, or that you follow.",
        ar="حالة لك أو لمكتبك أو تتابعها.",
    )
    async def tawasul_case(self, info: Info, reference: Reference) -> TawasulCase | None:
        """Return the case, as much of it as the viewer sees."""
        info.context.attempt("tawasul.reference", reference, times=TRIES)
        view = await cases.case(info.context.viewer, reference)
        return TawasulCase.of(view) if view else None

    @field(
        permission="tawasul.use",
        en="The cases that you submitted, newest first.",
        ar="الحالات التي قدمتها من الأحدث.",
    )
    async def tawasul_my_cases(
        self, info: Info, first: First, after: After = None
    ) -> Connection[TawasulCase]:
        """Return a page of the viewer's own cases."""
        return await _connection(info, await queue.own(info.context.viewer, first, after))

    @field(
        permission="tawasul.desk",
        en="An agency's cases; the open ones by deadline, unless asked otherwise.",
        ar="حالات جهة؛ المفتوحة منها حسب الموعد ما لم يُطلب غير ذلك.",
    )
    async def tawasul_cases(  # noqa: PLR0913, PLR0917  the contract's arguments
        self,
        info: Info,
        agency: AgencyCode,
        first: First,
        filter: FilterArgument = None,  # noqa: A002  the contract's name
        order_by: OrderArgument = None,
        after: After = None,
    ) -> Connection[TawasulCase]:
        """Return a page of the agency's queue."""
        viewer, asked, order = info.context.viewer, queue_filter(filter), _order(order_by)
        page = await queue.queue(viewer, agency, asked, order, first, after)
        return await _connection(info, page)

    @field(
        permission="tawasul.desk",
        en="Cases that other agencies offer to this one.",
        ar="الحالات التي تعرضها جهات أخرى على هذه الجهة.",
    )
    async def tawasul_offered_cases(
        self, info: Info, agency: AgencyCode, first: First, after: After = None
    ) -> Connection[TawasulCase]:
        """Return a page of what waits to be accepted or declined."""
        page = await queue.offered(info.context.viewer, agency, first, after)
        return await _connection(info, page)

    @field(
        permission="tawasul.arbitrate",
        en="Cases that wait for the arbiter, oldest first.",
        ar="الحالات بانتظار المحكّم من الأقدم.",
    )
    async def tawasul_arbitration(
        self, info: Info, first: First, after: After = None
    ) -> Connection[TawasulCase]:
        """Return a page of what waits for a decision."""
        info.context.viewer.require("tawasul.arbitrate")
        return await _connection(info, await queue.in_arbitration(first, after))

    @field(
        permission="tawasul.use",
        en="Open cases of others that say the same, most alike first.",
        ar="حالات مفتوحة لآخرين تشبه ما تريد تقديمه.",
    )
    async def tawasul_similar_cases(  # noqa: PLR0913, PLR0917  the contract's arguments
        self,
        info: Info,
        agency: AgencyCode,
        category: Annotated[str, argument("The category's code.", "رمز التصنيف.")],
        text: Annotated[str, argument("What you want to say.", "ما تريد قوله.")],
        first: First,
        after: After = None,
    ) -> Connection[TawasulSimilarCase]:
        """Return what somebody has reported already."""
        found = await queue.similar(info.context.viewer, agency, category, text)
        rows, page = page_of(found, first=first, after=after, key=lambda row: row["id"])
        return _similar(rows, page)

    @field(
        permission="tawasul.desk",
        en="The agency's templates of replies, by title.",
        ar="قوالب ردود الجهة حسب عنوانها.",
    )
    async def tawasul_templates(
        self, info: Info, agency: AgencyCode, first: First, after: After = None
    ) -> Connection[TawasulTemplate]:
        """Return a page of templates."""
        page = await templates.templates(info.context.viewer, agency, first, after)
        return Connection[TawasulTemplate].of(page, TawasulTemplate.of)  # type: ignore[no-any-return]

    @field(
        permission="tawasul.supervise",
        en="Wishes to know a hidden identity that wait for a second person.",
        ar="طلبات كشف الهوية بانتظار شخص ثانٍ.",
    )
    async def tawasul_identity_requests(
        self, info: Info, agency: AgencyCode, first: First, after: After = None
    ) -> Connection[TawasulIdentityRequest]:
        """Return a page of pending requests."""
        viewer = info.context.viewer
        viewer.require("tawasul.supervise", agency)
        page = await identity.pending(agency, first, after)
        nodes = await show_requests(viewer, page.rows)
        return Connection[TawasulIdentityRequest].over(nodes, page.cursors, page)  # type: ignore[no-any-return]


async def _connection(info: Info, page: Page) -> Connection[TawasulCase]:
    views = await cases.seen(info.context.viewer, page.rows)
    places = {row["id"]: cursor for row, cursor in zip(page.rows, page.cursors, strict=True)}
    cursors = [places[view.row["id"]] for view in views]
    made: Connection[TawasulCase] = Connection[TawasulCase].over(show(views), cursors, page)
    return made


def queue_filter(given: TawasulCaseFilter | None) -> queue.CaseFilter:
    """Return what a queue shows, from what was sent."""
    if given is None:
        return queue.CaseFilter()
    return queue.CaseFilter(
        statuses=given.statuses,
        categories=given.categories,
        clock_states=given.clock_states,
        assigned_to_me=bool(given.assigned_to_me),
        unassigned=bool(given.unassigned),
        text=given.text,
    )


def _order(given: TawasulCaseOrder | None) -> queue.CaseOrder:
    if given is None:
        return queue.CaseOrder()
    return queue.CaseOrder(given.field.value, descending=given.direction is OrderDirection.DESC)


def _similar(rows: Sequence[Row], page: Page) -> Connection[TawasulSimilarCase]:
    nodes = [
        TawasulSimilarCase(
            reference=row["reference"],
            subject=row["subject"],
            status=TawasulStatus(row["status"]),
            submitted_at=row["submitted_at"],
            followers=row["followers"],
        )
        for row in rows
    ]
    made: Connection[TawasulSimilarCase] = Connection[TawasulSimilarCase].over(
        nodes, page.cursors, page
    )
    return made
