"""The catalogue port: declared entries, and historic ones beneath them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bawaba.catalogue import Agency, Service
from bawaba.db import after_commit, in_transaction, transaction
from bawaba.host.catalogue.declared import declared_catalogue, well_formed
from bawaba.host.catalogue.models import HistoricAgency, HistoricService
from bawaba.host.registry import Registry
from bawaba.payments import Channel
from bawaba.text import Text

CACHE_SECONDS = 2.0
"""How long what other processes registered may stay unseen."""


@dataclass(frozen=True, slots=True)
class _Known:
    """One reading of the catalogue. ``until``: monotonic seconds."""

    agencies: Mapping[str, Agency]
    services: Mapping[str, Service]
    until: float


class Catalogue:
    """The host's catalogue port.

    Args:
        registry: the loaded plugins.
        monotonic: seconds that never go backwards.

    Raises:
        BootError: see :func:`~bawaba.host.catalogue.declared.declared_catalogue`.
    """

    def __init__(self, registry: Registry, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._declared = declared_catalogue(registry)
        self._monotonic = monotonic
        self._known: _Known | None = None

    async def agencies(self) -> Mapping[str, Agency]:
        """See :func:`bawaba.catalogue.agencies`; in order of code."""
        return (await self._read()).agencies

    async def services(self) -> Mapping[str, Service]:
        """See :func:`bawaba.catalogue.services`; in order of code."""
        return (await self._read()).services

    async def register_historic(
        self, agencies: Sequence[Agency], services: Sequence[Service]
    ) -> None:
        """See :func:`bawaba.catalogue.register_historic`. Registering a code again renames it.

        Raises:
            ValueError: a malformed code, or a service of an agency that nobody knows.
        """
        async with transaction():
            known = await self.agencies()
            _check(agencies, services, {*known, *(agency.code for agency in agencies)})
            await _store(agencies, services)
            self._known = None
            after_commit(self._forget)

    def _forget(self) -> None:
        self._known = None

    async def _read(self) -> _Known:
        known = self._known
        if known is not None and self._monotonic() < known.until:
            return known
        agencies = {row.code: _agency(row) for row in await HistoricAgency.all()}
        services = {row.code: _service(row) for row in await HistoricService.all()}
        known = _Known(
            dict(sorted((agencies | self._declared.agencies).items())),
            dict(sorted((services | self._declared.services).items())),
            self._monotonic() + CACHE_SECONDS,
        )
        # What a transaction reads may never be committed: it is not for others.
        if not in_transaction():
            self._known = known
        return known


def _check(agencies: Sequence[Agency], services: Sequence[Service], known: set[str]) -> None:
    for code in [*(agency.code for agency in agencies), *(service.code for service in services)]:
        if not well_formed(code):
            raise ValueError(f"{code!r} is no code: use lower case, digits and hyphens")
    for service in services:
        if service.agency not in known:
            raise ValueError(
                f"service {service.code!r} belongs to the unknown agency {service.agency!r}"
            )


async def _store(agencies: Sequence[Agency], services: Sequence[Service]) -> None:
    # One order for all writers, and each code once: two imports at the same time never deadlock.
    bodies = {entry.code: entry for entry in agencies}
    offers = {entry.code: entry for entry in services}
    if bodies:
        await HistoricAgency.bulk_create(
            [_agency_row(bodies[code]) for code in sorted(bodies)],
            on_conflict=["code"],
            update_fields=["name_en", "name_ar"],
        )
    if offers:
        await HistoricService.bulk_create(
            [_service_row(offers[code]) for code in sorted(offers)],
            on_conflict=["code"],
            update_fields=[
                "agency",
                "name_en",
                "name_ar",
                "description_en",
                "description_ar",
                "channels",
            ],
        )


def _agency_row(entry: Agency) -> HistoricAgency:
    return HistoricAgency(code=entry.code, name_en=entry.name.en, name_ar=entry.name.ar)


def _service_row(entry: Service) -> HistoricService:
    return HistoricService(
        code=entry.code,
        agency=entry.agency,
        name_en=entry.name.en,
        name_ar=entry.name.ar,
        description_en=entry.description.en,
        description_ar=entry.description.ar,
        channels=",".join(channel.name for channel in entry.channels),
    )


def _agency(row: HistoricAgency) -> Agency:
    return Agency(row.code, Text(row.name_en, row.name_ar))


def _service(row: HistoricService) -> Service:
    return Service(
        code=row.code,
        agency=row.agency,
        name=Text(row.name_en, row.name_ar),
        description=Text(row.description_en, row.description_ar),
        channels=tuple(Channel[name] for name in row.channels.split(",") if name),
        payable=False,
    )
