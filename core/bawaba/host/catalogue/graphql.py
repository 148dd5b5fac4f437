"""Services and agencies on the wire."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

import strawberry

from bawaba import catalogue
from bawaba.core_types import Agency, Service
from bawaba.graphql import PUBLIC, After, Connection, First, Info, argument, field
from bawaba.paging import page_of

AgencyCode = Annotated[str, argument("The agency's code.", "رمز الجهة.")]


@strawberry.type
class CatalogueQuery:
    """What is on offer; open to everybody."""

    @field(
        permission=PUBLIC, en="Services on offer, by code.", ar="الخدمات المتاحة مرتبة حسب رمزها."
    )
    async def services(self, first: First, after: After = None) -> Connection[Service]:
        """Return a page of services."""
        bodies, offers = await catalogue.agencies(), await catalogue.services()
        entries, page = page_of(
            list(offers.values()), first=first, after=after, key=lambda s: s.code
        )
        nodes = [Service.of(entry, bodies[entry.agency]) for entry in entries]
        return Connection[Service].over(nodes, page.cursors, page)  # type: ignore[no-any-return]

    @field(permission=PUBLIC, en="Agencies, by code.", ar="الجهات مرتبة حسب رمزها.")
    async def agencies(self, first: First, after: After = None) -> Connection[Agency]:
        """Return a page of agencies."""
        bodies = list((await catalogue.agencies()).values())
        entries, page = page_of(bodies, first=first, after=after, key=lambda agency: agency.code)
        nodes = [Agency.of(entry) for entry in entries]
        return Connection[Agency].over(nodes, page.cursors, page)  # type: ignore[no-any-return]

    @field(permission=PUBLIC, en="One agency.", ar="جهة واحدة.")
    async def agency(self, code: AgencyCode) -> Agency | None:
        """Return the agency of this code, or None."""
        entry = (await catalogue.agencies()).get(code)
        return Agency.of(entry) if entry else None


async def load_agencies(info: Info, codes: Sequence[str]) -> Mapping[str, Agency]:
    """Return the agencies of these codes; everybody may see them."""
    del info
    known = await catalogue.agencies()
    return {code: Agency.of(known[code]) for code in codes if code in known}


async def load_services(info: Info, codes: Sequence[str]) -> Mapping[str, Service]:
    """Return the services of these codes; everybody may see them."""
    del info
    bodies, offers = await catalogue.agencies(), await catalogue.services()
    known = {code: offers[code] for code in codes if code in offers}
    return {code: Service.of(entry, bodies[entry.agency]) for code, entry in known.items()}
