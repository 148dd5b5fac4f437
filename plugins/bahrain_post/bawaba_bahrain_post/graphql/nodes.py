"""From rows to objects, for ``node(id)`` and for the basket."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bawaba.graphql import Info
from bawaba.plugin import NodeType

from bawaba_bahrain_post.graphql.loaders import service
from bawaba_bahrain_post.graphql.types import PostBill, PostBox, PostShipment
from bawaba_bahrain_post.services import bills, boxes, shipments


async def show_bills(rows: Mapping[str, bills.Row]) -> dict[str, PostBill]:
    """Return the objects of bills."""
    of = await service()
    return {id_: PostBill.of(row, of) for id_, row in rows.items()}


async def _bills(info: Info, ids: Sequence[str]) -> Mapping[str, Any]:
    return await show_bills(await bills.visible(info.context.viewer, ids))


async def _shipments(info: Info, ids: Sequence[str]) -> Mapping[str, Any]:
    found = await shipments.visible(info.context.viewer, ids)
    return {id_: PostShipment.of(row) for id_, row in found.items()}


async def _boxes(info: Info, ids: Sequence[str]) -> Mapping[str, Any]:
    found = await boxes.visible(info.context.viewer, ids)
    return {id_: PostBox.of(row) for id_, row in found.items()}


NODES = (
    NodeType("PostBill", _bills),
    NodeType("PostBox", _boxes),
    NodeType("PostShipment", _shipments),
)
"""How ``node(id)`` finds them."""
