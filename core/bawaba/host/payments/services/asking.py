"""Asking the agencies: side by side, each within its deadline, and not at all while it is down."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import structlog

from bawaba.errors import AgencyUnavailable
from bawaba.host.payments.desk import desk, within
from bawaba.host.payments.refusals import AgencyNotAnswering
from bawaba.host.payments.rules import BillKey, Circuit
from bawaba.payments import Bill, BillStatus, Payable
from bawaba.runtime import now
from bawaba.viewer import Viewer

log = structlog.get_logger(__name__)
T = TypeVar("T")


async def ask(service: str, deadline: float, call: Callable[[], Awaitable[T]]) -> T:
    """Return an agency's answer to ``call``, through the circuit of its service.

    Raises:
        AgencyUnavailable: it failed, took longer than ``deadline`` seconds, or its circuit is open.
    """
    circuits, at = desk().circuits, now()
    circuit = circuits.get(service, Circuit())
    if not circuit.asks(at):
        raise AgencyUnavailable(f"{service} failed {circuit.failures} times; asked again later")
    circuits[service] = circuit.asked(at)
    try:
        answer = await within(deadline, call())
    except Exception as error:
        # A fault of the plugin's own does not close the door to everybody else's questions.
        if isinstance(error, (AgencyUnavailable, TimeoutError)):
            circuits[service] = circuits.get(service, Circuit()).failed(now())
        desk().metrics.silences.labels(service).inc()
        log.warning("an agency did not answer", service=service, error=repr(error)[:300])
        raise AgencyUnavailable(f"{service} did not answer") from error
    circuits[service] = circuits.get(service, Circuit()).answered()
    return answer


async def find_bills(keys: Sequence[BillKey]) -> Mapping[BillKey, Bill]:
    """Ask each agency, side by side, for its bills among ``keys``.

    Raises:
        AgencyNotAnswering: one of them failed or took too long.
    """
    at = now()
    asked: dict[str, list[str]] = {}
    for service, bill_id in keys:
        asked.setdefault(service, []).append(bill_id)

    async def find(service: str, ids: Sequence[str]) -> Mapping[str, Bill]:
        payable = desk().by_service[service]
        try:
            return await ask(service, desk().deadlines.agency, lambda: payable.find(ids, at))
        except AgencyUnavailable as error:
            raise AgencyNotAnswering("items") from error

    answers = await asyncio.gather(*(find(service, ids) for service, ids in asked.items()))
    return {
        (service, bill_id): bill
        for service, found in zip(asked, answers, strict=True)
        for bill_id, bill in found.items()
    }


@dataclass
class Owed:
    """Somebody's bills over all services, and the services that did not answer.

    ``as_of``: every answer in it was asked for at this instant or later.
    """

    as_of: dt.datetime
    bills: list[tuple[Bill, Any]] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)

    @property
    def total_due(self) -> int:
        """What paying all of them costs now, in fils."""
        return sum(bill.due_fils for bill, _ in self.bills)


async def owed_by(viewer: Viewer, statuses: Collection[BillStatus] | None) -> Owed:
    """Ask every payable service, side by side, for the viewer's bills.

    A service that is slow or broken is named in ``silent``; it neither delays nor hides the rest.
    """
    payables = desk().payables
    owed = Owed(now())
    answers = await asyncio.gather(
        *(_owed(payable, viewer, owed.as_of, statuses) for payable in payables)
    )
    for payable, bills in zip(payables, answers, strict=True):
        if bills is None:
            owed.silent.append(payable.service)
        else:
            owed.bills += bills
    owed.bills.sort(
        key=lambda pair: (pair[0].due_on or dt.date.max, pair[0].service, pair[0].reference)
    )
    return owed


async def _owed(
    payable: Payable, viewer: Viewer, at: dt.datetime, statuses: Collection[BillStatus] | None
) -> list[tuple[Bill, Any]] | None:
    async def listed() -> list[tuple[Bill, Any]]:
        bills = await payable.owed_by(viewer, at)
        chosen = [bill for bill in bills if statuses is None or bill.status in statuses]
        shown = await payable.present([bill.id for bill in chosen]) if chosen else {}
        return [(bill, shown[bill.id]) for bill in chosen if bill.id in shown]

    try:
        return await ask(payable.service, desk().deadlines.bills, listed)
    except AgencyUnavailable:
        return None
