"""What payments add to Person: bills and payments."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

import strawberry

from bawaba import catalogue
from bawaba.core_types import Bill, BillStatus, Service
from bawaba.errors import Forbidden
from bawaba.graphql import After, Connection, First, Info, Money, argument, field, leaf
from bawaba.host.payments.graphql.types import Payment
from bawaba.host.payments.services import asking, reading
from bawaba.paging import page_of
from bawaba.text import both
from bawaba.viewer import Viewer


@strawberry.type(
    description=both(
        "The bills of one person, of every agency.", "فواتير شخص واحد لدى جميع الجهات."
    )
)
class BillConnection(Connection[Bill]):
    """A page of bills, with what they come to."""

    as_of: dt.datetime = leaf(
        "Every answer in it was given at this instant or later.",
        "كل ما فيها أُجيب عنه في هذه اللحظة أو بعدها.",
    )
    total_due: Money = leaf("What paying all of them costs now.", "تكلفة دفعها كلها الآن.")
    unavailable_services: list[Service] = leaf(
        "Services that do not answer right now; their bills are missing.",
        "خدمات لا تستجيب الآن؛ فواتيرها غير مدرجة.",
        bound=100,
    )


def _oneself(person: Any, viewer: Viewer) -> str:
    if person.person_id != viewer.person_id:
        raise Forbidden
    return str(person.person_id)


async def _bills(
    viewer: Viewer, first: int, after: str | None, statuses: list[BillStatus] | None
) -> BillConnection:
    owed = await asking.owed_by(viewer, statuses)
    shown, page = page_of(
        owed.bills, first=first, after=after, key=lambda pair: f"{pair[0].service}:{pair[0].id}"
    )
    base: Connection[Bill] = Connection[Bill].over([node for _, node in shown], page.cursors, page)
    services, agencies = await catalogue.services(), await catalogue.agencies()
    silent = [services[code] for code in owed.silent if code in services]
    return BillConnection(
        nodes=base.nodes,
        edges=base.edges,
        page_info=base.page_info,
        counted=base.counted,
        as_of=owed.as_of,
        total_due=Money.of(owed.total_due),
        unavailable_services=[Service.of(entry, agencies[entry.agency]) for entry in silent],
    )


@strawberry.type
class PersonFields:
    """Fields of Person; only one's own are shown."""

    @field(
        permission="payments.pay",
        en="What you owe, over all agencies, the earliest due first.",
        ar="ما عليك لدى جميع الجهات، الأقرب استحقاقاً أولاً.",
        cost=5,
    )
    async def bills(
        self: Any,
        info: Info,
        first: First,
        after: After = None,
        statuses: Annotated[
            list[BillStatus] | None,
            argument("Only bills in these states.", "الفواتير بهذه الحالات فقط."),
        ] = None,
    ) -> BillConnection:
        """Ask every agency, side by side."""
        _oneself(self, info.context.viewer)
        return await _bills(info.context.viewer, first, after, statuses)

    @field(
        permission="payments.pay",
        en="Your payments, newest first.",
        ar="عمليات الدفع الخاصة بك، الأحدث أولاً.",
    )
    async def payments(
        self: Any, info: Info, first: First, after: After = None
    ) -> Connection[Payment]:
        """Return a page of one's own payments."""
        page = await reading.payments_of(_oneself(self, info.context.viewer), first, after)
        connection: Connection[Payment] = Connection[Payment].of(page, Payment.of)
        return connection
