"""From rows to objects, for ``node(id)`` and for lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bawaba.graphql import Info, global_id
from bawaba.plugin import NodeType
from bawaba.viewer import Viewer

from bawaba_tawasul.domain import TawasulIdentityRequestStatus, TawasulPartyKind
from bawaba_tawasul.graphql.payloads import TawasulIdentityRequest, TawasulRecomputation
from bawaba_tawasul.graphql.types import TawasulCase, TawasulCategory, TawasulParty
from bawaba_tawasul.models import TawasulRecomputation as Recomputations
from bawaba_tawasul.services import cases, categories, identity


async def show_requests(viewer: Viewer, rows: Sequence[Any]) -> list[TawasulIdentityRequest]:
    """Return the GraphQL objects of identity requests, with what the viewer may know."""
    heads = await cases.references({row["case_id"] for row in rows})
    return [await _request(viewer, row, heads[row["case_id"]]) for row in rows]


async def _request(viewer: Viewer, row: Any, reference: str) -> TawasulIdentityRequest:
    name = await identity.submitter_of(viewer, row)
    return TawasulIdentityRequest(
        id=global_id("TawasulIdentityRequest", row["id"]),
        status=TawasulIdentityRequestStatus(row["status"]),
        reason=row["reason"],
        requested_at=row["requested_at"],
        case_reference=reference,
        submitter=None
        if name is None
        else TawasulParty(kind=TawasulPartyKind.CITIZEN, display_name=name),
    )


async def _cases(info: Info, ids: Sequence[str]) -> Mapping[str, Any]:
    found = await cases.of_ids(info.context.viewer, ids)
    return {key: TawasulCase.of(view) for key, view in found.items()}


async def _categories(info: Info, ids: Sequence[str]) -> Mapping[str, Any]:
    del info
    found = await categories.by_id(ids)
    return {key: TawasulCategory.of(row) for key, row in found.items()}


async def _requests(info: Info, ids: Sequence[str]) -> Mapping[str, Any]:
    viewer = info.context.viewer
    rows = list((await identity.visible(viewer, ids)).values())
    shown = await show_requests(viewer, rows)
    return {row["id"]: each for row, each in zip(rows, shown, strict=True)}


async def _recomputations(info: Info, ids: Sequence[str]) -> Mapping[str, Any]:
    viewer = info.context.viewer
    rows = await Recomputations.filter(id__in=list(ids)).values()
    return {
        row["id"]: TawasulRecomputation.of(row)
        for row in rows
        if viewer.can("tawasul.regulate", row["agency"])
    }


NODES = (
    NodeType("TawasulCase", _cases),
    NodeType("TawasulCategory", _categories),
    NodeType("TawasulIdentityRequest", _requests),
    NodeType("TawasulRecomputation", _recomputations),
)
