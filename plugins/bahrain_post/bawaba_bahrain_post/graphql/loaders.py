"""What one operation loads once, in a statement a level."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

from bawaba import catalogue
from bawaba.core_types import Service
from bawaba.graphql import Info
from strawberry.dataloader import DataLoader

from bawaba_bahrain_post.domain import AGENCY, SERVICE, Scan
from bawaba_bahrain_post.services import bills, shipments

T = TypeVar("T")
Load = Callable[[Sequence[str]], Awaitable[Mapping[str, T]]]


def _loader(info: Info, name: str, load: Load[T]) -> DataLoader[str, T | None]:
    async def batch(keys: list[str]) -> list[T | None]:
        found = await load(keys)
        return [found.get(key) for key in keys]

    loader: DataLoader[str, T | None] = info.context.cache.setdefault(
        f"post.{name}", DataLoader(batch)
    )
    return loader


async def service() -> Service:
    """Return the service to which all bills of the post belong."""
    entry = (await catalogue.services())[SERVICE]
    return Service.of(entry, (await catalogue.agencies())[AGENCY])


async def scans(info: Info, shipment_id: str) -> Sequence[Scan]:
    """Return the scans of a shipment, newest first."""
    found = await _loader(info, "scans", shipments.scans_of).load(shipment_id)
    return list(reversed(found or ()))


async def duty_bill(info: Info, shipment_id: str) -> bills.Row | None:
    """Return the duty bill of a shipment."""
    return await _loader(info, "duty_bill", bills.of_shipments).load(shipment_id)


async def renewal_bill(info: Info, box_id: str) -> bills.Row | None:
    """Return the unpaid renewal bill of a box."""
    return await _loader(info, "renewal_bill", bills.open_of_boxes).load(box_id)
