"""Decisions on resolutions over the limit: their queue, approving and declining them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import strawberry
from bawaba.graphql import (
    After,
    Connection,
    First,
    Info,
    UserError,
    argument,
    field,
    leaf,
    raw_id,
)
from bawaba.plugin import NodeType
from bawaba.text import both

from bawaba_accounting.graphql.books import READ
from bawaba_accounting.graphql.settlement import AccountingResolution
from bawaba_accounting.graphql.treasury_words import ResolutionStatus
from bawaba_accounting.services import approving
from bawaba_accounting.services import settlement_desk as desk

__all__ = ["NODES", "ResolutionMutations", "ResolutionQueries"]

APPROVE = "accounting.approve"
_KEY = ("A fresh random key for each attempt that is meant anew.", "مفتاح عشوائي جديد لكل محاولة.")
_RESOLUTION = ("The resolution.", "التسوية.")
Status = Annotated[
    ResolutionStatus | None,
    argument("Only in this state; by default those that wait.", "حسب الحالة؛ والافتراضي المعلقة."),
]


@strawberry.type
class ResolutionQueries:
    """Resolutions as fields of Query."""

    @field(
        permission=READ,
        cost=2,
        en="Resolutions of differences, oldest first: what awaits a second person.",
        ar="تسويات الفروق، الأقدم أولاً: ما ينتظر شخصاً ثانياً.",
    )
    async def accounting_resolutions(
        self,
        first: First,
        after: After = None,
        status: Status = None,
    ) -> Connection[AccountingResolution]:
        """Return a page of resolutions."""
        wanted = status or ResolutionStatus.AWAITING_APPROVAL
        page = await desk.resolution_page(wanted, first, after)
        by_id = await _shown(page.rows)
        shown: Connection[AccountingResolution] = Connection.of(page, lambda r: by_id[r["id"]])
        return shown


@strawberry.input(description=both("A resolution to be booked.", "تسوية للاعتماد."))
class AccountingApproveResolutionInput:
    """The resolution alone."""

    resolution_id: strawberry.ID = leaf(*_RESOLUTION)
    idempotency_key: str = leaf(*_KEY)


@strawberry.input(description=both("A resolution to be turned down.", "تسوية للرفض."))
class AccountingDeclineResolutionInput:
    """The resolution and why."""

    resolution_id: strawberry.ID = leaf(*_RESOLUTION)
    reason: str = leaf("Why, 1 to 500 characters.", "السبب، من 1 إلى 500 حرف.")
    idempotency_key: str = leaf(*_KEY)


@strawberry.type(description=both("What became of the resolution.", "نتيجة القرار في التسوية."))
class AccountingResolutionPayload:
    """The resolution, or why it stays as it is."""

    resolution: AccountingResolution | None = leaf(
        "The resolution; null when refused.", "التسوية؛ وقيمة فارغة عند الرفض.", default=None
    )
    errors: list[UserError] = leaf("Why it was refused.", "أسباب الرفض.")


@strawberry.type
class ResolutionMutations:
    """Decisions as fields of Mutation."""

    @field(
        permission=APPROVE,
        effect="money",
        cost=10,
        en="Book a resolution over the limit that another person asked for.",
        ar="اعتماد تسوية تجاوزت الحد طلبها شخص آخر.",
    )
    async def accounting_approve_resolution(
        self,
        info: Info,
        input: Annotated[AccountingApproveResolutionInput, argument(*_RESOLUTION)],
    ) -> AccountingResolutionPayload:
        """Approve it."""
        viewer, key = info.context.viewer, input.idempotency_key
        raw = raw_id(input.resolution_id, "AccountingResolution", "resolutionId")
        return await _payload(await approving.approve_resolution(viewer, raw, key))

    @field(
        permission=APPROVE,
        effect="money",
        cost=10,
        en="Turn a resolution down; its difference stays open.",
        ar="رفض تسوية؛ ويبقى الفرق قائماً.",
    )
    async def accounting_decline_resolution(
        self,
        info: Info,
        input: Annotated[AccountingDeclineResolutionInput, argument(*_RESOLUTION)],
    ) -> AccountingResolutionPayload:
        """Decline it."""
        viewer, key = info.context.viewer, input.idempotency_key
        raw = raw_id(input.resolution_id, "AccountingResolution", "resolutionId")
        return await _payload(await approving.decline_resolution(viewer, raw, input.reason, key))


async def _payload(raw: str) -> AccountingResolutionPayload:
    [shown] = (await _shown(await desk.resolutions_by_id([raw]))).values()
    return AccountingResolutionPayload(resolution=shown, errors=[])


async def _shown(rows: Sequence[Mapping[str, Any]]) -> Mapping[str, AccountingResolution]:
    """Return the objects of rows, with their differences, by id."""
    found = await desk.differences_by_id([row["difference_id"] for row in rows])
    known = {row["id"]: row for row in found}
    return {row["id"]: AccountingResolution.of(row, known[row["difference_id"]]) for row in rows}


async def _resolutions(info: Info, ids: Sequence[str]) -> Mapping[str, Any]:
    if not info.context.viewer.can_anywhere(READ):
        return {}
    return await _shown(await desk.resolutions_by_id(ids))


NODES = (NodeType("AccountingResolution", _resolutions),)
"""How ``node(id)`` finds resolutions."""
