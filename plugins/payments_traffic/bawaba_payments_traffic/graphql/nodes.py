"""From rows to objects, for ``node(id)`` and for the basket."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bawaba import catalogue
from bawaba.core_types import Service
from bawaba.graphql import Info
from bawaba.plugin import NodeType

from bawaba_payments_traffic.domain import AGENCY, SERVICE
from bawaba_payments_traffic.graphql.types import TrafficFine, TrafficObjection
from bawaba_payments_traffic.services import fines, objections


async def service() -> Service:
    """Return the service to which all fines belong."""
    entry = (await catalogue.services())[SERVICE]
    return Service.of(entry, (await catalogue.agencies())[AGENCY])


async def show_fines(rows: Mapping[str, fines.Row]) -> dict[str, TrafficFine]:
    """Return the objects of mirror rows."""
    of = await service()
    return {id_: TrafficFine.of(row, of) for id_, row in rows.items()}


async def show_objections(rows: Sequence[objections.Row]) -> list[TrafficObjection]:
    """Return the objects of objections, their fines read in one statement."""
    about = await show_fines(await fines.rows_of({row["fine_id"] for row in rows}))
    attached = await objections.evidence([row["id"] for row in rows])
    return [
        TrafficObjection.of(row, about[row["fine_id"]], attached.get(row["id"], ())) for row in rows
    ]


async def _fines(info: Info, ids: Sequence[str]) -> Mapping[str, Any]:
    return await show_fines(await fines.visible(info.context.viewer, ids))


async def _objections(info: Info, ids: Sequence[str]) -> Mapping[str, Any]:
    rows = await objections.visible(info.context.viewer, ids)
    shown = await show_objections(rows)
    return {row["id"]: node for row, node in zip(rows, shown, strict=True)}


NODES = (NodeType("TrafficFine", _fines), NodeType("TrafficObjection", _objections))
"""How ``node(id)`` finds fines and objections."""
