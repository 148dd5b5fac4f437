"""From rows to objects, for ``node(id)`` and for the basket; each asks for rights itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bawaba.graphql import Info
from bawaba.plugin import NodeType

from bawaba_civil_service.graphql import papers
from bawaba_civil_service.graphql import records as types
from bawaba_civil_service.graphql.loaders import service
from bawaba_civil_service.services import leaves, payslips, records, requests
from bawaba_civil_service.services.records import Row


async def show_bills(rows: Mapping[str, Row]) -> dict[str, papers.CivilServiceFeeBill]:
    """Return the bills of requests."""
    of = await service()
    return {id_: papers.CivilServiceFeeBill.of(row, of) for id_, row in rows.items()}


async def show_requests(
    rows: Mapping[str, Row],
) -> dict[str, papers.CivilServiceCertificateRequest]:
    """Return the objects of requests."""
    of = await service()
    return {id_: papers.CivilServiceCertificateRequest.of(row, of) for id_, row in rows.items()}


async def show_request(row: Row) -> papers.CivilServiceCertificateRequest:
    """Return the object of one request."""
    return (await show_requests({row["id"]: row}))[row["id"]]


async def _records(info: Info, ids: Sequence[str]) -> Mapping[str, Any]:
    rows = await records.visible(info.context.viewer, ids)
    return {id_: types.CivilServiceRecord.of(row) for id_, row in rows.items()}


async def _payslips(info: Info, ids: Sequence[str]) -> Mapping[str, Any]:
    rows = await payslips.visible(info.context.viewer, ids)
    return {id_: types.CivilServicePayslip.of(row) for id_, row in rows.items()}


async def _leaves(info: Info, ids: Sequence[str]) -> Mapping[str, Any]:
    rows = await leaves.visible(info.context.viewer, ids)
    return {id_: types.CivilServiceLeave.of(row) for id_, row in rows.items()}


async def _requests(info: Info, ids: Sequence[str]) -> Mapping[str, Any]:
    return await show_requests(await requests.visible(info.context.viewer, ids))


async def _bills(info: Info, ids: Sequence[str]) -> Mapping[str, Any]:
    rows = await requests.visible(info.context.viewer, ids)
    return await show_bills({id_: row for id_, row in rows.items() if row["fee_fils"]})


NODES = (
    NodeType(types.RECORD, _records),
    NodeType(types.PAYSLIP, _payslips),
    NodeType(types.LEAVE, _leaves),
    NodeType(papers.REQUEST, _requests),
    NodeType(papers.BILL, _bills),
)
"""How ``node(id)`` finds each type."""
