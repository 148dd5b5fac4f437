"""The catalogue: which agencies offer which services, through which channels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bawaba.payments import Channel
from bawaba.runtime import current
from bawaba.text import Text

__all__ = ["Agency", "CataloguePort", "Service", "agencies", "register_historic", "services"]


@dataclass(frozen=True, slots=True)
class Agency:
    """A public body that offers services. ``code``: lower case, digits and hyphens."""

    code: str
    name: Text


@dataclass(frozen=True, slots=True)
class Service:
    """A service of an agency. ``payable``: its bills can be put in the basket."""

    code: str
    agency: str
    name: Text
    description: Text
    channels: Sequence[Channel] = tuple(Channel)
    payable: bool = False


class CataloguePort(Protocol):
    """What the host implements."""

    async def register_historic(
        self, agencies: Sequence[Agency], services: Sequence[Service]
    ) -> None:
        """See :func:`register_historic`."""
        ...

    async def services(self) -> Mapping[str, Service]:
        """See :func:`services`."""
        ...

    async def agencies(self) -> Mapping[str, Agency]:
        """See :func:`agencies`."""
        ...


async def services() -> Mapping[str, Service]:
    """Return every service, declared and historic, by code (cached for a few seconds)."""
    return await current().catalogue.services()


async def agencies() -> Mapping[str, Agency]:
    """Return every agency, declared and historic, by code (cached for a few seconds)."""
    return await current().catalogue.agencies()


async def register_historic(agencies: Sequence[Agency], services: Sequence[Service]) -> None:
    """Put agencies and services that no loaded plugin offers into the catalogue, not payable.

    For figures brought forward from before a plugin existed; what a plugin declares wins over
    what is registered here. Runs in its own transaction, or joins the current one.
    """
    await current().catalogue.register_historic(agencies, services)
