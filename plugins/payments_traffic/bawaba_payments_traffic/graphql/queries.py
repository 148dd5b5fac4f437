"""Looking fines up, and the officers' desk of objections."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import strawberry
from bawaba.errors import BadInput
from bawaba.graphql import PUBLIC, After, Connection, Context, First, Info, argument, field
from bawaba.paging import bounded, page_of
from bawaba.text import Text

from bawaba_payments_traffic.domain import AGENCY, TrafficObjectionStatus
from bawaba_payments_traffic.graphql.inputs import TrafficFineLookupInput
from bawaba_payments_traffic.graphql.nodes import service, show_objections
from bawaba_payments_traffic.graphql.types import TrafficFine, TrafficObjection
from bawaba_payments_traffic.services import fines, objections

By = Annotated[TrafficFineLookupInput, argument("By what to look.", "طريقة البحث.")]
Status = Annotated[
    TrafficObjectionStatus | None,
    argument("Only those in this state.", "ما كان في هذه الحالة فقط."),
]
_MINE = Text("`mine` can only be true.", "القيمة الوحيدة المقبولة في `mine` هي true.")


async def _look_up(context: Context, by: TrafficFineLookupInput) -> Sequence[fines.Row]:
    """Look fines up; what could be guessed is counted first."""
    if by.reference:
        context.attempt("traffic.reference", by.reference)
        return await fines.of_reference(by.reference)
    if by.plate:
        plate = by.plate
        context.attempt("traffic.plate", f"{plate.category} {plate.number}")
        return await fines.of_plate(plate.number, plate.category, plate.owner_national_id)
    if by.mine:
        return await fines.of_viewer(context.viewer)
    if by.reference == "":
        return []
    raise BadInput(_MINE, argument="by")


@strawberry.type
class TrafficQuery:
    """Roots under Query."""

    @field(
        permission=PUBLIC,
        cost=10,
        en=(
            "Traffic fines, newest first, at most 500: by reference, by plate and owner, "
            "or one's own."
        ),
        ar=(
            "المخالفات المرورية، الأحدث أولاً وبحد أقصى 500: بالمرجع أو باللوحة والمالك "
            "أو مخالفات الشخص نفسه."
        ),
    )
    async def traffic_fines(
        self, info: Info, by: By, first: First, after: After = None
    ) -> Connection[TrafficFine]:
        """Ask the directorate and show what it knows."""
        bounded(first)
        rows = await _look_up(info.context, by)
        shown, page = page_of(rows, first=first, after=after, key=lambda row: str(row["id"]))
        of = await service()
        made = [TrafficFine.of(row, of) for row in shown]
        connection: Connection[TrafficFine] = Connection.over(made, page.cursors, page)
        return connection

    @field(
        permission="traffic.read",
        cost=5,
        en="Objections to fines, oldest first: the officers' desk.",
        ar="الاعتراضات على المخالفات، الأقدم أولاً: مكتب الضباط.",
    )
    async def traffic_objections(
        self, info: Info, first: First, after: After = None, status: Status = None
    ) -> Connection[TrafficObjection]:
        """Return a page of objections."""
        info.context.viewer.require("traffic.read", AGENCY)
        page = await objections.desk(status, first, after)
        made = await show_objections(page.rows)
        connection: Connection[TrafficObjection] = Connection.over(made, page.cursors, page)
        return connection
