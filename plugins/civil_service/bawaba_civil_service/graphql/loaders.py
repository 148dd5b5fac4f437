"""What one operation loads once, in a statement a level."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

from bawaba import catalogue
from bawaba.core_types import Service
from bawaba.graphql import Info
from strawberry.dataloader import DataLoader

from bawaba_civil_service.domain import AGENCY, SERVICE, Line
from bawaba_civil_service.services import leaves, payslips, records
from bawaba_civil_service.services.leaves import Balance
from bawaba_civil_service.services.records import Row

T = TypeVar("T")
Load = Callable[[Sequence[str]], Awaitable[Mapping[str, T]]]


async def service() -> Service:
    """Return the service to which all fees belong."""
    entry = (await catalogue.services())[SERVICE]
    return Service.of(entry, (await catalogue.agencies())[AGENCY])


def _loader(info: Info, name: str, load: Load[T]) -> DataLoader[str, T | None]:
    async def batch(keys: list[str]) -> list[T | None]:
        found = await load(keys)
        return [found.get(key) for key in keys]

    key = f"civilService.{_step(info)}.{name}"
    loader: DataLoader[str, T | None] = info.context.cache.setdefault(key, DataLoader(batch))
    return loader


def _step(info: Info) -> str:
    """Return which of a mutation's steps this is: each reads afresh what an earlier one changed."""
    if info.operation.operation.value != "mutation":
        return ""
    path = info.path
    while path.prev is not None:
        path = path.prev
    return str(path.key)


async def lines(info: Info, payslip_id: str) -> Sequence[Line]:
    """Return a payslip's lines."""
    return await _loader(info, "lines", payslips.of_payslips).load(payslip_id) or ()


async def prints(info: Info, payslip_id: str) -> Mapping[str, str]:
    """Return a payslip's files, by language."""
    return await _loader(info, "prints", payslips.prints_of).load(payslip_id) or {}


async def steps(info: Info, leave_id: str) -> Sequence[Row]:
    """Return a leave's history."""
    return await _loader(info, "steps", leaves.steps_of).load(leave_id) or ()


async def employee(info: Info, employee_id: str) -> Row | None:
    """Return an employee that the viewer may see."""

    async def load(keys: Sequence[str]) -> Mapping[str, Row]:
        return await records.visible(info.context.viewer, keys)

    return await _loader(info, "employee", load).load(employee_id)


async def balances(info: Info, row: Row) -> Sequence[Balance]:
    """Return an employee's balances; those of a page of employees in one statement."""
    key = f"civilService.{_step(info)}.rows"
    known: dict[str, Row] = info.context.cache.setdefault(key, {})
    known[row["id"]] = row

    async def load(keys: Sequence[str]) -> Mapping[str, Any]:
        return await leaves.balances({key: known[key] for key in keys})

    return await _loader(info, "balances", load).load(row["id"]) or ()
